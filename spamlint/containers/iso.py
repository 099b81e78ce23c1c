"""Disk images in the ISO 9660 format, by their directory records. Their files are not compressed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from spamlint.containers.budget import Budget
from spamlint.containers.entry import Entry, Note

_SECTOR = 2048
_FIRST_DESCRIPTOR, _MOST_DESCRIPTORS = 16, 16
_PRIMARY, _SUPPLEMENTARY, _TERMINATOR = 1, 2, 255
_FOLDER = 2
_LARGEST_FOLDER = 4 * 1024 * 1024


def entries(data: bytes, budget: Budget, note: Note) -> Iterator[Entry]:
    """The files of the image; the names of the Joliet extension where it has one. Notes "unreadable"."""
    root = _root(data)
    if root is None:
        note("unreadable")
        return
    record, wide = root
    waiting = [("", *_extent(record))]
    seen = set()
    view = memoryview(data)
    while waiting:
        prefix, start, size = waiting.pop()
        if start in seen:
            continue
        seen.add(start)
        for name, is_folder, at, length in _records(data[start : start + min(size, _LARGEST_FOLDER)], wide):
            if not budget.member():
                return
            if is_folder:
                waiting.append((f"{prefix}{name}/", at, length))
            else:
                yield Entry(prefix + name, length, length, False, _reader(view[at : at + length], budget))


def _reader(file: memoryview, budget: Budget) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        taken = bytes(file[:most])
        return taken if budget.spend(len(taken)) else b""

    return read


def _root(data: bytes) -> tuple[bytes, bool] | None:
    """The record of the root folder, and whether names are in UTF-16."""
    found = None
    for number in range(_FIRST_DESCRIPTOR, _FIRST_DESCRIPTOR + _MOST_DESCRIPTORS):
        sector = data[number * _SECTOR : (number + 1) * _SECTOR]
        if sector[1:6] != b"CD001" or sector[0] == _TERMINATOR:
            break
        if sector[0] == _PRIMARY and found is None:
            found = sector[156:190], False
        elif sector[0] == _SUPPLEMENTARY and sector[88:90] == b"%/":
            found = sector[156:190], True
    return found if found and len(found[0]) == 34 else None


def _extent(record: bytes) -> tuple[int, int]:
    return int.from_bytes(record[2:6], "little") * _SECTOR, int.from_bytes(record[10:14], "little")


def _records(folder: bytes, wide: bool) -> Iterator[tuple[str, bool, int, int]]:
    """Name, whether it is a folder, offset and size of each record."""
    at = 0
    while at < len(folder):
        length = folder[at]
        if not length:  # records do not cross sectors
            at += _SECTOR - at % _SECTOR
            continue
        record = folder[at : at + length]
        at += length
        if len(record) < 34:
            return
        raw = record[33 : 33 + record[32]]
        if raw in (b"\0", b"\1"):  # the folder itself, and the one around it
            continue
        name = raw.decode("utf-16-be", "replace") if wide else raw.decode("latin-1")
        yield name.partition(";")[0], bool(record[25] & _FOLDER), *_extent(record)
