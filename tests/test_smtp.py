"""`spamlint smtp` against real servers: relaying allowed and denied, TLS and certificates, AUTH, and what is said."""

from __future__ import annotations

import json
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import postfix
import pytest
import trustme
from smtp_servers import PASSWORD, USER, Authority, Relay, aiosmtpd_server, authority

from spamlint.cli import main
from spamlint.report.smtp_data import smtp_report
from spamlint.smtp_probe.probe import Probe, Trial
from spamlint.smtp_probe.security import Certificate
from spamlint.smtp_probe.target import Target

assert authority  # the fixture

MAIL = ("--from", "ann@mill.example", "--to", "bo@clients.example")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROBE_PASSWORD", PASSWORD)


def tried(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["smtp", *arguments, "--no-config", "--timeout", "20", "--format", "json"])
    shown = capsys.readouterr()
    assert shown.err == ""
    assert PASSWORD not in shown.out
    return code, json.loads(shown.out)


def states(report: dict[str, Any]) -> list[str]:
    return [f"{step['name']} {step['state']}" for step in report["steps"]]


def keys(report: dict[str, Any]) -> list[str]:
    return [note["key"] for note in report["notes"]]


def test_postfix_that_relays_and_postfix_that_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    denied = {"smtpd_relay_restrictions": "reject_unauth_destination"}
    with postfix.running({}, [{}, denied], sink=9) as server:
        code, report = tried(capsys, f"127.0.0.1:{server.ports[0]}", *MAIL)
        assert (code, report["outcome"]) == (0, "would-relay")
        assert states(report)[-2:] == ["mail ok", "rcpt ok"]
        assert report["size"] == 200000000

        code, report = tried(capsys, f"[127.0.0.1]:{server.ports[1]}", *MAIL)
        assert (code, report["outcome"]) == (1, "refused")
        refused = report["steps"][-1]
        assert refused["reply"] == "554 5.7.1 <bo@clients.example>: Relay access denied"
        assert (refused["class"], refused["status"]) == ("relay-denied", "5.7.1")
        assert refused["fix"]

        code, report = tried(capsys, f"127.0.0.1:{server.ports[0]}", *MAIL, "--size", "200000001")
        assert (code, report["steps"][-1]["reason"]) == (1, "too-large")

        assert server.queued() == []
        assert server.has_logged("rset=1 quit=1")
        assert "data=" not in server.log


def test_postfix_over_tls(authority: Authority, capsys: pytest.CaptureFixture[str]) -> None:
    with tempfile.TemporaryDirectory() as name:  # Postfix gives up root, and pytest keeps its folders to root
        Path(name).chmod(0o755)
        chain = Path(name, "chain.pem")
        authority.ca.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(chain))
        tls = {"smtpd_tls_security_level": "encrypt", "smtpd_tls_chain_files": str(chain)}
        with postfix.running({}, [tls], sink=9) as server:
            asked = (f"localhost:{server.ports[0]}", "--ca-file", str(authority.file), *MAIL)
            code, report = tried(capsys, *asked)
            assert (code, report["outcome"], report["tls"]["flaw"]) == (0, "would-relay", None)
            code, report = tried(capsys, *asked, "--tls", "none")
            assert (code, report["steps"][-1]["code"]) == (1, 530)
            assert server.queued() == []


def test_a_recipient_that_is_refused_beside_one_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    denied = {"smtpd_relay_restrictions": "reject_unauth_destination"}
    with postfix.running({"relay_domains": "clients.example"}, [denied], sink=9) as server:
        code, report = tried(capsys, f"127.0.0.1:{server.ports[0]}", *MAIL, "--to", "cy@elsewhere.example")
    assert code == 1
    assert states(report)[-2:] == ["rcpt ok", "rcpt refused"]


def test_starttls_and_auth_open_the_relay(authority: Authority, capsys: pytest.CaptureFixture[str]) -> None:
    relay = Relay()
    trusted = ("--ca-file", str(authority.file))
    with aiosmtpd_server(relay, tls_context=authority.context("localhost", "127.0.0.1")) as port:
        code, report = tried(capsys, f"localhost:{port}", *MAIL, *trusted)
        assert (code, report["steps"][-1]["reply"]) == (1, "550 5.7.1 Unable to relay")
        assert "try auth" in keys(report)

        login = (*trusted, "--user", USER, "--password-env", "PROBE_PASSWORD")
        code, report = tried(capsys, f"localhost:{port}", *MAIL, *login)
        assert (code, report["outcome"]) == (0, "would-relay")
        assert states(report) == [
            "connect ok", "banner ok", "ehlo ok", "starttls ok", "tls ok", "ehlo ok", "auth ok", "mail ok", "rcpt ok"
        ]  # fmt: skip
        assert report["tls"]["flaw"] is None
        assert report["tls"]["names"] == ["localhost", "127.0.0.1"]
        assert report["tls"]["version"].startswith("TLSv1.")

        code, report = tried(capsys, f"127.0.0.1:{port}", *trusted, "--tls", "starttls")
        assert (code, report["outcome"], report["tls"]["flaw"]) == (0, "answers", None)
    assert relay.messages == []


