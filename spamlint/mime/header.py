"""One header field (RFC 5322): its name, and its layers from the bytes to the decoded value."""

from __future__ import annotations

import re
from functools import cached_property

from spamlint.limits import Limits
from spamlint.mime import charset
from spamlint.mime.defect import Defect
from spamlint.mime.words import decode_words, has_more_words
from spamlint.source import Locate, Source, Text, chained, segmented, shifted, source_text

_UNFOLDED = re.compile(rb"[^\r\n]+")
_8BIT = re.compile(r"[^\x00-\x7f]+")


class Header:
    """One header field. Its name is known at once; its layers and defects are computed when asked for."""

    def __init__(self, source: Source, name: str, start: int, colon: int, end: int, limits: Limits) -> None:
        self.name = name
        self.key = name.lower()
        self.source = source
        self.start = start
        self.end = end
        self._colon = colon
        self._limits = limits

    def __repr__(self) -> str:
        return f"Header({self.name!r}, {self.start})"

    @cached_property
    def field(self) -> Text:
        """The whole field as written, without its last line end; one code point stands for one byte."""
        return source_text(self.source, self.start, self.end)

    @property
    def raw(self) -> bytes:
        """The bytes behind the colon, as written."""
        return self.source.data[self._colon : self.end]

    @cached_property
    def body(self) -> Text:
        """The value, unfolded and stripped of white space; encoded words are left as they are."""
        raw = self.raw
        start = self._colon - self.start + len(raw) - len(raw.lstrip(b" \t\r\n"))
        stripped = raw.strip(b" \t\r\n")
        data = stripped.translate(None, b"\r\n")
        try:
            value, codec = data.decode("utf-8"), "utf_8"
        except UnicodeDecodeError:
            value, codec = data.decode("latin-1"), "latin_1"
        if len(value) == len(stripped):
            return Text(value, self.field, lambda: shifted(start))
        return Text(value, self.field, lambda: chained(charset.trace(data, codec, value), _unfold(stripped, start)))

    @cached_property
    def value(self) -> Text:
        """The body with its encoded words decoded."""
        return self._decoded[0]

    @cached_property
    def defects(self) -> tuple[Defect, ...]:
        """What is wrong with the field: raw-8bit, undecodable-word, limit-encoded-words, limit-header."""
        found = []
        if self.end - self.start >= self._limits.header:
            found.append(Defect("limit-header", self.field[len(self.field) :]))
        raw = self.raw
        if not raw.isascii():
            at = _8BIT.search(self.body.value)
            found.append(Defect("raw-8bit", self.body[at.start() : at.end()] if at else self.body))
        return (*found, *self._decoded[1]) if b"=?" in raw else tuple(found)

    @property
    def limit(self) -> str | None:
        """The limit that the field reached, limit-header or limit-encoded-words; found without decoding it."""
        if self.end - self.start >= self._limits.header:
            return "limit-header"
        words = self._limits.encoded_words
        if self.end - self.start <= words * len("=?l?q??="):
            return None
        return "limit-encoded-words" if has_more_words(self.body.value, words) else None

    @cached_property
    def _decoded(self) -> tuple[Text, tuple[Defect, ...]]:
        return decode_words(self.body, self._limits.encoded_words)


def _unfold(stripped: bytes, start: int) -> Locate:
    return segmented(
        (run.end() - run.start(), start + run.start(), run.end() - run.start()) for run in _UNFOLDED.finditer(stripped)
    )
