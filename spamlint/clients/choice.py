"""What the chosen mail programs lack, worked out once for each choice, and its uses, found once in each message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from spamlint.clients.support import Support
from spamlint.clients.uses import Use, find_uses

if TYPE_CHECKING:
    from spamlint.message import Message

Lacking: TypeAlias = Mapping[str, frozenset[str]]
"""Feature -> the clients of which the table says the same."""
Finder: TypeAlias = Callable[["Message"], Sequence[Use]]


@cache
def lacking(support: Support, clients: tuple[str, ...], skip: tuple[str, ...], letter: str) -> Lacking:
    """The features for which the table has `letter` for some of the chosen clients, without those in `skip`."""
    wanted = frozenset(support.resolved(clients))
    rows = ((slug, support.clients_with(slug, letter) & wanted) for slug in support.features if slug not in skip)
    return {slug: found for slug, found in rows if found}


@cache
def share(support: Support, letter: str) -> Mapping[str, int]:
    """Feature -> of how many of a hundred tested clients the table says `letter`."""
    return {slug: _percent(row.support, letter) for slug, row in support.features.items()}


@cache
def worth_finding(
    support: Support, clients: tuple[str, ...], skip: tuple[str, ...], at_most_percent: int
) -> frozenset[str]:
    """The features that one of the clients lacks, and those that it has in part while few of all have them whole."""
    whole = share(support, "y")
    partly = {slug for slug in lacking(support, clients, skip, "a") if whole[slug] <= at_most_percent}
    return frozenset(lacking(support, clients, skip, "n").keys() | partly)


def _percent(letters: str, letter: str) -> int:
    known = len(letters) - letters.count("u")
    return 100 * letters.count(letter) // known if known else 0


@cache
def finder(support: Support, slugs: frozenset[str]) -> Finder:
    """The function that finds the uses of those features in a message: the same one for the same features."""

    def find(message: Message) -> Sequence[Use]:
        return [
            use for document in message.documents for use in find_uses(document, support, slugs, message.limits.places)
        ]

    return find


def uses_of(message: Message, support: Support, slugs: Iterable[str]) -> Sequence[Use]:
    """The uses of those features in the message, found once however many rules ask."""
    return message.fact(finder(support, frozenset(slugs)))
