"""The fixes for the findings of a report: for each finding what is replaced where, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import compress

from spamlint.fixes.edit import Write, fitting
from spamlint.fixes.files import Files
from spamlint.fixes.plan import Planned, certain, planned
from spamlint.message import Message
from spamlint.report.data import Cure, FileReport, Replacement
from spamlint.source import SourceSpan, source_text
from spamlint.verdict import Verdict


def with_cures(
    report: FileReport, merged: Verdict, messages: Sequence[Message], verdicts: Sequence[Verdict]
) -> FileReport:
    """The report on `merged`, the worst of `verdicts` on `messages`, with the fixes for its findings."""
    files = Files(messages)
    by_place = {(one.rule, one.text.span): one for one in certain(planned(messages, verdicts, files), messages)}
    findings = []
    for told, finding in zip(report.findings, merged.findings, strict=True):
        spans = [text.span for text in finding.texts if text is not None]
        findings.append(replace(told, cures=tuple(_cures(finding.rule, spans, by_place, files, report.path))))
    return replace(report, findings=tuple(findings))


def _cures(
    rule: str,
    spans: Iterable[SourceSpan],
    by_place: Mapping[tuple[str, SourceSpan], Planned],
    files: Files,
    path: str,
) -> Iterator[Cure]:
    """One for what is safe at all places of a finding, one for what a person should look at."""
    found = [by_place[rule, span] for span in spans if (rule, span) in by_place]
    for safe in (True, False):
        these = [one for one in found if one.safe is safe]
        kept = list(compress(these, fitting(one.plan for one in these)))
        writes = sorted({write for one in kept for write in one.plan}, key=lambda write: (write.file != path, write))
        if writes:
            yield Cure(tuple(_replacement(write, files, path) for write in writes), safe)


def _replacement(write: Write, files: Files, path: str) -> Replacement:
    file = files.named(write.file)
    raw = source_text(file.source, write.start, write.end).place.raw
    return Replacement(None if write.file == path else write.file, raw, write.new.decode(file.codec))
