"""The exact cure: the one record to publish, tried out before it is proposed; and the letter about it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dns_server import dns_server
from routes import Zone, examined, faults

from spamlint.sender.cure import Change
from spamlint.sender.letter import letter
from spamlint.sender.route import Route

ROUTE = Route("carrier", ips=("192.0.2.7",), spf_include="spf.carrier.example")
ZONE: Zone = {
    "client.example MX": "10 mx.client.example.",
    "mx.client.example A": "198.51.100.1",
    "_dmarc.client.example TXT": "v=DMARC1; p=reject",
    "spf.carrier.example TXT": "v=spf1 ip4:192.0.2.0/28 -all",
    "old.carrier.example TXT": "v=spf1 ip4:203.0.113.0/28 -all",
}
TEN = " ".join(f"include:s{number}.example" for number in range(10))
SERVICES: Zone = {f"s{number}.example TXT": "v=spf1 ip4:203.0.113.1 -all" for number in range(10)}


def spf_change(records: str | list[str] | None, route: Route = ROUTE, **others: str) -> Change:
    zone = {**ZONE, **SERVICES, **others}
    if records is not None:
        zone["client.example TXT"] = records
    with dns_server(zone) as server:
        change = examined(server.port, route).cure.of("SPF")
    assert change is not None
    return change


@pytest.mark.parametrize(
    ("records", "record", "action"),
    [
        ("v=spf1 mx -all", "v=spf1 mx include:spf.carrier.example -all", "replace"),
        ("v=spf1 mx ~all", "v=spf1 mx include:spf.carrier.example ~all", "replace"),
        (None, "v=spf1 mx include:spf.carrier.example ~all", "add"),
        (
            ["v=spf1 mx -all", "v=spf1 include:spf.carrier.example ~all"],
            "v=spf1 include:spf.carrier.example mx ~all",
            "merge",
        ),
        ("v=spf1 mx ip4:192.0.2 -all", "v=spf1 mx include:spf.carrier.example -all", "replace"),
        ("v=spf1 include:old.carrier.example -all",
         "v=spf1 include:old.carrier.example include:spf.carrier.example -all", "replace"),
    ],
)  # fmt: skip
def test_the_record(records: str | list[str] | None, record: str, action: str) -> None:
    change = spf_change(records)
    assert (change.record, change.action, change.is_enough) == (record, action, True)
    assert not change.is_over_limit


def test_an_include_that_does_not_name_the_address_gets_the_address_too() -> None:
    change = spf_change("v=spf1 include:old.carrier.example -all", replace(ROUTE, spf_include="old.carrier.example"))
    assert change.record == "v=spf1 include:old.carrier.example ip4:192.0.2.7 -all"
    assert change.is_enough


def test_an_include_over_the_limit_is_replaced_by_addresses_which_cost_nothing() -> None:
    change = spf_change(f"v=spf1 {TEN} -all")
    assert change.record == f"v=spf1 {TEN} ip4:192.0.2.7 -all"
    assert change.lookups == 10
    assert not change.is_over_limit


def test_a_record_that_is_over_the_limit_already_is_told_so() -> None:
    change = spf_change(f"v=spf1 {TEN} mx -all")
    assert change.is_over_limit


@pytest.mark.parametrize(
    ("route", "term"),
    [
        (Route("r", ips=("192.0.2.7", "2001:db8::7")), "ip4:192.0.2.7 ip6:2001:db8::7"),
        (Route("r", ips=("192.0.2.0/29",)), "ip4:192.0.2.0/29"),
        (Route("r", hosts=("out.carrier.example",)), "a:out.carrier.example"),
    ],
)
def test_a_route_without_an_include_names_its_addresses(route: Route, term: str) -> None:
    zone = {**ZONE, "client.example TXT": "v=spf1 mx -all", "out.carrier.example A": "192.0.2.7"}
    with dns_server(zone) as server:
        change = examined(server.port, route).cure.of("SPF")
    assert change is not None
    assert (change.record, change.is_enough) == (f"v=spf1 mx {term} -all", True)


def test_every_address_of_the_route_is_tried() -> None:
    route = Route("r", ips=("192.0.2.7", "192.0.2.200"), spf_include="spf.carrier.example")
    zone = {**ZONE, "client.example TXT": "v=spf1 include:spf.carrier.example -all"}
    with dns_server(zone) as server:
        found = examined(server.port, route)
    assert [one.result for one in found.evidence.spf] == ["pass", "fail"]
    assert "spf-fail" in faults(found)
    assert found.cure.changes[0].record == "v=spf1 include:spf.carrier.example ip4:192.0.2.7 ip4:192.0.2.200 -all"


def test_the_addresses_of_a_service_are_those_that_its_own_record_names() -> None:
    with dns_server({**ZONE, "client.example TXT": "v=spf1 mx -all"}) as server:
        found = examined(server.port, Route("r", spf_include="spf.carrier.example"))
    assert len(found.evidence.addresses.ips) == 1
    assert found.cure.changes[0].record == "v=spf1 mx include:spf.carrier.example -all"


def test_an_envelope_below_the_domain_gets_its_own_record() -> None:
    route = replace(ROUTE, envelope="bounce@mail.client.example")
    with dns_server({**ZONE, "mail.client.example TXT": "v=spf1 -all"}) as server:
        change = examined(server.port, route).cure.of("SPF")
    assert change is not None
    assert (change.name, change.record) == ("mail.client.example", "v=spf1 include:spf.carrier.example -all")


def test_the_record_of_the_service_itself_is_not_asked_of_the_client() -> None:
    route = replace(ROUTE, envelope="bounce@carrier.example", spf_include="")
    with dns_server({**ZONE, "carrier.example TXT": "v=spf1 -all"}) as server:
        found = examined(server.port, route)
    assert [change.is_own for change in found.cure.changes] == [False, True]
    assert "carrier.example" not in [change.name for change in found.cure.own]
    assert found.cure.envelope_to_change == "carrier.example"


def test_a_domain_without_dmarc_gets_the_mildest_policy() -> None:
    zone = {key: value for key, value in ZONE.items() if not key.startswith("_dmarc")}
    zone["news.client.example MX"] = "10 mx.client.example."
    with dns_server({**zone, "client.example TXT": "v=spf1 include:spf.carrier.example -all"}) as server:
        found = examined(server.port, ROUTE, address="ann@news.client.example")
    change = found.cure.of("DMARC")
    assert change is not None
    assert change.name == "_dmarc.client.example"
    assert change.record == "v=DMARC1; p=none; rua=mailto:postmaster@client.example"


def test_the_letter() -> None:
    with dns_server({**ZONE, "client.example TXT": "v=spf1 mx -all"}) as server:
        found = examined(server.port, ROUTE)
    english, dutch = letter(found, "en"), letter(found, "nl")
    record = "v=spf1 mx include:spf.carrier.example -all"
    assert f"New value: {record}\n" in english
    assert f"Nieuwe waarde: {record}\n" in dutch
    assert "Old value: v=spf1 mx -all\n" in english
    assert "ann@client.example" in english
    assert "2 of 10" in english
    assert "mx.client.example" in dutch


def test_the_letter_about_a_signature_asks_for_the_key() -> None:
    route = replace(ROUTE, envelope="b@carrier.example", dkim_domain="client.example", dkim_selector="c1")
    with dns_server({**ZONE, "carrier.example TXT": "v=spf1 ip4:192.0.2.7 -all"}) as server:
        found = examined(server.port, route)
    assert "dkim-no-key" in faults(found)
    text = letter(found, "en")
    assert "c1._domainkey.client.example" in text
    assert "PUBLIC-KEY stands for the key that the sending service shows you" in text
    assert "return path (MAIL FROM) below client.example in place of carrier.example" in text


def test_where_all_is_well_there_is_no_letter() -> None:
    with dns_server({**ZONE, "client.example TXT": "v=spf1 include:spf.carrier.example -all"}) as server:
        found = examined(server.port, ROUTE)
    assert found.cure.changes == ()
    assert letter(found, "en") == ""


def test_an_include_of_nothing_goes() -> None:
    change = spf_change("v=spf1 mx include:gone.example -all")
    assert (change.record, change.is_enough) == ("v=spf1 mx include:spf.carrier.example -all", True)


def test_where_spf_cannot_be_cured_a_signature_is_proposed() -> None:
    with dns_server({**ZONE, **SERVICES, "client.example TXT": f"v=spf1 {TEN} a -all"}) as server:
        found = examined(server.port, ROUTE)
    assert [change.what for change in found.cure.own] == ["SPF", "DKIM"]
    assert not found.cure.own[0].is_enough
    told = next(note for note in found.notes if note.kind == "dmarc-fail")
    assert told.values["name"] == "SELECTOR._domainkey.client.example"


@pytest.mark.parametrize(
    ("published", "record", "action"),
    [
        (["v=DMARC1; p=reject", "v=DMARC1; p=quarantine"], "v=DMARC1; p=quarantine", "merge"),
        (["v=DMARC1; p=what"], "v=DMARC1; p=none; rua=mailto:postmaster@client.example", "replace"),
        ([], "v=DMARC1; p=none; rua=mailto:postmaster@client.example", "add"),
    ],
)
def test_there_is_never_a_second_dmarc_record(published: list[str], record: str, action: str) -> None:
    zone = {**ZONE, "_dmarc.client.example TXT": published}
    with dns_server({key: value for key, value in zone.items() if value}) as server:
        change = examined(server.port, ROUTE).cure.of("DMARC")
    assert change is not None
    assert (change.record, change.action, sorted(change.before)) == (record, action, sorted(published))


def test_a_long_record_is_told_to_be_one() -> None:
    many = " ".join(f"ip4:198.51.100.{number}" for number in range(20))
    with dns_server({**ZONE, "client.example TXT": f"v=spf1 {many} -all"}) as server:
        found = examined(server.port, ROUTE)
    assert "where a form takes 255 at most" in letter(found, "en")
