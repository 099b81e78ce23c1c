"""The attributes of a start tag as they are written, by the rules of the WHATWG tokenizer."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from spamlint.html.references import decoded
from spamlint.source import Text

_TAG: Final = re.compile(r"<[^\t\n\f />]*")
_ATTRIBUTE: Final = re.compile(
    r"""[\t\n\f\ /]*
    (?P<name>[^\t\n\f\ />][^\t\n\f\ />=]*)
    (?:[\t\n\f\ ]*=[\t\n\f\ ]*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\t\n\f\ >]*)))?""",
    re.VERBOSE,
)
_LOWER: Final = str.maketrans(string.ascii_uppercase + "\0", string.ascii_lowercase + "\ufffd")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute as written. `value` is decoded; it is None where there is no `=`."""

    name: str
    text: Text
    """The whole of it: `name="value"`."""
    name_text: Text
    value: Text | None
    duplicate: bool
    """The tag has an attribute of that name before; this one has no effect."""


def written_attributes(tag: Text) -> Iterator[Attribute]:
    """All attributes of the start tag `tag`, `<` to `>`, as written, duplicates too."""
    seen: set[str] = set()
    for found, name in _attributes(tag.value):
        group = next((group for group in ("double", "single", "bare") if found[group] is not None), None)
        value = decoded(tag[found.start(group) : found.end(group)], attribute=True) if group else None
        start, end = found.span("name")
        yield Attribute(name, tag[start : found.end()], tag[start:end], value, name in seen)
        seen.add(name)


def duplicates(tag: Text) -> Iterator[tuple[str, Text]]:
    """Name and whole of each attribute of `tag` that has the name of one before it."""
    seen: set[str] = set()
    for found, name in _attributes(tag.value):
        if name in seen:
            yield name, tag[found.start("name") : found.end()]
        seen.add(name)


def _attributes(tag: str) -> Iterator[tuple[re.Match[str], str]]:
    """Each attribute of the start tag, with its name in small letters."""
    opening = _TAG.match(tag)
    at = opening.end() if opening else 0
    while found := _ATTRIBUTE.match(tag, at):
        at = found.end()
        yield found, found["name"].translate(_LOWER)
