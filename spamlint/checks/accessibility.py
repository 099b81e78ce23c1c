"""Checks on whether everybody can read the mail, those who have it read out to them too: language, headings, tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from spamlint.message import Message
from spamlint.rule import Hit

if TYPE_CHECKING:
    from spamlint.html import Document, Element

# Patterns are compiled on first use: few messages need them, and start-up is short.
_LANGUAGE = r"(?i)(?:[a-z]{2,3}|[xi](?=-))(?:-[a-z\d]{1,8}){0,12}"
"""A language tag (RFC 5646), without a look at its subtags."""
_EXPRESSION = r"\{\{|\{%|<%|\$\{|\*\||%%|\[\[|\{\$|@\{|##"
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LONGEST_TAG = 100
_MOST_CONTENT = 20_000
"""Code points of the contents of elements of one kind that are read: they may lie in one another."""
_BULLETS = "•◦▪‣●·"


def no_language(message: Message) -> Iterator[Hit]:
    """The <html> tag that does not say in which language the mail is; an empty one says so too little."""
    for document in message.documents:
        page = document.first("html")
        if page is not None and not _language(document).strip():
            yield Hit(page.text)


def _language(document: Document) -> str:
    """The language that the page or its body declares; "" where none does."""
    for tag in ("html", "body"):
        element = document.first(tag)
        for name in ("lang", "xml:lang"):
            value = element.get(name) if element is not None else None
            if value and value.strip():
                return value
    return ""


def malformed_language(message: Message) -> Iterator[Hit]:
    """The language of <html> or <body> where it is no language tag."""
    for document in message.documents:
        for tag in ("html", "body"):
            element = document.first(tag)
            found = element.attribute("lang") if element is not None else None
            if found is None or not found.value.strip() or re.search(_EXPRESSION, found.value[:_LONGEST_TAG]):
                continue
            value = found.value.strip()
            if len(value) > _LONGEST_TAG or not re.fullmatch(_LANGUAGE, value):
                yield Hit(found, {"text": value})


def no_title(message: Message) -> Iterator[Hit]:
    """The <title> that says nothing, or the <html> tag of a page that has none."""
    for document in message.documents:
        page = document.first("html")
        title = document.first("title") if page is not None else None
        if page is not None and (title is None or not title.inner.value.replace("&nbsp;", "").strip()):
            yield Hit(page.text if title is None else title.text)


def headings(message: Message) -> Sequence[tuple[Document, Sequence[Element]]]:
    """Each document that shows headings, with them in the order of the text."""
    found = []
    for document in message.documents:
        shown = [element for tag in _HEADINGS for element in document.all(tag) if not element.hidden]
        if shown:
            found.append((document, sorted(shown, key=lambda element: element.number)))
    return found


def skipped_heading(message: Message) -> Iterator[Hit]:
    """Each heading that is more than one level below the one before it."""
    for _, shown in message.fact(headings):
        before = 0
        for element in shown:
            level = int(element.tag[1])
            if before and level > before + 1:
                yield Hit(element.text, {"level": element.tag, "before": f"h{before}"})
            before = level


def _read(elements: Iterable[Element]) -> Iterator[tuple[Element, str]]:
    """Elements with the words in them, until much has been read."""
    left = _MOST_CONTENT
    for element in elements:
        words = element.content.value
        yield element, words
        left -= len(words)
        if left < 0:
            return


def several_main_headings(message: Message) -> Iterator[Hit]:
    """Each further <h1> with words of its own."""
    for _, shown in message.fact(headings):
        said: set[str] = set()
        for element, words in _read(element for element in shown if element.tag == "h1"):
            if words and said and words not in said:
                yield Hit(element.text)
            said.update({words} - {""})


def empty_heading(message: Message) -> Iterator[Hit]:
    """Each heading without words and without a picture that has some."""
    for document, shown in message.fact(headings):
        named: set[int] | None = None
        for element, words in _read(shown):
            if words or element.get("aria-label"):
                continue
            if named is None:
                named = _around_named_pictures(document)
            if element.number not in named:
                yield Hit(element.text)


def _around_named_pictures(document: Document) -> set[int]:
    """The numbers of the elements that have a picture with a text in its place somewhere inside."""
    starts = document.starts
    found: set[int] = set()
    for picture in document.all("img", "input", "svg"):
        if not (picture.get("alt") or picture.get("value") or picture.tag == "svg"):
            continue
        around = starts[picture.number][1]
        while around >= 0 and around not in found:
            found.add(around)
            around = starts[around][1]
    return found


def layout_table(message: Message) -> Iterator[Hit]:
    """Each table without a role that has no headers, caption or visible border, so that it is there for the layout."""
    for document in message.documents:
        tables = [table for table in document.all("table") if table.get("role") is None and not _has_border(table)]
        data = _data_tables(document) if tables else ()
        layout = [table for table in tables if table.number not in data]
        # Places are dear and these tables many: the last one that can be shown stands for the others. In a draft a
        # comment may be about any one of them.
        places = layout[: message.limits.places] if message.kind == "message" else layout
        for number, table in enumerate(places, 1):
            yield Hit(table.text, count=1 if number < len(places) else 1 + len(layout) - len(places))


def _has_border(table: Element) -> bool:
    """A table that shows its lines is there for data."""
    border = (table.get("border") or "0").strip()
    return (border.isdigit() and int(border[:9]) > 0) or table.get("summary") not in (None, "")


def _data_tables(document: Document) -> set[int]:
    """The numbers of the tables that have headers or a caption of their own."""
    marks = [*document.all("th"), *document.all("caption"), *document.all("thead")]
    if not marks:
        return set()
    own = _table_of(document)
    return {own[mark.number] for mark in marks}


def _table_of(document: Document) -> list[int]:
    """For each element the number of the innermost table that it is or lies in; -1 for none."""
    own: list[int] = []
    for number, (token, around, _) in enumerate(document.starts):
        own.append(number if token.tag == "table" else own[around] if around >= 0 else -1)
    return own


def data_as_layout(message: Message) -> Iterator[Hit]:
    """Each table that is said to be layout, though it has header cells above or beside cells with data."""
    for document in message.documents:
        headers = document.all("th")
        if not headers:
            continue
        own = _table_of(document)
        with_data = {own[cell.number] for cell in document.all("td")}
        for number in sorted({own[header.number] for header in headers} & with_data):
            table = document.element(number) if number >= 0 else None
            role = (table.get("role") or "").strip().lower() if table is not None else ""
            if table is not None and role in ("presentation", "none"):
                yield Hit(table.text)


def area_without_alt(message: Message) -> Iterator[Hit]:
    """Each linked area of an image map without a text."""
    for document in message.documents:
        for area in document.all("area"):
            if area.get("href") and not (area.get("alt") or area.get("aria-label") or "").strip():
                yield Hit(area.text)


def moving_text(message: Message) -> Iterator[Hit]:
    """Each <marquee> and <blink>."""
    for document in message.documents:
        for element in (*document.all("marquee"), *document.all("blink")):
            if not element.hidden:
                yield Hit(element.text, {"tag": element.tag})


def capitals_by_style(message: Message, *, words: int = 12) -> Iterator[Hit]:
    """The style of each element that makes capitals of so many words or more."""
    for document in message.documents:
        if "uppercase" not in document.marks:
            continue
        from spamlint.html.walk import styled

        shown = (element for element in styled(document, "uppercase") if not element.hidden)
        for element, said in _read(shown):
            style = element.attribute("style")
            found = re.search(r"(?i)text-transform\s*:\s*uppercase", style.value) if style is not None else None
            count = len(said.split())
            if style is not None and found is not None and count >= words:
                yield Hit(style[found.start() : found.end()], {"words": count})


def tab_order(message: Message) -> Iterator[Hit]:
    """Each tabindex above 0."""
    for document in message.documents:
        if "tabindex" not in document.marks:
            continue
        from spamlint.html.walk import having

        for element in having(document, "tabindex"):
            index = element.attribute("tabindex")
            if index is not None and re.fullmatch(r"\s*\+?0*[1-9]\d{0,8}\s*", index.value):
                yield Hit(index, {"text": index.value.strip()})


def zoom_blocked(message: Message) -> Iterator[Hit]:
    """The viewport that keeps readers from making the text larger."""
    for document in message.documents:
        for element in document.all("meta"):
            content = element.attribute("content")
            if content is None or (element.get("name") or "").strip().lower() != "viewport":
                continue
            found = re.search(
                r"(?i)user-scalable\s*=\s*(?:no|0)\b|maximum-scale\s*=\s*(?:1(?:\.0*)?|0?\.\d+)(?![\d.])",
                content.value[:500],
            )
            if found is not None:
                yield Hit(content[found.start() : found.end()], {"text": found[0]})


def faked_list(message: Message, *, least: int = 3) -> Iterator[Hit]:
    """The first sign of each run of `least` or more lines that start with a bullet but are no list."""
    for document in message.documents:
        source = document.source.value
        if not any(sign in source for sign in ("&bull;", "&#8226;", *_BULLETS)):
            continue
        for start, lines in _bulleted(document.visible.value):
            if lines >= least:
                yield Hit(document.visible[start : start + 1], {"lines": lines})


def _bulleted(text: str) -> Iterator[tuple[int, int]]:
    """Where each run of lines that start with a bullet begins, and how many they are."""
    at = first = lines = 0
    for line in text.split("\n"):
        if line[:1] in _BULLETS and len(line) > 1:
            first = first if lines else at
            lines += 1
        elif lines:
            yield first, lines
            lines = 0
        at += len(line) + 1
    if lines:
        yield first, lines
