"""Zip archives, read by their central directory. Sizes and offsets are claims of the archive until they are checked."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from spamlint.containers.budget import Budget
from spamlint.containers.entry import Entry, Note
from spamlint.containers.streams import Filters, unpack

LONGEST_NAME = 1024

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT = 65535
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
_METHODS = {8: "deflate", 12: "bz2", 14: "lzma"}
_AES = 99
_STORED = 0


class Record(NamedTuple):
    """One record of the central directory."""

    name: str
    size: int
    packed: int
    encrypted: bool
    method: int
    start: int


def entries(data: bytes, budget: Budget, note: Note) -> Iterator[Entry]:
    """The files of the archive. Notes "unreadable", "overlap", and "two-names" where a file has another name inside."""
    records = _records(data, budget, note)
    if _overlap(records):
        note("overlap")
    if any(_has_two_names(data, record) for record in records):
        note("two-names")
    view = memoryview(data)
    for record in records:
        if record.method not in (_STORED, _AES, *_METHODS):
            note("method")
        yield Entry(*record[:4], None if record.encrypted else partial(_read, view, record, budget))


def _records(data: bytes, budget: Budget, note: Note) -> list[Record]:
    found: list[Record] = []
    directory = _directory(data)
    if directory is None:
        note("unreadable")
        return found
    at, end, shift = directory
    while at + _CENTRAL.size <= end:
        fields = _CENTRAL.unpack_from(data, at)
        if fields[0] != b"PK\x01\x02":
            break
        if not budget.member():
            return found
        name_at = at + _CENTRAL.size
        name_end = name_at + fields[10]
        at = name_end + fields[11] + fields[12]
        found.append(_record(fields, data[name_at:name_end], data[name_end : name_end + fields[11]], shift))
    if at < end and not found:
        note("unreadable")
    return found


def _record(fields: tuple[int, ...], name: bytes, extra: bytes, shift: int) -> Record:
    flags, method, packed, size, offset = fields[3], fields[4], fields[8], fields[9], fields[16]
    if 0xFFFFFFFF in (packed, size, offset):
        size, packed, offset = _wide(extra, size, packed, offset)
    return Record(_name(name, flags), size, packed, bool(flags & _ENCRYPTED) or method == _AES, method, offset + shift)


def _wide(extra: bytes, *values: int) -> list[int]:
    """The values that are full in the 32 bit record, as the zip64 extra field has them."""
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, at)
        if tag == 1:
            raw = extra[at + 4 : at + 4 + length]
            numbers = iter(struct.iter_unpack("<Q", raw[: len(raw) // 8 * 8]))
            return [next(numbers, (value,))[0] if value == 0xFFFFFFFF else value for value in values]
        at += 4 + length
    return list(values)


def _directory(data: bytes) -> tuple[int, int, int] | None:
    """Start and end of the central directory, and by how much all offsets are off (a program before the archive)."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - _LONGEST_COMMENT - _END.size))
    if at < 0 or at + _END.size > len(data):
        return None
    _, _, _, _, count, size, offset, _ = _END.unpack_from(data, at)
    end = at
    locator = at - 20
    if (0xFFFFFFFF in (size, offset) or count == 0xFFFF) and data[max(locator, 0) : locator + 4] == b"PK\x06\x07":
        wide = int.from_bytes(data[locator + 8 : locator + 16], "little")
        for place in (wide, locator - _END64.size):
            if 0 <= place <= len(data) - _END64.size and data[place : place + 4] == b"PK\x06\x06":
                *_, size, offset = _END64.unpack_from(data, place)
                end = place
                break
    shift = end - size - offset
    for start, moved in ((end - size, shift), (offset, 0)):
        if 0 <= start <= end and (data[start : start + 4] == b"PK\x01\x02" or (start == end and not count)):
            return start, end, moved
    return None


def _overlap(records: list[Record]) -> bool:
    """Whether two files claim the same bytes, as in a bomb that unpacks one kernel many times."""
    reach = 0
    for record in sorted(records, key=lambda record: (record.start, record.packed)):
        if record.start < reach:
            return True
        reach = record.start + record.packed + (_LOCAL.size if record.packed else 0)
    return False


def _has_two_names(data: bytes, record: Record) -> bool:
    """Whether the file's own header calls it something else than the directory does."""
    if not 0 <= record.start <= len(data) - _LOCAL.size or data[record.start : record.start + 4] != b"PK\x03\x04":
        return False
    fields = _LOCAL.unpack_from(data, record.start)
    start = record.start + _LOCAL.size
    return fields[9] > 0 and _name(data[start : start + fields[9]], fields[2]) != record.name


def _name(raw: bytes, flags: int) -> str:
    return raw[:LONGEST_NAME].decode("utf-8" if flags & _UTF8 else "cp437", "replace")


def _read(data: memoryview, record: Record, budget: Budget, most: int) -> bytes:
    """The first `most` bytes of a file; less where the archive is damaged."""
    if not 0 <= record.start <= len(data) - _LOCAL.size:
        return b""
    fields = _LOCAL.unpack_from(data, record.start)
    if fields[0] != b"PK\x03\x04":
        return b""
    start = record.start + _LOCAL.size + fields[9] + fields[10]
    packed = data[start : start + record.packed]
    if record.method == _STORED:
        taken = bytes(packed[:most])
        return taken if budget.spend(len(taken)) else b""
    method = _METHODS.get(record.method)
    if method is None:
        return b""
    filters = _lzma_filters(bytes(packed[:9])) if method == "lzma" else None
    return unpack(packed[9:] if filters else packed, method, budget, most, filters)


def _lzma_filters(head: bytes) -> Filters | None:
    """The raw filter that the properties before an LZMA stream ask for."""
    return lzma_filter(head[4:9]) if len(head) == 9 and head[2:4] == b"\x05\x00" else None


def lzma_filter(properties: bytes, largest: int = 16 * 1024 * 1024) -> Filters | None:
    """The raw LZMA filter for five bytes of properties; the dictionary is not made larger than what is ever read."""
    import lzma

    packed = properties[0]
    lc, lp, pb = packed % 9, packed // 9 % 5, packed // 45
    if packed >= 225 or lc + lp > 4:
        return None
    size = max(4096, min(int.from_bytes(properties[1:5], "little"), largest))
    return [{"id": lzma.FILTER_LZMA1, "lc": lc, "lp": lp, "pb": pb, "dict_size": size}]
