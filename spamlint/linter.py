"""The loop: the enabled rules, compiled once, against one message at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from spamlint import ruleset
from spamlint.fields import NEEDS
from spamlint.matcher import Matcher
from spamlint.message import Message
from spamlint.rule import Hit, Rule
from spamlint.verdict import Finding, Policy, Profile, RuleError, Verdict


class Linter:
    """The rules that a policy enables. Build it once; `check` may be called any number of times."""

    def __init__(self, policy: Policy | None = None, rules: Sequence[Rule] | None = None) -> None:
        self.policy = policy or Policy()
        every = ruleset.load() if rules is None else rules
        self.rules = tuple(_adjusted(rule, self.policy) for rule in every if _enabled(rule, self.policy))
        self.matcher = Matcher(self.rules)
        self.ruleset = ruleset.version(every)

    def check(self, message: Message) -> Verdict:
        """The verdict on `message`. A check that crashes is an error of the verdict and makes it incomplete."""
        profile: Profile = self.policy.profile or message.kind
        candidates = self.matcher.candidates(message)
        ignored = self._ignored(message.source.name)
        findings: list[Finding] = []
        errors: list[RuleError] = []
        attached: list[Verdict] = []

        def judge(inner: Message) -> Verdict:
            attached.append(self.check(inner))
            return attached[-1]

        for rule in self.rules:
            if profile not in rule.profiles or not all(NEEDS[need](message) for need in rule.needs):
                continue
            if (rule.check is None and rule.id not in candidates) or _named(rule, ignored):
                continue
            try:
                finding = self._run(rule, message, judge)
            except Exception as error:  # noqa: BLE001 - a crash costs its rule, never the verdict
                errors.append(RuleError(rule.id, type(error).__name__, str(error)))
            else:
                if finding is not None:
                    findings.append(finding)
        return Verdict.of(
            findings,
            self.policy,
            profile,
            errors=(*errors, *(error for verdict in attached for error in verdict.errors)),
            limit_reached=bool(message.limits_reached) or any(verdict.incomplete for verdict in attached),
        )

    def _run(self, rule: Rule, message: Message, judge: Callable[[Message], Verdict]) -> Finding | None:
        hits: Iterable[Hit]
        if rule.check is None:
            hits = self.matcher.hits(rule, message)
        elif "messages" in rule.needs:
            hits = rule.check(message, judge, **rule.params)
        else:
            hits = rule.check(message, **rule.params)
        return rule.finding(hits, message.limits.places)

    def _ignored(self, name: str) -> list[str]:
        table = self.policy.per_file_ignores
        return [selector for glob, selectors in table.items() if fnmatchcase(name, glob) for selector in selectors]


def _named(rule: Rule, selectors: Sequence[str]) -> bool:
    """Whether a rule id, a topic or a glob in `selectors` means `rule`."""
    return any(fnmatchcase(rule.id, one) or one in (rule.topic, "all") for one in selectors)


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
