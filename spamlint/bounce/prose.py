"""Returned messages that say in words only what went wrong: those of qmail, Exim, Exchange, Notes and many more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from spamlint.bounce.fields import refused_address
from spamlint.bounce.notice import Action, Refusal
from spamlint.bounce.reply import LONGEST, replies, status_code, told_status

MOST_LINES: Final = 5_000
"""Lines of one text that are read."""
_MOST_TEXT: Final = 64 * 1024

_BEFORE = r"^[\s>*]{0,9}(?:-{1,12} ?|={3,12} ?|_{3,12} ?)?(?:(?:this is|here is|below this line is|begin|start of) )?"
_OF = r"(?:(?:the|a|your|my) )?(?:copy of )?(?:(?:the|your|my) )?(?:headers? of the )?"
_NAMES = (
    "original (?:message|mail|headers?)", "original e-?mail", "copy of the (?:message|first|original)",
    "message headers? follow", "message header", "(?:returned|undelivered|unsent|failed) message", "unsent mail",
    "message text follows", "(?:message|mail|text) follows", "included (?:is a )?copy", "weitergeleitete nachricht",
)  # fmt: skip
_ORIGINAL = re.compile(f"{_BEFORE}{_OF}(?:{'|'.join(_NAMES)})", re.IGNORECASE)
_BELOW = re.compile(
    "below this line is (?:a copy|the original)|this is a copy of (?:the|your)|"
    "original message follows|message headers follow",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"^(?:Received|Return-Path|Message-ID|From|To|Subject|Date|MIME-Version|X-[\w-]{1,40}): ?\S", re.IGNORECASE
)
_ADDRESS = r"[^\s<>\"(),;:@]{1,128}@[^\s<>\"(),;:@]{1,255}?"
_RECIPIENT = re.compile(
    rf"^[\s>]{{0,9}}(?:(?:to|rcpt to|recipient|mail to|address|e-?mail|user):? ?)?<?({_ADDRESS})>?[:.,]?(?:\s|$)",
    re.IGNORECASE,
)


_DELAYED = re.compile(
    "warning message only|you do not need to resend|will be retried|attempts will continue|will keep trying|"
    "temporary failure report|not yet been delivered|has been delayed|delivery is delayed|wordt opnieuw geprobeerd",
    re.IGNORECASE,
)


def told(text: str) -> tuple[str, str]:
    """The part of `text` that the mail system wrote, and what follows: the message that comes back."""
    lines = text[:_MOST_TEXT].splitlines()[:MOST_LINES]
    for number, line in enumerate(lines):
        if _is_end(line[:200], lines[number + 1 : number + 4], number):
            return "\n".join(lines[:number]), "\n".join(lines[number + 1 :])
    return "\n".join(lines), ""


def _is_end(line: str, following: Sequence[str], number: int) -> bool:
    is_sentence = " received " in line or line.rstrip().endswith((".", ","))
    if _BELOW.search(line) or (_ORIGINAL.match(line) and not is_sentence):
        return number > 0
    return number > 1 and bool(_HEADER.match(line)) and sum(bool(_HEADER.match(other[:200])) for other in following) > 1


def refusals(text: str) -> tuple[Refusal, ...]:
    """The replies in `text`, each with the recipient named before it; one for the whole where there is none."""
    lines = text.splitlines()[:MOST_LINES]
    found = []
    recipients = list(_recipients(lines))
    for number, reply in replies(lines):
        before = [address for at, address in recipients if at <= number]
        found.append(Refusal(reply, before[-1] if before else "", status_code(reply)))
    first = recipients[0][1] if recipients else ""
    action: Action = "delayed" if _DELAYED.search(text[:_MOST_TEXT]) else "failed"
    if not found:
        return (Refusal("", first, told_status(text), action=action, more=(text,)),)
    texts = tuple(one.text for one in found)
    return tuple(
        replace(
            one,
            recipient=one.recipient or first or refused_address(one.text),
            action=action,
            more=(*(other for other in texts if other != one.text), text),
        )
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
