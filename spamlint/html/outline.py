"""One pass over the tokens of an HTML text: its elements and what a reader sees. All the rest is made on demand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeAlias, Union

from spamlint.html.style import FONT, HIDES, NOTHING, ZERO_FONT, effect_of
from spamlint.html.tags import (
    BARRIERS,
    BLOCK,
    CHECKED,
    CLOSES,
    ENDS_PARAGRAPH,
    HEAD_TAGS,
    HEADINGS,
    ODD_TAGS,
    PARENTS,
    PLAIN,
    SHAPES,
    SKIPPED,
    STRICT,
    TABLE_PARTS,
    VOID,
    VOID_TAGS,
)

if TYPE_CHECKING:
    from turbohtml import Token


@dataclass(frozen=True, slots=True)
class Mark:
    """Stands between two pieces of text where a line ends."""

    data: str = "\0"


MARK: Final = Mark()

Piece: TypeAlias = Union["Token", Mark]
"""A text token, or the end of a line."""

Start: TypeAlias = tuple["Token", int, int]
"""A start tag, the number of the element it lies in (-1: none), and how many visible pieces come before it."""

_Frame: TypeAlias = tuple[str, int, list[Piece], int]
_Waiting: TypeAlias = defaultdict[str, tuple[int, list[int]]]
"""Tag -> how many elements of that name were looked at, and which of them were open then."""

# How far a style must go to change where text goes: an effect counts where it is greater.
_SHOWN: Final = FONT
_NO_SIZE: Final = NOTHING
_UNSEEN: Final = HIDES


@dataclass(slots=True)
class Outline:
    """What the loop over the tokens has found. Elements are numbered by their start tags."""

    starts: list[Start] = field(default_factory=list)
    closed: dict[int, int] = field(default_factory=dict)
    """Element -> how many visible pieces come before its end; absent: open to the end."""
    by_tag: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    concealed: set[int] = field(default_factory=set)
    """Elements of which no text is shown."""
    visible: list[Piece] = field(default_factory=lambda: [MARK])
    hidden: list[Piece] = field(default_factory=lambda: [MARK])
    comments: list[Token] = field(default_factory=list)
    doubts: list[int] = field(default_factory=list)
    """Elements directly inside which some tag or text may be stray, unclosed, misnested or out of place; -1 stands
    for the outermost level. Where there are none, nothing is wrong; where there are some, the parser's tree decides."""
    cut: Token | None = None
    """The token at which the limit was reached; nothing from there on was read."""


@dataclass(slots=True)
class _Page:
    """What is known of <html>, <head> and <body>."""

    flowing: bool = False
    """Text or an element of the body was seen outside <body>."""
    finished: bool = False
    """</body> or </html> was seen."""


def outline_of(tokens: Iterable[Token], limit: int, *, with_hidden: bool) -> Outline:  # noqa: C901
    """The outline of `tokens`, of which at most `limit` tags and comments are kept.

    `with_hidden`: the attribute `hidden` occurs somewhere. This is one loop, since calls would cost more than the
    work itself: only what is rare is a function.
    """
    from turbohtml import TokenType

    text_type, start_type = TokenType.TEXT, TokenType.START_TAG
    out, page = Outline(), _Page()
    starts, closed, by_tag, visible, doubts = out.starts, out.closed, out.by_tag, out.visible, out.doubts
    shape_of, plain, mark, strict, shown = SHAPES.get, PLAIN, MARK, STRICT, _SHOWN
    skipped: list[Piece] = [mark]
    effects: dict[str, int] = {}
    # The innermost open element and where its text goes; the stack holds the same of the elements around it.
    above, inside, target, threshold = "", -1, visible, shown
    stack: list[_Frame] = []
    strays, last_block = 0, -1
    waiting: _Waiting = defaultdict(lambda: (0, []))
    for token in tokens:
        tag = token.tag
        if tag is None:
            if token.type is not text_type:
                strays += 1
                out.comments.append(token)
            elif target[-1] is not mark or not (token.data or "").isspace():
                target.append(token)
                if above in strict and _is_loose(token.data, above, page):
                    doubts.append(inside)
            continue
        flags, names, wanted = shape_of(tag, plain)
        if token.type is start_type:
            number = len(starts)
            if number + strays >= limit:
                out.cut = token
                break
            if (above in names) is not wanted:
                while above in CLOSES.get(tag, ()):
                    doubts.append(inside)
                    closed[inside] = len(visible)
                    above, inside, target, threshold = stack.pop()
                if _is_odd(tag, above, page, out):
                    doubts.append(number)
            by_tag[tag].append(number)
            starts.append((token, inside, len(visible)))
            if flags & ENDS_PARAGRAPH:
                last_block = number
            if flags & VOID:
                if flags & BLOCK and target[-1] is not mark:
                    target.append(mark)
                continue
            stack.append((above, inside, target, threshold))
            above, inside = tag, number
            style = token.attr("style")
            if style:
                effect = effects.get(style)
                if effect is None:
                    effect = effects[style] = effect_of(style)
                if effect > threshold:
                    target, threshold = _switched(effect, out)
            if with_hidden and threshold is not _UNSEEN and token.attr("hidden") is not None:
                target, threshold = _switched(HIDES, out)
            if flags:
                if flags & SKIPPED:
                    target, threshold = skipped, _UNSEEN
                if flags & BLOCK and target[-1] is not mark:
                    target.append(mark)
            if target is not visible:
                out.concealed.add(number)
            continue
        if flags & BLOCK and target[-1] is not mark:
            target.append(mark)
        if above == tag:
            if flags & CHECKED:
                latest = last_block if tag == "p" else by_tag[tag][-1]
                if latest > inside:
                    doubts.append(latest)
                page.finished = page.finished or tag in _PAGE
            closed[inside] = len(visible)
            above, inside, target, threshold = stack.pop()
            continue
        doubts.append(inside)
        strays += 1
        reached = _reached(tag, out, waiting)
        while inside >= reached:
            doubts.append(inside)
            closed[inside] = len(visible)
            above, inside, target, threshold = stack.pop()
    still_open = [(above, inside), *(frame[:2] for frame in stack)]
    doubts.extend(number for name, number in still_open if name not in _MAY_STAY_OPEN)
    return out


