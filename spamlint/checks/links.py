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
_SHORTEST_ADDRESS = 24
_NO_NAMES = ("top", "!")
_LEFTOVER = r"[{}\[\]%$<>|]"


def odd_address(message: Message, *, kind: str = "", allowed: tuple[str, ...] = ()) -> Iterator[Hit]:
    """Each link with an oddity of that `kind` (`spamlint.links.marks`), but for hosts inside the domains `allowed`."""
    from spamlint.links.marks import marks

    found = message.fact(marks).get(kind)
    if not found:
        return
    if allowed:
        found = [(link, values) for link, values in found if not _is_inside(link.address.host, allowed)]
    # In a draft a comment may be about any one of them.
    most = message.limits.places if message.kind == "message" else len(found)
    for link, values in found[:most]:
        yield Hit(link.target, values)
    if len(found) > most:  # no finding keeps more places: what is left only counts
        strongest = max(found[most:], key=_amount)
        yield Hit(None, strongest[1], len(found) - most)


def _amount(mark: Mark) -> int:
    return max((value for value in mark[1].values() if isinstance(value, int)), default=0)


def _is_inside(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in domains)


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
    from spamlint.links.collect import links

    found = [link for link in message.fact(links) if len(link.written) > 1 and link.written[0] == "#" and link.element]
    if not found:
        return
    names = {
        name for document in message.documents for key in ("id", "name") for name in document.attribute_values(key)
    }
    for link in found:
        name = link.written[1:]
        if name.lower() not in _NO_NAMES and name not in names and not re.search(_LEFTOVER, name):
            yield Hit(link.target, {"name": name})


def mail_button(message: Message) -> Iterator[Hit]:
    """Each link that writes a mail with a subject to a free-mail account, in a message that is not from such a one."""
    from spamlint.links.collect import links

    buttons = [
        link for link in message.fact(links) if link.address.scheme == "mailto" and "subject=" in link.address.query
    ]
    if not buttons or not message.senders:
        return
    from spamlint.names.providers import is_free_mail

    if any(is_free_mail(mailbox.domain) for mailbox in message.senders):
        return
    for link in buttons:
        domain = link.address.path.strip().rpartition("@")[2].lower()
        if is_free_mail(domain):
            yield Hit(link.target, {"address": link.address.path.strip()})


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
    found = [link for link in message.fact(links) if link.address.is_web and len(link.written) > _SHORTEST_ADDRESS]
    everything = "\n".join(dict.fromkeys(link.written for link in found))
    lower = everything.lower()
    tokens = [token for token in plain if token in lower]
    codes = [code for code in encoded if code in everything]
    for link in found if tokens or codes else ():
        small = link.written.lower()
        is_encoded = any(code in link.written for code in codes)
        if is_encoded or any(token in small for token in tokens):
            in_fragment = any(token in link.address.fragment.lower() for token in tokens)
            yield Hit(link.target, {"host": link.address.host, "strength": 1 + (is_encoded or in_fragment)})


def _tokens(recipients: list[str]) -> tuple[list[str], list[str]]:
    """What stands for the recipients in an address: as they are, small, and encoded."""
    from binascii import b2a_base64

    plain = [form for one in recipients for form in (one.lower(), one.lower().replace("@", "%40"))]
    raw = [one.encode("utf-8", "replace") for one in {*recipients, *map(str.lower, recipients)}]
    base64 = [b2a_base64(one[: len(one) // 3 * 3], newline=False).decode() for one in raw if len(one) > 8]
    return plain, [*base64, *(one.hex() for one in raw), *(one.hex().upper() for one in raw)]
