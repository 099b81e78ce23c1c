"""What the reports of `spamlint bounce` are made from: an input, what it means, and the message that was returned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from spamlint.bounce.explain import Explained
from spamlint.bounce.knowledge import UNKNOWN
from spamlint.bounce.notice import Notice
from spamlint.report.data import FileReport, FindingReport

CULPRITS: Final = 5
"""Findings in the returned message that are shown at most."""
CONTENT: Final = frozenset(("spam", "bad-link", "virus", "attachment-refused", "too-large", "bad-format", "refused"))
"""Causes that lie in the message, so that every finding in it may be the culprit."""
_IN_HEADERS: Final = ("sender", "headers", "subject", "bulk")


@dataclass(frozen=True, slots=True)
class BounceReport:
    """One input."""

    path: str
    message_index: int | None
    notice: Notice
    explained: tuple[Explained, ...]
    status_words: Mapping[str, str]
    """What each status code means."""
    original: FileReport | None = None
    """The verdict on the returned message, where it came along."""

    @property
    def first(self) -> Explained:
        """What the input as a whole counts as: its first refusal with a known cause."""
        return next((one for one in self.explained if one.cause.name != UNKNOWN), self.explained[0])

    @property
    def culprits(self) -> tuple[FindingReport, ...]:
        """Findings in the returned message that may have led to this: those of the rules for the cause come first."""
        if self.original is None:
            return ()
        cause = self.first.cause
        whole = self.notice.original is not None and self.notice.original.is_whole
        found = [one for one in self.original.findings if whole or _is_in_headers(one)]
        named = [one for one in found if one.rule in cause.rules]
        others = [one for one in found if one not in named and (one.score or one.severity == "error")]
        others = sorted(others, key=lambda one: -one.score) if cause.name in CONTENT else []
        return tuple((*named, *others)[:CULPRITS])

    def groups(self) -> Iterator[tuple[Explained, Sequence[str]]]:
        """Refusals with the same cause and words as one, with their recipients."""
        groups: dict[tuple[str, str, str], list[Explained]] = {}
        for one in self.explained:
            words = one.text.replace(one.refusal.recipient, "") if one.refusal.recipient else one.text
            groups.setdefault((one.cause.name, one.status, words), []).append(one)
        for group in groups.values():
            yield group[0], list(dict.fromkeys(one.refusal.recipient for one in group if one.refusal.recipient))


@dataclass(slots=True)
class BounceSummary:
    """Counts over many inputs: one for each recipient that was refused."""

    inputs: int = 0
    refusals: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    titles: dict[str, str] = field(default_factory=dict)
    domains: dict[str, Counter[str]] = field(default_factory=dict)
    """Causes by the domain of the recipient."""
    unreadable: list[tuple[str, str]] = field(default_factory=list)

    def add(self, report: BounceReport, titles: Mapping[str, str]) -> None:
        """One more input; `titles` names the causes."""
        self.inputs += 1
        for one in report.explained:
            name = one.cause.name
            self.refusals += 1
            self.causes[name] += 1
            self.titles[name] = titles[name]
            domain = one.refusal.recipient.rpartition("@")[2].lower().rstrip(".")
            if domain:
                self.domains.setdefault(domain, Counter())[name] += 1

    def by_domain(self) -> list[tuple[str, Counter[str]]]:
        """The domains, those with the most refusals first."""
        return sorted(self.domains.items(), key=lambda row: (-row[1].total(), row[0]))


def _is_in_headers(finding: FindingReport) -> bool:
    """Whether the headers alone show it: of a body that did not come along nothing can be said."""
    place = finding.places[0]
    return finding.topic in _IN_HEADERS and place is not None and place.part is None
