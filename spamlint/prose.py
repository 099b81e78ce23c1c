"""What a sender says himself, as against code, patches and quoted mail, in which anything may stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from spamlint.message import Message
from spamlint.source import Range, Text

if TYPE_CHECKING:
    from spamlint.html import Document

CODE_TAGS: Final = ("code", "pre", "tt", "kbd", "samp", "textarea", "listing", "xmp")
"""Elements for source text, and for what a computer printed."""

_QUOTE_CLASSES: Final = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote")
_QUOTE_IDS: Final = ("divRplyFwdMsg", "appendonsend", "mail-editor-reference-message-container")
_LONGEST_LINE: Final = 600
"""Code points of a line that are looked at."""
_NEAR: Final = 200
"""Code points around a place in which backquotes belong to it."""

# Patterns are compiled on first use: only a message with something to find in it needs them.
_PATCH = r"(?m)^(?:diff --git |Index: \S|@@ -\d|--- a/|\+\+\+ b/|From [0-9a-f]{40} )"
_CODE_LINE = r"""(?x)
    ^\s*(?:[$#%]\s|//|/\*|\*/|<!--|</?[A-Za-z][\w:-]*[ >/])
  | ^\s*(?:\#!|\#(?:include|define|ifn?def|endif|pragma)\b|@\w+\(|[{}]\s*$|at\s+[\w.$]+\()
  | \{\s*$ | [=(){}"'/]\S{0,80}\s?;\s*$ | ^\s*(?:\S{1,80}\s{1,4}){0,4}\S{0,80};\s*$
  | \w\([^()\s]{0,80}\)[;.:{] | [=!]== | [^=!<>]==[^=] | != | && | \|\|
  | \w::\w | "\s?:\s?["\[{\d] | ^\s*[\w.$\[\]]{1,60}\s?[:+-]?=\s?\S | ["']\s?%\s?\(?\w
  | ^\s*(?:def|class|import|from|return|var|let|const|function|echo|export|printf?|elif|else|endif|sudo|git|npm|pip)
      \b.{0,80}[:({;="'$]
  | ^\s*\d{4}-\d\d-\d\d[T ]\d\d:\d\d | \b(?:DEBUG|INFO|WARN|ERROR)\b[:\]\s]
"""
_EXPRESSION = (
    r"(?:=[0-9A-F]{2})+|\{\{[^{}]*\}\}|\{%[^{}]*%\}|<%[^<>]*%>|[$#]!?\{[^{}]*\}"
    r"|\*\|[^|]*\|\*|<<[^<>]*>>|<\?php[^<>]*\?>"
)
"""Stands for a word, so that its own signs do not make code of its line."""
_INDENTED = ("    ", "\t")


def is_own(message: Message, text: Text) -> bool:
    """Whether `text`, a slice of any text of the message, is the sender's own: neither code nor quoted."""
    layer = text.outer
    if not isinstance(layer, Text):
        return True
    places = message.fact(_places)
    stretches = places.stretches.get(id(layer.outer))
    if stretches:
        assert isinstance(layer.outer, Text)
        at, _ = text.range_in(layer.outer)
        before = bisect_right(stretches, (at, len(layer.outer))) - 1
        if before >= 0 and at < stretches[before][1]:
            return False
    plain = places.running.get(id(layer))
    if plain is None:
        return True
    start, end = text.outward(0, len(text))
    if layer.value[max(0, start - _NEAR) : start].count("`") % 2 and "`" in layer.value[end : end + _NEAR]:
        return False
    return not _is_code_line(layer, start, places.lines, plain=plain)


class _Places(NamedTuple):
    """What is known of the texts of a message; texts are told apart by their ids."""

    stretches: dict[int, list[Range]]
    """The source of each document -> where in it code and quoted mail stand."""
    running: dict[int, bool]
    """The texts that consist of lines -> whether the text is plain."""
    lines: dict[tuple[int, int], bool]
    """A text and the number of a line that was looked at -> is it code? The line -1 stands for the whole text: is it a
    patch? -2: are lines that are set in code?"""


def _places(message: Message) -> _Places:
    shown = (text for document in message.documents for text in (document.visible, document.hidden))
    return _Places(
        {id(document.source): _merged(sorted(_stretches_of(document))) for document in message.documents},
        dict.fromkeys(map(id, shown), False) | dict.fromkeys((id(part.text) for part in message.text_parts), True),
        {},
    )


def _stretches_of(document: Document) -> Iterator[Range]:
    value = document.source.value
    lower = value.lower()
    reached = 0
    for element in document.all(*CODE_TAGS):
        start = element.start
        if start >= reached:
            reached = lower.find(f"</{element.tag}", start) + 1 or len(value)
            yield start, reached
    for element in document.all("div", "blockquote"):
        if element.get("id") in _QUOTE_IDS or any(name in (element.get("class") or "") for name in _QUOTE_CLASSES):
            yield element.start, len(value)
            return
        if element.tag == "blockquote" and (element.get("type") or "").lower() == "cite":
            yield element.start, lower.rfind("</blockquote") + 1 or len(value)
            return


def _merged(stretches: list[Range]) -> list[Range]:
    merged: list[Range] = []
    for start, end in stretches:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _is_code_line(layer: Text, at: int, known: dict[tuple[int, int], bool], *, plain: bool) -> bool:
    """Whether the line around that place is quoted or looks like code."""
    text = id(layer)
    if plain and _holds_patch(layer, known):
        return True
    number, start = layer.line_at(at)
    if (text, number) not in known:
        line = re.split(r"[\r\n]", layer.value[start : start + _LONGEST_LINE], maxsplit=1)[0]
        quoted = line.lstrip(" \t|").startswith(">") or (plain and line.lstrip().startswith("|"))
        is_code = quoted or re.search(_CODE_LINE, re.sub(_EXPRESSION, "value", line)) is not None
        if plain and not is_code and line.startswith(_INDENTED):
            is_code = _sets_code_in(layer, known)
        known[text, number] = is_code
    return known[text, number]


def is_patch(message: Message, text: Text) -> bool:
    """Whether `text`, all of a text part, is or holds a patch."""
    return _holds_patch(text, message.fact(_places).lines)


def _holds_patch(layer: Text, known: dict[tuple[int, int], bool]) -> bool:
    if (id(layer), -1) not in known:
        known[id(layer), -1] = re.search(_PATCH, layer.value) is not None
    return known[id(layer), -1]


def _sets_code_in(layer: Text, known: dict[tuple[int, int], bool]) -> bool:
    """Whether few enough lines of the text are set in for them to be code."""
    text = id(layer)
    if (text, -2) not in known:
        lines = [line for line in layer.value.splitlines() if line.strip()]
        known[text, -2] = 2 * sum(line.startswith(_INDENTED) for line in lines) < len(lines)
    return known[text, -2]
