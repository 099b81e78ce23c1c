"""What the tags of HTML mean for reading mail: tables of constants."""

from __future__ import annotations

from typing import Final, TypeAlias

Shape: TypeAlias = tuple[int, frozenset[str], bool]
"""What the token loop must know of one tag; a plain tuple, which unpacks fastest.

Its flags; then names, and whether the tag stands directly inside one of these (True) or inside anything else (False).
Where that does not hold, the loop looks closer.
"""

VOID: Final = 1
"""Has no content and no end tag."""
BLOCK: Final = 2
"""Starts a new line before and after."""
SKIPPED: Final = 4
"""Its text is not shown."""
ENDS_PARAGRAPH: Final = 8
CHECKED: Final = 16
"""Its end is looked at: whether something stood inside that may not, or the page ends."""


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


VOID_TAGS: Final = _words(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr"
)
HEADINGS: Final = _words("h1 h2 h3 h4 h5 h6")
ENDS_P: Final = HEADINGS | _words(
    "address article aside blockquote center details dialog dir div dl dd dt fieldset figcaption figure footer form "
    "header hgroup hr li listing main menu nav ol p plaintext pre search section summary table ul xmp"
)
BLOCKS: Final = ENDS_P | _words(
    "body br caption col colgroup frameset head html iframe legend noframes optgroup option tbody td tfoot th thead "
    "title tr"
)
SKIPPED_TAGS: Final = _words("script style title template iframe noembed noframes datalist")
ROW_GROUPS: Final = _words("tbody thead tfoot")
CELLS: Final = _words("td th")
TABLE_PARTS: Final = ROW_GROUPS | CELLS | _words("table tr caption colgroup col")
TABLE_INSIDES: Final = ROW_GROUPS | _words("table tr colgroup")
"""Elements that hold rows and cells, never text."""
BARRIERS: Final = CELLS | _words("table caption marquee object applet template")
"""Elements inside which an end tag does not reach an element outside."""
HEAD_TAGS: Final = _words("base basefont bgsound link meta title noscript noframes style script template")
ODD_TAGS: Final = _words("image svg math plaintext frameset frame template rb rt rtc rp html head body")
"""Tags that always need a closer look."""
CHECKED_TAGS: Final = _words("a button nobr form select p html body")
OPTIONAL_END: Final = _words(
    "html head body li dt dd p rt rp optgroup option colgroup caption thead tbody tfoot tr td th rb rtc"
)
FORMATTING: Final = _words("a b big code em font i nobr s small strike strong tt u")
"""Elements that the parser opens again in the next block where they are not closed."""
MARKERS: Final = CELLS | _words("caption applet marquee object template")
"""Elements inside which formatting elements from outside are not opened again."""
STRICT: Final = TABLE_INSIDES | _words("html head select optgroup frameset") | {""}
"""Innermost open elements ("" is none) inside which a tag or text needs a closer look."""

CLOSES: Final = {tag: frozenset({"p"}) for tag in ENDS_P} | {
    "li": _words("li p"),
    "dt": _words("dt dd p"),
    "dd": _words("dt dd p"),
    "option": _words("option"),
    "optgroup": _words("option optgroup"),
    "td": CELLS | {"p"},
    "th": CELLS | {"p"},
    "tr": CELLS | _words("tr p caption colgroup"),
    "tbody": CELLS | ROW_GROUPS | _words("tr p caption colgroup"),
    "thead": CELLS | ROW_GROUPS | _words("tr p caption colgroup"),
    "tfoot": CELLS | ROW_GROUPS | _words("tr p caption colgroup"),
    "body": _words("head"),
    "a": _words("a"),
    "button": _words("button"),
}
"""Tag -> the elements that its start ends where one of them is the innermost open one."""
PARENTS: Final = {
    "td": _words("tr"),
    "th": _words("tr"),
    "tr": ROW_GROUPS | {"table"},
    "tbody": _words("table"),
    "thead": _words("table"),
    "tfoot": _words("table"),
    "caption": _words("table"),
    "colgroup": _words("table"),
    "col": _words("colgroup table"),
    "li": _words("ul ol menu dir"),
    "dt": _words("dl"),
    "dd": _words("dl"),
    "option": _words("select optgroup datalist"),
    "optgroup": _words("select"),
}
"""Tag -> the elements directly inside which it stands."""


def _shape(tag: str) -> Shape:
    flags = (
        VOID * (tag in VOID_TAGS)
        | BLOCK * (tag in BLOCKS)
        | SKIPPED * (tag in SKIPPED_TAGS)
        | ENDS_PARAGRAPH * (tag in ENDS_P)
        | CHECKED * (tag in CHECKED_TAGS)
    )
    if tag in ODD_TAGS:
        return flags, frozenset(), True
    if tag in PARENTS:
        return flags, PARENTS[tag], True
    return flags, STRICT | CLOSES.get(tag, frozenset()) | (HEADINGS if tag in HEADINGS else frozenset()), False


PLAIN: Final[Shape] = (0, STRICT, False)
SHAPES: Final = {
    tag: _shape(tag)
    for tag in VOID_TAGS | BLOCKS | SKIPPED_TAGS | BARRIERS | TABLE_PARTS | ODD_TAGS | HEAD_TAGS | CHECKED_TAGS
}
