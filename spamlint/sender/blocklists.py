"""Blocklists that are asked by DNS (RFC 5782): addresses and domains that receivers refuse.

A list is believed only after its test points: it must list 127.0.0.2 and must not list 127.0.0.1 (for domains: TEST and
INVALID). One that is shut down, or that answers a public resolver with an error, would otherwise list everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from typing import Literal, TypeAlias

from spamlint.sender.dns import Answer, Dns, Question

Trouble: TypeAlias = Literal["no-answer", "refuses", "no-list"]


@dataclass(frozen=True, slots=True)
class Blocklists:
    """The lists to ask."""

    ips: tuple[str, ...] = ("zen.spamhaus.org", "bl.spamcop.net")
    domains: tuple[str, ...] = ("dbl.spamhaus.org",)


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of a list."""

    zone: str
    entry: str
    """The address or domain."""
    codes: str
    """What the list answers: each list says what its numbers mean."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A list that could not be asked."""

    zone: str
    trouble: Trouble
    failed: Answer | None = None


@dataclass(frozen=True, slots=True)
class Listings:
    """What the lists say."""

    listed: tuple[Listed, ...] = ()
    unusable: tuple[Unusable, ...] = ()
    asked: tuple[str, ...] = ()
    """The lists that could be asked."""


def listings(dns: Dns, lists: Blocklists, ips: Sequence[str], domains: Sequence[str]) -> Listings:
    """Which of `ips` and `domains` are on a list."""
    jobs = [(zone, "2.0.0.127", "1.0.0.127", {_reversed(ip): ip for ip in ips}) for zone in lists.ips]
    jobs += [(zone, "test", "invalid", {domain: domain for domain in domains}) for zone in lists.domains]
    jobs = [job for job in jobs if job[3]]
    dns.ask_all(_question(one, zone) for zone, must, may_not, entries in jobs for one in (must, may_not, *entries))
    listed: list[Listed] = []
    unusable: list[Unusable] = []
    asked = []
    for zone, must, may_not, entries in jobs:
        trouble = _trouble(dns, zone, must, may_not)
        found: list[Listed] = []
        for label, entry in entries.items() if trouble is None else ():
            answer = dns.ask(*_question(label, zone))
            trouble = trouble or _wrong(zone, answer)
            if answer.records and trouble is None:
                found.append(Listed(zone, entry, ", ".join(answer.records)))
        if trouble is not None:
            unusable.append(trouble)
        else:
            asked.append(zone)
        listed += found
    return Listings(tuple(listed), tuple(unusable), tuple(asked))


def _question(label: str, zone: str) -> Question:
    return f"{label}.{zone}", "A"


def _reversed(ip: str) -> str:
    """The address as lists are asked for it: 7.2.0.192, or 32 nibbles for IPv6."""
    return ip_address(ip).reverse_pointer.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")


def _trouble(dns: Dns, zone: str, must: str, may_not: str) -> Unusable | None:
    """Why the list cannot be believed, if so."""
    for label, is_listed in ((must, True), (may_not, False)):
        answer = dns.ask(*_question(label, zone))
        wrong = _wrong(zone, answer)
        if wrong is not None:
            return wrong
        if bool(answer.records) is not is_listed:
            return Unusable(zone, "no-list", answer)
    return None


def _wrong(zone: str, answer: Answer) -> Unusable | None:
    if answer.status == "refused":
        return Unusable(zone, "refuses", answer)
    if not answer.is_known and answer.status != "bad-name":
        return Unusable(zone, "no-answer", answer)
    for record in answer.records:
        if _is_refusal(record):
            return Unusable(zone, "refuses", answer)
        if not record.startswith("127."):
            return Unusable(zone, "no-list", answer)
    return None


def _is_refusal(record: str) -> bool:
    """Whether the answer says that this resolver may not ask: 127.255.255.0/24, 127.0.0.1, and 127.0.1.255."""
    try:
        address = IPv4Address(record)
    except ValueError:
        return False
    return str(address) in ("127.0.0.1", "127.0.1.255") or str(address).startswith("127.255.255.")
