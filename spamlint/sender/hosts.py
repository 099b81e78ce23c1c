"""Whether a domain takes mail, and whether the hosts that send have names that lead back to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Literal, TypeAlias

from spamlint.sender.dns import Answer, Dns, Kind, Question
from spamlint.sender.route import Route
from spamlint.sender.spf import records_of
from spamlint.sender.spf_walk import walked

MOST_TRIED = 32
"""Addresses of one route that are tried; of a larger network some, spread over it."""
_OF_A_NETWORK = 8
_MOST_NAMES = 10

ExchangeState: TypeAlias = Literal["good", "address-only", "nothing", "null", "no-domain", "unknown"]
ReverseState: TypeAlias = Literal["good", "missing", "unconfirmed", "unknown"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """Where mail for a domain goes."""

    state: ExchangeState
    hosts: tuple[str, ...] = ()
    failed: Answer | None = None


@dataclass(frozen=True, slots=True)
class Reverse:
    """The name of an address, and whether it leads back."""

    ip: str
    state: ReverseState
    name: str = ""
    failed: Answer | None = None


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses that a route sends from, as far as they are known."""

    ips: tuple[str, ...]
    """Those to try SPF with; of networks some, whether a server stands there or not."""
    servers: tuple[str, ...] = ()
    """Those of them that are known to send: their names and entries on lists can be asked for."""
    failed: tuple[Answer, ...] = ()
    """What should say them and does not."""


def exchange_of(dns: Dns, domain: str) -> Exchange:
    """Whether mail can be answered to `domain` (RFC 5321 section 5.1, RFC 7505)."""
    answer, *others = dns.ask_all([(domain, "MX"), (domain, "A"), (domain, "AAAA")])
    if answer.status in ("no-such-name", "bad-name"):
        return Exchange("no-domain")
    if not answer.is_known:
        return Exchange("unknown", failed=answer)
    records = sorted(answer.records, key=_preference)
    hosts = tuple(record.partition(" ")[2].rstrip(".").lower() for record in records)
    if hosts == ("",):
        return Exchange("null")
    if hosts:
        return Exchange("good", hosts)
    if any(other.records for other in others):
        return Exchange("address-only")
    failed = next((other for other in others if not other.is_known), None)
    return Exchange("unknown", failed=failed) if failed is not None else Exchange("nothing")


def _preference(record: str) -> int:
    number = record.partition(" ")[0]
    return int(number) if number.isdecimal() else 0


def addresses_of(dns: Dns, route: Route) -> Addresses:
    """What the route itself says; where that is nothing, what the SPF record that it asks to include allows."""
    failed: list[Answer] = []
    servers = [ip for ip in map(_single, route.ips) if ip]
    found = [ip for text in route.ips for ip in _spread(text)]
    questions: list[Question] = [(host, kind) for host in route.hosts for kind in _address_kinds()]
    answers = dns.ask_all(questions)
    for answer in answers:
        named = list(filter(_is_address, answer.records))
        found += named
        servers += named
        if not answer.is_known:
            failed.append(answer)
    for first, second in zip(answers[::2], answers[1::2], strict=True):
        if first.is_known and second.is_known and not first.records and not second.records:
            failed.append(first)
    if not found and not failed and route.spf_include:
        answer, records = records_of(dns, route.spf_include)
        walk = walked(dns, records[0]) if records else None
        found = [ip for text in (walk.networks if walk else ()) for ip in _spread(text, 1)]
        failed = [] if found else [walk.failed if walk is not None and walk.failed is not None else answer]
    tried, known = (tuple(dict.fromkeys(ips))[:MOST_TRIED] for ips in (found, servers))
    return Addresses(tried, known, tuple(failed))


def _single(text: str) -> str:
    """The address, or that of a network of one; "" for a larger one."""
    network = ip_network(text, strict=False)
    return str(network.network_address) if network.num_addresses == 1 else ""


def _is_address(text: str) -> bool:
    """Whether it is one: a snapshot that somebody edited may hold anything."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _address_kinds() -> tuple[Kind, Kind]:
    return "A", "AAAA"


def _spread(text: str, most: int = _OF_A_NETWORK) -> list[str]:
    """The address, or some of the network: all where they are few."""
    network = ip_network(text, strict=False)
    size = network.num_addresses
    hosts = size - 2 if network.version == 4 and size > 2 else size
    first = int(network.network_address) + (1 if hosts != size else 0)
    wanted = min(hosts, most)
    steps = [first + (hosts - 1) * number // max(wanted - 1, 1) for number in range(wanted)]
    make = type(network.network_address)
    return [str(make(step)) for step in steps]


def reverses(dns: Dns, ips: Sequence[str]) -> list[Reverse]:
    """The name of each address, confirmed by asking for the addresses of that name (RFC 8601 section 2.7.3)."""
    pointers = [ip_address(ip).reverse_pointer for ip in ips]
    answers = dns.ask_all((pointer, "PTR") for pointer in pointers)
    dns.ask_all((name, _kind(ip)) for ip, one in zip(ips, answers, strict=True) for name in one.records[:_MOST_NAMES])
    return [_reverse(dns, ip, answer) for ip, answer in zip(ips, answers, strict=True)]


def _reverse(dns: Dns, ip: str, answer: Answer) -> Reverse:
    if not answer.is_known:
        return Reverse(ip, "unknown", failed=answer)
    names = answer.records[:_MOST_NAMES]
    if not names:
        return Reverse(ip, "missing")
    back = [dns.ask(name, _kind(ip)) for name in names]
    for name, one in zip(names, back, strict=True):
        if leads_to(one, ip):
            return Reverse(ip, "good", name)
    failed = next((one for one in back if not one.is_known and one.status != "bad-name"), None)
    return Reverse(ip, "unconfirmed" if failed is None else "unknown", names[0], failed)


def leads_to(answer: Answer, ip: str) -> bool:
    """Whether one of the addresses in `answer` is `ip`, however it is written."""
    wanted = ip_address(ip)
    for record in answer.records:
        try:
            if ip_address(record) == wanted:
                return True
        except ValueError:
            continue
    return False


def _kind(ip: str) -> Kind:
    return "A" if ip_address(ip).version == 4 else "AAAA"
