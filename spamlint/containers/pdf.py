"""What a PDF holds beside its pages: scripts, actions, files, encryption. Scanned for names, not interpreted.

What lies in a stream is passed over, but for object streams, which hold objects and are inflated within the budget.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from spamlint.containers.budget import Budget
from spamlint.containers.streams import unpack

_STREAM = re.compile(rb">>\s*stream(?:\r\n|\n|\r)")
_OBJECT_STREAM = re.compile(rb"/ObjStm\b")
_DICTIONARY = 2_048
"""Bytes before a stream that its dictionary is looked for in."""
_LARGEST_OBJECT_STREAM = 4 * 1024 * 1024
_START = 2048
"""Units of work for each stream, whatever its size."""

_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_SCRIPT = re.compile(rb"/S\s*/JavaScript\b|/JS[\s(<]|/JavaScript[\s<\[(]")
_LAUNCH = re.compile(rb"/S\s*/Launch\b|/Launch\s*<<")
_OPENS = re.compile(rb"/(?:OpenAction|AA)[\s<\[]")
_ENCRYPT = re.compile(rb"/Encrypt[\s<]")
_EMBEDDED = re.compile(rb"/EmbeddedFiles?\b")
_FILE_NAME = re.compile(rb"/U?F\s*(?:\(((?:[^()\\]|\\.){1,300})\)|<([0-9A-Fa-f\s]{2,1200})>)")
_MOST_NAMES = 50


def traits(data: bytes, budget: Budget) -> list[tuple[str, str]]:
    """Code and detail of each thing noticed."""
    has = {"script": False, "launch": False, "opens": False, "encrypt": False, "embedded": False}
    names: dict[str, None] = {}
    for piece in _pieces(data, budget):
        text = _plain(piece)
        for key, pattern in _SIGNS.items():
            has[key] = has[key] or pattern.search(text) is not None
        for name in islice(_FILE_NAME.finditer(text), _MOST_NAMES - len(names)):
            names[_name(name[1], name[2])] = None
    found: list[tuple[str, str]] = []
    if has["script"]:
        found.append(("pdf-javascript", "opens" if has["opens"] else ""))
    if has["launch"]:
        found.append(("pdf-launch", next(iter(names), "")))
    if has["encrypt"]:
        found.append(("pdf-encrypted", ""))
    if has["embedded"]:
        found += [("pdf-embedded-file", name) for name in names or ("",)]
    return found


_SIGNS = {"script": _SCRIPT, "launch": _LAUNCH, "opens": _OPENS, "encrypt": _ENCRYPT, "embedded": _EMBEDDED}


def _pieces(data: bytes, budget: Budget) -> Iterator[bytes]:
    """The stretches between streams, and the contents of object streams."""
    at = 0
    view = memoryview(data)
    while True:
        found = _STREAM.search(data, at)
        stop = found.start() + 2 if found else len(data)
        if not budget.spend(stop - at + _START):
            return
        yield data[at:stop]
        if not found:
            return
        end = data.find(b"endstream", found.end())
        end = len(data) if end < 0 else end
        dictionary = data[max(at, stop - _DICTIONARY) : stop].rpartition(b"obj")[2]
        if _OBJECT_STREAM.search(_plain(dictionary)):
            if b"/Filter" in dictionary:
                inside = unpack(view[found.end() : end], "zlib", budget, _LARGEST_OBJECT_STREAM)
                if not budget.spend(len(inside)):
                    return
                yield inside
            else:
                yield data[found.end() : end]
        at = end


def _plain(piece: bytes) -> bytes:
    """A stretch with the escapes in its names undone."""
    return _ESCAPE.sub(lambda found: bytes((int(found[1], 16),)), piece) if b"#" in piece else piece


def _name(literal: bytes | None, digits: bytes | None) -> str:
    """A file name as a PDF string gives it."""
    if digits is not None:
        plain = b"".join(digits.split())
        raw = bytes.fromhex(plain[: len(plain) // 2 * 2].decode("ascii"))
    else:
        raw = re.sub(rb"\\(.)", rb"\1", literal or b"")
    return raw[2:].decode("utf-16-be", "replace") if raw[:2] == b"\xfe\xff" else raw.decode("latin-1")
