"""Returned messages that say in words only what went wrong: those of qmail, Exim, Exchange, Notes and many more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from spamlint.bounce.notice import Refusal
from spamlint.bounce.reply import LONGEST, replies, status_code, told_status

MOST_LINES: Final = 5_000
"""Lines of one text that are read."""
_MOST_TEXT: Final = 64 * 1024

_ORIGINAL = re.compile(
    r"^[\s>*]{0,9}(?:-{1,12} ?|={3,12} ?|_{3,12} ?)?(?:this is |the |here is |below this line is |begin |start of )?"
    r"(?:a )?(?:copy of )?(?:your |the |my )?(?:header(?:s)? of the )?"
    r"(?:original (?:message|mail|headers?)|copy of the (?:message|first|original)|message header|returned message|undelivered message|"
    r"unsent message|unsent mail|message text follows|original e-?mail|message headers follow|included (?:is a )?copy|"
    r"copy of the message|failed message|weitergeleitete nachricht|(?:message|mail) follows|text follows)",
    re.IGNORECASE,
)
_BELOW = re.compile(r"below this line is (?:a copy|the original)|this is a copy of (?:the|your)|original message follows", re.I)
_HEADER = re.compile(r"^(?:Received|Return-Path|Message-ID|From|To|Subject|Date|MIME-Version|X-[\w-]{1,40}): ?\S", re.I)
_RECIPIENT = re.compile(r"^[\s>]{0,9}(?:(?:to|rcpt to|recipient|mail to|address|e-?mail|user):? ?)?<?([^\s<>\"(),;:@]{1,128}@[^\s<>\"(),;:@]{1,255}?)>?[:.,]?(?:\s|$)", re.I)


def told(text: str) -> tuple[str, str]:
    """The part of `text` that the mail system wrote, and what follows: the message that comes back."""
    lines = text[:_MOST_TEXT].splitlines()[:MOST_LINES]
    for number, line in enumerate(lines):
        if _is_end(line[:200], lines[number + 1 : number + 4], number):
            return "\n".join(lines[:number]), "\n".join(lines[number + 1 :])
    return "\n".join(lines), ""


def _is_end(line: str, following: Sequence[str], number: int) -> bool:
    if _BELOW.search(line) or (_ORIGINAL.match(line) and not line.rstrip().endswith((".", ",")) and " received " not in line):
        return number > 0
    return number > 1 and bool(_HEADER.match(line)) and sum(bool(_HEADER.match(other[:200])) for other in following) > 1


def refusals(text: str) -> tuple[Refusal, ...]:
    """The replies that stand in `text`, each with the recipient named before it; the whole of it where there is none."""
    lines = text.splitlines()[:MOST_LINES]
    found = []
    recipients = list(_recipients(lines))
    for number, reply in replies(lines):
        before = [address for at, address in recipients if at <= number]
        found.append(Refusal(reply, before[-1] if before else "", status_code(reply)))
    first = recipients[0][1] if recipients else ""
    if not found:
        return (Refusal("", first, told_status(text), more=(text,)),)
    texts = tuple(one.text for one in found)
    return tuple(
        Refusal(one.text, one.recipient or first, one.status, more=(*(other for other in texts if other != one.text), text))
        for one in _first_of_each(found)
    )


def _first_of_each(found: Sequence[Refusal]) -> list[Refusal]:
    """One refusal for each recipient: what was said last repeats or sums up what was said first."""
    kept: dict[str, Refusal] = {}
    for one in found:
        kept.setdefault(one.recipient, one)
    named = [one for one in kept.values() if one.recipient]
    return named or list(kept.values())


def _recipients(lines: Sequence[str]) -> list[tuple[int, str]]:
    found = []
    for number, line in enumerate(lines):
        match = _RECIPIENT.match(line[:LONGEST])
        if match:
            found.append((number, match[1].strip("'.")))
    return found
