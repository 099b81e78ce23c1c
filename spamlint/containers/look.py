"""Looks into one attachment: what it holds, and what that holds in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from spamlint.containers import cab, iso, office, ooxml, pdf, rar, sevenzip, streams, tar, zip_archive
from spamlint.containers.budget import Budget
from spamlint.containers.entry import Contents, Entry, Member, Note, Trait
from spamlint.containers.kinds import (
    ARCHIVE_ENDS,
    HEAD,
    ISO_HEAD,
    MULTIPLE,
    PACKED_DOCUMENT_ENDS,
    ending,
    is_iso,
    kind_of,
    may_be_iso,
)  # fmt: skip
from spamlint.mime import Part

_STREAMS = ("gz", "bz2", "xz")
_READERS = {"7z": sevenzip.entries, "rar": rar.entries, "cab": cab.entries, "iso": iso.entries}
_REASONS = {
    "method": "unknown-method", "encrypted-list": "encrypted-archive", "listed-only": "listed-only",
    "unlisted": "unlisted-archive", "outlook-message": "outlook-message",
}  # fmt: skip
_MANIFEST = 64 * 1024
"""Bytes of the list of files in an OpenDocument file that are read."""
_HOLDERS = MULTIPLE | {"gz", "bz2", "xz", "ole", "pdf", "rtf"}
"""Kinds that are looked into when they lie inside an archive."""


def contents(parts: Iterable[tuple[Part, str]], budget: Budget) -> Iterator[Contents]:
    """What lies in those of the leaves, each given with its kind, that are a container."""
    for part, kind in parts:
        if kind in _HOLDERS:
            yield _Look(part, kind, budget).contents()


class _Look:
    """Gathers what one attachment holds."""

    def __init__(self, part: Part, kind: str, budget: Budget) -> None:
        self._part = part
        self._kind = kind
        self._budget = budget
        self._members: list[Member] = []
        self._traits: dict[Trait, None] = {}
        self._reasons: dict[str, None] = {}
        self._declared = 0
        self._is_bomb = False

    def contents(self) -> Contents:
        data = self._part.content
        name = self._part.filename.value if self._part.filename else ""
        if not self._budget.spend(len(data) // 8):
            self._trait("unreadable", "")
        else:
            self._open(data, self._kind, name, "", (), self._budget.limits.archive_held)
        return Contents(
            self._part, self._kind, tuple(self._members), tuple(self._traits), self._budget.take_reached(),
            tuple(self._reasons),
        )  # fmt: skip

    def _trait(self, code: str, path: str, detail: str = "") -> None:
        self._traits[Trait(code, path, detail)] = None
        self._is_bomb = self._is_bomb or code == "bomb"
        reason = _REASONS.get(code)
        if reason:
            self._reasons[reason] = None

    def _open(self, data: bytes, kind: str, name: str, path: str, around: tuple[bytes, ...], room: int) -> None:
        """Looks into `data`, which lies at `path`; `around` are the archives it lies in."""

        def note(code: str) -> None:
            self._trait("bomb" if code == "overlap" else code, path, "overlap" if code == "overlap" else "")

        if kind in _STREAMS:
            self._open_stream(data, kind, name, path, around, room)
        elif kind == "tar":
            found = tar.entries(tar.Window(tar.plain(memoryview(data), self._budget)), self._budget, note)
            self._walk(found, path, (*around, data), room)
        elif kind == "zip":
            self._open_zip(list(zip_archive.entries(data, self._budget, note)), data, name, path, around, room)
        elif kind in _READERS:
            self._walk(_READERS[kind](data, self._budget, note), path, (*around, data), room)
        else:
            self._document(_document_traits(data, kind, self._budget), path)

    def _open_zip(
        self, entries: list[Entry], data: bytes, name: str, path: str, around: tuple[bytes, ...], room: int
    ) -> None:
        self._measure(sum(entry.size for entry in entries), path)
        if self._is_bomb:
            self._members += [Member(*entry[:4], _within(path, entry.name)) for entry in entries]
            return
        names = {entry.name for entry in entries}
        if ooxml.CONTENT_TYPES in names:
            self._document(ooxml.traits(entries, self._budget), path)
        elif "mimetype" in names:
            self._document(_open_document_traits(entries), path)
        if not _is_document(ending(name), names):
            self._walk(entries, path, (*around, data), room)

    def _open_stream(self, data: bytes, kind: str, name: str, path: str, around: tuple[bytes, ...], room: int) -> None:
        """A compressed file: a tar archive, or one file that has the name of the archive without its last end."""
        window = tar.Window(self._measured(streams.blocks(memoryview(data), kind, self._budget), len(data), path))
        head = window.peek(HEAD)
        if not head:
            self._trait("unreadable", path)
        elif kind_of(head) == "tar":
            self._walk(tar.entries(window, self._budget, self._noter(path)), path, (*around, data), room)
        else:
            inner = name[: -len(ending(name)) - 1] if ending(name) in ARCHIVE_ENDS else name
            size = int.from_bytes(data[-4:], "little") if kind == "gz" else 0
            self._walk([Entry(inner, size, len(data), False, window.peek)], path, (*around, data), room)
            window.skip(streams.BOMB_FLOOR + 1)

    def _noter(self, path: str) -> Note:
        return lambda code: self._trait(code, path)

    def _walk(self, entries: Iterable[Entry], path: str, around: tuple[bytes, ...], room: int) -> None:
        """Takes down the files of one archive and opens those that are containers themselves."""
        sealed = False
        for entry in entries:
            where = _within(path, entry.name)
            head = entry.read(HEAD) if entry.read else b""
            inner = kind_of(head)
            if not inner and entry.read and may_be_iso(entry.name) and is_iso(entry.read(ISO_HEAD)):
                inner = "iso"
            self._members.append(Member(*entry[:4], where, inner))
            self._declared += entry.size
            sealed = sealed or entry.encrypted
            if entry.read is None:
                if not entry.encrypted and ending(entry.name) in (ARCHIVE_ENDS | PACKED_DOCUMENT_ENDS | {"doc", "xls"}):
                    self._reasons["listed-only"] = None
            elif inner in _HOLDERS:
                self._enter(entry, inner, where, around, room)
        if sealed:
            self._reasons["encrypted-archive"] = None
        self._measure(0, path)

    def _enter(self, entry: Entry, kind: str, where: str, around: tuple[bytes, ...], room: int) -> None:
        assert entry.read is not None
        if len(around) >= self._budget.limits.archive_depth:
            self._budget.reach("archive-depth")
            return
        data = entry.read(room + 1)
        if len(data) > room:
            self._budget.reach("archive-held")
        elif data in around:
            self._trait("bomb", where, "itself")
        elif self._is_bomb:
            return
        else:
            self._open(data, kind, entry.name, where, around, room - len(data))

    def _measure(self, declared: int, path: str) -> None:
        """Notes a bomb where all that the archives declare is out of all proportion to the attachment."""
        total = self._declared + declared
        size = len(self._part.content)
        if total > streams.BOMB_FLOOR and total > self._budget.limits.archive_ratio * size:
            self._trait("bomb", path, "ratio")

    def _measured(self, blocks: Iterator[bytes], size: int, path: str) -> Iterator[bytes]:
        """The blocks, up to where they are out of all proportion to the packed size."""
        total = 0
        for block in blocks:
            total += len(block)
            if total > streams.BOMB_FLOOR and total > self._budget.limits.archive_ratio * size:
                self._trait("bomb", path, "ratio")
                self._budget.reach("archive-ratio")
                return
            yield block

    def _document(self, traits: Iterable[tuple[str, str]], path: str) -> None:
        for code, detail in traits:
            if code == "encrypted":
                self._reasons["encrypted-document"] = None
            else:
                self._trait(code, path, detail)
                if code == "pdf-encrypted":
                    self._reasons["encrypted-pdf"] = None


def _within(path: str, name: str) -> str:
    """The path of a file in the archive at `path`."""
    return f"{path} > {name}" if path else name


def _is_document(end: str, names: set[str]) -> bool:
    """Whether a zip file is a document or a program, whose files are not the sender's. Names alone are not believed."""
    if ooxml.CONTENT_TYPES in names:
        return end != "zip"
    return end in PACKED_DOCUMENT_ENDS and end not in ooxml.ENDS


def _open_document_traits(entries: list[Entry]) -> Iterator[tuple[str, str]]:
    """Code and detail of each thing noticed in an OpenDocument file; an e-book has none of them."""
    if any(entry.name.startswith(("Basic/", "Scripts/")) for entry in entries):
        yield "macros", "OpenDocument"
    manifest = next((entry for entry in entries if entry.name == "META-INF/manifest.xml"), None)
    if manifest and manifest.read and b"encryption-data" in manifest.read(_MANIFEST):
        yield "encrypted", ""


def _document_traits(data: bytes, kind: str, budget: Budget) -> list[tuple[str, str]]:
    if kind == "pdf":
        return pdf.traits(data, budget)
    return office.rtf_traits(data) if kind == "rtf" else office.ole_traits(data, budget)
