"""Checks on the subject of a template: that it stays on one line, whatever it is filled with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spamlint.checks.template_values import files_of
from spamlint.message import Message
from spamlint.rule import Hit
from spamlint.source import Range
from spamlint.template.languages import RENDERED
from spamlint.template.names import last_of
from spamlint.template.uses import Sheet

_BREAK = re.compile(r"(?<=\S)[^\S\r\n]*[\r\n]\s*(?=\S)")
_WORD = re.compile(r"\S{1,60}")
_LONG = re.compile(
    r"(?:.*_)?(?:body|message|description|comment|comments|note|notes|content|address|summary|excerpt|reason|feedback"
    r"|question|answer|bio|remark|remarks|details|opmerking|omschrijving|bericht|toelichting)\Z"
)
_ON_ONE_LINE = re.compile(
    r"(?i)trunc|split|first|squish|one_?line|newline|strip_?tags|join|replace|cut\b|slug|subject|lines\b|trim\b|count"
    r"|length|size|url|excerpt"
)
_TRIMS = re.compile(r"\btrimmed\b|\bspaceless\b|\bstrip_newlines\b|\boneline\b")
LONGEST = 5_000
"""Characters of a subject that are looked at."""
MOST_BRANCHES = 4
"""Sets of alternatives of a subject that are looked at."""


def line_break(message: Message) -> Iterator[Hit]:
    """What stands behind a line break in the subject that a template makes."""
    template, subject = message.template, message.subject
    if template is None or subject is None:
        return
    file = next((one for one in message.fact(files_of) if one.role == "subject"), None)
    if file is None:
        return
    if file.language not in RENDERED:
        for start, end in _breaks_of(file):
            yield Hit(file.file[start:end])
        return
    broken = _BREAK.search(subject.value)
    word = _WORD.match(subject.value, broken.end()) if broken else None
    if word is not None:
        place = subject[slice(*word.span())]
        if not any(start <= place.span.start < end for start, end in _trimmed(file)):
            yield Hit(place)


def _breaks_of(file: Sheet) -> Iterator[Range]:
    """The first word behind a line break, in one set of alternatives after the other."""
    most = max((len(one.marks) for one in file.conditions), default=1)
    seen: set[int] = set()
    for number in range(min(most, MOST_BRANCHES)):
        shown = _one_branch(file, number)
        found = _BREAK.search(shown)
        word = _WORD.match(shown, found.end()) if found else None
        if found is None or word is None or word.start() in seen:
            continue
        if not any(_TRIMS.search(file.file.value, one.marks[0].directive.start, one.marks[0].directive.end)
                   for one in file.around(found.start())):  # fmt: skip
            seen.add(word.start())
            yield word.span()


def _one_branch(file: Sheet, number: int) -> str:
    """The subject without its directives, and of alternatives with that of this number only."""
    shown = file.masked[:LONGEST]
    for one in file.conditions:
        branches = one.branches
        if branches[0][0] > LONGEST:
            break
        if len(branches) > 1:
            kept = min(number, len(branches) - 1)
            for index, (start, end) in enumerate(branches):
                if index != kept:
                    shown = shown[:start] + re.sub(r"\S", " ", shown[start:end]) + shown[end:]
    return shown


def _trimmed(file: Sheet) -> list[Range]:
    """The bytes of each block that puts its text on one line."""
    found = []
    for one in file.conditions:
        first = one.marks[0].directive
        if _TRIMS.search(file.file.value, first.start, first.end):
            span = file.file[first.start : one.end.directive.end].span
            found.append((span.start, span.end))
    return found


def long_value(message: Message) -> Iterator[Hit]:
    """A value in the subject whose name promises text of several lines."""
    for file in message.fact(files_of):
        for use in file.uses if file.role == "subject" else ():
            if use.is_value and use.names and not _ON_ONE_LINE.search(use.code) and _LONG.match(last_of(use.names[0])):
                yield Hit(file.text(use), {"expression": use.written})
