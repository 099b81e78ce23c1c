"""Checks on what is left where a mail program shows no background picture, no web font, or turns the colours dark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from spamlint.clients import style_sheets
from spamlint.message import Message
from spamlint.rule import Hit

if TYPE_CHECKING:
    from spamlint.html import Document, Element
    from spamlint.source import Text

SAFE_FONTS = (
    "arial", "arial black", "arial narrow", "avenir", "avenir next", "calibri", "cambria", "candara", "comic sans ms",
    "consolas", "constantia", "corbel", "courier", "courier new", "garamond", "geneva", "georgia", "gill sans",
    "helvetica", "helvetica neue", "impact", "lucida console", "lucida grande", "lucida sans unicode", "menlo",
    "monaco", "palatino", "palatino linotype", "segoe ui", "tahoma", "times",
    "times new roman", "trebuchet ms", "verdana",
    "serif", "sans-serif", "monospace", "cursive", "fantasy", "system-ui", "ui-serif", "ui-sans-serif", "ui-monospace",
    "ui-rounded", "-apple-system", "blinkmacsystemfont", "math", "emoji", "inherit", "initial", "unset", "revert",
)  # fmt: skip
"""Fonts that most computers or phones have, and words that stand for one."""

_FAMILY = r"(?i)(?:^|[;\s{])(font-family\s*:\s*([^;{}]{1,300}))"
_EXPRESSION = r"\{\{|\{%|<%|\$\{|\*\||%%|var\("
_COLOUR = (
    r"(?i)(?:^|[;\s])background(?:-color)?\s*:\s*"
    r"(?!url|none|transparent|inherit|initial|unset|repeat|no-repeat)[^;\s]"
)
_COLOUR_BEHIND = r"(?i)(?:^|[;\s])background\s*:[^;]{0,500}(?:\)|\s)\s*(?:#[0-9a-f]{3,8}|rgba?\()"
_PICTURE = r"(?i)background(?:-image)?\s*:[^;]{0,500}?url\("
_DARK_TEXT = r"(?i)(?:^|[;\s])(color\s*:\s*(?:#000(?:000)?|#111(?:111)?|#222(?:222)?|#333(?:333)?|black)\b)"
_MOST_ELEMENTS = 200
"""Elements of one kind that are looked at in one document."""


def background_without_colour(message: Message) -> Iterator[Hit]:
    """Each background picture behind words for which neither its element nor one around it has a colour."""
    for document in message.documents:
        if not {"url(", "background=", "background ="} & document.marks:
            continue
        coloured: dict[int, bool] = {-1: False}
        for number, (element, place) in enumerate(_backgrounds(document)):
            if number >= _MOST_ELEMENTS:
                break
            if not element.hidden and not _is_coloured(document, element.number, coloured) and element.content.value:
                yield Hit(place)


def _backgrounds(document: Document) -> Iterator[tuple[Element, Text]]:
    """The elements with a background picture, each with the place that says so."""
    from spamlint.html.walk import having, styled

    if {"background=", "background ="} & document.marks:
        for element in having(document, "background"):
            address = element.attribute("background")
            if address is not None and address.value.strip():
                yield element, address
    if "url(" in document.marks:
        for element in styled(document, "url("):
            style = element.attribute("style")
            found = re.search(_PICTURE, style.value) if style is not None else None
            if style is not None and found is not None:
                yield element, style[found.start() : found.end()]


def _is_coloured(document: Document, number: int, known: dict[int, bool]) -> bool:
    """Whether the element or one around it has a background colour; `known` keeps what was found."""
    path = []
    while number not in known:
        path.append(number)
        token, around, _ = document.starts[number]
        style = token.attr("style") or ""
        if token.attr("bgcolor") or ("background" in style.lower() and _has_colour(style)):
            known[number] = True
            break
        number = around
    found = known[number]
    known.update(dict.fromkeys(path, found))
    return found


def _has_colour(style: str) -> bool:
    return re.search(_COLOUR, style) is not None or re.search(_COLOUR_BEHIND, style) is not None


def web_font_alone(message: Message, *, safe: tuple[str, ...] = SAFE_FONTS) -> Iterator[Hit]:
    """Each list of fonts with none that readers have, in HTML that brings web fonts along."""
    known = frozenset(safe)
    for document, sheets in message.fact(style_sheets):
        if not _has_web_fonts(document, [inner.value for _, inner in sheets]):
            continue
        for text in _declarations(document, [inner for _, inner in sheets]):
            for found in re.finditer(_FAMILY, text.value):
                families = [_family(name) for name in found[2].split(",")]
                if not any(families) or known & {name.lower() for name in families}:
                    continue
                if not re.search(_EXPRESSION, found[2]):
                    yield Hit(text[found.start(1) : found.start(1) + len(found[1].rstrip())], {"font": families[0]})


def _has_web_fonts(document: Document, sheets: Iterable[str]) -> bool:
    if any("@font-face" in css or "@import" in css for css in sheets):
        return True
    return any("font" in (link.get("href") or "") for link in document.all("link"))


def _family(name: str) -> str:
    return name.partition("!")[0].strip().strip("\"'").strip()


def _declarations(document: Document, sheets: Iterable[Text]) -> Iterator[Text]:
    """The styles of elements in which fonts are chosen; @font-face, which only declares one, is none."""
    from spamlint.clients.sheet import pieces
    from spamlint.html.walk import styled

    for inner in sheets:
        for piece in pieces(inner.value):
            if piece.kind == "declarations" and "font-family" in inner.value[piece.start : piece.end].lower():
                yield inner[piece.start : piece.end]
    for element in styled(document, "font-family"):
        style = element.attribute("style")
        if style is not None:
            yield style


def dark_text_in_dark_mode(message: Message) -> Iterator[Hit]:
    """Each black text without a background in HTML that says it is fit for dark mode and has no styles for it."""
    for document, sheets in message.fact(style_sheets):
        css = "\n".join(inner.value for _, inner in sheets)
        if "prefers-color-scheme" in css or not _claims_dark(document, css):
            continue
        from spamlint.html.walk import styled

        coloured: dict[int, bool] = {-1: False}
        for element in styled(document, "color"):
            style = element.attribute("style")
            found = re.search(_DARK_TEXT, style.value) if style is not None else None
            if style is None or found is None or element.hidden:
                continue
            if not _is_coloured(document, element.number, coloured):
                yield Hit(style[found.start(1) : found.end(1)], {"text": found[1]})


def _claims_dark(document: Document, css: str) -> bool:
    for element in document.all("meta"):
        name = (element.get("name") or "").strip().lower()
        if name in ("color-scheme", "supported-color-schemes") and "dark" in (element.get("content") or "").lower():
            return True
    return "color-scheme" in css and re.search(r"(?i)color-scheme\s*:[^;}]{0,40}dark", css) is not None
