"""Finds the pictures of one HTML text: tags, backgrounds, styles, and what only Outlook sees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

from spamlint.html import Document, Element
from spamlint.html.style import HIDES, effect_of
from spamlint.html.walk import having, parent_number, styled
from spamlint.mime import Part
from spamlint.pictures.measure import FIRST_HEAD, measured
from spamlint.pictures.parts import Parts, data_head
from spamlint.pictures.picture import Kind, Origin, Picture, Role, origin_of, role_of, usual_size
from spamlint.pictures.size import MAIL_WIDTH, Length, displayed, length, pixels, style_lengths
from spamlint.pictures.surroundings import Surroundings
from spamlint.source import Text

_IN_STYLE: Final = re.compile(
    r"(?<![\w-])(?P<name>background|background-image|content|list-style|list-style-image)\s*:"
    r"[^;{}]{0,200}?url\(\s*[\"']?(?P<address>[^\"')]*)",
    re.IGNORECASE,
)
_BLOCK: Final = 1_000
"""Code points before and behind an address in a style sheet in which its block is looked for."""
_VML: Final = ("v:fill", "v:image", "v:imagedata", "v:background")
_VML_SHAPES: Final = frozenset({"v:rect", "v:roundrect", "v:shape", "v:image", "v:oval", "v:background"})


class Collector:
    """The pictures of one document, in order of kind."""

    def __init__(self, document: Document, parts: Parts) -> None:
        self.document = document
        self.parts = parts
        self.around = Surroundings(document)

    def pictures(self) -> Iterator[Picture]:
        """Every picture of the document."""
        yield from self._images()
        yield from self._backgrounds()
        if "url(" in self.document.marks:
            yield from self._styles()
            yield from self._sheets()
        if "<v:" in self.document.marks:
            yield from self._vml()

    def _images(self) -> Iterator[Picture]:
        for element in self.document.all("img", "input", "source"):
            attrs = element.attrs
            if element.tag == "img":
                name = "srcset" if "srcset" in attrs and not attrs.get("src", "").strip() else "src"
            elif element.tag == "input" and attrs.get("type", "").strip().lower() == "image":
                name = "src"
            elif element.tag == "source" and "srcset" in attrs:
                name = "srcset"
            else:
                continue
            address = attrs.get(name, "").strip()
            if name == "srcset":
                address = address.split(None, 1)[0].rstrip(",") if address else ""
            kind: Kind = "source" if element.tag == "source" else "img"
            yield self._picture(kind, element, address, _attribute(element, name))

    def _picture(self, kind: Kind, element: Element, address: str, locate: Callable[[], Text]) -> Picture:
        """The picture of a tag that is one: its own style and attributes give the size."""
        attrs = element.attrs
        lengths = self.around.lengths(attrs.get("style"))
        parent = parent_number(self.document, element.number)
        linked, hidden = self.around.of(parent)
        origin = origin_of(address)
        part, natural = self._file(address, origin)
        own = length(attrs.get("width")), length(attrs.get("height"))
        if own == (None, None) and ("class" in attrs or "id" in attrs) and not {"width", "height"} & lengths.keys():
            lengths = {**self.around.sheet_lengths(element.number), **lengths}
        wide, tall = lengths.get("width") or own[0], lengths.get("height") or own[1]
        most = lengths.get("max-width")
        room = self.around.room(parent) if not wide or wide[1] or (most and most[1]) else MAIL_WIDTH
        width, height = pixels(wide, room), _height(tall)
        if width is None and natural is not None and most is not None:
            width = natural[0]
        width = _least(width, pixels(most, room))
        if height is not None:
            height = _least(height, _height(lengths.get("max-height")))
        elif natural is None:
            natural = _shape(*own)
        sized = width is not None or height is not None
        known = sized or natural is not None
        size = displayed(width, height, natural, room) if known else usual_size(address)
        hidden = hidden or self.around.hides(element)
        role: Role = "alternate" if kind == "source" else "hidden" if hidden else role_of(*size, address)
        linked = linked or "usemap" in attrs or element.tag == "input"
        alt = attrs.get("alt")
        alt = alt.strip() if alt is not None else None
        return Picture(kind, role, address, *size, sized, linked, origin, locate, element, part, alt)

    def _file(self, address: str, origin: Origin) -> tuple[Part | None, tuple[int, int] | None]:
        """The part that `address` means, and the size that the header of the file gives."""
        part = None
        if origin == "data":
            found = measured(data_head(address, FIRST_HEAD))
        else:
            part = self.parts.named(address)
            found = self.parts.size(part) if part is not None else None
        return part, (found.width, found.height) if found is not None else None

    def _backgrounds(self) -> Iterator[Picture]:
        marked = {"background=", "background ="} & self.document.marks
        for element in having(self.document, "background") if marked else ():
            address = (element.get("background") or "").strip()
            if address:
                lengths = self.around.lengths(element.get("style"))
                yield self._behind("background", element, lengths, address, _attribute(element, "background"))

    def _styles(self) -> Iterator[Picture]:
        for element in styled(self.document, "url("):
            style = element.get("style") or ""
            lengths = self.around.lengths(style)
            for found in _IN_STYLE.finditer(style):
                address = found["address"].strip()
                if address:
                    locate = partial(_in_style, element, *found.span("address"))
                    yield self._behind("css", element, lengths, address, locate)

    def _behind(
        self, kind: Kind, element: Element, lengths: Mapping[str, Length], address: str, locate: Callable[[], Text]
    ) -> Picture:
        """A picture behind what `element` holds: without a height of its own, it is seen as far as there are words."""
        linked, hidden = self.around.of(element.number)
        room = self.around.room(element.number)
        width = pixels(lengths.get("width") or length(element.get("width")), room)
        tall = lengths.get("height") or lengths.get("min-height") or length(element.get("height"))
        height = _height(tall)
        size = displayed(room if width is None else width, 0 if height is None else height, None, room)
        origin = origin_of(address)
        part, _ = self._file(address, origin)
        role: Role = "hidden" if hidden else role_of(*size, address) if height is not None else "alternate"
        return Picture(kind, role, address, *size, True, linked, origin, locate, element, part)

    def _sheets(self) -> Iterator[Picture]:
        """Pictures of style sheets."""
        for sheet in (element.inner for element in self.document.all("style")):
            for found in _IN_STYLE.finditer(sheet.value) if "url(" in sheet.value.lower() else ():
                if found["address"].strip():
                    yield self._of_sheet(sheet, found)

    def _of_sheet(self, sheet: Text, found: re.Match[str]) -> Picture:
        """A picture of a style sheet: to look at where its block gives both sides, else a stand-in."""
        value, address = sheet.value, found["address"].strip()
        first = max(0, found.start() - _BLOCK)
        start = max(value.rfind("{", first, found.start()) + 1, first)
        end = value.find("}", found.end(), found.end() + _BLOCK)
        block = value[start : end if end >= 0 else found.end()]
        lengths = style_lengths(block)
        width, height = pixels(lengths.get("width"), MAIL_WIDTH), _height(lengths.get("height"))
        known = width is not None and height is not None
        size = displayed(width, height, None, MAIL_WIDTH) if known else (0, 0)
        role: Role = "hidden" if effect_of(block) == HIDES else role_of(*size, address) if known else "alternate"
        origin = origin_of(address)
        part, _ = self._file(address, origin)
        locate = partial(_cut, sheet, *found.span("address"))
        return Picture("css", role, address, *size, known, False, origin, locate, None, part)

    def _vml(self) -> Iterator[Picture]:
        """Outlook's pictures, in conditional comments or outside."""
        yield from self._vml_of(self.document)
        for conditional in self.document.conditionals:
            if conditional.hidden and "<v:" in conditional.content.value.lower():
                yield from self._vml_of(Document(conditional.content))

    def _vml_of(self, document: Document) -> Iterator[Picture]:
        for element in document.all(*_VML):
            address = (element.get("src") or "").strip()
            if not address:
                continue
            shape: Element | None = element
            while shape is not None and shape.tag not in _VML_SHAPES:
                shape = shape.parent
            lengths = self.around.lengths(shape.get("style") if shape is not None else None)
            width, height = pixels(lengths.get("width"), MAIL_WIDTH), _height(lengths.get("height"))
            origin = origin_of(address)
            part, natural = self._file(address, origin)
            size = displayed(width, height, natural, MAIL_WIDTH)
            linked = shape is not None and bool(shape.get("href"))
            locate = _attribute(element, "src")
            yield Picture("vml", role_of(*size, address), address, *size, True, linked, origin, locate, element, part)


def _height(wanted: Length | None) -> float | None:
    """A height in pixels; percentages are of something unknown."""
    return wanted[0] if wanted is not None and not wanted[1] else None


def _least(side: float | None, most: float | None) -> float | None:
    """A side of at most `most` pixels."""
    return side if most is None else most if side is None else min(side, most)


def _shape(width: Length | None, height: Length | None) -> tuple[int, int] | None:
    """The shape that attributes give a picture whose height follows from its width."""
    if width is None or height is None or width[1] or height[1] or not (width[0] >= 1 and height[0] >= 1):
        return None
    return round(width[0]), round(height[0])


def _attribute(element: Element, name: str) -> Callable[[], Text]:
    def locate() -> Text:
        value = element.attribute(name)
        return value if value is not None and value.value.strip() else element.text

    return locate


def _in_style(element: Element, start: int, end: int) -> Text:
    style = element.attribute("style")
    return style[start:end] if style is not None else element.text


def _cut(text: Text, start: int, end: int) -> Text:
    return text[start:end]
