"""Where a comment that makes a rule be ignored can stand, and what it says."""

from __future__ import annotations

import re
from bisect import bisect_right

from spamlint.editor.jobs import Change

# What a comment must not be put into: comments, elements whose content is no HTML, tags of HTML and of templates.
_SOLID = re.compile(
    r"<!--(?:(?!-->)[\s\S])*+(?:-->|\Z)"
    r"|<(style|script|title|textarea)\b(?:(?!</\1)[\s\S])*+(?:</\1[^>]*+>?|\Z)"
    r"|</?[A-Za-z!](?:\"[^\"]*+\"|'[^']*+'|[^\"'<>])*+(?:>|\Z)"
    r"|\{%(?:(?!%\})[\s\S])*+(?:%\}|\Z)"
    r"|\{\{(?:(?!\}\})[\s\S])*+(?:\}\}|\Z)"
    r"|\{#(?:(?!#\})[\s\S])*+(?:#\}|\Z)",
    re.IGNORECASE,
)
_LINE_END = re.compile(r"\r\n|\r|\n")


def ignore_comment(rule: str, *, has_comment_tags: bool) -> str:
    """The comment that makes `rule` be ignored where it stands; a comment of the template's own is never sent."""
    said = f"spamlint-ignore {rule}"
    return f"{{# {said} #}}" if has_comment_tags else f"<!-- {said} -->"


def solid_pieces(text: str) -> list[tuple[int, int]]:
    """The ranges of the text that a comment must not stand in."""
    return [found.span() for found in _SOLID.finditer(text)]


def inserted(text: str, offset: int, comment: str, solid: list[tuple[int, int]]) -> Change:
    """The change that puts `comment` on a line of its own above the tag or the text at `offset`.

    Where that line starts inside a tag, the comment stands in the line, right before the tag.
    """
    anchor = _out_of(offset, solid)
    line = max(text.rfind("\n", 0, anchor), text.rfind("\r", 0, anchor)) + 1
    if _out_of(line, solid) != line:
        return Change(anchor, anchor, comment)
    indent = re.compile(r"[ \t]*").match(text, line, anchor)
    end = _LINE_END.search(text)
    return Change(line, line, f"{indent[0] if indent else ''}{comment}{end[0] if end else chr(10)}")


def _out_of(offset: int, solid: list[tuple[int, int]]) -> int:
    """`offset`, or the start of the piece that it stands in."""
    at = bisect_right(solid, offset, key=lambda piece: piece[0]) - 1
    if at >= 0 and solid[at][0] <= offset < solid[at][1]:
        return solid[at][0]
    return offset
