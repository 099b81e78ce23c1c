"""A template -> its directives, in order. Time grows in proportion to the text, whatever is left open in it."""

from __future__ import annotations

from dataclasses import dataclass

from spamlint.template.syntax import Form, Kind, Syntax, openings, stops

PATIENCE = 2_000
"""Code points in which a directive must end, once another has not ended at all."""


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive: its place, and the place of what it says."""

    kind: Kind
    start: int
    end: int
    inner_start: int
    inner_end: int


@dataclass(frozen=True, slots=True)
class Scan:
    """All directives of a template; `unclosed` are the places of those that have a beginning only."""

    directives: tuple[Directive, ...]
    unclosed: tuple[tuple[int, int], ...] = ()
    read: int = 0
    """Up to where was read: not to the end where the limit of problems was reached."""


def scan(value: str, syntax: Syntax, most_unclosed: int) -> Scan:
    """The directives of `value`, up to the place where `most_unclosed` of them were left open."""
    forms = tuple(form for form in syntax.forms if form.sign in value)
    if not forms:
        return Scan((), read=len(value))
    search = openings(forms).search
    found: list[Directive] = []
    unclosed: list[tuple[int, int]] = []
    at, hurried = 0, False
    while opening := search(value, at):
        form = forms[(opening.lastindex or 1) - 1]
        start, inner = opening.span()
        if not form.closing:
            found.append(Directive(form.kind, start, inner, start, inner))
            at = max(inner, start + 1)
            continue
        limit = min(len(value), inner + PATIENCE) if hurried else len(value)
        ends = _end(value, inner, form, limit)
        if isinstance(ends, tuple):
            found.append(Directive(form.kind, start, ends[1], inner, ends[0]))
            at = ends[1]
            continue
        hurried = hurried or ends == len(value)
        unclosed.append((start, inner))
        at = inner
        if len(unclosed) >= most_unclosed:
            break
    return Scan(tuple(found), tuple(unclosed), at if len(unclosed) >= most_unclosed else len(value))


def _end(value: str, at: int, form: Form, limit: int) -> tuple[int, int] | int:
    """Where the closing of a directive stands; where there is none, how far was looked."""
    search = stops(form).search
    depth = 0
    while stop := search(value, at, limit):
        group, at = stop.lastindex, stop.end()
        if group == 1 and depth <= 0:
            return stop.span()
        if group == 2:
            return stop.start()
        if group == 1:  # of "}}}}" the first may belong to what is inside
            at = stop.start() + 1
            depth -= 1
        elif group == 4:
            depth += 1 if stop[0] == form.pair[0] else -1
    return limit
