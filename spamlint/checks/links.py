"""Checks on the addresses of links: how they are written, and whose hosts they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from spamlint.message import Message
from spamlint.rule import Hit

if TYPE_CHECKING:
    from spamlint.links.marks import Mark

_MOST_RECIPIENTS = 5
_SHORTEST_FRAGMENT = 24
_ANCHOR_TAGS = ("a", "area")


def odd_address(message: Message, *, kind: str = "", allowed: tuple[str, ...] = (), at_least: int = 0) -> Iterator[Hit]:
    """Each link with an oddity of that `kind` (`spamlint.links.marks`), but for hosts inside the domains `allowed`.

    `at_least` leaves out those whose `strength` is less.
    """
    for mark in _marks(message, kind):
        host = mark.link.address.host
        if allowed and any(host == domain or host.endswith("." + domain) for domain in allowed):
            continue
        strength = mark.values.get("strength", at_least)
        if isinstance(strength, int) and strength >= at_least:
            yield Hit(mark.text, mark.values)


def _marks(message: Message, kind: str) -> list[Mark]:
    from spamlint.links.marks import marks

    return message.fact(marks).get(kind, [])


def many_domains(message: Message, *, domains: int = 10) -> Iterator[Hit]:
    """The message as a whole, where its web links lead to `domains` registered domains or more."""
    from spamlint.links.collect import links
    from spamlint.names.domains import registrable

    hosts = {link.address.host for link in message.fact(links) if link.address.is_web}
    if len(hosts) >= domains:
        found = {registrable(host) for host in hosts}
        if len(found) >= domains:
            yield Hit(None, {"domains": len(found)})


def dead_anchor(message: Message) -> Iterator[Hit]:
    """Each link to a place in the message that is not there."""
    for document in message.documents:
        names: set[str] | None = None
        for element in document.all(*_ANCHOR_TAGS):
            href = element.get("href")
            if not href or href[0] != "#" or len(href) < 2 or href.lower() in ("#top", "#!"):
                continue
            if names is None:
                names = {*document.attribute_values("id"), *document.attribute_values("name")}
            if not re.search(r"[{}\[\]%$<>|]", href) and href[1:] not in names:
                target = element.attribute("href")
                yield Hit(target, {"name": href[1:]})


def personal_data(message: Message) -> Iterator[Hit]:
    """Each web link that carries an address of the recipient. `strength` is 2 where it stands behind a "#", or encoded.

    Encoded is base64 or hexadecimal, as the kits of phishers have it.
    """
    recipients = [
        mailbox.local + "@" + mailbox.domain
        for field in ("to", "cc")
        for mailbox in message.addresses(field).mailboxes[:_MOST_RECIPIENTS]
        if mailbox.domain
    ]
    if not recipients:
        return
    from spamlint.links.collect import links

    plain, encoded = _tokens(recipients)
    for link in message.fact(links):
        if not link.address.is_web or len(link.written) < _SHORTEST_FRAGMENT:
            continue
        lower = link.written.lower()
        is_encoded = any(token in link.written for token in encoded)
        if is_encoded or (("@" in lower or "%40" in lower) and any(token in lower for token in plain)):
            in_fragment = any(token in link.address.fragment.lower() for token in plain)
            yield Hit(link.target, {"host": link.address.host, "strength": 1 + (is_encoded or in_fragment)})


def _tokens(recipients: list[str]) -> tuple[list[str], list[str]]:
    """What stands for the recipients in an address: as they are, small, and encoded."""
    from base64 import b64encode

    plain = [form for one in recipients for form in (one.lower(), one.lower().replace("@", "%40"))]
    raw = [one.encode("utf-8", "replace") for one in dict.fromkeys((*recipients, *map(str.lower, recipients)))]
    base64 = [b64encode(one[: len(one) // 3 * 3]).decode() for one in raw if len(one) > 8]
    return plain, [*base64, *(one.hex() for one in raw), *(one.hex().upper() for one in raw)]
