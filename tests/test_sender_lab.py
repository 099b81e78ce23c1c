"""Who may send for whom: a client, and a service that sends for it, in every arrangement of SPF, DKIM and DMARC."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from dns_server import dns_server
from routes import PUBLIC_KEY, Zone, examined, faults, signed

from spamlint.sender.route import Route

KEY = f"v=DKIM1; k=rsa; p={PUBLIC_KEY}"
BASE: Zone = {
    "client.example TXT": "v=spf1 ip4:198.51.100.0/24 -all",
    "client.example MX": "10 mx.client.example.",
    "mx.client.example A": "198.51.100.1",
    "_dmarc.client.example TXT": "v=DMARC1; p=reject",
    "vendor.example TXT": "v=spf1 ip4:192.0.2.7 -all",
    "7.2.0.192.in-addr.arpa PTR": "out.vendor.example.",
    "out.vendor.example A": "192.0.2.7",
}
INCLUDED: Zone = {**BASE, "client.example TXT": "v=spf1 ip4:198.51.100.0/24 include:vendor.example -all"}
NESTED: Zone = {
    **BASE,
    "client.example TXT": "v=spf1 include:n0.client.example -all",
    **{f"n{number}.client.example TXT": f"v=spf1 include:n{number + 1}.client.example -all" for number in range(12)},
    "n12.client.example TXT": "v=spf1 ip4:192.0.2.7 -all",
}
PLAIN = Route("vendor", ips=("192.0.2.7",), spf_include="vendor.example")
ENVELOPE = Route("vendor", ips=("192.0.2.7",), envelope="bounce@vendor.example", spf_include="vendor.example")


def signing(route: Route, domain: str) -> Route:
    return Route(
        route.name, route.ips, envelope=route.envelope, spf_include=route.spf_include, dkim_domain=domain,
        dkim_selector="s1",
    )  # fmt: skip


@dataclass(frozen=True)
class Case:
    zone: Zone
    route: Route
    spf: tuple[str, bool]
    """What SPF says, and whether it is aligned."""
    dkim: tuple[bool, bool]
    """Whether there is a valid signature, and whether one is aligned."""
    dmarc: bool
    wrong: set[str]
    record: str = ""
    """The record that cures it."""


CASES = {
    "envelope and From of the client, address of the vendor": Case(
        BASE, PLAIN, ("fail", True), (False, False), dmarc=False, wrong={"spf-fail", "dmarc-fail"},
        record="v=spf1 ip4:198.51.100.0/24 include:vendor.example -all",
    ),
    "envelope of the vendor": Case(
        BASE, ENVELOPE, ("pass", False), (False, False), dmarc=False, wrong={"dmarc-fail"},
        record="v=DKIM1; k=rsa; p=PUBLIC-KEY",
    ),
    "the same, and a signature of the vendor": Case(
        {**BASE, "s1._domainkey.vendor.example TXT": KEY}, signing(ENVELOPE, "vendor.example"),
        ("pass", False), (True, False), dmarc=False, wrong={"dkim-not-aligned", "dmarc-fail"},
        record="v=DKIM1; k=rsa; p=PUBLIC-KEY",
    ),
    "the client includes the vendor": Case(INCLUDED, PLAIN, ("pass", True), (False, False), dmarc=True, wrong=set()),
    "the client includes the vendor, which uses its own envelope": Case(
        INCLUDED, ENVELOPE, ("pass", False), (False, False), dmarc=False, wrong={"dmarc-fail"},
        record="v=DKIM1; k=rsa; p=PUBLIC-KEY",
    ),
    "envelope of the vendor, signature of the client": Case(
        {**BASE, "s1._domainkey.client.example TXT": KEY}, signing(ENVELOPE, "client.example"),
        ("pass", False), (True, True), dmarc=True, wrong=set(),
    ),
    "twelve includes, one in the other": Case(
        NESTED, PLAIN, ("permerror", True), (False, False), dmarc=False, wrong={"spf-too-many-lookups", "dmarc-fail"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_case(case: Case) -> None:
    with dns_server(case.zone) as server:
        found = examined(server.port, case.route)
    evidence = found.evidence
    assert evidence.spf_worst is not None
    assert (evidence.spf_worst.result, evidence.spf_is_aligned) == case.spf
    assert (evidence.dkim_passes, evidence.dkim_speaks) == case.dkim
    assert evidence.dmarc_passes is case.dmarc
    assert faults(found) == case.wrong
    if case.record:
        assert found.cure.own[0].record == case.record


@pytest.mark.parametrize(("domain", "passes"), [("client.example", True), ("vendor.example", False)])
def test_a_message_that_is_signed_already_counts_as_it_is(domain: str, passes: bool) -> None:
    zone = {**BASE, f"s1._domainkey.{domain} TXT": KEY}
    with dns_server(zone) as server:
        found = examined(server.port, ENVELOPE, signed(domain))
    assert [one.state for one in found.evidence.signatures] == ["valid"]
    assert found.evidence.dmarc_passes is passes


def test_what_the_record_costs_with_the_include_and_without() -> None:
    with dns_server(NESTED) as server:
        change = examined(server.port, PLAIN).cure.own[0]
    assert change.is_over_limit
    assert not change.is_enough


@pytest.mark.parametrize(
    ("record", "sender", "policy", "mildest"),
    [
        ("v=DMARC1; p=reject; sp=quarantine", "ann@client.example", "reject", "reject"),
        ("v=DMARC1; p=reject; sp=quarantine", "ann@news.client.example", "quarantine", "quarantine"),
        ("v=DMARC1; p=reject", "ann@news.client.example", "reject", "reject"),
        ("v=DMARC1; p=reject; sp=none", "ann@news.client.example", "none", "none"),
        ("v=DMARC1; p=reject; pct=20", "ann@client.example", "reject", "quarantine"),
        ("v=DMARC1; p=quarantine; pct=0", "ann@client.example", "quarantine", "none"),
        ("v=DMARC1; p=reject; t=y", "ann@client.example", "reject", "quarantine"),
        ("v=DMARC1; rua=mailto:a@client.example", "ann@client.example", "none", "none"),
        ("v=DMARC1; p=maybe", "ann@client.example", "none", "none"),
        ("v=DMARC2; p=reject", "ann@client.example", "none", "none"),
    ],
)
def test_policy(record: str, sender: str, policy: str, mildest: str) -> None:
    zone = {**BASE, "_dmarc.client.example TXT": record, "news.client.example MX": "10 mx.client.example."}
    with dns_server(zone) as server:
        found = examined(server.port, PLAIN, address=sender)
    assert (found.evidence.dmarc.policy, found.evidence.dmarc.mildest) == (policy, mildest)
    is_blocked = policy != "none" and "pct=0" not in record
    assert ("dmarc-fail" in faults(found)) is is_blocked


@pytest.mark.parametrize(("tag", "aligned"), [("", True), ("; aspf=s", False), ("; aspf=r", True)])
def test_strict_alignment_wants_the_very_domain(tag: str, aligned: bool) -> None:
    zone = {**BASE, "_dmarc.client.example TXT": f"v=DMARC1; p=reject{tag}", "b.client.example TXT": "v=spf1 +all"}
    with dns_server(zone) as server:
        found = examined(server.port, Route("r", ips=("192.0.2.7",), envelope="x@b.client.example"))
    assert found.evidence.spf_is_aligned is aligned
    assert found.evidence.dmarc_passes is aligned
