"""What a fix is: pieces of a draft and what is written in their place. Applied to the bytes of the file itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from spamlint.fixes.template_code import TemplateCode
from spamlint.mime import draft_codec
from spamlint.source import Range, Source, Text


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


Written: TypeAlias = tuple[Range, bytes]
"""Bytes of a file, as a range, and those that come in their place."""


def written(source: Source, fix: Fix, codec: str, code: TemplateCode) -> tuple[Written, ...] | None:
    """The edits of `fix` in the bytes of `source`; None where one does not lie exactly there, or in template code."""
    found = []
    for edit in fix.edits:
        span = _exact(source, edit.text, codec)
        if span is None or code.touches(span):
            return None
        found.append((span, _encoded(edit.new, source, codec)))
    return tuple(sorted(found))


def applied(source: Source, fixes: Sequence[Fix]) -> tuple[bytes, list[Fix]]:
    """The bytes of `source` with those of `fixes` that fit, and which these are.

    Where two overlap, the first one wins. Two that write the same at the same place (a loop of a template shows its
    lines many times) are one.
    """
    codec, code = draft_codec(source.data), TemplateCode(source)
    plans = [(plan, fix) for fix in fixes if (plan := written(source, fix, codec, code))]
    taken: dict[Range, bytes] = {}
    done: list[Fix] = []
    # Sorted by the first place; what is taken before it can only reach into it from the left.
    end, last = 0, (-1, -1)
    for plan, fix in sorted(plans, key=lambda row: row[0][0][0]):
        if all(taken.get(span) == new for span, new in plan):
            done.append(fix)
            continue
        spans = [span for span, _ in plan]
        first = spans[0]
        if first[0] < end or first == last or _overlap(spans):
            continue
        taken.update(plan)
        done.append(fix)
        last = spans[-1]
        end = last[1]
    return _rewritten(source.data, taken), done


def _overlap(spans: Sequence[Range]) -> bool:
    return any(after[0] < before[1] or after == before for before, after in pairwise(spans))


def _rewritten(data: bytes, taken: dict[Range, bytes]) -> bytes:
    pieces, at = [], 0
    for (start, end), new in sorted(taken.items()):
        pieces += [data[at:start], new]
        at = end
    return b"".join((*pieces, data[at:]))


def _exact(source: Source, text: Text, codec: str) -> Range | None:
    """The bytes of `text`, where they are `text` in that charset and nothing else."""
    span = text.span
    if span.source is not source:
        return None
    if not text.value and isinstance(text.outer, Text):
        # An empty text is as exact as what stands around it.
        start, end = text.outward(0, 0)
        around = text.outer[max(0, start - 1) : end + 1]
        return (span.start, span.end) if not around.value or _exact(source, around, codec) else None
    try:
        there = span.raw.decode(codec)
    except UnicodeDecodeError:
        return None
    return (span.start, span.end) if _plain(there) == _plain(text.value) else None


def _plain(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _encoded(new: str, source: Source, codec: str) -> bytes:
    """`new` in the charset and with the line ends of the file; what the charset has not becomes a reference."""
    if "\n" in new:
        start = source.data.find(b"\n")
        crlf = start > 0 and source.data[:start].rstrip(b"\0").endswith(b"\r")
        only_cr = start < 0 and b"\r" in source.data
        new = new.replace("\n", "\r\n" if crlf else "\r" if only_cr else "\n")
    return new.encode(codec, "xmlcharrefreplace")
