"""What to publish so that mail on a route is accepted: exact records, tried out before they are proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal, TypeAlias

from spamlint.names.domains import registrable
from spamlint.sender.dmarc import POLICIES, policy_in
from spamlint.sender.dns import Dns
from spamlint.sender.evidence import Evidence
from spamlint.sender.spf import MOST_LOOKUPS, evaluate
from spamlint.sender.spf_record import VERSION, inserted, merged, parse
from spamlint.sender.spf_walk import walked

Action: TypeAlias = Literal["add", "replace", "merge"]

PUBLIC_KEY = "PUBLIC-KEY"
"""Stands where only the sending service knows what to publish."""


@dataclass(frozen=True, slots=True)
class Change:
    """One TXT record to publish."""

    what: Literal["SPF", "DKIM", "DMARC"]
    action: Action
    name: str
    record: str
    before: tuple[str, ...] = ()
    """What is published now, and has to go."""
    lookups: int = 0
    """The DNS lookups that the SPF record then needs, of ten that are allowed."""
    is_enough: bool = True
    """Whether the record, tried out, lets the route pass."""
    is_own: bool = True
    """Whether it stands in the zone of the domain in From, and not in that of the sending service."""

    @property
    def is_over_limit(self) -> bool:
        """Whether receivers give up on the record."""
        return self.lookups > MOST_LOOKUPS


@dataclass(frozen=True, slots=True)
class Cure:
    """All that is to be published; and where mail could be sent through instead."""

    changes: tuple[Change, ...] = ()
    own_servers: tuple[str, ...] = ()
    """The mail hosts of the domain."""
    needs_own_server: bool = False
    """Whether no record can help, or the alternative should be told."""
    envelope_to_change: str = ""
    """The domain of MAIL FROM that is not aligned, where an own one would help."""

    @property
    def own(self) -> tuple[Change, ...]:
        """The changes in the zone of the domain in From."""
        return tuple(change for change in self.changes if change.is_own)

    @property
    def first(self) -> Change | None:
        """The one that lets mail pass DMARC: SPF where that is enough, else DKIM."""
        order = sorted(self.own, key=lambda change: (change.what == "DMARC", not change.is_enough, change.what))
        return order[0] if order else None

    def of(self, what: str) -> Change | None:
        """The change to the record of that kind, if there is one."""
        return next((change for change in self.changes if change.what == what), None)


def cure_of(dns: Dns, evidence: Evidence) -> Cure:
    """What to publish, the most important first; nothing where all is well or not known."""
    spf = _spf(dns, evidence)
    helps = spf is not None and spf.is_own and spf.is_enough
    changes = [spf, _dkim(evidence, spf_helps=helps), _dmarc(evidence)]
    fails = evidence.dmarc_passes is False
    return Cure(
        changes=tuple(change for change in changes if change is not None),
        own_servers=evidence.exchange.hosts,
        needs_own_server=fails,
        envelope_to_change=evidence.envelope if fails and not evidence.spf_is_aligned else "",
    )


def _spf(dns: Dns, evidence: Evidence) -> Change | None:
    """The SPF record of the envelope's domain."""
    worst = evidence.spf_worst
    if worst is None or worst.result in ("pass", "temperror") or not evidence.spf_answer.is_known:
        return None
    now = evidence.spf_records
    base = now[0] if len(now) == 1 else merged(now) if now else _fresh(evidence)
    action: Action = "replace" if len(now) == 1 else "merge" if now else "add"
    candidates = [_tried(dns, evidence, base, terms) for terms in _term_sets(evidence)]
    is_own = registrable(evidence.envelope) == registrable(evidence.domain)
    enough = [one for one in candidates if one.is_enough] or candidates[-1:]
    best = next((one for one in enough if one.lookups <= MOST_LOOKUPS), enough[0])
    return Change("SPF", action, evidence.envelope, best.record, now, best.lookups, best.is_enough, is_own)


@dataclass(frozen=True, slots=True)
class _Tried:
    record: str
    lookups: int
    is_enough: bool


