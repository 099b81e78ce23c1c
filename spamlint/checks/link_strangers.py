"""Checks on links that lead to others than the sender."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from spamlint.message import Message
from spamlint.rule import Hit
from spamlint.verdict import Value

if TYPE_CHECKING:
    from spamlint.links.collect import Link
    from spamlint.links.strangers import Strangers

RANDOM_HOSTS = (
    "dropbox.com", "figma.com", "github.com", "google.com", "icloud.com", "live.com", "loom.com", "microsoft.com",
    "notion.so", "office.com", "sharepoint.com", "slack.com", "spotify.com", "teams.microsoft.com", "trello.com",
    "wetransfer.com", "zoom.us",
)  # fmt: skip
"""Services for sharing that give every document and meeting a random address."""

CALLS = (
    "access", "activate", "cancel", "claim", "collect", "confirm",
    "download", "log in", "login",  "pay",  "reactivate", "recover", "renew", "release",
    "restore", "review",  "sign in", "sign on", "track", "unlock", "update", "upgrade", "validate",
    "verify", "withdraw",
    "aanmelden", "activeer", "betaal", "betalen",  "bevestig", "bevestigen", "bijwerken", "controleer",
    "controleren", "deblokkeer", "deblokkeren", "herstel", "heractiveer", "inloggen", "log hier in",
    "ontgrendel",  "valideer", "verifieer", "verifiëren", "verleng", "verlengen", "vernieuw",
)  # fmt: skip
"""Words of buttons that ask for a deed, after the warnings of APWG and Fraudehelpdesk."""

UNSUBSCRIBE = (
    r"(?i)unsubscri|opt[- ]?out|remove me|stop receiving|uitschrijv|afmeld|abmeld|abbestell|austragen|d[ée]sinscri"
    r"|d[ée]sabonn|darse de baja|cancelar (?:la )?suscrip|descadastr|cancelar inscri|disiscri"
)
"""Words of links that end a subscription, in the languages of Western Europe."""

_SHORTEST_TOKEN = 24
_FEWEST_TURNS = 7
_LONGEST_TEXT = 120
_LONGEST_PATH = 2_000


def one_stranger(message: Message, *, links: int = 2, most: int = 0, services: tuple[str, ...] = ()) -> Iterator[Hit]:
    """The first link of an HTML message that has `links` or more, all to one domain that is not the sender's.

    A message with more than `most` links, if that is not 0, is another rule's.
    """
    found = _of_stranger(message, services)
    if found is None or not found.is_all or len(found.domains) != 1 or len(found.web) < links:
        return
    if not most or len(found.web) <= most:
        values: dict[str, Value] = {"domain": found.domains[0], "sender": found.sender, "links": len(found.web)}
        yield Hit(found.strange[0].target, values)


def only_strangers(message: Message, *, domains: int = 2, services: tuple[str, ...] = ()) -> Iterator[Hit]:
    """The first link to each host of an HTML message whose links go to `domains` or more, none of them the sender's."""
    found = _of_stranger(message, services)
    if found is None or not found.is_all or len(found.domains) < domains:
        return
    told: set[str] = set()
    for link in found.strange:
        if link.address.host not in told:
            told.add(link.address.host)
            yield Hit(link.target, {"host": link.address.host, "sender": found.sender, "domains": len(found.domains)})


def same_address(message: Message, *, links: int = 2, services: tuple[str, ...] = ()) -> Iterator[Hit]:
    """Each link of an HTML message whose `links` or more web links all open one address of a stranger."""
    found = _of_stranger(message, services)
    if found is None or not found.is_all or len(found.web) < links:
        return
    if len({link.written for link in found.web}) == 1:
        for link in found.web[: message.limits.places]:
            yield Hit(link.target, {"host": link.address.host, "links": len(found.web)})


