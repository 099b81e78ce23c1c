"""Hostile HTML costs time in proportion to its length, whatever it is made of."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from growth import assert_in_proportion
from test_html_samples import document

SMALL = 300
TIMES = 10

GROWING: dict[str, Callable[[int], str]] = {
    "text": lambda n: "lorem ipsum &amp; dolor&nbsp;" * n,
    "line ends": lambda n: "a\r\nb\rc\n" * n,
    "NULs": lambda n: "\0a" * n,
    "tags": lambda n: "<p>x <b>y</b></p>" * n,
    "attributes": lambda n: "<p " + " ".join(f"a{number}=1" for number in range(4 * n)) + ">",
    "the same attribute": lambda n: "<p " + "a=1 " * n + ">",
    "badly quoted attributes": lambda n: "<p " + 'a="b"c=d\'e ' * n + ">",
    "depth": lambda n: "<div>" * n,
    "depth with ends": lambda n: "<div>" * n + "</div>" * n,
    "tables in tables": lambda n: "<table><tr><td>" * n,
    "links": lambda n: '<a href="https://a.example/?a=1&amp;b=2">x <b>y</b></a> ' * n,
    "unclosed links": lambda n: "<a href=x>y <b>" * n,
    "ampersands that begin no reference": lambda n: "a & b<br>" * n,
    "stray end tags": lambda n: "</p></b></x></td>" * n,
    "stray end tags below open elements": lambda n: "<table><tr><td>" + "<span>" * n + "</tr></div></x>" * n,
    "end tags behind a cell": lambda n: "<div>" * n + "<table><tr><td>" + "</div>" * n,
    "unclosed formatting": lambda n: "".join(f"<b a{number}>" for number in range(n)) + "<p>x</p>" * n,
    "misnested formatting": lambda n: "<b><i><p>x</b></i>" * n,
    "formatting ended in blocks": lambda n: "<b>" * n + "<p>x</b>" * n,
    "text in a table": lambda n: "<table>" + "x<tr>y" * n,
    "elements in a table": lambda n: "<table>" + "<div>x</div>" * n,
    "cells without rows": lambda n: "<table>" + "<td>x</tr></tbody>" * n,
    "bodies": lambda n: "".join(f"<body a{number}=1>" for number in range(n)),
    "headings": lambda n: "<h1>x" * n,
    "items": lambda n: "<li><span>x" * n,
    "hidden text": lambda n: "".join(f"<p style='display:none;a:{number}'>x</p>y" for number in range(n)),
    "noscript": lambda n: "<noscript><p>x" * n,
    "comments": lambda n: "<!-- x -->" * n,
    "conditional comments": lambda n: "<!--[if mso]><!-->x<!--[if mso]>y<![endif]/-->" * n,
    "opened conditions": lambda n: "<!--[if mso]>" * n,
    "bad references": lambda n: "&foo;&#;&#x80;&notit;" * n,
    "end tags with attributes": lambda n: "<p>x</p a=1>" * n,
    "an open tag": lambda n: "<p>x</p>&amp;" * n + '<a b="',
    "doctypes": lambda n: "<!doctype x>" * n,
}


def read_all(html: str) -> None:
    """Ask for everything that a rule may ask for."""
    read = document(html)
    for text in (read.visible, read.hidden):
        assert text[:1].range_in(read.source) <= text[-1:].range_in(read.source)
    for problems in (
        read.errors,
        read.structure,
        read.bad_conditionals,
        read.duplicate_attributes,
        read.limits_reached,
    ):
        for problem in problems:
            problem.text.range_in(read.source)
    for element in read.elements:
        assert element.attrs is not None
        assert element.parent is not element
    for link in read.all("a"):
        assert link.content.value is not None
    assert len(read.style_texts) <= len(read.elements)
    assert read.title is None
    assert read.declared_charset is None


@pytest.mark.parametrize("kind", GROWING)
def test_ten_times_as_much_takes_at_most_twelve_times_as_long(kind: str) -> None:
    assert_in_proportion(read_all, GROWING[kind](SMALL), GROWING[kind](TIMES * SMALL))
