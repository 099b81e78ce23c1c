"""Samples that the tests of the HTML package share: a newsletter, and strategies that make HTML."""

from __future__ import annotations

from hypothesis import strategies as st

from spamlint.html import Document
from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.source import Locate, Source, Text

HEAD = """<!DOCTYPE html>
<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" lang="en">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<title>The bakery this week</title>
<!--[if mso]><xml><o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings></xml><![endif]-->
<style type="text/css">
body { margin: 0; padding: 0; } img { border: 0; }
@media only screen and (max-width: 600px) { .wide { width: 100% !important; } }
</style>
</head>
<body style="margin:0; padding:0; background-color:#f4f4f4;">
<div style="display:none; max-height:0; overflow:hidden; mso-hide:all;">Rye at last&#8203;&nbsp;&zwnj;&nbsp;</div>
<table role="presentation" width="100%" border="0" cellspacing="0" cellpadding="0"><tr><td align="center">
"""
ROW = """<table class="wide" width="600" border="0" cellspacing="0" cellpadding="0" style="background-color:#ffffff;">
<tr><td style="padding:20px 30px; font-family:Arial,sans-serif; font-size:16px; line-height:24px; color:#333333;">
<h2 style="margin:0 0 10px; font-size:22px;">Loaf %d &amp; rolls</h2>
<p style="margin:0 0 12px;">Dear reader, we baked <b>something new</b> for you&nbsp;&ndash; see
<a href="https://www.bakery.example/p/%d?a=1&amp;b=2" style="color:#0066cc;">the page</a>.<br />It takes five minutes
to read, and after that you know all about the rye that was on your mind for so long, or so we would like to think.</p>
<a href="https://www.bakery.example/x"><img src="https://img.bakery.example/x.png" width="540" height="200"
alt="A loaf on a board" style="display:block; max-width:100%%; height:auto;" /></a>
</td></tr>
<tr><td style="padding:0 30px 20px;"><table border="0" cellspacing="0" cellpadding="0"><tr>
<td align="center" bgcolor="#0066cc" style="border-radius:4px; mso-padding-alt:12px 24px; background-color:#0066cc;"><a
href="https://www.bakery.example/b" style="padding:12px 24px; display:inline-block; font-family:Arial,sans-serif;
font-size:16px; font-weight:bold; color:#ffffff; text-decoration:none; border-radius:4px;"><span>Read on</span></a></td>
<td width="10">&nbsp;</td><td><font color="#999999"><i>now</i></font></td>
</tr></table></td></tr>
</table>
"""
TAIL = """</td></tr></table><p>You get this because you asked. <a href="https://www.bakery.example/u">Unsubscribe</a></p>
</body>
</html>
"""


def newsletter(size: int = 52_000) -> str:
    """A newsletter of about `size` code points, in which nothing is wrong."""
    count = max(1, (size - len(HEAD) - len(TAIL)) // len(ROW))
    return HEAD + "".join(ROW % (number, number) for number in range(count)) + TAIL


def decoded(html: str) -> Text:
    """`html` as the decoded text of part 1 of a message in UTF-8."""

    def trace() -> Locate:
        return lambda start, end: (len(html[:start].encode()), len(html[:end].encode()))

    return Text(html, Source("sample.eml", html.encode()), trace, part="1")


def document(html: str, limits: Limits = DEFAULT_LIMITS) -> Document:
    """`html`, parsed."""
    return Document(decoded(html), limits)


def raw(text: Text | None) -> str:
    """What `text` was written as."""
    assert text is not None
    return text.span.raw.decode()


TAGS = [
    "p",
    "div",
    "span",
    "b",
    "i",
    "a",
    "font",
    "table",
    "tbody",
    "tr",
    "td",
    "th",
    "ul",
    "ol",
    "li",
    "h1",
    "h2",
    "center",
    "form",
    "button",
    "blockquote",
    "dl",
    "dt",
    "dd",
    "section",
    "em",
]
VOIDS = ["br", "hr", "img", "input", "meta"]
RAW = ["title", "style", "script", "textarea", "xmp"]
WORDS = [
    "a",
    "bread",
    "x&y",
    " ",
    "\n ",
    "&amp;",
    "&nbsp;",
    "&lt;b",
    "&copy",
    "&notit;",
    "&#233;",
    "&#x80;",
    "&#0;",
    "é€",
    ";",
]

attribute_names = st.sampled_from(["a", "href", "CLASS", "style", "x:y", "on\u017fx", "=", 'a"b', "<"])
attribute_values = st.text(st.sampled_from("ab=&;#x38<> \t\n\"'/`ampltcoé"), max_size=12)
texts = st.lists(st.sampled_from(WORDS), max_size=4).map("".join)


@st.composite
def attributes(draw: st.DrawFn) -> str:
    """One attribute, quoted in any of the ways there are, well or badly."""
    name, value = draw(attribute_names), draw(attribute_values)
    form = draw(
        st.sampled_from(["", "{n}", '{n}="{v}"', "{n}='{v}'", "{n}={v}", "{n} = \n'{v}'", "/{n}", '{n}="{v}"/'])
    )
    return form.format(n=name, v=value)


@st.composite
def start_tags(draw: st.DrawFn) -> str:
    """A start tag with a few attributes."""
    tag = draw(st.sampled_from([*TAGS, *VOIDS, "o:p"]))
    written = draw(st.lists(attributes(), max_size=3))
    return f"<{tag}{''.join(' ' + item for item in written)}>"


@st.composite
def raw_elements(draw: st.DrawFn) -> str:
    """An element whose content is no mark-up."""
    tag = draw(st.sampled_from(RAW))
    return f"<{tag}>{draw(texts)}</{tag}>"


end_tags = st.sampled_from([*TAGS, "br", "img", "o:p", "body", "html"]).map(lambda tag: f"</{tag}>")
comments = st.sampled_from(
    ["<!-- a -->", "<!--[if mso]>b<![endif]-->", "<![if !mso]>", "<![endif]>", "<!-- <b> -->", "<!x>"]
)
soup = st.lists(st.one_of(texts, start_tags(), end_tags, raw_elements(), comments), max_size=12).map("".join)
"""Anything: tags in any order."""


@st.composite
def _element(draw: st.DrawFn, children: st.SearchStrategy[str]) -> str:
    tag = draw(st.sampled_from(TAGS))
    return f"<{tag}>{''.join(draw(st.lists(children, max_size=3)))}</{tag}>"


_leaves = st.one_of(texts, st.sampled_from(["<br>", "<hr>", "<img src=x>", "<!-- a -->", "<style>a</style>"]))
_TABLE = "<table><tr><td>{}</td></tr></table>"
_nested = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        _element(inner),
        inner.map(_TABLE.format),
        inner.map("<ul><li>{}</li></ul>".format),
        inner.map("<p>{}</p>".format),
        inner.map("<div>{}</div>".format),
    ),
    max_leaves=12,
)
_PAGE = "<html><head><title>x</title></head><body>{}</body></html>"
nested = st.one_of(st.lists(_nested, max_size=3).map("".join), _nested.map(_PAGE.format))
"""Every tag closed in its turn; what stands in what is arbitrary."""


def test_the_newsletter_is_as_large_as_real_ones_and_in_order() -> None:
    letter = newsletter()
    read = document(letter)
    assert 50_000 < len(letter) < 54_000
    assert len(read.elements) > 500
    assert read.structure == ()
    assert read.errors == ()
    assert read.bad_conditionals == ()
    assert read.limits_reached == []
