"""Elements: a start tag, its attributes, and what it encloses. Made on demand, since few are ever asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, overload

from spamlint.html.attributes import Attribute, written_attributes
from spamlint.html.layers import unmasked
from spamlint.source import Locate, Text

if TYPE_CHECKING:
    from turbohtml import Token

    from spamlint.html.document import Document


class Element:
    """One start tag and what it encloses."""

    __slots__ = ("_attrs", "_content", "_document", "_token", "number", "tag")

    def __init__(self, document: Document, number: int, token: Token) -> None:
        self.number = number
        """Its place in `Document.elements`."""
        self.tag = unmasked(token.tag or "") if document.is_masked else token.tag or ""
        """Lower-case name, as "td" or "v:rect"."""
        self._document = document
        self._token = token
        self._attrs: dict[str, str] | None = None
        self._content: Text | None = None

    def __repr__(self) -> str:
        return f"<{self.tag}> number {self.number}"

    @property
    def start(self) -> int:
        """Where the start tag begins in `Document.source`."""
        return self._document.start_of(self._token)

    @property
    def text(self) -> Text:
        """The start tag as written."""
        return self._document.source_of(self._token)

    @property
    def parent(self) -> Element | None:
        """The element around it, by the tags as they are written."""
        return self._document.parent_of(self.number)

    @property
    def hidden(self) -> bool:
        """No text in it is shown: it or an element around it is hidden by style or attribute, or is a script etc."""
        return self._document.is_hidden(self.number)

    @property
    def attrs(self) -> Mapping[str, str]:
        """Attributes by lower-case name, decoded; the first of one name counts."""
        if self._attrs is None:
            self._attrs = dict(self._token.attrs or ())
            if self._document.is_masked:
                self._attrs = {name: unmasked(value) for name, value in self._attrs.items()}
        return self._attrs

    def get(self, name: str) -> str | None:
        """The decoded value of an attribute; None where there is none of that name, "" where it has no value."""
        value = self._token.attr(name)
        return unmasked(value) if value and self._document.is_masked else value

    def attribute(self, name: str) -> Text | None:
        """The decoded value of an attribute as a Text; zero-width where it is written without a value."""
        value = self.get(name)
        if value is None:
            return None
        source = self._document.source

        def trace() -> Locate:
            tag = self.text
            written = next((found for found in written_attributes(tag) if found.name == name), None)
            if written is None or (written.value is not None and written.value.value != value):
                whole = tag.range_in(source)
                return lambda _start, _end: whole
            inside = written.text[len(written.text) :] if written.value is None else written.value
            return lambda start, end: inside[start:end].range_in(source)

        return Text(value, source, trace)

    def values(self) -> Iterator[Text]:
        """The decoded values of all attributes, the first of each name."""
        return (value for name in self.attrs if (value := self.attribute(name)) is not None)

    def written_attributes(self) -> Iterator[Attribute]:
        """Every attribute as written, duplicates too, with its place."""
        return written_attributes(self.text)

    @property
    def content(self) -> Text:
        """The visible text inside, such as the words of a link."""
        if self._content is None:
            self._content = self._document.content_of(self.number)
        return self._content

    @property
    def inner(self) -> Text:
        """What an element such as <style>, <script> or <title>, which holds no other elements, encloses, as written."""
        return self._document.inner_of(self.number)


class Elements(Sequence[Element]):
    """Elements of a document in its order, each made on first use."""

    __slots__ = ("_document", "_numbers")

    def __init__(self, document: Document, numbers: Sequence[int]) -> None:
        self._document = document
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Element: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Element]: ...
    def __getitem__(self, index: int | slice) -> Element | Sequence[Element]:
        if isinstance(index, slice):
            return Elements(self._document, self._numbers[index])
        return self._document.element(self._numbers[index])

    def __iter__(self) -> Iterator[Element]:
        return map(self._document.element, self._numbers)
