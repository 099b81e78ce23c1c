"""Transfer encodings (RFC 2045): quoted-printable, base64, uuencode. Fast decoding, and position maps on demand.

Any bytes decode to something; `problem` says where the encoding is broken.
"""

from __future__ import annotations

import binascii
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

from spamlint.mime.maps import WINDOW, windowed
from spamlint.source import Locate, Range, segmented, shifted

IDENTITY = ("7bit", "8bit", "binary")
"""The encodings that leave the bytes as they are."""

_UUENCODE = ("x-uuencode", "uuencode", "uue", "x-uue")

KNOWN = frozenset((*IDENTITY, *_UUENCODE, "quoted-printable", "base64"))
"""Every encoding that is understood; another one leaves the bytes as they are."""

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_ALPHABET = bytes(set(range(256)) - set(_ALPHABET))
_NOT_BASE64 = bytes(set(_NOT_ALPHABET) - set(b"="))
_ALPHABET_RUN = re.compile(rb"[A-Za-z0-9+/]+")
_BASE64_JUNK = re.compile(rb"[^A-Za-z0-9+/=\r\n\t ]")
_NO_CHUNK = re.compile(rb"[^A-Za-z0-9+/=\r\n\t ]|[\t ](?=[A-Za-z0-9+/=])")

_8BIT = re.compile(rb"[\x80-\xff]+")
_QP_ESCAPE = re.compile(rb"=(?:\r\n|\n|=|[0-9A-Fa-f]{2}|\Z)")
_QP_JUNK = re.compile(rb"=(?![0-9A-Fa-f]{2}|[\r\n]|\Z)")
_BARE_CR_BREAK = re.compile(rb"=\r(?!\n)")
_PAIR_OR_BARE_CR_BREAK = re.compile(rb"(==)|=\r(?!\n)")


class Decoding(NamedTuple):
    """Decoded bytes; `trace` builds the map from them to the encoded bytes."""

    content: bytes
    trace: Callable[[], Locate]


def decode(raw: bytes, encoding: str) -> Decoding:
    """`raw` without its transfer encoding; an unknown encoding leaves it as it is."""
    if encoding == "quoted-printable":
        return quoted_printable(raw)
    if encoding == "base64":
        return base64(raw)
    if encoding in _UUENCODE:
        return _uuencode(raw)
    return Decoding(raw, lambda: shifted(0))


def head(data: bytes, start: int, end: int, encoding: str, size: int) -> bytes | None:
    """The first `size` bytes that `data[start:end]` decodes to; None where only decoding all of it can tell."""
    if encoding in IDENTITY or encoding not in KNOWN:
        return data[start : min(end, start + size)]
    reach = start + 2 * size + 64
    while reach < end:
        if encoding == "base64":
            found = _base64_head(data[start:reach])
        elif encoding == "quoted-printable":
            line_end = data.find(b"\n", reach, end) + 1  # no escape crosses a line feed
            found = quoted_printable(data[start:line_end]).content if line_end else None
        else:
            return None
        if found is None or len(found) >= size:
            return None if found is None else found[:size]
        reach = start + 4 * (reach - start)
    return None


def _base64_head(raw: bytes) -> bytes | None:
    """The whole groups of four letters that `raw`, the beginning of a body, has; None where padding ends a chunk."""
    if b"=" in raw:
        return None
    letters = raw.translate(None, _NOT_ALPHABET)
    return binascii.a2b_base64(letters[: len(letters) - len(letters) % 4])


def problem(raw: bytes, encoding: str) -> tuple[str, int, int] | None:
    """The first place at which `raw` breaks the rules of its encoding, as defect code, start and end; None for none."""
    if encoding == "quoted-printable":
        found = _QP_JUNK.search(raw)
        return ("bad-quoted-printable", *found.span()) if found else None
    if encoding == "base64":
        return _base64_problem(raw)
    if encoding == "7bit" and not raw.isascii():
        found = _8BIT.search(raw)
        return ("8bit-in-7bit", *found.span()) if found else None
    return None


# ---- quoted-printable


def quoted_printable(raw: bytes, *, header: bool = False) -> Decoding:
    """`raw` decoded as `binascii.a2b_qp` does; with `header`, an underscore is a blank (RFC 2047)."""
    if _BARE_CR_BREAK.search(raw):
        # a2b_qp drops everything from "=\r" to the next "\n", which is the rest of a message with bare CRs
        raw = _PAIR_OR_BARE_CR_BREAK.sub(lambda found: found[1] or b"=\n", raw)
    return Decoding(binascii.a2b_qp(raw, header=header), lambda: _trace_quoted_printable(raw))


def _trace_quoted_printable(raw: bytes) -> Locate:
    starts, cuts, total = [], [], 0
    at = 0
    while at < len(raw):
        cut = _quoted_printable_cut(raw, at)
        length = len(binascii.a2b_qp(raw[at:cut]))
        if length:
            starts.append(total)
            cuts.append((at, cut))
            total += length
        at = cut
    return windowed(starts, lambda index: segmented(quoted_printable_pieces(raw, *cuts[index])))


