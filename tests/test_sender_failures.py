"""Every way in which the DNS fails: what is not known is told, is never a pass, and nothing crashes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from dns_server import dns_server
from routes import PUBLIC_KEY, Zone, examined, faults, signed

from spamlint.cli import main
from spamlint.sender.blocklists import Blocklists
from spamlint.sender.route import Route

ROUTE = Route("r", ips=("192.0.2.7",), helo="out.client.example", dkim_domain="client.example", dkim_selector="s1")
ZONE: Zone = {
    "client.example TXT": "v=spf1 ip4:192.0.2.7 -all",
    "client.example MX": "10 mx.client.example.",
    "s1._domainkey.client.example TXT": f"v=DKIM1; p={PUBLIC_KEY}",
    "_dmarc.client.example TXT": "v=DMARC1; p=reject",
    "7.2.0.192.in-addr.arpa PTR": "out.client.example.",
    "out.client.example A": "192.0.2.7",
    "2.0.0.127.list.example A": "127.0.0.2",
    "test.list.example A": "127.0.0.2",
}
LISTS = Blocklists(("list.example",), ("list.example",))
HUGE = ["x" * 200 + str(number) for number in range(290)]
FAILURES = ("SERVFAIL", "REFUSED", "DROP", "GARBAGE", "WRONG-ID", "LOOP")
QUESTIONS = {
    "client.example TXT": "SPF",
    "client.example MX": "MX",
    "s1._domainkey.client.example TXT": "DKIM",
    "_dmarc.client.example TXT": "DMARC",
    "7.2.0.192.in-addr.arpa PTR": "PTR",
    "out.client.example A": "HELO",
    "2.0.0.127.list.example A": "list.example",
    "7.2.0.192.list.example A": "list.example",
}


def told(found: object) -> set[str]:
    notes = getattr(found, "notes", ())
    return {str(note.values["what"]) for note in notes if note.kind == "not-checked"}


def test_without_a_failure_nothing_is_wrong() -> None:
    with dns_server(ZONE) as server:
        found = examined(server.port, ROUTE, lists=LISTS)
    assert faults(found) == set()
    assert found.is_decided


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_without_an_answer_is_told(question: str, failure: str) -> None:
    with dns_server({**ZONE, question: failure}) as server:
        found = examined(server.port, ROUTE, lists=LISTS, seconds=0.4)
    if failure == "REFUSED" and "list.example" in question:
        assert "list-not-checked" in faults(found)
    else:
        assert QUESTIONS[question] in told(found)


@pytest.mark.parametrize("question", ["client.example TXT", "_dmarc.client.example TXT"])
def test_an_answer_that_is_far_too_long(question: str) -> None:
    with dns_server({**ZONE, question: HUGE}) as server:
        found = examined(server.port, ROUTE)
    assert QUESTIONS[question] in told(found)


def test_without_an_answer_on_what_decides_nothing_is_decided() -> None:
    route = Route("r", ips=("192.0.2.7",))
    with dns_server({**ZONE, "client.example TXT": "SERVFAIL"}) as server:
        found = examined(server.port, route)
    assert found.evidence.dmarc_passes is None
    assert not found.delivery.is_decided
    assert found.cure.changes == ()


def test_a_valid_signature_decides_though_spf_is_not_known() -> None:
    with dns_server({**ZONE, "client.example TXT": "SERVFAIL"}) as server:
        found = examined(server.port, ROUTE)
    assert found.evidence.dmarc_passes is True
    assert "SPF" in told(found)


def test_an_include_that_nobody_answers_for() -> None:
    zone = {**ZONE, "client.example TXT": "v=spf1 include:s.example -all", "s.example TXT": "SERVFAIL"}
    with dns_server(zone) as server:
        found = examined(server.port, Route("r", ips=("192.0.2.7",)))
    assert ("not-checked", "s.example") in [(note.kind, note.values.get("name")) for note in found.notes]


def test_a_truncated_answer_is_fetched_whole() -> None:
    with dns_server({**ZONE, "client.example TXT": "TRUNCATED"}) as server:
        found = examined(server.port, Route("r", ips=("192.0.2.7",)))
    assert found.evidence.spf_answer.records == ("over TCP",)
    assert "spf-not-passed" in faults(found)


def test_a_domain_that_does_not_exist() -> None:
    with dns_server({"else.example A": "192.0.2.1"}) as server:
        found = examined(server.port, ROUTE, address="ann@nowhere.test")
    assert {"unknown-domain", "dkim-no-key", "not-authenticated"} <= faults(found)


@pytest.mark.parametrize("failure", ["SERVFAIL", "DROP", "GARBAGE"])
def test_the_key_of_a_signature_that_nobody_answers_for(failure: str) -> None:
    with dns_server({**ZONE, "s1._domainkey.client.example TXT": failure}) as server:
        found = examined(server.port, Route("r", ips=("192.0.2.7",)), signed("client.example"), seconds=0.4)
    assert [one.state for one in found.evidence.signatures] == ["unknown"]
    assert "DKIM" in told(found)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "spamlint.toml"
    file.write_text('[route.r]\nips = ["192.0.2.7", "192.0.2.8"]\nspf-include = "v.example"\n', "utf-8")
    return file


def test_a_network_that_is_down_costs_what_the_time_out_says(
    settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zone = {f"{name} {kind}": "DROP" for name in ("a.example",) for kind in ("TXT", "MX", "A", "AAAA")}

    def run(*more: str) -> float:
        start = time.monotonic()
        with dns_server({**zone, **_ALL_DROPPED}) as server:
            arguments = ["--config", str(settings), "--dns-server", server.address, "--format", "json", *more]
            assert main(["sender", "ann@a.example", "--route", "r", *arguments]) == 2
        return time.monotonic() - start

    first = run("--dns-timeout", "0.5")
    (told_of,) = json.loads(capsys.readouterr().out)["senders"]
    assert told_of["incomplete"]
    assert {finding["rule"] for finding in told_of["findings"]} == {"sender/not-checked"}
    assert first < 0.5 * 3 + 2


_ALL_DROPPED = {
    f"{name} {kind}": "DROP"
    for name in ("a.example", "_dmarc.a.example", "v.example", "7.2.0.192.in-addr.arpa", "8.2.0.192.in-addr.arpa",
                 *(f"{label}.{zone}" for label in ("2.0.0.127", "1.0.0.127", "7.2.0.192", "8.2.0.192")
                   for zone in ("zen.spamhaus.org", "bl.spamcop.net")),
                 *(f"{label}.dbl.spamhaus.org" for label in ("test", "invalid", "a.example")))
    for kind in ("TXT", "MX", "A", "AAAA", "PTR")
}  # fmt: skip


def test_a_message_whose_sender_is_not_known_is_no_pass(
    settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mail, draft = tmp_path / "mail.eml", tmp_path / "draft.txt"
    mail.write_bytes(b"From: nobody\r\nSubject: The mill\r\n\r\nIt turns.\r\n")
    draft.write_text("It turns.\n", "utf-8")
    with dns_server(ZONE) as server:
        base = ["check", "--route", "r", "--config", str(settings), "--dns-server", server.address, "--format", "json"]
        assert main([*base, str(mail), str(draft)]) == 2
    files = json.loads(capsys.readouterr().out)["files"]
    for file in files:
        assert file["incomplete"]
        assert "sender/no-sender-address" in {finding["rule"] for finding in file["findings"]}


def test_every_failure_in_a_run_of_the_program(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run: Callable[[list[str]], int] = main
    for failure in ("SERVFAIL", "LOOP", "GARBAGE"):
        with dns_server({"client.example TXT": failure, "client.example MX": failure}) as server:
            arguments = ["--config", str(settings), "--dns-server", server.address, "--dns-timeout", "0.4"]
            assert run(["sender", "ann@client.example", "--route", "r", *arguments]) == 2
        out = capsys.readouterr().out
        assert "not everything could be checked" in out
        assert "client.example TXT" in out
