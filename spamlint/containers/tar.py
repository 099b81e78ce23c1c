"""Tar archives, walked header by header over a stream, so that the files themselves are never held."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from spamlint.containers.budget import Budget
from spamlint.containers.entry import Entry, Note
from spamlint.containers.zip_archive import LONGEST_NAME

RECORD = 512
LONGEST_LONG_NAME = 64 * 1024

_FILE_TYPES = b"0\x007"
_LONG_NAME = b"L"
_PAX = b"x"


class Window:
    """A stream of blocks that is read forward only."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._held = b""
        self.at = 0

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, or fewer at the end of the stream; they stay."""
        if len(self._held) < size:
            found = bytearray(self._held)
            for block in self._blocks:
                found += block
                if len(found) >= size:
                    break
            self._held = bytes(found)
        return self._held[:size]

    def pull(self, size: int) -> bytes:
        """The next `size` bytes, or fewer at the end of the stream."""
        taken = self.peek(size)
        self._held = self._held[len(taken) :]
        self.at += len(taken)
        return taken

    def skip(self, to: int) -> bool:
        """Goes forward to offset `to`; whether the stream is that long."""
        while self.at < to:
            if not self._held:
                self._held = next(self._blocks, b"")
                if not self._held:
                    return False
            step = min(len(self._held), to - self.at)
            self._held = self._held[step:]
            self.at += step
        return True


def entries(window: Window, budget: Budget, note: Note) -> Iterator[Entry]:
    """The files of the archive. What `read` gives must be read before the next entry. Notes "unreadable"."""
    long_name = ""
    while True:
        header = window.pull(RECORD)
        if len(header) < RECORD or not header.strip(b"\0"):
            return
        size = _number(header[124:136])
        if size is None or not _sum_is_right(header):
            note("unreadable")
            return
        start, kind = window.at, header[156:157]
        if kind in (_LONG_NAME, _PAX):
            if not budget.spend(RECORD):
                return
            text = window.pull(min(size, LONGEST_LONG_NAME))
            long_name = _pax_path(text) or long_name if kind == _PAX else _decoded(text)
        else:
            if not budget.member():
                return
            name, long_name = long_name or _name(header), ""
            if kind in _FILE_TYPES and kind:
                yield Entry(name, size, size, False, partial(_first, window, size))
        if not window.skip(start + size + -size % RECORD):
            return


def _first(window: Window, size: int, most: int) -> bytes:
    return window.peek(min(most, size))


def plain(data: memoryview, budget: Budget) -> Iterator[bytes]:
    """An archive that is not compressed, in blocks."""
    for at in range(0, len(data), RECORD * 128):
        block = bytes(data[at : at + RECORD * 128])
        if not budget.spend(len(block) // 8):
            return
        yield block


def _sum_is_right(header: bytes) -> bool:
    stated = _number(header[148:156])
    return stated == sum(header) - sum(header[148:156]) + 8 * 32


def _number(field: bytes) -> int | None:
    """An octal number, or a binary one as GNU tar writes large sizes."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[4:], "big")
    digits = field.strip(b" \0")
    if not digits:
        return 0
    if digits.strip(b"01234567"):
        return None
    return int(digits, 8)


def _name(header: bytes) -> str:
    prefix = _decoded(header[345:500]) if header[257:263] == b"ustar\0" else ""
    name = _decoded(header[:100])
    return f"{prefix}/{name}" if prefix else name


def _decoded(field: bytes) -> str:
    return field.partition(b"\0")[0][:LONGEST_NAME].decode("utf-8", "replace")


def _pax_path(text: bytes) -> str:
    """The path that a pax header sets, "" where it sets none."""
    at = text.find(b" path=")
    return _decoded(text[at + 6 :].partition(b"\n")[0]) if at >= 0 else ""
