"""`spamlint init`: writes a configuration file to start from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from spamlint.cli.parser import Parser
from spamlint.errors import ConfigError
from spamlint.report.escape import visible

TEMPLATE = """\
# Settings of spamlint. They hold for this folder and those below it; a line without its # takes effect.
# Options of the command line go before what is written here.

# Kind of mail: draft, message, bulk, transactional or personal.
# Without it: draft for .html and .txt files, message for the rest.
#profile = "bulk"

# Rules that are run, and rules that are not: ids, topics or globs. `spamlint rules` lists them.
#select = ["subject", "html/*"]
#ignore = ["subject/too-long"]

# Mail programs of your readers: what they do not know of HTML and CSS is told. Families, or one of them.
#clients = ["gmail", "outlook.windows", "apple-mail"]

# A newer table of what mail programs know, made by `spamlint update caniemail`; seen from this file.
#client-data = "caniemail.json"

# Points from which on mail is a warning or is blocked, and the most that the rules of one topic add.
#warn-at = 2.0
#block-at = 5.0
#topic-cap = 4.0

# Outcome from which on the exit code is 1: warn or block.
#fail-on = "block"

# Language of reports: en or nl.
#lang = "en"

# Language of your mail, which --fix declares in drafts.
#lang-of-mail = "en"

# Folders with rules of your own, as topic/name.toml; seen from this file.
#rule-packs = ["rules"]

# Templates: their language (jinja2 or none; without it, as each looks), JSON files with sample values,
# and folders from which they may include files; seen from this file.
#template-language = "jinja2"
#contexts = ["samples/ann.json"]
#search-path = ["templates"]

# The settings of a Django project, for --allow-project-code.
#django-settings = "shop.settings"

# One rule: its points, its severity (note, warning or error), and the parameters that `spamlint explain` shows.
#[rules."subject/all-capitals"]
#score = 1.0
#severity = "warning"

# Rules that are not run on some files.
#[per-file-ignores]
#"archive/*" = ["structure"]

# The ways in which mail leaves, for `spamlint check --route` and `spamlint sender`; docs/sender.md has every key.
#[route.carrier]
#ips = ["192.0.2.7"]
#spf-include = "spf.carrier.example"

# The mail path: what `spamlint milter` and its like do with mail that is sent; docs/guard.md has every key.
# observe only logs, tag adds header fields, quarantine and reject hold and refuse what is blocked.
#[guard]
#action = "observe"
#submit-networks = ["10.0.0.0/8"]
#log = "/var/log/spamlint/guard.log"

# Some of the mail, by its sender, recipients, user or header: all keys of a policy, and an action of its own.
#[[guard.routes]]
#name = "newsletters"
#sender = ["*@news.example.org"]
#profile = "bulk"
#action = "reject"
"""


def run(arguments: Sequence[str]) -> int:
    """Writes the file that the arguments name; one that exists is left alone without --force."""
    parser = Parser(
        prog="spamlint init",
        usage="spamlint init [--force] [FILE]",
        description="Writes a configuration file in which everything is explained and nothing is changed yet.",
        epilog="examples:\n  spamlint init\n  spamlint init --force mail/spamlint.toml\n",
    )
    parser.add_argument("file", nargs="?", type=Path, default=Path("spamlint.toml"), metavar="FILE")
    parser.add_argument("--force", action="store_true", help="write over a file that exists")
    args = parser.parse_args(arguments)
    try:
        with args.file.open("w" if args.force else "x", encoding="utf-8") as file:
            file.write(TEMPLATE)
    except FileExistsError:
        raise ConfigError(f"{args.file} exists; --force writes over it") from None
    except OSError as error:
        raise ConfigError(f"{args.file}: cannot be written: {error.strerror}") from None
    print(f"{visible(str(args.file))} is written")
    return 0
