"""SARIF 2.1.0, as code scanning services read it. One run; results are written as they come.

A finding is one result at its first place; the others are its related locations. Lines and columns are those of the
file; a place inside a decoded part has that part, with its line there, as a logical location.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from spamlint.report.data import Cure, Ending, FileReport, FindingReport
from spamlint.report.escape import visible
from spamlint.report.json import encoded
from spamlint.report.paths import uri
from spamlint.report.phrases import position
from spamlint.report.words import say
from spamlint.rule import Rule
from spamlint.source import Place, RawPlace
from spamlint.verdict import Language, Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "spamlint/v1"
NOTICES = {
    "unreadable-file": "A path could not be read.",
    "failed-check": "A check failed; its rule found nothing.",
    "incomplete-verdict": "A limit was reached: not everything was checked.",
    "not-covered": "A part is not looked into.",
    "skipped-rule": "A rule was not run.",
}
"""The notifications, by id, with what they mean."""

_PROBLEM_SEVERITIES: Mapping[Severity, str] = {"note": "recommendation", "warning": "warning", "error": "error"}
# A reader takes these for a link and for a placeholder, wherever they stand in a message.
_LINK = re.compile(r"\[(?=[^\]]*\]\()")
_PLACEHOLDER = re.compile(r"\{(\d+)\}")


def head(rules: Sequence[Rule], version: str, ruleset: str, language: Language) -> str:
    """The start of the report: the tool, and the rules that found something."""
    driver = {
        "name": "spamlint",
        "version": version,
        "semanticVersion": version,
        "rules": [_rule(rule, language) for rule in rules],
        "notifications": [{"id": key, "shortDescription": {"text": said}} for key, said in NOTICES.items()],
        "properties": {"ruleset": ruleset},
    }
    head = {"$schema": SCHEMA, "version": "2.1.0"}
    run = {"tool": {"driver": driver}, "language": language, "columnKind": "unicodeCodePoints"}
    return f'{encoded(head)[:-1]}, "runs": [\n{encoded(run)[:-1]}, "results": ['


def entry(
    report: FileReport, path: str, numbers: Mapping[str, int], fingerprints: Sequence[str], language: Language
) -> Iterable[str]:
    """The results of one more file, one for each finding. `numbers` says where each rule stands in the head."""
    for finding, fingerprint in zip(report.findings, fingerprints, strict=True):
        yield encoded(_result(finding, report, path, numbers, fingerprint, language))


def notices(report: FileReport, path: str, numbers: Mapping[str, int], language: Language) -> list[dict[str, Any]]:
    """What is to be told of the run on one file: crashed checks, limits that were reached, parts not looked into."""
    where = [_location(None, report, path, language)]
    found = []
    for error in report.errors:
        said = say(language, "check failed", rule=error.rule, code=error.code, message=error.message)
        failed = _notice("failed-check", "error", said, where)
        failed["exception"] = {"kind": visible(error.code), "message": _plain(error.message)}
        if error.rule in numbers:
            failed["associatedRule"] = {"id": error.rule, "index": numbers[error.rule]}
        found.append(failed)
    if report.incomplete:
        found.append(_notice("incomplete-verdict", "error", say(language, "incomplete"), where))
    unseen = [("not-covered", say(language, "not covered", what=what)) for what in report.not_covered]
    unseen += [
        ("skipped-rule", say(language, "not run", rule=skipped.rule, reason=skipped.reason))
        for skipped in report.skipped
    ]
    return [*found, *(_notice(key, "note", said, where) for key, said in unseen)]


def closing(ending: Ending, told: Sequence[Mapping[str, Any]], paths: Sequence[str]) -> str:
    """The end of the report: how the run ended. `told` is what `notices` gave, `paths` are those of the unreadable."""
    unreadable = [
        _notice("unreadable-file", "error", reason, [{"physicalLocation": {"artifactLocation": _artifact(path)}}])
        for path, (_, reason) in zip(paths, ending.unreadable, strict=True)
    ]
    invocation = {
        "executionSuccessful": ending.exit_code < 2,
        "exitCode": ending.exit_code,
        "toolExecutionNotifications": [*unreadable, *told],
    }
    return f'\n], "invocations": [{encoded(invocation)}]}}\n]}}\n'


def _rule(rule: Rule, language: Language) -> dict[str, Any]:
    words = rule.words.get(language, rule.words["en"])
    why, fix = (say(language, key).capitalize() for key in ("why", "fix"))
    refs = [f"- <{ref}>" for ref in rule.refs]
    markdown = "\n\n".join([f"**{why}:** {words.why}", f"**{fix}:** {words.fix}", *(["\n".join(refs)] if refs else [])])
    text = "\n\n".join([f"{why}: {words.why}", f"{fix}: {words.fix}", *(["\n".join(rule.refs)] if rule.refs else [])])
    found = {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in re.split("[/-]", rule.id)),
        "shortDescription": {"text": _plain(words.title)},
        "fullDescription": {"text": _plain(words.why)},
        "help": {"text": text, "markdown": markdown},
        "defaultConfiguration": {"level": _level(rule.severity, blocks=rule.blocks)},
        "properties": {
            "score": rule.score / 10,
            "tags": ["email", rule.topic],
            "problem.severity": _PROBLEM_SEVERITIES[rule.severity],
        },
    }
    return found | ({"helpUri": rule.refs[0]} if rule.refs else {})


def _result(
    finding: FindingReport,
    report: FileReport,
    path: str,
    numbers: Mapping[str, int],
    fingerprint: str,
    language: Language,
) -> dict[str, Any]:
    first, *others = (_location(place, report, path, language) for place in finding.places)
    found: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": _level(finding.severity, blocks=finding.blocks),
        "message": {"text": _plain(finding.message)},
        "locations": [first],
        "partialFingerprints": {FINGERPRINT: fingerprint},
        "properties": {
            "score": finding.score / 10,
            "baseScore": finding.base_score / 10,
            "count": finding.count,
            "blocks": finding.blocks,
            "fix": visible(finding.fix),
            "outcome": report.outcome,
        },
    }
    if finding.rule in numbers:
        found["ruleIndex"] = numbers[finding.rule]
    if finding.cures:
        found["fixes"] = [_fix(cure, finding.fix, path, language) for cure in finding.cures]
    if others:
        found["relatedLocations"] = [{"id": number, **other} for number, other in enumerate(others, 1)]
    return found


def _fix(cure: Cure, words: str, path: str, language: Language) -> dict[str, Any]:
    """A fix, by the files that it changes."""
    files: dict[str, list[dict[str, Any]]] = {}
    for one in cure.replacements:
        deleted = _region(one.raw)
        files.setdefault(one.file or path, []).append({"deletedRegion": deleted, "insertedContent": {"text": one.text}})
    changes = [{"artifactLocation": _artifact(file), "replacements": rows} for file, rows in files.items()]
    said = say(language, "safe fix" if cure.safe else "unsafe fix")
    return {"description": {"text": f"{_plain(words)} ({said})"}, "artifactChanges": changes}


def _region(raw: RawPlace) -> dict[str, Any]:
    return {
        "startLine": raw.line,
        "startColumn": raw.column,
        "endLine": raw.end_line,
        "endColumn": raw.end_column,
        "byteOffset": raw.start,
        "byteLength": raw.end - raw.start,
    }


def _location(place: Place | None, report: FileReport, path: str, language: Language) -> dict[str, Any]:
    """A place, or the file as a whole, with the message of an mbox and the decoded part that it lies in."""
    named = place.file if place is not None and place.file is not None else path
    region: dict[str, Any] = {"startLine": report.line, "startColumn": 1, "endColumn": 1}
    if place is not None:
        region = _region(place.raw)
    found: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(named), "region": region}}
    if place is not None:
        found["message"] = {"text": position(place, language)}
    logical = _logical(place, report)
    return found | ({"logicalLocations": [logical]} if logical else {})


def _logical(place: Place | None, report: FileReport) -> dict[str, Any] | None:
    index = report.message_index
    message = "" if index is None else f"message {index + 1}"
    inside = place is not None and place.part and (place.line, place.column) != (place.raw.line, place.raw.column)
    if place is None or not inside:
        return {"name": message, "fullyQualifiedName": message, "kind": "message"} if message else None
    name = f"part {place.part}"
    return {
        "name": name,
        "fullyQualifiedName": f"{message}/{name}" if message else name,
        "kind": "part",
        "properties": {
            "part": place.part,
            "line": place.line,
            "column": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
            "excerpt": visible(place.excerpt),
        },
    }


def _notice(key: str, level: str, said: str, where: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    index = list(NOTICES).index(key)
    descriptor = {"id": key, "index": index}
    return {"descriptor": descriptor, "level": level, "message": {"text": _plain(said)}, "locations": list(where)}


def _artifact(path: str) -> dict[str, str]:
    reference = uri(path)
    return {"uri": reference} if reference.startswith("file:") else {"uri": reference, "uriBaseId": "%SRCROOT%"}


def _level(severity: Severity, *, blocks: bool) -> str:
    return "error" if blocks else severity


def _plain(text: str) -> str:
    """Words for a message: nothing unseen, nothing that a reader takes for a link or a placeholder."""
    return _PLACEHOLDER.sub(r"{{\1}}", _LINK.sub(r"\\[", visible(text)))
