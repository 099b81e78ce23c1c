"""One input -> the report on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from spamlint import ruleset
from spamlint.inputs import Input, Unreadable, read
from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.report.data import FileReport, file_report
from spamlint.rule import Rule
from spamlint.verdict import Language, Policy

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
    with_sheets: bool = False
    """Whether a report shows the text of the messages."""


def judge_of(task: Task, rules: Sequence[Rule] | None = None) -> Judge:
    """The function that judges one input after another; `rules` are loaded where they are not given."""
    linter = Linter(task.policy, ruleset.load(task.rule_packs, whole=False) if rules is None else rules)

    def judge(item: Input) -> Result:
        data = read(item, task.limits.message)
        if isinstance(data, Unreadable):
            return data
        message = _message(item, data, task)
        report = file_report(linter.check(message), message.source, item.message_index, task.language)
        if not task.with_sheets:
            return report
        from spamlint.report.sheets import with_sheets

        return with_sheets(report, message)

    return judge


def _message(item: Input, data: bytes, task: Task) -> Message:
    if item.kind == "draft":
        return Message.draft(data, item.path, content_type=item.content_type, subject=task.subject, limits=task.limits)
    return Message.from_bytes(data, item.path, limits=task.limits, offset=item.offset, line=item.line)
