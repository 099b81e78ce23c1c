"""Nothing that was acknowledged is lost, however often the milter is killed. `benchmarks/pipeline.py` sends 2,000."""

from __future__ import annotations

from collections import Counter

import milter_lost


def test_no_message_that_was_acknowledged_is_lost_when_the_milter_is_killed() -> None:
    outcome = milter_lost.sent(500, kills=10)
    assert outcome.killed == 10
    assert outcome.sending.acknowledged == outcome.marks
    assert outcome.sending.refused == []
    assert outcome.sending.put_off > 0
    assert outcome.arrived == Counter(outcome.marks)
