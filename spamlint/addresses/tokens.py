"""Tokens of an address list (RFC 5322 3.2), and what they say about the form of an address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<quoted>"(?:[^"\\]|\\.)*+")
    |(?P<literal>\[[^\[\]<>@,;"\\\s]*+\])
    |(?P<word>=\?[^?\s<>"]{1,60}\?[bBqQ]\?[^?\s<>]*+\?=)
    |(?P<special>[<>,:;@()])
    |(?P<pair>\\.)
    |(?P<atom>[^\s<>,:;@()"\[\]\\=]++|["\[\]\\=])""",
    re.VERBOSE | re.DOTALL,
)
"""Each token is linear: its inner runs stop at the characters that begin another token of its kind."""

_COMMENT_MARK = re.compile(r"[()]|\\.", re.DOTALL)
_PAIR = re.compile(r"\\(.)", re.DOTALL)


class Token:
    """A token: `kind` is space, quoted, literal, word, pair, atom, comment, or the special character itself."""

    __slots__ = ("end", "kind", "opens", "start")

    def __init__(self, kind: str, start: int, end: int) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.opens = False  # whether this "<" has its ">"


def tokens_of(value: str, problem: Callable[[str, int, int], None]) -> Iterator[Token]:
    """The tokens of `value`. A quote or comment that is never closed is an ordinary character, once and for all."""
    position, comments = 0, True
    while found := _TOKEN.match(value, position):
        kind = found.lastgroup or "atom"
        position = found.end()
        if found[0] == '"':
            problem("unclosed-quote", found.start(), position)
        if kind == "special":
            kind = found[0]
            if kind == "(" and comments:
                end = _comment_end(value, found.start())
                if end:
                    yield Token("comment", found.start(), end)
                    position = end
                    continue
                comments = False
                problem("unclosed-comment", found.start(), position)
        yield Token("atom" if kind in "()" else kind, found.start(), position)


def _comment_end(value: str, start: int) -> int:
    """Where the comment that starts at `start` ends, or 0 where it never does."""
    depth = 0
    for mark in _COMMENT_MARK.finditer(value, start):
        depth += (mark[0] == "(") - (mark[0] == ")")
        if depth == 0:
            return mark.end()
    return 0


def pair_brackets(tokens: Sequence[Token]) -> None:
    """Marks each "<" that has a ">" before the next "<"."""
    closed = False
    for token in reversed(tokens):
        if token.kind == ">":
            closed = True
        elif token.kind == "<":
            token.opens, closed = closed, False


def without_space(tokens: Sequence[Token]) -> list[Token]:
    """The tokens that are neither white space nor comments."""
    return [token for token in tokens if token.kind not in ("space", "comment")]


def unquote(piece: str) -> str:
    """A token without its quotes and escapes."""
    inner = piece[1:-1] if len(piece) > 1 and piece[0] == piece[-1] == '"' else piece
    return _PAIR.sub(r"\1", inner) if "\\" in inner else inner


def shown_pieces(value: str, tokens: Sequence[Token], start: int) -> Iterator[tuple[str, int, int]]:
    """What a reader sees of a phrase: (text, start and length in it), single blanks where there is white space."""
    last = start
    for token in tokens:
        if token.start > last:
            yield " ", last - start, token.start - last
        first, end, last = token.start, token.end, token.end
        if token.kind == "quoted":
            first, end = first + 1, end - 1
        if token.kind not in ("quoted", "pair"):
            yield value[first:end], first - start, end - first
            continue
        for pair in _PAIR.finditer(value, first, end):
            yield value[first : pair.start()], first - start, pair.start() - first
            yield pair[1], pair.start() - start, 2
            first = pair.end()
        yield value[first:end], first - start, end - first


def address_problem(tokens: Sequence[Token], written: Sequence[str], at: int | None) -> str:
    """What is wrong with the form of an address, or nothing."""
    if at is None:
        return "no-domain"
    if not at or at + 1 == len(tokens):
        return "incomplete-address"
    if any(token.kind == "@" for token in tokens[:at]):
        return "several-at-signs"
    for before, after in pairwise(tokens):
        if before.end < after.start and not (before.kind == "@" or after.kind == "@"):
            return "space-in-address"
    if any(token.kind not in ("atom", "@", "quoted", "literal", "word") for token in tokens):
        return "bad-character"
    if any(token.kind == "quoted" for token in tokens[at:]):
        return "bad-character"
    local = "".join(written[:at])
    dotted = [local] if '"' not in local else []
    if not any(token.kind == "literal" for token in tokens[at:]):
        dotted.append("".join(written[at + 1 :]))
    if any(piece.startswith(".") or piece.endswith(".") or ".." in piece for piece in dotted):
        return "misplaced-dot"
    return ""
