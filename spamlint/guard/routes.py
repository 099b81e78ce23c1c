"""Whose mail is judged, and by which routes.

For each recipient the first route that matches holds, and the one named "default" where none does. A route with a
condition on the header is never the first: it holds beside the others, so that it can only tighten. Every route that
holds judges the message by itself, and the strictest answer counts: no route ever makes that of another milder.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from spamlint.guard.envelope import Envelope
from spamlint.guard.settings import Route, Settings
from spamlint.message import Message

ROLES = ("postmaster", "abuse")
"""Mailboxes that have to be reachable (RFC 5321 section 4.5.1, RFC 2142)."""
MOST_VALUES = 100
"""Header fields of one name that are compared."""
LONGEST_VALUE = 1_000
"""Code points of a value that are compared; a longer one is cut."""


def is_submission(settings: Settings, envelope: Envelope) -> bool:
    """Whether the message is judged: it is submitted here, or the caller asks for a judgement."""
    return envelope.is_asked or bool(envelope.user) or _is_inside(envelope.client, settings.submit_networks)


def never_refused(envelope: Envelope) -> str:
    """Why the message is never refused: "null-sender" or "role-address"; "" for all other mail.

    An envelope without recipients is one that the caller does not know: its empty sender says nothing.
    """
    if not envelope.recipients:
        return ""
    if envelope.sender in ("", "<>"):
        return "null-sender"
    names = (recipient.rpartition("@")[0] or recipient for recipient in envelope.recipients)
    return "role-address" if all(name.lower() in ROLES for name in names) else ""


def holding(settings: Settings, envelope: Envelope, message: Message | None) -> tuple[Route, ...]:
    """The routes that hold for a message, each once, in the order of the settings; without a message, those of its
    envelope."""
    chosen = {route.name for route in _by_envelope(settings, envelope)}
    if message is not None:
        chosen |= {route.name for route in _by_header(settings.routes, envelope, message)}
    return tuple(route for route in settings.every_route if route.name in chosen)


def _by_envelope(settings: Settings, envelope: Envelope) -> Iterator[Route]:
    """For each recipient the first route that the envelope alone leads to."""
    routes = [route for route in settings.every_route if not route.headers and _is_from(route, envelope)]
    for domain in _domains(envelope):
        yield next(route for route in routes if _is_to(route, domain))


def _by_header(routes: Sequence[Route], envelope: Envelope, message: Message) -> Iterator[Route]:
    """For each recipient the first route that the header leads to, where there is one."""
    routes = [route for route in routes if route.headers and _is_from(route, envelope) and _has_headers(route, message)]
    for domain in _domains(envelope) if routes else ():
        yield from [route for route in routes if _is_to(route, domain)][:1]


def _is_from(route: Route, envelope: Envelope) -> bool:
    return _matches(envelope.sender.lower(), route.senders) and _matches(envelope.user.lower(), route.users)


def _is_to(route: Route, domain: str) -> bool:
    return _matches(domain, route.recipient_domains)


def _matches(value: str, globs: Sequence[str]) -> bool:
    return not globs or any(fnmatchcase(value, glob) for glob in globs)


def _domains(envelope: Envelope) -> set[str]:
    """The domains of the recipients; "" stands for those that are not known."""
    return {recipient.rpartition("@")[2].lower() for recipient in envelope.recipients} or {""}


def _has_headers(route: Route, message: Message) -> bool:
    return all(any(fnmatchcase(value, glob) for value in _values(message, name)) for name, glob in route.headers)


def _values(message: Message, name: str) -> Iterator[str]:
    for header in message.all_headers(name)[:MOST_VALUES]:
        yield " ".join(header.value.value[:LONGEST_VALUE].split()).lower()


def _is_inside(client: str, networks: Sequence[str]) -> bool:
    """Whether an address lies in one of the networks; what is no address lies in none."""
    if not client or not networks:
        return False
    try:
        address = ipaddress.ip_address(client.removeprefix("IPv6:"))
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return any((mapped or address) in ipaddress.ip_network(network, strict=False) for network in networks)
