"""The header block of a message or part (RFC 5322): which fields it has and where it ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from spamlint.limits import Limits
from spamlint.mime.defect import Defect
from spamlint.mime.header import Header
from spamlint.source import Source, source_text

_NAME = re.compile(rb"([!-9;-~]+)[ \t]*:")
# A field with its folded lines, where line ends are "\n" or "\r\n"; a line with "--" may be a boundary delimiter.
_PLAIN_FIELD = re.compile(rb"(?!--)([!-9;-~]+)[ \t]*:(.*(?:\n[ \t].*)*)")
# A line end that no folded line follows.
_FIELD_END = re.compile(rb"\r\n(?![ \t])|\r(?![ \t\n])|\n(?![ \t])|\Z")
_LINE_END = re.compile(rb"\r\n|\r|\n|\Z")
_BARE_CR = re.compile(rb"\r(?!\n)")
_MBOX_LINE = re.compile(rb">?From (?![ \t]*:)")
_PLAIN_BLOCK = 65_536
"""Bytes that the fast reader looks ahead for the end of the block, so that looking in vain costs little."""


@dataclass(slots=True)
class Block:
    """A header block: its fields, where it ends, where the body starts, and what is wrong with it."""

    headers: list[Header] = field(default_factory=list)
    end: int = 0
    body: int = 0
    defects: list[Defect] = field(default_factory=list)


def read_block(source: Source, start: int, stop: int, limits: Limits, is_delimiter: Callable[[int], bool]) -> Block:
    """The header block at `start` of what lies before `stop`.

    A line that is no field ends the block and is the first line of the body, except where it can only be a stray one:
    it starts with a colon, "From " or, as the first line, with white space.
    """
    data, block, position = source.data, Block(), start
    if _MBOX_LINE.match(data, position, stop):
        position = _end_of(_LINE_END, data, position, stop)[1]
    while (after := _read_plain(block, source, position, stop, limits)) > position:
        position = after
    count = len(block.headers)
    while position < stop and data[position] not in b"\r\n":
        name = _NAME.match(data, position, stop)
        if data.startswith(b"--", position) and is_delimiter(position):
            break
        end, after = _end_of(_FIELD_END, data, position, stop)
        if name:
            count += 1
            _add(block, source, name, end, count, limits)
        else:
            block.defects.append(Defect("malformed-header-line", source_text(source, position, end)))
            if not _is_stray(data, position, count):
                break
        position = after
    block.end = block.body = position
    if data.startswith(b"\r\n", position, stop):
        block.body += 2
    elif data.startswith((b"\r", b"\n"), position, stop):
        block.body += 1
    return block


def _read_plain(block: Block, source: Source, position: int, stop: int, limits: Limits) -> int:
    """Add the fields of a block of the usual form; the offset at which the first line lies that needs a closer look."""
    data, headers = source.data, block.headers
    end = _plain_end(data, position, stop)
    match, most, longest = _PLAIN_FIELD.match, limits.headers, limits.header
    while position < end and len(headers) < most:
        found = match(data, position, end)
        if not found or found.end() - position > longest:
            break
        at = found.end()
        last = at - 1 if data[at - 1] == 13 else at
        headers.append(Header(source, found[1].decode("ascii"), position, found.start(2), last, limits))
        position = at + 1
    return position


def _plain_end(data: bytes, start: int, stop: int) -> int:
    """The end of the last field of the block, or of those looked at; `start` if they are not of the usual form."""
    stop = min(stop, start + _PLAIN_BLOCK)
    line_end = data.find(b"\n", start, stop)
    if line_end <= start or data[start] == 13:
        return start
    blank = b"\n\r\n" if data[line_end - 1] == 13 else b"\n\n"
    end = data.find(blank, line_end, stop)
    if end < 0:
        end = data.rfind(b"\n", start, stop)
        while data.startswith((b" ", b"\t"), end + 1) and end > start:
            end = data.rfind(b"\n", start, end)
    return start if end <= start or _BARE_CR.search(data, start, end + 1) else end


def _add(block: Block, source: Source, name: re.Match[bytes], end: int, count: int, limits: Limits) -> None:
    start = name.start()
    if count <= limits.headers:
        end = min(end, start + limits.header)
        colon = min(name.end(), end)
        block.headers.append(Header(source, name[1].decode("ascii"), start, colon, end, limits))
    elif count == limits.headers + 1:
        block.defects.append(Defect("limit-headers", source_text(source, start, start)))


def _is_stray(data: bytes, position: int, count: int) -> bool:
    return data[position] in b":" or data.startswith(b"From ", position) or (data[position] in b" \t" and not count)


def _end_of(pattern: re.Pattern[bytes], data: bytes, position: int, stop: int) -> tuple[int, int]:
    found = pattern.search(data, position, stop)
    return found.span() if found else (stop, stop)
