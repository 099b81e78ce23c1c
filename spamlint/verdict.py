"""Findings, the verdict they add up to, and the policy that decides how."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, TypeAlias

from spamlint.coverage import NotCovered
from spamlint.source import Place, Text

Severity: TypeAlias = Literal["note", "warning", "error"]
Outcome: TypeAlias = Literal["pass", "warn", "block"]
Profile: TypeAlias = Literal["draft", "message", "bulk", "transactional", "personal"]
Language: TypeAlias = Literal["en", "nl"]
Value: TypeAlias = str | int

SEVERITIES: tuple[Severity, ...] = ("note", "warning", "error")
PROFILES: tuple[Profile, ...] = ("draft", "message", "bulk", "transactional", "personal")
LANGUAGES: tuple[Language, ...] = ("en", "nl")

VALUE_WIDTH = 80
"""Code points of one value that a message quotes at most."""
WHOLE_VALUE = "record"
"""The value that is never cut: a DNS record, which people copy."""

_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Words:
    """What a rule says to people in one language. `message` may name values: "{count} times"."""

    title: str
    message: str
    why: str
    fix: str

    def filled(self, values: Mapping[str, Value]) -> Words:
        """These words with each `{name}` replaced by its value; long ones are cut to `VALUE_WIDTH`."""

        def fill(template: str) -> str:
            return _NAME.sub(lambda name: _shown(name[1], values.get(name[1], name[0])), template)

        return replace(self, message=fill(self.message), fix=fill(self.fix))


def _shown(name: str, value: Value) -> str:
    text = str(value)
    return text if len(text) <= VALUE_WIDTH or name == WHOLE_VALUE else text[: VALUE_WIDTH - 1] + "…"


@dataclass(frozen=True, eq=False)
class Finding:
    """What one rule found in one message: how bad, why, and the first places of `count`. Scores are in tenths."""

    rule: str
    severity: Severity
    base_score: int
    blocks: bool
    words: Mapping[Language, Words]
    values: Mapping[str, Value]
    count: int
    texts: tuple[Text | None, ...]
    score: int = 0
    """What it adds to the verdict after the cap on its topic; set by `Verdict.of`."""

    @property
    def topic(self) -> str:
        """The folder of the rule."""
        return self.rule.partition("/")[0]

    @cached_property
    def places(self) -> tuple[Place | None, ...]:
        """The first places; None stands for the message as a whole."""
        return tuple(text.place if text is not None else None for text in self.texts)

    def say(self, language: Language = "en") -> Words:
        """Title, message, why and fix with this finding's values filled in."""
        return self.words.get(language, self.words["en"]).filled({**self.values, "count": self.count})


@dataclass(frozen=True, slots=True)
class RuleError:
    """A check that crashed: the rule's id, the exception's type, and its text."""

    rule: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A rule that was not run, and the reason."""

    rule: str
    reason: str


@dataclass(frozen=True)
class Policy:
    """What is checked and how it is judged. Scores and thresholds are in tenths of a point."""

    profile: Profile | None = None
    """None: `draft` for a template or HTML file, `message` for a message."""
    select: tuple[str, ...] = ()
    """Rule ids, topics or globs; empty means all rules."""
    ignore: tuple[str, ...] = ()
    scores: Mapping[str, int] = field(default_factory=dict)
    severities: Mapping[str, Severity] = field(default_factory=dict)
    params: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Glob of file names -> rule ids, topics or globs that are ignored there."""
    warn_at: int = 20
    block_at: int = 50
    topic_cap: int = 40
    suppressions: bool = True
    """Whether comments in a draft may keep findings out of its verdict. In a finished message they never can."""


@dataclass(frozen=True, slots=True)
class TopicScore:
    """What the findings of a topic add up to, in tenths: before and after the cap."""

    topic: str
    base_score: int
    score: int


