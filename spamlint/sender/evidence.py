"""All that the DNS says about one message, or address, on one route."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spamlint.links.collect import links
from spamlint.message import Message
from spamlint.names.domains import is_address_literal, registrable
from spamlint.sender.blocklists import Blocklists, Listings, listings
from spamlint.sender.dkim import Key, Signature, key_of, signatures
from spamlint.sender.dmarc import Dmarc, discovered, is_aligned
from spamlint.sender.dns import Answer, Dns
from spamlint.sender.hosts import Addresses, Exchange, Reverse, addresses_of, exchange_of, leads_to, reverses
from spamlint.sender.route import Route
from spamlint.sender.spf import Result, Spf, evaluate, records_of

MOST_DOMAINS = 30
"""Domains of one message that lists are asked about."""
WORST: tuple[Result, ...] = ("permerror", "temperror", "fail", "softfail", "neutral", "none", "pass")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found out. `None` where the route says nothing to find out by."""

    route: Route
    address: str
    """The address in From."""
    domain: str
    envelope: str
    """The domain of MAIL FROM."""
    addresses: Addresses
    spf: tuple[Spf, ...]
    """One for each address."""
    spf_answer: Answer
    spf_records: tuple[str, ...]
    """Those that are published for the envelope's domain."""
    key: Key | None
    signatures: tuple[Signature, ...]
    dmarc: Dmarc
    exchange: Exchange
    reverses: tuple[Reverse, ...]
    helo: tuple[Answer, ...]
    """The addresses of the name that the servers greet with: A and AAAA."""
    listings: Listings

    @property
    def spf_worst(self) -> Spf | None:
        """The worst of what SPF says: receivers see each address in turn."""
        return min(self.spf, key=lambda one: WORST.index(one.result), default=None)

    @property
    def spf_is_aligned(self) -> bool:
        """Whether the envelope speaks for From, if SPF passes."""
        return is_aligned(self.envelope, self.domain, strict=self.dmarc.strict_spf)

    @property
    def spf_passes(self) -> bool | None:
        """None: that could not be found out."""
        worst = self.spf_worst
        if worst is None or (worst.result == "pass" and self.addresses.failed):
            return None
        return None if worst.result == "temperror" else worst.result == "pass"

    @property
    def dkim_is_aligned(self) -> bool:
        """Whether the domain that the route signs for speaks for From."""
        return bool(self.route.dkim_domain) and self._speaks(self.route.dkim_domain)

    @property
    def dkim_passes(self) -> bool | None:
        """Whether there will be a valid signature, aligned or not."""
        return _any([self._key_counts, *map(_is_valid, self.signatures)])

    @property
    def dkim_speaks(self) -> bool | None:
        """Whether there will be a valid signature that speaks for From."""
        own = [_is_valid(one) for one in self.signatures if self._speaks(one.domain)]
        return _any([self._key_counts if self.dkim_is_aligned else False, *own])

    @property
    def dmarc_passes(self) -> bool | None:
        """Whether SPF or DKIM passes and speaks for From."""
        return _any([self.spf_passes if self.spf_is_aligned else False, self.dkim_speaks])

    @property
    def _key_counts(self) -> bool | None:
        if self.key is None:
            return False
        return None if self.key.state == "unknown" else self.key.counts

    def _speaks(self, domain: str) -> bool:
        return is_aligned(domain, self.domain, strict=self.dmarc.strict_dkim)


def _is_valid(signature: Signature) -> bool | None:
    if signature.state == "unknown":
        return None
    return signature.state == "valid" and signature.key.counts


def _any(values: Sequence[bool | None]) -> bool | None:
    """Whether one of `values` holds; None where none does and one is not known."""
    if any(values):
        return True
    return None if None in values else False


def gathered(dns: Dns, route: Route, address: str, message: Message | None, lists: Blocklists) -> Evidence:
    """The evidence on mail from `address`, which is `message` if there is one already."""
    domain = _ascii(address.rpartition("@")[2].lower().rstrip("."))
    envelope = route.envelope_domain or domain
    _ask_ahead(dns, route, domain, envelope)
    addresses = addresses_of(dns, route)
    sender = route.envelope if "@" in route.envelope else f"{address.rpartition('@')[0] or 'postmaster'}@{envelope}"
    answer, records = records_of(dns, envelope)
    domains = _domains(route, domain, envelope, message)
    return Evidence(
        route=route,
        address=address,
        domain=domain,
        envelope=envelope,
        spf=tuple(evaluate(dns, ip, envelope, sender, route.helo) for ip in addresses.ips),
        spf_answer=answer,
        spf_records=records,
        addresses=addresses,
        key=key_of(dns, route.dkim_domain, route.dkim_selector) if route.dkim_domain else None,
        signatures=signatures(dns, message) if message is not None else (),
        dmarc=discovered(dns, domain),
        exchange=exchange_of(dns, domain),
        reverses=tuple(reverses(dns, addresses.servers)),
        helo=tuple(dns.ask_all([(route.helo, "A"), (route.helo, "AAAA")])) if route.helo else (),
        listings=listings(dns, lists, addresses.servers, domains),
    )


def _ascii(domain: str) -> str:
    """The domain as the DNS has it: bäckerei.example is xn--bckerei-5wa.example."""
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def _ask_ahead(dns: Dns, route: Route, domain: str, envelope: str) -> None:
    """Ask what is wanted in any case at the same time, so that a slow network costs once."""
    home = registrable(domain)
    texts = [domain, envelope, f"_dmarc.{domain}", f"_dmarc.{home}", route.spf_include]
    if route.dkim_domain:
        texts.append(f"{route.dkim_selector}._domainkey.{route.dkim_domain}".lower())
    hosts = [domain, *route.hosts, *([route.helo] if route.helo else [])]
    dns.ask_all(
        [(text, "TXT") for text in texts if text]
        + [(domain, "MX")]
        + [(host, "A") for host in hosts]
        + [(host, "AAAA") for host in hosts]
    )


def helo_leads_back(evidence: Evidence) -> bool | None:
    """Whether the name in HELO has one of the addresses that send; None where that is not known."""
    known = all(answer.is_known for answer in evidence.helo)
    right = any(leads_to(answer, ip) for answer in evidence.helo for ip in evidence.addresses.servers)
    return True if right else False if known else None


def _domains(route: Route, domain: str, envelope: str, message: Message | None) -> list[str]:
    """The domains that lists are asked about: of the sender, and of the links."""
    hosts = [domain, envelope, route.dkim_domain, route.helo]
    if message is not None:
        hosts += [link.address.host for link in message.fact(links) if link.address.is_web]
    named = (host for host in hosts if "." in host and not is_address_literal(host))
    return list(dict.fromkeys(registrable(host) for host in named))[:MOST_DOMAINS]
