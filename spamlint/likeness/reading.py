"""One message against the weights: how much it reads like unwanted mail, and for which reasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spamlint.likeness.features import (
    IN_SUBJECT,
    READ_OF_SUBJECT,
    STYLE,
    fonts,
    found_words,
    length,
    pairs,
    pieces,
    style_of_subject,
    style_of_text,
    words,
)
from spamlint.likeness.weights import Weights, weights

if TYPE_CHECKING:
    from spamlint.message import Message
    from spamlint.source import Text


@dataclass(frozen=True, slots=True)
class Reason:
    """A feature of the message, with its first place."""

    feature: str
    weight: float
    text: Text


@dataclass(frozen=True, slots=True)
class Reading:
    """How much a message reads like unwanted mail, from 0 to 99; 50 is as much wanted as unwanted mail."""

    message: Message
    likeness: int
    found: tuple[str, ...]
    """The features of the message that have a weight, the heaviest first."""

    def reasons(self, most: int) -> list[Reason]:
        """The `most` heaviest of them with their places, the heaviest first; what stands inside another is left out."""
        places = dict(_places(self.message, frozenset(self.found)))
        every = weights().every
        taken: list[Reason] = []
        for feature in self.found:
            text = places.get(feature)
            if text is not None and not any(_overlap(text, reason.text) for reason in taken):
                taken.append(Reason(feature, every[feature], text))
                if len(taken) == most:
                    break
        return taken


def read(message: Message) -> Reading:
    """The reading of `message`."""
    known = weights()
    found, count = _known_features(message, known)
    total = sum(map(known.every.__getitem__, found)) / length(count)
    ordered = sorted(found, key=lambda feature: (-known.every[feature], feature))
    return Reading(message, int(100 * total / (total + known.half)), tuple(ordered))


def _known_features(message: Message, known: Weights) -> tuple[set[str], int]:
    """The features of `message` that have a weight, and the number of its words."""
    text = "\n".join(piece.value for piece in pieces(message.body))
    of_text = words(text)
    count = len(of_text)
    found = set(known.words.intersection(of_text))
    found.update(map(" ".join, known.pairs.intersection(pairs(of_text))))
    style = [*style_of_text(text, count), *(name for name, _ in fonts(message.documents))]
    if message.subject is not None:
        subject = message.subject.value[:READ_OF_SUBJECT]
        of_subject = words(subject)
        count += len(of_subject)
        found.update(known.words.intersection(of_subject))
        joined = list(map(" ".join, pairs(of_subject)))
        found.update(pair for pair in joined if pair in known.every)
        style += [IN_SUBJECT + name for name in (*of_subject, *joined)]
        style += style_of_subject(subject)
    found.update(feature for feature in style if feature in known.every)
    return found, count


def _places(message: Message, wanted: frozenset[str]) -> Iterator[tuple[str, Text]]:
    """The features in `wanted` with their places; of a feature that comes twice, the last counts."""
    subject = message.subject
    if subject is not None:
        for feature, text in _found_in(subject[:READ_OF_SUBJECT], wanted):
            yield feature, text
            yield IN_SUBJECT + feature, text
    for feature, tag in reversed(list(fonts(message.documents))):
        yield feature, tag
    for piece in reversed(list(pieces(message.body))):
        yield from reversed(list(_found_in(piece, wanted)))


def _found_in(text: Text, wanted: frozenset[str]) -> Iterator[tuple[str, Text]]:
    """Every word, pair and mark of style of `text` that is wanted there or in the subject, in the order of the text."""
    before, start_before = "", 0
    for word, start, end in found_words(text.value):
        for feature, at in ((word, start), (f"{before} {word}", start_before)):
            if feature in wanted or IN_SUBJECT + feature in wanted:
                yield feature, text[at:end]
        before, start_before = word, start
    for feature, pattern in STYLE.items():
        if feature in wanted or IN_SUBJECT + feature in wanted:
            place = pattern.search(text.value)
            if place is not None:
                yield feature, text[place.start() : place.end()]


def _overlap(one: Text, other: Text) -> bool:
    """Whether the two, which are slices, share a place or say the same."""
    if " ".join(one.value.lower().split()) in " ".join(other.value.lower().split()):
        return True
    if one.outer is not other.outer:
        return False
    start, end = one.outward(0, len(one))
    first, last = other.outward(0, len(other))
    return start < last and first < end
