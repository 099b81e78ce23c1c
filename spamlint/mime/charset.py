"""Charsets: decoding, and position maps on demand. Nothing raises, and no surrogate comes out."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import NamedTuple

from spamlint.mime.charset_names import SINGLE_BYTE, codec_for
from spamlint.mime.maps import WINDOW, whole, windowed
from spamlint.source import Locate, chained, segmented, shifted

# The mark, the codec that may have it, and the one that reads what follows; the longer marks come first.
_BOMS = (
    (codecs.BOM_UTF8, "utf_8", "utf_8"),
    (codecs.BOM_UTF32_LE, "utf_32", "utf_32_le"),
    (codecs.BOM_UTF32_BE, "utf_32", "utf_32_be"),
    (codecs.BOM_UTF16_LE, "utf_16", "utf_16_le"),
    (codecs.BOM_UTF16_BE, "utf_16", "utf_16_be"),
)
_8BIT = re.compile(rb"[\x80-\xff]+")
_C1 = re.compile(rb"[\x80-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_UTF_7_RUN = re.compile(rb"\+[A-Za-z0-9+/]*-?")
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_META_WITHIN = 1024


class Decoded(NamedTuple):
    """Decoded text; `trace` builds the map from its code points to the bytes.

    `problems` are defect codes, each with the range of `value` that it is about.
    """

    value: str
    trace: Callable[[], Locate]
    problems: tuple[tuple[str, int, int], ...] = ()


def declared_in(markup: bytes) -> str | None:
    """The codec that a `<meta charset>` at the beginning of an HTML text names, or None."""
    found = _META.search(markup, 0, _META_WITHIN)
    codec = codec_for(found[1].decode("ascii")) if found else None
    return "utf_8" if codec and codec.startswith("utf_16") else codec


def decode_text(data: bytes, charset: str | None, *, html: bool = False) -> Decoded:
    """`data` of a MIME part whose Content-Type declares `charset`."""
    codec = codec_for(charset) if charset else None
    if codec is None or codec == "ascii":
        return _undeclared(data, ("unknown-charset",) if charset and codec is None else (), html=html)
    return decode(data, codec)


def decode_draft(data: bytes) -> Decoded:
    """`data` of a file that nothing declares the charset of."""
    for mark, _, codec in _BOMS:
        if data.startswith(mark):
            return decode(data, codec)
    return _undeclared(data, (), html=True)


def draft_codec(data: bytes) -> str:
    """The codec that `decode_draft` reads `data` by."""
    marked = (codec for mark, _, codec in _BOMS if data.startswith(mark))
    codec = next(marked, None) or ("ascii" if data.isascii() else _guess(data, html=True))
    return "cp1252" if codec == "latin_1" and _C1.search(data) else codec


def _undeclared(data: bytes, codes: tuple[str, ...], *, html: bool) -> Decoded:
    first = None if data.isascii() else _8BIT.search(data)
    if not first:
        value = data.decode("latin-1")
        return Decoded(value, lambda: shifted(0), tuple((code, 0, 0) for code in codes))
    guess = _guess(data, html=html)
    found = decode(data, guess)
    at = min(first.start(), len(found.value))
    noted = tuple((code, at, min(at + 1, len(found.value))) for code in (*codes, "charset-guessed"))
    return Decoded(found.value, found.trace, noted + found.problems)


def _guess(data: bytes, *, html: bool) -> str:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        declared = declared_in(data) if html else None
        return declared if declared and declared not in {"utf_8", "ascii"} else "cp1252"
    return "utf_8"


def decode(data: bytes, codec: str) -> Decoded:
    """`data` read by `codec`, one of those that `charset_names.codec_for` gives; what does not fit becomes U+FFFD."""
    codec, start = _without_mark(data, codec)
    if start:
        found = _decode(data[start:], codec)
        return Decoded(found.value, lambda: chained(found.trace(), shifted(start)), found.problems)
    if codec == "latin_1" and _C1.search(data):
        codec = "cp1252"
    return _decode(data, codec)


def _without_mark(data: bytes, codec: str) -> tuple[str, int]:
    """The codec that a byte order mark at the start of `data` calls for, and the length of the mark."""
    for mark, family, exact in _BOMS:
        if codec in (family, exact) and data.startswith(mark):
            return exact, len(mark)
    return (codec + "_le" if codec in ("utf_16", "utf_32") else codec), 0


def _decode(data: bytes, codec: str) -> Decoded:
    problems: tuple[tuple[str, int, int], ...] = ()
    try:
        value = data.decode(codec)
    except UnicodeDecodeError as error:
        value = data.decode(codec, "replace")
        at = len(data[: error.start].decode(codec, "replace"))
        at = max(0, min(at, len(value) - 1))
        problems = (("undecodable-bytes", at, min(at + 1, len(value))),)
    if codec == "utf_7":
        value = _SURROGATE.sub("\ufffd", value)
    return Decoded(value, lambda: trace(data, codec, value), problems)


def trace(data: bytes, codec: str, value: str) -> Locate:
    """The map from `value` to `data`, which `codec` reads as it."""
    if codec in SINGLE_BYTE or (codec == "utf_8" and len(data) == len(value) and data.isascii()):
        return shifted(0)
    return _trace_utf_7(data, value) if codec == "utf_7" else _trace_windows(data, codec, value)


def _trace_windows(data: bytes, codec: str, value: str) -> Locate:
    decoder = codecs.getincrementaldecoder(codec)("replace")
    starts: list[int] = []
    opens: list[tuple[int, tuple[bytes, int]]] = []
    total = 0
    opening = (0, decoder.getstate())
    for at in range(0, len(data), WINDOW):
        text = _step(decoder, data, at, at + WINDOW)
        if text is None or not value.startswith(text, total):
            return whole(len(data))
        if text:
            starts.append(total)
            opens.append(opening)
            total += len(text)
            opening = (at + WINDOW, decoder.getstate())
    if total != len(value):
        return whole(len(data))
    ends = [start for start, _ in opens[1:]] + [len(data)]

    def open_window(index: int) -> Locate:
        start, state = opens[index]
        length = (starts[index + 1] if index + 1 < len(starts) else total) - starts[index]
        found = pieces(data, codec, start, ends[index], state)
        if sum(piece[0] for piece in found) != length:
            found = [(length, start, ends[index] - start)]
        return segmented(found)

    return windowed(starts, open_window)


def pieces(data: bytes, codec: str, start: int, end: int, state: tuple[bytes, int]) -> list[tuple[int, int, int]]:
    """The pieces, as `segmented` takes them, of `data[start:end]` read by a decoder in `state`.

    There are none where the decoder cannot read byte by byte.
    """
    decoder = codecs.getincrementaldecoder(codec)("replace")
    decoder.setstate(state)
    unit = start - len(state[0])
    found: list[tuple[int, int, int]] = []
    for at in range(start, end):
        text = _step(decoder, data, at, at + 1)
        if text is None:
            return []
        after = at + 1
        if after < len(data):
            after -= len(decoder.getstate()[0])
        if text:
            found.append((len(text), unit, after - unit))
            unit = after
        elif after > at:
            unit = after  # a shift between character sets
    return found


def _step(decoder: codecs.IncrementalDecoder, data: bytes, start: int, end: int) -> str | None:
    """The next characters, or None where too much is pending: the decoders of ISO 2022 keep 8 bytes at most."""
    try:
        return decoder.decode(data[start:end], end >= len(data))
    except UnicodeError:
        return None


def _trace_utf_7(data: bytes, value: str) -> Locate:
    """A shifted run is one unit: the decoder of UTF-7 gives no positions inside it."""
    found: list[tuple[int, int, int]] = []
    last = total = 0
    while run := _UTF_7_RUN.search(data, last):
        start, end = run.span()
        try:
            text = run[0].decode("utf-7")
        except UnicodeDecodeError:
            end = min(end + 1, len(data))  # an error takes the byte behind the run with it
            text = data[start:end].decode("utf-7", "replace")
        found += ((start - last, last, start - last), (len(text), start, end - start))
        total += start - last + len(text)
        last = end
    found.append((len(data) - last, last, len(data) - last))
    return segmented(found) if total + len(data) - last == len(value) else whole(len(data))
