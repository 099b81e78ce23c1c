"""Checks on how the body of a mailing lets its readers leave, and on the address that it has to give."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spamlint.message import Message
from spamlint.names.domains import belong_together
from spamlint.rule import Hit
from spamlint.subscription import LONGEST_READ, offers, targets, web_host

_CLOSED = r"(?i)\s*(?:#|javascript:|about:|data:)|\s*(?:https?:/{0,2})?\s*\Z"
_MAIL = r"(?i)\s*mailto:"
_PLAIN_WEB = r"(?i)\s*http://"

# Each is generous: a finding says that nothing at all looks like an address.
_POSTAL = (
    r"\b[1-9]\d{3}\s?[A-Z]{2}\b",  # Netherlands: 1017 AB
    r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b",  # United Kingdom: SW1A 1AA
    r"\b(?:[A-Z]{2}|[A-Z][a-z]+),?\s+\d{5}(?:-\d{4})?\b",  # United States: NY 10001
    r"\b(?:[A-Z]{1,3}-\s?)?\d{5}\s+[A-ZÀ-Þ][\w'’-]+",  # Germany, France, Spain, Italy: 10115 Berlin
    r"\b(?:[A-Z]{1,3}-\s?)?(?!(?:19|20)\d\d)[1-9]\d{3}\s+[A-ZÀ-Þ][\w'’-]+",  # Belgium, Austria, Switzerland, Denmark
    r"\b[A-Z]{1,3}-\s?\d{4}\s+[A-ZÀ-Þ]",
    r"\b\d{3}\s?\d{2}\s+[A-ZÀ-Þ][\w'’-]+",  # Sweden, Czechia, Greece: 111 22 Stockholm
    r"\b\d{2}-\d{3}\s+[A-ZÀ-Þ]|\b\d{4}-\d{3}\s+[A-ZÀ-Þ]|\b\d{5}-\d{3}\b",  # Poland, Portugal, Brazil
    r"\b[A-Z]\d[A-Z]\s?\d[A-Z]\d\b",  # Canada: K1A 0B1
    r"\b(?:NSW|VIC|QLD|SA|WA|TAS|ACT|NT)\s+\d{4}\b",  # Australia
    r"(?i)\b(?:p\.?\s?o\.?\s?box|postbus|postfach|bo[iî]te postale|apartado|antwoordnummer)\s*\d",
    r"〒|\b[A-Z][a-z]+,?\s+(?:[-–]\s*)?\d{6}\b|\b\d{6},?\s+[A-ZА-Я][\w-]+",  # Japan; India, China, Russia
)


def no_offer(message: Message) -> Iterator[Hit]:
    """A mailing whose body does not say how to leave."""
    if message.body_parts and not message.fact(offers):
        yield Hit(None)


def offer_without_link(message: Message) -> Iterator[Hit]:
    """Words that offer to leave, with no link and no address near them."""
    for offer in message.fact(offers):
        if offer.target is None:
            yield Hit(offer.words)


def closed_offer(message: Message) -> Iterator[Hit]:
    """The link of an offer to leave that leads nowhere."""
    for offer in message.fact(offers):
        if offer.target is not None and re.match(_CLOSED, offer.target.value[:LONGEST_READ]):
            yield Hit(offer.target if len(offer.target) else offer.words)


def insecure_offer(message: Message) -> Iterator[Hit]:
    """The link of an offer to leave that is opened without encryption."""
    for offer in message.fact(offers):
        if offer.target is not None and re.match(_PLAIN_WEB, offer.target.value) and web_host(offer.target.value):
            yield Hit(offer.target)


def mailto_offer(message: Message) -> Iterator[Hit]:
    """The link of an offer to leave that opens a mail program."""
    for offer in message.fact(offers):
        if offer.target is not None and re.match(_MAIL, offer.target.value):
            yield Hit(offer.target)


def offer_elsewhere(message: Message) -> Iterator[Hit]:
    """The link of an offer to leave that leads to another domain than List-Unsubscribe and than From."""
    hosts = [target.host for target in message.fact(targets) if target.host]
    if not hosts:
        return
    known = hosts + [mailbox.domain for mailbox in message.senders if mailbox.domain]
    for offer in message.fact(offers):
        host = web_host(offer.target.value) if offer.target is not None else ""
        if host and not any(belong_together(host, other) for other in known):
            yield Hit(offer.target, {"link": host, "header": hosts[0]})


def no_postal_address(message: Message) -> Iterator[Hit]:
    """A mailing in whose text nothing looks like a postal address."""
    if not message.body_parts:
        return
    for text in (*message.body, *(part.text for part in message.text_parts)):
        value = text.value[:LONGEST_READ] + "\n" + text.value[-LONGEST_READ:]
        if any(re.search(pattern, value) for pattern in _POSTAL):
            return
    yield Hit(None)
