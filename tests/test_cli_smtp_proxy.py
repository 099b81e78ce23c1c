"""`spamlint smtp-proxy`: its options, its examples, and what it says where it cannot begin."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import postfix
import pytest
import smtp_sink
from smtp_proxying import CERTIFICATE, FIELD, in_thread

from spamlint.cli import main, smtp_options, smtp_proxy
from spamlint.cli.smtp_proxy import _parser
from spamlint.errors import ConfigError
from spamlint.hooks.smtp_proxy import users
from spamlint.hooks.smtp_proxy.options import Options

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "smtp-proxy"


def chosen(*arguments: str) -> Options:
    args = _parser().parse_args(["--listen", "127.0.0.1:0", *arguments])
    options = smtp_options.options(args)
    smtp_options.load_certificate(options, args)
    return options


def test_one_message_passes_and_one_is_refused_and_told_why() -> None:
    shown = subprocess.run(
        [sys.executable, EXAMPLES / "try_it.py"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout.splitlines()
    assert shown[0] == "spamlint: listening"
    assert shown[1].startswith("arrived: Subject: Seeds for March")
    assert shown[2].startswith("refused: 550 5.7.1 This message was not sent: it looks like unwanted mail")
    assert any("attachments/executable" in line for line in shown)
    assert shown[-1].startswith("5.7.1 Report ")


@pytest.mark.parametrize(
    ("next_", "more", "expected"),
    [
        ("127.0.0.1:25", (), ("127.0.0.1", 25, "none")),
        ("[::1]:25", (), ("::1", 25, "none")),
        ("mail.example:587", (), ("mail.example", 587, "starttls")),
        ("mail.example:465", ("--next-tls", "tls"), ("mail.example", 465, "tls")),
        ("mail.example:25", ("--next-tls", "none"), ("mail.example", 25, "none")),
    ],
)
def test_the_next_server(next_: str, more: tuple[str, ...], expected: tuple[str, int, str]) -> None:
    to = chosen("--next", next_, *more).next
    assert (to.host, to.port, to.tls) == expected
    assert to.is_verified is (to.tls != "none")


def test_insecure_lifts_what_guards_passwords() -> None:
    options = chosen("--next", "mail.example:587", "--insecure", "--auth", "next")
    assert not options.next.is_verified
    assert options.can_relay_passwords


def test_a_unix_socket_and_a_certificate() -> None:
    options = chosen("--next", "unix:/run/next", "--cert", str(CERTIFICATE), "--tls-first", "--megabytes", "5")
    assert options.next.path == "/run/next"
    assert options.tls is not None
    assert options.is_tls_first
    assert options.most_octets == 5 * 1024 * 1024


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--next", "mail.example"), "--next mail.example: is no address"),
        (("--next", "mail.example:0"), "--next mail.example:0: is no address"),
        (("--next", "127.0.0.1:25", "--allow", "10.0.0.0/33"), "--allow 10.0.0.0/33: is no network"),
        (("--next", "127.0.0.1:25", "--trust", "front"), "--trust front: is no network"),
        (("--next", "127.0.0.1:25", "--tls-first"), "--tls-first: needs a certificate"),
        (("--next", "127.0.0.1:25", "--key", "x.pem"), "--key: needs its certificate"),
        (("--next", "127.0.0.1:25", "--cert", "/nowhere.pem"), "--cert /nowhere.pem: cannot be used"),
        (("--next", "mail.example:25", "--next-ca", "/nowhere.pem"), "--next-ca /nowhere.pem: cannot be used"),
        (("--next", "unix:/run/x", "--next-tls", "tls"), "--next-tls: a unix socket needs no TLS"),
        (("--next", "127.0.0.1:25", "--auth", "file:/nowhere"), "/nowhere: "),
    ],
)
def test_what_cannot_be_used_is_said(arguments: tuple[str, ...], problem: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(problem)):
        chosen(*arguments)


def test_strangers_are_not_listened_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["smtp-proxy", "--no-config", "--workers", "1", "--listen", "0.0.0.0:0", "--next", "127.0.0.1:1"]) == 2
    said = capsys.readouterr().err
    assert "list clients with --allow, or let them authenticate with --auth" in said
    assert "listening on" not in said


def test_the_extra_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(smtp_proxy, "find_spec", lambda _: None)
    assert main(["smtp-proxy", "--listen", "127.0.0.1:0", "--next", "127.0.0.1:1"]) == 2
    assert "spamlint[server]" in capsys.readouterr().err


def test_a_new_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("p:ä ss\n"))
    assert main(["smtp-proxy", "--new-user", "anna"]) == 0
    file = tmp_path / "users"
    file.write_text(capsys.readouterr().out)
    file.chmod(0o600)
    assert users.is_known(users.load(file), "anna", "p:ä ss".encode())
    assert chosen("--next", "127.0.0.1:25", "--auth", f"file:{file}").users == file


@pytest.mark.parametrize("arguments", [["--new-user"], ["--new-user", "a", "b"], ["--new-user", "a:b"]])
def test_a_new_user_that_cannot_be(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("secret\n"))
    assert main(["smtp-proxy", *arguments]) == 2


def test_the_unit_for_systemd_starts_what_the_guide_says() -> None:
    unit = (EXAMPLES / "spamlint-smtp-proxy.service").read_text()
    (command,) = re.findall(r"^ExecStart=\S+ smtp-proxy (.*)$", unit, re.MULTILINE)
    args = _parser().parse_args(shlex.split(command))
    options = smtp_options.options(args)
    assert args.listen == ["127.0.0.1:10025"]
    assert (options.next.port, options.is_submission) == (10026, True)
    assert "--listen 127.0.0.1:10025 --next 127.0.0.1:10026 --trust 127.0.0.1 --submission" in command


def test_the_example_for_postfix_works() -> None:
    """Both servers of it, on other ports, without TLS and logins."""
    servers, cleanup = (EXAMPLES / "master.cf").read_text().split("\n# Holds")
    services: list[dict[str, str]] = []
    for line in servers.splitlines():
        if line[:1] not in {" ", "#", ""}:
            services.append({})
        elif option := re.fullmatch(r" +-o (\w+)=(.*)", line):
            services[-1][option[1]] = option[2]
    front, behind = services
    unsuitable = {"smtpd_tls_security_level", "smtpd_sasl_auth_enable", "smtpd_relay_restrictions"}
    front = {name: value for name, value in front.items() if name not in unsuitable}
    assert front["smtpd_proxy_filter"] == "127.0.0.1:10025"
    with ExitStack() as stack:
        (port,) = postfix.free_ports(1)
        sink = stack.enter_context(smtp_sink.running())
        front["smtpd_proxy_filter"] = f"127.0.0.1:{port}"
        server = stack.enter_context(postfix.running({}, [front, behind], sink=sink.port, services=f"# Holds{cleanup}"))
        judge = stack.enter_context(in_thread(port, server.ports[1], **_of_the_unit()))
        with server.login("ann", ADDR="192.0.2.7") as client:
            client.sendmail("a@client.example", ["b@there.example"], b"Subject: one\r\n\r\nx\r\n")
            client.sendmail("a@client.example", ["b@there.example"], b"Subject: QUARANTINE\r\n\r\nx\r\n")
        assert FIELD in sink.wait_for(b"Subject: one").data
        assert judge.seen[0].client == "192.0.2.7"
        assert judge.seen[0].is_asked
        assert any("/hold/" in one for one in server.queued())


def _of_the_unit() -> dict[str, object]:
    unit = (EXAMPLES / "spamlint-smtp-proxy.service").read_text()
    (command,) = re.findall(r"^ExecStart=\S+ smtp-proxy (.*)$", unit, re.MULTILINE)
    options = smtp_options.options(_parser().parse_args(shlex.split(command)))
    return {"trust": options.trust, "is_submission": options.is_submission}
