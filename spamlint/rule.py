"""One rule: what it looks for, what it says, how it counts. Loaded from one TOML file by `rule_file`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TypeAlias

from spamlint.source import Text
from spamlint.verdict import PROFILES, Finding, Language, Profile, Severity, Value, Words


@dataclass(frozen=True, slots=True)
class Hit:
    """One place that a rule found. `text` is the offending piece; None stands for the message as a whole."""

    text: Text | None
    values: Mapping[str, Value] = field(default_factory=dict)
    """What the rule's message and fix name in braces."""
    count: int = 1
    """How many occurrences this hit stands for."""
    group: str = ""
    """What is found: hits of one rule and of different groups are findings of their own."""


Check: TypeAlias = Callable[..., Iterable[Hit]]
"""A Python check: `check(message, **params)` gives the places it found, in document order.

One that needs `messages` is also given a function from a message to its verdict: `check(message, judge, **params)`.
One that needs `suppressions` is run last and is also given what became of those comments: `check(message, ran)`.
"""


@dataclass(frozen=True, slots=True)
class Match:
    """What a pattern rule looks for: regular expressions in the RE2 dialect, in named fields."""

    fields: tuple[str, ...]
    patterns: tuple[str, ...]
    unless: tuple[str, ...] = ()
    """A match that overlaps a match of one of these is no hit."""
    words: bool = False
    """A match counts only where no letter or digit touches it."""


@dataclass(frozen=True, slots=True)
class When:
    """What a combination looks for: findings of other rules, by their ids."""

    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    at_least: int = 1
    """How many of `any` have to be found, where any are named."""

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule that it names."""
        return (*self.all, *self.any, *self.none)

    def hits(self, found: Mapping[str, Sequence[Finding]]) -> Iterator[Hit]:
        """A hit for each finding that is combined, at its first place; nothing where the conditions do not hold."""
        either = [rule for rule in self.any if rule in found]
        if not found.keys() >= set(self.all) or not found.keys().isdisjoint(self.none):
            return
        if self.any and len(either) < self.at_least:
            return
        parts = [*self.all, *either]
        for rule in parts:
            yield Hit(found[rule][0].texts[0], {"rules": ", ".join(parts)})


@dataclass(frozen=True, slots=True)
class Grade:
    """From the amount `at` on, the rule has this score (tenths) and severity."""

    at: int
    score: int
    severity: Severity


@dataclass(frozen=True, slots=True)
class Example:
    """A sample that the rule is tested on: `kind` is the TOML key that holds it (`rule_file.EXAMPLE_KINDS`)."""

    kind: str
    sample: str
    finds: tuple[str, ...]
    profile: Profile | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    """Parameters that the sample is checked with, for limits that no sample should have to reach."""
    context: Mapping[str, object] | None = None
    """Values that a template is rendered with; None: with invented ones."""
    language: str = ""
    """That a template is in; "": Jinja2."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """The other files of a template's mail: "subject", "text"."""
    delivery: tuple[Mapping[str, str | int], ...] = ()
    """Remarks on the route of the message: `kind`, and the values of each."""


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule. `id` is "topic/name", `score` is in tenths; one of `match`, `check` and `when` is set."""

    id: str
    severity: Severity
    score: int
    words: Mapping[Language, Words]
    refs: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    """The rules of other filters that look for the same, as "SpamAssassin MISSING_SUBJECT"."""
    match: Match | None = None
    check: Check | None = None
    check_name: str | None = None
    when: When | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    """Facts without which the rule cannot find anything; names as `needs` has them."""
    profiles: tuple[Profile, ...] = PROFILES
    blocks: bool = False
    blocks_in: tuple[Profile, ...] = PROFILES
    """The profiles in which it blocks, if it does."""
    calibrated: bool = True
    """Whether the score is fitted to measured mail; False where a provider documents a refusal of what may be rare."""
    grade_by: str = "count"
    """What the grades measure: "count", or a value that the check gives (the largest counts)."""
    grades: tuple[Grade, ...] = ()
    examples: tuple[Example, ...] = ()

    @property
    def topic(self) -> str:
        """The folder of the rule."""
        return self.id.partition("/")[0]

    @property
    def defaults(self) -> Mapping[str, object]:
        """The parameters of its check, with the values that hold where `params` has none."""
        return getattr(inspect.unwrap(self.check), "__kwdefaults__", None) or {} if self.check is not None else {}

    def is_named(self, selector: str) -> bool:
        """Whether `selector` means this rule: its id, its topic, a glob of ids, or "all"."""
        return selector in (self.topic, "all") or fnmatchcase(self.id, selector)

    def findings(self, hits: Iterable[Hit], most_places: int) -> Sequence[Finding]:
        """A finding for each group of `hits`, with its first `most_places` places. The score of a rule counts once."""
        found: Iterator[Hit] = iter(hits)
        first = next(found, None)
        if first is None:
            return ()
        groups = {first.group: _Group([first.text], first.values, first.count, _amount(first, self.grade_by))}
        for hit in found:
            amount = _amount(hit, self.grade_by)
            group = groups.get(hit.group)
            if group is None:
                groups[hit.group] = _Group([hit.text], hit.values, hit.count, amount)
                continue
            group.count += hit.count
            group.amount = max(group.amount, amount)
            if len(group.texts) < most_places:
                group.texts.append(hit.text)
        return [self._finding(group, is_first=not number) for number, group in enumerate(groups.values())]

    def _finding(self, group: _Group, *, is_first: bool) -> Finding:
        score, severity = self._grade(group.count if self.grade_by == "count" else group.amount)
        score = score if is_first else 0
        texts = tuple(group.texts)
        return Finding(self.id, severity, score, self.blocks, self.words, group.values, group.count, texts)

    def _grade(self, amount: int) -> tuple[int, Severity]:
        score, severity = self.score, self.severity
        for grade in self.grades:
            if amount >= grade.at:
                score, severity = grade.score, grade.severity
        return score, severity


@dataclass(slots=True)
class _Group:
    """The hits of one group so far."""

    texts: list[Text | None]
    values: Mapping[str, Value]
    count: int
    amount: int


def _amount(hit: Hit, name: str) -> int:
    value = hit.values.get(name, 0)
    return value if isinstance(value, int) else 0
