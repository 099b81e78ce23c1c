"""Keys and signatures, hosts, blocklists and the rules of providers: what is found out about each."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from dns_server import dns_server
from routes import MAIL, PUBLIC_KEY, SHORT_KEY, UNSAFE_KEY, Zone, examined, faults, signed

from spamlint.sender.blocklists import Blocklists
from spamlint.sender.route import Route

ROUTE = Route("r", ips=("192.0.2.7",), dkim_domain="client.example", dkim_selector="s1")
KEY_AT = "s1._domainkey.client.example TXT"
ZONE: Zone = {
    "client.example TXT": "v=spf1 ip4:192.0.2.7 -all",
    "client.example MX": "10 mx.client.example.",
    KEY_AT: f"v=DKIM1; k=rsa; p={PUBLIC_KEY}",
    "_dmarc.client.example TXT": "v=DMARC1; p=reject",
    "7.2.0.192.in-addr.arpa PTR": "out.client.example.",
    "out.client.example A": "192.0.2.7",
}
ED25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


@pytest.mark.parametrize(
    ("record", "state", "bits", "wrong"),
    [
        (f"v=DKIM1; k=rsa; p={PUBLIC_KEY}", "good", 2048, set()),
        (f"p={PUBLIC_KEY}", "good", 2048, set()),
        (f"v=DKIM1; h=sha256; s=email; p={PUBLIC_KEY[:100]} {PUBLIC_KEY[100:]};", "good", 2048, set()),
        (f"v=DKIM1; k=ed25519; p={ED25519}", "good", 256, set()),
        (f"v=DKIM1; p={SHORT_KEY}", "good", 1024, {"dkim-short-key"}),
        (f"v=DKIM1; p={UNSAFE_KEY}", "short", 512, {"dkim-unsafe-key"}),
        (f"v=DKIM1; t=y; p={PUBLIC_KEY}", "good", 2048, {"dkim-test-mode"}),
        ("v=DKIM1; p=", "revoked", 0, {"dkim-revoked-key"}),
        (f"v=DKIM1; p={PUBLIC_KEY[:60]}", "unusable", 0, {"dkim-unusable-key"}),
        ("v=DKIM1; p=not base64!", "unusable", 0, {"dkim-unusable-key"}),
        (f"v=DKIM1; k=ed25519; p={PUBLIC_KEY}", "unusable", 0, {"dkim-unusable-key"}),
        (f"v=DKIM1; k=dsa; p={PUBLIC_KEY}", "unusable", 0, {"dkim-unusable-key"}),
        (f"v=DKIM2; p={PUBLIC_KEY}", "unusable", 0, {"dkim-unusable-key"}),
        (f"v=DKIM1; s=tlsrpt; p={PUBLIC_KEY}", "unusable", 0, {"dkim-unusable-key"}),
        ("another record", "missing", 0, {"dkim-no-key"}),
    ],
)
def test_key(record: str, state: str, bits: int, wrong: set[str]) -> None:
    with dns_server({**ZONE, KEY_AT: record}) as server:
        found = examined(server.port, ROUTE)
    key = found.evidence.key
    assert key is not None
    assert (key.state, key.bits) == (state, bits)
    assert faults(found) == wrong


def test_a_key_that_is_published_by_an_alias() -> None:
    zone = {key: value for key, value in ZONE.items() if key != KEY_AT}
    alias = {"s1._domainkey.client.example CNAME": "k.vendor.example.", "k.vendor.example TXT": ZONE[KEY_AT]}
    with dns_server({**zone, **alias}) as server:
        assert faults(examined(server.port, ROUTE)) == set()


def test_two_keys_under_one_name_are_none() -> None:
    with dns_server({**ZONE, KEY_AT: [f"v=DKIM1; p={PUBLIC_KEY}", f"v=DKIM1; p={SHORT_KEY}"]}) as server:
        assert faults(examined(server.port, ROUTE)) == {"dkim-unusable-key"}


@pytest.mark.parametrize(
    ("mail", "state", "wrong"),
    [
        (signed("client.example"), "valid", set()),
        (signed("client.example").replace(b"\r\n", b"\n"), "valid", set()),
        (signed("client.example").replace(b"mill turns again.", b"mill stands still."), "invalid",
         {"dkim-bad-signature"}),
        (signed("client.example").replace(b"Subject: The", b"Subject: A"), "invalid", {"dkim-bad-signature"}),
        (signed("client.example", headers=(b"from",)), "valid", set()),
        (signed("other.example"), "invalid", {"dkim-bad-signature"}),
        (b"DKIM-Signature: v=1; nonsense\r\n" + MAIL, "invalid", {"dkim-bad-signature"}),
        (b"DKIM-Signature: v=1; d=client.example; s=s1; h=from; b=\xff\xfe; bh=x; a=rsa-sha256\r\n" + MAIL, "invalid",
         {"dkim-bad-signature"}),
        (b"DKIM-Signature: v=1; d=client.example; s=s1; h=from; b=!; bh=!; a=rsa-sha256; l=x\r\n" + MAIL, "invalid",
         {"dkim-bad-signature"}),
    ],
)  # fmt: skip
def test_signature(mail: bytes, state: str, wrong: set[str]) -> None:
    with dns_server(ZONE) as server:
        found = examined(server.port, Route("r", ips=("192.0.2.7",)), mail)
    assert [one.state for one in found.evidence.signatures] == [state]
    assert faults(found) == wrong


LIST_FIELDS = (
    b"List-Unsubscribe: <https://client.example/leave>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
)


@pytest.mark.parametrize(
    ("covered", "left"),
    [
        ((b"from", b"subject"), "list-unsubscribe, list-unsubscribe-post"),
        ((b"from", b"list-unsubscribe"), "list-unsubscribe-post"),
        ((b"from", b"list-unsubscribe", b"list-unsubscribe-post"), ""),
    ],
)
def test_a_signature_has_to_cover_the_fields_of_one_click(covered: tuple[bytes, ...], left: str) -> None:
    mail = signed("client.example", LIST_FIELDS + MAIL, covered)
    with dns_server(ZONE) as server:
        found = examined(server.port, Route("r", ips=("192.0.2.7",)), mail, is_bulk=False)
    said = [note.values["fields"] for note in found.notes if note.kind == "dkim-uncovered"]
    assert said == ([left] if left else [])


def test_what_a_signature_on_the_route_would_cover() -> None:
    route = Route("r", ("192.0.2.7",), dkim_domain="client.example", dkim_selector="s1", dkim_headers=("from",))
    with dns_server(ZONE) as server:
        found = examined(server.port, route, LIST_FIELDS + MAIL, is_bulk=False)
        custom = examined(server.port, ROUTE, LIST_FIELDS + MAIL, is_bulk=False)
    assert "dkim-uncovered" in faults(found)
    assert faults(custom) == set()
    covers = [note.values["fields"] for note in custom.notes if note.kind == "dkim-covers"]
    assert covers == ["from, list-unsubscribe, list-unsubscribe-post"]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"client.example MX": "0 ."}, {"null-mx"}),
        ({"client.example MX": [], "client.example A": "192.0.2.1"}, set()),
        ({"client.example MX": [], "client.example AAAA": "2001:db8::1"}, set()),
        ({"client.example MX": []}, {"unknown-domain"}),
        ({"7.2.0.192.in-addr.arpa PTR": []}, {"no-reverse-name"}),
        ({"out.client.example A": "192.0.2.8"}, {"no-reverse-name", "helo-unconfirmed"}),
        ({"7.2.0.192.in-addr.arpa PTR": ["liar.example.", "out.client.example."]}, set()),
    ],
)
def test_hosts(changes: dict[str, str | list[str]], wrong: set[str]) -> None:
    route = Route("r", ("192.0.2.7",), helo="out.client.example", dkim_domain="client.example", dkim_selector="s1")
    zone = {key: value for key, value in {**ZONE, **changes}.items() if value != []}
    with dns_server(zone) as server:
        assert faults(examined(server.port, route)) == wrong


LISTS = Blocklists(("ip.example",), ("name.example",))
TESTED: Zone = {**ZONE, "2.0.0.127.ip.example A": "127.0.0.2", "test.name.example A": "127.0.1.2"}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, set()),
        ({"7.2.0.192.ip.example A": "127.0.0.4"}, {"address-listed"}),
        ({"client.example.name.example A": "127.0.1.2"}, {"domain-listed"}),
        ({"spammy.example.name.example A": "127.0.1.2"}, {"domain-listed"}),
        ({"7.2.0.192.ip.example A": "127.255.255.254"}, {"list-not-checked"}),
        ({"2.0.0.127.ip.example A": "127.255.255.254"}, {"list-not-checked"}),
        ({"client.example.name.example A": "127.0.1.255"}, {"list-not-checked"}),
        ({"2.0.0.127.ip.example A": "REFUSED"}, {"list-not-checked"}),
        ({"2.0.0.127.ip.example A": []}, {"list-not-checked"}),
        ({"1.0.0.127.ip.example A": "127.0.0.2", "7.2.0.192.ip.example A": "127.0.0.2"}, {"list-not-checked"}),
        ({"7.2.0.192.ip.example A": "203.0.113.80"}, {"list-not-checked"}),
        ({"7.2.0.192.ip.example A": "SERVFAIL"}, {"not-checked"}),
    ],
)
def test_blocklists(changes: dict[str, str | list[str]], wrong: set[str]) -> None:
    zone = {key: value for key, value in {**TESTED, **changes}.items() if value != []}
    mail = MAIL + b"See https://www.spammy.example/mill\r\n"
    with dns_server(zone) as server:
        found = examined(server.port, ROUTE, mail, lists=LISTS)
    assert faults(found) == wrong


def test_an_ipv6_address_is_asked_for_by_its_nibbles() -> None:
    nibbles = "7." + "0." * 23 + "8.b.d.0.1.0.0.2"
    zone = {**TESTED, f"{nibbles}.ip.example A": "127.0.0.2", f"{nibbles}.ip6.arpa PTR": "v6.client.example.",
            "v6.client.example AAAA": "2001:db8::7", "client.example TXT": "v=spf1 ip6:2001:db8::7 -all"}  # fmt: skip
    route = Route("r", ("2001:db8::7",), dkim_domain="client.example", dkim_selector="s1")
    with dns_server(zone) as server:
        assert faults(examined(server.port, route, lists=LISTS)) == {"address-listed"}


@pytest.mark.parametrize(
    ("changes", "mail", "missing"),
    [
        ({}, LIST_FIELDS + MAIL, {"Gmail": "", "Yahoo": "", "Microsoft": ""}),
        ({}, MAIL, {"Gmail": "List-Unsubscribe-Post", "Yahoo": "List-Unsubscribe-Post", "Microsoft": ""}),
        ({"_dmarc.client.example TXT": []}, LIST_FIELDS + MAIL,
         {"Gmail": "DMARC", "Yahoo": "DMARC", "Microsoft": "DMARC"}),
        ({KEY_AT: [], "7.2.0.192.in-addr.arpa PTR": []}, LIST_FIELDS + MAIL,
         {"Gmail": "DKIM, PTR", "Yahoo": "DKIM, PTR", "Microsoft": "DKIM"}),
        ({"client.example TXT": "SERVFAIL"}, LIST_FIELDS + MAIL, {}),
    ],
)  # fmt: skip
def test_what_providers_ask_of_mail_to_many(
    changes: dict[str, str | list[str]], mail: bytes, missing: dict[str, str]
) -> None:
    zone = {key: value for key, value in {**ZONE, **changes}.items() if value != []}
    with dns_server(zone) as server:
        found = examined(server.port, ROUTE, mail, is_bulk=True)
    assert {note.values["provider"]: note.values["missing"] for note in found.notes if note.kind == "bulk-rules"} == (
        missing
    )


@pytest.mark.parametrize(("tls", "missing"), [(True, ""), (None, ""), (False, "TLS")])
def test_gmail_asks_for_an_encrypted_way(tls: bool | None, missing: str) -> None:
    with dns_server(ZONE) as server:
        found = examined(server.port, replace(ROUTE, tls=tls), LIST_FIELDS + MAIL, is_bulk=True)
    told = {note.values["provider"]: note.values["missing"] for note in found.notes if note.kind == "bulk-rules"}
    assert told == {"Gmail": missing, "Yahoo": "", "Microsoft": ""}


def test_an_international_domain_is_asked_for_in_its_ascii_form() -> None:
    zone = {
        **ZONE,
        "xn--mhle-0ra.example TXT": "v=spf1 ip4:192.0.2.7 -all",
        "xn--mhle-0ra.example MX": "10 mx.x.example.",
    }
    with dns_server(zone) as server:
        found = examined(server.port, Route("r", ("192.0.2.7",)), address="ann@mühle.example")
    assert found.evidence.dmarc_passes is True


@pytest.mark.parametrize(
    "address", ["ann@[192.0.2.1]", "ann@" + "a" * 70 + ".example", "ann@a..example", "ann@localhost"]
)
def test_a_domain_that_is_none_raises_nothing(address: str) -> None:
    with dns_server(ZONE) as server:
        found = examined(server.port, Route("r", ("192.0.2.7",)), address=address)
    assert {"unknown-domain", "not-authenticated"} <= faults(found)


@pytest.mark.parametrize(
    "mail",
    [
        b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=client.example; s=s1; h=from; bh=AAAA; b=AAAA\r\n"
        + MAIL + b" " * 300_000 + b"x\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=client.example; s=s1; h=from; bh=AAAA; b=" + b"\r\n " * 30_000
        + b"A\r\n" + MAIL,
        b"DKIM-Signature: v=1; a=rsa-sha256; d=client.example; s=s1; h=" + b"from:" * 60_000 + b"to; bh=A; b=A\r\n"
        + MAIL,
    ],
    ids=["blanks in the body", "folds in the field", "names of fields"],
)  # fmt: skip
def test_a_hostile_signature_costs_no_time(mail: bytes) -> None:
    with dns_server(ZONE) as server:
        start = time.process_time()
        found = examined(server.port, Route("r", ("192.0.2.7",)), mail)
        took = time.process_time() - start
    assert [one.state for one in found.evidence.signatures] == ["invalid"]
    assert took < 3


def test_an_ed25519_signature() -> None:
    import dkim
    import nacl.encoding
    import nacl.signing

    own = nacl.signing.SigningKey(bytes(range(32)))
    private = own.encode(nacl.encoding.Base64Encoder)
    public = own.verify_key.encode(nacl.encoding.Base64Encoder).decode()
    signature = dkim.sign(
        MAIL, b"e1", b"client.example", private, signature_algorithm=b"ed25519-sha256", include_headers=[b"from"]
    )
    with dns_server({**ZONE, "e1._domainkey.client.example TXT": f"v=DKIM1; k=ed25519; p={public}"}) as server:
        found = examined(server.port, Route("r", ("192.0.2.7",)), signature + MAIL)
        changed = examined(server.port, Route("r", ("192.0.2.7",)), signature + MAIL.replace(b"mill", b"well"))
    assert [one.state for one in found.evidence.signatures] == ["valid"]
    assert [one.state for one in changed.evidence.signatures] == ["invalid"]


def test_a_signature_of_a_kind_that_cannot_be_checked_is_not_taken_for_either(monkeypatch: pytest.MonkeyPatch) -> None:
    import dkim

    def missing(*_: object, **__: object) -> bool:
        raise dkim.NaClNotFoundError

    monkeypatch.setattr(dkim.DKIM, "verify", missing)
    zone = {**ZONE, "client.example TXT": "v=spf1 -all"}
    with dns_server(zone) as server:
        found = examined(server.port, Route("r", ("192.0.2.7",)), signed("client.example"))
    assert "dkim-unverifiable" in faults(found)
    assert found.evidence.dmarc_passes is None
    assert not found.is_decided


def test_blanks_of_a_relaxed_body_are_worth_one() -> None:
    text = MAIL.replace(b"mill turns", b"mill \t  turns") + b"  \t\r\nEnd \t \r\n"
    mail = signed("client.example", text, canonicalize=(b"relaxed", b"relaxed"))
    with dns_server(ZONE) as server:
        found = examined(server.port, Route("r", ("192.0.2.7",)), mail)
    assert [one.state for one in found.evidence.signatures] == ["valid"]


def test_a_hostile_record_costs_neither_time_nor_questions() -> None:
    zone = {**ZONE, "client.example TXT": "v=spf1 " + " ".join(f"include:n{n}.example" for n in range(1500)) + " junk"}
    with dns_server(zone) as server:
        start = time.process_time()
        found = examined(server.port, Route("r", tuple(f"192.0.2.{n}" for n in range(1, 30)), spf_include="v.example"))
        took = time.process_time() - start
        assert len([one for one in server.asked if one.startswith("n")]) <= 60
    assert "spf-broken" in faults(found)
    assert took < 5


@pytest.mark.parametrize("route", [Route("r", ("192.0.2.0/28",)), Route("r", spf_include="spf.vendor.example")])
def test_names_are_asked_for_servers_only_and_not_for_a_whole_network(route: Route) -> None:
    zone = {**ZONE, "client.example TXT": "v=spf1 include:spf.vendor.example -all",
            "spf.vendor.example TXT": "v=spf1 ip4:192.0.2.0/28 -all"}  # fmt: skip
    with dns_server(zone) as server:
        found = examined(server.port, route, lists=Blocklists(("ip.example",), ()))
        assert not [question for question in server.asked if question.endswith(" PTR") or "ip.example" in question]
    assert faults(found) == set()
    assert found.evidence.dmarc_passes is True
