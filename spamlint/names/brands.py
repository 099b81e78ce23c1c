"""Brands: which one a display name claims, which one a domain imitates, and which domains are a brand's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from spamlint.names import brand_names
from spamlint.names.domains import LONGEST_DOMAIN, main_label
from spamlint.names.lookalikes import one_off, plain, skeleton

_BETWEEN = re.compile(r"[^a-z0-9+]+")
_SIGNS = dict.fromkeys(map(ord, "™®©℠"))
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST_NAME = 200
_MOST_WORDS = 4
_SHORTEST_SKELETON = 5
_SHORTEST_NEAR = 7


@cache
def distinct() -> Mapping[str, str]:
    """Name -> its domains, for names that mean one thing wherever they stand."""
    return _table(brand_names.DISTINCT)


@cache
def words() -> Mapping[str, str]:
    """Name -> its domains, for names that are also words."""
    return _table(brand_names.WORDS)


@cache
def _neutral() -> frozenset[str]:
    return frozenset(brand_names.NEUTRAL.split())


def _table(lines: str) -> dict[str, str]:
    return {name: owned.strip() for name, _, owned in (line.partition(":") for line in lines.strip().splitlines())}


def owned_by(domain: str, owned: str) -> bool:
    """Whether `domain` is one of the domains in `owned`, a value of the tables."""
    label = main_label(domain)
    return any(domain == own or domain.endswith("." + own) if "." in own else label == own for own in owned.split())


def brand_in(name: str) -> tuple[str, str, bool] | None:
    """The brand that a display name claims to be, with its domains, and whether it says little else.

    "PayPal via Bakery" says that somebody else sends it, and claims nothing.
    """
    shown = name[:_LONGEST_NAME].translate(_SIGNS)
    parted = _CAMEL.sub(" ", shown)
    found = _brand_among(list(filter(None, _BETWEEN.split(plain(shown)))))
    if found is None and parted != shown:
        found = _brand_among(list(filter(None, _BETWEEN.split(plain(parted)))))
    return found


def _brand_among(said: list[str]) -> tuple[str, str, bool] | None:
    known, sometimes, neutral = distinct(), words(), _neutral()
    for start, stop, joined in _runs(said):
        surely = known.get(joined) or _mistaken(joined)
        if not surely and joined not in sometimes:
            continue
        others = said[:start] + said[stop:]
        alone = all(word in neutral or word.isdigit() for word in others)
        owned = surely or (sometimes[joined] if alone else None)
        if owned and "via" not in others:
            return " ".join(said[start:stop]), owned, alone
    return None


def _runs(words: list[str]) -> Iterator[tuple[int, int, str]]:
    """Each run of neighbouring words, longest first, joined."""
    for length in range(min(_MOST_WORDS, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            yield start, start + length, "".join(words[start : start + length])


@cache
def skeletons() -> Mapping[str, str]:
    """Skeleton -> name, for the names of five letters and more that are no words."""
    return {skeleton(name): name for name in distinct() if len(name) >= _SHORTEST_SKELETON}


def _mistaken(joined: str) -> str | None:
    """The domains of the name that `joined` can be mistaken for, where it is written with other characters."""
    name = skeletons().get(skeleton(joined)) if len(joined) >= _SHORTEST_SKELETON else None
    return distinct()[name] if name else None


def imitated_by(domain: str) -> tuple[str, str] | None:
    """The brand that a domain in readable form imitates, and how: "letters", "inside" or "front"."""
    labels = domain.lower().split(".") if len(domain) <= LONGEST_DOMAIN else []
    for index, label in enumerate(labels[:-1]):
        found = _lettered(label) or _inside(label) or _in_front(label, labels[index + 1 :])
        if found and not owned_by(domain, distinct()[found[0]]):
            return found
    return None


def _lettered(label: str) -> tuple[str, str] | None:
    """The brand that `label` is but for a letter. A name cut short is often a word: barclay, correio."""
    name = skeletons().get(skeleton(label))
    if name and label != name:
        return name, "letters"
    bare = plain(label)
    if len(bare) < _SHORTEST_NEAR or bare in distinct():
        return None
    alike = _by_letter_and_length().get((bare[0], len(bare)), ())
    near = next((one for one in alike if one_off(bare, one) and not one.startswith(bare)), None)
    return (near, "letters") if near else None


@cache
def _by_letter_and_length() -> Mapping[tuple[str, int], list[str]]:
    """First letter and a length -> names that a label of that length can be with a letter amiss."""
    names: dict[tuple[str, int], list[str]] = {}
    for name in distinct():
        if len(name) >= _SHORTEST_NEAR - 1:
            for length in (len(name) - 1, len(name), len(name) + 1):
                names.setdefault((name[0], length), []).append(name)
    return names


def _inside(label: str) -> tuple[str, str] | None:
    """The brand that is a word of `label`, as in paypal-help."""
    if "-" not in label and "_" not in label:
        return None
    pieces = _BETWEEN.split(plain(label))
    names = ("".join(pieces), *(piece for piece in pieces if len(piece) >= _SHORTEST_SKELETON))
    return next(((name, "inside") for name in names if name in distinct()), None)


def _in_front(label: str, behind: list[str]) -> tuple[str, str] | None:
    """The brand whose whole domain stands in front of another, as in paypal.com.bakery.example."""
    is_front = label in distinct() and len(behind) > 2 and behind[0] in ("com", "nl", "net", "org", "de", "co")
    return (label, "front") if is_front else None
