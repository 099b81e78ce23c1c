"""Good mail among attacks gets its verdict; the workers are the same in number afterwards, and nothing is left.

`benchmarks/hostile_load.py` does the same with more messages, and prints the figures.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))

from attacks import ATTACKS, attack
from hostile_load import ran, told

from spamlint.guard.settings import Budget, LogSettings, Settings

MB = 1024 * 1024


def test_good_mail_among_attacks_gets_its_verdict(capfd: pytest.CaptureFixture[str]) -> None:
    settings = Settings(
        enforcement="reject",
        workers=2,
        budget=Budget(seconds=2.0, memory=128 * MB),
        log=LogSettings(Path(os.devnull)),
    )
    results = asyncio.run(ran(40, len(ATTACKS), 8, settings, largest=0.03))
    printed = "\n".join(told(results))
    assert not results.wrong, printed
    assert len(results.good) == 40
    assert set(results.attacks) == set(ATTACKS)
    assert results.workers == (10, 10), printed
    assert results.left == 0, printed


def test_attacks_are_messages_of_growing_size() -> None:
    sizes: dict[str, list[int]] = {}
    for number in range(2 * len(ATTACKS)):
        name, data = attack(number, 2 * len(ATTACKS), 0.02)
        assert data.startswith(b"From: ")
        sizes.setdefault(name, []).append(len(data))
    assert set(sizes) == set(ATTACKS)
    assert all(small <= large for small, large in sizes.values())
