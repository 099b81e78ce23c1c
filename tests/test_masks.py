"""Masked templates: same length, same line ends, nothing else changed, and HTML that can still be read."""

from __future__ import annotations

import gc
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spamlint.drafts import Drafts, Templates, worst
from spamlint.limits import Limits
from spamlint.linter import Linter
from spamlint.source import Source, Text, shifted
from spamlint.template.mask import LIMIT, UNCLOSED, UNMATCHED, Masked, masked
from spamlint.template.syntax import SYNTAXES
from spamlint.verdict import Finding, Policy

LANGUAGES = sorted(SYNTAXES)

DIRECTIVES = {
    "django": ["{{ a|date:'d' }}", "{% if a %}", "{% else %}", "{% endif %}", "{# a > b #}", "{% url 'x' %}"],
    "ejs": ["<%= a %>", "<%- b %>", "<% if (a) { %>", "<% } else { %>", "<% } %>", "<%# > %>"],
    "erb": ["<%= a > 1 %>", "<% if a %>", "<% else %>", "<% end %>", "<%# x %>", "<% a.each do |b| %>"],
    "freemarker": ["${a!'}'}", "<#if (a > b)>", "<#else>", "</#if>", "<#-- > -->", "<@x a=1/>"],
    "go": ["{{.Name}}", '{{if eq .A "}}"}}', "{{else}}", "{{end}}", "{{/* } */}}", "{{range .B}}"],
    "handlebars": ["{{a}}", "{{{b \"}}\"}}}", "{{#if a}}", "{{else}}", "{{/if}}", "{{!-- > }} --}}", "{{> c}}"],
    "jinja2": ["{{ {'a': {}} }}", "{% if a %}", "{% else %}", "{% endif %}", "{# > #}", "{%- set a = '%}' -%}"],
    "liquid": ["{{ a | b: 1 }}", "{% if a %}", "{% else %}", "{% endif %}", "{% assign a = 1 %}", "{{- b -}}"],
    "merge-tags": ["*|NAME|*", "%%name%%", "[[NAME]]", "{!Contact.Name}", "*|IF:A|*", "*|END:IF|*", "${a}"],
    "mjml": ["{{a}}", "*|NAME|*", "[[NAME]]", "{{ b }}"],
    "twig": ["{{ a ? '}}' : b }}", "{% if a %}", "{% else %}", "{% endif %}", "{# > #}"],
    "velocity": ["$!{a.b(\"}\")}", "#if($a == ')')", "#else", "#end", "#* > *#", "#set($a = 1)"],
}  # fmt: skip
STATIC = [
    "word", " ", "\n", "<p>", "</p>", '<a href="', '">', "<td width=", ">", '<p style="color:', ";width:", "px", '"',
    "<style>", "</style>", "p { color: ", "}", "<!-- ", " -->", "https://", "é😀", "<", "</", "mailto:", "'",
    "<b title='",
]  # fmt: skip


def text_of(value: str) -> Text:
    return Text(value, Source("a.html", value.encode("utf-8", "replace")), lambda: shifted(0))


def mask(value: str, language: str, *, html: bool = True, branch: int = 0) -> Masked:
    return masked(text_of(value), language, html=html, branch=branch)


def findings(value: str, name: str, language: str | None = None) -> dict[str, Finding]:
    messages = Drafts(Templates(language)).messages(value.encode(), name)
    linter = Linter(Policy(profile="bulk"))
    return {found.rule: found for found in worst([linter.check(message) for message in messages])[1].findings}


@st.composite
def templates(draw: st.DrawFn) -> tuple[str, list[tuple[str, bool]]]:
    language = draw(st.sampled_from(sorted(set(LANGUAGES) - {"mjml"})))
    pieces = st.tuples(st.sampled_from(STATIC), st.just(False)) | st.tuples(
        st.sampled_from(DIRECTIVES[language]), st.just(True)
    )
    return language, draw(st.lists(pieces, max_size=25))


