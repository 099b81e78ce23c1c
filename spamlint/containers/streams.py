"""Compressed streams, unpacked block by block within a budget: deflate, gzip, bzip2, xz, lzma."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Iterator
from typing import TypeAlias

from spamlint.containers.budget import Budget

COST = {"gz": 1, "zlib": 1, "deflate": 1, "bz2": 8, "xz": 4, "lzma": 4}
"""Units of work for one unpacked byte."""

BLOCK = 64 * 1024
"""Bytes of one unpacked block at most."""
CHUNK = 16 * 1024
"""Packed bytes fed in at once."""
RESTART = 16 * 1024
"""Units of work for each further stream behind the first one in a file."""
BOMB_FLOOR = 4 * 1024 * 1024
"""Unpacked bytes below which no ratio makes a bomb."""

DAMAGE = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, MemoryError)
"""What the decompressors raise on damaged or immoderate data."""

Filters: TypeAlias = list[dict[str, int]]
_WINDOWS = {"gz": 31, "zlib": 15, "deflate": -15}
_SEVERAL = ("gz", "bz2", "xz")


class Unpacker:
    """One decompressor with the same face for all methods."""

    def __init__(self, method: str, memory: int, filters: Filters | None = None) -> None:
        self._zlib = zlib.decompressobj(_WINDOWS[method]) if method in _WINDOWS else None
        self._other: bz2.BZ2Decompressor | lzma.LZMADecompressor | None = None
        if method == "bz2":
            self._other = bz2.BZ2Decompressor()
        elif filters:
            self._other = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters)
        elif self._zlib is None:
            self._other = lzma.LZMADecompressor(lzma.FORMAT_AUTO, memlimit=memory)

    def step(self, data: bytes, most: int) -> tuple[bytes, bytes]:
        """At most `most` unpacked bytes, and what is left of `data`."""
        if self._zlib is not None:
            out = self._zlib.decompress(data, most)
            return out, self._zlib.unconsumed_tail
        assert self._other is not None
        return self._other.decompress(data, most), b""

    @property
    def hungry(self) -> bool:
        """Whether nothing more comes without more data."""
        return self._zlib is not None or (self._other is not None and self._other.needs_input)

    @property
    def rest(self) -> bytes | None:
        """What follows the end of the stream; None before the end."""
        machine = self._zlib if self._zlib is not None else self._other
        assert machine is not None
        return machine.unused_data if machine.eof else None


def blocks(
    data: memoryview, method: str, budget: Budget, most: int = BLOCK, filters: Filters | None = None
) -> Iterator[bytes]:
    """The unpacked stream in blocks. It ends early where the data are damaged or the budget is spent."""
    cost, memory = COST[method], budget.limits.archive_memory
    size, chunk = min(most, BLOCK), max(512, min(CHUNK, 2 * most))
    at, rest = 0, b""
    try:
        machine = Unpacker(method, memory, filters)
        while True:
            if not rest and machine.hungry:
                rest = bytes(data[at : at + chunk])
                at += len(rest)
                if not rest or not budget.spend(len(rest)):
                    return
            out, rest = machine.step(rest, size)
            if out:
                if not budget.spend(len(out) * cost):
                    return
                yield out
            after = machine.rest
            if after is not None:
                rest = after or bytes(data[at : at + chunk])
                at += 0 if after else len(rest)
                if method not in _SEVERAL or not rest.strip(b"\0") or not budget.spend(RESTART):
                    return
                machine = Unpacker(method, memory, filters)
    except DAMAGE as error:
        if isinstance(error, MemoryError) or "emory" in str(error):
            budget.reach("archive-memory")


def unpack(data: memoryview, method: str, budget: Budget, most: int, filters: Filters | None = None) -> bytes:
    """The first `most` bytes of the unpacked stream."""
    found = bytearray()
    for block in blocks(data, method, budget, most, filters):
        found += block
        if len(found) >= most:
            break
    return bytes(found[:most])
