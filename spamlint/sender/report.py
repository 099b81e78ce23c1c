"""What was found out about an address on a route, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from spamlint.report.escape import visible_line
from spamlint.report.style import BOLD, DIM, GREEN, RED, YELLOW, Style, wrapped
from spamlint.sender.examine import Examination
from spamlint.sender.letter import alternatives, letter, remarks
from spamlint.sender.notes import Note
from spamlint.sender.words import words
from spamlint.verdict import Finding, Language, Verdict

_COLOURS = {"pass": GREEN, "warn": YELLOW, "block": RED}
_INDENT = 6


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found out, and the verdict on it."""

    examination: Examination
    verdict: Verdict


def as_text(judged: Judged, style: Style) -> Iterator[str]:
    """The lines of the report: verdict, findings, what is well, what to publish."""
    say, verdict = words(style.language), judged.verdict
    evidence = judged.examination.evidence
    named = say["route" if evidence.route.is_known else "no-route"]
    head = visible_line(named.format(address=evidence.address, route=evidence.route.name))
    outcome = say["incomplete"] if verdict.incomplete and verdict.outcome != "block" else say[verdict.outcome]
    if verdict.outcome == "pass" and not evidence.route.is_known:
        outcome = say["no-fault"]
    yield f"{style.paint(head, BOLD)}: {style.paint(outcome, BOLD, _COLOURS[verdict.outcome])}"
    yield ""
    for finding in verdict.findings:
        yield from _finding(finding, style)
    for note in judged.examination.notes:
        if note.is_good:
            yield from _marked("-" if note.is_news else style.paint("+", GREEN), phrase(note, style.language), style)
    yield ""
    yield from _to_publish(judged.examination, style)


def phrase(note: Note, language: Language) -> str:
    """What a note that is no finding says."""
    return words(language)[note.kind].format(**note.values)


def _finding(finding: Finding, style: Style) -> Iterator[str]:
    said = finding.say(style.language)
    is_bad = finding.blocks or finding.severity == "error"
    mark = style.paint("x", RED) if is_bad else style.paint("!", YELLOW)
    yield from _marked(mark, f"{said.title}  [{finding.rule}]", style)
    for text in (said.message, said.why, said.fix):
        yield from (" " * _INDENT + line for line in wrapped(text, style.room(_INDENT)))


def _marked(mark: str, text: str, style: Style) -> Iterator[str]:
    lines = wrapped(text, style.room(4))
    yield f"  {mark} {lines[0]}"
    yield from (f"    {line}" for line in lines[1:])


def _to_publish(examination: Examination, style: Style) -> Iterator[str]:
    """The records as they are to be copied: never wrapped."""
    say, cure = words(style.language), examination.cure
    if not cure.changes:
        yield say["nothing" if examination.is_decided else "unknown"]
        return
    yield style.paint(say["publish"], BOLD)
    for change in cure.changes:
        yield f"  {visible_line(change.name)} TXT"
        yield f"      {style.paint(visible_line(change.record), BOLD)}"
        for old in change.before:
            yield style.paint(f"      {visible_line(say['now'].format(record=old))}", DIM)
        yield from (f"      {line}" for line in remarks(change, style.language))
    yield from (f"  {visible_line(line)}" for line in alternatives(examination, style.language))


def letter_lines(examination: Examination, style: Style) -> Iterator[str]:
    """The letter under its heading; nothing where nothing is to be published."""
    text = letter(examination, style.language)
    if text:
        heading = words(style.language)["letter"].format(domain=examination.evidence.domain)
        yield style.paint(heading, BOLD)
        yield ""
        yield from (f"  {visible_line(line)}".rstrip() for line in text.split("\n"))


def as_data(judged: Judged, language: Language) -> Mapping[str, Any]:
    """The same as data."""
    examination, verdict = judged.examination, judged.verdict
    evidence = examination.evidence
    return {
        "address": evidence.address,
        "route": evidence.route.name,
        "outcome": verdict.outcome,
        "incomplete": verdict.incomplete,
        "findings": [_finding_data(finding, language) for finding in verdict.findings],
        "facts": [
            {"kind": note.kind, "text": phrase(note, language), "values": dict(note.values)}
            for note in examination.notes
            if note.is_good
        ],
        "spf": [{"ip": one.ip, "domain": one.domain, "result": one.result, "term": one.term,
                 "lookups": one.lookups, "void-lookups": one.voids} for one in evidence.spf],
        "spf-aligned": evidence.spf_is_aligned,
        "dkim-aligned": evidence.dkim_speaks,
        "dmarc": {"passes": evidence.dmarc_passes, "policy": evidence.dmarc.policy, "record": evidence.dmarc.record,
                  "percent": evidence.dmarc.percent},
        "publish": [_change_data(asdict(change)) for change in examination.cure.changes],
        "letter": letter(examination, language),
    }  # fmt: skip


def _change_data(change: dict[str, Any]) -> dict[str, Any]:
    return {key.replace("_", "-"): list(value) if isinstance(value, tuple) else value for key, value in change.items()}


def _finding_data(finding: Finding, language: Language) -> Mapping[str, Any]:
    said = finding.say(language)
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "blocks": finding.blocks,
        "title": said.title,
        "message": said.message,
        "why": said.why,
        "fix": said.fix,
        "values": dict(finding.values),
    }