def test_a_wrong_password_is_refused(
    authority: Authority, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBE_PASSWORD", "not this one")
    login = ("--ca-file", str(authority.file), "--user", USER, "--password-env", "PROBE_PASSWORD")
    with aiosmtpd_server(Relay(), tls_context=authority.context("localhost")) as port:
        code, report = tried(capsys, f"localhost:{port}", *login, *MAIL)
    assert code == 1
    assert states(report)[-1] == "auth refused"
    assert report["steps"][-1]["code"] == 535
    assert "not this one" not in json.dumps(report)


def test_tls_from_the_start(authority: Authority, capsys: pytest.CaptureFixture[str]) -> None:
    with aiosmtpd_server(Relay(open=True), implicit=authority.context("localhost")) as port:
        trusted = ("--ca-file", str(authority.file))
        code, report = tried(capsys, f"localhost:{port}", "--tls", "implicit", *trusted, *MAIL)
        assert (code, report["outcome"], report["tls"]["flaw"]) == (0, "would-relay", None)


@pytest.mark.parametrize(("names", "trusted", "flaw"), [
    (("other.example",), True, "name"),
    (("localhost",), False, "unknown-issuer"),
])  # fmt: skip
def test_a_certificate_that_is_not_right_is_explained_and_gets_no_password(
    names: tuple[str, ...], trusted: bool, flaw: str, authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--ca-file", str(authority.file)) if trusted else ()
    login = ("--user", USER, "--password-env", "PROBE_PASSWORD")
    with aiosmtpd_server(Relay(open=True), tls_context=authority.context(*names)) as port:
        code, report = tried(capsys, f"localhost:{port}", *options, *MAIL)
        assert (code, report["tls"]["flaw"]) == (0, flaw)
        assert report["tls"]["names"] == list(names)
        assert f"flaw {flaw}" in keys(report)

        code, report = tried(capsys, f"localhost:{port}", *options, *login)
        assert (code, report["steps"][-1]["reason"]) == (2, "bad-certificate")

        code, report = tried(capsys, f"localhost:{port}", *options, *login, "--insecure")
        assert (code, states(report)[-1]) == (0, "auth ok")


def test_an_expired_certificate_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost", not_after=datetime(2020, 1, 2, tzinfo=UTC)).configure_cert(context)
    with aiosmtpd_server(Relay(), tls_context=context) as port:
        _, report = tried(capsys, f"localhost:{port}", "--ca-file", str(tmp_path / "ca.pem"))
    assert report["tls"]["flaw"] == "expired"
    assert report["tls"]["ends"].startswith("2020-01-02")


def test_a_password_never_goes_over_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    login = ("--user", USER, "--password-env", "PROBE_PASSWORD")
    with aiosmtpd_server(Relay(), auth_require_tls=False) as port:
        code, report = tried(capsys, f"localhost:{port}", *login)
        assert (code, report["steps"][-1]["reason"]) == (2, "plain-text")
        assert set(report["auth"]) == {"LOGIN", "PLAIN"}
        code, report = tried(capsys, f"localhost:{port}", *login, *MAIL, "--insecure")
        assert (code, report["outcome"]) == (0, "would-relay")


def test_starttls_that_is_asked_for_has_to_be_offered(capsys: pytest.CaptureFixture[str]) -> None:
    with aiosmtpd_server(Relay(open=True)) as port:
        code, report = tried(capsys, f"localhost:{port}", "--tls", "starttls", *MAIL)
        assert (code, report["steps"][-1]["reason"]) == (2, "no-starttls")
        code, report = tried(capsys, f"localhost:{port}", "--tls", "implicit", *MAIL)
        assert (code, report["steps"][-1]["reason"]) == (2, "tls-failed")
        code, report = tried(capsys, f"localhost:{port}", *MAIL)
        assert (code, keys(report)[:1]) == (0, ["not encrypted"])


def test_a_certificate_that_ends_soon_is_told() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for days, wanted in ((13, ["ends soon"]), (20, []), (-1, [])):
        certificate = Certificate("TLSv1.3", "", ends=now + timedelta(days=days, hours=1))
        probe = Probe(Trial(Target("mail.example", 25)), certificate=certificate)
        assert [note.key for note in smtp_report(probe, now).notes] == wanted


def test_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    (port,) = postfix.free_ports(1)
    code, report = tried(capsys, f"127.0.0.1:{port}")
    assert (code, report["steps"][0]["reason"]) == (2, "connect-refused")
