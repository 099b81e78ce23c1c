"""Templates that are made to take time or memory, or to read what is not theirs, end on their budget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from spamlint.drafts import Drafts, Templates, worst
from spamlint.limits import DEFAULT_LIMITS
from spamlint.linter import Linter
from spamlint.verdict import Verdict

LIMITS = replace(DEFAULT_LIMITS, template_seconds=2, template_output=200_000, template_memory=256 * 1024 * 1024)


@pytest.fixture(scope="module")
def linter() -> Linter:
    return Linter()


@pytest.fixture(scope="module")
def drafts() -> Iterator[Drafts]:
    made = Drafts(Templates(language="jinja2"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def hasty() -> Iterator[Drafts]:
    """One with little time, text and memory."""
    made = Drafts(Templates(language="jinja2"), LIMITS)
    yield made
    made.close()


def judged(template: str, drafts: Drafts, linter: Linter, folder: Path = Path()) -> Verdict:
    drafts.templates = replace(drafts.templates, search_path=(folder,))
    messages = drafts.messages(template.encode(), "hostile.html")
    verdict = worst([linter.check(message) for message in messages])[1]
    assert verdict.errors == ()
    return verdict


def limits_in(verdict: Verdict) -> set[str]:
    return {str(found.values["limit"]) for found in verdict.findings if found.rule == "structure/limit-reached"}


def rules_in(verdict: Verdict) -> set[str]:
    return {found.rule for found in verdict.findings}


LONG = "{% for a in range(99999) %}{% for b in range(99999) %}{% set c = b %}{% endfor %}{% endfor %}"
DOUBLING = "{% set a %}0123456789{% endset %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 40 + "{{ a }}"
SPENT = {
    "time": (LONG, {"template-seconds"}),
    "power": ("{{ 9 ** (9 ** (9 ** 9)) }}", {"template-seconds", "template-memory"}),
    "loop": ("{% for a in range(99999) %}words and words {% endfor %}", {"template-output"}),
    "doubling": (DOUBLING, {"template-output"}),
    "long text": ("{{ 'x' * 10 ** 8 }}", {"template-output", "template-memory"}),
    "huge text": ("{{ 'x' * 10 ** 12 }}", {"template-memory"}),
    "width": ("{{ '%0999999999d' % 1 }}", {"template-memory", "template-output"}),
    "padding": ("{{ 'x'.center(999999999) }}", {"template-memory", "template-output"}),
}


@pytest.mark.parametrize("name", SPENT)
def test_what_takes_too_much_is_ended_and_told(name: str, hasty: Drafts, linter: Linter) -> None:
    template, limits = SPENT[name]
    verdict = judged("<p>Hello</p><script>x()</script>" + template, hasty, linter)
    assert limits_in(verdict) & (limits | {"template-seconds"})  # a busy machine may be too slow for the others
    assert verdict.incomplete
    assert "script/script-element" in rules_in(verdict)
    after = judged("<p>Hello {{ name }}</p><form></form>", hasty, linter)
    assert "script/form" in rules_in(after)


REFUSED = {
    "range": "{% for a in range(10 ** 9) %}x{% endfor %}",
    "macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "two macros": "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "itself": "{% include 'itself.html' %}",
    "deep": "{% if a %}" * 150 + "x" + "{% endif %}" * 150,
    "deep brackets": "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "deep loops": "{% for a in b %}" * 60 + "x" + "{% endfor %}" * 60,
    "internals": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "globals": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "format": "{{ '{0.__class__}'.format(name) }}",
    "nul": "{% include 'a\0b' %}",
    "long name": "{% include '" + "a" * 5000 + "' %}",
    "no text": "{{ \ud800 }}".encode("utf-8", "surrogatepass").decode("latin-1"),
    "unclosed": "{% for a in b %}<p>{{ a",
    "comment": "{# <p>",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_fails_costs_no_verdict(name: str, drafts: Drafts, linter: Linter, tmp_path: Path) -> None:
    (tmp_path / "itself.html").write_text("{% include 'itself.html' %}")
    verdict = judged(REFUSED[name] + "<form></form>", drafts, linter, tmp_path)
    assert verdict.outcome != "block"
    if name in {"internals", "globals", "format"}:
        assert "script/form" in rules_in(verdict)


def test_includes_stay_inside_the_search_path(drafts: Drafts, linter: Linter, tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.html").write_text("<script>secret()</script>")
    (inside / "own.html").write_text("<form></form>")
    (inside / "link.html").symlink_to(outside / "secret.html")
    (inside / "folder").symlink_to(outside)
    (inside / "good.html").symlink_to(inside / "own.html")
    (inside / "circle.html").symlink_to(inside / "circle.html")
    for name in ("link.html", "folder/secret.html", "../out/secret.html", str(outside / "secret.html"), "circle.html"):
        verdict = judged(f"<p>Hello</p>{{% include '{name}' %}}", drafts, linter, inside)
        assert "template/missing-include" in rules_in(verdict), name
        assert "script/script-element" not in rules_in(verdict), name
    verdict = judged("{% include 'good.html' %}", drafts, linter, inside)
    assert "script/form" in rules_in(verdict)


def test_nothing_is_imported_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linter: Linter
) -> None:
    (tmp_path / "jinja2.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    drafts = Drafts(Templates(language="jinja2"))
    try:
        assert "script/form" in rules_in(judged("<form></form>{{ name }}", drafts, linter))
    finally:
        drafts.close()


def test_a_process_that_has_died_is_replaced(drafts: Drafts, linter: Linter) -> None:
    judged("{{ name }}", drafts, linter)
    process = drafts._processes["jinja2"]
    assert process._process is not None
    process._process.kill()
    process._process.wait()
    assert "script/form" in rules_in(judged("<form></form>{{ name }}", drafts, linter))
