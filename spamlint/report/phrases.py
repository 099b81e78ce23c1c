"""What several reports say of a message, in whole phrases."""

from __future__ import annotations

from spamlint.report.data import FileReport, FindingReport, Summary
from spamlint.report.escape import visible_line
from spamlint.report.words import points, say
from spamlint.source import Place
from spamlint.verdict import Language


def position(place: Place, language: Language) -> str:
    """Where a place is: its line and column, in which part, and the line of the file where that is another."""
    said = say(language, "line", line=place.line, column=place.column)
    if place.file is not None:
        return f"{visible_line(place.file)} {said}"
    if place.part is None or (place.line, place.column) == (place.raw.line, place.raw.column):
        return said
    if place.part:
        said = say(language, "in part", part=place.part, line=said)
    return say(language, "file line", place=said, line=place.raw.line)


def name(report: FileReport, language: Language) -> str:
    """The path, and the number of the message in an mbox."""
    if report.message_index is None:
        return report.path
    return say(language, "message number", path=report.path, number=report.message_index + 1)


def score(report: FileReport, language: Language) -> str:
    """The score with its limit, and what led to the outcome."""
    said = say(language, "points of", score=points(language, report.score), limit=points(language, report.block_at))
    return f"{said} ({', '.join(reasons(report, language))})"


def reasons(report: FileReport, language: Language) -> list[str]:
    """The profile, and what beside the score led to the outcome."""
    because = [say(language, "profile", profile=report.profile)]
    if report.context is not None:
        because.append(say(language, "context", name=visible_line(report.context)))
    if report.outcome == "warn" and report.score >= report.warn_at:
        because.append(say(language, "warns from", limit=points(language, report.warn_at)))
    elif report.outcome == "warn" and any(finding.severity == "error" for finding in report.findings):
        because.append(say(language, "for an error"))
    elif report.outcome == "block" and report.score < report.block_at:
        because.append(say(language, "by a rule"))
    if report.incomplete:
        because.append(say(language, "incomplete"))
    return because


def cure(report: FileReport, language: Language) -> str:
    """The shortest way to a pass; "" where there is none."""
    if not report.cure:
        return ""
    key = "cure" if len(report.cure) > 1 else "cure one"
    return say(language, key, number=len(report.cure), rules=", ".join(report.cure))


def notes(report: FileReport, language: Language) -> list[str]:
    """What was not checked, and why; what does not count."""
    return [
        *(say(language, "check failed", rule=e.rule, code=e.code, message=e.message) for e in report.errors),
        *(say(language, "not run", rule=skipped.rule, reason=skipped.reason) for skipped in report.skipped),
        *(say(language, "not covered", what=what) for what in report.not_covered),
        *(
            say(language, key, number=sum(number for _, number in counts), rules=", ".join(rule for rule, _ in counts))
            for key, counts in (("suppressed", report.suppressed), ("known", report.known), ("gone", report.gone))
            if counts
        ),
    ]


def worth(finding: FindingReport, language: Language) -> str:
    """How many points mending a finding regains, and whether it blocks."""
    gain, base = points(language, finding.score), points(language, finding.base_score)
    if finding.score < finding.base_score:
        said = say(language, "regains part", points=gain, base=base)
    elif finding.score:
        said = say(language, "regains", points=gain)
    else:
        said = say(language, "regains nothing")
    return f"{said}, {say(language, 'blocks')}" if finding.blocks else said


def counts(total: Summary, language: Language) -> str:
    """How many messages were checked, and with what outcome."""
    checked = sum(total.outcomes.values())
    head = say(language, "one checked") if checked == 1 else say(language, "checked", number=checked)
    said = [f"{total.outcomes[outcome]} {say(language, outcome)}" for outcome in ("pass", "warn", "block")]
    for key, number in (("not fully checked", total.incomplete), ("unreadable", total.unreadable)):
        if number:
            said.append(say(language, key, number=number))
    return f"{head}: {', '.join(said)}"
