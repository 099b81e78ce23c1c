"""Templates from the command line to the report, what they become, and how their language is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import spamlint
from spamlint.cli import main
from spamlint.drafts import Drafts, Templates, worst
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.source import Source, Text, shifted
from spamlint.template.languages import content_type_of, language_of
from spamlint.verdict import Verdict

EXAMPLES = Path(__file__).parent.parent / "examples" / "templates"
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Bread</title></head><body>
{% if vip %}<p>Dear {{ name }}</p><script>one()</script>{% else %}<form action="/x"><p>Hello</p></form>{% endif %}
{% for row in rows %}<p onclick="go()">{{ row }}</p>{% endfor %}
{% include "foot.html" %}
</body></html>
"""


@pytest.fixture(scope="module")
def linter() -> Linter:
    return Linter()


@pytest.fixture
def drafts() -> Iterator[Drafts]:
    made = Drafts()
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.html.j2").write_text(PAGE)
    (tmp_path / "foot.html").write_text("<p>Ann's Bakery</p>\n <iframe></iframe>\n")
    (tmp_path / "vip.json").write_text('{"vip": true, "name": "Ann", "rows": ["a", "b"]}')
    (tmp_path / "new.json").write_text('{"vip": false, "name": "Bo", "rows": []}')
    return tmp_path


def judged(template: str, linter: Linter, drafts: Drafts, name: str = "page.html.j2") -> Verdict:
    return worst([linter.check(message) for message in drafts.messages(template.encode(), name)])[1]


def rules(verdict: Verdict) -> dict[str, list[tuple[int, int] | None]]:
    return {
        found.rule: [(place.line, place.column) if place else None for place in found.places]
        for found in verdict.findings
    }


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    Path("spamlint.toml").write_text('[rules."script/script-element"]\nscore = 2.5\n')
    code = main(["check", "--config", "spamlint.toml", "--format", "json", *arguments])
    return code, json.loads(capsys.readouterr().out)["files"][0]


def test_every_branch_is_tried_and_each_place_named_once(folder: Path, linter: Linter, drafts: Drafts) -> None:
    verdict = judged(PAGE, linter, drafts)
    found = rules(verdict)
    assert found["script/script-element"] == [(3, 35)]
    assert found["script/form"] == [(3, 67)]
    assert found["script/event-handler"] == [(4, 25)]
    assert found["script/iframe"] == [(2, 2)]
    assert {place.file for row in verdict.findings for place in row.places if place} == {None, "foot.html"}
    assert verdict.score == sum(row.score for row in verdict.findings)
    assert verdict.not_covered == ()


