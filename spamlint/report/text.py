"""The report for people: what is wrong, where, why, how to put it right, and how many points that regains."""

from __future__ import annotations

from spamlint.report import phrases
from spamlint.report.data import FileReport, FindingReport, Summary
from spamlint.report.escape import visible, visible_line, width
from spamlint.report.style import BOLD, CYAN, GREEN, RED, YELLOW, Style, label_column, labelled, marked, wrapped
from spamlint.report.words import points, say
from spamlint.source import Place
from spamlint.verdict import SEVERITIES

MOST_FREQUENT = 10
"""Rules that the summary names at most."""
ALSO_AT = 3
"""Further places that a finding names at most."""

_COLOURS = {"pass": GREEN, "warn": YELLOW, "block": RED, "note": CYAN, "warning": YELLOW, "error": RED}
_INDENT = 2
_GUTTER = "| "


def file(report: FileReport, style: Style) -> str:
    """The report on one message: the verdict, its findings, and what was not checked."""
    lines = [_verdict(report, style)]
    cure = _cure(report, style)
    if cure:
        lines += ["", *cure]
    for finding in report.findings:
        lines += ["", *_finding(finding, style)]
    notes = _notes(report, style)
    if notes:
        lines += ["", *notes]
    if len(lines) > 1:
        lines.append("")
    return "\n".join(lines) + "\n"


def summary(total: Summary, style: Style) -> str:
    """The counts over many files."""
    language = style.language
    lines = [style.paint(phrases.counts(total, language), BOLD)]
    if total.rules:
        lines.append(say(language, "most frequent") + ":")
        rows = sorted(total.rules.items(), key=lambda row: (-row[1], row[0]))[:MOST_FREQUENT]
        numbers = max(len(str(number)) for _, number in rows)
        names = max(width(rule) for rule, _ in rows)
        for rule, number in rows:
            gap = " " * (names - width(rule) + 2)
            lines.append(f"  {number:>{numbers}}  {visible(rule)}{gap}{visible(total.titles[rule])}")
    return "\n".join(lines) + "\n"


def _verdict(report: FileReport, style: Style) -> str:
    outcome = style.paint(say(style.language, report.outcome), _COLOURS[report.outcome], BOLD)
    name = style.paint(visible_line(phrases.name(report, style.language)), BOLD)
    return f"{name}: {outcome}, {phrases.score(report, style.language)}"


def _cure(report: FileReport, style: Style) -> list[str]:
    """Where the points come from, and the shortest way to a pass, where there is more than one finding."""
    language, said = style.language, []
    if len(report.findings) < 2:
        return []
    if len(report.topics) > 1:
        topics = (
            say(
                language,
                "topic at limit" if one.score < one.base_score else "topic",
                topic=one.topic,
                points=points(language, one.score),
            )
            for one in report.topics
        )
        said.append(say(language, "by topic", topics=", ".join(topics)))
    if report.cure:
        said.append(phrases.cure(report, language))
    room = style.room(_INDENT)
    return [" " * _INDENT + line for one in said for line in wrapped(one, room)]


def _finding(finding: FindingReport, style: Style) -> list[str]:
    language = style.language
    severities = max(width(say(language, severity)) for severity in SEVERITIES)
    severity = say(language, finding.severity)
    head = "{}{}{}  {}  ".format(
        " " * _INDENT,
        style.paint(severity, _COLOURS[finding.severity], BOLD),
        " " * (severities - width(severity)),
        points(language, finding.score),
    )
    indent = _INDENT + severities + 2 + len(points(language, finding.score)) + 2
    title, *rest = wrapped(finding.title, style.room(indent))
    lines = [head + style.paint(title, BOLD), *(" " * indent + style.paint(line, BOLD) for line in rest)]
    if finding.message != finding.title:
        lines += [" " * indent + line for line in wrapped(finding.message, style.room(indent))]
    return lines + _rows(finding, style)


def _rows(finding: FindingReport, style: Style) -> list[str]:
    language = style.language
    labels = [say(language, key) for key in ("where", "also at", "why", "fix", "rule")]
    where, also_at, why, fix, rule = labels
    indent = 2 * _INDENT
    room = style.room(label_column([(label, ()) for label in labels], indent))
    rows = [(where, _where(finding.places[0], room, style))]
    also = _also(finding, style)
    rows += [
        (also_at, [also] if also else []),
        (why, wrapped(finding.why, room)),
        (fix, wrapped(finding.fix, room)),
        (rule, [f"{visible(finding.rule)}, {phrases.worth(finding, style.language)}"]),
    ]
    return labelled(rows, indent, style)


def _where(place: Place | None, room: int | None, style: Style) -> list[str]:
    if place is None:
        return [say(style.language, "whole message")]
    line, carets = marked(place.excerpt, place.mark, None if room is None else room - len(_GUTTER))
    return [phrases.position(place, style.language), _GUTTER + line, _GUTTER + style.paint(carets, RED)]


def _also(finding: FindingReport, style: Style) -> str:
    """ "12:3, 15:9 and 7 more": where else, in the part of the first place or with the part named."""
    first, *others = finding.places
    named = []
    for place in others[:ALSO_AT]:
        if place is None:
            continue
        position = f"{place.line}:{place.column}"
        if place.part and (first is None or place.part != first.part):
            position = say(style.language, "in part", part=place.part, line=position)
        named.append(position)
    more = finding.count - 1 - len(named)
    if named and more > 0:
        return say(style.language, "and", places=", ".join(named), number=more)
    return say(style.language, "more", number=more) if more > 0 else ", ".join(named)


def _notes(report: FileReport, style: Style) -> list[str]:
    room = style.room(_INDENT)
    return [" " * _INDENT + line for one in phrases.notes(report, style.language) for line in wrapped(one, room)]
