"""The JSON form of a report; `verdict.schema.json` beside this file describes it.

The whole report is one object, written as it grows: `opening`, then each `entry`, then `closing`. The jsonl format is
one `line` for each file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from textwrap import indent
from typing import Any

from spamlint.report.data import FileReport, FindingReport
from spamlint.source import Place

SCHEMA = "verdict.schema.json"

_NO_PLACE = {
    "file": None, "part": None, "line": None, "column": None, "end_line": None, "end_column": None, "raw": None,
    "excerpt": None,
}  # fmt: skip


def opening(version: str, ruleset: str) -> str:
    """The start of the whole report."""
    return f'{{\n  "version": {encoded(version)},\n  "ruleset": {encoded(ruleset)},\n  "files": ['


def entry(report: FileReport, *, first: bool) -> str:
    """One more file of the whole report."""
    return ("\n" if first else ",\n") + indent(encoded(file_object(report), spaces=2), "    ")


def closing(unreadable: Sequence[tuple[str, str]]) -> str:
    """The end of the whole report: path and reason of what could not be checked."""
    rows = [{"path": path, "reason": reason} for path, reason in unreadable]
    return f'\n  ],\n  "unreadable": {encoded(rows)}\n}}\n'


def whole(version: str, ruleset: str, reports: Iterable[FileReport], unreadable: Sequence[tuple[str, str]] = ()) -> str:
    """The whole report at once."""
    entries = (entry(report, first=not index) for index, report in enumerate(reports))
    return "".join((opening(version, ruleset), *entries, closing(unreadable)))


def line(report: FileReport, version: str, ruleset: str) -> str:
    """One line of the jsonl format."""
    return encoded({"version": version, "ruleset": ruleset, **file_object(report)}) + "\n"


def file_object(report: FileReport) -> dict[str, Any]:
    """One file as the schema has it."""
    return {
        "path": report.path,
        "message_index": report.message_index,
        "outcome": report.outcome,
        "incomplete": report.incomplete,
        "score": report.score / 10,
        "warn_at": report.warn_at / 10,
        "block_at": report.block_at / 10,
        "profile": report.profile,
        "context": report.context,
        "findings": [_finding_object(finding) for finding in report.findings],
        "topics": [
            {"topic": one.topic, "base_score": one.base_score / 10, "score": one.score / 10} for one in report.topics
        ],
        "cure": list(report.cure),
        "not_covered": list(report.not_covered),
        "errors": [{"rule": error.rule, "code": error.code, "message": error.message} for error in report.errors],
        "skipped": [{"rule": skipped.rule, "reason": skipped.reason} for skipped in report.skipped],
        **{
            name: [{"rule": rule, "count": number} for rule, number in counts]
            for name, counts in (("suppressed", report.suppressed), ("known", report.known), ("gone", report.gone))
        },
    }


def _finding_object(finding: FindingReport) -> dict[str, Any]:
    places = [_place_object(place) for place in finding.places]
    return {
        "rule": finding.rule,
        "title": finding.title,
        "topic": finding.topic,
        "severity": finding.severity,
        "blocks": finding.blocks,
        "base_score": finding.base_score / 10,
        "score": finding.score / 10,
        "message": finding.message,
        "why": finding.why,
        "fix": finding.fix,
        "count": finding.count,
        **places[0],
        "places": places,
    }


def _place_object(place: Place | None) -> dict[str, Any]:
    if place is None:
        return _NO_PLACE
    raw = place.raw
    return {
        "file": place.file,
        "part": place.part,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "raw": {"line": raw.line, "column": raw.column, "start": raw.start, "end": raw.end},
        "excerpt": place.excerpt,
    }


def encoded(value: Any, spaces: int | None = None) -> str:
    """JSON in ASCII only, so that no control or bidirectional mark of the mail reaches a terminal or a log."""
    encoded = json.dumps(value, indent=spaces)
    return encoded if "\\ud" not in encoded else json.dumps(_without_surrogates(value), indent=spaces)


def _without_surrogates(value: Any) -> Any:
    """The value with lone surrogates (file names that are no UTF-8) as visible escapes: strict readers refuse them."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {key: _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    return value
