"""What a template becomes after an edit of its static text, without rendering it again: the same, with that edit.

For editors: most of what is typed is such an edit. Where it may be more, the template is rendered.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from spamlint.source import Source
from spamlint.template.files import find_file, template_text
from spamlint.template.outcome import Origin, Outcome, Rendered, Span, Trouble

Render: TypeAlias = Callable[[], Outcome]
_MARKS = frozenset("{}%#\r")
"""What template code is made of, and a line end that is read as another."""
_CAPTURES = re.compile(r"\{%[-+]?\s*(end)?(macro|call|filter|set)\b(?!\s[^%\n]{0,500}=)")
"""Tags around text that is not put out where it stands, but handed on: nobody knows where it ends up."""
_HANDED_ON = re.compile(rb"\{%[-+]?\s*(?:call|filter|set\s+\w+\s*(?:\||[-+]?%\}))|\bself\s*\.|super\(\)\s*\|")
"""The same in files around the edited one, and text of a block that is used as a value."""
_UNSTEADY = ("limit-", "template-syntax")
"""Trouble that an edit may end."""


@dataclass(frozen=True, slots=True)
class _Edit:
    """Code points `start` to `end` of a template that become `new`."""

    start: int
    end: int
    new: str

    @property
    def growth(self) -> int:
        """By how much what follows moves."""
        return len(self.new) - (self.end - self.start)


class _TouchedError(Exception):
    """The edit touches more than static text."""


@dataclass(slots=True)
class LastRendering:
    """The outcome of the template that was rendered last."""

    key: object = None
    text: str = ""
    outcome: Outcome | None = None

    def outcome_of(
        self, source: Source, folders: Sequence[Path], key: object, newer: Mapping[str, bytes], render: Render
    ) -> Outcome:
        """The outcome of the template in `source`: the last one with an edit in it, or what `render` gives.

        `folders` and `key` say how it is rendered, `newer` holds files that are read as they stand there.
        """
        text = template_text(source).value
        found = None
        key = source.name, tuple(folders), key
        if self.outcome is not None and self.key == key and _includes_stay(self.outcome, folders, newer):
            found = patched(self.outcome, self.text, text, source.data)
        if found is None:
            found = render()
        self.key, self.text, self.outcome = key, text, found
        return found


def patched(outcome: Outcome, before: str, after: str, raw: bytes) -> Outcome | None:
    """The outcome of the template when its text `before` has become `after`, whose bytes are `raw`; None: unknown."""
    edit = _edit_between(before, after)
    if any(trouble.code.startswith(_UNSTEADY) for trouble in outcome.troubles) or not outcome.renderings:
        return None
    if edit.start == 0 or edit.end >= len(before) or not _is_static(edit, before, outcome.files):
        return None
    try:
        renderings = [_rendered(one, edit) for one in outcome.renderings]
        if before != after and all(
            new.text == old.text for new, old in zip(renderings, outcome.renderings, strict=True)
        ):
            return None  # no rendering shows that place: it may be code
        return replace(
            outcome,
            renderings=tuple(renderings),
            files=((outcome.files[0][0], raw), *outcome.files[1:]),
            troubles=tuple(_trouble(trouble, edit) for trouble in outcome.troubles),
            unreached=tuple((_span(span, edit), how) for span, how in outcome.unreached),
        )
    except _TouchedError:
        return None


def _edit_between(before: str, after: str) -> _Edit:
    most = min(len(before), len(after))
    start = _common(lambda size: before[:size] == after[:size], most)
    most -= start
    behind = _common(lambda size: size == 0 or before[-size:] == after[-size:], most)
    return _Edit(start, len(before) - behind, after[start : len(after) - behind])


def _common(agrees: Callable[[int], bool], most: int) -> int:
    """The largest size up to `most` that agrees; every smaller one does so too."""
    least = 0
    while least < most:
        middle = (least + most + 1) // 2
        if agrees(middle):
            least = middle
        else:
            most = middle - 1
    return least


def _is_static(edit: _Edit, before: str, files: Sequence[tuple[str, bytes]]) -> bool:
    """Whether the edit, with a character on each side, is without template code, and put out where it stands."""
    around = before[edit.start - 1 : edit.end + 1] + edit.new
    if _MARKS & set(around) or any(_HANDED_ON.search(raw) for _, raw in files[1:]):
        return False
    if re.search(r"\bself\s*\.|super\(\)\s*\|", before):
        return False
    depth = 0
    for tag in _CAPTURES.finditer(before, 0, edit.start):
        depth += -1 if tag[1] else 1
    return depth == 0


def _rendered(one: Rendered, edit: _Edit) -> Rendered:
    pieces: list[str] = []
    origins: list[Origin] = []
    at = copied = 0
    for length, file, start, size in one.origins:
        if file or start + size < edit.start:
            origins.append((length, file, start, size))
        elif start > edit.end:
            origins.append((length, file, start + edit.growth, size))
        elif length == size and start < edit.start and start + size > edit.end:
            first = at + edit.start - start
            pieces += [one.text[copied:first], edit.new]
            copied = first + edit.end - edit.start
            origins.append((length + edit.growth, file, start, size + edit.growth))
        else:
            raise _TouchedError
        at += length
    text = "".join((*pieces, one.text[copied:]))
    return Rendered(one.context, text, tuple(origins), tuple(_trouble(trouble, edit) for trouble in one.troubles))


def _trouble(trouble: Trouble, edit: _Edit) -> Trouble:
    return replace(trouble, place=_span(trouble.place, edit))


def _span(span: Span, edit: _Edit) -> Span:
    file, start, length = span
    if file or start + length < edit.start:
        return span
    if start > edit.end:
        return file, start + edit.growth, length
    raise _TouchedError


def _includes_stay(outcome: Outcome, folders: Sequence[Path], newer: Mapping[str, bytes]) -> bool:
    """Whether the files that were included are as they were, and those that were missing are so still."""
    missing = (trouble.detail for trouble in outcome.troubles if trouble.code == "missing-include")
    if any(find_file(name, folders) is not None for name in missing):
        return False
    for name, raw in outcome.files[1:]:
        now = newer.get(os.path.realpath(name))
        try:
            if (Path(name).read_bytes() if now is None else now) != raw:
                return False
        except OSError:
            return False
    return True
