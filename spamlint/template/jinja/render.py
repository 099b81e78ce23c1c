"""One template -> the messages that it can become: with the contexts that are given, or with invented ones."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from jinja2 import TemplateSyntaxError

from spamlint.source import Source
from spamlint.template.files import template_text
from spamlint.template.jinja.environment import FAILURES, OutputTooLongError, PlacedEnvironment, Run, code_and_words
from spamlint.template.jinja.outcome import Outcome, Rendered, Span, Trouble
from spamlint.template.jinja.pieces import joined
from spamlint.template.jinja.places import Condition

Contexts: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Label of a context -> its values by name."""

MOST_RUNS = 24
"""Renderings that are tried to reach every branch of a template without a context."""

MOST_FAILURES = 20
"""Statements that may fail, and be left out, in one rendering."""


def render(
    name: str,
    raw: bytes,
    folders: Sequence[Path],
    contexts: Contexts | None,
    most: int,
    newer: Mapping[str, bytes] | None = None,
) -> Outcome:
    """The template `raw`, known as `name`, with each of `contexts`; None: with invented ones.

    Only in a process of its own, whose Jinja2 is made to keep places (see `child`). `most` is the length of all
    renderings together. `newer` holds files, by path, that are read as they stand there, not as they lie on the disk.
    """
    environment = PlacedEnvironment(folders, most, newer or {})
    environment.number_of(name, raw=raw)
    source = template_text(Source(name, raw)).value
    runs: list[Rendered] = []
    try:
        for label, values, run in _all_runs(environment, contexts):
            made = _rendered(environment, name, source, run, values, label)
            if made is None:
                break
            runs.append(made)
    except OutputTooLongError:
        environment.note("limit-template-output", "", (0, 0, 0))
    distinct: dict[tuple[str, str], Rendered] = {}
    for found in runs:
        distinct.setdefault((found.context, found.text), found)
    return Outcome(
        tuple(distinct.values()),
        tuple(environment.raws),
        tuple(environment.troubles),
        tuple(_unreached(environment)) if runs else (),
    )


def _all_runs(
    environment: PlacedEnvironment, contexts: Contexts | None
) -> Iterator[tuple[str, Mapping[str, Any], Run]]:
    if contexts is not None:
        yield from ((label, values, Run()) for label, values in contexts.items())
        return
    yield from (("", {}, Run(items=items)) for items in (3, 0, 1))
    yield from (("", {}, run) for run in _more_runs(environment))


def _more_runs(environment: PlacedEnvironment) -> Iterator[Run]:
    """Runs that take the branches nobody took yet, as many as go together in each."""
    for _ in range(MOST_RUNS):
        chosen: dict[Condition, bool] = {}
        for condition, outcome in _missing(environment):
            wanted = dict((*environment.branches.needs[condition], (condition, outcome)))
            if all(chosen.get(one, how) == how for one, how in wanted.items()):
                chosen |= wanted
        if not chosen:
            return
        before = len(environment.taken)
        yield Run(items=3, chosen=chosen)
        if len(environment.taken) == before:
            return


def _missing(environment: PlacedEnvironment) -> Iterator[tuple[Condition, bool]]:
    """Each condition with an outcome that it had in no run."""
    for condition in environment.branches.needs:
        for outcome in (True, False):
            if (*condition, outcome) not in environment.taken:
                yield condition, outcome


def _unreached(environment: PlacedEnvironment) -> Iterator[tuple[Span, bool]]:
    for condition, outcome in _missing(environment):
        file, offset = condition
        if outcome or condition not in environment.branches.bare:
            yield (file, *environment.tags[file].around(offset)), outcome


def _rendered(
    environment: PlacedEnvironment, name: str, source: str, run: Run, values: Mapping[str, Any], label: str
) -> Rendered | None:
    """One rendering. What fails is noted and left out, a statement at a time; where that does not help, None."""
    for _ in range(MOST_FAILURES):
        environment.run = run
        random.seed(0)  # the filter of that name, and lipsum
        try:
            template = environment.compiled(name, source)
            made = joined(template.root_render_func(template.new_context(dict(values))))
        except FAILURES as error:
            place = environment.place_of(error)
            known = environment.note(*code_and_words(error), place)
            if isinstance(error, TemplateSyntaxError | RecursionError) or known or not environment.skip(place):
                return None
            continue
        undefined = tuple(Trouble("undefined-variable", what, place) for place, what in run.undefined.items())
        environment.taken |= run.taken
        return Rendered(label, str(made), made.origins, undefined)
    return None
