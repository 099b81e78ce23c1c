"""The log of a GitHub Actions step: each report in a folded group, and annotations for what matters most.

GitHub shows ten annotations of each level for a step and drops the others without a word. So the dearest of each level
become annotations, and the last line tells how many findings stand in the log only.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from spamlint.report import page_words, phrases, text
from spamlint.report.data import Ending, FileReport, FindingReport
from spamlint.report.escape import visible, visible_line
from spamlint.report.style import Style
from spamlint.report.words import say
from spamlint.verdict import Language, Severity

Level: TypeAlias = Literal["error", "warning", "notice"]
MOST = 10
"""Annotations of one level that GitHub shows for a step."""

_LEVELS: Mapping[Severity, Level] = {"error": "error", "warning": "warning", "note": "notice"}
_OUTCOME = 1_000
"""The weight of a message that fails: more than that of any finding, and a file that was not checked weighs more."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation. `weight` says which come first."""

    level: Level
    weight: int
    path: str
    title: str
    message: str
    line: int = 1
    end_line: int = 1
    columns: tuple[int, int] | None = None


@dataclass(slots=True)
class Dearest:
    """The annotations of each level that weigh most, the earlier before the later, and how many there were."""

    kept: dict[Level, list[tuple[int, int, Annotation]]] = field(default_factory=dict)
    counts: Counter[Level] = field(default_factory=Counter)

    def add(self, annotation: Annotation) -> None:
        """One more, in place of the lightest where there are too many."""
        level = annotation.level
        self.counts[level] += 1
        keep = heapq.heappush if self.counts[level] <= MOST else heapq.heappushpop
        keep(self.kept.setdefault(level, []), (annotation.weight, -self.counts.total(), annotation))

    def __iter__(self) -> Iterator[Annotation]:
        for level in ("error", "warning", "notice"):
            for _, _, annotation in sorted(self.kept.get(level, ()), key=lambda row: (-row[0], -row[1])):
                yield annotation

    @property
    def left_out(self) -> int:
        """How many are told in the log only."""
        return sum(max(number - MOST, 0) for number in self.counts.values())


def entry(report: FileReport, language: Language) -> str:
    """The report on one message in words; one with findings is folded."""
    first, *rest = text.file(report, Style(language)).rstrip("\n").split("\n")
    if not rest:
        return f"{first}\n"
    return "\n".join([f"::group::{_data(first)}", *rest, "::endgroup::"]) + "\n"


def annotated(report: FileReport, path: str, language: Language, *, fails: bool) -> Iterator[Annotation]:
    """One for the message where it fails, and one for each finding."""
    if fails or report.incomplete:
        title = f"{say(language, report.outcome)}, {phrases.score(report, language)}"
        message = "\n".join((phrases.name(report, language), *filter(None, [phrases.cure(report, language)])))
        weight = _OUTCOME * (2 if report.incomplete else 1) + report.score
        yield Annotation("error", weight, path, title, message, report.line, report.line)
    for finding in report.findings:
        yield _annotation(finding, report, path, language)


def closing(ending: Ending, dearest: Dearest, paths: list[str], language: Language) -> str:
    """The annotations, and what was left out of them. `paths` are those of the unreadable files."""
    for path, (_, reason) in zip(paths, ending.unreadable, strict=True):
        dearest.add(Annotation("error", 3 * _OUTCOME, path, page_words.say(language, "unread"), reason))
    lines = [line(annotation) for annotation in dearest]
    if dearest.left_out:
        lines.append(visible_line(say(language, "in the log", number=dearest.left_out, most=MOST)))
    return "".join(f"{one}\n" for one in lines)


def line(annotation: Annotation) -> str:
    """The workflow command of one annotation."""
    fields: dict[str, str | int] = {
        "file": annotation.path,
        "line": annotation.line,
        "endLine": annotation.end_line,
    }
    if annotation.columns is not None:
        fields |= {"col": annotation.columns[0], "endColumn": annotation.columns[1]}
    fields["title"] = annotation.title
    given = ",".join(f"{name}={_property(str(value))}" for name, value in fields.items())
    return f"::{annotation.level} {given}::{_data(annotation.message)}"


def _annotation(finding: FindingReport, report: FileReport, path: str, language: Language) -> Annotation:
    place = finding.places[0]
    said = [finding.message, finding.why, f"{say(language, 'fix')}: {finding.fix}"]
    if finding.count > 1 and place is not None:
        others = [other for other in finding.places[1:] if other is not None]
        positions = [phrases.position(other, language) for other in others]
        more = finding.count - 1 - len(others)
        positions += [say(language, "more", number=more)] if more > 0 else []
        said.append(f"{say(language, 'also at')}: {'; '.join(positions)}")
    if place is not None and place.part and place.line != place.raw.line:
        said.insert(0, phrases.position(place, language))
    raw = place.raw if place is not None else None
    return Annotation(
        level="error" if finding.blocks else _LEVELS[finding.severity],
        weight=finding.score,
        path=path if place is None or place.file is None else place.file,
        title=f"{finding.title} ({finding.rule})",
        message="\n".join(said),
        line=raw.line if raw else report.line,
        end_line=raw.end_line if raw else report.line,
        # Columns of a range over several lines are refused.
        columns=(raw.column, raw.end_column) if raw and raw.line == raw.end_line else None,
    )


def _data(value: str) -> str:
    shown = "\n".join(visible(one) for one in value.split("\n"))
    return shown.replace("%", "%25").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
