"""Checks on how much a message as a whole is like unwanted mail."""

from __future__ import annotations

from collections.abc import Iterator

from spamlint.message import Message
from spamlint.rule import Hit

LONGEST_QUOTE = 30
"""Characters of one reason that a message quotes."""


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
    from spamlint.likeness import read

    reading = message.fact(read)
    if not at_least <= reading.likeness < below or len(reading.found) < fewest_reasons:
        return
    reasons = reading.reasons(message)
    if len(reasons) < fewest_reasons or sum(reason.is_word for reason in reasons) < fewest_words:
        return
    reasons = reasons[:shown]
    quotes = ", ".join(f'"{_quote(reason.text.value)}"' for reason in reasons)
    for reason in sorted(reasons, key=lambda reason: reason.order):
        yield Hit(reason.text, {"likeness": reading.likeness, "reasons": quotes})


def _quote(words: str) -> str:
    plain = " ".join(words.split())
    return plain if len(plain) <= LONGEST_QUOTE else plain[: LONGEST_QUOTE - 1] + "…"
