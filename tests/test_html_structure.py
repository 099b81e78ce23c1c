"""Stray, unclosed and misnested tags, and content out of place: what is told, where, and with which values."""

from __future__ import annotations

import email
import email.message
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from test_html_samples import document, nested, newsletter, soup
from turbohtml import parse

from spamlint.html import Document, Problem
from spamlint.html.structure import structure_problems
from spamlint.html.tree import nodes_of
from spamlint.verdict import Value

Told = tuple[str, str, str]

IN_ORDER = [
    "<p>a<br/>b<img src=x></p><o:p></o:p><hr>",
    "<html><head><title>a</title></head><body><p>b</p></body></html>",
    "<title>a</title><p>b</p></body></html>",
    "<p>a<p>b<ul><li>c<li>d</ul><table><tr><td>e<td>f<tr><td>g</table>",
    "<dl><dt>a<dd>b<dt>c</dl><select><option>d<option>e</select>",
    "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
    "<table><caption>a</caption><colgroup><col></colgroup><tr><td>b</td></tr></table>",
    "<table><tr><td>a</td></tr></tbody></table>",
    "<table><td>a</td></tr></tbody></table>",
    "<table><tr><td><table><tr><td><div>a</div></td></tr></table></td></tr></table>",
    "<table><input type=hidden><style>a</style><tr><td>b</td></tr></table>",
    "<![if !mso]><table><tr><td>a</td></tr></table><![endif]>",
    "<!--[if mso]><table><tr><td></div><![endif]-->a<!--[if mso]></td></tr></table></b><![endif]-->",
    "<!--[if !mso]><!--><div>a</div><!--<![endif]-->",
    "<v:rect><v:fill/><w:anchorlock/></v:rect><o:p/>",
    "<svg viewBox='0 0 1 1'><path d='x'/><g><title>a</title></g></svg>",
    "<html><head><o:SmartTagType name=x></o:SmartTagType></head><body>a</body></html>",
    "<noscript><p>a</p></noscript>",
    "<div><center><font><b>a</b></font></center></div>",
    "<div/>",
    "<template><tr><td>a</td></tr></template>",
    "<frameset><frame></frameset>",
    "a &amp; b",
    "",
]


def told(html: str) -> list[Told]:
    return [
        (problem.code, problem.text.span.raw.decode(), str(problem.values["other"]))
        for problem in document(html).structure
    ]


@pytest.mark.parametrize("html", [*IN_ORDER, newsletter(6000)])
def test_what_is_in_order_or_practice_is_not_told(html: str) -> None:
    assert told(html) == []


@pytest.mark.parametrize(
    ("html", "problems"),
    [
        ("<p>a</div></p>", [("stray-end-tag", "</div>", "")]),
        ("a</br>b</img>", [("stray-end-tag", "</br>", ""), ("stray-end-tag", "</img>", "")]),
        ("<p>a<p>b</p></p>", [("stray-end-tag", "</p>", "")]),
        ("<table><tr><td>a</td></td></tr></table>", [("stray-end-tag", "</td>", "")]),
        ("<div>a</div></div></body>", [("stray-end-tag", "</div>", "")]),
        ("<div><b>x</div>y", [("unclosed-tag", "<b>", "</div>")]),
        ("<div><a href=1>x</div>", [("unclosed-tag", "<a href=1>", "</div>")]),
        ("<b>x", [("unclosed-tag", "<b>", "")]),
        ("<a>x<a>y</a>", [("unclosed-tag", "<a>", "<a>")]),
        ("<table><tr><td><b>x</td></tr></table>", [("unclosed-tag", "<b>", "</td>")]),
        (
            "<table><tr><td><table><tr><td>x</td></tr>",
            [("unclosed-tag", "<table>", ""), ("unclosed-tag", "<table>", "")],
        ),
        ("<b>x<p>y</b>z</p>", [("misnested-tag", "</b>", "<p>")]),
        ("<p>a<div>b</div></p>", [("misnested-tag", "</p>", "<div>")]),
        ("<span><div></span></div>", [("misnested-tag", "</span>", "<div>")]),
        ("<b><i>a</b></i>", [("misnested-tag", "</i>", "</b>")]),
        ("<p><b>x</p><p>y</b></p>", [("misnested-tag", "</b>", "</p>")]),
        ("<a 1>x<a 2>y</a></a>", [("misnested-tag", "</a>", "<a>")]),
        ("<h1>a</h2>", [("misnested-tag", "</h2>", "<h1>")]),
        ("<table><tr><td></table></td>", [("misnested-tag", "</td>", "</table>")]),
        ("<div><table></div></table>", [("misnested-tag", "</div>", "<table>")]),
        ("<ul><li>a</li><li>b</li><li>c<li>d</li></ul>", [("omitted-end-tag", "<li>", "<li>")]),
        ("<p>a</p><p>b</p><p>c<h1>d</h1>", [("omitted-end-tag", "<p>", "<h1>")]),
        ("<table>x<tr><td>a</td></tr></table>", [("content-outside-cell", "x", "<table>")]),
        ("<table><tr>\n &amp;y \n<td>a</td></tr></table>", [("content-outside-cell", "&amp;y", "<tr>")]),
        ("<table><tr><div>x<b>y</b></div><td>a</td></tr></table>", [("content-outside-cell", "<div>", "<tr>")]),
        ("<div><tr>x</tr></div>", [("content-outside-cell", "<tr>", "")]),
        ("<form a><form b></form></form>", [("misplaced-tag", "<form b>", "<form>")]),
        ("<p>x</p><html><head></head><body>y</body></html>", [("misplaced-tag", "<html>", "")]),
        ("<h1>a</h1><body>b</body>", [("misplaced-tag", "<body>", "")]),
        ("<body>a</body><p>b</p>", [("content-after-body", "<p>", "</body>")]),
        ("<body>a</body></html> b <p>c</p></body></html>", [("content-after-body", "b", "</body>")]),
        ("<html><body>a</body></html><html><body>b</body></html>", [("several-bodies", "<html>", "")]),
        ("<body>a<div><body b>c</body></div></body>", [("several-bodies", "<body b>", "")]),
        ("<html><head></head><head><style></style></head><body>a</body></html>", [("several-bodies", "<head>", "")]),
    ],
)
def test_each_problem_is_told_once_at_its_place(html: str, problems: list[Told]) -> None:
    assert told(html) == problems


