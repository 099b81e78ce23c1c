"""Which renderings it takes to see every branch of a template, and which branches none of them has shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from spamlint.template.outcome import Rendered, Span

Contexts: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Label of a context -> its values by name."""

Condition: TypeAlias = tuple[int, int]
"""A condition in a template: the number of its file, and its offset."""

MOST_RUNS = 24
"""Renderings that are tried to reach every branch of a template without a context."""


@dataclass(slots=True)
class Run:
    """What one rendering is to do, and what it noted."""

    items: int | None = None
    """Length of invented lists; None where nothing is invented."""
    chosen: dict[Condition, bool] = field(default_factory=dict)
    """File and offset of a condition -> the outcome that it is to have."""
    taken: set[tuple[int, int, bool]] = field(default_factory=set)
    """File and offset of each condition that was asked, with its outcome."""
    undefined: dict[Span, str] = field(default_factory=dict)
    """Each expression that had no value, with its name."""

    def decide(self, condition: Condition, found: bool) -> bool:
        """The outcome of a condition: as it is, or as this run wants it."""
        outcome = self.chosen.get(condition, found)
        self.taken.add((*condition, outcome))
        return outcome


@dataclass(slots=True)
class Branches:
    """The conditions of all templates, each with what has to hold for it to be asked."""

    needs: dict[Condition, tuple[tuple[Condition, bool], ...]] = field(default_factory=dict)
    bare: set[Condition] = field(default_factory=set)
    """Those that lead to nothing where they do not hold."""
    taken: set[tuple[int, int, bool]] = field(default_factory=set)
    """File and offset of each condition, with each outcome that it had in some rendering."""

    def missing(self) -> Iterator[tuple[Condition, bool]]:
        """Each condition with an outcome that it had in no run."""
        for condition in self.needs:
            for outcome in (True, False):
                if (*condition, outcome) not in self.taken:
                    yield condition, outcome

    def unreached(self) -> Iterator[tuple[Condition, bool]]:
        """Those of them that would have shown something else."""
        return (row for row in self.missing() if row[1] or row[0] not in self.bare)


def all_runs(branches: Branches, contexts: Contexts | None) -> Iterator[tuple[str, Mapping[str, Any], Run]]:
    """Label, values and run for each rendering: with the contexts, else with invented values."""
    if contexts is not None:
        yield from ((label, values, Run()) for label, values in contexts.items())
        return
    yield from (("", {}, Run(items=items)) for items in (3, 0, 1))
    yield from (("", {}, run) for run in _more_runs(branches))


def _more_runs(branches: Branches) -> Iterator[Run]:
    """Runs that take the branches nobody took yet, as many as go together in each."""
    for _ in range(MOST_RUNS):
        chosen: dict[Condition, bool] = {}
        for condition, outcome in branches.missing():
            wanted = dict((*branches.needs[condition], (condition, outcome)))
            if all(chosen.get(one, how) == how for one, how in wanted.items()):
                chosen |= wanted
        if not chosen:
            return
        before = len(branches.taken)
        yield Run(items=3, chosen=chosen)
        if len(branches.taken) == before:
            return


def distinct(found: list[Rendered]) -> tuple[Rendered, ...]:
    """Each text once for each context."""
    first: dict[tuple[str, str], Rendered] = {}
    for one in found:
        first.setdefault((one.context, one.text), one)
    return tuple(first.values())
