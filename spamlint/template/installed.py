"""Libraries that render a language, where they are installed; what is not looked at where they are not."""

from __future__ import annotations

import re
from importlib.util import find_spec

from spamlint.coverage import NotCovered
from spamlint.source import Source, Text
from spamlint.template.files import template_text

_OTHER_FILES = re.compile(r"\{%\s*(?:extends|include)\b[^%\n]*%\}")


def is_installed(library: str) -> bool:
    """Whether a library can be imported; it is not, yet."""
    return find_spec(library) is not None


def without_django(source: Source) -> tuple[NotCovered, ...]:
    """What is missed where Django is not there: other files, of which the first place says so."""
    text: Text = template_text(source)
    found = _OTHER_FILES.search(text.value)
    if found is None:
        return ()
    place = text[found.start() : found.end()].place
    return (NotCovered("", "django-missing", ("", place.line, place.column)),)
