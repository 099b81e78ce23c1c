"""The pieces of text of a document, each with the element that it stands in, for those who ask how text looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from spamlint.html.document import Document
from spamlint.html.outline import MARK
from spamlint.html.tags import VOID_TAGS
from spamlint.source import Text

if TYPE_CHECKING:
    from turbohtml import Token

Run: TypeAlias = tuple[str, int, "Token | None"]
"""A text, decoded, the number of the innermost element around it (-1: none), and its token.

A text without a token stands for the end of a line: it is empty.
"""

Position: TypeAlias = tuple[int, int]
"""Line and column: later in the text is greater."""

_LINE_END: Run = ("", -1, None)


def shown_runs(document: Document) -> Iterator[Run]:
    """The pieces of `Document.visible`, in order."""
    outline = document.outline
    starts, closed, pieces = outline.starts, outline.closed, outline.visible
    number, following, count = -1, 0, len(starts)
    never = len(pieces)
    for index, piece in enumerate(pieces):
        while following < count and starts[following][2] <= index:
            if starts[following][0].tag not in VOID_TAGS:
                number = following
            following += 1
        if piece is MARK:
            yield _LINE_END
            continue
        while number >= 0 and closed.get(number, never) <= index:
            number = starts[number][1]
        yield piece.data or "", number, piece  # type: ignore[misc]


def hidden_runs(document: Document) -> Iterator[Run]:
    """The pieces of `Document.hidden`, in order; the element is one inside the hidden one, or that itself."""
    outline = document.outline
    starts, concealed = outline.starts, outline.concealed
    following, count = 0, len(starts)
    for piece in outline.hidden:
        if piece is MARK:
            yield _LINE_END
            continue
        at = position_of(piece)  # type: ignore[arg-type]
        while following < count and position_of(starts[following][0]) < at:
            following += 1
        number = following - 1
        while number >= 0 and number not in concealed:
            number = starts[number][1]
        yield piece.data or "", number, piece  # type: ignore[misc]


def position_of(token: Token) -> Position:
    """Where a token stands, to tell which of two comes first."""
    return token.line, token.col


def text_of(document: Document, runs: Sequence[Run]) -> Text:
    """Those runs as one text, in the form of `Document.visible`."""
    pieces = [token if token is not None else MARK for _, _, token in runs]
    return document.shown(pieces)


def long_comments(document: Document, at_least: int) -> Iterator[Text]:
    """The comments of at least so many code points, whole."""
    for token in document.outline.comments:
        if len(token.data or "") >= at_least:
            yield document.source_of(token)
