"""Whether cost grows in proportion: ten times as much may take at most twelve times as long."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

ALLOWED = 12.0
BEYOND_THE_CACHES = 15.0
"""For facts that look at many small things: ten times as many no longer fit into the caches; quadratic takes 100."""
SLACK = 0.003
"""Seconds that one measurement may be off, on a computer that is busy with other things."""
ATTEMPTS = 15
TIMES = 10


def seconds(work: Callable[[T], object], given: T, runs: int) -> float:
    """CPU seconds of one run, the mean of `runs`."""
    gc.collect()
    start = time.process_time()
    for _ in range(runs):
        work(given)
    return (time.process_time() - start) / runs


def assert_in_proportion(work: Callable[[T], object], small: T, large: T, allowed: float = ALLOWED) -> None:
    """`work` on `large`, which is ten times `small`, takes at most `allowed` times as long, the collector left out.

    Both are timed for about as long and one after the other, so that a busy machine slows both alike.
    """
    work(small)
    excess = float("inf")
    gc.disable()
    try:
        for _ in range(ATTEMPTS):
            excess = min(excess, seconds(work, large, 1) - allowed * seconds(work, small, TIMES))
            if excess <= SLACK:
                break
    finally:
        gc.enable()
    assert excess <= SLACK
