"""The source map of Django templates: for generated ones, each static piece of the output leads to its place."""

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

pytest.importorskip("django", reason="Django is not installed: its templates are not rendered")

MARK = re.compile(r"k\d+q")
SHOUTED = re.compile(r"K\d+Q")
BLANKS = st.sampled_from(["", " ", "\n", "\r\n", "\n\n  ", " é💥", "\t", "&amp;", "<p>", "{ ", "} ", "50% ", ">  <"])
EXPRESSIONS = st.sampled_from(
    ["name", "user.email", "user.items.0", "price|upper", 'a|default:"x y"|lower', "items|length", "url|nope:1", "1",
     "items|join:'-'", '"<b>"', "name|safe", "due|date:'d F'", "missing.deep.value", '""', "total|floatformat:2",
     "name|truncatewords:1|title", "body|linebreaks", "when|timesince", "n|pluralize:'y,ies'", 'forloop.counter'
     ]
)  # fmt: skip


@pytest.fixture(scope="module")
def drafts() -> Iterator[Drafts]:
    made = Drafts()
    yield made
    made.close()


@st.composite
def templates(draw: st.DrawFn) -> dict[str, str]:
    """Files by name; each static word stands once in all of them. `main.html` may extend and include the others."""
    words = iter(range(10_000))

    def word() -> str:
        return draw(BLANKS) + f"k{next(words)}q" + draw(BLANKS)

    def value() -> str:
        return "{{ " + draw(EXPRESSIONS) + " }}"

    def content(depth: int, includes: tuple[str, ...]) -> str:
        return "".join(piece(depth, includes) for _ in range(draw(st.integers(1, 4))))

    def piece(depth: int, includes: tuple[str, ...]) -> str:
        simple: list[Callable[[], str]] = [
            word,
            value,
            lambda: "{# k0 #}",
            lambda: "{% comment %}k0 {{ x }}" + draw(BLANKS) + "{% endcomment %}",
            lambda: "{% verbatim %}" + word() + "{{ x }}{% endverbatim %}",
            lambda: f'{{% trans "k{next(words)}q said" %}}',
            lambda: f"{{% translate 'k{next(words)}q' as t{next(words)} %}}{{{{ t{next(words)} }}}}",
            lambda: "{% url 'home' 1 %}{% now 'Y' %}{% cycle 'a' 'b' %}{% firstof a b %}",
        ]
        if depth == 0:
            return draw(st.sampled_from(simple))()
        name = f"n{next(words)}"

        def inner() -> str:
            return content(depth - 1, includes)

        nested: list[Callable[[], str]] = [
            lambda: f"{{% if {name} %}}" + inner() + "{% elif b > 3 %}" + inner() + "{% else %}" + inner()
            + "{% endif %}",
            lambda: f"{{% for {name} in rows %}}" + inner() + "{% empty %}" + inner() + "{% endfor %}",
            lambda: f"{{% for a, {name} in rows.items reversed %}}" + inner() + "{% endfor %}",
            lambda: "{% filter upper %}" + inner() + "{% endfilter %}",
            lambda: f"{{% with {name}=name %}}" + inner() + "{% endwith %}",
            lambda: f"{{% blocktrans with {name}=user.name %}}" + word() + "{{ " + name + " }}" + word()
            + "{% endblocktrans %}",
            lambda: f"{{% blocktranslate count {name}=rows|length trimmed %}}" + word() + "{% plural %}" + word()
            + "{{ " + name + " }} \n " + word() + "{% endblocktranslate %}",
            lambda: f"{{% blocktrans asvar {name} %}}" + word() + "{% endblocktrans %}{{ " + name + " }}",
            lambda: "{% spaceless %}" + inner() + "{% endspaceless %}",
            lambda: "{% autoescape off %}" + inner() + "{% endautoescape %}",
            lambda: "{% ifchanged %}" + inner() + "{% endifchanged %}",
            lambda: f"{{% block {name} %}}" + inner() + "{% endblock %}",
            lambda: f"{{% cache 500 {name} %}}" + inner() + "{% endcache %}",
            lambda: f'{{% include "{draw(st.sampled_from(includes))}" with a=b %}}' if includes else word(),
        ]  # fmt: skip
        return draw(st.sampled_from([*simple, *nested, *nested]))()

    load = "{% load i18n cache %}"
    files = {"inc.html": load + content(2, ())}
    files["other.html"] = load + content(2, ("inc.html",))
    files["base.html"] = load + word() + "{% block main %}" + content(1, ()) + "{% endblock %}" + content(1, ())
    head = draw(st.sampled_from(["", '{% extends "base.html" %}']))
    inside = content(3, ("inc.html", "./other.html"))
    above = draw(st.sampled_from(["", "{{ block.super }}"])) if head else ""
    files["main.html"] = head + load + "{% block main %}" + above + inside + "{% endblock %}"
    return files


def rendered(files: dict[str, str], folder: Path, drafts: Drafts) -> list[Rendering]:
    return template_places.rendered(files, folder, drafts, "django")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(files=templates())
def test_each_static_word_leads_to_where_it_was_written(
    files: dict[str, str], tmp_path_factory: pytest.TempPathFactory, drafts: Drafts
) -> None:
    for rendering in rendered(files, tmp_path_factory.mktemp("map"), drafts):
        assert not rendering.masked
        assert {problem.code for problem in rendering.problems} <= {"unknown-filter"}, rendering.problems
        value = rendering.text.value
        for match in MARK.finditer(value):
            assert_place(rendering.text[slice(*match.span())], files, match[0])
        for match in SHOUTED.finditer(value):  # a filter has hidden its place: it is inside of the block
            raw = rendering.text[slice(*match.span())].span.raw.decode()
            assert raw.startswith(("{% filter upper", "{% trans", "{{"))
            assert match[0].lower() in raw or "include" in raw or "{{" in raw


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
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
