"""One input -> the report on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from spamlint import ruleset
from spamlint.inputs import Input, Unreadable, read
from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.report.data import FileReport, file_report
from spamlint.rule import Rule
from spamlint.verdict import Language, Policy

if TYPE_CHECKING:
    from spamlint.baseline import Baseline

Result: TypeAlias = FileReport | Unreadable
Judge: TypeAlias = Callable[[Input], Result]


@dataclass(frozen=True, slots=True)
class Task:
    """All that is needed to judge inputs, in this process or another."""

    policy: Policy
    language: Language
    rule_packs: tuple[Path, ...] = ()
    subject: str | None = None
    limits: Limits = DEFAULT_LIMITS
    baseline: Baseline | None = None
    """What is known: only other findings count."""
    with_sheets: bool = False
    """Whether a report shows the text of the messages."""


def judge_of(task: Task, rules: Sequence[Rule] | None = None) -> Judge:
    """The function that judges one input after another; `rules` are loaded where they are not given."""
    linter = Linter(task.policy, ruleset.load(task.rule_packs, whole=False) if rules is None else rules)

    def judge(item: Input) -> Result:
        data = read(item, task.limits.message)
        if isinstance(data, Unreadable):
            return data
        message = message_of(item, data, task)
        known = task.baseline.of(item.path, item.message_index) if task.baseline is not None else None
        verdict = linter.check(message, known.sieve if known is not None else None)
        report = file_report(verdict, message.source, item.message_index, task.language)
        if known is not None:
            report = replace(
                report,
                known=tuple(sorted(known.counts.items())),
                gone=tuple(sorted(known.gone({rule.id for rule in linter.rules}).items())),
                fingerprints=tuple(sorted(known.found.items())),
            )
        if not task.with_sheets:
            return report
        from spamlint.report.sheets import with_sheets

        return with_sheets(report, message)

    return judge


def message_of(item: Input, data: bytes, task: Task) -> Message:
    """The message or draft in `data`, the bytes of `item`."""
    if item.kind == "draft":
        return Message.draft(data, item.path, content_type=item.content_type, subject=task.subject, limits=task.limits)
    return Message.from_bytes(data, item.path, limits=task.limits, offset=item.offset, line=item.line)
