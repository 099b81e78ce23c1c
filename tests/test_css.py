"""How text looks: colours, style sheets, and the two of them together with attributes in a document."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from growth import BEYOND_THE_CACHES, assert_in_proportion
from hypothesis import given
from hypothesis import strategies as st
from test_html_samples import document

from spamlint.css.colours import BLACK, TRANSPARENT, WHITE, contrast, old_paint_of, over, paint_in, paint_of
from spamlint.css.declarations import declared, without_comments
from spamlint.css.look import PLAIN, Look
from spamlint.css.painter import Painter
from spamlint.css.sheet import Sheet, parts_of
from spamlint.limits import DEFAULT_LIMITS, Limits


@pytest.mark.parametrize(
    ("value", "paint"),
    [
        ("#fff", (255, 255, 255, 1.0)),
        ("#1a2b3c", (26, 43, 60, 1.0)),
        ("#ff000000", (255, 0, 0, 0.0)),
        ("#f008", (255, 0, 0, 136 / 255)),
        ("rebeccapurple", (102, 51, 153, 1.0)),
        ("rgb(1, 2, 3)", (1, 2, 3, 1.0)),
        ("rgb(100% 0% 0% / 50%)", (255, 0, 0, 0.5)),
        ("rgba(300, -2, 3, .5)", (255, 0, 3, 0.5)),
        ("hsl(120, 100%, 50%)", (0, 255, 0, 1.0)),
        ("hsla(0, 0%, 100%, 0)", (255, 255, 255, 0.0)),
        ("transparent", TRANSPARENT),
        ("currentcolor", None),
        ("var(--ink)", None),
        ("#ff", None),
        ("rgb(1, 2)", None),
        ("windowtext", None),
        ("#" + "f" * 1_000, None),
    ],
)
def test_a_colour_of_a_style(value: str, paint: object) -> None:
    assert paint_of(value) == paint


def test_the_colour_among_the_words_of_a_background() -> None:
    assert paint_in("no-repeat #123 center") == paint_of("#123")
    assert paint_in("url(x) rgba(0,0,0,.5)") == paint_of("rgba(0,0,0,.5)")
    assert paint_in("none") is None


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        ("FFFFFF", "ffffff"),
        ("#abc", "aabbcc"),
        ("chucknorris", "c00000"),
        ("Red", "ff0000"),
        ("6db6ec49efd278cd0bc92d1e5e072d68", "6ecde0"),
        ("x", "000000"),
    ],
)
def test_a_colour_of_an_old_attribute_by_the_rules_for_bad_ones(value: str, digits: str) -> None:
    found = old_paint_of(value)
    assert found is not None
    assert "".join(f"{part:02x}" for part in found[:3]) == digits


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(BLACK, WHITE) == contrast(WHITE, BLACK) == pytest.approx(21)
    assert contrast(WHITE, WHITE) == 1
    assert contrast((118, 118, 118), WHITE) == pytest.approx(4.54, abs=0.01)
    assert over((0, 0, 0, 0.5), WHITE) == (128, 128, 128)
    assert over((1, 2, 3, 1.0), WHITE) == (1, 2, 3)


def test_declarations() -> None:
    plain, important = declared(
        without_comments("COLOR: Red /* ; color: blue */; x: y; font: bold 12px/1.5 Arial; color:#00F!important")
    )
    assert plain == {"color": "red", "font-size": "12px", "font-weight": "bold"}
    assert important == {"color": "#00f"}
    assert declared("background: #fff url(a)")[0] == {
        "background-color": "#fff url(a)",
        "background-image": "#fff url(a)",
    }
    assert declared(without_comments(r"dis\70lay: n\6f ne; \63 olor:red"))[0] == {"display": "none", "color": "red"}
    assert declared("font-size; :; color:")[0] == {}


def fitting(css: str, tag: str = "p", id_: str = "", *classes: str) -> list[str]:
    """The blocks of the selectors that name something of that element."""
    return sorted(found.block.strip() for found in Sheet([("", css)], 100).possible(tag, id_, classes))


def test_a_sheet_gives_the_rules_of_every_screen() -> None:
    css = """
        @import url("a.css"); @charset "x";
        p, .a, #b { one } h1 { two }
        @media all { p { three } @media screen { p { four } } }
        @media print { p { five } }
        @media only screen and (max-width: 600px) { p { six } .small { seven } p { eight } }
        @supports (display: grid) { p { nine } } @font-face { ten }
        p { eleven /* } p { twelve */ }
        p { content: "} p { thirteen "; }
    """
    assert [block.split()[0] for block in fitting(css)] == ["content:", "eleven", "four", "one", "three"]
    sheet = Sheet([("", css)], 100)
    assert sheet.sometimes == {"small"}
    assert sheet.is_open
    assert fitting("<!-- .a { one } -->", "p", "", "a") == ["one"]
    assert not Sheet([("print", "p { one }")], 100)
    assert Sheet([("Screen", "p { one }")], 100)


def test_what_holds_sometimes_is_known_by_name() -> None:
    css = '.a:hover {x} td[class*="b"] {x} .c ~ #d {x} @media (max-width: 3px) { .e .f {x} }'
    assert Sheet([("", css)], 100).sometimes == {"a", "b", "c", "d", "e", "f"}


@pytest.mark.parametrize(
    ("selector", "parts"),
    [
        ("P".lower(), [(("p", "", ()), False)]),
        (".a.b", [(("", "", ("a", "b")), False)]),
        ("td#x.a", [(("td", "x", ("a",)), False)]),
        ("a:link", [(("a", "", ()), False)]),
        ("*", [(("", "", ()), False)]),
        ("table.a  > td p", [(("p", "", ()), False), (("td", "", ()), False), (("table", "", ("a",)), True)]),
        ("a:hover", None),
        ("a + b", None),
        ("[x]", None),
        ("> p", None),
        ("p >", None),
        ("", None),
        ("p " * 40 + "p", None),
    ],
)
def test_the_parts_of_a_selector(selector: str, parts: object) -> None:
    assert parts_of(selector) == parts


def test_a_sheet_stops_at_its_limit() -> None:
    sheet = Sheet([("", "p { one } p { two } p { three }")], 2)
    assert sheet.reached
    assert len(sheet.possible("p", "", ())) == 2


def look(html: str, tag: str = "i", limits: Limits = DEFAULT_LIMITS) -> Look:
    """How text looks inside the first element of that name."""
    read = document(html)
    element = read.first(tag)
    assert element is not None
    return Painter(read, limits).look(element.number)


def test_text_without_styles_is_plain() -> None:
    assert look("<p><i>x</i></p>") is PLAIN
    assert Painter(document("x"), DEFAULT_LIMITS).look(-1) is PLAIN


@pytest.mark.parametrize(
    ("html", "colour"),
    [
        ("<p style='color:#010101'><i>", (1, 1, 1)),
        ("<font color='#020202'><i>", (2, 2, 2)),
        ("<body text='#030303'><p><i>", (3, 3, 3)),
        ("<a href=x><i>", (0, 0, 238)),
        ("<a><i>", (0, 0, 0)),
        ("<body link='#040404'><a href=x><i>", (4, 4, 4)),
        ("<style>i { color: #050505 }</style><i style='color:#060606'>", (6, 6, 6)),
        ("<style>i { color: #050505 !important }</style><i style='color:#060606'>", (5, 5, 5)),
        ("<style>#x { color: #070707 } i.y { color: #080808 }</style><i class='y' id='X'>", (7, 7, 7)),
        ("<style>i { color: #070707 } i { color: #080808 }</style><i>", (8, 8, 8)),
        ("<style>p > i { color: #090909 }</style><p><b><i>", (0, 0, 0)),
        ("<style>p i { color: #090909 }</style><p><b><i>", (9, 9, 9)),
        ("<style>.a .b i { color: #0a0a0a }</style><p class=a><u class='c b'><i>", (10, 10, 10)),
        ("<style>body { color: #0b0b0b }</style><p><i>", (11, 11, 11)),
        ("<p style='color:#0c0c0c'><i style='color:inherit'>", (12, 12, 12)),
        ("<p style='color:var(--x)'><i>", None),
        ("<p style='color:{{ ink }}'><i>", None),
        ("<font color='<%= ink %>'><i>", None),
        ("<button><i>", None),
        ("<p style='color:rgba(0,0,0,0)'><i>", (255, 255, 255)),
    ],
)
def test_colours_come_from_sheets_styles_and_old_attributes(html: str, colour: object) -> None:
    assert look(html).colour == colour


def test_a_class_met_later_counts_from_there_on() -> None:
    html = "<style>.a i { color: #010101 }</style><p><b>x</b></p><p class=a><i>x</i></p>"
    read = document("<style>.a i { color: #010101 }</style><p><i>x</i></p><p class=a><i>x</i></p>")
    painter = Painter(read, DEFAULT_LIMITS)
    assert [painter.look(element.number).colour for element in read.all("i")] == [BLACK, (1, 1, 1)]
    assert look(html).colour == (1, 1, 1)


@pytest.mark.parametrize(
    ("html", "ground"),
    [
        ("<table bgcolor=black><td><i>", (0, 0, 0)),
        ("<p style='background:#010101 none'><i>", (1, 1, 1)),
        ("<p style='background:#010101 url(x)'><i>", None),
        ("<p style='background-image:linear-gradient(red, blue)'><i>", None),
        ("<td background='x.gif' bgcolor=black><i>", None),
        ("<p style='background:url(x)'><b style='background:#020202'><i>", (2, 2, 2)),
        ("<p style='background:rgba(0,0,0,.5)'><i>", (128, 128, 128)),
        ("<td bgcolor=black><p style='background:transparent'><i>", (0, 0, 0)),
        ("<td bgcolor=black><p style='position:absolute'><i>", None),
        ("<td bgcolor='{{ colour }}'><i>", None),
    ],
)
def test_the_background_is_that_of_what_stands_around(html: str, ground: object) -> None:
    assert look(html).ground == ground


@pytest.mark.parametrize(
    ("html", "size"),
    [
        ("<p style='font-size:20px'><i>", 20),
        ("<p style='font-size:12pt'><i>", 16),
        ("<p style='font-size:20px'><b style='font-size:50%'><i style='font-size:.5em'>", 5),
        ("<p style='font-size:0'><i style='font-size:2em'>", 0),
        ("<p style='font-size:0.0001px'><i>", 0.0001),
        ("<p style='font:italic 10px/1 Arial'><i>", 10),
        ("<p style='font-size:small'><i>", 13),
        ("<p style='font-size:nonsense'><i>", 16),
        ("<p style='font-size:3vw'><i>", 16),
        ("<font size=1><i>", 10),
        ("<font size='+2'><i>", 24),
        ("<font size='-9'><i>", 10),
        ("<h1><i>", 32),
    ],
)
def test_sizes_add_up(html: str, size: float) -> None:
    assert look(html).size == pytest.approx(size)


@pytest.mark.parametrize(
    ("style", "unseen"),
    [
        ("display:none", "none"),
        ("visibility:collapse", "none"),
        ("opacity:0.01", "none"),
        ("opacity:0.5", ""),
        ("max-height:0;overflow:hidden", "none"),
        ("max-height:0", ""),
        ("height:1px;overflow:hidden", "none"),
        ("height:20px;overflow:hidden", ""),
        ("position:absolute;clip:rect(0 0 0 0)", "none"),
        ("position:absolute;left:-9999px", "away"),
        ("left:-9999px", ""),
        ("text-indent:-100em", "away"),
        ("text-indent:-1em", ""),
        ("margin-left:-5000px", "away"),
        ("display:block", ""),
    ],
)
def test_what_hides_text_hides_it_in_style_and_sheet(style: str, unseen: str) -> None:
    assert look(f"<p style='{style}'><i>").unseen == unseen
    assert look(f"<style>.x {{ {style} }}</style><p class=x><i>").unseen == unseen


def test_the_attribute_hides_and_a_style_shows_what_a_sheet_hides() -> None:
    assert look("<p hidden><i>").unseen == "none"
    assert look("<style>.x { display: none }</style><p class=x style='display:block'><i>").unseen == ""


@given(
    st.text(alphabet="{}@.#:;,*/\\\"'()<>[]! \nap0-%", max_size=200), st.text(alphabet="ap:;#(0px%!-\\ ", max_size=60)
)
def test_nothing_raises(css: str, style: str) -> None:
    html = f"<style>{css}</style><p class=a id=p style=\"{style}\"><a href=x><font color='{style}' size='{style}'>x"
    read = document(html)
    painter = Painter(read, DEFAULT_LIMITS)
    for number in range(len(read.starts)):
        assert painter.look(number).size >= 0


GROWING: dict[str, Callable[[int], str]] = {
    "rules": lambda n: "<style>" + "".join(f".a{one} b{{color:red}}" for one in range(n)) + "</style><p>x",
    "braces": lambda n: "<style>" + "{" * n + "}" * n + "</style><p>x",
    "no braces": lambda n: "<style>" + "a," * n + "</style><p>x",
    "strings": lambda n: "<style>" + '"a' * n + "</style><p>x",
    "comments": lambda n: "<style>" + "/* {" * n + "</style><p>x",
    "at-rules": lambda n: "<style>" + "@media all{" * n + "p{color:red}" + "</style><p>x",
    "selectors": lambda n: "<style>" + "p " * n + "{color:red}</style><p>x",
    "rules and elements": lambda n: "<style>" + "p{color:red}" * n + "</style>" + "".join(
        f"<p id=a{one}>x</p>" for one in range(n)
    ),
    "rules about what stands around": lambda n: "<style>" + ".a .b i{color:red}" * n + "</style>"
    + "<p class=a>" * n + "<i>x</i>" * n,
    "depth": lambda n: "<div style='font-size:99%'>x" * n,
    "styles": lambda n: "".join(f"<p style='color:#{one:06x};font-size:{one}px'>x</p>" for one in range(n)),
}  # fmt: skip


def looks(html: str) -> None:
    read = document(html)
    painter = Painter(read, Limits(style_work=20_000))
    for number in range(len(read.starts)):
        painter.look(number)


@pytest.mark.parametrize("kind", GROWING)
def test_cost_grows_in_proportion(kind: str) -> None:
    assert_in_proportion(looks, GROWING[kind](300), GROWING[kind](3_000), BEYOND_THE_CACHES)
