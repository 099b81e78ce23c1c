"""Which links of a message lead to the domain of its sender, which to a mailing service, and which to strangers.

A service need not be known: one that sends for others signs for it, takes its bounces or its unsubscriptions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spamlint.links.address import Address
from spamlint.links.collect import Link, links
from spamlint.links.hosts import is_local
from spamlint.links.services import is_well_known, kind_of, sends_on
from spamlint.names.brands import distinct, owned_by, words
from spamlint.names.domains import belong_together, main_label, registrable

if TYPE_CHECKING:
    from spamlint.message import Message

LIST_HEADERS = ("list-id", "list-post", "mailing-list", "x-mailing-list", "x-mailman-version")
"""What a mailing list adds: its mail is other people's, with other people's links."""

_SHORTEST_LABEL = 3
_SHORTEST_NAME = 6
_LONGEST_FIELD = 2_000
_SERVICE_DOMAINS = (
    ("return-path", r"@([\w.-]{1,253})"),
    ("sender", r"@([\w.-]{1,253})"),
    ("dkim-signature", r"d=([\w-]{1,63}(?:\.[\w-]{1,63})+)"),
    ("list-unsubscribe", r"(?:@|//)([\w.-]{1,253})"),
)
"""Where the services that send a message name themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class Strangers:
    """The web links of a message by whose they are. Nothing is strange in a draft, whose sender is not known yet."""

    sender: str
    """The domain of the From address; empty where it has none."""
    web: tuple[Link, ...]
    """Without those to sites that anybody links to."""
    strange: tuple[Link, ...]
    """Those at a domain that is neither the sender's nor a mailing service's."""
    domains: tuple[str, ...]
    """The registered domains of `strange`, each once."""

    @property
    def is_all(self) -> bool:
        """Whether the sender has a domain, and no web link leads anywhere else than to strangers."""
        return bool(self.sender and self.strange) and len(self.strange) == len(self.web)


def strangers(message: Message) -> Strangers:
    """The web links of `message` by whose they are."""
    web = tuple(link for link in message.fact(links) if link.address.is_web and not _is_neutral(link.address))
    sender = next((mailbox.domain for mailbox in message.senders if mailbox.domain), "")
    if message.header("from") is None:
        return Strangers("", web, (), ())
    verdicts: dict[str, bool] = {}
    strange = []
    for link in web:
        host = link.address.host
        if host not in verdicts:
            verdicts[host] = not is_local(host) and kind_of(host) != "tracker" and not is_own(message, host)
        if verdicts[host]:
            strange.append(link)
    hosts = dict.fromkeys(link.address.host for link in strange)
    return Strangers(sender, web, tuple(strange), tuple(dict.fromkeys(map(registrable, hosts))))


def of_stranger(message: Message) -> Strangers | None:
    """The links by whose they are, where the message is HTML from a sender with a domain of its own, and no list's.

    None, too, where none of them is strange.
    """
    if not message.html_parts or is_list(message):
        return None
    found = message.fact(strangers)
    if not found.strange:
        return None
    from spamlint.names.providers import is_free_mail

    return None if is_free_mail(found.sender) else found


def _is_neutral(address: Address) -> bool:
    """Whether a link there says nothing about who sends it: a social network, an app store."""
    return is_well_known(address.host) and not sends_on(address.host, address.path, address.query)


def is_own(message: Message, host: str) -> bool:
    """Whether `host` belongs to the sender, is named after it (bakery.nl, bakery-mail.com), or to who sends for it."""
    sender, label, services, owned = message.fact(_senders)
    if (label and label in host) or (sender and belong_together(host, sender)):
        return True
    named = main_label(host)
    if len(named) > _SHORTEST_LABEL and named in label:
        return True
    domain = registrable(host)
    if domain in services or any(owned_by(host, domains) for domains in owned):
        return True
    return bool(sender) and _name_of(domain) == _name_of(registrable(sender))


def _name_of(domain: str) -> str:
    """The first label of a registered domain, if it is long enough to be nobody else's: bakery-ann.info and .de."""
    name = domain.partition(".")[0]
    return name if len(name) >= _SHORTEST_NAME else domain


def _senders(message: Message) -> tuple[str, str, frozenset[str], tuple[str, ...]]:
    """The domain of the From address, the label that names its owner, the registered domains of services, and the
    domains of each brand whose own the sender's is."""
    sender = next((mailbox.domain for mailbox in message.senders if mailbox.domain), "")
    label = main_label(sender)
    found: dict[str, None] = {}
    for name, pattern in _SERVICE_DOMAINS:
        for header in message.all_headers(name):
            found.update(dict.fromkeys(re.findall(pattern, header.body.value[:_LONGEST_FIELD].lower())))
    found.pop(sender, None)
    brands = (domains for table in (distinct(), words()) for domains in table.values() if label and label in domains)
    owned = tuple(domains for domains in dict.fromkeys(brands) if owned_by(sender, domains))
    return sender, label if len(label) >= _SHORTEST_LABEL else "", frozenset(map(registrable, found)), owned


def is_list(message: Message) -> bool:
    """Whether a mailing list sent it on."""
    return any(message.header(name) is not None for name in LIST_HEADERS)
