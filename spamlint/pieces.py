"""Patterns cut into pieces that one automaton can look for at once, hundreds of them, without growing slow.

Every piece of a pattern must stand in a text that the pattern matches; more is not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORD_GAP = re.compile(r"\(\?:(?:\\S\+\\s\+|\\s\+\\S\+)\)(?:\?|\{0,\d\})")
"""A few words of any kind inside a pattern: `(?:\\S+\\s+){0,3}`, or with the white space first."""

_FLAGS = re.compile(r"\(\?[ims]+\)")
_SIGN = re.compile(r"\\.|\[\^?(?:\\.|.)(?:\\.|[^\]\\])*\]?|[()|]", re.DOTALL)
"""An escaped character, a class, or a bracket or bar that means something."""

_LETTERS = re.compile(r"\\p\{L[lu]?\}|\\.|\[\^?(?:\\.|.)(?:\\.|[^\]\\])*\]", re.DOTALL)
"""A class of letters of all scripts, an escaped character, or a class in brackets."""

_ESCAPED = re.compile(r"\\p\{L[lu]?\}|\\.", re.DOTALL)
_ANY_LETTER = r"\x{80}-\x{10FFFF}A-Za-z"
"""More than the letters of all scripts, in a hundredth of the states."""

_MAY_BE_MISSING = re.compile(r"[?*]|\{0?,\d*\}")


def pieces(pattern: str) -> list[str]:
    """`pattern` cut at its gaps of any words. Among hundreds of others a gap would multiply the automaton's states."""
    pattern = _LETTERS.sub(_widened, pattern) if r"\p{L" in pattern else pattern
    flags = _FLAGS.match(pattern)
    prefix = flags[0] if flags else ""
    body = pattern[len(prefix) :]
    gaps = list(_WORD_GAP.finditer(body))
    if not gaps or len(list(_branches(body))) > 1:
        return [pattern]
    found, start = [], 0
    for gap in gaps:
        piece = body[start : gap.start()]
        if piece and _depth(piece) == 0:
            found.append(prefix + piece)
            start = gap.end()
    return [*found, prefix + body[start:]]


def _widened(sign: re.Match[str]) -> str:
    """Any letters in place of a class of them; whatever else `sign` is, as it is, but for such classes in brackets."""
    found = sign[0]
    if found.startswith("[") and not found.startswith("[^"):
        return _ESCAPED.sub(lambda inner: _ANY_LETTER if inner[0].startswith(r"\p{L") else inner[0], found)
    return f"[{_ANY_LETTER}]" if found.startswith(r"\p{L") else found


def bounded(piece: str) -> str | None:
    """`piece` behind a word boundary, which leaves the automaton little to follow inside words; None if it cannot be.

    It can where the piece always begins with an ASCII letter or digit, in a pattern for whole words.
    """
    flags = _FLAGS.match(piece)
    prefix = flags[0] if flags else ""
    body = piece[len(prefix) :]
    if "_" in body or not _begins_a_word(body):
        return None
    return rf"{prefix}\b(?:{body})"


def _begins_a_word(expression: str) -> bool:
    return all(map(_branch_begins_a_word, _branches(expression)))


def _branch_begins_a_word(branch: str) -> bool:
    if branch.startswith("(?:"):
        end = _close(branch)
        first = _begins_a_word(branch[3 : end - 1])
    elif branch[:1].isascii() and branch[:1].isalnum():
        end, first = 1, True
    else:
        return False
    missing = _MAY_BE_MISSING.match(branch, end)
    return first and (missing is None or _branch_begins_a_word(branch[missing.end() :]))


def _branches(expression: str) -> Iterator[str]:
    """`expression` cut at the bars that stand in no group and no class."""
    if "(" not in expression and "[" not in expression and "\\|" not in expression:
        yield from expression.split("|")
        return
    depth = start = 0
    for index, letter in _signs(expression) if "|" in expression else ():
        if letter == "|" and not depth:
            yield expression[start:index]
            start = index + 1
        depth += (letter == "(") - (letter == ")")
    yield expression[start:]


def _close(expression: str) -> int:
    """The end of the group that `expression` begins with."""
    depth = 0
    for index, letter in _signs(expression):
        depth += (letter == "(") - (letter == ")")
        if not depth:
            return index + 1
    return len(expression)


def _depth(expression: str) -> int:
    """How many groups and classes are open at the end of `expression`."""
    return sum((letter == "(") - (letter == ")") for _, letter in _signs(expression))


def _signs(expression: str) -> Iterator[tuple[int, str]]:
    """The brackets and bars of `expression` that are neither escaped nor inside a class."""
    return ((sign.start(), sign[0]) for sign in _SIGN.finditer(expression) if sign[0] in "()|")
