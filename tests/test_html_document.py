"""Elements, attributes, and what a document tells of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_html_samples import document, newsletter, raw

from spamlint.limits import DEFAULT_LIMITS


def test_elements_come_in_the_order_of_the_text_and_know_their_parents() -> None:
    read = document("<div><P>a<b>b</b><br>c</P><v:rect/></div><i>d</i>")
    assert [element.tag for element in read.elements] == ["div", "p", "b", "br", "v:rect", "i"]
    assert [element.parent.tag if element.parent else "" for element in read.elements] == [
        "",
        "div",
        "p",
        "p",
        "div",
        "",
    ]
    assert read.elements[1].text.value == "<P>"
    assert [element.tag for element in read.elements[1:3]] == ["p", "b"]
    assert read.has_markup
    assert not document("only text").has_markup


def test_elements_are_found_by_name() -> None:
    read = document("<p><a href=1>x</a></p><img><a href=2>y</a>")
    assert [element.get("href") for element in read.all("a")] == ["1", "2"]
    assert [element.tag for element in read.all("img", "a", "a")] == ["a", "img", "a"]
    assert read.first("a") is read.elements[1]
    assert read.first("form") is None
    assert len(read.all("form")) == 0


def test_cells_and_items_without_end_tags_are_no_parents_of_the_next() -> None:
    read = document("<ul><li>a<li><b>b</b></ul><table><tr><td>c<td><i>d</i><tr><td>e</table><p>f<p>g")
    assert [element.parent.tag if element.parent else "" for element in read.elements] == [
        *("", "ul", "ul", "li", "", "table", "tr", "tr", "td", "table", "tr", "", "")
    ]


def test_an_end_tag_does_not_reach_out_of_a_cell() -> None:
    read = document("<div><table><tr><td></div><b>x</b></td></tr></table></div><i>y</i>")
    assert [element.parent.tag for element in read.all("b") if element.parent] == ["td"]
    assert read.all("i")[0].parent is None


def test_attributes_are_decoded_and_the_first_of_a_name_counts() -> None:
    element = document('<a HREF="?a=1&amp;b=2" href=x title=\'"é&eacute;"\' checked>').elements[0]
    assert dict(element.attrs) == {"href": "?a=1&b=2", "title": '"éé"', "checked": ""}
    assert element.get("href") == "?a=1&b=2"
    assert element.get("id") is None


def test_an_attribute_value_maps_to_what_was_written() -> None:
    element = document('<p>é</p>\r\n<a title=x href="?a=1&amp;b=&#50;" checked>').elements[1]
    href = element.attribute("href")
    assert href is not None
    assert raw(href) == "?a=1&amp;b=&#50;"
    assert raw(href[4:5]) == "&amp;"
    assert raw(href[5:]) == "b=&#50;"
    assert href.place.line == 2
    assert raw(element.attribute("title")) == "x"
    checked = element.attribute("checked")
    assert checked is not None
    assert checked.span.raw == b""
    assert element.attribute("id") is None
    (written,) = (found for found in element.written_attributes() if found.name == "href")
    assert raw(written.text) == 'href="?a=1&amp;b=&#50;"'
    assert [value.value for value in element.values()] == ["x", "?a=1&b=2", ""]


def test_attributes_are_listed_as_written() -> None:
    element = document("<a\nB = 'x' onclick=y/ b=\"z\"c><p>").elements[0]
    found = [
        (item.name, item.text.value, item.value and item.value.value, item.duplicate)
        for item in element.written_attributes()
    ]
    assert found == [
        ("b", "B = 'x'", "x", False),
        ("onclick", "onclick=y/", "y/", False),
        ("b", 'b="z"', "z", True),
        ("c", "c", None, False),
    ]


def test_duplicate_attributes_are_told_with_their_places() -> None:
    read = document("<p>\n<td width=1 align=left WIDTH=2 width=3><a href=x>")
    assert [(problem.text.value, dict(problem.values)) for problem in read.duplicate_attributes] == [
        ("WIDTH=2", {"tag": "td", "attribute": "width"}),
        ("width=3", {"tag": "td", "attribute": "width"}),
    ]


def test_the_content_of_a_link_is_its_visible_text() -> None:
    read = document('a <a href=x>Our <b>best</b>&nbsp;\r\n<i style="display:none">no</i>offers<img></a> b')
    content = read.all("a")[0].content
    assert content.value == "Our best offers"
    assert raw(content[4:15]) == 'best</b>&nbsp;\r\n<i style="display:none">no</i>offers'
    assert read.all("img")[0].content.value == ""
    assert read.all("i")[0].content.value == ""
    assert read.all("i")[0].hidden
    assert not read.all("b")[0].hidden


def test_a_link_that_is_not_closed_ends_at_the_next() -> None:
    read = document("<a href=1>one <b>two <a href=2>three</a>")
    assert [element.content.value for element in read.all("a")] == ["one two", "three"]


def test_what_raw_elements_enclose_is_given_as_written() -> None:
    read = document("<title>a &amp; b</title><style>p > a {}</style><script>if (a < b) </SCRIPT\n><style>open")
    assert read.title is not None
    assert read.title.value == "a & b"
    assert raw(read.title[2:3]) == "&amp;"
    assert [element.inner.value for element in read.all("style")] == ["p > a {}", "open"]
    assert read.all("script")[0].inner.value == "if (a < b) "


def test_styles_are_those_of_elements_and_of_attributes() -> None:
    read = document('<style>p { color: red }</style><p style="a:b&amp;c">x<style>q</style>')
    assert [text.value for text in read.style_texts] == ["p { color: red }", "q", "a:b&c"]


@pytest.mark.parametrize(
    ("html", "charset"),
    [
        ("<meta charset=' UTF-8'>", " UTF-8"),
        ('<meta name=x><META HTTP-EQUIV="content-type" CONTENT="text/html; CharSet = \'iso-8859-1\'">', "iso-8859-1"),
        ('<meta http-equiv="Content-Type" content="text/html">', None),
        ("<p>charset=utf-8", None),
    ],
)
def test_the_declared_charset_is_found(html: str, charset: str | None) -> None:
    found = document(html).declared_charset
    assert (found.value if found else None) == charset
    assert found is None or raw(found) == charset


def test_line_ends_and_a_byte_order_mark_do_not_move_places() -> None:
    read = document("\ufeff<p>\r\n<b>é\rx\n</b>\r\n<i>y</i>")
    assert read.source.value == "<p>\n<b>é\nx\n</b>\n<i>y</i>"
    element = read.all("i")[0]
    assert raw(element.text) == "<i>"
    assert (element.text.place.line, element.text.place.column) == (5, 1)
    assert raw(read.visible) == "é\rx\n</b>\r\n<i>y"
    assert read.elements[0].text.span.start == len("\ufeff".encode())
    empty = read.source[3:3]
    assert empty.span.raw == b""


def test_surrogates_do_no_harm() -> None:
    read = document("<p>x</p>")
    assert read.visible.value == "x"
    html = "<p \ud800=1>a\udfffb</p>"
    from spamlint.html import Document
    from spamlint.source import Source, Text, shifted

    odd = Document(Text(html, Source("x", b"?" * len(html)), lambda: shifted(0), part="1"))
    assert odd.visible.value == "a\ufffdb"
    assert odd.visible.span.start == html.index("a\udfffb")


def test_the_content_of_noscript_is_read_as_mark_up() -> None:
    read = document('<NOSCRIPT><p title="<noscript>">x <b>y</b></noscript><textarea><noscript></textarea><p>z')
    assert [element.tag for element in read.elements] == ["noscript", "p", "b", "textarea", "p"]
    assert read.elements[1].attrs == {"title": "<noscript>"}
    assert read.elements[1].get("title") == "<noscript>"
    assert read.visible.value == "x y<noscript>\nz"
    assert raw(read.elements[1].attribute("title")) == "<noscript>"
    assert len(read.all("noscript")) == 1


def test_comments_are_given_whole() -> None:
    read = document("a<!-- b -->c<!-->d<![endif]>e<!-- f")
    assert [comment.value for comment in read.comments] == ["<!-- b -->", "<!-->", "<![endif]>", "<!-- f"]


def test_a_limit_on_elements_is_said_where_it_cuts() -> None:
    html = "<p>one</p><p>two</p><b>x</i><p>three</p>"
    read = document(html, replace(DEFAULT_LIMITS, elements=2))
    assert read.visible.value == "one\ntwo"
    assert [(problem.code, raw(problem.text[:0]), problem.text.span.start) for problem in read.limits_reached] == [
        ("limit-elements", "", html.index("<b>"))
    ]
    assert read.structure == ()
    assert read.errors == ()


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("<div>" * 600 + "</b>", "limit-tree"),
        ("".join(f"<b a{number}>" for number in range(800)) + "<p>x</p>" * 800, "limit-tree"),
        ("".join(f"<body a{number}>" for number in range(200)), "limit-tree"),
        ("&x;" * 11_000, "limit-problems"),
        ("</p>" * 11_000, "limit-problems"),
    ],
)
def test_what_would_grow_out_of_proportion_is_a_limit(html: str, code: str) -> None:
    read = document(html)
    assert [problem.code for problem in read.limits_reached] == [code]
    assert len(read.structure) <= 10_000


def test_a_newsletter_has_what_it_shows() -> None:
    read = document(newsletter(3000))
    assert read.visible.value.startswith(
        "Loaf 0 & rolls\nDear reader, we baked something new for you – see the page.\nIt"
    )
    assert read.hidden.value == "Rye at last\u200b \u200c"
    assert [element.content.value for element in read.all("a")] == ["the page", "", "Read on", "Unsubscribe"]
    assert [conditional.expression.value for conditional in read.conditionals] == ["mso"]
