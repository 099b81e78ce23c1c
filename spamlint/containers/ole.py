"""The directory of an OLE compound file (Word 97, Excel 97, msi, msg), and the bytes of its streams."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from spamlint.containers.budget import Budget

_HEADER = struct.Struct("<8s16s5H6x9L")
_ENTRY = struct.Struct("<64sHBB3L16sL8s8sLQ")
_FREE = 0xFFFFFFFA
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_DIFAT_IN_HEADER = 109
_MINI = 64
_MOST_ENTRIES = 4_000


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream or storage of the file."""

    name: str
    is_storage: bool
    start: int
    size: int


class CompoundFile:
    """A compound file. What is damaged reads as empty; no chain of sectors is followed twice."""

    def __init__(self, data: bytes, budget: Budget) -> None:
        self._data = data
        self._budget = budget
        self.streams: tuple[Stream, ...] = ()
        if len(data) < 512:
            return
        fields = _HEADER.unpack_from(data)
        self._size = 1 << min(max(fields[5], 7), 16)
        self._cutoff = fields[11]
        self._fat = self._sectors_of_fat(fields[14], fields[15])
        directory = self._chain(fields[9], _MOST_ENTRIES * _ENTRY.size)
        rows = list(_rows(directory))
        self.streams = tuple(Stream(name, kind == _STORAGE, *place) for name, kind, *place in rows)
        root = next((Stream(name, False, *place) for name, kind, *place in rows if kind == _ROOT), None)
        self._mini_place = root
        self._mini_fat_start = fields[12]

    @property
    def names(self) -> frozenset[str]:
        """The names of all streams and storages."""
        return frozenset(stream.name for stream in self.streams)

    def read(self, stream: Stream, most: int) -> bytes:
        """The first bytes of a stream."""
        most = min(most, stream.size)
        if stream.size >= self._cutoff:
            return self._chain(stream.start, most)[:most]
        if self._mini_place is None:
            return b""
        held = self._chain(self._mini_place.start, min(self._mini_place.size, len(self._data)))
        table = self._numbers(self._chain(self._mini_fat_start, len(self._data)))
        found, at, left = bytearray(), stream.start, len(table)
        while at < len(table) and len(found) < most and left:
            found += held[at * _MINI : (at + 1) * _MINI]
            at, left = table[at], left - 1
        return bytes(found[:most])

    def _sectors_of_fat(self, difat: int, count: int) -> tuple[int, ...]:
        """The table that names the sector behind each sector."""
        places = list(struct.unpack_from(f"<{_DIFAT_IN_HEADER}L", self._data, 76))
        most = len(self._data) // self._size + 1
        while difat < _FREE and count and len(places) < most + _DIFAT_IN_HEADER:
            sector = self._numbers(self._sector(difat))
            if not sector:
                break
            places += sector[:-1]
            difat, count = sector[-1], count - 1
        used = list(dict.fromkeys(place for place in places if place < _FREE))[:most]
        table = b"".join(map(self._sector, used))
        return self._numbers(table) if self._budget.spend(len(table)) else ()

    def _chain(self, start: int, most: int) -> bytes:
        found = bytearray()
        at, left = start, len(self._fat)
        while at < len(self._fat) and left and len(found) < most:
            found += self._sector(at)
            at, left = self._fat[at], left - 1
        return bytes(found) if self._budget.spend(len(found)) else b""

    def _sector(self, number: int) -> bytes:
        return self._data[(number + 1) * self._size : (number + 2) * self._size]

    @staticmethod
    def _numbers(table: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(table) // 4}L", table[: len(table) // 4 * 4])


def _rows(directory: bytes) -> Iterator[tuple[str, int, int, int]]:
    """Name, type, first sector and size of each entry."""
    for at in range(0, len(directory) - _ENTRY.size + 1, _ENTRY.size):
        raw, length, kind, *_, start, size = _ENTRY.unpack_from(directory, at)
        if kind in (_STORAGE, _STREAM, _ROOT):
            name = raw[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            yield name, kind, start, size & 0xFFFFFFFF
