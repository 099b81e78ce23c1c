"""Checks on the HTML of a message: what is malformed, and what a reader sees of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spamlint.message import Message
from spamlint.rule import Hit
from spamlint.source import Text

WORST_FIRST = (
    "eof-in-tag", "eof-in-comment", "eof-in-cdata", "eof-in-script-html-comment-like-text", "eof-in-doctype",
    "unexpected-solidus-in-tag", "missing-whitespace-between-attributes",
    "unexpected-equals-sign-before-attribute-name",
    "unexpected-character-in-attribute-name", "unexpected-character-in-unquoted-attribute-value",
    "missing-attribute-value", "missing-end-tag-name", "invalid-first-character-of-tag-name", "eof-before-tag-name",
    "unexpected-null-character",
)  # fmt: skip
"""Parse errors that swallow content or break attributes come first; the others keep their order behind them."""

_RANK = {code: rank for rank, code in enumerate(WORST_FIRST)}
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def parse_error(message: Message) -> Iterator[Hit]:
    """Each parse error of the HTML, worst first. Duplicate attributes have a check of their own."""
    problems = [problem for document in message.documents for problem in document.errors]
    problems.sort(key=lambda problem: _RANK.get(problem.code, len(_RANK)))
    for problem in problems:
        yield Hit(problem.text, {"code": problem.code})


def duplicate_attribute(message: Message) -> Iterator[Hit]:
    """Each attribute that its tag has already."""
    for document in message.documents:
        for problem in document.duplicate_attributes:
            yield Hit(problem.text, problem.values)


def structure(message: Message, *, code: str = "stray-end-tag") -> Iterator[Hit]:
    """Each problem of the given kind with how the elements lie in one another."""
    for document in message.documents:
        for problem in document.structure:
            if problem.code == code:
                yield Hit(problem.text, problem.values)


def bad_conditional_comment(message: Message) -> Iterator[Hit]:
    """Each of Outlook's conditional comments that does not open or close as it must."""
    for document in message.documents:
        for problem in document.bad_conditionals:
            yield Hit(problem.text, problem.values)


def no_charset(message: Message) -> Iterator[Hit]:
    """The first letters beyond ASCII of HTML that says nowhere in which charset it is."""
    for part in message.html_parts:
        if part.charset is not None or part.text.value.isascii():
            continue
        letters = _NOT_ASCII.search(part.text.value)
        if letters is not None and message.html(part).declared_charset is None:
            yield Hit(part.text[letters.start() : letters.end()], {"letters": letters[0]})


def not_html(message: Message) -> Iterator[Hit]:
    """The text of an HTML part without a single tag. A draft of template blocks gets its tags from elsewhere."""
    if message.template is not None and message.template.masked:
        return
    for part in message.html_parts:
        if message.kind == "draft" and "{%" in part.text.value:
            continue
        if not message.html(part).has_markup:
            text = _stripped(part.text)
            if text.value:
                yield Hit(text)


def _stripped(text: Text) -> Text:
    start = len(text.value) - len(text.value.lstrip())
    return text[start : len(text.value.rstrip())]
