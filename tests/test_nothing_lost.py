"""No message that was acknowledged is lost, however the SMTP proxy dies."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))

import nothing_lost


def test_nothing_is_lost_when_the_proxy_is_killed_amid_its_work() -> None:
    found = asyncio.run(nothing_lost.course(messages=120, kills=2, clients=8))
    assert found.kills == 2
    assert len(found.acknowledged) == 120
    assert found.lost == set()
    assert found.unexplained == set()
    assert "acknowledged 120, of these lost 0" in nothing_lost.report(found)
