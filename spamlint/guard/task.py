"""What a worker is for: it makes the judge, and has it ready before the first message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from spamlint.guard.envelope import Envelope
from spamlint.guard.judge import Judge, judge_of
from spamlint.guard.settings import Settings

Task: TypeAlias = Callable[[], Judge]
"""Gives the judge, in the process that makes the workers; it may raise a SpamlintError."""

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
class GuardTask:
    """Judging by the settings of a guard."""

    settings: Settings

    def __call__(self) -> Judge:
        """The judge, with all loaded that mail needs; SpamlintError where the rules cannot be used."""
        judge = judge_of(self.settings)
        judge(Envelope("library"), _SAMPLE)  # so that what is loaded on first use is there before the first message
        return judge


def task_of(settings: Settings) -> Task:
    """The task for `settings`. The key of overrides stays with the guard."""
    return GuardTask(replace(settings, override=None))
