"""Fixes of how the elements lie in one another: end tags that are missing, and those that end nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spamlint.fixes.draft import Draft
from spamlint.fixes.edit import Fix
from spamlint.source import Text

_MOST_PLACES = 20
"""Tags of one line before which the end tag is tried."""


def missing_end(draft: Draft, text: Text) -> Fix | None:
    """The end tag where every parser puts the end of the element anyway; none where no place is just the same."""
    problem = draft.problems.get(draft.start_of(text))
    if problem is None:
        return None
    for at in _ends(draft, text, str(problem.values.get("other", "")), int(problem.values.get("line", 0))):
        name = text.value[1 : 1 + len(str(problem.values["tag"]))]
        edit = draft.inserted(at, f"</{name}>")
        if draft.keeps_tree(edit):
            return Fix((edit,), draft.is_whole, same_page=True)
    return None


def stray_end(draft: Draft, text: Text) -> Fix | None:
    """The end tag is taken away, with its line where nothing else stands in it."""
    start, end = text.range_in(draft.document.source)
    value = draft.value
    line = value.rfind("\n", 0, start) + 1
    rest = re.compile(r"[ \t]*(?:\n|\Z)").match(value, end)
    if rest is not None and not value[line:start].strip() and line:
        start, end = line, rest.end()
    edit = draft.replace(start, end, "")
    same = draft.keeps_tree(edit)
    return None if same is None else Fix((edit,), same and draft.is_whole, same_page=same)


def _ends(draft: Draft, text: Text, other: str, line: int) -> Iterator[int]:
    """The places where the element may end: before the tags `other` of that line, or before the end of the page."""
    value, behind = draft.value, text.range_in(draft.document.source)[1]
    if other:
        first, last = _line(value, line)
        tags = re.compile(re.escape(other[:-1]) + r"(?=[\s/>])", re.IGNORECASE).finditer(
            value, max(first, behind), last
        )
        places = [found.start() for found, _ in zip(tags, range(_MOST_PLACES), strict=False)]
    else:
        ends = re.compile(r"(?:</body\s*>\s*)?(?:</html\s*>\s*)?\Z", re.IGNORECASE).search(value, behind)
        places = [ends.start()] if ends else []
    for place in places:
        yield behind + len(value[behind:place].rstrip())


def _line(value: str, number: int) -> tuple[int, int]:
    """Where the 1-based line starts and ends."""
    start = 0
    for _ in range(number - 1):
        start = value.find("\n", start) + 1
    end = value.find("\n", start)
    return start, len(value) if end < 0 else end
