"""GitLab's code quality report: a JSON list with an entry for each finding and for each message that fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spamlint.report import phrases
from spamlint.report.data import Ending, FileReport, FindingReport
from spamlint.report.escape import visible
from spamlint.report.fingerprint import Occurrences, digest_of, offending
from spamlint.report.json import encoded
from spamlint.report.words import say
from spamlint.verdict import Language, Severity

SEVERITIES: Mapping[Severity, str] = {"note": "info", "warning": "minor", "error": "major"}
"""A finding that blocks on its own and a message that fails are a blocker; what was not checked is critical."""


def entries(
    report: FileReport, path: str, occurrences: Occurrences, language: Language, *, fails: bool
) -> Iterator[str]:
    """The entries of one more message."""
    if fails or report.incomplete:
        rule, severity = ("spamlint/incomplete", "critical") if report.incomplete else ("spamlint/outcome", "blocker")
        said = f"{say(language, report.outcome)}, {phrases.score(report, language)}"
        cure = phrases.cure(report, language)
        number = occurrences.fingerprint(path, rule, "")
        yield _entry(rule, severity, f"{said}; {cure}" if cure else said, path, report.line, number)
    for finding in report.findings:
        number = occurrences.fingerprint(path, finding.rule, offending(finding))
        yield _of_finding(finding, report, path, number)


def unreadable(ending: Ending, paths: list[str]) -> Iterator[str]:
    """The entries of what could not be read."""
    for path, (_, reason) in zip(paths, ending.unreadable, strict=True):
        yield _entry("spamlint/unreadable", "critical", reason, path, 1, "")


def _of_finding(finding: FindingReport, report: FileReport, path: str, number: str) -> str:
    place = finding.places[0]
    severity = "blocker" if finding.blocks else SEVERITIES[finding.severity]
    said = f"{finding.title}: {finding.message}" if finding.message != finding.title else finding.title
    where = path if place is None or place.file is None else place.file
    return _entry(finding.rule, severity, said, where, place.raw.line if place else report.line, number)


def _entry(rule: str, severity: str, said: str, path: str, line: int, number: str) -> str:
    found: dict[str, Any] = {
        "description": visible(said),
        "check_name": rule,
        # GitLab takes entries with one fingerprint for one, in whatever files they are.
        "fingerprint": digest_of(path, rule, number),
        "severity": severity,
        "location": {"path": path, "lines": {"begin": line}},
    }
    return encoded(found)
