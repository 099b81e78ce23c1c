"""The report of `spamlint bounce` for people: what was said, what it means, who has to act, and the cure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from spamlint.bounce.explain import Explained
from spamlint.report.bounce_data import CONTENT, BounceReport, BounceSummary
from spamlint.report.bounce_words import say
from spamlint.report.escape import visible, visible_line, width
from spamlint.report.style import BOLD, CYAN, GREEN, RED, YELLOW, Style, label_column, labelled, wrapped
from spamlint.verdict import Language

GROUPS: Final = 20
"""Refusals of one input that are shown at most; those with the same words count as one."""
RECIPIENTS: Final = 3
"""Recipients that one refusal names."""
DOMAINS: Final = 20
"""Domains that the summary names."""

_LABELS: Final = ("said", "to", "means", "who", "fix", "code", "page", "facts", "rules", "found")
_INDENT: Final = 2
_COLOURS: Final = {"nobody": GREEN, "recipient": YELLOW, "sending service": RED, "administrator": RED, "sender": RED}


def file(report: BounceReport, titles: Mapping[str, str], style: Style) -> str:
    """The report on one input; `titles` has the titles of rules."""
    name = report.path
    if report.message_index is not None:
        name = say(style.language, "message number", path=name, number=report.message_index + 1)
    lines = [style.paint(visible_line(name), BOLD)]
    groups = list(report.groups())
    for explained, recipients in groups[:GROUPS]:
        lines += ["", *_head(explained, style), *_rows(report, explained, recipients, titles, style)]
    if len(groups) > GROUPS:
        lines += ["", " " * _INDENT + say(style.language, "more groups", number=len(groups) - GROUPS)]
    notes = [say(style.language, "limit", name=limit) for limit in report.notice.limits]
    lines += ["", *(" " * _INDENT + note for note in notes)] if notes else []
    return "\n".join(lines) + "\n\n"


def _head(explained: Explained, style: Style) -> list[str]:
    cause = explained.cause
    title = f"{cause.words[style.language].title} ({cause.name})"
    colour = _COLOURS.get(cause.who, CYAN)
    return [" " * _INDENT + style.paint(line, colour, BOLD) for line in wrapped(title, style.room(_INDENT))]


def _rows(
    report: BounceReport, explained: Explained, recipients: Sequence[str], titles: Mapping[str, str], style: Style
) -> list[str]:
    language = style.language
    labels = {key: say(language, key) for key in _LABELS}
    indent = 2 * _INDENT
    room = style.room(label_column([(label, ()) for label in labels.values()], indent))
    words = explained.cause.words[language]
    is_first = explained is report.first
    rows = {
        "said": wrapped(explained.text, room) if explained.text else [],
        "to": [visible(_recipients(recipients, language))] if recipients else [],
        "facts": [line for one in _facts(report, language) for line in wrapped(one, room)] if is_first else [],
        "means": wrapped(words.meaning, room),
        "who": wrapped(say(language, explained.cause.who), room),
        "fix": wrapped(words.fix, room),
        "code": wrapped(_code(report, explained), room) if explained.status else [],
        "page": [visible(explained.page)] if explained.page else [],
        "rules": [line for rule in explained.cause.rules for line in wrapped(f"{rule}: {titles[rule]}", room)],
        "found": _found(report, style, room) if is_first else [],
    }
    return labelled([(labels[key], texts) for key, texts in rows.items() if texts], indent, style)


def _recipients(recipients: Sequence[str], language: Language) -> str:
    shown = ", ".join(recipients[:RECIPIENTS])
    more = len(recipients) - RECIPIENTS
    return say(language, "more recipients", recipients=shown, number=more) if more > 0 else shown


def _code(report: BounceReport, explained: Explained) -> str:
    said = report.status_words.get(explained.status, "")
    return f"{explained.status}: {said}" if said else explained.status


def _facts(report: BounceReport, language: Language) -> list[str]:
    return [f"{say(language, key)}: {value}" for key, value in report.notice.facts]


def _found(report: BounceReport, style: Style, room: int | None) -> list[str]:
    """What the returned message shows, where it could be the reason."""
    original, cause = report.original, report.first.cause
    if original is None or not (cause.rules or cause.name in CONTENT):
        return []
    language = style.language
    returned = report.notice.original
    said = [] if returned is None or returned.is_whole else [say(language, "headers only")]
    culprits = report.culprits
    said.append(say(language, "culprits" if culprits else "no culprits"))
    said += [f"- {one.rule}: {one.title}; {one.message}" for one in culprits]
    return [line for one in said for line in wrapped(one, room)]


def summary(total: BounceSummary, style: Style) -> str:
    """The counts over many inputs: causes, and the domains of those who did not get it."""
    language = style.language
    counted = [
        say(language, "one input" if total.inputs == 1 else "inputs", number=total.inputs),
        say(language, "one refusal" if total.refusals == 1 else "refusals", number=total.refusals),
    ]
    if total.unreadable:
        counted.append(say(language, "unreadable", number=len(total.unreadable)))
    lines = [style.paint(", ".join(counted), BOLD)]
    causes = [(number, name, total.titles[name]) for name, number in _sorted(total.causes)]
    if causes:
        lines += [say(language, "causes") + ":", *_table(causes)]
    domains = total.by_domain()
    rows = [
        (counts.total(), domain, ", ".join(f"{name} {number}" for name, number in _sorted(counts)))
        for domain, counts in domains[:DOMAINS]
    ]
    if rows:
        lines += [say(language, "domains") + ":", *_table(rows)]
    if len(domains) > DOMAINS:
        lines.append("  " + say(language, "more domains", number=len(domains) - DOMAINS))
    return "\n".join(lines) + "\n"


def _sorted(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda row: (-row[1], row[0]))


def _table(rows: Sequence[tuple[int, str, str]]) -> list[str]:
    numbers = max(len(str(number)) for number, _, _ in rows)
    names = max(width(name) for _, name, _ in rows)
    return [
        f"  {number:>{numbers}}  {visible(name)}{' ' * (names - width(name) + 2)}{visible(rest)}"
        for number, name, rest in rows
    ]
