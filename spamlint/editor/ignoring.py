"""Where the comments can stand that make a rule be ignored, and what they say."""

from __future__ import annotations

import re
from bisect import bisect_right

from spamlint.editor.jobs import Change
from spamlint.source import Range

# What a comment must not be put into: comments, elements whose content is no HTML, tags of HTML and of templates.
_SOLID = re.compile(
    r"<!--(?:(?!-->)[\s\S])*+(?:-->|\Z)"
    r"|<(style|script|title|textarea)\b(?:(?!</\1)[\s\S])*+(?:</\1[^>]*+>?|\Z)"
    r"|</?[A-Za-z!](?:\"[^\"]*+\"|'[^']*+'|[^\"'<>])*+(?:>|\Z)"
    r"|\{%(?:(?!%\})[\s\S])*+(?:%\}|\Z)"
    r"|\{\{(?:(?!\}\})[\s\S])*+(?:\}\}|\Z)"
    r"|\{#(?:(?!#\})[\s\S])*+(?:#\}|\Z)"
    r"|<%(?:(?!%>)[\s\S])*+(?:%>|\Z)",
    re.IGNORECASE,
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_INDENT = re.compile(r"[ \t]*")


def solid_pieces(text: str) -> list[Range]:
    """The ranges of the text that a comment must not stand in."""
    return [found.span() for found in _SOLID.finditer(text)]


def ignoring(text: str, offset: int | None, rule: str, solid: list[Range], comment: str) -> tuple[Change, ...]:
    """The changes that make `rule` be ignored at `offset`, or in the whole file where that is None.

    A comment stands on a line of its own and means the next one, or in the line that it means. What lies on a further
    line of a tag or in a style sheet stands between two comments. `comment` is how one is written, with a gap.
    """

    def said(scope: str) -> str:
        return comment.format(f"spamlint-ignore{scope} {rule}")

    found = _LINE_END.search(text)
    line_end = found[0] if found else "\n"
    if offset is None:
        ahead = "" if not text or text.endswith(("\n", "\r")) else line_end
        return (Change(len(text), len(text), f"{ahead}{said('-file')}{line_end}"),)
    start, end = _piece(offset, solid)
    if _LINE_END.search(text, start, offset):
        return (
            Change(start, start, said("-start")),
            Change(end, end, said("-end")),
        )
    line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    if _piece(line, solid)[0] != line:
        return (Change(start, start, said("")),)
    indent = _INDENT.match(text, line, start)
    return (Change(line, line, f"{indent[0] if indent else ''}{said('')}{line_end}"),)


def _piece(offset: int, solid: list[Range]) -> Range:
    """The piece that `offset` stands in, empty at `offset` where it stands in none."""
    at = bisect_right(solid, offset, key=lambda piece: piece[0]) - 1
    if at >= 0 and solid[at][0] <= offset < solid[at][1]:
        return solid[at]
    return offset, offset