def _quoted_printable_cut(raw: bytes, at: int) -> int:
    """An offset about one window behind `at` that no escape crosses. A run of "=" pairs up from its start."""
    cut = at + WINDOW
    if cut >= len(raw):
        return len(raw)
    for back in (1, 2):
        window = raw[at : cut - back + 1]
        if (len(window) - len(window.rstrip(b"="))) % 2:
            return cut - back
    return cut


def quoted_printable_pieces(raw: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The pieces, as `segmented` takes them, that `raw[start:end]` decodes to."""
    last = start
    for found in _QP_ESCAPE.finditer(raw, start, end):
        at, after = found.span()
        if at > last:
            yield at - last, last, at - last
        if after > at + 1 and raw[after - 1] != 10:
            yield 1, at, after - at
        last = after
    if end > last:
        yield end - last, last, end - last


# ---- base64


def base64(raw: bytes) -> Decoding:
    """`raw` decoded; characters outside the alphabet are passed over, padding may be missing.

    Several padded chunks one after another are all decoded, up to a line that is no base64 (a footer, usually).
    """
    pad = raw.find(b"=")
    if pad < 0 or not raw[pad:].strip(b"= \t\r\n"):
        try:
            return Decoding(binascii.a2b_base64(raw), lambda: _trace_base64(raw, [raw]))
        except binascii.Error:
            pass
    else:
        raw = raw[: _end_of_chunks(raw, pad)]
    chunks = raw.translate(None, _NOT_BASE64).split(b"=")
    return Decoding(b"".join(map(_base64_chunk, chunks)), lambda: _trace_base64(raw, chunks))


def _end_of_chunks(raw: bytes, pad: int) -> int:
    found = _NO_CHUNK.search(raw, pad)
    if not found:
        return len(raw)
    return max(raw.rfind(b"\n", pad, found.start()), raw.rfind(b"\r", pad, found.start()), pad) + 1


def _base64_chunk(chunk: bytes) -> bytes:
    if len(chunk) % 4 == 1:
        chunk = chunk[:-1]
    return binascii.a2b_base64(chunk + b"=" * (-len(chunk) % 4))


def _base64_problem(raw: bytes) -> tuple[str, int, int] | None:
    junk = _BASE64_JUNK.search(raw)
    if junk:
        return "bad-base64", junk.start(), junk.end()
    pad = raw.find(b"=")
    if pad >= 0 and raw[pad:].strip(b"= \t\r\n"):
        return "bad-base64", pad, pad + 1
    letters = len(raw.translate(None, _NOT_ALPHABET))
    return ("bad-base64", len(raw), len(raw)) if letters % 4 == 1 else None


def _trace_base64(raw: bytes, chunks: list[bytes]) -> Locate:
    alphabet = _trace_alphabet(raw)
    contents, letters = array("Q"), array("Q")
    content = letter = 0
    for chunk in chunks:
        size = len(chunk) if chunk is not raw else len(raw.translate(None, _NOT_ALPHABET))
        if size * 6 // 8:
            contents.append(content)
            letters.append(letter)
        content += size * 6 // 8
        letter += size

    def letter_of(offset: int) -> int:
        """The index of the first of the two letters that byte `offset` lies in."""
        index = bisect_right(contents, offset) - 1
        quad, rest = divmod(offset - contents[index], 3)
        return letters[index] + 4 * quad + rest

    def locate(start: int, end: int) -> Range:
        if not content:
            return 0, 0
        if start < end:
            return alphabet(letter_of(start), letter_of(end - 1) + 2)
        if start < content:
            at = alphabet(letter_of(start), letter_of(start))[0]
        else:
            at = alphabet(letter_of(content - 1), letter_of(content - 1) + 2)[1]
        return at, at

    return locate


def _trace_alphabet(raw: bytes) -> Locate:
    """The map from the letters of the base64 alphabet in `raw`, in order, to their offsets."""
    starts, cuts, total = [], [], 0
    for at in range(0, len(raw), WINDOW):
        length = len(raw[at : at + WINDOW].translate(None, _NOT_ALPHABET))
        if length:
            starts.append(total)
            cuts.append(at)
            total += length

    def open_window(index: int) -> Locate:
        runs = _ALPHABET_RUN.finditer(raw, cuts[index], cuts[index] + WINDOW)
        return segmented((run.end() - run.start(), run.start(), run.end() - run.start()) for run in runs)

    return windowed(starts, open_window)


# ---- uuencode


def _uuencode(raw: bytes) -> Decoding:
    content = b"".join(decoded for decoded, _, _ in _uu_lines(raw))
    return Decoding(content, lambda: segmented((len(decoded), at, size) for decoded, at, size in _uu_lines(raw)))


def _uu_lines(raw: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The decoded bytes, start and length of each line that holds data."""
    at, begun = 0, b"begin " not in raw
    for line in raw.splitlines(keepends=True):
        body = line.rstrip(b"\r\n")
        if not begun:
            begun = body.startswith(b"begin ")
        elif body == b"end":
            return
        elif body:
            yield _uu_line(body), at, len(body)
        at += len(line)


def _uu_line(line: bytes) -> bytes:
    size = (((line[0] - 32) & 63) * 4 + 5) // 3
    for attempt in (line, line[:size]):
        try:
            return binascii.a2b_uu(attempt)
        except binascii.Error:
            continue
    return b""
