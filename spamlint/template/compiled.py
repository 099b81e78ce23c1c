"""MJML compiled to the HTML that goes out, in which what an author wrote leads to its place.

Before compiling, marks stand in for contents and for values of attributes that go out as they are; after it, what was
written takes their place again. All else is made by MJML, and nobody's to put right.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final, Literal, TypeAlias

from spamlint.limits import Limits
from spamlint.source import Bundle, Range, Source
from spamlint.template.files import template_text
from spamlint.template.mask import masked
from spamlint.template.mjml import ATTRIBUTE, REST, TAG
from spamlint.template.outcome import Origin
from spamlint.template.rendering import Piece, Rendering

Compile: TypeAlias = Callable[[str], str | None]
"""MJML -> HTML; None where it cannot be had."""

ENDING: Final = frozenset(
    f"mj-{name}"
    for name in (
        "accordion-text", "accordion-title", "button", "navbar-link", "preview", "raw", "social-element", "style",
        "table", "text", "title",
    )
)  # fmt: skip
"""Elements whose content goes out as it is."""
_KEPT: Final = frozenset(["alt", "background-url", "css-class", "href", "rel", "src", "title"])
"""Attributes whose values do."""
_NOT_SHOWN: Final = frozenset(["mj-attributes", "mj-html-attributes"])
_INCLUDE: Final = re.compile(r"<mj-include\b[^<>]{0,2000}(?:/>|>\s*</mj-include\s*>)")
_PICTURES: Final = frozenset(["mj-carousel-image", "mj-image"])
_MARK: Final = re.compile(r"qzx(\d{1,6})xzq")


@dataclass(frozen=True, slots=True)
class Mark:
    """What an author wrote, from `start` to `end`, in the element whose tag is from `tag_start` to `tag_end`."""

    start: int
    end: int
    tag_start: int
    tag_end: int


def compiled(source: Source, limits: Limits, compile_mjml: Compile) -> tuple[Rendering, ...]:
    """The message that a file in MJML becomes; none where it cannot be compiled."""
    bundle = Bundle((template_text(source),))
    one = masked(bundle.texts[0], "mjml", limits=limits, bundle=bundle)
    if _MARK.search(one.text.value):
        return ()
    marks = tuple(_marks(one.text.value))
    html = compile_mjml(_marked(one.text.value, marks))
    if html is None:
        return ()
    return (_rendering(bundle, list(_unmarked(html, one.text.value, marks, one.values))),)


def _rendering(bundle: Bundle, parts: Sequence[_Made]) -> Rendering:
    pieces: list[Piece] = []
    made: list[Range] = []
    length = 0
    for text, _, kind in parts:
        end = length + len(text)
        pieces.append((length, end, kind != "value"))
        if kind == "made":
            # One behind the other they are one.
            made.append((made.pop()[0] if made and made[-1][1] == length else length, end))
        length = end
    value = "".join(text for text, _, _ in parts)
    whole = bundle.assembled(value, [row for _, origins, _ in parts for row in origins])
    return Rendering("mjml", whole, None, files=bundle.texts, pieces=tuple(pieces), made=tuple(made), masked=True)


def _marks(value: str) -> Iterator[Mark]:
    """What goes out as it is, in order."""
    at = 0
    unseen = ""
    endless: set[str] = set()
    for tag in TAG.finditer(value):
        name, is_end = tag[2], bool(tag[1])
        rest = REST.match(value, tag.end()) if name else None
        if tag.start() < at or rest is None:
            continue
        if name in _NOT_SHOWN:
            unseen = "" if is_end else name
        if unseen or is_end:
            continue
        for found in ATTRIBUTE.finditer(value, tag.end(), rest.end()):
            group = 2 if found[2] is not None else 3
            if found[1] in _KEPT and found[group].strip():
                yield Mark(*found.span(group), tag.start(), rest.end())
        if name in ENDING and name not in endless and not rest[1]:
            end = value.find(f"</{name}", rest.end())
            if end < 0:
                endless.add(name)
            elif end > rest.end():
                yield Mark(rest.end(), end, tag.start(), rest.end())
                at = end


def _marked(value: str, marks: Sequence[Mark]) -> str:
    """The MJML with marks; other files that it wants are left out, and each picture has an `alt`, as MJML gives it."""
    edits = [(mark.start, mark.end, f"qzx{number}xzq") for number, mark in enumerate(marks)]
    edits += ((found.start(), found.end(), "") for found in _INCLUDE.finditer(value))
    edits += ((at, at, ' alt=""') for at in _without_alt(value))
    out: list[str] = []
    at = 0
    for start, end, new in sorted(edits):
        if start >= at:
            out += (value[at:start], new)
            at = end
    return "".join((*out, value[at:]))


def _without_alt(value: str) -> Iterator[int]:
    """Where an attribute can be put into the tag of each picture that has no `alt`."""
    for tag in TAG.finditer(value):
        rest = REST.match(value, tag.end()) if tag[2] in _PICTURES and not tag[1] else None
        if rest and all(found[1] != "alt" for found in ATTRIBUTE.finditer(value, tag.end(), rest.end())):
            yield tag.end()


_Made: TypeAlias = tuple[str, Sequence[Origin], Literal["written", "value", "made"]]
"""A piece of the HTML, its origins, and what it is: an author wrote it, or it stands for a value, or MJML made it."""


def _unmarked(html: str, value: str, marks: Sequence[Mark], values: Sequence[Range]) -> Iterator[_Made]:
    """The pieces of the HTML, with what was written in place of the marks."""
    at, before = 0, Mark(0, 0, 0, 0)
    for found in _MARK.finditer(html):
        number = int(found[1])
        if number >= len(marks):
            continue
        mark = marks[number]
        # The tag that a mark stands in, or right behind, belongs to its element.
        own = max(html.rfind("<", at, found.start()), at)
        yield from _boilerplate(html[at:own], before)
        yield from _boilerplate(html[own : found.start()], mark)
        yield from _written(value, mark, values)
        at, before = found.end(), mark
    yield from _boilerplate(html[at:], before)


def _boilerplate(text: str, mark: Mark) -> Iterator[_Made]:
    """What MJML makes for an element: it is located in the tag of it, as a whole."""
    size = mark.tag_end - mark.tag_start
    if text:
        same = ((1, 0, mark.tag_start, size),) * size
        yield text, same if len(text) == size else ((len(text), 0, mark.tag_start, size),), "made"


def _written(value: str, mark: Mark, values: Sequence[Range]) -> Iterator[_Made]:
    """What an author wrote, and the values in it."""
    at = mark.start
    first = max(bisect_left(values, (mark.start, mark.start)) - 1, 0)
    for start, end in takewhile(lambda one: one[0] < mark.end, values[first:]):
        if end > at:
            yield from _copied(value, at, max(start, at), "written")
            yield from _copied(value, max(start, at), min(end, mark.end), "value")
            at = min(end, mark.end)
    yield from _copied(value, at, mark.end, "written")


def _copied(value: str, start: int, end: int, kind: Literal["written", "value"]) -> Iterator[_Made]:
    if start < end:
        yield value[start:end], ((end - start, 0, start, end - start),), kind
