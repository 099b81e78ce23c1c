// Starts `spamlint lsp` for the files that become mail.
const { LanguageClient } = require("vscode-languageclient/node");

const languages = ["html", "jinja-html", "django-html", "handlebars", "eml"];
let client;

exports.activate = () => {
  client = new LanguageClient(
    "spamlint",
    "spamlint",
    { command: "spamlint", args: ["lsp"] },
    {
      documentSelector: languages.map((language) => ({ scheme: "file", language })),
      synchronize: { configurationSection: "spamlint" },
    },
  );
  return client.start();
};

exports.deactivate = () => client?.stop();
