"""Fixes in templates: in static text only, in the right file, and the same words to read in all renderings."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from spamlint.cli import main
from spamlint.drafts import Drafts, worst
from spamlint.fixes.passes import Fixed, Wish, fixed
from spamlint.inputs import DRAFT_TYPES
from spamlint.limits import DEFAULT_LIMITS
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.template.languages import NONE, SUFFIXES, language_of

EVERY_PLACE = replace(DEFAULT_LIMITS, places=1_000_000)


@pytest.fixture(scope="module")
def linter() -> Linter:
    return Linter()


@pytest.fixture(scope="module")
def drafts() -> Iterator[Drafts]:
    made = Drafts(limits=EVERY_PLACE)
    yield made
    made.close()


def messages_of(path: Path, drafts: Drafts, changed: Mapping[str, bytes]) -> Sequence[Message]:
    data = changed.get(str(path))
    newer = {os.path.realpath(name): raw for name, raw in changed.items()}
    kind = DRAFT_TYPES.get(path.suffix)
    return drafts.messages(path.read_bytes() if data is None else data, str(path), content_type=kind, newer=newer)


def fix(path: Path, drafts: Drafts, linter: Linter, wish: Wish | None = None) -> Fixed:
    return fixed(lambda changed: messages_of(path, drafts, changed), linter.check, wish or Wish())


def words(messages: Sequence[Message]) -> list[str]:
    return list(dict.fromkeys("\n".join(text.value for text in message.body) for message in messages))


BEES = "On Thursday we tell you how the bees in the hives of our library came through the winter. "
BEES += "If you have a question for the keeper of the hives, it is best to ask it on that evening."
PIN = '{% macro pin() %}<img src="https://b.example/x.png" width="16" height="16">{% endmacro %}'
PIN += '<a href="https://b.example/">{{ pin() }} Find us</a><p>{{ pin() }}</p>'
CASES = {
    "a loop is written once": (
        "a.html.j2",
        '{% for row in rows %}<p class="a" class="b">{{ row.name }} &copy it</p>{% endfor %}',
        '{% for row in rows %}<p class="a">{{ row.name }} &copy; it</p>{% endfor %}',
    ),
    "what one branch needs, another may not lose": (
        "a.html.j2",
        "<body>{% if x %}<div>{% endif %}<p>a</p></div></body>",
        "<body>{% if x %}<div>{% endif %}<p>a</p></div></body>",
    ),
    "what is left open in every branch is closed": (
        "a.html.j2",
        "<body>{% if x %}<p>x</p>{% endif %}<p>a</p><p>b\n<p>c</p></body>",
        "<body>{% if x %}<p>x</p>{% endif %}<p>a</p><p>b</p>\n<p>c</p></body>",
    ),
    "text that is translated is left alone": (
        "a.html.j2",
        "<p>{% trans %}Hello <b class=a class=b>you</b>{% endtrans %} &copy you</p>",
        "<p>{% trans %}Hello <b class=a class=b>you</b>{% endtrans %} &copy; you</p>",
    ),
    "an attribute with an expression in it stays": (
        "a.html.j2",
        '<p class="a" class="{{ b }}">Bees</p>',
        '<p class="a" class="{{ b }}">Bees</p>',
    ),
    "a value is quoted by its author only": ("a.html.j2", "<a href={{ a }}=b>x</a>", "<a href={{ a }}=b>x</a>"),
    "code with quotes in it is no reason to hold back": (
        "a.html.j2",
        """<a href="{{ url_for('home', page="x") }}" id="a" id="b">Bees</a>""",
        """<a href="{{ url_for('home', page="x") }}" id="a">Bees</a>""",
    ),
    "values are quoted": (
        "a.html.j2",
        "<a href=https://b.example/?a=b>{{ x }}</a>{% include 'none' %}",
        "<a href=\"https://b.example/?a=b\">{{ x }}</a>{% include 'none' %}",
    ),
    "a macro": (
        "a.html.j2",
        '{% macro m(x) %}<i id="a" id="b">{{ x }}</i>{% endmacro %}<p>{{ m("1") }}{{ m("2") }}</p>',
        '{% macro m(x) %}<i id="a">{{ x }}</i>{% endmacro %}<p>{{ m("1") }}{{ m("2") }}</p>',
    ),
    "Handlebars": (
        "a.hbs",
        '<table width="600"><tr><td>{{#if a}}<p id=a id="b">{{name}} &copy</p>{{/if}}</td></tr></table>',
        '<table role="presentation" width="600"><tr><td>{{#if a}}<p id=a>{{name}} &copy;</p>{{/if}}</td></tr></table>',
    ),
    "Django": (
        "a.html",
        "{% load i18n %}<p id=a id=b>{% blocktranslate %}&copy {{ x }}{% endblocktranslate %}</p>",
        "{% load i18n %}<p id=a>{% blocktranslate %}&copy {{ x }}{% endblocktranslate %}</p>",
    ),
    "ERB": ("a.html.erb", '<p id="a" id="b"><%= @name %> &copy</p>', '<p id="a"><%= @name %> &copy;</p>'),
    "a language that is plain": (
        "a.html.j2",
        f"<html><title>{{{{ t }}}}</title><p>{BEES}</p></html>",
        f'<html lang="en"><title>{{{{ t }}}}</title><p>{BEES}</p></html>',
    ),
    "the language of what is translated is not": (
        "a.html.j2",
        f"<html><title>{{% trans %}}t{{% endtrans %}}</title><p>{BEES}</p></html>",
        f"<html><title>{{% trans %}}t{{% endtrans %}}</title><p>{BEES}</p></html>",
    ),
    "a sign in a macro that also stands alone": ("a.html.j2", PIN, PIN),
}


@pytest.mark.parametrize("case", CASES)
def test_a_template_is_written_where_its_text_is_static(
    case: str, tmp_path: Path, drafts: Drafts, linter: Linter
) -> None:
    name, before, after = CASES[case]
    path = tmp_path / name
    path.write_text(before, "utf-8")
    found = fix(path, drafts, linter)
    assert found.files.get(str(path), before.encode()).decode() == after
    assert words(messages_of(path, drafts, found.files)) == words(messages_of(path, drafts, {}))


def test_what_a_person_should_look_at_waits_in_templates_too(tmp_path: Path, drafts: Drafts, linter: Linter) -> None:
    path = tmp_path / "a.html.j2"
    path.write_text('<p><a href="http://b.example/{{ x }}" onclick="a()">{{ x }}</a></p>', "utf-8")
    found = fix(path, drafts, linter)
    assert found.files == {}
    assert found.unsafe == {"links/plain-http": 1, "script/event-handler": 1}
    found = fix(path, drafts, linter, Wish(allowed={"links/plain-http"}))
    assert found.files[str(path)] == b'<p><a href="https://b.example/{{ x }}" onclick="a()">{{ x }}</a></p>'
    found = fix(path, drafts, linter, Wish(unsafe=True))
    assert found.files[str(path)] == b'<p><a href="https://b.example/{{ x }}">{{ x }}</a></p>'


INCLUDE = '<p id="a" id="b">{{ bye }}</p>\r\n'


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two templates with a file that both include, in the working folder."""
    monkeypatch.chdir(tmp_path)
    Path("parts").mkdir()
    Path("parts/foot.html").write_bytes(INCLUDE.encode())
    for name in ("a.html.j2", "b.html.j2"):
        Path(name).write_text('<p>&copy {{ x }}</p>{% include "parts/foot.html" %}', "utf-8")
    return tmp_path


