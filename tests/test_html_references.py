"""Character references and attributes, read by our own rules only to find places: they must agree with the parser."""

from __future__ import annotations

from html.entities import html5
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_html_samples import attribute_values, attributes, decoded, document
from turbohtml import TokenType, tokenize

from spamlint.html import references
from spamlint.html.attributes import written_attributes
from spamlint.html.references import runs

PIECES = [
    "&",
    "#",
    "x",
    "X",
    ";",
    "amp",
    "AMP",
    "lt",
    "not",
    "notit",
    "in",
    "copy",
    "1",
    "38",
    "x80",
    "ffff",
    "=",
    " ",
    "é",
]
mixed = st.lists(st.sampled_from([*PIECES, *sorted(html5)[::40]]), max_size=12).map("".join)


def parsed_text(html: str) -> str:
    return "".join(token.data or "" for token in tokenize(html, resolve_references=True))


def read(html: str, *, attribute: bool = False) -> str:
    return "".join(piece for piece, _, _ in runs(html, 0, len(html), attribute=attribute))


@settings(max_examples=500, deadline=None)
@given(st.one_of(mixed, st.text(st.sampled_from("&#xX;aglmpt0123456789= é"), max_size=20)))
@example("&#00000000000000000065;&#x" + "0" * 5000 + "41;&#" + "9" * 5000 + ";")
@example("&#x110000;&#xD800;&#0;&#x80;&#x9F;&#x81;&#xFFFE;&#1;")
def test_a_text_is_decoded_as_the_parser_does_it(html: str) -> None:
    assert read(html) == parsed_text(html)
    at = 0
    for piece, start, length in runs(html, 0, len(html)):
        assert start == at
        assert piece == html[start : start + length] or html[start] == "&"
        at += length
    assert at == len(html)


@settings(max_examples=500, deadline=None)
@given(mixed)
def test_an_attribute_value_is_decoded_as_the_parser_does_it(value: str) -> None:
    token = next(iter(tokenize(f'<p a="{value}">', resolve_references=True)))
    assert read(value, attribute=True) == token.attr("a")


def test_every_named_reference_is_decoded() -> None:
    html = " ".join(f"&{name} &{name}x" for name in html5)
    assert read(html) == parsed_text(html)


@settings(max_examples=500, deadline=None)
@given(st.lists(attributes(), max_size=5), st.sampled_from([" ", "\n", "/", "", "\f\t"]))
def test_attributes_are_split_as_the_parser_does_it(written: list[str], between: str) -> None:
    html = f"<p {between.join(written)}>"
    token = next(iter(tokenize(html, resolve_references=True, capture_source=True)), None)
    if token is None or token.type is not TokenType.START_TAG:
        return
    tag = decoded(token.source or "")
    found = list(written_attributes(tag))
    assert {item.name: item.value.value if item.value else "" for item in reversed(found)} == dict(token.attrs or ())
    assert [item.name for item in found if not item.duplicate] == [name for name, _ in token.attrs or ()]
    end = 0
    for item in found:
        start, stop = item.text.range_in(tag)
        assert end <= start < stop <= len(tag)
        assert item.name_text.value == item.text.value[: len(item.name_text)]
        end = stop


@settings(max_examples=300, deadline=None)
@given(attribute_values)
def test_each_code_point_of_a_value_maps_to_what_it_was_written_as(value: str) -> None:
    quoted = value.replace('"', "'")
    read_document = document(f'<p title="{quoted}">')
    title = read_document.elements[0].attribute("title")
    assert title is not None
    pieces = [title[index : index + 1].range_in(read_document.source) for index in range(len(title))]
    assert all(before[1] <= after[0] for before, after in pairwise(pieces))
    for letter, (start, end) in zip(title.value, pieces, strict=True):
        assert letter == read_document.source.value[start:end] or read_document.source.value[start] == "&"
    assert title.range_in(read_document.source) == (10, 10 + len(quoted))


def test_where_the_reader_and_the_parser_differ_the_whole_is_located(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "html5", {})
    read_document = document('<p title="a&amp;b">c&amp;d <b>e</b>')
    title = read_document.elements[0].attribute("title")
    assert title is not None
    assert title.value == "a&b"
    assert title[0:1].span.raw == b'<p title="a&amp;b">'
    visible = read_document.visible
    assert visible.value == "c&d e"
    assert visible[0:1].span.raw == b"c&amp;d "
    assert visible[4:5].span.raw == b"e"
