"""The source map of templates: for generated ones, each static piece of the output leads to where it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import template_places
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from template_places import assert_place

from spamlint.drafts import Drafts
from spamlint.template.rendering import Rendering

MARK = re.compile(r"k\d+q")
SHOUTED = re.compile(r"K\d+Q")
BLANKS = st.sampled_from(["", " ", "\n", "\r\n", "\n\n  ", " é💥", "\t", "&amp;", "<p>", "{ ", "} "])
DASHES = st.sampled_from([("", ""), ("-", ""), ("", "-"), ("-", "-"), ("+", "")])
EXPRESSIONS = st.sampled_from(
    ["name", "user.email", "user['title']", "price|upper", "a|default('x y')|trim", "'k' ~ count", "items|length",
     "url|nope(1)", "1 if a else 2", "[1, 2]|join('-')", "'<b>'", "name|safe", "now()", "missing.deep.value", "''"]
)  # fmt: skip


@pytest.fixture(scope="module")
def drafts() -> Iterator[Drafts]:
    made = Drafts()
    yield made
    made.close()


@st.composite
def templates(draw: st.DrawFn) -> dict[str, str]:
    """Files by name; each static word stands once in all of them. `main.html` may include and import the others."""
    words = iter(range(10_000))

    def tag(inner: str) -> str:
        left, right = draw(DASHES)
        return "{%" + left + " " + inner + " " + right + "%}"

    def word() -> str:
        return draw(BLANKS) + f"k{next(words)}q" + draw(BLANKS)

    def value() -> str:
        left, right = draw(DASHES)
        return "{{" + left + " " + draw(EXPRESSIONS) + " " + right + "}}"

    def content(depth: int, includes: tuple[str, ...]) -> str:
        return "".join(piece(depth, includes) for _ in range(draw(st.integers(1, 4))))

    def piece(depth: int, includes: tuple[str, ...]) -> str:
        simple: list[Callable[[], str]] = [
            word,
            value,
            lambda: "{# k0 " + draw(BLANKS) + "#}",
            lambda: "{% raw %}" + word() + "{{ x }}{% endraw %}",
        ]
        if depth == 0:
            return draw(st.sampled_from(simple))()
        name = f"n{next(words)}"

        def inner() -> str:
            return content(depth - 1, includes)

        nested: list[Callable[[], str]] = [
            lambda: tag("if " + name) + inner() + tag("elif b") + inner() + tag("else") + inner() + tag("endif"),
            lambda: tag(f"for {name} in rows") + inner() + tag("else") + inner() + tag("endfor"),
            lambda: tag(f"macro {name}(a, b=1)") + inner() + tag("endmacro") + "{{ " + name + "(2) }}" + word(),
            lambda: tag(f"macro {name}(a)") + inner() + "{{ caller() }}" + tag("endmacro")
            + tag(f"call {name}(1)") + inner() + tag("endcall"),
            lambda: tag(f"set {name}") + inner() + tag("endset") + "{{ " + name + " }}" + word() + "{{ " + name + " }}",
            lambda: tag("filter upper") + inner() + tag("endfilter"),
            lambda: tag(f"with {name} = 1") + inner() + tag("endwith"),
            lambda: tag(f"trans {name}=user.name") + word() + "{{ " + name + " }}" + word() + tag("endtrans"),
            lambda: tag(f"block {name}") + inner() + tag("endblock"),
            lambda: tag(f'include "{draw(st.sampled_from(includes))}"') if includes else word(),
        ]  # fmt: skip
        return draw(st.sampled_from([*simple, *nested, *nested]))()

    files = {"inc.html": content(2, ())}
    files["other.html"] = content(2, ("inc.html",))
    files["base.html"] = word() + "{% block main %}" + content(1, ()) + "{% endblock %}" + content(1, ())
    head = draw(st.sampled_from(["", '{% extends "base.html" %}']))
    inside = content(3, ("inc.html", "other.html"))
    files["main.html"] = (
        head + "{% block main %}" + draw(st.sampled_from(["", "{{ super() }}"])) + inside + "{% endblock %}"
    )
    return files


def rendered(files: dict[str, str], folder: Path, drafts: Drafts) -> list[Rendering]:
    return template_places.rendered(files, folder, drafts, "jinja2")


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(files=templates())
def test_each_static_word_leads_to_where_it_was_written(
    files: dict[str, str], tmp_path_factory: pytest.TempPathFactory, drafts: Drafts
) -> None:
    folder = tmp_path_factory.mktemp("map")
    found = rendered(files, folder, drafts)
    assert found
    for rendering in found:
        codes = {problem.code for problem in rendering.problems}
        assert codes <= {"unknown-filter"}, rendering.problems
        value = rendering.text.value
        for match in MARK.finditer(value):
            assert_place(rendering.text[slice(*match.span())], files, match[0])
        for match in SHOUTED.finditer(value):  # a filter has hidden its place: it is inside of the block
            raw = rendering.text[slice(*match.span())].span.raw.decode()
            assert re.match(r"\{%[-+]? filter upper", raw)
            assert match[0].lower() in raw or "include" in raw or "{{" in raw


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(files=templates(), cut=st.tuples(st.integers(0, 400), st.integers(1, 60)))
def test_any_piece_of_the_output_has_a_place(
    files: dict[str, str], cut: tuple[int, int], tmp_path_factory: pytest.TempPathFactory, drafts: Drafts
) -> None:
    for rendering in rendered(files, tmp_path_factory.mktemp("cut"), drafts):
        piece = rendering.text[cut[0] : cut[0] + cut[1]]
        place = piece.place
        source = piece.span.source
        assert 0 <= place.raw.start <= place.raw.end <= len(source.data)
        assert (place.line, place.column) <= (place.end_line, place.end_column)
