"""The HTML of a message as a report may show it: with the pictures that come with it, and nothing that is fetched."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass

from spamlint.html import Document, Element
from spamlint.message import Message
from spamlint.mime import Part
from spamlint.pictures.parts import Parts, size_of
from spamlint.report.data import Preview

MOST_HTML = 500_000
"""Code points of HTML that are shown as mail programs do."""
MOST_PICTURE = 512 * 1024
"""Bytes of one embedded picture that is shown."""
MOST_PICTURES = 2 * 1024 * 1024
"""Bytes of all embedded pictures in the previews of one message, each counted as often as it is shown."""

# Attributes that name what is fetched or followed, and those that hold a script.
_ADDRESSES = re.compile(
    "on.*|href|src|srcset|imagesrcset|background|action|formaction|poster|data|ping|longdesc|cite|manifest|xlink:href|lowsrc"
    "|dynsrc|codebase|archive|classid|content|srcdoc"
)
_IMAGE = re.compile(r"data:image/(?:png|gif|jpeg|webp)[;,]", re.IGNORECASE)
_STYLE_ADDRESS = re.compile(
    r"url\s*\((?!\s*[\"']?data:image/)[^)]*\)?|@import[^;]*;?|image-set\s*\([^)]*\)?", re.IGNORECASE
)
_EMBEDDED = re.compile(r"url\s*\(\s*[\"']?\s*(cid:[^\"')]*)", re.IGNORECASE)
_FORMATS = {"png": "image/png", "gif": "image/gif", "jpeg": "image/jpeg", "webp": "image/webp"}


@dataclass(slots=True)
class _Embedded:
    """The pictures in the parts of a message, while there is room for them."""

    parts: Parts
    room: int
    left_out: int = 0

    def address(self, address: str) -> str:
        """The picture that "cid:..." means as a `data:` address; "" where there is none, or no room for it."""
        part = self.parts.named(address.strip())
        measured = self.parts.size(part) if part is not None else None
        kind = _FORMATS.get(measured.format) if measured is not None else None
        if part is None or kind is None:
            return ""
        if size_of(part) > min(MOST_PICTURE, self.room) or len(part.content) > min(MOST_PICTURE, self.room):
            self.left_out += 1
            return ""
        self.room -= len(part.content)
        return f"data:{kind};base64,{b64encode(part.content).decode()}"


def previews_of(message: Message) -> tuple[Preview, ...]:
    """A preview of each part of HTML."""
    embedded = _Embedded(Parts(message.leaves), MOST_PICTURES)
    found = []
    for part in message.html_parts:
        before = embedded.left_out
        html = _preview(message.html(part), part, embedded)
        found.append(Preview(part.path, html, embedded.left_out - before))
    return tuple(found)


def _preview(document: Document, part: Part, embedded: _Embedded) -> str | None:
    """The HTML without any address that a browser could fetch or follow; None where it is too long to be shown."""
    if len(part.text) > MOST_HTML or document.limits_reached:
        return None
    value = document.source.value
    pieces, at = [], 0
    for start, end, text in sorted(_replacements(document, embedded)):
        if start >= at:
            pieces += [value[at:start], text]
            at = end
    return "".join([*pieces, value[at:]])


def _replacements(document: Document, embedded: _Embedded) -> Iterator[tuple[int, int, str]]:
    """Ranges of the HTML and what stands there in its place."""
    yield from ((*comment.range_in(document.source), "") for comment in document.comments)
    for element in document.elements:
        if element.tag == "style":
            yield *element.inner.range_in(document.source), _style(element.inner.value, embedded)
        elif element.tag == "script":
            yield (*element.inner.range_in(document.source), "")
        if element.attrs:
            yield from _attributes(element, document, embedded)


def _attributes(element: Element, document: Document, embedded: _Embedded) -> Iterator[tuple[int, int, str]]:
    for attribute in element.written_attributes():
        value = attribute.value.value if attribute.value is not None else ""
        if _ADDRESSES.fullmatch(attribute.name) and not (attribute.name == "src" and _IMAGE.match(value)):
            # A link without an address is no link to look at.
            instead = 'href="#"' if (element.tag, attribute.name) == ("a", "href") else ""
            is_picture = (element.tag, attribute.name) == ("img", "src") or attribute.name == "background"
            if is_picture and (shown := embedded.address(value)):
                instead = f'{attribute.name}="{shown}"'
            yield *attribute.text.range_in(document.source), instead
        elif attribute.name == "style" and _STYLE_ADDRESS.search(value):
            clean = _style(value, embedded).replace("&", "&amp;").replace('"', "&quot;")
            yield *attribute.text.range_in(document.source), f'style="{clean}"'


def _style(value: str, embedded: _Embedded) -> str:
    """Style without addresses but those of embedded pictures."""

    def instead(found: re.Match[str]) -> str:
        named = _EMBEDDED.match(found[0])
        shown = embedded.address(named[1]) if named is not None else ""
        return f"url({shown})" if shown else "none"

    return _STYLE_ADDRESS.sub(instead, value)
