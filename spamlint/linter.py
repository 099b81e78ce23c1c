"""The loop: the enabled rules, compiled once, against one message at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cached_property, partial
from typing import NamedTuple, ParamSpec, TypeAlias, TypeVar

from spamlint import ruleset
from spamlint.fields import NEEDS
from spamlint.matcher import Matcher
from spamlint.message import Message
from spamlint.rule import Hit, Rule
from spamlint.suppression import WORD, Ran, Suppressions, counted
from spamlint.unread import limits_reached, not_covered
from spamlint.verdict import Finding, Policy, Profile, RuleError, Verdict

P = ParamSpec("P")
T = TypeVar("T")

_LIMITS = "structure/limit-reached"

Sieve: TypeAlias = Callable[[str, Sequence[Hit]], Sequence[Hit]]
"""Given a rule id and what the rule found: what of it counts."""
_Found: TypeAlias = tuple[Sequence[Finding], Sequence[Finding]]


class _Plan(NamedTuple):
    """The rules to run on messages of one kind: those with patterns by their ids, then checks, then combinations."""

    patterns: Mapping[str, Rule]
    checks: Sequence[Rule]
    combinations: Sequence[Rule]
    last: Sequence[Rule]
    """Checks on the comments that suppress findings: which were of use is known at the end."""


class Linter:
    """The rules that a policy enables. Build it once; `check` may be called any number of times."""

    def __init__(self, policy: Policy | None = None, rules: Sequence[Rule] | None = None) -> None:
        self.policy = policy or Policy()
        every = ruleset.load(whole=False) if rules is None else rules
        self.rules = tuple(_adjusted(rule, self.policy) for rule in every if enabled(rule, self.policy))
        parts = {part for rule in self.rules if rule.when is not None for part in rule.when.rules}
        ids = {rule.id for rule in self.rules}
        # What a combination asks for is run though it is not selected; what the policy ignores finds nothing.
        silent = [rule for rule in every if rule.id in parts - ids and not _named(rule, self.policy.ignore)]
        self._silent = frozenset(rule.id for rule in silent)
        whole = (*self.rules, *(_adjusted(rule, self.policy) for rule in silent))
        self._run = whole
        self._plans: dict[tuple[Profile, frozenset[str]], _Plan] = {}
        self.matcher = Matcher(whole)
        self._every = every

    @cached_property
    def ruleset(self) -> str:
        """The version of the rules that were given, enabled or not."""
        return ruleset.version(self._every)

    def check(self, message: Message, sieve: Sieve | None = None) -> Verdict:
        """The verdict on `message`. A check that crashes is an error of the verdict and makes it incomplete.

        `sieve` is asked what counts of the findings of each rule; attached messages are judged without it.
        """
        profile: Profile = self.policy.profile or message.kind
        errors: list[RuleError] = []
        attached: list[Verdict] = []

        def judge(inner: Message) -> Verdict:
            attached.append(self.check(inner))
            return attached[-1]

        plan = self._plan(profile, _attempt(_LIMITS, errors, _present, message) or frozenset())
        comments = self._comments(message)
        told = sieve and (lambda rule, hits: hits if rule in self._silent else sieve(rule, hits))
        findings = self._findings(message, plan, judge, errors, partial(_found, comments=comments, sieve=told))
        findings |= self._on_comments(message, plan, comments, errors)
        limits = _attempt(_LIMITS, errors, limits_reached, message)
        unseen = _attempt(_LIMITS, errors, not_covered, message)
        errors += (error for verdict in attached for error in verdict.errors)
        return Verdict.of(
            (finding for rule_id, own in findings.items() if rule_id not in self._silent for finding in own),
            self.policy,
            profile,
            errors=tuple(errors),
            not_covered=unseen or (),
            limit_reached=bool(limits) or any(verdict.incomplete for verdict in attached),
            suppressed=counted(comments.dropped, self._silent) if comments is not None else (),
        )

    def _comments(self, message: Message) -> Suppressions | None:
        """The comments that suppress findings, where such are heeded and there are any."""
        if not self.policy.suppressions or message.kind != "draft" or WORD not in message.source.data:
            return None
        return Suppressions(message.source, html=message.root.content_type == "text/html")

    def _on_comments(
        self, message: Message, plan: _Plan, comments: Suppressions | None, errors: list[RuleError]
    ) -> dict[str, Sequence[Finding]]:
        """What there is to say of the comments themselves, when all other rules were run."""
        if comments is None:
            return {}
        ignored = self._ignored(message.source.name)
        run = (*plan.patterns.values(), *plan.checks, *plan.combinations)
        ran = Ran(comments, [rule for rule in run if not _named(rule, ignored)], self._every)
        found: dict[str, Sequence[Finding]] = {}
        for rule in plan.last:
            if rule.check is not None and not _named(rule, ignored):
                found[rule.id] = _attempt(rule.id, errors, _said, rule, message, ran) or ()
        return found

    def _findings(
        self,
        message: Message,
        plan: _Plan,
        judge: Callable[[Message], Verdict],
        errors: list[RuleError],
        found_by: Callable[[Rule, Callable[[Rule], Iterable[Hit]], int], _Found],
    ) -> dict[str, Sequence[Finding]]:
        """What the rules of `plan` find, by rule; crashes are added to `errors`."""
        findings: dict[str, Sequence[Finding]] = {}
        combined: dict[str, Sequence[Finding]] = {}

        def ask(rule: Rule) -> Iterable[Hit]:
            assert rule.check is not None
            given = (message, judge) if "messages" in rule.needs else (message,)
            return rule.check(*given, **rule.params)

        # Where the scan crashes, so does each rule that asks for the same text, and says so.
        scanned = _attempt("", [], self.matcher.candidates, message)
        candidates = plan.patterns.keys() if scanned is None else plan.patterns.keys() & scanned
        steps: tuple[tuple[Iterable[Rule], Callable[[Rule], Iterable[Hit]]], ...] = (
            ((plan.patterns[rule_id] for rule_id in sorted(candidates)), partial(self.matcher.hits, message=message)),
            (plan.checks, ask),
            (plan.combinations, lambda rule: rule.when.hits(combined) if rule.when else ()),
        )
        ignored, most = self._ignored(message.source.name), message.limits.places
        for rules, hits in steps:
            for rule in rules:
                if not (ignored and _named(rule, ignored)):
                    every, kept = _attempt(rule.id, errors, found_by, rule, hits, most) or ((), ())
                    if every:
                        combined[rule.id] = every
                    if kept:
                        findings[rule.id] = kept
        return findings

    def _plan(self, profile: Profile, present: frozenset[str]) -> _Plan:
        """The rules to run, worked out once for each profile and each set of needs that is met."""
        plan = self._plans.get((profile, present))
        if plan is None:
            rules = [rule for rule in self._run if profile in rule.profiles and present.issuperset(rule.needs)]
            plan = self._plans[profile, present] = _Plan(
                {rule.id: rule for rule in rules if rule.match is not None},
                [rule for rule in rules if rule.check is not None and "suppressions" not in rule.needs],
                [rule for rule in rules if rule.when is not None],
                [rule for rule in rules if "suppressions" in rule.needs],
            )
        return plan

    def _ignored(self, name: str) -> list[str]:
        table = self.policy.per_file_ignores
        return [selector for glob, selectors in table.items() if fnmatchcase(name, glob) for selector in selectors]


def _present(message: Message) -> frozenset[str]:
    """The needs that the message meets."""
    return frozenset(need for need, is_met in NEEDS.items() if is_met(message))


def _found(
    rule: Rule,
    hits: Callable[[Rule], Iterable[Hit]],
    most_places: int,
    *,
    comments: Suppressions | None,
    sieve: Sieve | None,
) -> _Found:
    """What a rule finds: all of it, for combinations, and what counts. What a comment keeps out is in neither."""
    found = hits(rule)
    if comments is not None:
        found = comments.remaining(rule, found)
    if sieve is None:
        both = rule.findings(found, most_places)
        return both, both
    every = list(found)
    return rule.findings(every, most_places), rule.findings(sieve(rule.id, every), most_places)


def _said(rule: Rule, message: Message, ran: Ran) -> Sequence[Finding]:
    assert rule.check is not None
    return rule.findings(rule.check(message, ran, **rule.params), message.limits.places)


def _attempt(
    rule_id: str, errors: list[RuleError], step: Callable[P, T], *given: P.args, **named: P.kwargs
) -> T | None:
    """What `step` gives; where it crashes, None and one more of `errors`. A crash costs its rule, never the verdict."""
    try:
        return step(*given, **named)
    except Exception as error:  # noqa: BLE001 - the one place for it: whatever a check can raise is told, not passed on
        errors.append(RuleError(rule_id, type(error).__name__, str(error)))
        return None


def _named(rule: Rule, selectors: Sequence[str]) -> bool:
    return any(rule.is_named(selector) for selector in selectors)


def enabled(rule: Rule, policy: Policy) -> bool:
    """Whether the policy has the rule run, in one profile or another."""
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
