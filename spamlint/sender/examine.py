"""One message, or one address, on one route -> what was found out about it, and the cure."""

from __future__ import annotations

from dataclasses import dataclass

from spamlint.delivery import Delivery
from spamlint.message import Message
from spamlint.sender.blocklists import Blocklists
from spamlint.sender.cure import Cure, cure_of
from spamlint.sender.dns import Dns
from spamlint.sender.evidence import Evidence, gathered
from spamlint.sender.notes import Note, as_one, notes_of
from spamlint.sender.route import Route
from spamlint.subscription import declaration

_LIST_FIELDS = ("list-unsubscribe", "list-unsubscribe-post")


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found out."""

    evidence: Evidence
    notes: tuple[Note, ...]
    cure: Cure

    @property
    def delivery(self) -> Delivery:
        """What of it the rules are given."""
        remarks = tuple(note.remark for note in self.notes if not note.is_good)
        return Delivery(self.evidence.route.name, remarks, is_decided=self.is_decided)

    @property
    def is_decided(self) -> bool:
        """Whether it is known if the mail passes DMARC, and what becomes of it where it does not."""
        passes = self.evidence.dmarc_passes
        if not self.evidence.route.is_known:
            return self.evidence.dmarc.failed is None
        return passes is not None and (passes or self.evidence.dmarc.failed is None)


def examine(
    dns: Dns,
    route: Route,
    address: str,
    *,
    message: Message | None = None,
    lists: Blocklists | None = None,
    is_bulk: bool | None = None,
) -> Examination:
    """What a receiver will make of mail from `address` on `route`. `is_bulk`: whether it goes to many, if known."""
    dns.renew()
    evidence = gathered(dns, route, address, message, lists or Blocklists())
    cure = cure_of(dns, evidence)
    if is_bulk is None:
        is_bulk = message is not None and _is_mailing(message)
    notes = notes_of(evidence, cure, message, is_bulk=is_bulk)
    return Examination(evidence, as_one(notes) if dns.is_down else notes, cure)


def _is_mailing(message: Message) -> bool:
    return message.fact(declaration) is not None or any(message.header(name) is not None for name in _LIST_FIELDS)
