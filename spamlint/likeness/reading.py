"""One message against the weights: how much it reads like unwanted mail, and for which reasons."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from spamlint.likeness.features import (
    IN_SUBJECT,
    READ_OF_SUBJECT,
    STYLE,
    adjacent,
    distinct_words,
    fonts,
    length,
    pieces,
    places_of,
    style_of_subject,
    style_of_text,
    words,
)
from spamlint.likeness.weights import Weights, weights
from spamlint.words import words_read

if TYPE_CHECKING:
    from spamlint.message import Message
    from spamlint.source import Text


class Reason(NamedTuple):
    """A feature of the message, with its first place."""

    feature: str
    weight: float
    text: Text
    order: int
    """Which of the places in the message this is: the subject first, then tags, then the text."""

    @property
    def is_word(self) -> bool:
        """Whether it is a word or a pair of words, not a mark of style."""
        return not self.feature.endswith(">")


class Reading(NamedTuple):
    """How much a message reads like unwanted mail, from 0 to 99; 50 is as much wanted as unwanted mail."""

    known: Weights
    likeness: int
    found: tuple[str, ...]
    """The features of the message that have a weight, the heaviest first."""

    def reasons(self, message: Message) -> list[Reason]:
        """Those of them that stand for themselves, with their places in `message`, which was read.

        What shares its place with a heavier one is left out.
        """
        places: dict[str, tuple[Text | None, int]] = {}
        for order, (feature, text) in enumerate(_places(message, frozenset(self.found))):
            places.setdefault(feature, (text, order))
        taken: list[Reason] = []
        for feature in self.found:
            place, order = places.get(feature, (None, 0))
            if place is None or any(_overlap(place, reason.text) for reason in taken):
                continue
            taken.append(Reason(feature, self.known.every[feature], place, order))
        return taken


def read(message: Message, known: Weights | None = None) -> Reading:
    """The reading of `message`, against the weights that come with spamlint where no others are given."""
    known = known or weights()
    found, count = _known_features(message, known)
    total = sum(map(known.every.__getitem__, found)) / length(count)
    ordered = sorted(found, key=lambda feature: (-known.every[feature], -len(feature), feature))
    return Reading(known, int(100 * total / (total + known.half)), tuple(ordered))


def _known_features(message: Message, known: Weights) -> tuple[set[str], int]:
    """The features of `message` that have a weight, and the number of its words."""
    texts = message.fact(words_read)
    of_text, count = distinct_words(texts), sum(len(one.every) for one in texts)
    found = set(known.words & of_text)
    likely = [pair for pair in known.pairs if pair[0] in of_text and pair[1] in of_text]
    if likely:
        lowered = "\n".join(one.text.value for one in texts).lower()
        found.update(" ".join(pair) for pair in likely if adjacent(lowered, *pair))
    style = [*style_of_text(texts), *(name for name, _ in fonts(message.documents))]
    if message.subject is not None:
        subject = message.subject.value[:READ_OF_SUBJECT]
        of_subject = words(subject)
        count += len(of_subject)
        found.update(known.words.intersection(of_subject))
        joined = list(map(" ".join, pairwise(of_subject)))
        found.update(pair for pair in joined if pair in known.every)
        style += [IN_SUBJECT + name for name in (*of_subject, *joined)]
        style += style_of_subject(subject)
    found.update(feature for feature in style if feature in known.every)
    return found, count


def _places(message: Message, wanted: frozenset[str]) -> Iterator[tuple[str, Text]]:
    """The features in `wanted` with their places, each as often as it comes."""
    subject = message.subject
    if subject is not None:
        everywhere = wanted | {feature.removeprefix(IN_SUBJECT) for feature in wanted}
        for feature, text in _found_in(subject[:READ_OF_SUBJECT], everywhere):
            yield feature, text
            yield IN_SUBJECT + feature, text
    yield from fonts(message.documents)
    for piece in pieces(message):
        yield from _found_in(piece, wanted)


def _found_in(text: Text, wanted: frozenset[str]) -> Iterator[tuple[str, Text]]:
    """The places of the words, pairs and marks of style in `wanted`, in the order of `text`."""
    ranges = list(places_of(wanted, text.value))
    for feature, pattern in STYLE.items():
        place = pattern.search(text.value) if feature in wanted else None
        if place is not None:
            ranges.append((place.start(), place.end(), feature))
    for start, end, feature in sorted(ranges):
        yield feature, text[start:end]


def _overlap(one: Text, other: Text) -> bool:
    """Whether the two, which are slices, share a place or say the same."""
    if " ".join(one.value.lower().split()) in " ".join(other.value.lower().split()):
        return True
    if one.outer is not other.outer:
        return False
    start, end = one.outward(0, len(one))
    first, last = other.outward(0, len(other))
    return start < last and first < end
