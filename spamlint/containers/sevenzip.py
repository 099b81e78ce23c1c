"""7z archives, by their header at the end, which is mostly packed itself."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from dataclasses import dataclass, field

from spamlint.containers.budget import Budget
from spamlint.containers.entry import Entry, Note
from spamlint.containers.streams import Filters, unpack
from spamlint.containers.zip_archive import LONGEST_NAME, lzma_filter

_SIGNATURE_SIZE = 32
_LARGEST_HEADER = 4 * 1024 * 1024
_MOST_NESTED = 4
_MOST_NUMBERS = 100_000

(_END, _HEADER, _, _, _MAIN_STREAMS, _FILES, _PACK, _UNPACK, _SUBSTREAMS, _SIZE, _CRC, _FOLDER, _CODERS_SIZE, _COUNT,
 _EMPTY_STREAM, _EMPTY_FILE, _, _NAMES) = range(18)  # fmt: skip
_ENCODED = 0x17

_COPY, _LZMA, _LZMA2, _AES = b"\0", b"\3\1\1", b"\x21", b"\6\xf1\7\1"


class _DamagedError(ValueError):
    """The header is not as the format has it."""


@dataclass(slots=True)
class _Folder:
    """Some files packed as one stream: how, and how large that becomes."""

    methods: list[tuple[bytes, bytes]]
    outputs: int
    last: int
    """The index of the output that is not the input of another method."""
    sizes: list[int] = field(default_factory=list)
    files: int = 1
    file_sizes: list[int] = field(default_factory=list)

    @property
    def encrypted(self) -> bool:
        return any(method == _AES for method, _ in self.methods)

    @property
    def size(self) -> int:
        return self.sizes[self.last] if self.last < len(self.sizes) else 0


@dataclass(slots=True)
class _Streams:
    """Where the packed streams are and what they unpack to."""

    start: int = 0
    packed: list[int] = field(default_factory=list)
    folders: list[_Folder] = field(default_factory=list)


class _Cursor:
    """Reads a header forward; behind its end everything is damaged."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) < size:
            raise _DamagedError
        self._at += size
        return taken

    def rest(self) -> bytes:
        return self._data[self._at :]

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        """A number whose first byte says by its leading ones how many bytes follow."""
        first = self.byte()
        value, mask = 0, 0x80
        for index in range(8):
            if not first & mask:
                return value | (first & mask - 1) << 8 * index
            value |= self.byte() << 8 * index
            mask >>= 1
        return value

    def count(self) -> int:
        """A number of things, each of which takes room in the header."""
        value = self.number()
        if value > _MOST_NUMBERS:
            raise _DamagedError
        return value

    def numbers(self, count: int) -> list[int]:
        return [self.number() for _ in range(count)]

    def bits(self, count: int) -> list[bool]:
        packed = self.take((count + 7) // 8)
        return [bool(packed[index // 8] & 0x80 >> index % 8) for index in range(count)]

    def some(self, count: int) -> list[bool]:
        """Bits, or one byte that says that all are set."""
        return [True] * count if self.byte() else self.bits(count)


def entries(data: bytes, budget: Budget, note: Note) -> Iterator[Entry]:
    """The files of the archive, without what they hold. Notes "unreadable", "unlisted" and "encrypted-list"."""
    try:
        found = _files(data, budget, note)
    except _DamagedError:
        note("unreadable")
        return
    for entry in found:
        if not budget.member():
            return
        yield entry


def _files(data: bytes, budget: Budget, note: Note) -> list[Entry]:
    if len(data) < _SIGNATURE_SIZE:
        raise _DamagedError
    offset, size = int.from_bytes(data[12:20], "little"), int.from_bytes(data[20:28], "little")
    if not size:
        return []
    header = data[_SIGNATURE_SIZE + offset : _SIGNATURE_SIZE + offset + size]
    if len(header) < size or size > _LARGEST_HEADER:
        raise _DamagedError
    for _ in range(_MOST_NESTED):
        if not budget.spend(len(header) * 8):
            return []
        cursor = _Cursor(header)
        kind = cursor.byte()
        if kind == _HEADER:
            return _listed(cursor)
        if kind != _ENCODED:
            raise _DamagedError
        streams = _streams(cursor)
        if any(folder.encrypted for folder in streams.folders):
            note("encrypted-list")
            return []
        plain = _unpacked(data, streams, budget)
        if plain is None:
            note("unlisted")
            return []
        header = plain
    raise _DamagedError


def _unpacked(data: bytes, streams: _Streams, budget: Budget) -> bytes | None:
    """The header in the first folder, or None where its method is not known."""
    if not streams.folders or not streams.packed or len(streams.folders[0].methods) != 1:
        return None
    folder = streams.folders[0]
    (method, properties), start = folder.methods[0], _SIGNATURE_SIZE + streams.start
    packed = memoryview(data)[start : start + streams.packed[0]]
    if folder.size > _LARGEST_HEADER or method not in (_COPY, _LZMA, _LZMA2):
        return None
    if method == _COPY:
        return bytes(packed[: folder.size])
    filters: Filters | None = [{"id": lzma.FILTER_LZMA2, "dict_size": _LARGEST_HEADER}]
    if method == _LZMA:
        filters = lzma_filter(properties) if len(properties) == 5 else None
    return unpack(packed, "lzma", budget, folder.size, filters) if filters else None


def _streams(cursor: _Cursor) -> _Streams:
    found = _Streams()
    while (kind := cursor.byte()) != _END:
        if kind == _PACK:
            found.start = cursor.number()
            count = cursor.count()
            while (inner := cursor.byte()) != _END:
                if inner == _SIZE:
                    found.packed = cursor.numbers(count)
                elif inner == _CRC:
                    _pass_sums(cursor, count)
                else:
                    raise _DamagedError
        elif kind == _UNPACK:
            found.folders = _folders(cursor)
        elif kind == _SUBSTREAMS:
            _substreams(cursor, found.folders)
        else:
            raise _DamagedError
    return found


def _folders(cursor: _Cursor) -> list[_Folder]:
    if cursor.byte() != _FOLDER:
        raise _DamagedError
    count = cursor.count()
    lies_elsewhere = cursor.byte()  # in another stream; nobody writes that
    found = [] if lies_elsewhere else [_folder(cursor) for _ in range(count)]
    if lies_elsewhere or cursor.byte() != _CODERS_SIZE:
        raise _DamagedError
    for folder in found:
        folder.sizes = cursor.numbers(folder.outputs)
    while (kind := cursor.byte()) != _END:
        if kind != _CRC:
            raise _DamagedError
        _pass_sums(cursor, count)
    return found


def _folder(cursor: _Cursor) -> _Folder:
    methods, inputs, outputs = [], 0, 0
    for _ in range(cursor.count()):
        flags = cursor.byte()
        method = cursor.take(flags & 0x0F)
        coder_inputs, coder_outputs = (cursor.count(), cursor.count()) if flags & 0x10 else (1, 1)
        methods.append((method, cursor.take(cursor.count()) if flags & 0x20 else b""))
        inputs, outputs = inputs + coder_inputs, outputs + coder_outputs
    if not outputs or inputs > _MOST_NUMBERS:
        raise _DamagedError
    joined = set(cursor.numbers(2 * (outputs - 1))[1::2])
    packed = inputs - (outputs - 1)
    if packed > 1:
        cursor.numbers(packed)
    return _Folder(methods, outputs, next((index for index in range(outputs) if index not in joined), 0))


def _substreams(cursor: _Cursor, folders: list[_Folder]) -> None:
    kind = cursor.byte()
    if kind == _COUNT:
        for folder in folders:
            folder.files = cursor.count()
        kind = cursor.byte()
    if kind == _SIZE:
        for folder in folders:
            folder.file_sizes = cursor.numbers(max(0, folder.files - 1))
        kind = cursor.byte()
    if kind == _CRC:
        _pass_sums(cursor, sum(folder.files for folder in folders if folder.files != 1))
        kind = cursor.byte()
    if kind != _END:
        raise _DamagedError


def _pass_sums(cursor: _Cursor, count: int) -> None:
    cursor.take(4 * sum(cursor.some(count)))


def _listed(cursor: _Cursor) -> list[Entry]:
    streams = _Streams()
    while (kind := cursor.byte()) != _END:
        if kind == _MAIN_STREAMS:
            streams = _streams(cursor)
        elif kind == _FILES:
            return _entries(cursor, streams)
        else:
            raise _DamagedError
    return []


def _entries(cursor: _Cursor, streams: _Streams) -> list[Entry]:
    count = cursor.count()
    names: list[str] = []
    empty = [False] * count
    empty_files: list[bool] = []
    while (kind := cursor.byte()) != _END:
        value = _Cursor(cursor.take(cursor.number()))
        if kind == _NAMES:
            names = _names(value, count)
        elif kind == _EMPTY_STREAM:
            empty = value.bits(count)
        elif kind == _EMPTY_FILE:
            empty_files = value.bits(sum(empty))
    contents = _contents(streams)
    is_file = iter(empty_files)
    found = []
    for name, is_empty in zip(names, empty, strict=False):
        if not is_empty:
            size, encrypted = next(contents, (0, False))
            found.append(Entry(name, size, 0, encrypted, None))
        elif next(is_file, False):
            found.append(Entry(name, 0, 0, False, None))
    return found


def _names(value: _Cursor, count: int) -> list[str]:
    if value.byte():
        raise _DamagedError
    raw = value.rest()
    names = raw[: len(raw) // 2 * 2].decode("utf-16-le", "replace").split("\0", count)[:count]
    return [name[:LONGEST_NAME] for name in names]


def _contents(streams: _Streams) -> Iterator[tuple[int, bool]]:
    """Size, and whether it is encrypted, of each file that is not empty."""
    for folder in streams.folders:
        left = folder.size
        for size in folder.file_sizes[: max(0, folder.files - 1)]:
            left -= size
            yield size, folder.encrypted
        if folder.files:
            yield max(left, 0), folder.encrypted
