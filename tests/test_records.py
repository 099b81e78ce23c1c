"""The records of a domain: each fault that is looked for, what is right, and what could not be asked."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dns_server import dns_server
from growth import assert_in_proportion
from hypothesis import given
from hypothesis import strategies as st
from record_lint import KINDS, NAME, QUIET, found

from spamlint.cli import main
from spamlint.sender.dns import Dns, Server
from spamlint.sender.records import bimi, dkim, dmarc, policy_file, spf, tags, transport
from spamlint.sender.records.lint import record_notes, remarks
from spamlint.sender.records.spf_hint import meant
from spamlint.sender.records.words import WORDS


def key(bits: int) -> str:
    public = generate_private_key(65537, bits).public_key()
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


DMARC: list[tuple[str, Sequence[str] | str, set[str]]] = [
    ("right", "v=DMARC1; p=reject; rua=mailto:post@mill.example!10m, mailto:x@sub.mill.example; fo=1:d", set()),
    ("watching", "v=DMARC1;p=none;rua=mailto:post@mill.example", {"dmarc-policy-none"}),
    ("two records", ["v=DMARC1; p=reject; rua=mailto:a@mill.example", "v=DMARC1; p=reject; rua=mailto:b@mill.example"],
     {"dmarc-several-records"}),
    ("small letters", "v=dmarc1; p=reject", {"dmarc-bad-version"}),
    ("a blank first", " v=DMARC1; p=reject", {"dmarc-bad-version"}),
    ("no policy", "v=DMARC1; rua=mailto:post@mill.example", {"dmarc-no-policy"}),
    ("a wrong policy", "v=DMARC1; p=block; rua=mailto:post@mill.example", {"dmarc-bad-value"}),
    ("a part", "v=DMARC1; p=reject; pct=50; rua=mailto:post@mill.example", {"dmarc-partial"}),
    ("a wrong part", "v=DMARC1; p=reject; pct=110; rua=mailto:post@mill.example", {"dmarc-bad-value"}),
    ("a test", "v=DMARC1; p=reject; t=y; rua=mailto:post@mill.example", {"dmarc-in-test"}),
    ("open below", "v=DMARC1; p=reject; sp=none; rua=mailto:post@mill.example", {"dmarc-open-subdomains"}),
    ("no tag", "v=DMARC1; p=reject; rua:mailto:post@mill.example", {"dmarc-bad-tag", "dmarc-no-reports"}),
    ("twice", "v=DMARC1; p=reject; p=none; rua=mailto:post@mill.example", {"dmarc-bad-tag"}),
    ("unknown", "v=DMARC1; p=reject; policy=x; rua=mailto:post@mill.example", {"dmarc-unknown-tag"}),
    ("no reports", "v=DMARC1; p=reject", {"dmarc-no-reports"}),
    ("no address", "v=DMARC1; p=reject; rua=post@mill.example", {"dmarc-bad-address"}),
    ("not agreed", "v=DMARC1; p=reject; rua=mailto:a@reports.example", {"dmarc-reports-refused"}),
    ("agreed", "v=DMARC1; p=reject; rua=mailto:a@taker.example", set()),
    ("nobody answers", "v=DMARC1; p=reject; rua=mailto:a@silent.example", {"not-checked"}),
    ("silent", "DROP", {"not-checked"}),
]  # fmt: skip


@pytest.mark.parametrize(("record", "kinds"), [row[1:] for row in DMARC], ids=[row[0] for row in DMARC])
def test_dmarc(record: Sequence[str] | str, kinds: set[str]) -> None:
    zone = {
        "mill.example TXT": "v=spf1 -all",
        "mill.example._report._dmarc.taker.example TXT": "v=DMARC1",
        "mill.example._report._dmarc.silent.example TXT": "SERVFAIL",
        "_dmarc.mill.example TXT": record,
    }
    assert set(found(zone, seconds=0.5 if record == "DROP" else 5.0)) == kinds


def test_a_subdomain_has_the_policy_of_its_organisation() -> None:
    zone = {**QUIET, "news.mill.example TXT": "v=spf1 -all"}
    with dns_server(zone) as server:
        dns = Dns([Server("127.0.0.1", server.port)], 5.0, 30.0)
        assert remarks(dns, "news.mill.example") == []
    assert set(found({"mill.example TXT": "v=spf1 -all"})) == {"no-dmarc"}


LONG_KEY, SHORT_KEY, UNSAFE_KEY = key(2048), key(1024), key(1024)[:100]
DKIM: list[tuple[str, Sequence[str] | str, set[str]]] = [
    ("right", f"v=DKIM1; k=rsa; p={LONG_KEY}", set()),
    ("short", f"v=DKIM1; p={SHORT_KEY}", {"dkim-short-key"}),
    ("cut off", f"v=DKIM1; p={UNSAFE_KEY}", {"dkim-unusable-key"}),
    ("ed25519", f"v=DKIM1; k=ed25519; p={base64.b64encode(b'k' * 32).decode()}", set()),
    ("withdrawn", "v=DKIM1; p=", {"dkim-revoked-key"}),
    ("a test", f"v=DKIM1; t=y:s; p={LONG_KEY}", {"dkim-test-mode"}),
    ("sha1 only", f"v=DKIM1; h=sha1; p={LONG_KEY}", {"dkim-bad-tag"}),
    ("another algorithm", f"v=DKIM1; k=dsa; p={LONG_KEY}", {"dkim-bad-tag"}),
    ("another version", f"v=DKIM2; p={LONG_KEY}", {"dkim-bad-tag"}),
    ("for something else", f"v=DKIM1; s=tlsrpt; p={LONG_KEY}", {"dkim-bad-tag"}),
    ("in pieces", [f"v=DKIM1; p={LONG_KEY[:200]}", LONG_KEY[200:]], {"dkim-split-key"}),
    ("with quotation marks", f'v=DKIM1; p={LONG_KEY[:200]}" "{LONG_KEY[200:]}', {"dkim-split-key"}),
    ("two", [f"v=DKIM1; p={LONG_KEY}", f"v=DKIM1; p={SHORT_KEY}"], {"dkim-several-keys"}),
    ("none", "hello", {"dkim-no-key"}),
    ("nobody answers", "REFUSED", {"not-checked"}),
]


@pytest.mark.parametrize(("record", "kinds"), [row[1:] for row in DKIM], ids=[row[0] for row in DKIM])
def test_dkim(record: Sequence[str] | str, kinds: set[str]) -> None:
    zone = {**QUIET, "mill.example TXT": "v=spf1 -all", "post._domainkey.mill.example TXT": record}
    assert set(found(zone, "post")) == kinds


OTHER: list[tuple[str, dict[str, str | Sequence[str]], set[str]]] = [
    ("TLS-RPT", {"_smtp._tls": "v=TLSRPTv1; rua=mailto:tls@mill.example,https://mill.example/tls"}, set()),
    ("TLS-RPT misspelt", {"_smtp._tls": "v=TLSRPT1; rua=mailto:tls@mill.example"}, {"tls-rpt-bad-record"}),
    ("TLS-RPT twice", {"_smtp._tls": ["v=TLSRPTv1; rua=mailto:a@b.example", "v=TLSRPTv1; rua=mailto:c@b.example"]},
     {"tls-rpt-bad-record"}),
    ("TLS-RPT to nowhere", {"_smtp._tls": "v=TLSRPTv1; rua=tls@mill.example"}, {"tls-rpt-bad-address"}),
    ("MTA-STS", {"_mta-sts": "v=STSv1; id=20260101;"}, set()),
    ("MTA-STS with a bad id", {"_mta-sts": "v=STSv1; id=2026-01-01;"}, {"mta-sts-bad-record"}),
    ("MTA-STS twice", {"_mta-sts": ["v=STSv1; id=1;", "v=STSv1; id=2;"]}, {"mta-sts-several-records"}),
    ("MTA-STS unanswered", {"_mta-sts": "SERVFAIL"}, {"not-checked"}),
    ("BIMI", {"default._bimi": "v=BIMI1; l=https://mill.example/logo.svg; a=https://mill.example/vmc.pem"}, set()),
    ("BIMI declined", {"default._bimi": "v=BIMI1; l=; a="}, set()),
    ("BIMI without certificate", {"default._bimi": "v=BIMI1; l=https://mill.example/logo.svg"},
     {"bimi-no-certificate"}),
    ("BIMI with a bitmap", {"default._bimi": "v=BIMI1; l=https://mill.example/logo.png; a=https://mill.example/v.pem"},
     {"bimi-bad-logo"}),
    ("BIMI misspelt", {"default._bimi": "v=bimi1; l=https://mill.example/logo.svg"}, {"bimi-bad-record"}),
    ("BIMI and p=none", {"default._bimi": "v=BIMI1; l=https://mill.example/logo.svg; a=https://mill.example/v.pem",
                         "_dmarc": "v=DMARC1; p=none; rua=mailto:post@mill.example"},
     {"bimi-needs-policy", "dmarc-policy-none"}),
]  # fmt: skip


@pytest.mark.parametrize(("more", "kinds"), [row[1:] for row in OTHER], ids=[row[0] for row in OTHER])
def test_transport_and_logo(more: dict[str, str | Sequence[str]], kinds: set[str]) -> None:
    zone = {**QUIET, "mill.example TXT": "v=spf1 -all"} | {f"{name}.mill.example TXT": v for name, v in more.items()}
    assert set(found(zone)) == kinds


POLICY = "version: STSv1\r\nmode: enforce\r\nmx: mx.mill.example\r\nmx: *.carrier.example\r\nmax_age: 1209600\r\n"


def test_a_policy_of_mta_sts_is_read() -> None:
    policy = policy_file.read(POLICY)
    assert (policy.mode, policy.life, policy.bad) == ("enforce", 1209600, ())
    assert policy.covers("MX.mill.example.")
    assert policy.covers("a.carrier.example")
    assert not policy.covers("carrier.example")
    assert not policy.covers("a.b.carrier.example")
    assert policy_file.read("version: STSv1\nmode: none\nmax_age: 1").bad == ()
    assert policy_file.read("version: STSv2\nmode: strict\nmx: http://x\nnonsense").bad == (
        "mx: http://x", "nonsense", "version: STSv2", "mode: strict", "max_age: ", "mx: "
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (POLICY, set()),
        (POLICY.replace("mx.mill", "other.mill"), {"mta-sts-other-host"}),
        (POLICY.replace("1209600", "3600"), {"mta-sts-short-life"}),
        (POLICY.replace("enforce", "on"), {"mta-sts-bad-policy"}),
        ("", {"mta-sts-bad-policy"}),
    ],
)
def test_a_policy_of_mta_sts_is_held_against_the_mail_servers(text: str, kinds: set[str]) -> None:
    with dns_server({"mill.example MX": "10 mx.mill.example."}) as server:
        dns = Dns([Server("127.0.0.1", server.port)], 5.0, 30.0)
        notes = list(transport.file_notes(dns, NAME, "https://mta-sts.mill.example/", text))
    assert {note.kind for note in notes if not note.is_good} == kinds


def test_the_example_needs_no_network(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parent.parent / "examples" / "sender")
    for command in (["records", "mill.example"], ["sender", "--records", "ann@mill.example"]):
        assert main([*command, "--selector", "m1", "--dns-snapshot", "records.json", "--format", "json"]) == 1
        records = json.loads(capsys.readouterr().out)["domains"][0]["records"]
        rules = {name: [one["rule"] for one in section["findings"]] for name, section in records.items()}
        assert rules == {
            "SPF": ["sender/spf-bad-term", "sender/spf-uses-ptr", "sender/spf-missing-include"],
            "DKIM": ["sender/dkim-short-key", "sender/dkim-test-mode"],
            "DMARC": ["sender/dmarc-policy-none", "sender/dmarc-reports-refused"],
            "MTA-STS, TLS-RPT": [],
            "BIMI": [],
        }


def test_every_kind_has_a_rule_or_words() -> None:
    told = {kind for rows in (DMARC, DKIM, OTHER) for row in rows for kind in row[2]}
    assert told <= set(KINDS)
    assert WORDS["en"].keys() == WORDS["nl"].keys()


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    zone = {"mill.example TXT": "v=spf1 \x1b[31m -all", "good.example TXT": "v=spf1 -all", "_dmarc.good.example TXT":
            "v=DMARC1; p=reject; rua=mailto:post@good.example", "mill.example._dmarc TXT": "x"}  # fmt: skip
    with dns_server(zone) as server:
        asked = ["--dns-server", server.address, "--no-config", "--dns-timeout", "5"]
        assert main(["records", "good.example", *asked]) == 0
        shown = capsys.readouterr().out
        assert shown.startswith("good.example: no fault found\n")
        assert "v=DMARC1; p=reject" in shown
        assert main(["records", "Mill.example.", *asked, "--lang", "nl", "--dns-snapshot", "dns.json"]) == 1
        shown = capsys.readouterr().out
        assert shown.startswith("mill.example: heeft fouten\n")
        assert "[sender/spf-unknown-term]" in shown
        assert "\x1b" not in shown
    again = ["records", "mill.example", "--no-config", "--dns-snapshot", "dns.json", "--format", "json"]
    assert main(again) == 1
    report = json.loads(capsys.readouterr().out)["domains"][0]
    assert (report["domain"], report["result"]) == (NAME, "wrong")
    assert [one["rule"] for one in report["records"]["SPF"]["findings"]] == ["sender/spf-unknown-term"]
    with dns_server({"mill.example TXT": "SERVFAIL"}) as server:
        assert main(["records", "mill.example", "--dns-server", server.address, "--no-config"]) == 2
    assert "not everything could be checked" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["ann@"], ["mill example"], ["x" * 300], ["a.example", "--selector", "*"]])
def test_wrong_use_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["records", *arguments, "--no-config"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


PIECES = st.sampled_from(
    ["v=spf1 ", "v=DMARC1;", "v=DKIM1;", "p=", "rua=", "mailto:", "a@b.example", "include:", "%{", "}", ";", "=", " ",
     "/", "//", "ip4:", "ip6:", "::", "1.2.3.4", "all", "redirect=", "-", "\x00", "é", "!10m", ":", ","]
)  # fmt: skip
RECORDS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map("".join))


@given(RECORDS)
def test_no_record_is_too_odd(text: str) -> None:
    """Each reader by itself, then all of them on answers that hold the text wherever a record is looked for."""
    assert list(spf.record_notes(NAME, text)) is not None
    assert isinstance(meant(text), str)
    assert list(dmarc.record_notes(NAME, tags.read(text))) is not None
    assert list(dkim.record_notes(NAME, [text, text])) is not None
    assert isinstance(policy_file.read(text).bad, tuple)
    from spamlint.sender.dns import Answer, Kind

    kinds: tuple[Kind, ...] = ("TXT", "SPF")
    names = (NAME, f"_dmarc.{NAME}", f"s._domainkey.{NAME}", f"_mta-sts.{NAME}", f"_smtp._tls.{NAME}",
             f"default._bimi.{NAME}")  # fmt: skip
    recorded = {(name, kind): Answer(name, kind, "ok", (text,)) for name in names for kind in kinds}
    notes = record_notes(Dns(recorded=recorded), NAME, ["s"])
    for note in (note for section in notes.values() for note in section):
        if note.is_good:
            assert WORDS["en"][note.kind].format(**note.values)
        else:
            assert KINDS[note.kind].words["nl"].filled(note.values).message


@pytest.mark.parametrize(
    "piece",
    ["ip4:192.0.2.1 ", "include:a.example ", "x", "%{i}", "redirect=a ", "a=b;", "mailto:a@b.example,", "/1", " "],
)
def test_time_grows_with_the_record(piece: str) -> None:
    def work(text: str) -> None:
        list(spf.record_notes(NAME, text))
        list(dmarc.record_notes(NAME, tags.read(text)))
        list(dkim.record_notes(NAME, [text]))
        policy_file.read(text)

    assert bimi is not None
    assert_in_proportion(work, "v=spf1 p=" + piece * 200, "v=spf1 p=" + piece * 2000)
