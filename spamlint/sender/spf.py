"""SPF (RFC 7208): may this address send mail for that domain?

An evaluator of our own, as functions over `Dns`: libraries throw away which question failed, stop counting where a
term matches, and cannot be asked what a record would say that is not published yet. All three are needed here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Literal, TypeAlias

from spamlint.sender.dns import Answer, Dns, Kind
from spamlint.sender.spf_macros import Sending, expanded
from spamlint.sender.spf_record import LOOKING_UP, SpfRecord, Term, is_spf, parse

Result: TypeAlias = Literal["pass", "fail", "softfail", "neutral", "none", "permerror", "temperror"]
Address: TypeAlias = IPv4Address | IPv6Address
Reason: TypeAlias = Literal[
    "", "too-many-lookups", "too-many-voids", "too-many-hosts", "several-records", "syntax", "missing-include"
]

MOST_LOOKUPS = 10
MOST_VOIDS = 2
MOST_HOSTS = 10
"""Names of one mx or ptr that are looked at (section 4.6.4)."""
_RESULTS: dict[str, Result] = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}


@dataclass(frozen=True, slots=True)
class Spf:
    """What SPF says of one address."""

    result: Result
    ip: str
    domain: str
    """The domain of MAIL FROM."""
    term: str = ""
    """What decided: the term that matched, or the one that is wrong."""
    reason: Reason = ""
    """What makes a permerror of it."""
    lookups: int = 0
    voids: int = 0
    failed: Answer | None = None
    """The question without an answer that makes a temperror of it."""


class _Ended(Exception):  # noqa: N818 - no error: the evaluation has its result
    def __init__(self, result: Result, reason: Reason = "", term: str = "", failed: Answer | None = None) -> None:
        super().__init__(result)
        self.result, self.reason, self.term, self.failed = result, reason, term, failed


@dataclass(slots=True)
class _Run:
    """One evaluation on its way."""

    dns: Dns
    sending: Sending
    published: dict[str, str]
    lookups: int = 0
    voids: int = 0
    names: list[str] | None = field(default=None)

    def ask(self, name: str, kind: Kind) -> tuple[str, ...]:
        """The records, none where there are none; ends the evaluation where nobody knows."""
        answer = self.dns.ask(name, kind)
        if answer.status == "bad-name":
            return ()
        if not answer.is_known:
            raise _Ended("temperror", failed=answer)
        return answer.records

    def looked_up(self, term: str) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise _Ended("permerror", "too-many-lookups", term)

    def found(self, records: tuple[str, ...], term: str) -> tuple[str, ...]:
        if not records:
            self.voids += 1
            if self.voids > MOST_VOIDS:
                raise _Ended("permerror", "too-many-voids", term)
        return records


def evaluate(
    dns: Dns, ip: str, domain: str, sender: str = "", helo: str = "", published: dict[str, str] | None = None
) -> Spf:
    """What SPF says of mail from `ip` with MAIL FROM at `domain`. `published` holds records that go before the DNS."""
    sender = sender if "@" in sender else f"postmaster@{domain}"
    address = ip_address(ip)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    run = _Run(dns, Sending(address, sender, helo or domain), published or {})
    try:
        result, term = _checked(run, domain)
        return Spf(result, ip, domain, term, "", run.lookups, run.voids)
    except _Ended as end:
        return Spf(end.result, ip, domain, end.term, end.reason, run.lookups, run.voids, end.failed)


def records_of(dns: Dns, domain: str) -> tuple[Answer, tuple[str, ...]]:
    """The answer on the TXT records of `domain`, and those of them that are of SPF."""
    answer = dns.ask(domain, "TXT")
    return answer, tuple(record for record in answer.records if is_spf(record))


def _record(run: _Run, domain: str) -> SpfRecord | None:
    """The record of `domain`; None where it has none."""
    own = run.published.get(domain.lower())
    found = (own,) if own is not None else tuple(one for one in run.ask(domain, "TXT") if is_spf(one))
    if len(found) > 1:
        raise _Ended("permerror", "several-records", domain)
    if not found:
        return None
    record = parse(found[0])
    if record.wrong:
        raise _Ended("permerror", "syntax", record.wrong)
    return record


def _checked(run: _Run, domain: str) -> tuple[Result, str]:
    """check_host() of section 4: the result, and the term that gave it."""
    record = _record(run, domain)
    if record is None:
        return "none", ""
    for term in record.mechanisms:
        if term.name in LOOKING_UP:
            run.looked_up(term.text)
        if _matches(run, term, domain):
            return _RESULTS[term.qualifier], term.text
    if record.redirect and not any(term.name == "all" for term in record.mechanisms):
        run.looked_up(f"redirect={record.redirect}")
        target = _expand(run, record.redirect, domain)
        result, term_text = _checked(run, target)
        if result == "none":
            raise _Ended("permerror", "missing-include", f"redirect={target}")
        return result, term_text
    return "neutral", ""


def _matches(run: _Run, term: Term, domain: str) -> bool:
    ip = run.sending.ip
    match term.name:
        case "all":
            return True
        case "ip4" | "ip6":
            return term.network is not None and ip.version == term.network.version and ip in term.network
        case "include":
            target = _expand(run, term.value, domain)
            result, _ = _checked(run, target)
            if result == "none":
                raise _Ended("permerror", "missing-include", term.text)
            return result == "pass"
        case "a":
            return _is_host(run, _expand(run, term.value, domain) or domain, term, counted=True)
        case "mx":
            return _is_exchanger(run, _expand(run, term.value, domain) or domain, term)
        case "exists":
            return bool(run.found(run.ask(_expand(run, term.value, domain), "A"), term.text))
        case _:
            target = (_expand(run, term.value, domain) or domain).lower()
            names = [name.lower() for name in _host_names(run)]
            return any(name == target or name.endswith(f".{target}") for name in names)


def _expand(run: _Run, spec: str, domain: str) -> str:
    return expanded(spec, domain, run.sending, lambda: next(iter(_host_names(run)), "unknown"))


def _lies_in(ip: Address, text: str, term: Term) -> bool:
    try:
        other = ip_address(text)
    except ValueError:
        return False
    if other.version != ip.version:
        return False
    length = term.length4 if ip.version == 4 else term.length6
    return ip in ip_network(f"{other}/{other.max_prefixlen if length is None else length}", strict=False)


def _is_host(run: _Run, host: str, term: Term, *, counted: bool) -> bool:
    found = run.ask(host, "A" if run.sending.ip.version == 4 else "AAAA")
    if counted:
        run.found(found, term.text)
    return any(_lies_in(run.sending.ip, one, term) for one in found)


def _is_exchanger(run: _Run, domain: str, term: Term) -> bool:
    found = run.found(run.ask(domain, "MX"), term.text)
    hosts = [record.partition(" ")[2].rstrip(".") for record in found]
    if len(hosts) > MOST_HOSTS:
        raise _Ended("permerror", "too-many-hosts", term.text)
    run.dns.ask_all((host, "A" if run.sending.ip.version == 4 else "AAAA") for host in hosts if host)
    return any(_is_host(run, host, term, counted=False) for host in hosts if host)


def _host_names(run: _Run) -> list[str]:
    """The names of the sending address that lead back to it (section 5.5)."""
    if run.names is None:
        ip = run.sending.ip
        answer = run.dns.ask(ip.reverse_pointer, "PTR")
        names = answer.records[:MOST_HOSTS] if answer.status == "ok" else ()
        back = run.dns.ask_all((name, "A" if ip.version == 4 else "AAAA") for name in names)
        run.names = [name for name, one in zip(dict.fromkeys(names), back, strict=True) if _is_among(ip, one.records)]
    return run.names


def _is_among(ip: Address, texts: tuple[str, ...]) -> bool:
    return str(ip) in texts or any(ip == _address(text) for text in texts)


def _address(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