def test_what_is_included_is_written_once_and_told(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--diff", "a.html.j2", "b.html.j2"]) == 1
    out, err = capsys.readouterr()
    assert [line for line in out.splitlines() if line.startswith("+")] == [
        "+++ a.html.j2", '+<p>&copy; {{ x }}</p>{% include "parts/foot.html" %}',
        "+++ parts/foot.html", '+<p id="a">{{ bye }}</p>',
        "+++ b.html.j2", '+<p>&copy; {{ x }}</p>{% include "parts/foot.html" %}',
    ]  # fmt: skip
    assert "a.html.j2: writes also into what it includes: parts/foot.html" in err
    assert "b.html.j2: writes also" not in err
    assert Path("parts/foot.html").read_bytes() == INCLUDE.encode()
    assert main(["check", "--fix", "a.html.j2", "b.html.j2"]) == 0
    assert "a.html.j2: wrote also into what it includes: parts/foot.html" in capsys.readouterr().err
    assert Path("parts/foot.html").read_bytes() == b'<p id="a">{{ bye }}</p>\r\n'
    assert main(["check", "--diff", "."]) == 0
    assert [path.name for path in Path("parts").iterdir()] == ["foot.html"]


def test_a_file_outside_of_the_search_path_is_not_written(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("deep").mkdir()
    Path("deep/c.html.j2").write_text('<p>&copy {{ x }}</p>{% include "../parts/foot.html" %}', "utf-8")
    main(["check", "--fix", "deep/c.html.j2"])
    assert "&copy;" in Path("deep/c.html.j2").read_text("utf-8")
    assert Path("parts/foot.html").read_bytes() == INCLUDE.encode()
    main(["check", "--fix", "--search-path", ".", "deep/c.html.j2"])
    capsys.readouterr()


def test_the_files_of_one_mail_are_written_each(shared: Path) -> None:
    Path("mail.html.j2").write_text("<p>&copy {{ x }}</p>", "utf-8")
    Path("mail.subject.txt").write_text("Bees, {{ x }}!!!\n", "utf-8")
    main(["check", "--fix", "--unsafe-fixes", "mail.html.j2"])
    assert Path("mail.html.j2").read_text("utf-8") == "<p>&copy; {{ x }}</p>"
    assert Path("mail.subject.txt").read_text("utf-8") == "Bees, {{ x }}!\n"


def test_the_templates_of_the_corpus(
    corpus: Path, tmp_path: Path, drafts: Drafts, linter: Linter, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [json.loads(line) for line in (corpus / "MANIFEST.jsonl").read_text("utf-8").splitlines()]
    paths = [row["path"] for row in rows if row["set"] == "templates" and row.get("label") == "legit-template"]
    shutil.copytree(corpus / "templates", tmp_path / "templates")
    fixes: Counter[str] = Counter()
    changed: Counter[str] = Counter()
    for path in (tmp_path / path for path in paths if Path(path).suffix in (*DRAFT_TYPES, *SUFFIXES)):
        language = language_of(path.name, path.read_text("utf-8", "replace")) or NONE
        if language == NONE:
            continue
        before = messages_of(path, drafts, {})
        found = fix(path, drafts, linter)
        if not found.files:
            continue
        changed[language] += 1
        fixes.update(found.done)
        after = messages_of(path, drafts, found.files)
        assert words(after) == words(before), path
        for name, data in found.files.items():
            assert directives(data) == directives(found.before[name]), path
        old, new = counts(before, linter), counts(after, linter)
        assert new.keys() <= old.keys(), (path, new.keys() - old.keys())
        for rule in found.done:
            assert rule in old, (path, rule)
            assert rule not in new, (path, rule)
    with capsys.disabled():
        sys.stdout.write(f"\ntemplates fixed: {dict(changed)}; fixes: {dict(fixes)}\n")
    assert changed["jinja2"] > 20
    assert changed.total() - changed["jinja2"] > 50


def directives(data: bytes) -> list[bytes]:
    """The code of the commonest languages in a file, in order."""
    return re.findall(rb"(?s)\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<%.*?%>|\*\|.*?\|\*", data)


def counts(messages: Sequence[Message], linter: Linter) -> Mapping[str, int]:
    _, verdict = worst([linter.check(message) for message in messages], EVERY_PLACE.places)
    return {finding.rule: finding.count for finding in verdict.findings}
