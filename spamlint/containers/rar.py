"""RAR archives of the versions 4 and 5, by their headers."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from spamlint.containers.budget import Budget
from spamlint.containers.entry import Entry, Note
from spamlint.containers.zip_archive import LONGEST_NAME

_SIGNATURE_4, _SIGNATURE_5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
_MOST_HEADER = 64 * 1024

_BLOCK_4 = struct.Struct("<HBHH")
_FILE_4 = struct.Struct("<2LB2L2BHL")
_MAIN_4, _FILE_BLOCK_4, _END_4 = 0x73, 0x74, 0x7B
_ENCRYPTED_HEADERS_4, _HAS_DATA_4 = 0x80, 0x8000
_ENCRYPTED_4, _LARGE_4, _FOLDER_4, _UNICODE_4 = 0x04, 0x100, 0xE0, 0x200

_FILE_5, _ENCRYPTION_5, _END_5 = 2, 4, 5
_HAS_EXTRA_5, _HAS_DATA_5 = 1, 2
_IS_FOLDER_5, _HAS_TIME_5, _HAS_SUM_5 = 1, 2, 4
_EXTRA_ENCRYPTION = 1


def entries(data: bytes, budget: Budget, note: Note) -> Iterator[Entry]:
    """The files of the archive, without what they hold. Notes "unreadable" and "encrypted-list"."""
    if data.startswith(_SIGNATURE_5):
        yield from _version_5(data, budget, note)
    else:
        yield from _version_4(data, budget, note)


def _version_4(data: bytes, budget: Budget, note: Note) -> Iterator[Entry]:
    at, blocks = len(_SIGNATURE_4), 0
    while at + _BLOCK_4.size <= len(data):
        _, kind, flags, size = _BLOCK_4.unpack_from(data, at)
        if size < _BLOCK_4.size or kind == _END_4 or not budget.spend(64):
            break
        if kind == _MAIN_4 and flags & _ENCRYPTED_HEADERS_4:
            note("encrypted-list")
            return
        follows = 0
        if kind == _FILE_BLOCK_4 and size >= _BLOCK_4.size + _FILE_4.size and at + size <= len(data):
            if not budget.member():
                return
            entry = _file_4(data[at + _BLOCK_4.size : at + size], flags)
            follows = entry.packed
            if flags & _FOLDER_4 != _FOLDER_4:
                yield entry
        elif flags & _HAS_DATA_4:
            follows = int.from_bytes(data[at + 7 : at + 11], "little")
        blocks += 1
        at += size + follows
    if not blocks:
        note("unreadable")


def _file_4(header: bytes, flags: int) -> Entry:
    packed, size, _, _, _, _, _, length, _ = _FILE_4.unpack_from(header)
    start = _FILE_4.size
    if flags & _LARGE_4:
        packed |= int.from_bytes(header[start : start + 4], "little") << 32
        size |= int.from_bytes(header[start + 4 : start + 8], "little") << 32
        start += 8
    raw = header[start : start + min(length, LONGEST_NAME)]
    plain, zero, packed_name = raw.partition(b"\0")
    if flags & _UNICODE_4 and zero:
        name = _unicode_4(plain, packed_name)
    else:
        name = raw.decode("utf-8" if flags & _UNICODE_4 else "latin-1", "replace")
    return Entry(name, size, packed, bool(flags & _ENCRYPTED_4), None)


def _unicode_4(plain: bytes, packed: bytes) -> str:
    """A name in the packed UTF-16 of version 4: two bits say how each character is written."""
    found: list[int] = []
    high = packed[0] if packed else 0
    at, flags, bits = 1, 0, 0
    while at < len(packed) and len(found) < LONGEST_NAME:
        if not bits:
            flags, bits, at = packed[at], 8, at + 1
            if at >= len(packed):
                break
        bits -= 2
        mode, byte = flags >> bits & 3, packed[at]
        at += 1
        if mode == 0:
            found.append(byte)
        elif mode == 1:
            found.append(high << 8 | byte)
        elif mode == 2:
            found.append(byte | (packed[at] if at < len(packed) else 0) << 8)
            at += 1
        else:
            count, add = (byte & 0x7F) + 2, packed[at] if byte & 0x80 and at < len(packed) else None
            at += byte >> 7
            same = plain[len(found) : len(found) + count]
            found += same if add is None else [(letter + add & 0xFF) | high << 8 for letter in same]
    return struct.pack(f"<{len(found)}H", *found).decode("utf-16-le", "replace")


def _version_5(data: bytes, budget: Budget, note: Note) -> Iterator[Entry]:
    at, blocks = len(_SIGNATURE_5), 0
    while at + 7 <= len(data):
        size, start = _number(data, at + 4)
        header = data[start : start + min(size, _MOST_HEADER)]
        if not size or len(header) < 2 or not budget.spend(64):
            break
        kind, place = _number(header, 0)
        flags, place = _number(header, place)
        if kind == _ENCRYPTION_5:
            note("encrypted-list")
            return
        if kind == _END_5:
            return
        extra, place = _number(header, place) if flags & _HAS_EXTRA_5 else (0, place)
        follows, place = _number(header, place) if flags & _HAS_DATA_5 else (0, place)
        if kind == _FILE_5:
            if not budget.member():
                return
            entry = _file_5(header, place, extra, follows)
            if entry is not None:
                yield entry
        blocks += 1
        at = start + size + follows
    if not blocks:
        note("unreadable")


def _file_5(header: bytes, place: int, extra: int, packed: int) -> Entry | None:
    flags, place = _number(header, place)
    size, place = _number(header, place)
    _, place = _number(header, place)
    place += 4 * bool(flags & _HAS_TIME_5) + 4 * bool(flags & _HAS_SUM_5)
    for _ in range(2):
        _, place = _number(header, place)
    length, place = _number(header, place)
    if flags & _IS_FOLDER_5:
        return None
    name = header[place : place + min(length, LONGEST_NAME)].decode("utf-8", "replace")
    return Entry(name, size, packed, _is_encrypted_5(header, extra), None)


def _is_encrypted_5(header: bytes, extra: int) -> bool:
    """Whether one of the extra records at the end of a header speaks of encryption."""
    at = len(header) - extra
    while 0 <= at < len(header):
        size, start = _number(header, at)
        kind, _ = _number(header, start)
        if kind == _EXTRA_ENCRYPTION:
            return True
        at = start + max(size, 1)
    return False


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number in groups of seven bits, and where it ends."""
    value = 0
    for index in range(10):
        byte = data[at + index] if at + index < len(data) else 0
        value |= (byte & 0x7F) << 7 * index
        if not byte & 0x80:
            return value, at + index + 1
    return value, at + 10
