"""The language server on templates: where findings stand, quick fixes, comments, includes that are open, speed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsp_client import ABLE, Client, position, ranged

pytest.importorskip("pygls")

JINJA = """{% extends "base.html" %}
{% block body %}
{% for row in rows %}
  <p id="a" id="b">{{ row.name }} &copy bees</p>
  <p onclick="a()">{{ row.title }}</p>
{% endfor %}
{% endblock %}
"""
BASE = '<html lang="en"><head><meta charset="utf-8"><title>x</title></head>'
BASE += "<body>{% block body %}{% endblock %}</body></html>"


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Client]:
    (tmp_path / "base.html").write_text(BASE, "utf-8")
    able = {**ABLE, "workspace": {**ABLE["workspace"], "applyEdit": True}}
    with Client(tmp_path, able) as client:
        yield client


def of_rule(editor: Client, uri: str, rule: str, version: int = 1) -> list[dict[str, Any]]:
    return [one for one in editor.diagnostics(uri, version) if one["code"] == rule]


def actions(editor: Client, uri: str, line: int, character: int, *only: str) -> list[dict[str, Any]]:
    context: dict[str, Any] = {"diagnostics": [], **({"only": list(only)} if only else {})}
    where = ranged((line, character), (line, character))
    found: list[dict[str, Any]] = editor.request(
        "textDocument/codeAction", {"textDocument": {"uri": uri}, "range": where, "context": context}
    )
    return found


def edited(text: str, action: dict[str, Any]) -> str:
    """The text with the edit of an action, as an editor makes it."""
    return changed(text, action["edit"])


def changed(text: str, edit: dict[str, Any]) -> str:
    (document,) = edit["documentChanges"]
    lines = text.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines) + 1)]

    def offset(point: dict[str, int]) -> int:
        return starts[point["line"]] + point["character"]

    rows = [(offset(one["range"]["start"]), offset(one["range"]["end"]), one["newText"]) for one in document["edits"]]
    for start, end, new in sorted(rows, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def test_findings_stand_in_the_template(editor: Client) -> None:
    uri = editor.open("mail.html.j2", JINJA, "jinja-html")
    found = editor.diagnostics(uri, 1)
    at = {one["code"]: one["range"] for one in found}
    assert at["script/event-handler"] == ranged((4, 5), (4, 18))
    assert at["html/duplicate-attribute"]["start"] == position(3, 12)
    hover = editor.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": position(4, 8)})
    assert "**fix**" in hover["contents"]["value"]
    editor.change(uri, 2, {"range": ranged((0, 0), (0, 0)), "text": "{# a comment #}\n"})
    assert of_rule(editor, uri, "script/event-handler", 2)[0]["range"] == ranged((5, 5), (5, 18))


def test_an_error_of_the_template_language_is_a_diagnostic(editor: Client) -> None:
    uri = editor.open("mail.html.j2", "<p>a</p>\n{% if x %}<p>b</p>\n", "jinja-html")
    found = [one for one in editor.diagnostics(uri, 1) if one["code"].startswith("template/")]
    assert [one["severity"] for one in found] == [1]


@pytest.mark.parametrize(
    ("name", "language", "text", "after"),
    [
        ("a.html.j2", "jinja-html", '<p id="a" id="b">{{ x }}</p>', '<p id="a">{{ x }}</p>'),
        ("a.html", "htmldjango", '{% load i18n %}<p id="a" id="b">{{ x }}</p>', '{% load i18n %}<p id="a">{{ x }}</p>'),
        ("a.html", "html", '<p id="a" id="b">x</p>', '<p id="a">x</p>'),
        ("a.hbs", "handlebars", '<p id="a" id="b">{{#if x}}{{x}}{{/if}}</p>', '<p id="a">{{#if x}}{{x}}{{/if}}</p>'),
    ],
)
def test_a_quick_fix_changes_the_template(editor: Client, name: str, language: str, text: str, after: str) -> None:
    uri = editor.open(name, text, language)
    (found,) = of_rule(editor, uri, "html/duplicate-attribute")
    start = found["range"]["start"]
    fixes = [one for one in actions(editor, uri, start["line"], start["character"]) if one.get("isPreferred")]
    assert [one["title"] for one in fixes] == ['Remove "id="b""']
    assert fixes[0]["diagnostics"][0]["code"] == "html/duplicate-attribute"
    assert edited(text, fixes[0]) == after
    editor.change(uri, 2, {"text": after})
    assert of_rule(editor, uri, "html/duplicate-attribute", 2) == []


def test_what_a_person_should_look_at_is_not_preferred(editor: Client) -> None:
    text = '<p><a href="http://b.example/{{ x }}">{{ x }}</a></p>'
    uri = editor.open("a.html.j2", text, "jinja-html")
    editor.diagnostics(uri, 1)
    (fix,) = [one for one in actions(editor, uri, 0, 14) if one["title"].startswith("Replace")]
    assert fix["isPreferred"] is False
    assert edited(text, fix) == text.replace("http:", "https:")


def test_all_safe_fixes_at_once(editor: Client) -> None:
    uri = editor.open("mail.html.j2", JINJA, "jinja-html")
    editor.diagnostics(uri, 1)
    wanted = JINJA.replace(' id="b"', "").replace("&copy ", "&copy; ")
    (action,) = actions(editor, uri, 0, 0, "source.fixAll")
    assert action["kind"] == "source.fixAll.spamlint"
    assert edited(JINJA, action) == wanted
    command = next(
        one["command"] for one in actions(editor, uri, 3, 13) if one.get("command", {}).get("arguments") == [uri]
    )
    editor.number += 1
    number = editor.number
    params = {"command": command["command"], "arguments": command["arguments"]}
    editor.send({"id": number, "method": "workspace/executeCommand", "params": params})
    asked = editor.wait(lambda message: message.get("method") == "workspace/applyEdit")
    assert changed(JINJA, asked["params"]["edit"]) == wanted
    editor.send({"id": asked["id"], "result": {"applied": True}})
    assert editor.wait(lambda message: message.get("id") == number and "method" not in message)["result"] is None
    assert actions(editor, uri, 0, 0, "refactor") == []


@pytest.mark.parametrize(
    ("name", "language", "text", "comment"),
    [
        ("a.html.j2", "jinja-html", "<p onclick='a()'>{{ x }}</p>\n", "{# spamlint-ignore script/event-handler #}"),
        ("a.html", "htmldjango", "<p onclick='a()'>{{ x|date:'Y' }}</p>{% load i18n %}\n",
         "{# spamlint-ignore script/event-handler #}"),
        ("a.hbs", "handlebars", "<p onclick='a()'>{{#if x}}x{{/if}}</p>\n",
         "{{!-- spamlint-ignore script/event-handler --}}"),
        ("a.html.erb", "erb", "<p onclick='a()'><%= @x %></p>\n", "<%# spamlint-ignore script/event-handler %>"),
        ("a.liquid", "liquid", "<p onclick='a()'>{{ x }}</p>\n",
         "{% comment %} spamlint-ignore script/event-handler {% endcomment %}"),
        ("a.html", "html", "<p onclick='a()'>x</p>\n", "<!-- spamlint-ignore script/event-handler -->"),
    ],
)  # fmt: skip
def test_a_comment_of_the_template_ignores_a_rule(
    editor: Client, name: str, language: str, text: str, comment: str
) -> None:
    uri = editor.open(name, text, language)
    assert len(of_rule(editor, uri, "script/event-handler")) == 1
    (action,) = [
        one for one in actions(editor, uri, 0, 5) if one["title"] == "Ignore the rule script/event-handler here"
    ]
    after = edited(text, action)
    assert after == f"{comment}\n{text}"
    editor.change(uri, 2, {"text": after})
    found = editor.diagnostics(uri, 2)
    assert not [one for one in found if one["code"] in ("script/event-handler", "suppression/unused")]


def test_an_include_that_is_open_is_read_as_it_stands_there(editor: Client, tmp_path: Path) -> None:
    (tmp_path / "foot.html").write_text("<p>saved</p>", "utf-8")
    mail = editor.open("mail.html.j2", '<p>a {{ x }}</p>\n{% include "foot.html" %}\n', "jinja-html")
    assert of_rule(editor, mail, "script/event-handler") == []
    foot = editor.open("foot.html", '<b>é</b>\n<p onclick="a()">typed</p>\n', "jinja-html")
    assert len(of_rule(editor, foot, "script/event-handler")) == 1
    # What includes it is linted again, by itself.
    (found,) = of_rule(editor, mail, "script/event-handler")
    (other,) = found["relatedInformation"]
    assert other["location"] == {"uri": foot, "range": ranged((1, 3), (1, 16))}
    editor.change(foot, 2, {"text": "<p>typed</p>\n"})
    assert of_rule(editor, mail, "script/event-handler") == []
    editor.notify("textDocument/didClose", {"textDocument": {"uri": foot}})


def test_the_files_of_one_mail_are_linted_together(editor: Client, tmp_path: Path) -> None:
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails/mail.txt.j2").write_text("Hello, {{ name }}. fr\u200bee http://b.example/\n", "utf-8")
    (tmp_path / "spamlint.toml").write_text('[per-file-ignores]\n"other*" = ["html"]\n', "utf-8")
    html = '<p id="a" id="b">Hello, {{ name }}. Your book {{ book }} is ready.</p>\n'
    (tmp_path / "mails/mail.html.j2").write_text(html, "utf-8")
    mail = editor.open("mails/mail.html.j2", html, "jinja-html")
    (found,) = of_rule(editor, mail, "html/duplicate-attribute")
    assert found["range"]["start"] == position(0, 10)
    text = editor.open("mails/mail.txt.j2", "Hello, {{ name }}.\nGo on {{ x\n", "jinja")
    found_in_text = editor.diagnostics(text, 1)
    assert "html/duplicate-attribute" not in {one["code"] for one in found_in_text}
    (broken,) = [one for one in found_in_text if one["code"].startswith("template/syntax")]
    assert broken["range"]["start"]["line"] == 1
    # The HTML tells of it too, as of what it includes, and is linted again when the text changes.
    told = [one for one in editor.diagnostics(mail, 1) if one["code"] == broken["code"]]
    assert [one["relatedInformation"][0]["location"]["uri"] for one in told] == [text]
    editor.change(text, 2, {"text": "Hello, {{ name }}. {{ book }}\n"})
    assert not [one for one in editor.diagnostics(mail, 1) if one["code"] == broken["code"]]
    fixes = [one for one in actions(editor, mail, 0, 12) if one.get("isPreferred")]
    assert edited(html, fixes[0]) == html.replace(' id="b"', "")


def test_the_settings_of_templates_hold(editor: Client, tmp_path: Path) -> None:
    (tmp_path / "ann.json").write_text('{"link": "javascript:alert(1)"}', "utf-8")
    (tmp_path / "spamlint.toml").write_text('contexts = ["ann.json"]\n', "utf-8")
    uri = editor.open("a.html.j2", '<p><a href="{{ link }}">x</a></p>', "jinja-html")
    assert len(of_rule(editor, uri, "script/script-uri")) == 1
    (tmp_path / "ann.json").write_text("[]", "utf-8")
    editor.change(uri, 2, {"text": "<p>x</p>"})
    editor.diagnostics(uri, 2)
    assert "must hold a JSON object" in editor.told("window/showMessage")["message"]


@pytest.mark.parametrize(("name", "block"), [
    ("mail.html.j2", "{% if row.a %}<p>{{ row.b }}</p>{% endif %}"),
    ("mail.html", "{% if row.a %}<p>{{ row.b|date:'Y' }}</p>{% endif %}"),
])  # fmt: skip
def test_an_edit_of_a_large_template_is_answered_soon(
    editor: Client, name: str, block: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line = f'<tr><td class="a">Doors open at {block} seven.</td></tr>\n'
    text = '<table role="presentation">\n' + line * (100_000 // len(line)) + "</table>\n<p onclick='a()'>{{ x }}</p>\n"
    uri = editor.open(name, text, "jinja-html")
    editor.diagnostics(uri, 1)
    times = []
    for version in range(2, 10):
        start = time.perf_counter()
        editor.change(uri, version, {"range": ranged((3, 25), (3, 25)), "text": "x"})
        assert of_rule(editor, uri, "script/event-handler", version)
        times.append(time.perf_counter() - start)
    with capsys.disabled():
        sys.stdout.write(f"\n{name}, {len(text)} bytes: {sorted(round(one * 1000) for one in times)} ms\n")
    # The aim is 0.1 s; what is asked here is what a busy machine can do, too.
    assert min(times) < 1
