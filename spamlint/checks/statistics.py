"""Checks on how much a message as a whole is like unwanted mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from spamlint.message import Message
from spamlint.rule import Hit

if TYPE_CHECKING:
    from spamlint.likeness import Reason
    from spamlint.links.collect import Link

LONGEST_QUOTE = 30
"""Characters of one reason that a message quotes."""

_WEB = ("http", "https")


def reads_like_spam(
    message: Message,
    *,
    at_least: int = 40,
    below: int = 100,
    fewest_reasons: int = 3,
    fewest_words: int = 2,
    shown: int = 8,
) -> Iterator[Hit]:
    """The weightiest reasons, `shown` at most, why a message reads like unwanted mail, from `at_least` to `below`.

    Fewer than `fewest_reasons` words and marks of style are no likeness, however strong each is; nor are marks of style
    alone, which are found in every language: `fewest_words` of the reasons are words.
    """
    likeness, reasons = _likeness(message, at_least, fewest_reasons, fewest_words)
    if likeness < below:
        quotes = _quotes(reasons[:shown])
        for reason in sorted(reasons[:shown], key=lambda reason: reason.order):
            yield Hit(reason.text, {"likeness": likeness, "reasons": quotes})


def few_links(
    message: Message,
    *,
    at_least: int = 30,
    most_links: int = 4,
    fewest_reasons: int = 3,
    fewest_words: int = 2,
    shown: int = 5,
) -> Iterator[Hit]:
    """Each of at most `most_links` different web addresses of a message that reads like unwanted mail."""
    likeness, reasons = _likeness(message, at_least, fewest_reasons, fewest_words)
    if not reasons:
        return
    from spamlint.links.collect import links

    different: dict[str, Link] = {}
    for link in message.fact(links):
        if link.address.scheme in _WEB:
            different.setdefault(link.written, link)
            if len(different) > most_links:
                return
    quotes = _quotes(reasons[:shown])
    for link in different.values():
        yield Hit(link.target, {"likeness": likeness, "reasons": quotes, "links": len(different)})


def _likeness(message: Message, at_least: int, fewest_reasons: int, fewest_words: int) -> tuple[int, list[Reason]]:
    """How much `message` reads like unwanted mail, and why; no reasons where that is too little."""
    from spamlint.likeness import read

    reading = message.fact(read)
    if reading.likeness < at_least or len(reading.found) < fewest_reasons:
        return reading.likeness, []
    reasons = message.fact(_reasons)
    if len(reasons) < fewest_reasons or sum(reason.is_word for reason in reasons) < fewest_words:
        return reading.likeness, []
    return reading.likeness, reasons


def _reasons(message: Message) -> list[Reason]:
    from spamlint.likeness import read

    return message.fact(read).reasons(message)


def _quotes(reasons: list[Reason]) -> str:
    return ", ".join(f'"{_quote(reason.text.value)}"' for reason in reasons)


def _quote(words: str) -> str:
    plain = " ".join(words.split())
    return plain if len(plain) <= LONGEST_QUOTE else plain[: LONGEST_QUOTE - 1] + "…"
