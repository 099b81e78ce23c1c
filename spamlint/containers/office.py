"""What an old Office file (OLE) and an RTF file hold beside the text."""

from __future__ import annotations

import re
from itertools import islice

from spamlint.containers.budget import Budget
from spamlint.containers.ole import CompoundFile, Stream

_VBA_NAMES = frozenset(("_VBA_PROJECT", "VBA", "Macros", "_VBA_PROJECT_CUR"))
_NATIVE = "\x01Ole10Native"
_MOST_OF_STREAM = 256 * 1024
_BOUND_SHEET, _FILE_PASS, _END_OF_RECORDS = 0x85, 0x2F, 0x0A
_SHEET_IS_MACRO = 1
_MOST_RECORDS = 5_000

_SLIDE_MACROS = re.compile(rb"\x02\0\0\x04\x0c\0\0\0.{4}\x01\0\0\0", re.DOTALL)
"""The VbaInfoAtom of a presentation that says it has macros."""
_MOST_OF_SLIDES = 4 * 1024 * 1024
_DDE_WORD = re.compile(rb"\x13\s*DDE(?:AUTO)?\s", re.IGNORECASE)
_RTF_OBJECT = re.compile(rb"\\objdata\b")
_RTF_FIELD = re.compile(rb"\\fldinst\b")
_RTF_DDE = re.compile(rb"\bDDE(?:AUTO)?\s", re.IGNORECASE)
_FIELD_WIDTH = 200
_MOST_FIELDS = 2_000
_RTF_TEMPLATE = re.compile(rb"\\\*\\template\s+([^}]{1,200})", re.IGNORECASE)


def ole_traits(data: bytes, budget: Budget) -> list[tuple[str, str]]:
    """Code and detail of each thing noticed in an OLE file."""
    file = CompoundFile(data, budget)
    names = file.names
    if not file.streams:
        return [("unreadable-document", "")]
    found: list[tuple[str, str]] = []
    if names & _VBA_NAMES:
        found.append(("macros", "VBA"))
    if "EncryptedPackage" in names:
        found.append(("encrypted", ""))
    if any(name.startswith("__substg1.0_") for name in names):
        found.append(("outlook-message", ""))
    for stream in file.streams[: budget.limits.document_parts]:
        found += _stream_traits(file, stream)
    return found


def _stream_traits(file: CompoundFile, stream: Stream) -> list[tuple[str, str]]:
    if stream.is_storage:
        return []
    if stream.name in ("Workbook", "Book"):
        return workbook_traits(file.read(stream, _MOST_OF_STREAM))
    if stream.name == "WordDocument":
        text = file.read(stream, _MOST_OF_STREAM)
        found = [("dde", "")] if _DDE_WORD.search(text) or _DDE_WORD.search(text[::2]) else []
        is_encrypted = len(text) > 12 and text[:2] == b"\xec\xa5" and text[11] & 1
        return [*found, ("encrypted", "")] if is_encrypted else found
    if stream.name == "PowerPoint Document":
        has_macros = _SLIDE_MACROS.search(file.read(stream, _MOST_OF_SLIDES))
        return [("macros", "VBA")] if has_macros else []
    if stream.name == _NATIVE:
        return [("embedded", packaged_name(file.read(stream, 1024)))]
    return []


def packaged_name(native: bytes) -> str:
    """The file name in an Ole10Native stream, or ""."""
    label = native[6:].partition(b"\0")[0]
    return label[:255].decode("cp1252", "replace") if native[4:6] == b"\x02\0" else ""


def workbook_traits(records: bytes) -> list[tuple[str, str]]:
    """Excel 4 macro sheets and encryption, from the records at the start of a workbook stream."""
    at = 0
    for _ in range(_MOST_RECORDS):
        kind, size = int.from_bytes(records[at : at + 2], "little"), int.from_bytes(records[at + 2 : at + 4], "little")
        if at + 4 > len(records) or kind == _END_OF_RECORDS:
            return []
        if kind == _FILE_PASS:
            return [("encrypted", "")]
        if kind == _BOUND_SHEET and size >= 6 and records[at + 9 : at + 10] == bytes((_SHEET_IS_MACRO,)):
            return [("macros", "Excel 4")]
        at += 4 + size
    return []


def rtf_traits(data: bytes) -> list[tuple[str, str]]:
    """Code and detail of each thing noticed in an RTF file."""
    found = []
    if _RTF_OBJECT.search(data):
        found.append(("embedded", ""))
    fields = islice(_RTF_FIELD.finditer(data), _MOST_FIELDS)
    if any(_RTF_DDE.search(data[field.end() : field.end() + _FIELD_WIDTH].partition(b"}")[0]) for field in fields):
        found.append(("dde", ""))
    template = _RTF_TEMPLATE.search(data)
    if template and b"://" in template[1]:
        found.append(("template", template[1].decode("latin-1").strip()))
    return found
