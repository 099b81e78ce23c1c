"""The judgement itself: a message -> what every route that holds for it says. Runs wherever there is time for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from spamlint import ruleset
from spamlint.guard.envelope import Envelope
from spamlint.guard.fields import Incoming, incoming
from spamlint.guard.routes import holding
from spamlint.guard.settings import Settings
from spamlint.limits import DEFAULT_LIMITS
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.report.data import FileReport, file_report
from spamlint.rule import Rule
from spamlint.verdict import Policy


@dataclass(frozen=True, slots=True)
class Judged:
    """What there is to know of a message for a decision. Plain data: it goes from one process to another."""

    incoming: Incoming
    reports: tuple[tuple[str, FileReport], ...]
    """The name of each route that holds, and its report."""
    ruleset: str = ""
    """The version of the rules."""


_WITHOUT_PLACES = ("milter", "smtp-proxy", "spamd")
"""Hooks that tell no places, which cost as much to work out as the verdict."""

Judge: TypeAlias = Callable[[Envelope, bytes], Judged]


def judge_of(settings: Settings, rules: Sequence[Rule] | None = None) -> Judge:
    """The function that judges one message after another; `rules` are loaded where they are not given.

    Make it once, before the first message. It may raise a SpamlintError where the rules cannot be loaded.
    """
    rules = ruleset.load(settings.rule_packs, whole=False) if rules is None else rules
    version = ruleset.version(rules)
    policies: list[Policy] = []
    for route in settings.every_route:
        if route.policy not in policies:
            policies.append(route.policy)
    linters = [Linter(policy, rules) for policy in policies]
    limits = replace(DEFAULT_LIMITS, message=max(DEFAULT_LIMITS.message, settings.budget.message))

    def judge(envelope: Envelope, data: bytes) -> Judged:
        message = Message.from_bytes(data, limits=limits)
        reports: dict[int, FileReport] = {}
        said = []
        for route in holding(settings, envelope, message):
            number = policies.index(route.policy)
            if number not in reports:
                verdict = linters[number].check(message, profile=envelope.profile)
                reports[number] = file_report(
                    verdict, message.source, None, settings.language, with_places=envelope.hook not in _WITHOUT_PLACES
                )
            said.append((route.name, reports[number]))
        return Judged(incoming(data), tuple(said), version)

    return judge
