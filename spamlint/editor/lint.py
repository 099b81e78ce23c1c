"""Lints one version of a file for an editor, in the process that does nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from spamlint.editor.ignoring import ignoring, solid_pieces
from spamlint.editor.jobs import Answer, Change, Explain, Job, Note, QuickFix, Spot
from spamlint.editor.kinds import has_comment_tags, kind_of, message_of
from spamlint.editor.markdown import rule_page
from spamlint.editor.settings import Linters, Ready
from spamlint.errors import SpamlintError
from spamlint.report.data import file_report
from spamlint.report.words import say
from spamlint.source import Place
from spamlint.verdict import Finding


def answer(job: Job | Explain, linters: Linters) -> Answer | str:
    """The findings in a file, or the page of a rule; "" where there is no such rule."""
    folder = Path(job.path).parent if job.path else Path(job.folder or ".")
    try:
        ready = linters.for_file(folder, job.options)
    except SpamlintError as error:
        return "" if isinstance(job, Explain) else Answer(problem=str(error))
    if isinstance(job, Explain):
        rule = ready.rules.get(job.rule)
        return rule_page(rule, ready.language) if rule else ""
    return _linted(job, ready)


def edits_of(finding: Finding) -> tuple[QuickFix, ...]:
    """What puts a finding right, as changes of the file it is in; none for what a person has to decide."""
    del finding  # no finding carries changes yet
    return ()


def _linted(job: Job, ready: Ready) -> Answer:
    kind = kind_of(job.path, job.language, job.text)
    message = message_of(_name(job.path, ready.root), kind, job.text)
    verdict = ready.linter.check(message)
    report = file_report(verdict, message.source, None, ready.language)
    data = message.source.data
    solid = solid_pieces(job.text) if kind == "text/html" and verdict.findings else []
    notes = []
    for finding, told in zip(verdict.findings, report.findings, strict=True):
        spots = tuple(_spot(place, data, Path(job.path).parent) for place in told.places)
        rule = ready.rules.get(finding.rule)
        notes.append(
            Note(
                finding=told,
                spots=spots,
                refs=rule.refs if rule else (),
                fixes=edits_of(finding),
                ignorable=_ignorable(job, finding.rule, spots, solid) if kind == "text/html" else (),
            )
        )
    failed = [
        say(ready.language, "check failed", rule=error.rule, code=error.code, message=error.message)
        for error in report.errors
    ]
    unseen = [say(ready.language, "not covered", what=what) for what in report.not_covered]
    return Answer(tuple(notes), ready.language, log=(*failed, *unseen))


def _name(path: str, root: Path | None) -> str:
    """The name that globs of the settings are compared with: from the folder of the settings, where it is inside."""
    file = Path(path)
    return str(file.relative_to(root)) if root is not None and file.is_relative_to(root) else path


def _spot(place: Place | None, data: bytes, folder: Path) -> Spot | None:
    """The place in code points: the file is UTF-8, as the editor gave it."""
    if place is None:
        return None
    if place.file is not None:
        try:
            data = (folder / place.file).read_bytes()
        except OSError:  # it was there when it was included
            return None
    start = len(data[: place.raw.start].decode("utf-8", "ignore"))
    return Spot(start, start + len(data[place.raw.start : place.raw.end].decode("utf-8", "ignore")), place.file)


def _ignorable(job: Job, rule: str, spots: Sequence[Spot | None], solid: list[tuple[int, int]]) -> tuple[Change, ...]:
    first = spots[0] if spots else None
    if first is not None and first.file is not None:
        return ()
    at = first.start if first is not None else None
    return ignoring(job.text, at, rule, solid, has_comment_tags=has_comment_tags(job.path, job.language))
