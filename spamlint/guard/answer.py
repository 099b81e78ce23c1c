"""From what is known of a message to the decision: the strictest answer of the routes that hold, and who is spared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from spamlint.guard import fields
from spamlint.guard.decision import Action, Decision, Reply
from spamlint.guard.envelope import Envelope
from spamlint.guard.fields import Incoming
from spamlint.guard.judge import Judged
from spamlint.guard.reply import ascii_text, refusal, unchecked
from spamlint.guard.routes import holding, never_refused
from spamlint.guard.settings import ENFORCEMENTS, ENFORCING, Errors, OnError, Route, Settings
from spamlint.report.data import FileReport
from spamlint.verdict import Outcome

Failure: TypeAlias = Literal["timeout", "crash", "over-limit", "busy"]

_ACTIONS: tuple[Action, ...] = ("accept", "quarantine", "tempfail", "reject")
"""From the mildest to the strictest."""
_OUTCOMES: tuple[Outcome, ...] = ("pass", "warn", "block")
_MOST_RULES = 15
"""Rules that a header field names."""
_LONGEST_VALUE = 900
"""Octets of a header field of ours, which is one line (RFC 5322 section 2.1.1)."""


@dataclass(frozen=True, slots=True)
class Heeded:
    """What became of the override that a message asks for: one of the two is set."""

    reason: str = ""
    """Why the sender wants the message to go out; the override counts."""
    refused: str = ""
    """Why the override does not count: "used", say; all such are in `guard.reply`. What follows a colon is for the
    operator."""


Heed: TypeAlias = Callable[[Envelope, Incoming], Heeded]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one route says."""

    route: Route
    report: FileReport
    wanted: Action
    action: Action
    failure: Failure | None
    """Why the message counts as one that could not be judged, though there is a report."""


def untouched(report_id: str) -> Decision:
    """The decision on mail that is not judged, as it is not submitted here."""
    return Decision("accept", report_id, "accept", unjudged="not-a-submission")


def unjudged(settings: Settings, envelope: Envelope, data: bytes, report_id: str, failure: Failure) -> Decision:
    """The decision on a message without a verdict, by `Settings.on_error` and the routes of its envelope."""
    wanted: Action = _on_error(settings.on_error, failure)
    decision = Decision(wanted, report_id, wanted, unjudged=failure)
    if wanted != "accept" and (spared := never_refused(envelope)):
        decision = replace(decision, action="accept", spared=spared)
    elif settings.observed_on_error is not None:
        strictest = max(holding(settings, envelope, None), key=lambda route: ENFORCEMENTS.index(route.enforcement))
        if strictest.enforcement not in ENFORCING:
            action: Action = _on_error(settings.observed_on_error, failure)
            spared = strictest.enforcement if action != wanted else ""
            decision = replace(decision, action=action, spared=spared, route=strictest.name)
    if decision.action == "accept":
        return replace(decision, remove=fields.own(data))
    reply = unchecked(failure, report_id, settings.language, for_good=decision.action == "reject")
    return replace(decision, reply=reply)


def decided(
    settings: Settings, envelope: Envelope, judged: Judged, report_id: str, heed: Heed | None = None
) -> Decision:
    """The decision on a message that was judged. `heed` looks into an override, where such are allowed."""
    routes = {route.name: route for route in settings.every_route}
    answers = [_answer(settings, routes[name], report, judged.incoming) for name, report in judged.reports]
    worst = max(answers, key=_strictness)
    decision = Decision(
        worst.action,
        report_id,
        worst.wanted,
        remove=judged.incoming.remove,
        report=worst.report,
        route=worst.route.name,
        ruleset=judged.ruleset,
    )
    if worst.wanted != "accept" and worst.action == "accept":
        decision = replace(decision, spared=worst.route.enforcement)
    decision = _spared(decision, envelope, judged.incoming, heed)
    if decision.action == "accept":
        return decision if decision.spared == "override" else replace(decision, add=_added(answers, report_id))
    decision = replace(decision, reply=_reply(settings, worst, decision))
    if decision.action != "quarantine":
        return decision
    rules = ", ".join(finding.rule for finding in worst.report.findings[:3])
    held = ascii_text(f"spamlint {report_id}: {rules}")
    return replace(decision, add=_added(answers, report_id), quarantine=held)


def _answer(settings: Settings, route: Route, report: FileReport, incoming: Incoming) -> _Answer:
    failure = _failure(report, incoming)
    wanted: Action = (
        _on_error(settings.on_error, failure) if failure else "reject" if report.outcome == "block" else "accept"
    )
    if wanted == "reject" and route.enforcement == "quarantine":
        wanted = "quarantine"
    action: Action = wanted if route.enforcement in ENFORCING else "accept"
    return _Answer(route, report, wanted, action, failure)


def _failure(report: FileReport, incoming: Incoming) -> Failure | None:
    """Why a verdict counts for none: what was not looked at could be anything. What blocks does so in any case."""
    if report.outcome == "block":
        return None
    if report.errors:
        return "crash"
    return "over-limit" if report.incomplete or incoming.is_over_limit else None


def _on_error(errors: Errors, failure: Failure) -> OnError:
    by_failure: dict[Failure, OnError] = {
        "timeout": errors.timeout, "crash": errors.crash, "over-limit": errors.over_limit, "busy": errors.busy,
    }  # fmt: skip
    return by_failure[failure]


def _strictness(answer: _Answer) -> tuple[int, ...]:
    """The strictest answer is what counts; of several such, the one with most to say."""
    enforcement = ENFORCEMENTS.index(answer.route.enforcement)
    wanted = _ACTIONS.index(answer.wanted)
    return _ACTIONS.index(answer.action), wanted, enforcement, answer.report.score


def _badness(report: FileReport) -> tuple[int, int, int]:
    return _OUTCOMES.index(report.outcome), report.score, -report.block_at


def _spared(decision: Decision, envelope: Envelope, incoming: Incoming, heed: Heed | None) -> Decision:
    """The decision, or its acceptance where the message is never refused or its override counts."""
    if decision.action == "accept":
        return decision
    if spared := never_refused(envelope):
        return replace(decision, action="accept", spared=spared)
    if decision.action == "tempfail" or not incoming.overrides:
        return decision
    heeded = heed(envelope, incoming) if heed is not None else Heeded(refused="not-allowed")
    if heeded.refused:
        return replace(decision, override_refused=heeded.refused)
    return replace(decision, action="accept", spared="override", override=heeded.reason)


def _added(answers: Iterable[_Answer], report_id: str) -> tuple[tuple[str, str], ...]:
    """The fields that tell the verdict: of the routes that do more than observe, none where all pass."""
    telling = [
        answer
        for answer in answers
        if answer.route.enforcement != "observe" and (answer.report.outcome != "pass" or answer.failure)
    ]
    if not telling:
        return ()
    report = max((answer.report for answer in telling), key=_badness)
    rules = [finding.rule for finding in report.findings[:_MOST_RULES]]
    value = {
        fields.VERDICT: report.outcome,
        fields.SCORE: f"{report.score / 10} of {report.block_at / 10}",
        fields.RULES: ", ".join(rules),
        fields.REPORT: report_id,
    }
    return tuple((name, ascii_text(text, _LONGEST_VALUE)) for name, text in value.items() if text)


def _reply(settings: Settings, answer: _Answer, decision: Decision) -> Reply:
    language = settings.language
    if answer.failure:
        return unchecked(answer.failure, decision.report_id, language, for_good=answer.wanted == "reject")
    return refusal(answer.report, decision.report_id, language, decision.override_refused)
