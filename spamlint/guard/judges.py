"""What a worker does with a message: the bytes in, the report out, by one of several policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.report.data import FileReport
from spamlint.verdict import Language, Policy

Judge: TypeAlias = Callable[[bytes], FileReport]

_SAMPLE = b"""From: Mill Lane Library <news@mill-lane-library.example>
To: readers@mill-lane-library.example
Subject: Honey and books on Thursday
Date: Thu, 05 Nov 2026 09:00:00 +0000
Message-ID: <thursday@mill-lane-library.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="m"

--m
Content-Type: multipart/alternative; boundary="a"

--a
Content-Type: text/plain; charset=utf-8

Doors open at seven: https://www.mill-lane-library.example/bees
--a
Content-Type: text/html; charset=utf-8

<!DOCTYPE html><html lang="en"><head><title>Honey</title><style>p { color: #333; background: #fff }</style></head><body>
<p style="font-size: 16px">Doors open at <a href="https://www.mill-lane-library.example/bees">seven</a>; coffee and
honey cake are ready.</p><p><img src="https://www.mill-lane-library.example/a.png" width="48" height="48" alt="A hive">
</p></body></html>
--a--
--m
Content-Type: image/png
Content-Disposition: attachment; filename="hive.png"
Content-Transfer-Encoding: base64

iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=
--m--
"""


@dataclass(frozen=True, slots=True)
class LinterTask:
    """Judging with the linter, by each of the policies."""

    policies: Mapping[str, Policy]
    rule_packs: tuple[Path, ...] = ()
    language: Language = "en"
    limits: Limits = field(default=DEFAULT_LIMITS)

    def __call__(self) -> dict[str, Judge]:
        """A judge for each policy, with everything loaded that mail needs; SpamlintError where the rules are wrong."""
        from spamlint import ruleset
        from spamlint.linter import Linter

        rules = ruleset.load(self.rule_packs, whole=False)
        linters: list[Linter] = []
        judges: dict[str, Judge] = {}
        for name, policy in self.policies.items():
            linter = next((one for one in linters if one.policy == policy), None)
            if linter is None:
                linter = Linter(policy, rules)
                linters.append(linter)
            judges[name] = _judge(linter, self)
            judges[name](_SAMPLE)  # what is loaded or compiled on first use is there before the first message
        return judges


def linter_task(
    policies: Mapping[str, Policy], rule_packs: tuple[Path, ...], language: Language, largest: int
) -> LinterTask:
    """The task for messages of `largest` bytes at most, all of which are read."""
    return LinterTask(policies, rule_packs, language, replace(DEFAULT_LIMITS, message=largest))


def _judge(linter: object, task: LinterTask) -> Judge:
    from spamlint.linter import Linter
    from spamlint.message import Message
    from spamlint.report.data import file_report

    assert isinstance(linter, Linter)

    def judge(data: bytes) -> FileReport:
        message = Message.from_bytes(data, limits=task.limits)
        return file_report(linter.check(message), message.source, None, task.language)

    return judge
