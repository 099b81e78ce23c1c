"""An edit of static text is put into what was rendered: the same as rendering the template again, or nothing at all."""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from spamlint.inputs import DRAFT_TYPES
from spamlint.limits import DEFAULT_LIMITS
from spamlint.source import Source
from spamlint.template.files import template_text
from spamlint.template.jinja.patch import LastRendering, patched
from spamlint.template.languages import SUFFIXES, language_of
from spamlint.template.outcome import Outcome
from spamlint.template.process import RenderingProcess

NAME = "page.html.j2"


@pytest.fixture(scope="module")
def process() -> Iterator[RenderingProcess]:
    made = RenderingProcess("jinja2", DEFAULT_LIMITS)
    yield made
    made.close()


def edited(process: RenderingProcess, folder: Path, before: bytes, after: bytes, name: str = NAME) -> Outcome | None:
    """What the edit makes of the old outcome; it is what rendering makes of the new template."""
    path = str(folder / name)
    old = process.render(path, before, [folder], None)
    first, second = (template_text(Source(path, raw)).value for raw in (before, after))
    found = patched(old, first, second, after)
    if found is not None:
        assert found == process.render(path, after, [folder], None)
    return found


STATIC = [
    "<p>one [|and ]two {{ x }}</p>",
    "<p>on[e two|] {{ x }}</p>{% if y %}é{% endif %}.",
    "{% for r in rows %}<b>a[|&amp;]a</b>{{ r }}{% endfor %}",
    "{% if x %}<b>a[|d]a</b>{% else %}<i>b</i>{{ x.y }}{% endif %}",
    "{% if x -%}  a[| ] b  {%- endif %}",
    "<p>a</p>\r\n<p>b[|ee] {{ c }}</p>\r\n",
    "<p>a</p>{% block b %}<i>b[|b]b</i>{% endblock %}",
    "{% macro m(x) %}<b>{{ x }}</b>{% endmacro %}<p>a[|b]</p>{{ m(1) }}",
    "<p>a[|a] {{ x | nothing }} b</p>{% include 'none' ignore missing %}.",
    "<p>a[|a] b</p>{% include 'none' %}.",
]
MORE = [
    "<p>{{ na[m|]e }}</p>",
    "<p>a[|{{ x }}]</p>",
    "<p>a {[|#] b</p>",
    "<p>a</p>{# note[|s] #}",
    "<p>a</p>{% if x %}b{% end[| ]if %}",
    "{% if x -%}  [a|]  {%- endif %}",
    "{% set t %}<b>a[|a]</b>{% endset %}{{ t }}{{ t|length }}",
    "{% filter upper %}<b>a[|a]</b>{% endfilter %}",
    "{% macro m() %}<b>a[|a]</b>{% endmacro %}{{ m() }}{{ m()|length }}",
    "{% block b %}<b>a[|a]</b>{% endblock %}{{ self.b()|length }}",
    "[|b]<p>a</p>",
    "<p>a</p>[|b]",
    "<p>a[|b]</p>{% if %}",
    "<p>a[|b]</p>{% if %}b{% endif %}",
]


def states(marked: str) -> tuple[bytes, bytes]:
    """A template before and after the edit that is marked in it: [before|after]."""
    found = re.fullmatch(r"(.*?)\[([^|]*)\|([^\]]*)\](.*)", marked, re.DOTALL)
    assert found is not None
    head, old, new, tail = found.groups()
    return f"{head}{old}{tail}".encode(), f"{head}{new}{tail}".encode()


@pytest.mark.parametrize("marked", STATIC)
def test_static_text_is_patched(process: RenderingProcess, tmp_path: Path, marked: str) -> None:
    assert edited(process, tmp_path, *states(marked)) is not None


@pytest.mark.parametrize("marked", MORE)
def test_what_may_be_more_is_rendered(process: RenderingProcess, tmp_path: Path, marked: str) -> None:
    assert edited(process, tmp_path, *states(marked)) is None


def test_what_a_file_around_it_hands_on_is_rendered(process: RenderingProcess, tmp_path: Path) -> None:
    before, after = (
        b"{%% extends 'base.html' %%}{%% block b %%}<b>%s</b>{%% endblock %%}" % one for one in (b"aa", b"aaa")
    )
    (tmp_path / "base.html").write_text("<p>{% block b %}{% endblock %}</p>", "utf-8")
    assert edited(process, tmp_path, *states("{% extends 'base.html' %}<p>not [|ever] shown</p>")) is None
    assert edited(process, tmp_path, before, after) is not None
    captured = "{% set t %}{% block b %}{% endblock %}{% endset %}{{ t }}{{ t|length }}"
    (tmp_path / "base.html").write_text(captured, "utf-8")
    assert edited(process, tmp_path, before, after) is None


def test_a_file_that_changed_meanwhile_is_read_again(process: RenderingProcess, tmp_path: Path) -> None:
    include, path = tmp_path / "foot.html", str(tmp_path / NAME)
    last, asked = LastRendering(), list[bytes]()

    def outcome(raw: bytes, newer: dict[str, bytes]) -> Outcome:
        def render() -> Outcome:
            asked.append(raw)
            return process.render(path, raw, [tmp_path], None, newer)

        return last.outcome_of(Source(path, raw), [tmp_path], None, newer, render)

    include.write_text("<p>one</p>", "utf-8")
    outcome(b"<p>a</p>{% include 'foot.html' %}", {})
    assert "one" in outcome(b"<p>ab</p>{% include 'foot.html' %}", {}).renderings[0].text
    assert len(asked) == 1
    include.write_text("<p>two</p>", "utf-8")
    assert "two" in outcome(b"<p>abc</p>{% include 'foot.html' %}", {}).renderings[0].text
    newer = {str(include.resolve()): b"<p>typed</p>"}
    assert "typed" in outcome(b"<p>abcd</p>{% include 'foot.html' %}", newer).renderings[0].text
    include.unlink()
    assert len(asked) == 3
    outcome(b"<p>abcde</p>{% include 'foot.html' %}", {})
    outcome(b"<p>abcdef</p>{% include 'foot.html' %}", {})
    assert len(asked) == 4
    include.write_text("<p>back</p>", "utf-8")
    assert "back" in outcome(b"<p>abcdefg</p>{% include 'foot.html' %}", {}).renderings[0].text


def test_edits_of_templates_of_the_corpus(
    corpus: Path, process: RenderingProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = map(json.loads, (corpus / "MANIFEST.jsonl").read_text("utf-8").splitlines())
    paths = [corpus / row["path"] for row in rows if row["set"] == "templates" and row["label"] == "legit-template"]
    known = [path for path in paths if path.suffix in (*DRAFT_TYPES, *SUFFIXES)]
    templates = [path for path in known if language_of(path.name, path.read_text("utf-8", "replace")) == "jinja2"]
    chance = random.Random(5)
    tried = done = 0
    for path in chance.sample(templates, 200):
        text = path.read_bytes().decode("utf-8", "replace")
        for _ in range(3):
            start = chance.randrange(len(text) + 1)
            end = min(start + chance.choice((0, 0, 1, 5)), len(text))
            new = text[:start] + chance.choice(("", "x", " bees ", "</p>", "\n", "{{", "%}", "<b a='")) + text[end:]
            tried += 1
            done += edited(process, path.parent, text.encode(), new.encode(), path.name) is not None
    with capsys.disabled():
        sys.stdout.write(f"\nedits of templates: {tried}, without rendering again: {done}\n")
    assert done > 0.1 * tried
