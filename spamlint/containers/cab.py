"""Cabinet files, by their list of files."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from spamlint.containers.budget import Budget
from spamlint.containers.entry import Entry, Note
from spamlint.containers.zip_archive import LONGEST_NAME

_HEADER = struct.Struct("<4s5L2B5H")
_FILE = struct.Struct("<2L4H")
_NAME_IS_UTF8 = 0x80


def entries(data: bytes, budget: Budget, note: Note) -> Iterator[Entry]:
    """The files of the cabinet, without what they hold. Notes "unreadable"."""
    if len(data) < _HEADER.size:
        note("unreadable")
        return
    fields = _HEADER.unpack_from(data)
    at, count = fields[4], fields[9]
    for _ in range(count):
        if at + _FILE.size > len(data):
            note("unreadable")
            return
        size, _, _, _, _, attributes = _FILE.unpack_from(data, at)
        start = at + _FILE.size
        end = data.find(b"\0", start, start + LONGEST_NAME)
        if end < 0 or not budget.member():
            return
        name = data[start:end].decode("utf-8" if attributes & _NAME_IS_UTF8 else "cp1252", "replace")
        yield Entry(name, size, 0, False, None)
        at = end + 1
