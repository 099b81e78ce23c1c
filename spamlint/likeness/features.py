"""What the model of unwanted mail looks at: words, pairs of words and marks of style, each a *feature* with a name.

A feature is named as people would write it: `free`, `click here`, `subject: free`; marks of style stand in angle
brackets. Whether a feature is there counts, not how often: repeating a word changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Final

from spamlint.words import Words, words_read

if TYPE_CHECKING:
    from spamlint.html import Document
    from spamlint.message import Message
    from spamlint.source import Text

READ_OF_SUBJECT: Final = 300
"""The same for the subject."""

READ_OF_FONTS: Final = 200
"""<font> tags that are looked at."""

SHORT: Final = 50
"""Words from which on a text counts as long."""

IN_SUBJECT: Final = "subject: "
FEWEST_WORDS: Final = 20
"""A shorter text says nothing about the share of its capitals."""

FEWEST_CAPITALS: Final = 3
"""Words in capitals; one or two may be names."""

CAPITALS: Final = {3: "<capitals 3%>", 8: "<capitals 8%>", 20: "<capitals 20%>"}
"""Share of words in capitals, in percent -> its feature; each includes those below it."""

_TOKEN: Final = re.compile(r"\S+")
_EDGES: Final = "".join(map(chr, range(33, 48))) + ":;<=>?@[\\]^_`{|}~…‘’“”„«»–—•·¡¿"
"""What stands at a word and is no part of it."""

_EDGES_AND_SPACE: Final = _EDGES + " \t\r\n"
_LONGEST_GAP: Final = 8
"""Signs and white space between two words that stand side by side."""

_CAPITALS: Final = re.compile(r"\b[A-Z]{4,}\b")
_RUN_OF_CAPITALS: Final = re.compile(r"\b[A-Z]{4,}\b(?:[ ,'-]{1,2}[A-Z]{2,20}\b){0,4}")
_AMOUNT: Final = re.compile(r"[$€£]\s?\d[\d.,]*|\d[\d.,]*\s?(?:[$€£]|\b(?:USD|EUR|GBP|dollars)\b)")
_EXCLAMATION: Final = re.compile(r"![\s!]*!")
_RED: Final = frozenset({"red", "#ff0000", "ff0000", "#f00", "#cc0000", "#ff3300"})

STYLE: Final = {
    **dict.fromkeys(("<capitals>", *CAPITALS.values()), _RUN_OF_CAPITALS),
    "<amount>": _AMOUNT,
    "<!!>": _EXCLAMATION,
    "<!>": re.compile("!"),
    "<percent>": re.compile(r"\d\s?%"),
}
"""Marks of style that stand in the text -> what they are found by. An amount says something in the subject only."""


def length(count: int) -> float:
    """What the sum of the weights is divided by, for a message of `count` words: in a long one each mark says less."""
    return float(max(1.0, count / SHORT) ** 0.8)


def pieces(message: Message) -> Iterator[Text]:
    """What is looked at of the texts of the body: the beginning of each."""
    return (words.text for words in message.fact(words_read))


def words(text: str) -> list[str]:
    """The words of `text` in small letters. An address is one word: what stands in it is none of the text."""
    return [word for token in _lower(text).split() if (word := token.strip(_EDGES))]


def distinct_words(read: Iterable[Words]) -> set[str]:
    """The different words of the texts in small letters: cheaper than `words`."""
    lowered = {small for words in read for small in map(str.lower, words.distinct)}
    plain = set(filter(str.isalnum, lowered))
    return plain.union(word.replace("’", "'").strip(_EDGES) for word in lowered - plain)


def places_of(wanted: frozenset[str], text: str) -> Iterator[tuple[int, int, str]]:
    """Where the words and the pairs of words in `wanted` stand in `text`."""
    heads = {word for feature in wanted for word in feature.split()}
    lowered = _lower(text)
    before: tuple[int, str] | None = None
    for token in _TOKEN.finditer(lowered):
        word = token[0].strip(_EDGES)
        if not word:
            continue
        start = token.start() + token[0].index(word)
        if word not in heads:
            before = None
            continue
        if word in wanted:
            yield start, start + len(word), word
        if before is not None and f"{before[1]} {word}" in wanted:
            yield before[0], start + len(word), f"{before[1]} {word}"
        before = start, word


def _lower(text: str) -> str:
    """`text` in small letters, as long as it is: some capitals have two small ones."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)
    return lowered.replace("’", "'")


def style_of_text(read: Iterable[Words]) -> Iterator[str]:
    """The marks of style in the visible text."""
    count = sum(len(words.every) for words in read)
    capitals = sum(words.count(dict.fromkeys(filter(_CAPITALS.search, words.capitals), 1)) for words in read)
    text = "\n".join(words.text.value for words in read)
    if capitals >= FEWEST_CAPITALS and count >= FEWEST_WORDS:
        share = 100 * capitals / count
        yield from (name for least, name in CAPITALS.items() if share >= least)
    if "!" in text:
        yield "<!>"
        if _EXCLAMATION.search(text):
            yield "<!!>"
    if "%" in text and STYLE["<percent>"].search(text):
        yield "<percent>"


def style_of_subject(text: str) -> Iterator[str]:
    """The marks of style in the subject."""
    if "!" in text:
        yield IN_SUBJECT + "<!>"
    if _AMOUNT.search(text):
        yield IN_SUBJECT + "<amount>"
    if "%" in text:
        yield IN_SUBJECT + "<percent>"
    if _CAPITALS.search(text):
        yield IN_SUBJECT + "<capitals>"


def fonts(documents: tuple[Document, ...]) -> Iterator[tuple[str, Text]]:
    """The marks of style of <font> tags, each with the first tag that has it."""
    tags = chain.from_iterable(document.all("font")[:READ_OF_FONTS] for document in documents)
    found: set[str] = set()
    for element in tags:
        marks = {"<font>"}
        if (element.get("color") or "").strip().lower() in _RED:
            marks.add("<font red>")
        if (element.get("size") or "").strip().lstrip("+") in {"4", "5", "6", "7"}:
            marks.add("<font large>")
        for mark in sorted(marks - found):
            yield mark, element.text
        found |= marks
        if len(found) == 3:
            return


def adjacent(lowered: str, first: str, second: str) -> bool:
    """Whether the words `first` and `second` stand side by side in a text in small letters."""
    at = lowered.find(first)
    while at >= 0:
        end = at + len(first)
        window = lowered[end : end + len(second) + _LONGEST_GAP]
        rest = window.lstrip(_EDGES_AND_SPACE)
        behind = rest[len(second) : len(second) + 1]
        alone = not behind.isalnum() and not lowered[max(0, at - 1) : at].isalnum()
        if alone and len(rest) < len(window) and rest.startswith(second):
            return True
        at = lowered.find(first, end)
    return False


def features(message: Message) -> tuple[set[str], int]:
    """The names of all features of `message`, and the number of its words: what the model is trained on."""
    found: set[str] = set()
    read = message.fact(words_read)
    of_text, count = words("\n".join(one.text.value for one in read)), sum(len(one.every) for one in read)
    found.update(of_text, map(" ".join, pairwise(of_text)), style_of_text(read))
    if message.subject is not None:
        of_subject = words(message.subject.value[:READ_OF_SUBJECT])
        count += len(of_subject)
        found.update(of_subject, map(" ".join, pairwise(of_subject)))
        found.update(style_of_subject(message.subject.value[:READ_OF_SUBJECT]))
        found.update(IN_SUBJECT + name for name in chain(of_subject, map(" ".join, pairwise(of_subject))))
    found.update(name for name, _ in fonts(message.documents))
    return found, count
