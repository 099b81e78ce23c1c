"""One input -> the report on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from spamlint import ruleset
from spamlint.drafts import Companion, Drafts, Templates, worst
from spamlint.inputs import Input, Unreadable, read
from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.report.data import FileReport, file_report
from spamlint.rule import Rule
from spamlint.source import Source
from spamlint.verdict import Language, Policy

if TYPE_CHECKING:
    from spamlint.baseline import Baseline, Known
    from spamlint.delivery import Delivery

Result: TypeAlias = FileReport | Unreadable
Judge: TypeAlias = Callable[[Input], Result]


@dataclass(frozen=True, slots=True)
class Task:
    """All that is needed to judge inputs, in this process or another."""

    policy: Policy
    language: Language
    rule_packs: tuple[Path, ...] = ()
    subject: str | None = None
    templates: Templates = field(default_factory=Templates)
    limits: Limits = DEFAULT_LIMITS
    baseline: Baseline | None = None
    """What is known: only other findings count."""
    deliver: Callable[[Message], Delivery] | None = None
    """Finds out about the route of a message before it is judged, where that is asked for."""
    with_sheets: bool = False
    """Whether a report shows the text of the messages."""
    with_cures: bool = False
    """Whether a report holds the fixes."""


def judge_of(task: Task, rules: Sequence[Rule] | None = None) -> Judge:
    """The function that judges one input after another; `rules` are loaded where they are not given."""
    linter = Linter(task.policy, ruleset.load(task.rule_packs, whole=False) if rules is None else rules)

    drafts = Drafts(task.templates, task.limits)

    def judge(item: Input) -> Result:
        data = read(item, task.limits.message)
        if isinstance(data, Unreadable):
            return data
        others = companions_of(item, task.limits.message)
        if isinstance(others, Unreadable):
            return others
        messages = messages_of(item, data, task, drafts, others)
        if task.deliver is not None:
            for message in messages:
                message.delivery = task.deliver(message)
        known = [task.baseline.of(item.path, item.message_index) if task.baseline else None for _ in messages]
        pairs = zip(messages, known, strict=True)
        verdicts = [linter.check(message, one.sieve if one else None) for message, one in pairs]
        number, verdict = worst(verdicts)
        message = messages[number]
        context = message.template.context if message.template is not None else None
        report = file_report(verdict, message.source, item.message_index, task.language, context)
        if task.with_cures and item.kind == "draft":
            from spamlint.report.cures import with_cures

            report = with_cures(report, verdict, messages, verdicts)
        if (one := known[number]) is not None:
            report = _against(report, one, {rule.id for rule in linter.rules})
        if not task.with_sheets:
            return report
        from spamlint.report.sheets import with_sheets

        return with_sheets(report, message)

    return judge


def _against(report: FileReport, known: Known, rules: set[str]) -> FileReport:
    """The report with what the baseline knows of the file."""
    return replace(
        report,
        known=tuple(sorted(known.counts.items())),
        gone=tuple(sorted(known.gone(rules).items())),
        fingerprints=tuple(sorted(known.found.items())),
    )


def companions_of(item: Input, limit: int) -> tuple[Companion, ...] | Unreadable:
    """The other files of a mail; Unreadable where one of them is so."""
    found = []
    for role, path in item.companions:
        data = read(Input(path), limit)
        if isinstance(data, Unreadable):
            return data
        found.append(Companion(role, Source(path, data)))
    return tuple(found)


def messages_of(
    item: Input,
    data: bytes,
    task: Task,
    drafts: Drafts,
    companions: Sequence[Companion],
    newer: Mapping[str, bytes] | None = None,
) -> Sequence[Message]:
    """The messages that an input can become; more than one of a template only. `newer` is as for `Drafts.messages`."""
    if item.kind == "draft":
        kind, subject = item.content_type, task.subject
        return drafts.messages(data, item.path, content_type=kind, subject=subject, companions=companions, newer=newer)
    return (Message.from_bytes(data, item.path, limits=task.limits, offset=item.offset, line=item.line),)
