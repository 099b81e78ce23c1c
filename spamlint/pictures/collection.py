"""All pictures of a message, and how they weigh against its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice
from typing import Final

from spamlint.html import Document
from spamlint.mime import Part
from spamlint.pictures.collect import Collector
from spamlint.pictures.parts import Parts, is_picture
from spamlint.pictures.picture import Picture, role_of
from spamlint.pictures.size import MAIL_WIDTH, displayed
from spamlint.source import Text, source_text

_LETTERS_ARE_WORDS: Final = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_WORD: Final = re.compile(
    rf"[{_LETTERS_ARE_WORDS}]{{1,2}}|[^\W_{_LETTERS_ARE_WORDS}]+(?:['’.,:;@/?&=%#_+-]+[^\W_{_LETTERS_ARE_WORDS}]+)*"
)
"""A word, number, web or mail address; where words stand without blanks, two letters."""


class Pictures:
    """The pictures of one message, in the order of its parts. Made from the leaves, the HTML and the words of it."""

    def __init__(
        self, leaves: Iterable[Part], documents: Iterable[Document], body: Callable[[], Iterable[Text]], limit: int
    ) -> None:
        self.parts = Parts(leaves)
        self._documents = tuple(documents)
        self._body = body
        every = (picture for document in self._documents for picture in Collector(document, self.parts).pictures())
        found = list(islice(every, limit + 1))
        self.reached: Text | None = found.pop().src if len(found) > limit else None
        """The first picture that was not looked at, because of the limit."""
        self.every: tuple[Picture, ...] = (*_without_doubles(found), *self._attached(found))

    def _attached(self, found: Sequence[Picture]) -> Iterator[Picture]:
        """Pictures that no HTML asks for and that are shown below the text all the same."""
        used = {picture.part.path for picture in found if picture.part is not None}
        for part in self.parts.leaves:
            if not is_picture(part) or part.disposition != "inline" or part.path in used or part.header("content-id"):
                continue
            measured = self.parts.size(part)
            natural = (measured.width, measured.height) if measured is not None else None
            size = displayed(None, None, natural, MAIL_WIDTH)
            yield Picture("attached", role_of(*size, ""), "", *size, False, False, partial(_field, part), None, part)

    @cached_property
    def shown(self) -> tuple[Picture, ...]:
        """Those to look at: no icons, spacers, tracking pixels, hidden ones, nor the same again for other programs."""
        return tuple(picture for picture in self.every if picture.role == "shown")

    @cached_property
    def area(self) -> int:
        """Pixels that the pictures to look at cover."""
        return sum(picture.area for picture in self.shown)

    @cached_property
    def words(self) -> int:
        """How many words a reader sees."""
        return sum(count_words(text.value) for text in self._body())


def _field(part: Part) -> Text:
    """The header field that says that a part is a picture."""
    header = part.header("content-type")
    return header.field if header is not None else source_text(part.source, part.start, part.start)


def count_words(value: str) -> int:
    """How many words `value` has."""
    return len(_WORD.findall(value))


def _without_doubles(found: Iterable[Picture]) -> Iterator[Picture]:
    """`found`, in which a background or a VML fill that shows what another one shows counts once."""
    seen: set[str] = set()
    for picture in found:
        if picture.kind in ("vml", "css", "background"):
            if picture.role == "shown" and picture.address in seen:
                picture = replace(picture, role="alternate")
        if picture.role == "shown":
            seen.add(picture.address)
        yield picture
