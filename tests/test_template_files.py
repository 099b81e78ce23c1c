"""Template languages by name and content, and mails that lie in several files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spamlint.cli import main
from spamlint.inputs import Input, find
from spamlint.template.groups import PATTERNS, ROLES, Group, Role, grouped, problem_with
from spamlint.template.languages import LANGUAGES, NAMES, content_type_of, language_of
from spamlint.template.syntax import SYNTAXES

USUAL: tuple[tuple[Role, str], ...] = tuple((role, pattern) for role in ROLES for pattern in PATTERNS[role])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("<p>Dear {{ name }},</p>", "jinja2"),
        ("{% macro a(b) %}{{ b }}{% endmacro %}", "jinja2"),
        ("{% load i18n %}{% if a %}{{ b }}{% endif %}", "django"),
        ("{{ when|date:'d F' }} {% url 'home' %}", "django"),
        ("{{#if a}}{{b}}{{/if}}", "handlebars"),
        ("{{{body}}}{{> foot}}", "handlebars"),
        ("{% assign a = 1 %}{{ a | plus: 2 }}", "liquid"),
        ("<% if @a %><%= @b %><% end %>", "erb"),
        ("<% if (a) { %><%= b %><% } %>", "ejs"),
        ("{{ if .A }}{{ .Name }}{{ end }}", "go"),
        ("{% apply upper %}{{ a ? b : c }}{% endapply %}", "twig"),
        ("<mjml><mj-body>{{ name }}</mj-body></mjml>", "mjml"),
        ("<#if a??>${a}</#if>", "freemarker"),
        ("#foreach($a in $b)\n$!{a.c}\n#end", "velocity"),
        ("Dear *|FNAME|*,", "merge-tags"),
        ("Dear %%First Name%%,", "merge-tags"),
        ("Dear {!Contact.Name},", "merge-tags"),
        ("<p>Dear customer, 50% off, 3 < 4 [1] {a} $5</p><style>p{color:red}</style>", None),
        ("", None),
    ],
)
def test_the_language_by_what_is_in_a_file(text: str, language: str | None) -> None:
    assert language_of("page.html", text) == language


def test_the_language_by_the_name_of_a_file() -> None:
    assert language_of("a/page.HBS", "<% end %>") == "handlebars"
    assert language_of("page.text.erb", "") == "erb"
    assert content_type_of("page.text.erb", "<p>") == content_type_of("page.txt.j2", "<p>") == "text/plain"
    assert content_type_of("page.mjml", "") == content_type_of("page.hbs", "<p>a") == "text/html"
    assert {language.name for language in LANGUAGES} == set(NAMES) == set(SYNTAXES)


@pytest.mark.parametrize(
    ("names", "main", "companions"),
    [
        (["hello.html", "hello.txt", "hello.subject.txt"], "hello.html", {"hello.txt", "hello.subject.txt"}),
        (["welcome_subject.txt", "welcome.txt"], "welcome.txt", {"welcome_subject.txt"}),
        (["a_message.html", "a_message.txt", "a_subject.txt"], "a_message.html", {"a_message.txt", "a_subject.txt"}),
        (["body.html", "body.txt", "subject.txt"], "body.html", {"body.txt", "subject.txt"}),
        (["a-body-html.jinja", "a-body-text.jinja", "a-subject.jinja"], "a-body-html.jinja",
         {"a-body-text.jinja", "a-subject.jinja"}),
        (["a.html.erb", "a.text.erb"], "a.html.erb", {"a.text.erb"}),
        (["reset_email.html", "reset_subject.txt"], "reset_email.html", {"reset_subject.txt"}),
        (["reset_email.html", "reset_body.txt", "reset_subject.txt"], "reset_email.html",
         {"reset_body.txt", "reset_subject.txt"}),
        (["new_email.html", "new_email.txt", "new_email_subject.txt"], "new_email.html",
         {"new_email.txt", "new_email_subject.txt"}),
        (["key_message.txt", "key_subject.txt"], "key_message.txt", {"key_subject.txt"}),
        (["a.hbs", "a.txt", "b.hbs"], "a.hbs", {"a.txt"}),
        (["a.mjml", "a.subject.txt"], "a.mjml", {"a.subject.txt"}),
    ],
)  # fmt: skip
def test_files_that_make_one_mail(names: list[str], main: str, companions: set[str]) -> None:
    found = grouped(sorted(names), USUAL)
    (group,) = set(found.values())
    assert group.main == main
    assert {name for _, name in group.companions} == companions
    assert found.keys() == {main, *companions}


def test_files_that_do_not_belong_together() -> None:
    assert not grouped(["a.html", "b.txt", "c.subject.txt", "notes.pdf", ".a.txt", "a.eml"], USUAL)
    assert grouped(["a.htm", "a.html", "a.txt"], USUAL)["a.htm"] == Group("a.htm", (("text", "a.txt"),))
    assert problem_with("a/{name}.txt") == "'a/{name}.txt' is no file name"
    assert problem_with("{name}.txt") is None


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mails").mkdir()
    page = (
        '<!DOCTYPE html><html lang="en"><head><title>Bread</title></head><body>\n'
        '<p onclick="x()">Dear {{#if name}}{{name}}{{/if}}, our bread of today is ready for you.</p></body></html>'
    )
    (tmp_path / "mails" / "bread.html").write_text(page)
    (tmp_path / "mails" / "bread.txt").write_text("Dear {{name}},\n\nclick here {{#if a}}\nAnn <script>x</script>\n")
    (tmp_path / "mails" / "bread.subject.txt").write_text("\n Bread for {{name}}!!!\n")
    (tmp_path / "mails" / "alone.hbs").write_text(page)
    (tmp_path / "mails" / "notes.txt").write_text("Buy flour.")
    return tmp_path


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    main(["check", "--format", "json", *arguments])
    files: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["files"]
    return files


def test_a_mail_in_several_files_is_checked_once_and_each_finding_names_its_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone, bread = checked(capsys, "--no-config", "mails")
    assert (Path(alone["path"]).name, Path(bread["path"]).name) == ("alone.hbs", "bread.html")
    places = {row["rule"]: row["places"][0] for row in bread["findings"]}
    text, subject = str(Path("mails") / "bread.txt"), str(Path("mails") / "bread.subject.txt")
    assert (places["script/event-handler"]["file"], places["script/event-handler"]["line"]) == (None, 2)
    shown = places["subject/many-exclamation-marks"]
    assert (shown["file"], shown["line"], shown["column"]) == (subject, 2, 20)
    shown = places["template/unmatched-block"]
    assert (shown["file"], shown["line"], shown["column"]) == (text, 3, 12)
    assert "structure/no-text-alternative" not in places
    assert "template/unmatched-block" not in {row["rule"] for row in alone["findings"]}


def test_whichever_file_is_named_the_mail_is_checked_once(folder: Path) -> None:
    files = [str(folder / "mails" / name) for name in ("bread.txt", "bread.subject.txt", "bread.html", "notes.txt")]
    bread, notes = find(files)
    assert isinstance(bread, Input)
    assert isinstance(notes, Input)
    assert Path(bread.path).name == "bread.html"
    assert [(role, Path(path).name) for role, path in bread.companions] == [
        ("text", "bread.txt"),
        ("subject", "bread.subject.txt"),
    ]
    assert (Path(notes.path).name, notes.companions) == ("notes.txt", ())


def test_the_names_of_the_files_can_be_set(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "spamlint.toml").write_text('[template-files]\ntext = ["{name}.plain"]\nsubject = []\n')
    (folder / "mails" / "bread.plain").write_text("Dear {{name}}, {{/if}}")
    (bread,) = [file for file in checked(capsys, "mails") if file["path"].endswith("bread.html")]
    files = {place["file"] for row in bread["findings"] for place in row["places"]}
    assert files == {None, str(Path("mails") / "bread.plain")}
    (folder / "spamlint.toml").write_text('[template-files]\ntexts = []\nsubject = ["a/b"]\n')
    assert main(["check", "mails"]) == 2
    said = capsys.readouterr().err
    assert "'a/b' is no file name" in said
    assert "texts" in said


def test_a_file_of_a_mail_that_cannot_be_read_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "mails" / "bread.txt").unlink()
    (folder / "mails" / "bread.txt").symlink_to(folder / "nowhere")
    assert main(["check", "--no-config", str(Path("mails") / "bread.html")]) == 2
    assert "bread.txt: No such file or directory" in capsys.readouterr().err


def test_the_subject_of_the_command_line_goes_before_that_of_the_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (bread,) = checked(capsys, "--no-config", "--subject", "Bread", str(Path("mails") / "bread.html"))
    assert "subject/many-exclamation-marks" not in {row["rule"] for row in bread["findings"]}
