"""What every report is made from: a verdict in one language, with its places worked out, as plain data.

It no longer refers to the message, so that it can be sent from one process to another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from spamlint.source import Place, RawPlace, Source, Text
from spamlint.verdict import Finding, Language, Outcome, Profile, RuleError, Severity, Skipped, TopicScore, Verdict


@dataclass(frozen=True, slots=True)
class Replacement:
    """A range of a file, and the text that comes in its place. `file` is None for the file of the report."""

    file: str | None
    raw: RawPlace
    text: str


@dataclass(frozen=True, slots=True)
class Cure:
    """What puts a finding right, written in the file itself. Not `safe`: a person should look at the result."""

    replacements: tuple[Replacement, ...]
    safe: bool


@dataclass(frozen=True, slots=True)
class FindingReport:
    """One finding. Scores are in tenths; `places` are the first of `count`, None is the message as a whole."""

    rule: str
    title: str
    topic: str
    severity: Severity
    blocks: bool
    base_score: int
    score: int
    message: str
    why: str
    fix: str
    count: int
    places: tuple[Place | None, ...]
    cures: tuple[Cure, ...] = ()
    """Empty where no report asks for them, and where a person has to decide."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Lines of the message for a report that shows them. `part` is as in `Place`: None for lines of the file."""

    part: str | None
    content_type: str
    lines: tuple[tuple[int, str], ...]
    """Number and text; where the numbers jump, lines are left out."""
    is_whole: bool
    """Whether the last line is that of the part."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The HTML of a part with nothing in it that is fetched; None where it is too large to be shown."""

    part: str
    html: str | None
    left_out: int = 0
    """Embedded pictures that are too large to be shown."""


@dataclass(frozen=True, slots=True)
class FileReport:
    """The verdict on one message or draft. `message_index` counts from 0 in an mbox, and is None elsewhere."""

    path: str
    message_index: int | None
    outcome: Outcome
    incomplete: bool
    score: int
    warn_at: int
    block_at: int
    profile: Profile
    findings: tuple[FindingReport, ...]
    topics: tuple[TopicScore, ...] = ()
    cure: tuple[str, ...] = ()
    """The rules of the fewest findings without which the outcome would be a pass."""
    not_covered: tuple[str, ...] = ()
    errors: tuple[RuleError, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    suppressed: tuple[tuple[str, int], ...] = ()
    """Rule id and number of the findings that comments in a draft keep out."""
    known: tuple[tuple[str, int], ...] = ()
    """The same of those that a baseline has."""
    gone: tuple[tuple[str, int], ...] = ()
    """The same of those that a baseline has and that are there no longer."""
    fingerprints: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Rule id and what stands for each of its findings in a baseline, where there is one."""
    line: int = 1
    """The line of the file that the message starts at."""
    sheets: tuple[Sheet, ...] = ()
    previews: tuple[Preview, ...] = ()
    """Sheets and previews are empty where no report asks for them."""

    context: str | None = None
    """The context of a template that the verdict is on: the worst of those that were given."""

    def fails(self, fail_on: str) -> bool:
        """Whether the outcome is one to fail on: "block", or "warn" and worse."""
        return self.outcome == "block" or (self.outcome == "warn" and fail_on == "warn")


@dataclass(frozen=True, slots=True)
class Ending:
    """What is known when all files are checked."""

    total: Summary
    unreadable: Sequence[tuple[str, str]]
    """Path and reason of what could not be checked."""
    exit_code: int


@dataclass(slots=True)
class Summary:
    """Counts over many files, added to as they are checked."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    incomplete: int = 0
    unreadable: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    """Rule id -> the number of files that it found something in."""
    titles: dict[str, str] = field(default_factory=dict)

    def add(self, report: FileReport) -> None:
        """Counts one more file."""
        self.outcomes[report.outcome] += 1
        self.incomplete += report.incomplete
        for finding in report.findings:
            self.rules[finding.rule] += 1
            self.titles[finding.rule] = finding.title


def file_report(
    verdict: Verdict,
    source: Source,
    message_index: int | None,
    language: Language,
    context: str | None = None,
    *,
    with_places: bool = True,
) -> FileReport:
    """The report on the message in `source`; its name is the path. Places cost as much as the verdict."""
    return FileReport(
        path=source.name,
        message_index=message_index,
        outcome=verdict.outcome,
        incomplete=verdict.incomplete,
        score=verdict.score,
        warn_at=verdict.warn_at,
        block_at=verdict.block_at,
        profile=verdict.profile,
        findings=tuple(
            _finding_report(finding, source if with_places else None, language) for finding in verdict.findings
        ),
        topics=verdict.topics,
        cure=tuple(finding.rule for finding in verdict.cure),
        not_covered=tuple(row.say(language) for row in verdict.not_covered),
        errors=verdict.errors,
        skipped=verdict.skipped,
        suppressed=verdict.suppressed,
        line=source.line,
        context=context,
    )


def _finding_report(finding: Finding, source: Source | None, language: Language) -> FindingReport:
    """The report on one finding, without places where there is no source."""
    said = finding.say(language)
    return FindingReport(
        rule=finding.rule,
        title=said.title,
        topic=finding.topic,
        severity=finding.severity,
        blocks=finding.blocks,
        base_score=finding.base_score,
        score=finding.score,
        message=said.message,
        why=said.why,
        fix=said.fix,
        count=finding.count,
        places=() if source is None else _places(finding, source),
    )


def _places(finding: Finding, source: Source) -> tuple[Place | None, ...]:
    return tuple(
        place if text is not None and _lies_in(text, source) else None
        for text, place in zip(finding.texts, finding.places, strict=True)
    )


def _lies_in(text: Text, source: Source) -> bool:
    """Whether the text belongs to the file: the subject that a command line gives to a draft does not."""
    return text.home is source
