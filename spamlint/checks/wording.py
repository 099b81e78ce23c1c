"""Checks on how the text of a message is written: capitals, exclamation marks, amounts, empty lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from spamlint.message import Message
from spamlint.rule import Hit
from spamlint.source import Text
from spamlint.words import READ, Words, words_read

MOST_SHOWN = 50
"""Places that one check gives; the rest is counted with the last."""

_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_CURRENCIES = ("$", "€", "£", "¥", "₹", "EUR", "USD", "GBP", "euro", "dollars")
_EXCLAMATIONS = "!！‼❗❕"
_MARKS = re.compile(r"(?<![<\[#({=&|])[!！‼❗❕](?:[!?！？‼❗❕]|\ufe0f)*(?![=\[\w(])")
_AMOUNT = re.compile(
    r"(?:US\$|[$€£¥₹]|\b(?:USD|EUR|GBP)\b)\s?\d(?:[\d.,]*\d)?|\b\d[\d.,]*\s?(?:€|£|\$(?!\w)|(?:euro|EUR|USD|dollars)\b)"
)
_EMOJI = re.compile(r"[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55\u231a\u23f0]")


LONG = 4
"""Letters of a word that is no acronym."""


class Tone(NamedTuple):
    """One text, how many words it has, and how many of those of `LONG` letters shout."""

    text: Text
    words: int
    shouted: int


def tones(message: Message) -> tuple[Tone, ...]:
    """The tone of each text that a reader sees. Capitals are those of any script; a script without case has none."""
    return tuple(map(_tone, message.fact(words_read)))


def _tone(words: Words) -> Tone:
    loud = words.capitals
    if "ß" in words.text.value:
        loud = loud.union(filter(_shouts, words.distinct))
    shouted = {word: sum(map(_shouts, _LONG_WORD.findall(word))) for word in loud if len(word) >= LONG}
    return Tone(words.text, len(words.every), words.count(shouted))


def _shouts(word: str) -> bool:
    return word.isupper() or ("ß" in word and word.replace("ß", "").isupper())  # ß has no capital


def shouted_words(message: Message, *, at_least: int = 5, share: int = 6) -> Iterator[Hit]:
    """Runs of words in capitals, where there are `at_least` of them and they are `share` percent of the long words."""
    for tone in message.fact(tones):
        if tone.shouted < at_least:
            continue
        percent = tone.shouted * 100 // max(1, len(_LONG_WORD.findall(tone.text.value)))
        if percent >= share:
            values = {"percent": percent, "words": tone.shouted}
            yield from _limited(Hit(tone.text[start:end], values) for start, end in _runs(tone.text.value))


def _runs(value: str) -> Iterator[tuple[int, int]]:
    """Shouted words side by side as one range."""
    spans = [word.span() for word in _LONG_WORD.finditer(value) if _shouts(word[0])]
    start, last = spans[0]
    for word_start, word_end in spans[1:]:
        if word_start - last > LONG:
            yield start, last
            start = word_start
        last = word_end
    yield start, last


def many_exclamation_marks(message: Message, *, at_least: int = 4, per_hundred: int = 2) -> Iterator[Hit]:
    """Exclamation marks, where there are `at_least` and `per_hundred` for each hundred words."""
    for tone in message.fact(tones):
        if _most(tone, _EXCLAMATIONS, per_hundred) >= at_least:
            yield from _density(tone, _MARKS, _EXCLAMATIONS, at_least, per_hundred)


def many_amounts(message: Message, *, at_least: int = 4, per_hundred: int = 3) -> Iterator[Hit]:
    """Amounts of money, where there are `at_least` and `per_hundred` for each hundred words."""
    for tone in message.fact(tones):
        if _most(tone, _CURRENCIES, per_hundred) >= at_least:
            yield from _density(tone, _AMOUNT, "", at_least, per_hundred)


def many_emoji(message: Message, *, at_least: int = 3, per_hundred: int = 2) -> Iterator[Hit]:
    """Pictures among the words, where there are `at_least` and `per_hundred` for each hundred words."""
    for tone in message.fact(tones):
        if not tone.text.value.isascii():
            yield from _density(tone, _EMOJI, "", at_least, per_hundred)


def _most(tone: Tone, signs: Iterable[str], per_hundred: int) -> int:
    """How many places with one of `signs` there can be at most; 0 where they are too few for the words."""
    count = sum(map(tone.text.value.count, signs))
    return count if count * 100 // max(1, tone.words) >= per_hundred else 0


def _density(tone: Tone, pattern: re.Pattern[str], counted: str, least: int, per_hundred: int) -> Iterator[Hit]:
    """What `pattern` finds, each counting once or, where `counted` is given, as many characters of that it holds."""
    places = list(pattern.finditer(tone.text.value))
    counts = [sum(map(place[0].count, counted)) if counted else 1 for place in places]
    density = sum(counts) * 100 // max(1, tone.words)
    if sum(counts) >= least and density >= per_hundred:
        values = {"density": density, "marks": sum(counts), "words": tone.words}
        yield from _limited(
            Hit(tone.text[place.start() : place.end()], values, count=count)
            for place, count in zip(places, counts, strict=True)
        )


def blank_padding(message: Message, *, in_a_row: int = 12) -> Iterator[Hit]:
    """Runs of `in_a_row` empty lines in a text part, with something to read behind them."""
    for part in message.text_parts:
        value = part.text.value[: 10 * READ]
        start = run = at = 0
        for line in value.splitlines(keepends=True):
            if line.isspace():
                start = at if not run else start
                run += 1
            else:
                if run >= in_a_row:
                    yield Hit(part.text[start:at], {"lines": run})
                run = 0
            at += len(line)


def _limited(hits: Iterator[Hit]) -> Iterator[Hit]:
    """The first `MOST_SHOWN` of `hits`."""
    for hit, _ in zip(hits, range(MOST_SHOWN), strict=False):
        yield hit
