"""The loop: the enabled rules, compiled once, against one message at a time."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeAlias, TypeVar

from spamlint import ruleset
from spamlint.matcher import Matcher
from spamlint.message import Message
from spamlint.needs import FAMILIES, NEEDS
from spamlint.rule import Check, Hit, Rule, When
from spamlint.source import SourceSpan
from spamlint.suppression import WORD, Ran, Suppressions, counted
from spamlint.unread import limits_reached, not_covered
from spamlint.verdict import Finding, Policy, Profile, RuleError, Verdict

if TYPE_CHECKING:
    from spamlint.template.rendering import Rendering

P = ParamSpec("P")
T = TypeVar("T")

_LIMITS = "structure/limit-reached"


Sieve: TypeAlias = Callable[[str, Sequence[Hit]], Sequence[Hit]]
"""Given a rule id and what the rule found: what of it counts."""

_Filter: TypeAlias = Callable[[Rule, Iterable[Hit]], tuple[Sequence[Hit], Sequence[Hit]]]
"""What a rule found: all that combinations may see, and what of it counts."""
_Asked: TypeAlias = tuple[Rule, Check]
"""A rule, and its check with its parameters."""


class _Plan(NamedTuple):
    """The rules to run on messages of one kind, in this order; those with patterns by their ids."""

    patterns: Mapping[str, Rule]
    checks: Sequence[_Asked]
    families: Mapping[str, Mapping[str, Sequence[_Asked]]]
    """Checks that are run where the message has something: family, name in it, checks."""
    judges: Sequence[_Asked]
    """Checks that are also given the function that judges a message."""
    combinations: Sequence[tuple[Rule, When]]
    on_comments: Sequence[_Asked]
    """Checks on the comments that suppress findings, which are run when it is known which of them were of use."""
    rules: Sequence[Rule]


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

    def check(self, message: Message, sieve: Sieve | None = None, *, profile: Profile | None = None) -> Verdict:
        """The verdict on `message`. A check that crashes is an error of the verdict and makes it incomplete.

        `sieve` is asked what counts of the findings of each rule; attached messages are judged without it.
        `profile` counts before that of the policy.
        """
        asked = profile
        profile = asked or self.policy.profile or message.kind
        errors: list[RuleError] = []
        attached: list[Verdict] = []

        def judge(inner: Message) -> Verdict:
            attached.append(self.check(inner, profile=asked))
            return attached[-1]

        plan = self._plan(profile, _attempt(_LIMITS, errors, _present, message) or frozenset())
        comments = self._comments(message)
        filtered = self._filter(comments, sieve) if comments is not None or sieve is not None else None
        findings = self._findings(message, plan, judge, errors, filtered)
        if comments is not None:
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
            limit_reached=bool(limits)
            or any(verdict.incomplete for verdict in attached)
            or (message.delivery is not None and not message.delivery.is_decided),
            suppressed=counted(comments.dropped, self._silent) if comments is not None else (),
        )

    def _comments(self, message: Message) -> Suppressions | None:
        """The comments that suppress findings, where such are heeded and there are any."""
        if not self.policy.suppressions or message.kind != "draft" or WORD not in message.source.data:
            return None
        return Suppressions(message.source, html=message.root.content_type == "text/html")

    def _filter(self, comments: Suppressions | None, sieve: Sieve | None) -> _Filter:
        """What a comment keeps out is seen by no rule; what the sieve does, by combinations."""

        def filtered(rule: Rule, hits: Iterable[Hit]) -> tuple[Sequence[Hit], Sequence[Hit]]:
            seen = list(hits if comments is None else comments.remaining(rule, hits))
            return seen, seen if sieve is None or rule.id in self._silent else sieve(rule.id, seen)

        return filtered

    def _on_comments(
        self, message: Message, plan: _Plan, comments: Suppressions, errors: list[RuleError]
    ) -> dict[str, Sequence[Finding]]:
        """What there is to say of the comments themselves, when all other rules were run."""
        ignored = self._ignored(message.source.name)
        ran = Ran(comments, [rule for rule in plan.rules if not _named(rule, ignored)], self._every)
        asked = [(rule, check) for rule, check in plan.on_comments if not _named(rule, ignored)]
        return {rule.id: _attempt(rule.id, errors, _told, rule, check, message, ran) or () for rule, check in asked}

    def _findings(
        self,
        message: Message,
        plan: _Plan,
        judge: Callable[[Message], Verdict],
        errors: list[RuleError],
        filtered: _Filter | None,
    ) -> dict[str, Sequence[Finding]]:
        """What the rules of `plan` find, by rule; crashes are added to `errors`."""
        findings: dict[str, Sequence[Finding]] = {}
        seen = findings if filtered is None else {}
        # Where the scan crashes, so does each rule that asks for the same text, and says so.
        scanned = _attempt("", [], self.matcher.candidates, message)
        candidates = plan.patterns.keys() if scanned is None else plan.patterns.keys() & scanned.keys()

        def matched(rule_id: str) -> Iterable[Hit]:
            return self.matcher.hits(plan.patterns[rule_id], message, None if scanned is None else scanned[rule_id])

        asked: Iterable[tuple[Rule, Callable[[], Iterable[Hit]]]] = chain(
            ((plan.patterns[rule_id], partial(matched, rule_id)) for rule_id in sorted(candidates)),
            ((rule, partial(check, message)) for rule, check in plan.checks),
            ((rule, partial(check, message)) for rule, check in _called_for(message, plan)),
            ((rule, partial(check, message, judge)) for rule, check in plan.judges),
            ((rule, partial(when.hits, seen)) for rule, when in plan.combinations),
        )
        ignored, most = self._ignored(message.source.name), message.limits.places
        for rule, ask in asked:
            if ignored and _named(rule, ignored):
                continue
            try:
                found = ask() if message.template is None else _of_the_author(ask(), message.template)
                if filtered is not None:
                    every, kept = filtered(rule, found)
                    findings |= {rule.id: rule.findings(kept, most)} if kept else {}
                    seen |= {rule.id: rule.findings(every, most)} if every else {}
                    continue
                hits = iter(found)
                first = next(hits, None)
                if first is not None:
                    findings[rule.id] = rule.findings(chain((first,), hits), most)
            except Exception as error:  # noqa: BLE001 - whatever a check can raise is told, not passed on
                errors.append(_crash(rule.id, error))
        return findings

    def _plan(self, profile: Profile, present: frozenset[str]) -> _Plan:
        """The rules to run, worked out once for each profile and each set of needs that is met."""
        plan = self._plans.get((profile, present))
        if plan is None:
            rules = [
                rule if not rule.blocks or profile in rule.blocks_in else replace(rule, blocks=False)
                for rule in self._run
                if profile in rule.profiles and present.issuperset(need for need in rule.needs if ":" not in need)
            ]
            plan = self._plans[profile, present] = _Plan(
                {rule.id: rule for rule in rules if rule.match is not None},
                [(rule, _ready(rule)) for rule in rules if rule.check and not _is_special(rule)],
                _by_family(rules),
                [(rule, _ready(rule)) for rule in rules if rule.check and "messages" in rule.needs],
                [(rule, rule.when) for rule in rules if rule.when is not None],
                [(rule, _ready(rule)) for rule in rules if rule.check and "suppressions" in rule.needs],
                rules,
            )
        return plan

    def _ignored(self, name: str) -> list[str]:
        table = self.policy.per_file_ignores
        return [selector for glob, selectors in table.items() if fnmatchcase(name, glob) for selector in selectors]


def _present(message: Message) -> frozenset[str]:
    """The needs that the message meets."""
    return frozenset(need for need, is_met in NEEDS.items() if is_met(message))


def _of_the_author(hits: Iterable[Hit], template: Rendering) -> Iterator[Hit]:
    """Those of `hits` that an author can put right, each place once: not in invented values, nor again in a loop."""
    seen: set[SourceSpan] = set()
    for hit in hits:
        if hit.text is None:
            yield hit
        elif not template.is_invented(hit.text):
            span = hit.text.span
            if span not in seen:
                yield hit
            seen.add(span)


def _is_special(rule: Rule) -> bool:
    return "messages" in rule.needs or "suppressions" in rule.needs or any(":" in need for need in rule.needs)


def _by_family(rules: Iterable[Rule]) -> Mapping[str, Mapping[str, Sequence[_Asked]]]:
    """The checks that need something of a family, by family and name."""
    found: dict[str, dict[str, list[_Asked]]] = {}
    for rule in rules:
        asked = (rule, _ready(rule)) if rule.check else None
        for need in rule.needs:
            family, colon, name = need.partition(":")
            if colon and asked:
                found.setdefault(family, {}).setdefault(name, []).append(asked)
    return found


def _called_for(message: Message, plan: _Plan) -> Iterable[_Asked]:
    """The checks of `plan.families` that the message calls for, each once.

    Where a family crashes all of its checks are run: they ask for the same and say so.
    """
    called: dict[str, _Asked] = {}
    for family, by_name in plan.families.items():
        names = _attempt("", [], FAMILIES[family], message)
        for name in by_name if names is None else sorted(by_name.keys() & names):
            called.update((asked[0].id, asked) for asked in by_name[name])
    return called.values()


def _told(rule: Rule, check: Check, message: Message, ran: Ran) -> Sequence[Finding]:
    return rule.findings(check(message, ran), message.limits.places)


def _ready(rule: Rule) -> Check:
    """The check of the rule with its parameters; unwrapped, since it is called for every message."""
    assert rule.check is not None
    return partial(inspect.unwrap(rule.check), **rule.params)


def _attempt(
    rule_id: str, errors: list[RuleError], step: Callable[P, T], *given: P.args, **named: P.kwargs
) -> T | None:
    """What `step` gives; where it crashes, None and one more of `errors`. A crash costs its rule, never the verdict."""
    try:
        return step(*given, **named)
    except Exception as error:  # noqa: BLE001 - a fact of the message may crash as a check may
        errors.append(_crash(rule_id, error))
        return None


def _crash(rule_id: str, error: Exception) -> RuleError:
    return RuleError(rule_id, type(error).__name__, str(error))


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
