"""Encoded words (RFC 2047): `=?utf-8?q?caf=C3=A9?=` in header fields and, by bad practice, in file names."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import NamedTuple

from spamlint.mime import charset, transfer
from spamlint.mime.charset_names import codec_for
from spamlint.mime.defect import Defect
from spamlint.mime.maps import windowed
from spamlint.source import Locate, Text, chained, shifted

# RFC 2231 adds "*language" to the charset.
_WORD = re.compile(r"=\?([^?*\s]{1,60})(?:\*[^?\s]{0,60})?\?([bBqQ])\?")
_ENCODINGS = {"b": "base64", "q": "quoted-printable"}


class _Word(NamedTuple):
    """One word: its codec, its bytes, and the range of the outer text."""

    codec: str
    encoded: str
    content: bytes
    trace: Callable[[], Locate]
    start: int
    end: int

    def locate(self) -> Locate:
        """The map from `content` to the outer text."""
        return chained(self.trace(), shifted(self.end - 2 - len(self.encoded)))


class _Piece(NamedTuple):
    """A piece of the decoded value, and what builds its map to the outer text."""

    value: str
    trace: Callable[[], Locate]


def decode_words(text: Text, most: int) -> tuple[Text, tuple[Defect, ...]]:
    """`text` with its encoded words decoded, at most `most` of them, and what was wrong with them.

    A word that cannot be read stays as written. The bytes of neighbours in the same charset are joined before they are
    decoded, so that a character may be split over two words.
    """
    if "=?" not in text.value:
        return text, ()
    value = text.value
    groups, problems = _find(value, most)
    if not groups and not problems:
        return text, ()
    pieces: list[_Piece] = []
    found: list[tuple[str, int, int]] = []
    moved: list[tuple[int, int]] = [(0, 0)]
    last = total = 0
    for index, group in enumerate(groups):
        start = group[0].start
        if start > last and not (index and value[last:start].isspace()):
            pieces.append(_plain(value, last, start))
            total += start - last
        decoded = _decode_group(group)
        found += (("undecodable-word", total + at, total + end) for _, at, end in decoded.problems)
        pieces.append(_Piece(decoded.value, _group_trace(group, decoded)))
        total += len(decoded.value)
        last = group[-1].end
        moved.append((last, total - last))
    if last < len(value):
        pieces.append(_plain(value, last, len(value)))
    joined = Text("".join(piece.value for piece in pieces), text, lambda: _join(pieces))
    found += _move(problems, moved)
    return joined, tuple(Defect(code, joined[start:end]) for code, start, end in found)


def _find(value: str, most: int) -> tuple[list[list[_Word]], list[tuple[str, int, int]]]:
    """The readable words in groups that are decoded together, and ranges of `value` with those that are not."""
    groups: list[list[_Word]] = []
    problems: list[tuple[str, int, int]] = []
    position = count = 0
    while True:
        opening = _WORD.search(value, position)
        closing = value.find("?=", opening.end()) if opening else -1
        if not opening or closing < 0:
            return groups, problems
        if count >= most:
            problems.append(("limit-encoded-words", opening.start(), opening.start()))
            return groups, problems
        count += 1
        position = closing + 2
        word = _read(opening, value[opening.end() : closing], position)
        if word is None:
            problems.append(("undecodable-word", opening.start(), position))
        elif groups and groups[-1][-1].codec == word.codec and _touch(value, groups[-1][-1], word):
            groups[-1].append(word)
        else:
            groups.append([word])


def has_more_words(value: str, most: int) -> bool:
    """Whether `value` has the beginnings and the ends of more than `most` encoded words; they are not decoded."""
    return next(islice(_WORD.finditer(value), most, None), None) is not None and value.count("?=") > most


def _touch(value: str, before: _Word, after: _Word) -> bool:
    between = value[before.end : after.start]
    return not between or between.isspace()


def _read(opening: re.Match[str], encoded: str, end: int) -> _Word | None:
    codec = codec_for(opening[1])
    if codec is None or not encoded.isascii():
        return None
    raw = encoded.encode("ascii")
    if opening[2] in "qQ":
        decoding = transfer.quoted_printable(raw, header=True)
    else:
        decoding = transfer.base64(raw)
        if raw.strip(b"= ") and not decoding.content:
            return None
    return _Word(codec, encoded, decoding.content, decoding.trace, opening.start(), end)


def _decode_group(group: list[_Word]) -> charset.Decoded:
    codec = group[0].codec
    content = b"".join(word.content for word in group)
    if codec == "ascii" and not content.isascii():
        return charset.decode_text(content, None)
    return charset.decode(content, codec)


def _plain(value: str, start: int, end: int) -> _Piece:
    return _Piece(value[start:end], lambda: shifted(start))


def _group_trace(group: list[_Word], decoded: charset.Decoded) -> Callable[[], Locate]:
    if len(group) == 1:
        return lambda: chained(decoded.trace(), group[0].locate())
    return lambda: chained(decoded.trace(), _consecutive([(len(word.content), word.locate) for word in group]))


def _join(pieces: list[_Piece]) -> Locate:
    return _consecutive([(len(piece.value), piece.trace) for piece in pieces])


def _consecutive(layers: list[tuple[int, Callable[[], Locate]]]) -> Locate:
    """The map of a layer in which maps of the given lengths follow one another."""
    starts: list[int] = []
    traces: list[Callable[[], Locate]] = []
    total = 0
    for length, trace in layers:
        if length:
            starts.append(total)
            traces.append(trace)
            total += length
    return windowed(starts, lambda index: traces[index]())


def _move(problems: list[tuple[str, int, int]], moved: list[tuple[int, int]]) -> list[tuple[str, int, int]]:
    """Ranges of the undecoded value, which all lie between the groups, as ranges of the decoded one."""
    found, index = [], 0
    for code, start, end in problems:
        while index + 1 < len(moved) and moved[index + 1][0] <= start:
            index += 1
        shift = moved[index][1]
        found.append((code, start + shift, end + shift))
    return found