def test_problems_name_the_tag_and_the_line_of_the_other() -> None:
    (problem,) = document("<p>\r\n<b>\r\n<font color=x>a</b>\r\n</p>\r\n</font>").structure
    assert (problem.code, dict(problem.values)) == ("misnested-tag", {"tag": "font", "other": "</b>", "line": 3})
    assert problem.text.place.line == 5


def test_the_first_of_several_bodies_is_not_told_nor_what_comes_with_the_second() -> None:
    html = "<html><head></head><body>a</body></html>\n" * 3
    assert told(html) == [("several-bodies", "<html>", ""), ("several-bodies", "<html>", "")]


def found(problems: Sequence[Problem]) -> list[tuple[str, str, int, dict[str, Value]]]:
    return [(item.code, item.text.value, item.text.span.start, dict(item.values)) for item in problems]


def all_problems(read: Document) -> Sequence[Problem]:
    """The comparison of all tokens with the tree, whatever the quick look at the tokens has said."""
    nodes = nodes_of(parse(read.source.value, source_locations=True), None)
    assert nodes is not None
    problems = structure_problems(read.source, read._lines, nodes, read._tokens(), None, 10_000)
    assert problems is not None
    return problems


@settings(max_examples=400, deadline=None)
@given(nested)
def test_looking_only_where_there_are_doubts_finds_all_in_nested_html(html: str) -> None:
    read = document(html)
    assert found(read.structure) == found(all_problems(read))


@settings(max_examples=300, deadline=None)
@given(soup)
def test_looking_only_where_there_are_doubts_finds_all_in_any_html(html: str) -> None:
    read = document(html)
    assert found(read.structure) == found(all_problems(read))
    starts = [problem.text.range_in(read.source) for problem in read.structure]
    assert starts == sorted(starts)
    assert len({start for start, _ in starts}) == len(starts)


def html_texts(folder: Path) -> Iterator[str]:
    """The HTML parts of messages, and HTML files, in `folder`."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".html", ".htm"}:
            yield path.read_bytes().decode("utf-8", "replace")
        elif path.suffix == ".eml":
            message = email.message_from_bytes(path.read_bytes())
            for part in message.walk():
                content = part.get_payload(decode=True)
                if part.get_content_type() == "text/html" and isinstance(content, bytes):
                    yield content.decode("utf-8", "replace")


def test_looking_only_where_there_are_doubts_finds_all_in_real_html(corpus: Path) -> None:
    clean = 0
    for name in ("ham_modern", "templates"):
        for html in html_texts(corpus / name):
            read = document(html)
            assert found(read.structure) == found(all_problems(read))
            clean += not read.outline.doubts
    assert clean > 100
