"""One pass over the tokens of an HTML text: its elements and what a reader sees. All the rest is made on demand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias, Union

from spamlint.html.style import FONT, HIDES, NOTHING, ZERO_FONT, effect_of
from spamlint.html.tags import (
    BARRIER,
    BARRIERS,
    BLOCK,
    HEAD_TAGS,
    ODD,
    PLAIN,
    SHAPES,
    SKIPPED,
    STRICT,
    TABLE_PARTS,
    VOID,
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
_Depths: TypeAlias = defaultdict[str, list[int]]

# How far a style must go to change where text goes: an effect counts where it is greater.
_SHOWN: Final = FONT
_NO_SIZE: Final = NOTHING
_UNSEEN: Final = HIDES


@dataclass(slots=True)
class Outline:
    """What the loop over the tokens has found. Elements are numbered by their start tags."""

    starts: list[Start] = field(default_factory=list)
    closed: dict[int, tuple[int, Token]] = field(default_factory=dict)
    """Element -> how many visible pieces come before its end, and the tag that ended it; absent: open to the end."""
    by_tag: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    concealed: set[int] = field(default_factory=set)
    """Elements of which no text is shown."""
    visible: list[Piece] = field(default_factory=lambda: [MARK])
    hidden: list[Piece] = field(default_factory=lambda: [MARK])
    comments: list[Token] = field(default_factory=list)
    suspicious: bool = False
    """Some tag may be stray, unclosed, misnested or out of place. False is certain, True is not."""
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

    `with_hidden`: the attribute `hidden` occurs somewhere. This is one loop because calls would cost more than the
    work itself: everything that is rare is a function.
    """
    from turbohtml import TokenType

    text_type, start_type = TokenType.TEXT, TokenType.START_TAG
    out, page = Outline(), _Page()
    starts, closed, by_tag, visible, hidden = out.starts, out.closed, out.by_tag, out.visible, out.hidden
    shape_of, plain, mark, strict, shown = SHAPES.get, PLAIN, MARK, STRICT, _SHOWN
    depths: _Depths = defaultdict(list)
    barriers = [-1]
    skipped: list[Piece] = [mark]
    effects: dict[str, int] = {"": NOTHING}
    # The innermost open element and where its text goes; the stack holds the same of the elements around it.
    above, inside, target, threshold = "", -1, visible, shown
    stack: list[_Frame] = []
    strays = 0
    for token in tokens:
        tag = token.tag
        if tag is None:
            if token.type is not text_type:
                strays += 1
                out.comments.append(token)
            elif target[-1] is not mark or not (token.data or "").isspace():
                if above in strict:
                    out.suspicious |= _is_loose(token.data, above, page)
                target.append(token)
            continue
        flags, closes, parents, barred = shape_of(tag, plain)
        if token.type is start_type:
            number = len(starts)
            if number + strays >= limit:
                out.cut = token
                break
            while above in closes:
                out.suspicious = True
                depths[above].pop()
                closed[inside] = len(visible), token
                above, inside, target, threshold = stack.pop()
            if (above not in parents if parents else above in strict) or flags & ODD or (barred and depths[barred]):
                out.suspicious = out.suspicious or _is_odd(tag, above, page, out, depths)
            by_tag[tag].append(number)
            starts.append((token, inside, len(visible)))
            if flags & VOID:
                if flags & BLOCK and target[-1] is not mark:
                    target.append(mark)
                continue
            depths[tag].append(len(stack))
            stack.append((above, inside, target, threshold))
            above, inside = tag, number
            style = token.attr("style") or ""
            effect = effects.get(style)
            if effect is None:
                effect = effects[style] = effect_of(style)
            if with_hidden and token.attr("hidden") is not None:
                effect = HIDES
            if effect > threshold:
                if effect == FONT:
                    target, threshold = visible, shown
                else:
                    target, threshold = hidden, _NO_SIZE if effect == ZERO_FONT else _UNSEEN
                    if hidden[-1] is not mark:
                        hidden.append(mark)
            if flags:
                if flags & SKIPPED:
                    target, threshold = skipped, _UNSEEN
                if flags & BARRIER:
                    barriers.append(len(stack) - 1)
                if flags & BLOCK and target[-1] is not mark:
                    target.append(mark)
            if threshold != shown:
                out.concealed.add(number)
            continue
        if flags & BLOCK and target[-1] is not mark:
            target.append(mark)
        if above == tag:
            depths[tag].pop()
            closed[inside] = len(visible), token
            above, inside, target, threshold = stack.pop()
            if tag == "body" or tag == "html":
                page.finished = True
            continue
        out.suspicious = True
        strays += 1
        reach = _reach(tag, above, stack, depths, barriers)
        while len(stack) > reach:
            depths[above].pop()
            closed[inside] = len(visible), token
            above, inside, target, threshold = stack.pop()
    out.suspicious = out.suspicious or not {above, *(names[0] for names in stack)} <= _MAY_STAY_OPEN
    return out


_MAY_STAY_OPEN: Final = frozenset({"", "html", "body"})


def _is_loose(data: str | None, above: str, page: _Page) -> bool:
    """Whether a text directly inside `above`, a strict element, may be out of place."""
    if not data or data.isspace():
        return False
    if above not in {"", "html"}:
        return True
    page.flowing = True
    return page.finished


def _is_odd(tag: str, above: str, page: _Page, out: Outline, depths: _Depths) -> bool:
    """Whether the start tag `tag` directly inside `above` may be out of place or end other elements."""
    flags, closes, parents, barred = SHAPES.get(tag, PLAIN)
    if page.finished or (barred and depths[barred]):
        return True
    if tag in {"html", "head", "body"}:
        return _is_misplaced(tag, above, page, out)
    if tag in {"form", "select"}:
        odd = bool(depths[tag])
    elif flags & ODD and tag not in {"button", "nobr", "optgroup"}:
        odd = True
    elif parents and above not in parents:
        odd = tag in TABLE_PARTS or any(depths[other] for other in closes)
    else:
        odd = False
    if odd or above not in STRICT:
        return odd
    if above in {"", "html"}:
        page.flowing = page.flowing or tag not in HEAD_TAGS
        return tag in {"noscript", "noframes", "template"}
    if above == "head":
        return tag not in HEAD_TAGS or tag in {"noscript", "noframes", "template"}
    return above not in parents


def _is_misplaced(tag: str, above: str, page: _Page, out: Outline) -> bool:
    if page.flowing or above not in {"", "html"} or out.by_tag[tag]:
        return True
    if tag == "body":
        return False
    return len(out.starts) != len(out.by_tag["html"])


def _reach(tag: str, above: str, stack: list[_Frame], depths: _Depths, barriers: list[int]) -> int:
    """How many elements stay open when the end tag `tag`, not that of the innermost element, ends one of those open."""
    height = len(stack)
    if not depths[tag] or tag in {"html", "body"}:
        return height
    at = depths[tag][-1]
    if tag in TABLE_PARTS:
        tables = depths["table"]
        return at if tag == "table" or not tables or at > tables[-1] else height
    while barriers[-1] >= 0 and _name_at(barriers[-1], above, stack) not in BARRIERS:
        barriers.pop()
    return at if at > barriers[-1] else height


def _name_at(depth: int, above: str, stack: list[_Frame]) -> str:
    """The name of the open element that was put on the stack as entry `depth`; entries hold what is around them."""
    if depth >= len(stack):
        return ""
    return above if depth + 1 == len(stack) else stack[depth + 1][0]
