"""The SPF record of a domain (RFC 7208): syntax, limits, and whether it says anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from spamlint.delivery import Value
from spamlint.sender.dns import Dns
from spamlint.sender.notes import Note, not_checked
from spamlint.sender.records.spf_hint import is_term, meant
from spamlint.sender.records.spf_tree import Branch, Tree, walked
from spamlint.sender.records.tags import MOST_PROBLEMS, quoted
from spamlint.sender.spf import MOST_LOOKUPS, MOST_VOIDS
from spamlint.sender.spf_record import SpfRecord, Term, is_spf, merged, parse

LONGEST = 450
"""Octets of a record that fit into one answer beside the rest (section 3.4)."""
_MEANT = re.compile(r"[\s\"']*v\s*=\s*(?:spf|sfp)", re.IGNORECASE)
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7")))
_WIDEST = {"ip4": 8, "ip6": 19}
"""A network of more addresses than this length has is larger than what anybody sends from."""


def spf_notes(dns: Dns, domain: str) -> Iterator[Note]:
    """Everything about the record of `domain`."""
    answer, old = dns.ask_all([(domain, "TXT"), (domain, "SPF")])
    if not answer.is_known:
        yield not_checked("SPF", answer)
        return
    records = [text for text in answer.records if is_spf(text)]
    for text in answer.records:
        if _MEANT.match(text) and not is_spf(text):
            yield Note("spf-bad-version", {"domain": domain, "record": quoted(text)})
    if old.records:
        yield Note("spf-old-type", {"domain": domain})
    if len(records) > 1:
        yield Note("spf-several-records", {"domain": domain, "record": merged(records)})
    elif not records:
        yield Note("spf-no-record", {"domain": domain})
    for text in records[:MOST_PROBLEMS]:
        yield from record_notes(domain, text)
    if len(records) == 1:
        yield from _cost(walked(dns, domain, _readable(records[0])), domain, records[0])


def record_notes(domain: str, text: str) -> Iterator[Note]:
    """What is wrong with the record by itself, without asking anybody."""
    wrong = [piece for piece in text.split(" ")[1:] if piece and not is_term(piece)]
    for piece in wrong[:MOST_PROBLEMS]:
        hint = meant(piece)
        kind = "spf-bad-term" if hint else "spf-unknown-term"
        yield Note(kind, {"domain": domain, "term": quoted(piece), "instead": hint})
    record = parse(text)
    if record.wrong and not wrong:
        yield Note("spf-repeated-modifier", {"domain": domain, "term": quoted(record.wrong)})
    if len(text.encode()) > LONGEST:
        yield Note("spf-too-long", {"domain": domain, "octets": len(text.encode()), "limit": LONGEST})
    if not record.wrong:
        yield from _ending(domain, record)
    yield from _terms(domain, parse(_readable(text)))


def _readable(text: str) -> str:
    """The record without the terms that cannot be read, so that the others are looked at all the same."""
    return " ".join(piece for number, piece in enumerate(text.split(" ")) if piece and (not number or is_term(piece)))


def _ending(domain: str, record: SpfRecord) -> Iterator[Note]:
    """What is said of those who are not named."""
    names = [term.name for term in record.mechanisms]
    if "all" not in names:
        if not record.redirect:
            yield Note("spf-no-all", {"domain": domain})
        return
    at = names.index("all")
    every = record.mechanisms[at]
    if every.qualifier in "+?":
        kind = "spf-allows-all" if every.qualifier == "+" else "spf-neutral-all"
        yield Note(kind, {"domain": domain, "term": every.text})
    if at + 1 < len(names):
        yield Note("spf-term-after-all", {"domain": domain, "term": quoted(record.mechanisms[at + 1].text)})
    if record.redirect:
        yield Note("spf-term-after-all", {"domain": domain, "term": quoted(f"redirect={record.redirect}")})


def _terms(domain: str, record: SpfRecord) -> Iterator[Note]:
    told: set[str] = set()
    for term in record.terms:
        kind = _kind(term)
        if kind and kind not in told:
            told.add(kind)
            yield Note(kind, {"domain": domain, "term": quoted(term.text)})


def _kind(term: Term) -> str:
    """What is to be said of one term that can be read."""
    if term.name == "ptr":
        return "spf-uses-ptr"
    if "%{" in term.value and term.name != "exp":
        return "spf-uses-macro"
    if term.name not in _WIDEST or term.qualifier != "+":
        return ""
    length = term.length4 if term.name == "ip4" else term.length6
    if length is not None and length < _WIDEST[term.name]:
        return "spf-wide-network"
    address = ip_address(term.value)
    return "spf-private-address" if any(address in network for network in _PRIVATE) else ""


def _cost(tree: Tree, domain: str, record: str) -> Iterator[Note]:
    for answer in {(one.name, one.kind): one for one in tree.failed}.values():
        yield not_checked("SPF", answer)
    for kind, branches in (
        ("spf-missing-include", tree.missing),
        ("spf-broken-include", tree.broken),
        ("spf-open-include", tree.open),
        ("spf-include-loop", tree.loops),
    ):
        yield from _branches(kind, branches, domain)
    if tree.lookups > MOST_LOOKUPS:
        yield Note("spf-lookup-limit", {"domain": domain, "lookups": tree.lookups, "limit": MOST_LOOKUPS})
    if len(tree.voids) > MOST_VOIDS:
        names = quoted(", ".join(dict.fromkeys(tree.voids)))
        yield Note("spf-void-lookups", {"domain": domain, "voids": len(tree.voids), "names": names})
    values: dict[str, Value] = {"domain": domain, "record": record, "lookups": tree.lookups, "limit": MOST_LOOKUPS}
    yield Note("spf-record", values, is_good=True, is_news=True)


def _branches(kind: str, branches: list[Branch], domain: str) -> Iterator[Note]:
    for branch in dict.fromkeys(branches[:MOST_PROBLEMS]):
        values = {
            "domain": domain,
            "owner": branch.owner,
            "term": branch.term,
            "target": branch.target,
            "via": branch.via,
        }
        yield Note(kind, {key: quoted(value) for key, value in values.items()})
