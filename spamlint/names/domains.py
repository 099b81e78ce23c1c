"""Domains: who registered them, whether two belong together, and how an international one reads. No network."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

LONGEST_DOMAIN = 255
"""Octets of a domain (RFC 5321 4.5.3.1.2). A longer one is no domain, and nothing is looked up for it."""

LONGEST_LABEL = 63
"""Octets of one label (RFC 1035 2.3.4)."""

SECOND_LEVELS = frozenset({"ac", "co", "com", "edu", "gob", "gov", "gouv", "ne", "net", "or", "org"})
"""Labels that registries of countries put before their own, as in .co.uk and .com.br."""

OPEN_ENDINGS = frozenset({"cf", "ga", "gq", "ml", "pw", "tk"})
"""Country endings that were given away for nothing: a brand's name under one says nothing about the brand."""


@cache
def _suffixes() -> PublicSuffixList:
    """The list of public suffixes that comes with the package, in readable form: punycode takes thrice the time."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_encoded_idn=False)


def registrable(domain: str) -> str:
    """The part of `domain` that somebody registered: bakery.co.uk of news.bakery.co.uk. A bare suffix is itself.

    Two labels are always that part, or a suffix, so the list is only loaded for more than these behind a "www".
    """
    name = domain.lower().strip(".")
    name = name.removeprefix("www.") if name.count(".") == 2 else name
    if name.count(".") < 2 or len(name) > LONGEST_DOMAIN or is_address_literal(name):
        return name
    found = _suffixes().privatesuffix(readable(name))
    return ".".join(name.split(".")[-1 - str(found).count(".") :]) if found else name


def belong_together(one: str, other: str) -> bool:
    """Whether two domains are the same, one lies inside the other, or both lie inside one that somebody registered."""
    one, other = one.lower().strip("."), other.lower().strip(".")
    if one == other or one.endswith("." + other) or other.endswith("." + one):
        return True
    if one.split(".")[-2:] != other.split(".")[-2:]:  # what somebody registered has two labels at least
        return False
    return registrable(one) == registrable(other)


def main_label(domain: str) -> str:
    """The label that names the owner: "bakery" of news.bakery.co.uk. Empty where the ending is open to everybody.

    Known endings are those of countries and .com, .net and .org: enough to know a brand's own domains by, and no list
    has to be loaded. Below the others somebody else may have registered the brand's name.
    """
    labels = domain.lower().strip(".").split(".")
    ending = labels[-1]
    is_country = len(ending) == 2 and ending not in OPEN_ENDINGS
    if len(labels) < 2 or not (is_country or ending in ("com", "net", "org")):
        return ""
    if is_country and len(labels) > 2 and labels[-2] in SECOND_LEVELS:
        return labels[-3]
    return labels[-2]


def readable(domain: str) -> str:
    """`domain` with its punycode labels (xn--...) as a reader may see them. What is no punycode stays as it is."""
    if "xn--" not in domain.lower():
        return domain
    return ".".join(map(_readable_label, domain.split(".")))


def _readable_label(label: str) -> str:
    if not label.lower().startswith("xn--") or len(label) > LONGEST_LABEL:
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except ValueError:
        return label


def is_address_literal(domain: str) -> bool:
    """Whether `domain` is an IP address, in brackets as the standard has it or bare."""
    if domain.startswith("["):
        return True
    labels = domain.split(".")
    return len(labels) == 4 and all(label.isascii() and label.isdigit() for label in labels)
