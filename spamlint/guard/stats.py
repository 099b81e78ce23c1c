"""What a log says of many messages: counted row by row, whatever the size of the log."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NOT_JUDGED = "not-a-submission"
MOST_NAMES = 5_000
"""Rules, routes and reasons of each kind that are counted apart; a log of ours has far fewer."""


@dataclass(slots=True)
class RouteStats:
    """The messages of one route."""

    judged: int = 0
    refused: int = 0
    """Those that were: rejected, put off, or held in quarantine."""
    spared: int = 0
    """Those that were to be refused, and went out."""


@dataclass(slots=True)
class Stats:
    """The counts, added to row by row."""

    messages: int = 0
    unreadable: int = 0
    """Lines that are no rows of the log."""
    first: str = ""
    last: str = ""
    """The times of the earliest and the latest row."""
    actions: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    unjudged: Counter[str] = field(default_factory=Counter)
    spared: Counter[str] = field(default_factory=Counter)
    """Why messages went out that were to be refused."""
    refused_by_rule: Counter[str] = field(default_factory=Counter)
    spared_by_rule: Counter[str] = field(default_factory=Counter)
    routes: dict[str, RouteStats] = field(default_factory=dict)
    milliseconds: array[float] = field(default_factory=lambda: array("d"))
    """Of the messages that were judged."""

    def add(self, row: Mapping[str, Any] | None) -> None:
        """Counts one row; None is a line that is none."""
        if row is None:
            self.unreadable += 1
            return
        self.messages += 1
        self._note_time(_text(row, "time"))
        action, wanted, unjudged = _text(row, "action"), _text(row, "wanted"), _text(row, "unjudged")
        _count(self.actions, action)
        if unjudged:
            _count(self.unjudged, unjudged)
        if unjudged == NOT_JUDGED:
            return
        spent = row.get("ms")
        if isinstance(spent, int | float):
            self.milliseconds.append(float(spent))
        if verdict := _text(row, "verdict"):
            _count(self.verdicts, verdict)
        is_refused = action != "accept"
        is_spared = not is_refused and wanted != "accept"
        if is_spared:
            _count(self.spared, _text(row, "spared"))
        self._add_rules(row, is_refused=is_refused, is_spared=is_spared)
        self._add_route(_text(row, "route"), is_refused=is_refused, is_spared=is_spared)

    def percentile(self, percent: int) -> float | None:
        """The milliseconds within which that many of a hundred messages were decided on; None without messages."""
        if not self.milliseconds:
            return None
        ordered = sorted(self.milliseconds)
        return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]

    def _note_time(self, time: str) -> None:
        if time:
            self.first = min(self.first or time, time)
            self.last = max(self.last, time)

    def _add_rules(self, row: Mapping[str, Any], *, is_refused: bool, is_spared: bool) -> None:
        rules = row.get("rules")
        if isinstance(rules, list) and (is_refused or is_spared):
            for rule in {rule for rule in rules if isinstance(rule, str)}:
                _count(self.refused_by_rule if is_refused else self.spared_by_rule, rule)

    def _add_route(self, name: str, *, is_refused: bool, is_spared: bool) -> None:
        if name and (name in self.routes or len(self.routes) < MOST_NAMES):
            route = self.routes.setdefault(name, RouteStats())
            route.judged += 1
            route.refused += is_refused
            route.spared += is_spared


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key, "")
    return value if isinstance(value, str) else ""


def _count(counter: Counter[str], name: str) -> None:
    if name in counter or len(counter) < MOST_NAMES:
        counter[name] += 1
