"""What a fix is: pieces of a draft and what is written in their place. Applied to the bytes of the files themselves."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from spamlint.fixes.files import File, Files
from spamlint.source import Text


@dataclass(frozen=True, slots=True)
class Edit:
    """`text` is replaced by `new`; an empty text is a place where `new` is put in."""

    text: Text
    new: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that cure one place of a finding, all or none. Not `safe`: a person should look at the result."""

    edits: tuple[Edit, ...]
    safe: bool = True
    same_page: bool = False
    """Whether a parser reads the same page after it, as was tried on the page that it is for."""


@dataclass(frozen=True, slots=True, order=True)
class Write:
    """Bytes of a file, by its name, and those that come in their place."""

    file: str
    start: int
    end: int
    new: bytes


Plan: TypeAlias = tuple[Write, ...]
"""What a fix writes, in order."""


def written(fix: Fix, files: Files) -> Plan | None:
    """What `fix` writes; None where one of its edits does not lie exactly in a file, or lies in template code."""
    found = []
    for edit in fix.edits:
        exact = _exact(edit.text, files)
        if exact is None:
            return None
        file, start, end = exact
        if file.code.touches((start, end)):
            return None
        found.append(Write(file.source.name, start, end, _encoded(edit.new, file)))
    return tuple(sorted(found))


def fitting(plans: Iterable[Plan]) -> list[bool]:
    """For each of `plans`, whether it can be carried out with those before it in the files.

    Where two overlap, the first one wins. Two that write the same at the same place (a loop of a template shows its
    lines many times) are one.
    """
    rows = list(plans)
    taken: dict[str, list[Write]] = {}
    fits = [False] * len(rows)
    for number, plan in sorted(enumerate(rows), key=lambda row: row[1][:1]):
        spots = [(taken.setdefault(write.file, []), write) for write in plan]
        known = [_has(there, write) for there, write in spots]
        if (
            plan
            and not _overlap(plan)
            and all(has or not _clashes(there, write) for has, (there, write) in zip(known, spots, strict=True))
        ):
            for has, (there, write) in zip(known, spots, strict=True):
                if not has:
                    insort(there, write)
            fits[number] = True
    return fits


def rewritten(data: bytes, writes: Iterable[Write]) -> bytes:
    """`data`, the bytes of a file, with those `writes`, which all fit."""
    pieces, at = [], 0
    for write in sorted(set(writes)):
        pieces += [data[at : write.start], write.new]
        at = write.end
    return b"".join((*pieces, data[at:]))


def _has(there: Sequence[Write], write: Write) -> bool:
    at = bisect_left(there, write)
    return at < len(there) and there[at] == write


def _clashes(there: Sequence[Write], write: Write) -> bool:
    at = bisect_left(there, write)
    return any(_meet(one, write) for one in there[max(at - 2, 0) : at + 2])


def _meet(one: Write, other: Write) -> bool:
    same = (one.start, one.end) == (other.start, other.end)
    return same or (one.start < other.end and other.start < one.end)


def _overlap(plan: Plan) -> bool:
    return any(one.file == other.file and _meet(one, other) for one, other in pairwise(plan))


def _exact(text: Text, files: Files) -> tuple[File, int, int] | None:
    """The bytes of `text` in its file, where they are `text` in that charset and nothing else."""
    span = text.span
    file = files.of(span.source)
    if file is None:
        return None
    if not text.value and isinstance(text.outer, Text):
        # An empty text is as exact as what stands around it.
        start, end = text.outward(0, 0)
        around = text.outer[max(0, start - 1) : end + 1]
        return (file, span.start, span.end) if not around.value or _exact(around, files) else None
    try:
        there = span.raw.decode(file.codec)
    except UnicodeDecodeError:
        return None
    return (file, span.start, span.end) if _plain(there) == _plain(text.value) else None


def _plain(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _encoded(new: str, file: File) -> bytes:
    """`new` in the charset and with the line ends of the file; what the charset has not becomes a reference."""
    if "\n" in new:
        data = file.source.data
        start = data.find(b"\n")
        crlf = start > 0 and data[:start].rstrip(b"\0").endswith(b"\r")
        only_cr = start < 0 and b"\r" in data
        new = new.replace("\n", "\r\n" if crlf else "\r" if only_cr else "\n")
    return new.encode(file.codec, "xmlcharrefreplace")