def unsubscribe_at_stranger(
    message: Message, *, words: str = UNSUBSCRIBE, services: tuple[str, ...] = ()
) -> Iterator[Hit]:
    """Each link to a stranger that says it ends a subscription."""
    found = _of_stranger(message, services)
    if found is None:
        return
    from spamlint.links.words import words_of

    said = message.fact(words_of)
    for link in found.strange:
        shown = said.get(link, "")
        if 0 < len(shown) <= _LONGEST_TEXT and re.search(words, shown):
            yield Hit(link.target, {"said": shown, "host": link.address.host, "sender": found.sender})


def only_codes(message: Message, *, links: int = 1) -> Iterator[Hit]:
    """Each link of an HTML message whose web links all are a host and a random code, whoever the host belongs to."""
    from spamlint.links.strangers import is_list, strangers

    if not message.html_parts or is_list(message):
        return
    web = message.fact(strangers).web
    if len(web) < links or not web or any(not _is_code(path, query) for path, query in _places(web)):
        return
    for link in web[: message.limits.places]:
        yield Hit(link.target, {"host": link.address.host, "links": len(web)})


def _places(web: tuple[Link, ...]) -> Iterator[tuple[str, str]]:
    return ((link.address.path, link.address.query) for link in web)


def _is_code(path: str, query: str) -> bool:
    from spamlint.links.hosts import is_random

    return not query and "/" not in path[1:] and is_random(path[1:], _SHORTEST_TOKEN, _FEWEST_TURNS)


def random_path(message: Message, *, allowed: tuple[str, ...] = RANDOM_HOSTS) -> Iterator[Hit]:
    """Each link to a stranger with a random name behind the host. `share` is their part of the links, in per cent."""
    found = _of_stranger(message)
    if found is None or not found.strange:
        return
    verdicts: dict[str, bool] = {}
    odd = []
    for link in found.strange:
        if link.written not in verdicts:
            host = link.address.host
            known = any(host == domain or host.endswith("." + domain) for domain in allowed)
            verdicts[link.written] = not known and _has_token(link)
        if verdicts[link.written]:
            odd.append(link)
    for link in odd:
        yield Hit(link.target, {"host": link.address.host, "share": 100 * len(odd) // len(found.web)})


def _has_token(link: Link) -> bool:
    from spamlint.links.hosts import is_random

    pieces = re.split(r"[/=&?,;]", f"{link.address.path}/{link.address.fragment}"[:_LONGEST_PATH])
    return any(is_random(piece, _SHORTEST_TOKEN, _FEWEST_TURNS) for piece in pieces if len(piece) >= _SHORTEST_TOKEN)


def lone_call(
    message: Message, *, calls: tuple[str, ...] = CALLS, characters: int = 2_000, services: tuple[str, ...] = ()
) -> Iterator[Hit]:
    """The first button that asks for a deed in a message of up to `characters` that links to one stranger only."""
    found = _of_stranger(message, services)
    if found is None or not found.is_all or len(found.domains) != 1:
        return
    if sum(map(len, message.body)) > characters:
        return
    from spamlint.links.words import words_of

    seen: set[str] = set()
    words = message.fact(words_of)
    for link in found.strange:
        if link.element is None or link.written in seen:
            continue
        seen.add(link.written)
        shown = words[link]
        said = _call(calls).search(shown[:_LONGEST_TEXT])
        if said is not None and len(shown) <= _LONGEST_TEXT and "://" not in shown:
            yield Hit(link.target, {"said": shown, "domain": found.domains[0], "sender": found.sender})
            return


@cache
def _call(calls: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?i)(?<!\w)(?:{'|'.join(map(re.escape, calls))})(?!\w)")


def _of_stranger(message: Message, services: tuple[str, ...] = ()) -> Strangers | None:
    """The links by whose they are, where some are a stranger's (`links.strangers.of_stranger`).

    A message with a link to one of `services`, registered domains that a policy knows, is let go.
    """
    from spamlint.links.strangers import of_stranger

    found = message.fact(of_stranger)
    return None if found is None or any(domain in services for domain in found.domains) else found
