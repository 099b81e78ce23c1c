"""Parse errors with WHATWG codes and places, without those that are practice in e-mail."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from spamlint.html.layers import LineIndex
from spamlint.html.problem import Problem
from spamlint.html.visible import source_end
from spamlint.source import Range, Text

if TYPE_CHECKING:
    from turbohtml import Document as Tree

DUPLICATE: Final = "duplicate-attribute"

_REFERENCE: Final = re.compile(r"&#?[0-9A-Za-z]*;?$")
_LONGEST_REFERENCE: Final = 50
_LONGEST_TAG: Final = 1000
_PRACTICE: Final = {
    # Outlook's conditions that show their content elsewhere: `<![if !mso]>`, `<!--[if !mso]><!-- -->`.
    "incorrectly-opened-comment": re.compile(r"<!\[\s*(?:if\b|end\s?if\b)", re.IGNORECASE),
    "nested-comment": re.compile(r"<!--\[if\b[^\]>]*\]>\s*<!--", re.IGNORECASE),
    # VML and Office elements, which Outlook reads as XML.
    "non-void-html-element-start-tag-with-trailing-solidus": re.compile(r"<[a-z]+:", re.IGNORECASE),
    # Written by Outlook Express and old versions of Outlook.
    "invalid-processing-instruction-target": re.compile(r"<\?xml:namespace\b", re.IGNORECASE),
}


def found_errors(tree: Tree, lines: LineIndex, most: int) -> Sequence[tuple[str, int]]:
    """Code and offset of the first `most` parse errors in `tree`, in the order of the text."""
    errors = islice(tree.errors, most)
    return sorted(((error.code, lines.offset(error.line, error.col)) for error in errors), key=itemgetter(1))


def parse_errors(source: Text, found: Sequence[tuple[str, int]], end: int) -> Iterator[Problem]:
    """The parse errors of `source`, of which the parser read no more than up to `end`."""
    value = source.value
    for code, offset in found:
        if code == DUPLICATE or (code.startswith("eof-") and end < len(value)):
            continue
        start, stop = _extent(value, code, offset)
        practice = _PRACTICE.get(code)
        if practice is None or not practice.match(value, start):
            yield Problem(code, source[start:stop])


def _extent(value: str, code: str, at: int) -> Range:
    """The construct that the error at `at` is about, or the one code point there."""
    if "character-reference" in code:
        found = _REFERENCE.search(value[max(0, at - _LONGEST_REFERENCE) : at])
        return (at - len(found[0]) if found else at), at + value.startswith(";", at)
    if code.startswith("end-tag-with-"):
        return max(at - _LONGEST_TAG, value.rfind("</", 0, at)), at + 1
    if code in {"abrupt-closing-of-empty-comment", "nested-comment", "incorrectly-closed-comment"}:
        nested = code == "nested-comment"
        return value.rfind("<!--", 0, at - 2 * nested), at + (not nested)
    if code == "incorrectly-opened-comment":
        return at - 2, value.find(">", at, at + _LONGEST_TAG) + 1 or at
    if code.startswith("non-void-") or code == "unexpected-doctype":
        return at, value.find(">", at, at + _LONGEST_TAG) + 1 or at + 1
    if code.endswith("processing-instruction-target"):
        start = value.rfind("<?", 0, at + 1)
        return start, value.find(">", start, start + _LONGEST_TAG) + 1 or at
    if code == "eof-before-tag-name":
        return value.rfind("<", 0, at), at
    if code.startswith("eof-"):
        start = _last_construct(value)
        return start, min(len(value), start + _LONGEST_TAG)
    return at, min(len(value), at + 1)


def _last_construct(value: str) -> int:
    """Where the tag or comment that never ends starts."""
    from turbohtml import TokenType, tokenize

    token = None
    for token in tokenize(value, resolve_references=True, capture_source=True):  # noqa: B007
        pass
    if token is None:
        return 0
    start = LineIndex(value).offset(token.line, token.col)
    if token.type is TokenType.TEXT:
        return source_end(value, token.data or "", start)
    length = len(token.source or "")
    return start + length if start + length < len(value) else start
