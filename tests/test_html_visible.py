"""What a reader sees, and where each code point of it came from."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from test_html_samples import document, nested, newsletter, raw, soup

from spamlint.html import Document
from spamlint.html.references import runs
from spamlint.html.style import FONT, HIDES, NOTHING, ZERO_FONT, effect_of
from spamlint.source import Text

NOT_SHOWN = {"title", "style", "script", "template", "iframe", "noembed", "noframes"}
LONGEST_REFERENCE = 12


@pytest.mark.parametrize(
    ("html", "visible"),
    [
        ("", ""),
        ("  a \t\n b\u00a0\u2003c  ", "a b c"),
        ("a<b>b</b> <i> c</i>", "ab c"),
        ("a<p>b</p>c<div>d<br>e</div>f", "a\nb\nc\nd\ne\nf"),
        ("<table><tr><td>a</td><td>b</td></tr></table>c", "a\nb\nc"),
        ("<head><title>t</title><style>s</style></head><script>x</script>a", "a"),
        ("<head>text in head</head>a", "text in head\na"),
        ("a<!-- b --><!--[if mso]>c<![endif]--><![if !mso]>d<![endif]>", "ad"),
        ("<template>a</template><iframe>b</iframe><noscript>c</noscript>", "c"),
        ("<textarea>a &lt;b></textarea><select><option>c<option>d</select>", "a <b>\nc\nd"),
        ("&amp;&nbsp;&lt;&#8364;&copy2 &notit; &unknown;", "& <€©2 ¬it; &unknown;"),
        ("<xmp>a &amp; <b></xmp>", "a &amp; <b>"),
        ("FR\0EE &am\0p;", "FREE &amp;"),
        ("V<b></b>iag<!-- x -->ra", "Viagra"),
        ("a<b x='>'>c<d", "ac"),
        ("<p>a<p>b</b></i></p></p>c", "a\nb\nc"),
    ],
)
def test_the_visible_text_is_what_a_reader_sees(html: str, visible: str) -> None:
    assert document(html).visible.value == visible


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "color:red;DISPLAY : None !important;width:1px",
        "display:/* x */none",
        "visibility:hidden",
        "font-size:0",
        "font-size: 0.0px !important",
        "font:0/0 a",
        "opacity:0",
        "max-height:0;overflow:hidden",
        "overflow:hidden;height:0px",
        "text-indent:-9999px",
        "position:absolute; left:-5000px",
        "display:block;display:none",
    ],
)
def test_hidden_text_goes_its_own_way(style: str) -> None:
    read = document(f"<p>a</p><div style='{style}'>b <b>c</b><p>d</p></div>e<span style=\"{style}\">f</span>g")
    assert read.visible.value == "a\neg"
    assert read.hidden.value == "b c\nd\nf"
    assert raw(read.hidden[0:3]) == "b <b>c"
    assert [element.hidden for element in read.elements] == [False, True, True, True, True]


@pytest.mark.parametrize(
    "style",
    [
        "mso-hide:all",
        "display:block",
        "display:none;display:block",
        "display:block !important;display:none",
        "max-height:0",
        "overflow:hidden;max-height:100px",
        "opacity:0.9",
        "font-size:10px",
        "font-size:0.9em",
        "text-indent:-1em",
        "left:-5000px",
        "border:none;text-decoration:none",
        "display",
        ";;:",
    ],
)
def test_other_styles_hide_nothing(style: str) -> None:
    read = document(f"<div style='{style}'>a</div>")
    assert (read.visible.value, read.hidden.value) == ("a", "")


def test_text_of_no_size_is_shown_again_inside_an_element_with_a_size() -> None:
    read = document(
        "<td style='font-size:0'>a<div style='font-size:16px'>b<i style='font-size:0'>c</i></div>"
        "<p style='font-size:2em'>d</p></td>e"
    )
    assert read.visible.value == "b\ne"
    assert read.hidden.value == "a\nc\nd"


def test_the_attribute_hidden_hides() -> None:
    read = document("<p HIDDEN>a</p>b<p title='x'hidden=''>c</p><p title='hidden '>d</p><p class=hidden>e</p>")
    assert read.visible.value == "b\nd\ne"
    assert read.hidden.value == "a\nc"


@pytest.mark.parametrize(
    ("style", "effect"),
    [
        ("", NOTHING),
        ("color:red", NOTHING),
        ("font-size:small", FONT),
        ("font:12px a", FONT),
        ("font-size:inherit", NOTHING),
        ("font-size:0pt", ZERO_FONT),
        ("display:none;font-size:12px", HIDES),
        ("display:none" + "x" * 20_000, HIDES),
        ("/*" * 10_000 + "display:none", NOTHING),
    ],
)
def test_the_effect_of_a_style(style: str, effect: int) -> None:
    if style.startswith("display:none" + "x"):
        style = "display:none;" + style[len("display:none") :]
    assert effect_of(style) == effect


def test_a_match_across_tags_entities_and_line_ends_maps_exactly() -> None:
    html = "<p>\r\nGet <b>FREE</b>&nbsp;\r\n  money&amp;now</p>"
    visible = document(html).visible
    assert visible.value == "Get FREE money&now"
    start = visible.value.index("FREE")
    assert raw(visible[start : start + 10]) == "FREE</b>&nbsp;\r\n  money"
    assert raw(visible[start + 10 : start + 11]) == "&amp;"
    assert raw(visible[start + 4 : start + 5]) == "&nbsp;\r\n  "
    assert visible[start : start + 10].place.line == 2


def test_a_reference_looks_like_its_own_result() -> None:
    visible = document("a&amp;amp;b<xmp>&amp;amp;</xmp>").visible
    assert visible.value == "a&amp;b\n&amp;amp;"
    assert raw(visible[1:2]) == "&amp;"
    assert raw(visible[1:6]) == "&amp;amp;"
    assert raw(visible[8:13]) == "&amp;"


def assert_traced(text: Text, source: Text) -> None:
    """Every code point maps to itself or to a reference that stands for it, in the order of the source."""
    places = []
    for index, letter in enumerate(text.value):
        start, end = text[index : index + 1].range_in(source)
        places.append((start, end))
        if letter in " \n":
            continue
        written = source.value[start:end]
        meaning = "".join(piece for piece, _, _ in runs(written, 0, len(written)))
        assert letter in (written, *meaning), (letter, written)
        assert len(written) <= LONGEST_REFERENCE
    assert all(before[1] <= after[0] or before == after for before, after in pairwise(places))


@settings(max_examples=300, deadline=None)
@given(soup)
def test_every_code_point_of_any_html_maps_back(html: str) -> None:
    read = document(html)
    assert_traced(read.visible, read.source)
    assert_traced(read.hidden, read.source)
    for element in read.all("a", "p", "textarea"):
        assert_traced(element.content, read.source)


def seen_by_html5lib(html: str) -> Counter[str]:
    """The letters that html5lib has in the tree, without those of elements that are not shown."""
    import html5lib

    letters: Counter[str] = Counter()
    waiting = [html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)]
    while waiting:
        element = waiting.pop()
        if isinstance(element.tag, str) and element.tag not in NOT_SHOWN:
            letters.update(element.text or "")
            waiting.extend(element)
        letters.update(element.tail or "")
    return Counter({letter: count for letter, count in letters.items() if not letter.isspace()})


def seen(read: Document) -> Counter[str]:
    letters = Counter(read.visible.value + read.hidden.value)
    return Counter({letter: count for letter, count in letters.items() if not letter.isspace()})


@pytest.mark.parametrize("html", [newsletter(6000), "<p>a<table><tr>b<td>c</table>d", "<b>x<p>y</b>z</p>&notit;&#128;"])
def test_html5lib_sees_the_same_text(html: str) -> None:
    assert seen(document(html)) == seen_by_html5lib(html)


@settings(max_examples=150, deadline=None)
@given(soup)
def test_html5lib_sees_the_same_letters_in_any_html(html: str) -> None:
    assert seen(document(html)) == seen_by_html5lib(html)


@settings(max_examples=100, deadline=None)
@given(nested)
def test_html5lib_finds_the_same_elements(html: str) -> None:
    import html5lib

    tree = html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)
    theirs = {element.tag for element in tree.iter() if isinstance(element.tag, str)}
    ours = {element.tag for element in document(html).elements}
    assert theirs - ours <= {"html", "head", "body", "tbody", "tr", "colgroup", "p", "br"}
    assert ours - theirs <= {"table", "tbody", "tr", "td", "th", "form"}, "left out only where they are out of place"
