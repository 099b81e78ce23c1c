"""Figures about scores: how well they separate, and shares with the interval that they may lie in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `total`, with the 95 % interval of Wilson."""

    count: int
    total: int

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end."""
        if not self.total:
            return 0.0, 1.0
        z, share = 1.96, self.count / self.total
        middle = share + z * z / (2 * self.total)
        half = z * sqrt(share * (1 - share) / self.total + z * z / (4 * self.total**2))
        scale = 1 + z * z / self.total
        return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)

    def __str__(self) -> str:
        if not self.total:
            return "-"
        low, high = self.interval
        return f"{self.count}/{self.total} = {self.count / self.total:.1%} ({low:.1%} to {high:.1%})"


def auc(spam: Sequence[float] | Floats, ham: Sequence[float] | Floats) -> float:
    """How often a spam message has a higher score than a legitimate one; a tie counts half."""
    if not len(spam) or not len(ham):
        return float("nan")
    ordered = np.sort(np.asarray(ham))
    below = np.searchsorted(ordered, spam, "left")
    up_to = np.searchsorted(ordered, spam, "right")
    return float((below + up_to).mean() / 2 / len(ham))


def auc_interval(value: float, spam: int, ham: int) -> tuple[float, float]:
    """The 95 % interval of an AUC over so many messages, after Hanley and McNeil."""
    if not spam or not ham:
        return 0.0, 1.0
    both, twice = value / (2 - value), 2 * value * value / (1 + value)
    spread = value * (1 - value) + (spam - 1) * (both - value**2) + (ham - 1) * (twice - value**2)
    half = 1.96 * sqrt(max(0.0, spread) / (spam * ham))
    return max(0.0, value - half), min(1.0, value + half)


def detection(spam: Sequence[float] | Floats, ham: Sequence[float] | Floats, share: float) -> Share:
    """The spam above the lowest score that at most `share` of the legitimate messages exceed."""
    ordered = np.sort(np.asarray(ham))[::-1]
    limit = ordered[min(int(share * len(ordered)), len(ordered) - 1)] if len(ordered) else 0.0
    return Share(int((np.asarray(spam) > limit).sum()), len(spam))
