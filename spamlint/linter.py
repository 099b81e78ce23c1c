"""The loop: the enabled rules, compiled once, against one message at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache, cached_property, partial
from typing import TypeVar

from spamlint import ruleset
from spamlint.fields import NEEDS
from spamlint.matcher import Matcher
from spamlint.message import Message
from spamlint.rule import Hit, Rule
from spamlint.unread import limits_reached, not_covered
from spamlint.verdict import PROFILES, Finding, Policy, Profile, RuleError, Verdict

T = TypeVar("T")

_LIMITS = "structure/limit-reached"


class Linter:
    """The rules that a policy enables. Build it once; `check` may be called any number of times."""

    def __init__(self, policy: Policy | None = None, rules: Sequence[Rule] | None = None) -> None:
        self.policy = policy or Policy()
        every = ruleset.load() if rules is None else rules
        self.rules = tuple(_adjusted(rule, self.policy) for rule in every if _enabled(rule, self.policy))
        self._of_profile = {name: [rule for rule in self.rules if name in rule.profiles] for name in PROFILES}
        self.matcher = Matcher(self.rules)
        self._every = every

    @cached_property
    def ruleset(self) -> str:
        """The version of the rules that were given, enabled or not."""
        return ruleset.version(self._every)

    def check(self, message: Message) -> Verdict:
        """The verdict on `message`. A check that crashes is an error of the verdict and makes it incomplete."""
        profile: Profile = self.policy.profile or message.kind
        ignored = self._ignored(message.source.name)
        candidates = cache(partial(self.matcher.candidates, message))
        present = cache(partial(_present, message))
        findings: list[Finding] = []
        errors: list[RuleError] = []
        attached: list[Verdict] = []

        def judge(inner: Message) -> Verdict:
            attached.append(self.check(inner))
            return attached[-1]

        def run(rule: Rule) -> Finding | None:
            return self._run(rule, message, present, candidates, judge)

        for rule in self._of_profile[profile]:
            if not (ignored and _named(rule, ignored)):
                finding = _attempt(rule.id, partial(run, rule), errors)
                if finding is not None:
                    findings.append(finding)
        limits = _attempt(_LIMITS, partial(limits_reached, message), errors)
        unseen = _attempt(_LIMITS, partial(not_covered, message), errors)
        errors += (error for verdict in attached for error in verdict.errors)
        return Verdict.of(
            findings,
            self.policy,
            profile,
            errors=tuple(errors),
            not_covered=unseen or (),
            limit_reached=bool(limits) or any(verdict.incomplete for verdict in attached),
        )

    def _run(
        self,
        rule: Rule,
        message: Message,
        present: Callable[[], set[str]],
        candidates: Callable[[], Mapping[str, Collection[int]]],
        judge: Callable[[Message], Verdict],
    ) -> Finding | None:
        if rule.needs and not present().issuperset(rule.needs):
            return None
        hits: Iterable[Hit]
        if rule.check is None:
            numbers = candidates().get(rule.id)
            hits = self.matcher.hits(rule, message, numbers) if numbers else ()
        elif "messages" in rule.needs:
            hits = rule.check(message, judge, **rule.params)
        else:
            hits = rule.check(message, **rule.params)
        return rule.finding(hits, message.limits.places)

    def _ignored(self, name: str) -> list[str]:
        table = self.policy.per_file_ignores
        return [selector for glob, selectors in table.items() if fnmatchcase(name, glob) for selector in selectors]


def _present(message: Message) -> set[str]:
    """The needs that the message meets."""
    return {need for need, is_met in NEEDS.items() if is_met(message)}


def _attempt(rule_id: str, step: Callable[[], T], errors: list[RuleError]) -> T | None:
    """What `step` gives; where it crashes, None and one more of `errors`. A crash costs its rule, never the verdict."""
    try:
        return step()
    except Exception as error:  # noqa: BLE001 - the one place for it: whatever a check can raise is told, not passed on
        errors.append(RuleError(rule_id, type(error).__name__, str(error)))
        return None


def _named(rule: Rule, selectors: Sequence[str]) -> bool:
    return any(rule.is_named(selector) for selector in selectors)


def _enabled(rule: Rule, policy: Policy) -> bool:
    return (not policy.select or _named(rule, policy.select)) and not _named(rule, policy.ignore)


def _adjusted(rule: Rule, policy: Policy) -> Rule:
    """The rule with the policy's score, severity and parameters; a score that is set by hand is not graded."""
    if rule.id in policy.scores:
        score = policy.scores[rule.id]
        rule = replace(rule, score=score, grades=tuple(replace(grade, score=score) for grade in rule.grades))
    if rule.id in policy.severities:
        severity = policy.severities[rule.id]
        rule = replace(
            rule, severity=severity, grades=tuple(replace(grade, severity=severity) for grade in rule.grades)
        )
    if rule.id in policy.params:
        rule = replace(rule, params={**rule.params, **policy.params[rule.id]})
    return rule
