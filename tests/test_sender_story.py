"""The commonest cause of refused mail: From is at the customer's domain, and somebody else's server sends it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from dns_server import dns_server

from spamlint.cli import main

WITHOUT = "v=spf1 mx -all"
WITH = "v=spf1 mx include:spf.carrier.example -all"
ZONE: Mapping[str, str] = {
    "uwdomein.example TXT": WITHOUT,
    "uwdomein.example MX": "10 mx.uwdomein.example.",
    "mx.uwdomein.example A": "198.51.100.1",
    "_dmarc.uwdomein.example TXT": "v=DMARC1; p=reject; rua=mailto:dmarc@uwdomein.example",
    "spf.carrier.example TXT": "v=spf1 ip4:192.0.2.0/28 -all",
    "7.2.0.192.in-addr.arpa PTR": "out7.carrier.example.",
    "out7.carrier.example A": "192.0.2.7",
    "2.0.0.127.list.example A": "127.0.0.2",
    "test.list.example A": "127.0.0.2",
}
SETTINGS = """
[route.carrier]
ips = ["192.0.2.7"]
helo = "out7.carrier.example"
spf-include = "spf.carrier.example"

[sender]
ip-lists = ["list.example"]
domain-lists = ["list.example"]
"""
MAIL = """\
Date: Mon, 05 Oct 2026 09:00:00 +0200
From: Uw Naam <naam@uwdomein.example>
To: Ann Bakker <ann@clients.example>
Subject: Uw bestelling staat klaar
Message-ID: <1@uwdomein.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Beste mevrouw Bakker,

Uw bestelling staat vanaf morgen klaar in onze winkel aan de Molenweg.

Met vriendelijke groet,
Uw Naam
""".replace("\n", "\r\n")


@pytest.fixture
def command(tmp_path: Path) -> Callable[[Mapping[str, str], str], list[str]]:
    """The arguments that check the mail."""
    (tmp_path / "spamlint.toml").write_text(SETTINGS, "utf-8")
    (tmp_path / "mail.eml").write_bytes(MAIL.encode())

    def arguments(*others: str) -> list[str]:
        settings, mail = str(tmp_path / "spamlint.toml"), str(tmp_path / "mail.eml")
        return ["check", "--route", "carrier", "--config", settings, "--dns-timeout", "2", *others, mail]

    return arguments  # type: ignore[return-value]


def test_the_mail_is_blocked_until_the_record_is_published(
    command: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    with dns_server(ZONE) as server:
        code = main(command("--dns-server", server.address, "--format", "json"))
    (told,) = json.loads(capsys.readouterr().out)["files"]
    assert (code, told["outcome"], told["incomplete"]) == (1, "block", False)
    found = {finding["rule"]: finding for finding in told["findings"]}
    assert set(found) == {"sender/dmarc-fail", "sender/spf-fail"}
    assert WITH in found["sender/dmarc-fail"]["fix"]
    assert "uwdomein.example" in found["sender/dmarc-fail"]["fix"]

    with dns_server({**ZONE, "uwdomein.example TXT": WITH}) as server:
        code = main(command("--dns-server", server.address, "--format", "json"))
    (told,) = json.loads(capsys.readouterr().out)["files"]
    assert (code, told["outcome"], told["incomplete"], told["findings"]) == (0, "pass", False, [])


def test_the_report_for_people_has_the_record_in_one_piece(
    command: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    with dns_server(ZONE) as server:
        assert main(command("--dns-server", server.address, "--lang", "nl")) == 1
    assert f"dit TXT-record publiceren: {WITH} (alles" in capsys.readouterr().out


def test_without_the_option_nobody_is_asked(
    command: Callable[..., list[str]], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = [one for one in command() if one not in ("--route", "carrier", "--dns-timeout", "2")]
    monkeypatch.setattr("spamlint.sender.dns.Dns.ask", lambda *_: pytest.fail("the network was asked"))
    assert main(arguments) == 0
