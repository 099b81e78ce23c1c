"""Values that nobody gave, for the templates of Django and its filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any

from django.template import Context

from spamlint.template.jinja.guess import Guess
from spamlint.template.runs import Run

NOW = datetime(2026, 11, 2, 9, 30)  # noqa: DTZ001 - as Django has it without time zones
"""The time of each rendering: the same template is the same mail."""

_OF_TIMES = ("date", "time", "timesince", "timeuntil", "naturalday", "naturaltime")
"""Filters that work on a time only."""


class Guessing(Context):  # type: ignore[misc]
    """A context in which names that nobody gave are guessed, where the run wants it."""

    def __init__(self, values: Mapping[str, Any], run: Run) -> None:
        self.run = run
        super().__init__(dict(values))

    def __getitem__(self, key: str) -> Any:
        for found in reversed(self.dicts):
            if key in found:
                return found[key]
        if self.run.items is None:
            raise KeyError(key)
        return Guess(key, self.run.items)


def passed(value: Any, _: Any = None) -> Any:
    """What stands for a filter that is not known."""
    return value


def fitted(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    """The filter `work`, which gets a time where it needs one and there is an invented value, or a time as text."""
    if name not in _OF_TIMES:
        return work

    @wraps(work)
    def timed(value: Any, *given: Any, **named: Any) -> Any:
        return work(_as_time(value), *given, **named)

    return timed


def _as_time(value: Any) -> Any:
    if isinstance(value, Guess):
        return NOW
    if isinstance(value, str):  # JSON has no times
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value
