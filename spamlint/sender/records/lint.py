"""All records of a domain -> notes: what is wrong with each, what it says, and what could not be asked."""

from __future__ import annotations

from collections.abc import Sequence

from spamlint.delivery import Remark
from spamlint.sender.dns import Dns
from spamlint.sender.notes import Note
from spamlint.sender.records.bimi import bimi_notes
from spamlint.sender.records.dkim import dkim_notes
from spamlint.sender.records.dmarc import dmarc_notes
from spamlint.sender.records.policy_file import Https
from spamlint.sender.records.spf import spf_notes
from spamlint.sender.records.transport import transport_notes


def record_notes(
    dns: Dns, domain: str, selectors: Sequence[str] = (), https: Https | None = None
) -> dict[str, tuple[Note, ...]]:
    """What there is to say about each kind of record. `selectors` name the DKIM keys to look at."""
    name = domain.lower().rstrip(".")
    return {
        "SPF": tuple(spf_notes(dns, name)),
        "DKIM": tuple(dkim_notes(dns, name, selectors)),
        "DMARC": tuple(dmarc_notes(dns, name)),
        "MTA-STS, TLS-RPT": tuple(transport_notes(dns, name, https)),
        "BIMI": tuple(bimi_notes(dns, name)),
    }


def remarks(dns: Dns, domain: str, selectors: Sequence[str] = (), https: Https | None = None) -> list[Remark]:
    """What is wrong with the records of `domain`, for the rules."""
    found = record_notes(dns, domain, selectors, https)
    return [note.remark for notes in found.values() for note in notes if not note.is_good]