def test_the_worst_context_is_named_and_the_others_add_no_points(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = checked(capsys, "--context", "new.json", "--context", "vip.json", "page.html.j2")
    assert (code, report["context"], report["outcome"]) == (0, "vip.json", "warn")
    found = {row["rule"]: row for row in report["findings"]}
    assert found["script/form"]["score"] == 0
    assert found["script/script-element"]["score"] > 0
    assert found["script/iframe"]["file"] == "foot.html"
    assert found["script/event-handler"]["count"] == 1
    assert report["score"] == pytest.approx(sum(row["score"] for row in report["findings"]))
    assert report["not_covered"] == []


def test_what_no_context_reached_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--no-config", "--lang", "nl", "--context", "new.json", "page.html.j2"]) == 0
    printed = capsys.readouterr().out
    assert "regel 3:1: een tak van het sjabloon die met geen enkele context bereikt werd" in printed
    assert "foot.html regel 2:2" in printed
    assert "context new.json" in printed


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[1]", "must hold a JSON object, with a value for each name, not a list"),
        ("{", "no valid JSON"),
        ("[" * 100_000, "no valid JSON"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_a_context_that_cannot_be_used_is_one_clear_message(
    folder: Path, capsys: pytest.CaptureFixture[str], content: str | None, reason: str
) -> None:
    if content is not None:
        (folder / "wrong.json").write_text(content)
    assert main(["check", "--no-config", "--context", "wrong.json", "page.html.j2"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("spamlint: wrong.json: ")
    assert reason in said.err


def test_the_search_path_and_the_language_from_the_command_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "shared").mkdir()
    (folder / "shared" / "foot.html").write_text("<form></form>")
    _, report = checked(capsys, "--search-path", "shared", "page.html.j2")
    (form,) = (row for row in report["findings"] if row["rule"] == "script/form")
    assert {place["file"] for place in form["places"]} == {None, str(Path("shared") / "foot.html")}
    _, plain = checked(capsys, "--template-language", "none", "page.html.j2")
    assert "script/iframe" not in {row["rule"] for row in plain["findings"]}
    assert main(["check", "--search-path", "nowhere", "page.html.j2"]) == 2
    assert "nowhere is not a folder" in capsys.readouterr().err


def test_the_same_from_the_settings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "in").mkdir()
    settings = folder / "in" / "spamlint.toml"
    settings.write_text('contexts = ["../vip.json"]\nsearch-path = [".."]\ntemplate-language = "jinja2"\n')
    assert main(["check", "--config", str(settings), "--format", "jsonl", "page.html.j2"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert Path(report["context"]).name == "vip.json"
    assert "script/iframe" in {row["rule"] for row in report["findings"]}
    settings.write_text('contexts = "vip.json"\nsearch-path = ["no"]\ntemplate-language = "jinja"\n')
    assert main(["check", "--config", str(settings), "page.html.j2"]) == 2
    said = capsys.readouterr().err
    assert all(f"spamlint.toml: {key}:" in said for key in ("contexts", "search-path", "template-language"))


def test_templates_in_folders_from_many_processes_and_from_standard_input(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        (folder / f"more{number}.txt.jinja").write_text("Thank you for {{ name }}, {name}}\n")
    assert main(["check", "--no-config", "-j", "2", "--format", "json", "."]) == 0
    files = {row["path"]: row for row in json.loads(capsys.readouterr().out)["files"]}
    assert set(files) == {"foot.html", "page.html.j2", *(f"more{number}.txt.jinja" for number in range(6))}
    assert [row["rule"] for row in files["more3.txt.jinja"]["findings"]] == ["template/stray-brace"]


def test_findings_in_invented_values_are_left_out(linter: Linter, drafts: Drafts) -> None:
    template = "<p>{{ text }}</p><p>{{ 'javascript' }}</p><a href=\"{{ 'javascript:' ~ name }}\">a</a>"
    verdict = judged(template + "<img src='{{ logo_url }}' alt=''>" * 2, linter, drafts)
    assert rules(verdict)["script/script-uri"] == [(1, 52)]
    shown = {place.excerpt[slice(*place.mark)] for row in verdict.findings for place in row.places if place}
    assert "{{ text }}" not in shown


def test_a_template_that_cannot_be_read_is_still_checked(linter: Linter, drafts: Drafts) -> None:
    verdict = judged("<p>{{ name</p>\n<form></form>{% if a %}", linter, drafts)
    assert rules(verdict)["template/syntax-error"] == [(1, 4)]
    assert rules(verdict)["script/form"] == [(2, 1)]
    assert not any(row.topic == "leftovers" for row in verdict.findings)


def test_lines_and_columns_are_those_of_the_file(linter: Linter, drafts: Drafts) -> None:
    raw = "\ufeff{# é #}\r\n{%- if a -%}  \r\n\t💥<form></form>{% endif %}".encode()
    (finding,) = (
        row for row in linter.check(drafts.messages(raw, "a.html.j2")[0]).findings if row.rule == "script/form"
    )
    (place,) = finding.places
    assert place is not None
    assert (place.line, place.column, place.raw.line, place.raw.start) == (3, 3, 3, raw.index(b"<form>"))


def test_what_a_filter_hides_is_inside_of_its_block(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.html").write_text("<p>a</p>\n<div>{% filter upper %}<form>\n</form>{{ a }}{% endfilter %}</div>")
    assert main(["check", "--no-config", "--select", "script/form", "a.html"]) == 0
    printed = capsys.readouterr().out
    assert "line 2:6, inside this block" in printed
    assert "| <div>{% filter upper %}<form>" in printed


def test_a_subject_may_be_a_template_too(linter: Linter, drafts: Drafts) -> None:
    drafts.templates = Templates(contexts={"ann": {"name": "Ann"}, "bo": {"name": "BO"}, "bob": {"name": "BO"}})
    messages = drafts.messages(b"<p>Hello {{ name }}</p>", "a.html.j2", subject="Your bread, {{ name }}{{ nmae }}")
    assert [str(message.subject) for message in messages] == ["Your bread, Ann", "Your bread, BO", "Your bread, BO"]
    assert "template/undefined-variable" in rules(linter.check(messages[0]))
    drafts.templates = Templates()
    invented = drafts.messages(b"<p>Hello</p>{% if vip %}!{% endif %}", "a.html.j2", subject="For {{ first_name }}")
    assert {str(message.subject) for message in invented} == {"For Ann Bakker"}
    (broken,) = drafts.messages(b"<p>Hello</p>", "a.html.j2", subject="For {{ first_name")
    assert rules(linter.check(broken))["template/syntax-error"]
    (plain,) = drafts.messages(b"<p>Hello</p>", "a.html.j2", subject="Your bread")
    assert str(plain.subject) == "Your bread"


def test_the_text_of_a_draft_can_be_given(linter: Linter) -> None:
    source = Source("a.html", b"ABC<p>hello</p>")
    text = Text("<form></form>", source, lambda: shifted(3))
    message = Message.draft(b"", text=text)
    assert message.source is source
    (finding,) = (row for row in linter.check(message).findings if row.rule == "script/form")
    assert finding.places[0] is not None
    assert finding.places[0].raw.start == 3


@pytest.mark.parametrize(
    ("name", "text", "language"),
    [
        ("a.html.j2", "", "jinja2"),
        ("a.HTML.JINJA", "{{#each x}}", "jinja2"),
        ("a.html", "<p>{{ name }}</p>", "jinja2"),
        ("a.html", "{%- for a in b -%}", "jinja2"),
        ("a.html", "<style>a{b:c}</style>{ name }", None),
        ("a.txt", "words", None),
        ("a.html", "{% load static %}{{ a }}", "django"),
        ("a.html", '{{ day|date:"j F" }}', "django"),
        ("a.html", "{{#if a}}{{a}}{{/if}}", "handlebars"),
        ("a.html", '{{ a | date: "%y" }}', "liquid"),
        ("a.html", "{{ .Name }}", "go"),
        ("a.html", "<%= name %>", "erb"),
        ("a.html", "<mjml><mj-body>{{ a }}", "mjml"),
    ],
)
def test_the_language_is_told_by_name_and_content(name: str, text: str, language: str | None) -> None:
    assert language_of(name, text) == language


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.txt.j2", "<p>x</p>", "text/plain"),
        ("a.html.jinja", "words", "text/html"),
        ("a.jinja2", "<p>x</p>", "text/html"),
        ("a.j2", "1 < 2", "text/plain"),
    ],
)
def test_what_a_template_makes_is_told_by_name_and_content(name: str, text: str, kind: str) -> None:
    assert content_type_of(name, text) == kind


SHOWN = {
    "welcome.html.j2": set[str](),
    "reminder.html.j2": {
        "script/script-element",
        "template/stray-brace",
        "template/unknown-filter",
        "template/variable-alone-in-href",
    },
}


@pytest.mark.parametrize("name", SHOWN)
def test_an_example_shows_what_it_is_there_for(name: str) -> None:
    verdict = spamlint.check(EXAMPLES / name)
    assert {row.rule for row in verdict.findings} == SHOWN[name]
    assert verdict.not_covered == ()


def test_the_examples_pass_with_their_sample_values(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(
        ["check", "--config", str(EXAMPLES / "spamlint.toml"), "--format", "jsonl", str(EXAMPLES / "welcome.html.j2")]
    )
    report = json.loads(capsys.readouterr().out)
    assert (code, report["outcome"], report["findings"], report["not_covered"]) == (0, "pass", [], [])


def test_a_template_is_the_same_mail_each_time(drafts: Drafts) -> None:
    template = b"{{ data }} {{ range(99)|random }} {{ lipsum(n=1) }}"
    first = [str(message.root.text) for message in drafts.messages(template, "a.j2")]
    drafts.close()
    assert [str(message.root.text) for message in drafts.messages(template, "a.j2")] == first


def test_templates_may_be_rendered_with_none(linter: Linter, drafts: Drafts) -> None:
    drafts.templates = Templates(language="none")
    (message,) = drafts.messages(b"<p>{{ name }}</p>", "a.html.j2")
    assert message.template is None


def test_a_comment_is_of_use_where_one_rendering_needs_it(linter: Linter, drafts: Drafts) -> None:
    comment = "{# spamlint-ignore script/event-handler #}\n"
    used = judged(
        f"{{% for row in rows %}}\n{comment}<p onclick='go()'>{{{{ row }}}}</p>{{% endfor %}}", linter, drafts
    )
    assert [finding.rule for finding in used.findings] == []
    unused = judged(f"{{% if vip %}}\n{comment}<p>a</p>{{% else %}}<p>b</p>{{% endif %}}", linter, drafts)
    assert [(finding.rule, finding.count) for finding in unused.findings] == [("suppression/unused", 1)]
