"""BIMI: the logo that mail programs show beside the sender (draft-brand-indicators-for-message-identification)."""

from __future__ import annotations

from collections.abc import Iterator

from spamlint.names.domains import registrable
from spamlint.sender.dmarc import discovered
from spamlint.sender.dns import Dns
from spamlint.sender.notes import Note, not_checked
from spamlint.sender.records.addresses import is_https
from spamlint.sender.records.tags import quoted, read, records_like


def bimi_notes(dns: Dns, domain: str) -> Iterator[Note]:
    """Everything about the record, which is that of the organisation where the domain has none."""
    places = list(dict.fromkeys((domain, registrable(domain))))
    answers = dns.ask_all((f"default._bimi.{place}", "TXT") for place in places)
    for answer in answers:
        if not answer.is_known:
            yield not_checked("BIMI", answer)
            return
        exact, near = records_like(answer, "BIMI1")
        bad = near if len(exact) < 2 else [*near, *exact]
        yield from (Note("bimi-bad-record", {"name": answer.name, "record": quoted(text)}) for text in bad[:3])
        if len(exact) == 1:
            yield from _record(dns, domain, answer.name, exact[0])
        if exact or near:
            return
    yield Note("bimi-absent", {"domain": domain}, is_good=True, is_news=True)


def _record(dns: Dns, domain: str, name: str, text: str) -> Iterator[Note]:
    tags = read(text)
    logo, certificate = tags.get("l"), tags.get("a")
    if not logo:
        kind = "bimi-declined" if "l" in tags.values else ""
        if kind:
            yield Note(kind, {"domain": domain}, is_good=True, is_news=True)
        else:
            yield Note("bimi-bad-record", {"name": name, "record": quoted(text)})
        return
    if not is_https(logo) or not logo.lower().partition("?")[0].endswith((".svg", ".svgz")):
        yield Note("bimi-bad-logo", {"name": name, "uri": quoted(logo)})
    if not certificate:
        yield Note("bimi-no-certificate", {"name": name})
    elif not is_https(certificate):
        yield Note("bimi-bad-record", {"name": name, "record": quoted(text)})
    dmarc = discovered(dns, domain)
    if dmarc.failed is None and (dmarc.policy == "none" or dmarc.mildest != dmarc.policy):
        yield Note("bimi-needs-policy", {"name": name, "domain": domain, "policy": dmarc.policy})
    yield Note("bimi-record", {"domain": domain, "uri": quoted(logo)}, is_good=True, is_news=True)