@settings(max_examples=400, deadline=None)
@given(templates(), st.booleans(), st.integers(0, 2))
def test_a_mask_changes_directives_only(template: tuple[str, list[tuple[str, bool]]], html: bool, branch: int) -> None:
    language, pieces = template
    value = "".join(piece for piece, _ in pieces)
    found = mask(value, language, html=html, branch=branch)
    made = found.text.value
    assert len(made) == len(value)
    assert [char if char in "\r\n" else "" for char in made] == [char if char in "\r\n" else "" for char in value]
    outside = set(range(len(value))) - {at for start, end in found.values for at in range(start, end)}
    # What is not chosen of alternatives is white space; all else stands as it is.
    assert all(made[at] in (value[at], " ") for at in outside)
    if found.branches == 1:
        assert all(made[at] == value[at] for at in outside)
    for at in (0, len(value) // 2, len(value)):
        assert found.text[at : at + 1].span.start == text_of(value)[at : at + 1].span.start


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(LANGUAGES), st.text("{}%<>#*|[]!$/=\"' \n-ifend&a(é", max_size=60), st.booleans())
def test_nothing_raises(language: str, value: str, html: bool) -> None:
    found = mask(value, language, html=html)
    assert len(found.text.value) == len(value)
    assert all(problem.code in (UNCLOSED, UNMATCHED, LIMIT) for problem in found.problems)


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"mjml"}))
def test_every_directive_of_a_language_goes(language: str) -> None:
    value = "<p>Dear " + " and ".join(DIRECTIVES[language]) + "</p>"
    made = mask(value, language).text.value
    assert re.fullmatch(r"<p>Dear [a-z ]+</p>", made), made


@pytest.mark.parametrize(
    ("language", "value", "made"),
    [
        ("handlebars", '<a href="{{url}}">', '<a href="?aaaaaa">'),
        ("handlebars", '<a href="{{{ unsubscribe_link }}}">', '<a href="https://mail-link.eu/aaa">'),
        ("handlebars", '<a href="https://{{domain_of_shop}}/a">', '<a href="https://aaaaa.mail-link.eu/a">'),
        ("handlebars", '<a href="mailto:{{address}}">', '<a href="mailto:aaaaaa@a.eu">'),
        ("handlebars", '<a href="tel:{{phone}}">', '<a href="tel:000000012">'),
        ("erb", "<td width=<%= w %>>", "<td width=00000012>"),
        ("erb", '<td <%= w %> class="a">', '<td          class="a">'),
        ("erb", "<%= @a %> <% if @b %>!<% end %>", "recipient            !         "),
        ("liquid", '<p style="width:{{ w }}px;{{ b }}">', '<p style="width:0000012px;       ">'),
        ("liquid", '<p style="margin:{{ w }};">', '<p style="margin:inherit;">'),
        ("liquid", "{% raw %}{{ a }}{% endraw %}{{ b }}", "         {{ a }}            content"),
        ("liquid", "{% comment %}{{ a {% if %}{% endcomment %}.", " " * 42 + "."),
        ("django", '<p>{% trans "Good morning" %}</p>', "<p>          Good morning    </p>"),
        ("django", "<a href=\"{% url 'x' %}\">", '<a href="?aaaaaaaaaaaa">'),
        ("go", "{{- range .A -}}a{{- end -}}{{ .B }}", "                a           customer"),
        ("freemarker", "<#if (a > b)>c</#if>${d}", "             c      name"),
        ("velocity", "#foreach($a in $b)\n$!{a.b}#end", "                  \ncontent    "),
        ("merge-tags", "Dear *|FNAME|*, http://a.eu/?x=%%id%%", "Dear recipient, http://a.eu/?x=aaaaaa"),
        ("twig", "{{ a ? '}}' : {b: {c: 1}} }}.", "what each reader information."),
    ],
)
def test_what_stands_for_a_directive_fits_its_spot(language: str, value: str, made: str) -> None:
    assert mask(value, language).text.value == made


def test_a_picture_in_mjml_is_as_wide_as_its_column() -> None:
    page = "<mjml><mj-section>{}</mj-section></mjml>"
    for columns, width in ((1, 600), (3, 200)):
        raw = page.format("<mj-column><mj-image src='a.png' /></mj-column>" * columns).encode()
        message, *_ = Drafts().messages(raw, "page.mjml")
        assert message.html_parts[0].text.value.count(f'<img alt="" width="{width}" src=') == columns


def test_of_alternatives_that_cannot_stand_together_one_stays() -> None:
    value = '<p {{#if a}}class="b"{{else}}class="c"{{/if}}>{{#if a}}<b>x{{else}}<i>x{{/if}} {{#if a}}d{{else}}e{{/if}}'
    first, second = mask(value, "handlebars"), mask(value, "handlebars", branch=1)
    assert first.branches == second.branches == 2
    assert first.text.value.split() == ["<p", 'class="b"', ">", "<b>x", "d", "e"]
    assert second.text.value.split() == ["<p", 'class="c"', ">", "<i>x", "d", "e"]


