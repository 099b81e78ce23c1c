"""One template -> the messages that it can become: with the contexts that are given, or with invented ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Template, TemplateError, TemplateNotFound, TemplateSyntaxError, runtime

from spamlint.template.files import template_text
from spamlint.template.jinja.environment import OutputTooLong, PlacedEnvironment, Run, place_of_error
from spamlint.template.jinja.pieces import Origin, joined, kept_escape, kept_markup
from spamlint.template.jinja.places import Condition

MOST_RUNS = 24
"""Renderings that are tried to reach every branch of a template without a context."""

MOST_FAILURES = 20
"""Tags that may fail, and be left out, in one rendering."""

FAILURES = (
    TemplateError, ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
)  # fmt: skip
"""What the code of a template can raise."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong with a template: what kind, its words, and file, start and length of the place."""

    code: str
    detail: str
    place: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Rendered:
    """One rendering: its text, the origin of each piece of it, and what came up."""

    context: str
    text: str
    origins: tuple[Origin, ...]
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """All renderings of one template, the files that went into it, and the conditions with an outcome nobody saw."""

    renderings: tuple[Rendered, ...]
    files: tuple[tuple[str, bytes], ...]
    troubles: tuple[Trouble, ...] = ()
    unreached: tuple[tuple[int, int, int, bool], ...] = ()
    """File, start, length of the condition, and the outcome it never had."""
    unknown: tuple[tuple[str, str], ...] = ()
    """Filters and tests that are not known here, each with its kind; they let values through."""


def render(
    name: str,
    raw: bytes,
    folders: Sequence[Path],
    contexts: Mapping[str, Mapping[str, Any]] | None,
    most: int,
) -> Outcome:
    """The template `raw`, known as `name`, with each of `contexts`; None: with invented ones."""
    # In a process of its own: macros, blocks and `escape` of Jinja2 hand on rendered text as pieces.
    runtime.Markup = kept_markup  # type: ignore[assignment,misc]
    runtime.escape = kept_escape  # type: ignore[assignment]
    environment = PlacedEnvironment(folders, most)
    environment.number_of(name, raw)
    source = template_text(name, raw).value
    troubles: list[Trouble] = []
    runs: list[Rendered] = []
    if contexts is None:
        for run in _first_runs():
            runs += _run(environment, name, source, run, {}, "", troubles)
        for run in _more_runs(environment):
            runs += _run(environment, name, source, run, {}, "", troubles)
    else:
        for label, values in contexts.items():
            runs += _run(environment, name, source, Run(), values, label, troubles)
    return Outcome(
        tuple({found.text: found for found in reversed(runs)}.values())[::-1],
        tuple(environment.raws),
        tuple(dict.fromkeys(troubles)),
        tuple(_unreached(environment)) if runs else (),
        tuple(environment.unknown.items()),
    )


def _first_runs() -> Iterator[Run]:
    return (Run(items=items) for items in (3, 0, 1))


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


def _unreached(environment: PlacedEnvironment) -> Iterator[tuple[int, int, int, bool]]:
    for (file, offset), outcome in _missing(environment):
        start, length = environment.tags[file].around(offset)
        yield file, start, length, outcome


def _run(
    environment: PlacedEnvironment,
    name: str,
    source: str,
    run: Run,
    values: Mapping[str, Any],
    label: str,
    troubles: list[Trouble],
) -> Iterator[Rendered]:
    """One rendering. What fails is told and left out, a tag at a time; where that does not help, there is none."""
    for _ in range(MOST_FAILURES):
        run.size = 0
        environment.run = run
        try:
            code = environment.compile(source, name, name)
            template = Template.from_code(environment, code, environment.make_globals(None))
            made = joined(template.root_render_func(template.new_context(dict(values))))
        except OutputTooLong:
            troubles.append(Trouble("limit-template-output", "", (0, 0, 0)))
            return
        except FAILURES as error:
            place = place_of_error(error, environment)
            code_name = "template-syntax" if isinstance(error, TemplateSyntaxError) else "template-failed"
            troubles.append(Trouble(code_name, _words(error), place))
            if isinstance(error, TemplateSyntaxError) or place[:2] in environment.skipped or not place[2]:
                return
            environment.skipped.add(place[:2])
            if environment.cache is not None:
                environment.cache.clear()
            continue
        undefined = [Trouble("undefined-variable", what, place) for place, what in run.undefined.items()]
        environment.taken |= run.taken
        yield Rendered(label, str(made), made.origins, tuple(undefined))
        return


def _words(error: BaseException) -> str:
    if isinstance(error, TemplateNotFound):
        return f"{error.name}: no such file"
    return str(error.message if isinstance(error, TemplateSyntaxError) else error) or type(error).__name__
