"""The SPF record of a domain: each fault that is looked for, and what is right."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from dns_server import Zone, dns_server
from record_lint import NAME, QUIET, found

from spamlint.sender.dns import Dns, Server
from spamlint.sender.records.lint import record_notes
from spamlint.sender.records.spf_hint import meant

SPF: list[tuple[str, Sequence[str] | str, set[str]]] = [
    ("right", "v=spf1 ip4:192.0.2.7 ip6:2001:db8::/32 a mx:mill.example -all", set()),
    ("redirected", "v=spf1 redirect=good.example", set()),
    ("a typing error", "v=spf1 ipv4:192.0.2.7 -all", {"spf-bad-term"}),
    ("glued together", "v=spf1 ip4:192.0.2.7include:good.example -all", {"spf-bad-term"}),
    ("nonsense", "v=spf1 hello=1 wor!d -all", {"spf-unknown-term"}),
    ("a bad address", "v=spf1 ip4:300.1.1.1 -all", {"spf-unknown-term"}),
    ("a bad macro", "v=spf1 exists:%{z}.mill.example -all", {"spf-unknown-term"}),
    ("a macro", "v=spf1 exists:%{i}.mill.example -all", {"spf-uses-macro"}),
    ("redirect twice", "v=spf1 redirect=good.example redirect=good.example", {"spf-repeated-modifier"}),
    ("two records", ["v=spf1 mx -all", "v=spf1 a -all"], {"spf-several-records"}),
    ("none", "google-site-verification=1", {"spf-no-record"}),
    ("a bad start", "v=spf1;ip4:192.0.2.7", {"spf-no-record", "spf-bad-version"}),
    ("quotation marks", "'v=spf1 -all'", {"spf-no-record", "spf-bad-version"}),
    ("a record of Sender ID", ["spf2.0/pra ~all", "v=spf1 -all"], set()),
    ("everybody", "v=spf1 +all", {"spf-allows-all"}),
    ("everybody, said shortly", "v=spf1 all", {"spf-allows-all"}),
    ("neutral", "v=spf1 ip4:192.0.2.7 ?all", {"spf-neutral-all"}),
    ("no end", "v=spf1 ip4:192.0.2.7", {"spf-no-all"}),
    ("behind the end", "v=spf1 -all include:good.example", {"spf-term-after-all"}),
    ("redirect beside all", "v=spf1 -all redirect=good.example", {"spf-term-after-all"}),
    ("ptr", "v=spf1 ptr -all", {"spf-uses-ptr"}),
    ("wide", "v=spf1 ip4:0.0.0.0/0 -all", {"spf-wide-network"}),
    ("private", "v=spf1 ip4:192.168.1.10 -all", {"spf-private-address"}),
    ("long", "v=spf1 " + " ".join(f"ip4:192.0.2.{n}" for n in range(40)) + " -all", {"spf-too-long"}),
    ("included domain without", "v=spf1 include:nothing.test -all", {"spf-missing-include"}),
    ("included mistake", "v=spf1 include:broken.example -all", {"spf-broken-include"}),
    ("included everybody", "v=spf1 include:open.example -all", {"spf-open-include"}),
    ("a circle", "v=spf1 include:circle.example -all", {"spf-include-loop"}),
    ("too many lookups", "v=spf1 include:six.example include:six.example -all", {"spf-lookup-limit"}),
    ("voids", "v=spf1 a:x.test a:y.test mx:z.test -all", {"spf-void-lookups"}),
    ("nobody answers", "v=spf1 include:silent.example -all", {"not-checked"}),
]
AROUND: Zone = {
    "mill.example A": "192.0.2.1",
    "mill.example MX": "10 mill.example.",
    "good.example TXT": "v=spf1 ip4:192.0.2.8 -all",
    "broken.example TXT": "v=spf1 ip4:1 -all",
    "open.example TXT": "v=spf1 +all",
    "circle.example TXT": "v=spf1 include:mill.example -all",
    "six.example TXT": "v=spf1 " + "a:mill.example " * 5 + "-all",
    "silent.example TXT": "SERVFAIL",
}


@pytest.mark.parametrize(("record", "kinds"), [row[1:] for row in SPF], ids=[row[0] for row in SPF])
def test_spf(record: Sequence[str] | str, kinds: set[str]) -> None:
    assert set(found({**QUIET, **AROUND, "mill.example TXT": record})) == kinds


def test_an_spf_record_of_the_old_type() -> None:
    zone = {**QUIET, **AROUND, "mill.example TXT": "v=spf1 mx -all", "mill.example SPF": '"v=spf1 mx -all"'}
    assert set(found(zone)) == {"spf-old-type"}


def test_a_fault_that_lies_deeper_names_the_way_to_it() -> None:
    zone = {
        **QUIET, **AROUND,
        "mill.example TXT": "v=spf1 include:carrier.example -all",
        "carrier.example TXT": "v=spf1 include:nothing.test -all",
    }  # fmt: skip
    (values,) = found(zone)["spf-missing-include"]
    assert values == {
        "domain": NAME, "owner": "carrier.example", "term": "include:nothing.test", "target": "nothing.test",
        "via": "include:carrier.example",
    }  # fmt: skip


def test_a_record_with_a_thousand_hosts_is_not_asked_for_all_of_them() -> None:
    text = "v=spf1 " + " ".join(f"a:h{n}.x.test" for n in range(1000)) + " -all"
    with dns_server({**QUIET, "mill.example TXT": text}) as server:
        notes = record_notes(Dns([Server("127.0.0.1", server.port)], 5.0, 30.0), NAME)["SPF"]
        assert len(server.asked) < 60
    assert {note.kind: note.values.get("lookups") for note in notes}["spf-lookup-limit"] == 1000


@pytest.mark.parametrize(
    ("term", "instead"),
    [
        ("ipv4:192.0.2.7", "ip4:192.0.2.7"),
        ("ip4:2001:db8::1", "ip6:2001:db8::1"),
        ("ip:192.0.2.0/24", "ip4:192.0.2.0/24"),
        ("ip4=192.0.2.7", "ip4:192.0.2.7"),
        ("192.0.2.7", "ip4:192.0.2.7"),
        ("ip4:mail.mill.example", "a:mail.mill.example"),
        ("include:192.0.2.7", "ip4:192.0.2.7"),
        ("include=carrier.example", "include:carrier.example"),
        ("include:https://carrier.example/", "include:carrier.example"),
        ("mail.mill.example", "a:mail.mill.example"),
        ("redirect:carrier.example", "redirect=carrier.example"),
        ("-all;", "-all"),
        ("–all", "-all"),
        ("ip4:192.0.2.7-all", "ip4:192.0.2.7 -all"),
        ("ip4:192.0.2.7ip4:192.0.2.8", "ip4:192.0.2.7 ip4:192.0.2.8"),
        ("hello", ""),
        ("x" * 5000, ""),
    ],
)
def test_what_somebody_meant_with_a_term(term: str, instead: str) -> None:
    assert meant(term) == instead
