"""SPF by RFC 7208: records, macros, limits; and the same results as pyspf gives."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
import spf as pyspf

from spamlint.sender.dns import Answer, Dns, Kind, Question
from spamlint.sender.spf import evaluate
from spamlint.sender.spf_macros import Sending, expanded
from spamlint.sender.spf_record import inserted, is_spf, merged, parse
from spamlint.sender.spf_walk import walked


def recorded(zone: dict[str, list[str]]) -> Dns:
    """A DNS that knows `zone`, "name TYPE" -> records, and that there is nothing else."""
    names = {key.partition(" ")[0] for key in zone}

    class Answers(dict[Question, Answer]):
        def __missing__(self, key: Question) -> Answer:
            name, kind = key
            values = zone.get(f"{name} {kind}")
            if values is not None:
                return Answer(name, kind, "ok", tuple(values))
            return Answer(name, kind, "no-data" if name in names else "no-such-name")

        get = __missing__  # type: ignore[assignment]

    return Dns(recorded=Answers())


ZONE = {
    "a.example A": ["192.0.2.1", "192.0.2.2"],
    "a.example AAAA": ["2001:db8::1"],
    "a.example MX": ["10 mx.a.example.", "20 mx2.a.example."],
    "mx.a.example A": ["192.0.2.10"],
    "mx2.a.example AAAA": ["2001:db8::10"],
    "good.example TXT": ["v=spf1 ip4:203.0.113.0/24 -all"],
    "soft.example TXT": ["v=spf1 ~all"],
    "none.example A": ["192.0.2.99"],
    "two.example TXT": ["v=spf1 -all", "v=spf1 +all"],
    "broken.example TXT": ["v=spf1 ip4:300.1.1.1 -all"],
    "to.example TXT": ["v=spf1 redirect=good.example"],
    "loop.example TXT": ["v=spf1 include:loop.example -all"],
    "1.2.0.192.in-addr.arpa PTR": ["host.a.example", "liar.example"],
    "host.a.example A": ["192.0.2.1"],
    "1.2.0.192.ann.allow.example A": ["127.0.0.2"],
    "ann.a.example A": ["127.0.0.2"],
    "many.example MX": [f"{number} h{number}.example." for number in range(11)],
}
CASES = [
    ("v=spf1 -all", "192.0.2.1", "fail"),
    ("v=spf1 all", "192.0.2.1", "pass"),
    ("v=spf1 ?all", "192.0.2.1", "neutral"),
    ("v=spf1", "192.0.2.1", "neutral"),
    ("V=SPF1 -ALL", "192.0.2.1", "fail"),
    ("v=spf1 a -all", "192.0.2.1", "pass"),
    ("v=spf1 a -all", "192.0.2.3", "fail"),
    ("v=spf1 a/24 -all", "192.0.2.3", "pass"),
    ("v=spf1 a//64 -all", "2001:db8::77", "pass"),
    ("v=spf1 a/24//64 -all", "2001:db8::77", "pass"),
    ("v=spf1 a:a.example/30 -all", "192.0.2.9", "fail"),
    ("v=spf1 mx -all", "192.0.2.10", "pass"),
    ("v=spf1 mx -all", "2001:db8::10", "pass"),
    ("v=spf1 mx/28 -all", "192.0.2.1", "pass"),
    ("v=spf1 ip4:192.0.2.0/24 -all", "192.0.2.200", "pass"),
    ("v=spf1 ip4:192.0.2.0/24 -all", "2001:db8::1", "fail"),
    ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8:7::1", "pass"),
    ("v=spf1 ip4:192.0.2.7 -all", "::ffff:192.0.2.7", "pass"),
    ("v=spf1 include:good.example -all", "203.0.113.9", "pass"),
    ("v=spf1 include:good.example -all", "192.0.2.1", "fail"),
    ("v=spf1 include:soft.example ?all", "192.0.2.1", "neutral"),
    ("v=spf1 -include:good.example +all", "203.0.113.9", "fail"),
    ("v=spf1 include:none.example -all", "192.0.2.1", "permerror"),
    ("v=spf1 include:nowhere.example -all", "192.0.2.1", "permerror"),
    ("v=spf1 include:two.example -all", "192.0.2.1", "permerror"),
    ("v=spf1 include:broken.example -all", "192.0.2.1", "permerror"),
    ("v=spf1 include:loop.example -all", "192.0.2.1", "permerror"),
    ("v=spf1 redirect=good.example", "203.0.113.1", "pass"),
    ("v=spf1 redirect=good.example", "192.0.2.1", "fail"),
    ("v=spf1 redirect=to.example", "203.0.113.1", "pass"),
    ("v=spf1 redirect=none.example", "192.0.2.1", "permerror"),
    ("v=spf1 ?all redirect=good.example", "203.0.113.1", "neutral"),
    ("v=spf1 redirect=good.example redirect=good.example", "192.0.2.1", "permerror"),
    ("v=spf1 exists:%{ir}.%{l}.allow.example -all", "192.0.2.1", "pass"),
    ("v=spf1 exists:%{ir}.%{l}.allow.example -all", "192.0.2.2", "fail"),
    ("v=spf1 exists:%{l}.%{d} -all", "192.0.2.2", "pass"),
    ("v=spf1 exists:%{l1r-}.%{o} -all", "192.0.2.2", "pass"),
    ("v=spf1 exists:%{x}.example -all", "192.0.2.2", "permerror"),
    ("v=spf1 ptr -all", "192.0.2.1", "pass"),
    ("v=spf1 ptr:b.example -all", "192.0.2.1", "fail"),
    ("v=spf1 ptr -all", "192.0.2.2", "fail"),
    ("v=spf1 mx:many.example -all", "192.0.2.1", "permerror"),
    ("v=spf1 a:x1.example a:x2.example a:x3.example -all", "192.0.2.1", "permerror"),
    ("v=spf1 a:x1.example a:x2.example -all", "192.0.2.1", "fail"),
    ("v=spf1 " + "a " * 10 + "-all", "192.0.2.9", "fail"),
    ("v=spf1 " + "a " * 11 + "-all", "192.0.2.9", "permerror"),
    ("v=spf1 foo=bar -all", "192.0.2.1", "fail"),
    ("v=spf1 foo -all", "192.0.2.1", "permerror"),
    ("v=spf1 foo:bar -all", "192.0.2.1", "permerror"),
    ("v=spf1 -all:a.example", "192.0.2.1", "permerror"),
    ("v=spf1 include: -all", "192.0.2.1", "permerror"),
    ("v=spf1 ip4: -all", "192.0.2.1", "permerror"),
    ("v=spf1 ip4:192.0.2.1/33 -all", "192.0.2.1", "permerror"),
    ("v=spf1 ip6:192.0.2.1 -all", "192.0.2.1", "permerror"),
    ("v=spf1 a:192.0.2.1 -all", "192.0.2.1", "permerror"),
    ("v=spf1 a/33 -all", "192.0.2.1", "permerror"),
    ("v=spf1  ip4:192.0.2.1   -all", "192.0.2.1", "pass"),
    ("v=spf10 -all", "192.0.2.1", "none"),
    ("something else", "192.0.2.1", "none"),
]


@pytest.mark.parametrize(("record", "ip", "result"), CASES)
def test_result(record: str, ip: str, result: str) -> None:
    dns = recorded({**ZONE, "a.example TXT": [record]})
    assert evaluate(dns, ip, "a.example", "ann@a.example").result == result


class Oracle(pyspf.query):  # type: ignore[misc]
    """pyspf, which asks the same DNS."""

    def __init__(self, dns: Dns, ip: str) -> None:
        self.known = dns
        super().__init__(ip, "ann@a.example", "a.example")

    def dns(self, name: str, qtype: str, ignore_void: bool = False) -> list[Any]:
        kind: Kind = qtype  # type: ignore[assignment]
        records = self.known.ask(name, kind).records
        if not records and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > 2:
                raise pyspf.PermError("Void lookup limit of 2 exceeded")
        if kind == "TXT":
            return [(record.encode(),) for record in records]
        if kind == "MX":
            return [(int(record.split()[0]), record.split()[1].rstrip(".")) for record in records]
        if kind in ("A", "AAAA"):
            return [pyspf.ipaddress.ip_address(record) for record in records]
        return list(records)


@pytest.mark.parametrize(("record", "ip", "result"), CASES)
def test_pyspf_says_the_same(record: str, ip: str, result: str) -> None:
    dns = recorded({**ZONE, "a.example TXT": [record]})
    assert Oracle(dns, ip).check()[0] == result


@pytest.mark.parametrize(
    ("record", "terms", "becomes"),
    [
        ("v=spf1 mx -all", ["include:c.example"], "v=spf1 mx include:c.example -all"),
        ("v=spf1 mx", ["include:c.example"], "v=spf1 mx include:c.example"),
        ("v=spf1", ["ip4:192.0.2.7"], "v=spf1 ip4:192.0.2.7"),
        ("v=spf1 include:c.example ~all", ["include:c.example"], "v=spf1 include:c.example ~all"),
        ("v=spf1 +include:C.example ~all", ["include:c.example"], "v=spf1 +include:C.example ~all"),
        ("v=spf1 mx redirect=d.example", ["ip6:2001:db8::1"], "v=spf1 mx ip6:2001:db8::1 redirect=d.example"),
        ("v=spf1  mx   ?all", ["a:h.example", "ip4:192.0.2.1"], "v=spf1 mx a:h.example ip4:192.0.2.1 ?all"),
        ("v=spf1 mx +all", ["include:c.example"], "v=spf1 mx include:c.example ~all"),
        ("v=spf1 mx -ALL exp=e.example", ["include:c.example"], "v=spf1 mx include:c.example -ALL exp=e.example"),
    ],
)
def test_what_is_missing_goes_before_the_end(record: str, terms: list[str], becomes: str) -> None:
    assert inserted(record, terms) == becomes


@pytest.mark.parametrize(
    ("records", "becomes"),
    [
        (["v=spf1 mx -all", "v=spf1 include:c.example ~all"], "v=spf1 mx include:c.example ~all"),
        (["v=spf1 mx a -all", "v=spf1 A include:c.example -all"], "v=spf1 mx a include:c.example -all"),
        (["v=spf1 mx -all", "v=spf1 redirect=d.example"], "v=spf1 mx -all"),
        (["v=spf1 mx", "v=spf1 redirect=d.example"], "v=spf1 mx redirect=d.example"),
        (["v=spf1 redirect=d.example", "v=spf1 redirect=e.example"], "v=spf1 include:e.example redirect=d.example"),
        (["v=spf1 all", "v=spf1 -all"], "v=spf1 ~all"),
    ],
)
def test_of_several_records_one_is_made(records: list[str], becomes: str) -> None:
    assert merged(records) == becomes


def test_what_a_record_costs_and_allows() -> None:
    dns = recorded({**ZONE, "s.example TXT": ["v=spf1 ip4:198.51.100.0/24 a mx include:good.example ~all"]})
    walk = walked(dns, "v=spf1 mx include:s.example include:good.example redirect=to.example")
    # mx, the include with three of its own, the other include, the redirect and the one behind it
    assert walk.lookups == 1 + (1 + 3) + 1 + 1 + 1
    assert walk.networks.count("203.0.113.0/24") == 3
    assert walk.failed is None


def test_a_record_that_includes_itself_is_read_to_an_end() -> None:
    assert walked(recorded(ZONE), ZONE["loop.example TXT"][0]).lookups > 10


def test_records_are_told_from_others() -> None:
    assert is_spf("v=spf1")
    assert is_spf("V=spf1 -all")
    assert not is_spf("v=spf1-all")
    assert parse("v=spf1 ip4:192.0.2.1 nonsense -all").wrong == "nonsense"


@pytest.mark.parametrize(
    ("spec", "becomes"),
    [
        ("%{s}.x", "ann@news.a.example.x"),
        ("%{d2}", "a.example"),
        ("%{dr}", "example.a.news"),
        ("%{d1r}", "news"),
        ("%{i}.%{v}.x", "192.0.2.3.in-addr.x"),
        ("%{ir}", "3.2.0.192"),
        ("%{h}", "mail.a.example"),
        ("%%%_%-x", "% %20x"),
        ("%{S}", "ann%40news.a.example"),
        ("%{p}.x", "unknown.x"),
    ],
)
def test_macros(spec: str, becomes: str) -> None:
    sending = Sending(ip_address("192.0.2.3"), "ann@news.a.example", "mail.a.example")
    assert expanded(spec, "news.a.example", sending, lambda: "unknown") == becomes


def test_the_macro_of_an_ipv6_address_has_its_nibbles() -> None:
    sending = Sending(ip_address("2001:db8::cb01"), "ann@a.example", "a.example")
    value = expanded("%{ir}.%{v}", "a.example", sending, lambda: "unknown")
    assert value == "1.0.b.c." + "0." * 20 + "8.b.d.0.1.0.0.2.ip6"
