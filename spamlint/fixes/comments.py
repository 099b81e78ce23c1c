"""Fixes of Outlook's conditional comments, where it is clear how they were meant."""

from __future__ import annotations

import re

from spamlint.fixes.draft import Draft
from spamlint.fixes.edit import Edit, Fix
from spamlint.source import Text

_CONDITION = re.compile(r"\bif\b([^\]<>]*)", re.IGNORECASE)


def conditional(draft: Draft, text: Text) -> Fix | None:
    """The opener or closer as it must be written: safe where nobody else sees anything different."""
    problem = draft.conditionals.get(draft.start_of(text))
    if problem is None:
        return None
    new = _opener(text.value, str(problem.values["wrong"])) or _closer(draft, text, problem.values)
    if not new:
        return None
    edit = Edit(text, new)
    same = draft.keeps_words(edit)
    return None if same is None else Fix((edit,), same and draft.is_plain(text))


def _opener(value: str, wrong: str) -> str:
    """A right opener in place of one with a blank too many or a bracket too few; "" for what is none."""
    condition = _CONDITION.search(value)
    if wrong not in ("space", "bracket", "end") or condition is None or not condition[1].strip():
        return ""
    if value.endswith("-->"):
        return ""
    start = "<!--[" if value.startswith("<!--") else "<!["
    return f"{start}if {condition[1].strip()}]>"


def _closer(draft: Draft, text: Text, values: object) -> str:
    """The closer that the opener before it asks for."""
    assert isinstance(values, dict)
    wrong, expected = values["wrong"], str(values["expected"])
    start = draft.start_of(text)
    if wrong not in ("dashes", "closer") or "if" not in draft.value[max(0, start - 20_000) : start].lower():
        return ""
    # A comment that hides its content ends with the dashes that close it, and they stand there already.
    ends_comment = text.value.endswith("-->")
    return expected if ends_comment or wrong == "dashes" or expected != "<![endif]-->" else ""
