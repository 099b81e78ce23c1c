"""All pictures of a message, and how they weigh against its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, cached_property, partial
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
_SIGNS: Final = "['’.,:;@/?&=%#_+-]+"
"""What holds a number, a web or a mail address together."""


class Pictures:
    """The pictures of one message, in the order of its parts. Made from the leaves, the HTML and the words of it."""

    def __init__(
        self, leaves: Iterable[Part], documents: Iterable[Document], body: Callable[[], Iterable[Text]], limit: int
    ) -> None:
        self.parts = Parts(leaves)
        self._body = body
        self._words_seen = 0
        self.by_document: list[tuple[Document, Sequence[Picture]]] = []
        """Each HTML with its pictures."""
        self.reached: Text | None = None
        """The first picture that was not looked at, because of the limit."""
        for document in documents:
            found = list(islice(Collector(document, self.parts).pictures(), limit + 1))
            if len(found) > limit:
                self.reached = self.reached or found.pop().src
            limit -= len(found)
            self.by_document.append((document, tuple(_without_doubles(found))))
        self.every: tuple[Picture, ...] = tuple(picture for _, some in self.by_document for picture in some)
        """All of them, in the order of the documents."""
        self.every += tuple(self._attached())

    def _attached(self) -> Iterator[Picture]:
        """Pictures that no HTML asks for and that are shown below the text all the same."""
        used = {picture.part.path for picture in self.every if picture.part is not None}
        for part in self.parts.leaves:
            if not is_picture(part) or part.disposition != "inline" or part.path in used or part.header("content-id"):
                continue
            measured = self.parts.size(part)
            natural = (measured.width, measured.height) if measured is not None else None
            size = displayed(None, None, natural, MAIL_WIDTH)
            yield Picture(
                "attached", role_of(*size, ""), "", *size, False, False, "other", partial(_field, part), None, part
            )

    @cached_property
    def shown(self) -> tuple[Picture, ...]:
        """Those to look at: no icons, spacers, tracking pixels, hidden ones, nor the same again for other programs."""
        return tuple(picture for picture in self.every if picture.role == "shown")

    @cached_property
    def area(self) -> int:
        """Pixels that the pictures to look at cover."""
        return sum(picture.area for picture in self.shown)

    def has_words(self, number: int) -> bool:
        """Whether a reader sees at least so many words; where there are plenty, the beginning of the text tells."""
        if "words" in self.__dict__:
            return number <= self.words
        if number > self._words_seen:
            beginning = next(iter(self._body()), None)
            seen = count_words(beginning.value[: 10 * number]) if beginning is not None else 0
            self._words_seen = max(self._words_seen, seen if seen >= number else self.words)
        return number <= self._words_seen

    @cached_property
    def words(self) -> int:
        """How many words a reader sees."""
        return sum(count_words(text.value) for text in self._body())


def _field(part: Part) -> Text:
    """The header field that says that a part is a picture."""
    header = part.header("content-type")
    return header.field if header is not None else source_text(part.source, part.start, part.start)


def count_words(value: str) -> int:
    """How many words, numbers and addresses `value` has; where words stand without blanks, two letters are one."""
    return len(_words(is_ascii=value.isascii()).findall(value))


@cache
def _words(*, is_ascii: bool) -> re.Pattern[str]:
    """The pattern of a word. Most mail is ASCII, and the pattern for all scripts takes milliseconds to compile."""
    if is_ascii:
        return re.compile(f"[A-Za-z0-9]+(?:{_SIGNS}[A-Za-z0-9]+)*")
    letter = f"[^\\W_{_LETTERS_ARE_WORDS}]"
    return re.compile(f"[{_LETTERS_ARE_WORDS}]{{1,2}}|{letter}+(?:{_SIGNS}{letter}+)*")


def _without_doubles(found: Iterable[Picture]) -> Iterator[Picture]:
    """`found`, in which a background or a VML fill that shows what another one shows counts once."""
    seen: set[str] = set()
    for picture in found:
        if picture.role == "shown" and picture.kind in ("vml", "css", "background") and picture.address in seen:
            yield replace(picture, role="alternate")
            continue
        if picture.role != "hidden":
            seen.add(picture.address)
        yield picture