def test_directives_in_a_table_are_no_mistakes_of_the_html() -> None:
    page = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{{title}}</title></head><body>\n'
        "<table>{{#each rows}}<tr {{#if odd}}class=a{{else}}class=b{{/if}}>{{#each cells}}<td>{{this}}</td>{{/each}}"
        '</tr>{{/each}}</table><a href="{{#if a}}{{url}}{{else}}https://bakery.example/{{id}}{{/if}}">our bread</a>'
        "<p>Dear {{name}}, *|FNAME|*: <img src={{{picture}}} alt={{alt}} width={{w}} height={{h}}></p></body></html>"
    )
    found = findings(page, "rows.hbs")
    assert not [rule for rule in found if rule.startswith(("html/", "leftovers/", "links/", "text/"))]


def test_a_finding_behind_directives_has_its_place_in_the_template() -> None:
    page = "<p>{{#if a}}\n  {{name}} é <b onclick='x()'>{{b}}</b>{{/if}}</p>"
    (place,) = findings(page, "page.hbs")["script/event-handler"].places
    assert place is not None
    assert (place.line, place.column, place.excerpt[slice(*place.mark)]) == (2, 17, "onclick='x()'")


def test_a_subject_from_the_command_line_is_masked_as_well() -> None:
    messages = Drafts().messages(b"<p>{{#if a}}Good morning{{/if}}</p>", "page.hbs", subject="Bread for {{name}}")
    assert [message.subject.value for message in messages if message.subject] == ["Bread for customer"]


def test_mjml_is_read_as_the_html_it_becomes() -> None:
    page = (
        '<mjml lang="en"><mj-head><mj-title>Bread</mj-title><mj-attributes><mj-text color="#fff" /></mj-attributes>'
        "</mj-head><mj-body>\n<mj-section><mj-column><mj-text>Good morning, {{name}}, from the bakery</mj-text>"
        '<mj-image src="http://bakery.example/a.png" /><mj-divider />\n'
        '<mj-button href="https://bakery.example/" onclick="x()">Order</mj-button></mj-column></mj-section>'
        "</mj-body></mjml>"
    )
    found = findings(page, "page.mjml")
    assert not [rule for rule in found if rule.startswith("html/")]
    assert not {"images/missing-alt", "images/no-size"} & found.keys()
    message, *_ = Drafts().messages(page.encode(), "page.mjml")
    assert '<div style="color: #fff">Good morning, customer, from' in message.html_parts[0].text.value
    (place,) = found["script/event-handler"].places
    assert place is not None
    assert (place.line, place.column, place.excerpt[slice(*place.mark)]) == (3, 43, 'onclick="x()"')


@pytest.mark.parametrize(
    "piece",
    ["{{", "{{ '", '{{ "', "{% if a %}", "<%", "<% a '", "${ {", "#if(", "*|", "{{!--", "{% raw %}", "<a ", "<a x=",
     "{{a}}", "<!--", "<style>", "%%", "[[a", "<#if (", "{{{{a}}}}", "<mj-text a='", "aaaa", "<% if %><b"],
)  # fmt: skip
def test_time_grows_with_the_template(piece: str) -> None:
    limits = Limits()

    def seconds(size: int) -> float:
        text = text_of(piece * size)
        start = time.process_time()
        for language in LANGUAGES:
            masked(text, language, limits=limits)
        return time.process_time() - start

    def ratio() -> float:
        small = min(seconds(2_000) for _ in range(3))
        return seconds(10_000) / max(small, 0.004)

    gc.collect()
    gc.disable()  # its pauses grow with all that other tests have left behind
    try:
        assert any(ratio() < 12 for _ in range(4))
    finally:
        gc.enable()


def test_reaching_the_limit_of_problems_is_told() -> None:
    found = masked(text_of("{{ a <b>" * 50), "handlebars", limits=Limits(template_problems=10))
    assert [problem.code for problem in found.problems] == [UNCLOSED] * 10 + [LIMIT]
    found = masked(text_of("{{#a}}" * 50), "handlebars", limits=Limits(template_problems=10))
    assert [problem.code for problem in found.problems].count(LIMIT) == 1
