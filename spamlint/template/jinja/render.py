"""One template -> the messages that it can become: with the contexts that are given, or with invented ones."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import TemplateSyntaxError

from spamlint.source import Source
from spamlint.template.files import template_text
from spamlint.template.jinja.environment import FAILURES, OutputTooLongError, PlacedEnvironment, code_and_words
from spamlint.template.jinja.pieces import joined
from spamlint.template.outcome import Outcome, Rendered, Span, Trouble
from spamlint.template.runs import Contexts, Run, all_runs, distinct

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
        for label, values, run in all_runs(environment.branches, contexts):
            made = _rendered(environment, name, source, run, values, label)
            if made is None:
                break
            runs.append(made)
    except OutputTooLongError:
        environment.note("limit-template-output", "", (0, 0, 0))
    return Outcome(
        distinct(runs),
        tuple(environment.raws),
        tuple(environment.troubles),
        tuple(_unreached(environment)) if runs else (),
    )


def _unreached(environment: PlacedEnvironment) -> Iterator[tuple[Span, bool]]:
    for (file, offset), outcome in environment.branches.unreached():
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
        environment.branches.taken |= run.taken
        return Rendered(label, str(made), made.origins, undefined)
    return None
