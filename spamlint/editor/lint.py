"""Lints one version of a file for an editor, in the process that does nothing else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spamlint.drafts import worst
from spamlint.editor.cures import all_cured, quick_fixes
from spamlint.editor.ignoring import ignoring, solid_pieces
from spamlint.editor.jobs import Answer, Asked, Change, CureAll, Cures, Explain, Job, Note, QuickFixes, Spot
from spamlint.editor.kinds import comment_form, kind_of
from spamlint.editor.linted import Linted, linted
from spamlint.editor.markdown import rule_page
from spamlint.editor.settings import Linters, Ready
from spamlint.errors import SpamlintError
from spamlint.fixes.files import Files
from spamlint.report.data import file_report
from spamlint.report.words import say
from spamlint.source import Range, Source, Text


@dataclass(slots=True)
class Desk:
    """What is kept from one job to the next: the linters, and what was linted last."""

    linters: Linters = field(default_factory=Linters)
    last: Linted | None = None

    def linted(self, job: Job, ready: Ready) -> Linted:
        """The file of `job`, linted; once for each version of it."""
        if self.last is None or self.last.job != job or self.last.ready is not ready:
            self.last = None
            self.last = linted(job, ready)
        return self.last


def answer(asked: Asked, desk: Desk) -> Answer | QuickFixes | str:
    """The findings in a file, its fixes, or the page of a rule; "" where there is no such rule."""
    about = asked.job if isinstance(asked, Cures | CureAll) else asked
    folder = Path(about.path).parent if about.path else Path(about.folder or ".")
    try:
        ready = desk.linters.for_file(folder, about.options)
    except SpamlintError as error:
        if isinstance(asked, Job):
            return Answer(problem=str(error))
        return "" if isinstance(asked, Explain) else QuickFixes()
    match asked:
        case Explain():
            rule = ready.rules.get(asked.rule)
            return rule_page(rule, ready.language) if rule else ""
        case CureAll():
            return all_cured(asked.job, ready)
        case Cures():
            return quick_fixes(desk.linted(asked.job, ready), asked.start, asked.end)
        case Job():
            return _told(desk.linted(asked, ready))


def _told(found: Linted) -> Answer:
    job, ready = found.job, found.ready
    number, verdict = worst(found.verdicts)
    message = found.messages[number]
    report = file_report(verdict, message.source, None, ready.language)
    kind = kind_of(job.path, job.language, job.text)
    language = message.template.language if message.template is not None else None
    # Comments are read in the main file of a mail only.
    comment = "" if kind == "message" or not found.is_main else comment_form(language, job.path, job.language, kind)
    solid = solid_pieces(job.text) if comment and verdict.findings else []
    notes = []
    for finding, told in zip(verdict.findings, report.findings, strict=True):
        rows = zip(finding.texts, told.places, strict=True)
        spots = tuple(_spot(text, found) if text and place else None for text, place in rows)
        if not found.is_main and not any(spot is not None and spot.file is None for spot in spots):
            continue  # it is told where the HTML is
        rule = ready.rules.get(finding.rule)
        ignorable = _ignorable(job, finding.rule, spots, solid, comment)
        notes.append(Note(told, spots, rule.refs if rule else (), ignorable))
    failed = [
        say(ready.language, "check failed", rule=error.rule, code=error.code, message=error.message)
        for error in report.errors
    ]
    unseen = [say(ready.language, "not covered", what=what) for what in report.not_covered]
    folder = ready.root or Path()
    names = Files(found.messages).data.keys() - {found.name}
    paths = tuple(os.path.realpath(folder / name) for name in names)
    return Answer(tuple(notes), ready.language, log=(*failed, *unseen), includes=paths)


def _spot(text: Text, found: Linted) -> Spot:
    """The place in code points: the file is UTF-8, as the editor gave it."""
    span = text.span
    data = span.source.data
    start = len(data[: span.start].decode("utf-8", "ignore"))
    end = start + len(data[span.start : span.end].decode("utf-8", "ignore"))
    if span.source.name == found.name:
        return Spot(start, end)
    ends = tuple(_end(span.source, offset) for offset in (span.start, span.end))
    return Spot(start, end, str((found.ready.root or Path()) / span.source.name), ends)


def _end(source: Source, offset: int) -> tuple[int, str]:
    line, start = source.line_at(offset)
    return line, source.data[start:offset].decode("utf-8", "replace")


def _ignorable(
    job: Job, rule: str, spots: Sequence[Spot | None], solid: list[Range], comment: str
) -> tuple[Change, ...]:
    first = spots[0] if spots else None
    if not comment or (first is not None and first.file is not None):
        return ()
    return ignoring(job.text, first.start if first is not None else None, rule, solid, comment)