def _fresh(evidence: Evidence) -> str:
    """A record for a domain that has none: its own mail hosts may send, and others are only suspect."""
    has_hosts = evidence.exchange.state == "good" and evidence.envelope == evidence.domain
    return f"{VERSION} mx ~all" if has_hosts else f"{VERSION} ~all"


def _term_sets(evidence: Evidence) -> list[Sequence[str]]:
    """What could be added, the best first: what the service asks for, the addresses themselves, both."""
    route = evidence.route
    include = [f"include:{route.spf_include}"] if route.spf_include else []
    given = [f"{_mechanism(ip)}:{ip}" for ip in route.ips] + [f"a:{host}" for host in route.hosts]
    missing = [f"{_mechanism(one.ip)}:{one.ip}" for one in evidence.spf if one.result != "pass"]
    sets: list[Sequence[str]] = [include, given, [*include, *missing], missing]
    return [terms for number, terms in enumerate(sets) if terms and terms not in sets[:number]] or [[]]


def _mechanism(network: str) -> str:
    return f"ip{ip_address(network.partition('/')[0]).version}"


def _tried(dns: Dns, evidence: Evidence, base: str, terms: Sequence[str]) -> _Tried:
    """The record with `terms` in it, and what SPF would then say of every address."""
    worst = evidence.spf_worst
    gone = worst.term if worst is not None and worst.reason == "missing-include" else ""
    record = inserted(_readable(base, gone), terms)
    published = {evidence.envelope: record}
    results = [evaluate(dns, one.ip, evidence.envelope, "", evidence.route.helo, published) for one in evidence.spf]
    return _Tried(
        record,
        walked(dns, record).lookups,
        bool(results) and all(one.result == "pass" for one in results),
    )


def _readable(record: str, gone: str) -> str:
    """The record without what would make all of it void: terms that are none, and `gone`, an include of nothing."""
    kept: list[str] = []
    modifiers: set[str] = set()
    for piece in record.split(" ")[1:]:
        (term,) = parse(f"{VERSION} {piece}").terms or (None,)
        if term is None or piece == gone or (term.is_modifier and term.name in modifiers):
            continue
        if term.is_modifier and term.name in ("redirect", "exp"):
            modifiers.add(term.name)
        kept.append(piece)
    return " ".join([VERSION, *kept])


def _dkim(evidence: Evidence, *, spf_helps: bool) -> Change | None:
    """The key of the route, where it is the domain's own and is not there or no good; or one that would help."""
    key, route = evidence.key, evidence.route
    if key is not None and evidence.dkim_is_aligned and key.state in ("missing", "revoked", "unusable", "short"):
        return Change("DKIM", "add" if key.state == "missing" else "replace", key.name, _KEY, is_enough=False)
    needs_one = evidence.dmarc_passes is False and not (evidence.spf_is_aligned and spf_helps)
    if needs_one and not evidence.dkim_is_aligned:
        name = f"{route.dkim_selector or 'SELECTOR'}._domainkey.{evidence.domain}"
        return Change("DKIM", "add", name, _KEY, is_enough=False)
    return None


_KEY = f"v=DKIM1; k=rsa; p={PUBLIC_KEY}"


def _dmarc(evidence: Evidence) -> Change | None:
    """The mildest policy where there is none: receivers of bulk mail ask for one."""
    dmarc = evidence.dmarc
    if dmarc.failed is not None or dmarc.record or evidence.exchange.state == "no-domain":
        return None
    home = registrable(evidence.domain)
    record = f"v=DMARC1; p=none; rua=mailto:postmaster@{home}"
    if dmarc.several:
        # None of them holds now: the mildest changes least.
        readable = [one for one in dmarc.published if policy_in(one) is not None]
        record = min(readable, key=lambda one: POLICIES.index(policy_in(one) or "none"), default=record)
    action: Action = "merge" if dmarc.several else "replace" if dmarc.published else "add"
    return Change("DMARC", action, dmarc.name, record, dmarc.published)