def doubtful(out: Outline) -> set[int]:
    """The elements in which something may be wrong, at any depth, and the page. What the others enclose is in order."""
    found: set[int] = set()
    page = (out.by_tag.get(tag, ()) for tag in ("html", "head", "body"))
    for doubt in chain(out.doubts, *page):
        number = doubt
        while number >= 0 and number not in found:
            found.add(number)
            number = out.starts[number][1]
    return found


_PAGE: Final = frozenset({"html", "body"})
_MAY_STAY_OPEN: Final = _PAGE | {""}


def _switched(effect: int, out: Outline) -> tuple[list[Piece], int]:
    """Where text goes inside an element whose style has `effect`."""
    if effect == FONT:
        return out.visible, _SHOWN
    if out.hidden[-1] is not MARK:
        out.hidden.append(MARK)
    return out.hidden, _NO_SIZE if effect == ZERO_FONT else _UNSEEN


def _is_loose(data: str | None, above: str, page: _Page) -> bool:
    """Whether a text directly inside `above`, a strict element, may be out of place."""
    if not data or data.isspace():
        return False
    if above not in {"", "html"}:
        return True
    page.flowing = True
    return page.finished


def _is_odd(tag: str, above: str, page: _Page, out: Outline) -> bool:
    """Whether the start tag `tag` directly inside `above` may be out of place or end other elements."""
    if page.finished:
        return True
    if tag in {"html", "head", "body"}:
        return _is_misplaced(tag, above, page, out)
    if tag in PARENTS and above not in PARENTS[tag] and (tag in TABLE_PARTS or out.by_tag[tag]):
        return True
    if tag in ODD_TAGS or (tag in HEADINGS and above in HEADINGS):
        return True
    if above in {"", "html"}:
        page.flowing = page.flowing or tag not in HEAD_TAGS
        return tag in _HEAD_CONTAINERS
    if above == "head":
        return tag not in HEAD_TAGS or tag in _HEAD_CONTAINERS
    return above in STRICT and above not in PARENTS.get(tag, ())


_HEAD_CONTAINERS: Final = frozenset({"noscript", "noframes", "template"})


def _is_misplaced(tag: str, above: str, page: _Page, out: Outline) -> bool:
    """The same for <html>, <head> and <body>."""
    if page.flowing or above not in {"", "html"} or out.by_tag[tag]:
        return True
    if tag == "body":
        return False
    return len(out.starts) != len(out.by_tag["html"])


def _reached(tag: str, out: Outline, waiting: _Waiting) -> int:
    """The element that the end tag `tag`, not that of the innermost element, ends; beyond all where it ends none."""
    none = len(out.starts)
    found = _innermost(tag, out, waiting)
    if found < 0 or tag in _PAGE or tag in VOID_TAGS or tag == "table":
        return found if tag == "table" and found >= 0 else none
    around = {"table"} if tag in TABLE_PARTS else BARRIERS
    return found if found > max(_innermost(name, out, waiting) for name in around) else none


def _innermost(tag: str, out: Outline, waiting: _Waiting) -> int:
    """The innermost open element of that name, or -1. Elements of one name end in reverse order: each is read once."""
    numbers = out.by_tag.get(tag)
    if not numbers:
        return -1
    seen, still_open = waiting[tag]
    still_open.extend(number for number in numbers[seen:] if number not in out.closed)
    waiting[tag] = len(numbers), still_open
    while still_open and still_open[-1] in out.closed:
        still_open.pop()
    return still_open[-1] if still_open else -1
