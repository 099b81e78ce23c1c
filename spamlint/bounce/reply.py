"""SMTP replies in running text: their codes, and many lines of one reply as one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

LONGEST = 4_000
"""Code points of one diagnostic that are looked at."""
MOST = 200
"""Replies of one text that are looked at."""

_STATUS = re.compile(r"(?<![\w.])([245]\.\d{1,3}\.\d{1,3})(?![\w]|\.\d)")
_AT_START = re.compile(r"^\W{0,9}(?:smtp ?; ?)?\W{0,3}([245]\d\d)(?:[ \-#;,.:]|$)", re.IGNORECASE)
_WITHIN = re.compile(r"(?:(?<=[\s:;('\"<>])|(?<=said:)|(?<=->))([45]\d\d)[ \-](?=[<#\w'\"(:*\[/])")
_TYPE = re.compile(r"^\s{0,9}(?:smtp|x-[\w-]{1,40}|unknown|dns|lmtp)\s{0,3};\s{0,9}", re.IGNORECASE)
_WRAPPED = re.compile(r"^[45]\.\d\.\d - [\w ]{1,60} (?=[45]\d\d[- ]')")
_TOLD = re.compile(
    r"(?:#|\(|[245]\d\d[ -]|status:? ?|dsn=|code:? ?)([45]\.\d{1,3}\.\d{1,3})(?![\w]|\.\d)", re.IGNORECASE
)
_BLANKS = re.compile(r"\s+")
_LINE = re.compile(r"^[ \t>]{0,20}(?:<<< ?|<- ?|[sS]: ?|Reason: ?|\(reason: ?)?([245]\d\d)(-| |$)")


def one_line(text: str) -> str:
    """`text` in one line, without the codes that repeat at the start of each line of a reply."""
    plain = _BLANKS.sub(" ", text[:LONGEST]).strip()
    code = reply_code(plain)
    if not code or plain.count(code) < 2:
        return plain
    first = plain.find(code) + len(code)
    repeated = re.compile(rf"(?<=[\s>]){code}(?:-| )(?:\d\.\d{{1,3}}\.\d{{1,3}}(?: |$))?")
    return plain[:first] + _BLANKS.sub(" ", repeated.sub("", plain[first:]))


def without_type(diagnostic: str) -> str:
    """A Diagnostic-Code without the "smtp;" before it, and without what Cisco puts around a reply."""
    return _WRAPPED.sub("", _TYPE.sub("", diagnostic, count=1), count=1)


def reply_code(text: str) -> str:
    """The reply code, as 550, or ""."""
    found = _AT_START.search(text[:80]) or _WITHIN.search(text[:LONGEST])
    return found[1] if found else ""


def status_code(text: str) -> str:
    """The first enhanced status code that is no success, else the first, else ""."""
    codes = _STATUS.findall(text[:LONGEST])
    return next((code for code in codes if code[0] != "2"), codes[0] if codes else "")


def told_status(text: str) -> str:
    """The first enhanced status code in running text that is marked as one: version numbers look alike."""
    found = _TOLD.search(text)
    return found[1] if found else ""


def replies(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each reply in the lines, with the number of the line where it starts: "550-one", "550 two" are one."""
    found, number = 0, 0
    while number < len(lines) and found < MOST:
        line = lines[number][:LONGEST]
        start = _start(line)
        if start is None:
            number += 1
            continue
        piece, begins = [line[start:]], number
        code = line[start : start + 3]
        number += 1
        while number < len(lines) and len(piece) < MOST and _goes_on(lines[number][:LONGEST], code):
            piece.append(lines[number][:LONGEST])
            number += 1
        found += 1
        yield begins, one_line(_joined(piece))


def _start(line: str) -> int | None:
    at_start = _LINE.match(line)
    if at_start:
        return at_start.start(1)
    within = _WITHIN.search(line)
    return within.start(1) if within else None


def _goes_on(line: str, code: str) -> bool:
    """Whether the line belongs to the reply that began with `code`."""
    found = _LINE.match(line)
    if found:
        return found[1] == code
    stripped = line.strip()
    return bool(stripped) and line[:1] in " \t" and not stripped.startswith(("<", ">>>", "host ", "---"))


def _joined(pieces: Sequence[str]) -> str:
    return " ".join(piece.strip().removeprefix("<<<").removeprefix("<-").strip() for piece in pieces)
