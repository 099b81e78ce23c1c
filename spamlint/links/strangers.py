"""Which links of a message lead to the domain of its sender, which to a mailing service, and which to strangers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spamlint.links.collect import Link, links
from spamlint.links.hosts import is_local
from spamlint.links.services import kind_of
from spamlint.names.domains import belong_together, main_label, registrable

if TYPE_CHECKING:
    from spamlint.message import Message

LIST_HEADERS = ("list-id", "list-post", "mailing-list", "x-mailing-list", "x-mailman-version")
"""What a mailing list adds: its mail is other people's, with other people's links."""

_SHORTEST_LABEL = 3


@dataclass(frozen=True, slots=True, eq=False)
class Strangers:
    """The web links of a message by whose they are. Nothing is strange where no sender is known."""

    sender: str
    """The domain of the From address."""
    web: tuple[Link, ...]
    strange: tuple[Link, ...]
    """Those at a domain that is neither the sender's nor a mailing service's."""
    domains: tuple[str, ...]
    """The registered domains of `strange`, each once."""

    @property
    def is_all(self) -> bool:
        """Whether no web link leads anywhere else."""
        return bool(self.strange) and len(self.strange) == len(self.web)


def strangers(message: Message) -> Strangers:
    """The web links of `message` by whose they are."""
    web = tuple(link for link in message.fact(links) if link.address.is_web)
    sender = next((mailbox.domain for mailbox in message.senders if mailbox.domain), "")
    if not sender:
        return Strangers("", web, (), ())
    is_own = own_to(sender)
    verdicts: dict[str, bool] = {}
    strange = []
    for link in web:
        host = link.address.host
        if host not in verdicts:
            verdicts[host] = not is_own(host) and kind_of(host) != "tracker" and not is_local(host)
        if verdicts[host]:
            strange.append(link)
    hosts = dict.fromkeys(link.address.host for link in strange)
    return Strangers(sender, web, tuple(strange), tuple(dict.fromkeys(map(registrable, hosts))))


def own_to(sender: str) -> Callable[[str], bool]:
    """Whether a host belongs to who has the domain `sender`, or is named after it (bakery.nl, bakery-mail.com)."""
    label = main_label(sender)
    named = label if len(label) >= _SHORTEST_LABEL else ""
    return lambda host: (bool(named) and named in host) or belong_together(host, sender)


def is_list(message: Message) -> bool:
    """Whether a mailing list sent it on."""
    return any(message.header(name) is not None for name in LIST_HEADERS)
