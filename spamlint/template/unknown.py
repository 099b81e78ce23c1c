"""Names in a template that is not rendered for which no sample has a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from spamlint.limits import Limits
from spamlint.template.names import GIVEN, OTHERWISE, names_in
from spamlint.template.rendering import Problem, Rendering
from spamlint.template.uses import Sheet, Use, is_own_tag, sheet

CODE: Final = "undefined-variable"

_LOOP = re.compile(r"\bin\s+([\w.]+)|^each\s+([\w.]+)|^range\s+[\w$:=, ]*?\.(\w+)|@(\w+)\.each\b")
_OF_LISTS: Final = frozenset(["count", "empty", "first", "items", "keys", "last", "length", "size", "values"])
"""What a language itself gives of every list and table."""
_NAMES_OF_ITS_OWN: Final = ("ejs", "erb", "velocity")
"""Languages in which a plain name may be a function of the program."""
_DEEP: Final = 30


def with_unknown(template: Rendering, contexts: Mapping[str, Mapping[str, Any]], limits: Limits) -> tuple[Problem, ...]:
    """The problems of `template`, with those names that one of `contexts` has nothing for."""
    file = sheet(template, template.role or "html", limits)
    known = [(context, frozenset(_keys(context, _DEEP))) for context in contexts.values()]
    found: dict[tuple[int, str], Problem] = {}
    for use in file.uses:
        for name in _asked(file, use):
            if len(found) < limits.template_problems and any(_lacks(name, *one) for one in known):
                found.setdefault((use.start, name), Problem(CODE, file.text(use), name))
    return (*template.problems, *found.values())


def _asked(file: Sheet, use: Use) -> Iterator[str]:
    """The names whose values a directive puts out or goes through."""
    loop = _LOOP.search(use.code) if use.part.role == "open" else None
    if loop is not None:
        names: tuple[str, ...] = (next(group for group in loop.groups() if group),)
    elif use.is_value and not OTHERWISE.search(use.code) and not is_own_tag(use):
        names = names_in(use.code)
    else:
        return
    for name in names:
        root = name.partition(".")[0]
        is_plain = file.language in _NAMES_OF_ITS_OWN and not re.search(rf"[@$]\{{?!?{root}\b", use.written)
        if not is_plain and root not in file.local and root.lower() not in GIVEN:
            yield name


def _lacks(name: str, context: Mapping[str, Any], keys: frozenset[str]) -> bool:
    """Whether a sample has nothing of that name, at whatever depth it begins."""
    root, *rest = name.split(".")
    if root not in keys:
        return True
    value = context.get(root)
    for part in rest:
        if not isinstance(value, Mapping) or part in _OF_LISTS:
            return False
        if part not in value:
            return True
        value = value[part]
    return False


def _keys(value: object, deep: int) -> Iterator[str]:
    """All names in a sample."""
    if deep and isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _keys(inner, deep - 1)
    elif deep and isinstance(value, list | tuple):
        for inner in value:
            yield from _keys(inner, deep - 1)