@dataclass(frozen=True, eq=False)
class Verdict:
    """The judgement of one message. `score`, `warn_at` and `block_at` are in tenths of a point."""

    outcome: Outcome
    score: int
    warn_at: int
    block_at: int
    profile: Profile
    findings: tuple[Finding, ...]
    """Those that cost most come first."""
    errors: tuple[RuleError, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    not_covered: tuple[NotCovered, ...] = ()
    """What was not looked at, each with its reason."""
    incomplete: bool = False
    """A check crashed or a limit was reached."""
    topic_cap: int = Policy.topic_cap
    suppressed: tuple[tuple[str, int], ...] = ()
    """Rule id and number of the findings that comments in a draft keep out."""

    @classmethod
    def of(
        cls,
        findings: Iterable[Finding],
        policy: Policy,
        profile: Profile,
        *,
        errors: tuple[RuleError, ...] = (),
        skipped: tuple[Skipped, ...] = (),
        not_covered: tuple[NotCovered, ...] = (),
        limit_reached: bool = False,
        suppressed: tuple[tuple[str, int], ...] = (),
    ) -> Verdict:
        """The verdict on `findings`: each topic capped, the outcome by the policy's thresholds."""
        scored = _capped(findings, policy.topic_cap)
        score = sum(finding.score for finding in scored)
        incomplete = bool(errors) or limit_reached
        return cls(
            outcome=_outcome(scored, score, policy, incomplete),
            score=score,
            warn_at=policy.warn_at,
            block_at=policy.block_at,
            profile=profile,
            findings=scored,
            errors=errors,
            skipped=skipped,
            not_covered=not_covered,
            incomplete=incomplete,
            topic_cap=policy.topic_cap,
            suppressed=suppressed,
        )

    @cached_property
    def topics(self) -> tuple[TopicScore, ...]:
        """The topics that have points, dearest first."""
        sums: dict[str, tuple[int, int]] = {}
        for finding in self.findings:
            base, score = sums.get(finding.topic, (0, 0))
            sums[finding.topic] = (base + finding.base_score, score + finding.score)
        scored = (TopicScore(topic, base, score) for topic, (base, score) in sums.items() if score)
        return tuple(sorted(scored, key=lambda one: (-one.score, -one.base_score, one.topic)))

    @cached_property
    def cure(self) -> tuple[Finding, ...]:
        """The fewest findings without which the outcome would be a pass; none where it is one or cannot become one."""
        if self.outcome == "pass" or self.incomplete:
            return ()
        forced = {finding.rule for finding in self.findings if finding.blocks or finding.severity == "error"}
        others = [finding for finding in self.findings if finding.rule not in forced]
        cheapest = _cheapest(others, self.topic_cap)
        chosen = next((rules for score, rules in cheapest if score < self.warn_at), None)
        if chosen is None:
            return ()
        return tuple(finding for finding in self.findings if finding.rule in forced or finding.rule in chosen)


def _outcome(findings: tuple[Finding, ...], score: int, policy: Policy, incomplete: bool) -> Outcome:
    if score >= policy.block_at or any(finding.blocks for finding in findings):
        return "block"
    if score >= policy.warn_at or incomplete or any(finding.severity == "error" for finding in findings):
        return "warn"
    return "pass"


def _capped(findings: Iterable[Finding], cap: int) -> tuple[Finding, ...]:
    """The findings, dearest first, with each topic's scores cut off where they reach `cap`."""
    left: dict[str, int] = {}
    scored = []
    for finding in sorted(findings, key=lambda found: (-found.base_score, found.rule)):
        room = left.get(finding.topic, cap)
        score = min(finding.base_score, room)
        left[finding.topic] = room - score
        scored.append(replace(finding, score=score))
    rank = {severity: index for index, severity in enumerate(reversed(SEVERITIES))}
    scored.sort(key=lambda found: (not found.blocks, -found.score, rank[found.severity], found.rule))
    return tuple(scored)


def _cheapest(findings: Iterable[Finding], cap: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """For no removal, for one, for two and so on: the least score that is left, and the rules that are removed.

    In a topic the dearest go first, but the cap can make the first of them count for nothing: so each number of
    removals is weighed for each topic.
    """
    topics: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda found: (-found.base_score, found.rule)):
        topics.setdefault(finding.topic, []).append(finding)
    best: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    for of_topic in topics.values():
        left = [
            min(cap, sum(finding.base_score for finding in of_topic[number:])) for number in range(len(of_topic) + 1)
        ]
        rules = tuple(finding.rule for finding in of_topic)
        following: list[tuple[int, tuple[str, ...]]] = []
        for number in range(len(best) + len(of_topic)):
            splits = range(max(0, number - len(best) + 1), min(number, len(of_topic)) + 1)
            scores = [best[number - here][0] + left[here] for here in splits]
            here = splits[scores.index(min(scores))]
            following.append((min(scores), best[number - here][1] + rules[:here]))
        best = following
    return iter(best)
