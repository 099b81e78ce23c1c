"""Checks on what links are called: by words that say where they go, by a picture's text, or not at all."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from spamlint.message import Message
from spamlint.rule import Hit

if TYPE_CHECKING:
    from spamlint.html import Document, Element

GENERIC = (
    "click", "click here", "click me", "click this link", "continue reading", "details", "find out more", "go", "here",
    "info", "learn more", "link", "more", "more details", "more info", "more information", "read", "read more",
    "read on", "see more", "tap here", "this", "this link", "view", "view more",
    "bekijk", "deze link", "details bekijken", "ga naar", "hier", "hierop", "klik", "klik hier", "klik op deze link",
    "lees meer", "lees verder", "meer", "meer details", "meer info", "meer informatie", "meer lezen", "meer weten",
    "verder lezen", "via deze link",
)  # fmt: skip
"""Names that say nothing of where a link goes, in English and Dutch."""

_INSIDE_MOST = 8
"""End tags right before the end of a link that are looked behind."""
_LONGEST = 40
# Patterns are compiled on first use: few messages need them, and start-up is short.
_ALT = r"""(?i)[\s"']alt\s*=\s*(?:"[^"]*[^"\s]|'[^']*[^'\s]|[^"'\s>])"""
_SIGNS = " \t\n\r\f.…!:>»›→➔➜▶►\u00a0"
_REFERENCES = (("&nbsp;", " "), ("&raquo;", "»"), ("&rsaquo;", "›"), ("&rarr;", "→"), ("&gt;", ">"))


LinkEnd: TypeAlias = tuple[int, str, str]
"""Where the end tag of a link is, and the words or the tag right before it. A plain tuple: there are many."""


def link_ends(message: Message) -> list[list[LinkEnd]]:
    """The ends of the links of each document, in order."""
    return [list(_ends(document.source.value)) if document.all("a") else [] for document in message.documents]


def _ends(source: str) -> Iterator[LinkEnd]:
    if "</A" in source:
        source = source.replace("</A", "</a")
    at = 0
    for piece in source.split("</a")[:-1]:
        at += len(piece)
        tail = piece[-2 * _LONGEST :]
        words = tail[tail.rfind(">") + 1 :]
        if words and not words.isspace():
            yield at, words, ""
        else:
            yield from _behind_end_tags(source, at)
        at += len("</a")


def _behind_end_tags(source: str, at: int) -> Iterator[LinkEnd]:
    """The words before the end tags that stand before the end of a link, or the start tag there."""
    before = at
    for _ in range(_INSIDE_MOST):
        last = source.rfind(">", max(before - 500, 0), before)
        words = source[last + 1 : before]
        if last < 0 or (words and not words.isspace()):
            yield at, words[-2 * _LONGEST :], ""
            return
        opening = source.rfind("<", max(last - 2_000, 0), last)
        if opening < 0:
            return
        if not source.startswith("</", opening) or source.startswith("</a", opening):
            yield at, "", source[opening : last + 1]
            return
        before = opening


def generic_name(message: Message, *, names: tuple[str, ...] = GENERIC) -> Iterator[Hit]:
    """The words of each link that say nothing of where it goes."""
    known = frozenset(names)
    for document, ends in zip(message.documents, message.fact(link_ends), strict=True):
        found = [at for at, words, _ in ends if words and _plain(words) in known]
        for element in _links(document, found):
            text = element.content
            said = text.value.strip(_SIGNS).lower()
            if said in known and not element.hidden and not (element.get("aria-label") or "").strip():
                yield Hit(text, {"text": text.value})


def _plain(words: str) -> str:
    words = words.strip(_SIGNS)
    if len(words) > _LONGEST:
        return ""
    for reference, meaning in _REFERENCES if "&" in words else ():
        words = words.replace(reference, meaning)
    return " ".join(words.strip(_SIGNS).lower().split())


def nameless(message: Message) -> Iterator[Hit]:
    """Each link without words and without a picture that stands for some. One with no alt at all has a rule already."""
    for document, ends in zip(message.documents, message.fact(link_ends), strict=True):
        found = [at for at, _, tag in ends if tag and not re.search(_ALT, tag)]
        for element in _links(document, found):
            if element.get("href") and not element.hidden and not _name(document, element):
                yield Hit(element.text)


def _name(document: Document, element: Element) -> str:
    """What a link is called, or what keeps it from being told here: an undescribed picture, something unknown."""
    own = element.content.value or element.get("aria-label") or element.get("title") or element.get("aria-labelledby")
    if own and own.strip():
        return own
    starts = document.starts
    for number in range(element.number + 1, min(element.number + 40, len(starts))):
        token, around, _ = starts[number]
        if around < element.number:
            break
        if token.tag in ("svg", "object", "v:rect", "v:roundrect", "v:image", "picture", "amp-img", "input", "button"):
            return token.tag
        if token.tag == "img":
            alt = document.element(number).get("alt")
            if alt is None or alt.strip():
                return "img"
    return ""


def _links(document: Document, ends: list[int]) -> Iterator[Element]:
    """The link that each of those end tags belongs to: the last one that starts before it."""
    links = document.all("a")
    # Few links are looked at, so that few starts are worked out.
    for number in dict.fromkeys(bisect_right(links, end, key=_start) - 1 for end in ends):
        if number >= 0:
            yield links[number]


def _start(link: Element) -> int:
    return link.start


def same_name(message: Message, *, skip: tuple[str, ...] = GENERIC) -> Iterator[Hit]:
    """The words of each link that an earlier one has too, though it goes elsewhere."""
    unnamed = frozenset(skip)
    for document in message.documents:
        targets: dict[str, str] = {}
        for element in document.all("a"):
            target = (element.get("href") or "").partition("#")[0].partition("?")[0].strip().rstrip("/")
            if not target or "{" in target or "%" in target or "[" in target or element.hidden:
                continue
            text = element.content
            words = " ".join(text.value.lower().split())
            if words and words not in unnamed and targets.setdefault(words, target) != target:
                yield Hit(text, {"text": text.value})
