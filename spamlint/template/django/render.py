"""One Django template -> the messages that it can become: with the contexts that are given, or with invented ones."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.template import Template

from spamlint.template.django.engine import PlacedEngine, deepest
from spamlint.template.django.notes import NotedError, Notes, OutputTooLongError
from spamlint.template.django.pieces import at
from spamlint.template.django.setting_up import Django
from spamlint.template.django.values import Guessing
from spamlint.template.outcome import Outcome, Rendered, Span, Trouble
from spamlint.template.runs import Contexts, Run, all_runs, distinct


def render(
    django: Django, name: str, raw: bytes, folders: Sequence[Path], contexts: Contexts | None, most: int
) -> Outcome:
    """The template `raw`, known as `name`, with each of `contexts`; None: with invented ones.

    `most` is the length of all renderings together.
    """
    notes = Notes(most, project=django.project)
    runs: list[Rendered] = []
    try:
        engine = PlacedEngine((*folders, *django.folders), notes, django.libraries, django.builtins)
        template = engine.placed(name, raw)
        for label, values, run in all_runs(notes.branches, contexts):
            runs.append(_rendered(template, notes, run, values, label))
            notes.branches.taken |= run.taken
    except NotedError:
        pass  # the template has no renderings, and the notes say why
    except OutputTooLongError:
        notes.note("limit-template-output", "", (0, 0, 0))
    except RecursionError as error:
        notes.note("template-failed", "files that include one another without end", next(deepest(error), (0, 0, 0)))
        runs.clear()
    unreached = tuple(_unreached(notes)) if runs else ()
    return Outcome(distinct(runs), tuple(notes.files), tuple(notes.troubles), unreached)


def _unreached(notes: Notes) -> Iterator[tuple[Span, bool]]:
    for condition, outcome in notes.branches.unreached():
        yield (*condition, notes.tags[condition]), outcome


def _rendered(template: Template, notes: Notes, run: Run, values: Mapping[str, Any], label: str) -> Rendered:
    notes.run = run
    random.seed(0)  # the filter of that name, and lorem
    made = at(template.render(Guessing(values, run)), (0, 0, 0))
    undefined = tuple(Trouble("undefined-variable", what, place) for place, what in run.undefined.items())
    return Rendered(label, str(made), made.origins, undefined)
