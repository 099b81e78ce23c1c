"""`spamlint smtp` against servers that mean no good: it ends in time, says what happened, shows nothing raw."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smtp_servers import scripted

from spamlint.cli import main
from spamlint.smtp_probe.probe import Trial, tried
from spamlint.smtp_probe.target import Target, target_of
from spamlint.smtp_probe.wire import Stopped, Wire

SECONDS = 1.0
SLACK = 4.0
"""For a machine that is busy; what never ends would take the time of the whole test run."""


def reading(client: socket.socket) -> None:
    """Waits for the next command."""
    client.recv(4096)


def says(*replies: bytes) -> Callable[[socket.socket], None]:
    """The replies one after another, each but the first to a command."""

    def answer(client: socket.socket) -> None:
        for number, reply in enumerate(replies):
            if number:
                reading(client)
            client.sendall(reply)

    return answer


def endless_greeting(client: socket.socket) -> None:
    for number in count():
        client.sendall(b"220-still greeting %d\r\n" % number)


def endless_line(client: socket.socket) -> None:
    for _ in range(10):
        client.sendall(b"2" * 1_000_000)


def dripping(client: socket.socket) -> None:
    client.settimeout(0.05)
    for _ in range(200):
        client.sendall(b"2")
        try:
            if not client.recv(10):
                return
        except TimeoutError:
            continue


def silent(client: socket.socket) -> None:
    client.settimeout(10)
    reading(client)


def dripping_handshake(client: socket.socket) -> None:
    says(b"220 mail.example\r\n", OFFER, b"220 go\r\n")(client)
    reading(client)
    client.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")  # the start of a long ServerHello
    dripping(client)


def greets_then(reply: bytes) -> Callable[[socket.socket], None]:
    return says(b"220 mail.example\r\n", reply)


OFFER = b"250-mail.example\r\n250 STARTTLS\r\n"
HOSTILE = {
    "endless greeting": (endless_greeting, "reply-too-long"),
    "endless line": (endless_line, "line-too-long"),
    "dripping": (dripping, "timeout"),
    "silent": (silent, "timeout"),
    "closing": (says(b""), "closed"),
    "closing after greeting": (says(b"220 hello\r\n"), "closed"),
    "garbage": (says(b"\x00\xff\x1b[2J garbage\r\n"), "not-smtp"),
    "web server": (says(b"HTTP/1.1 400 Bad Request\r\n"), "not-smtp"),
    "other code within a reply": (greets_then(b"250-one\r\n550 two\r\n"), "not-smtp"),
    "empty line": (greets_then(b"\r\n"), "not-smtp"),
    "no TLS behind STARTTLS": (
        says(b"220 mail.example\r\n", OFFER, b"220 go\r\n", b"this is no handshake\r\n"), "tls-failed",
    ),
    "words between STARTTLS and TLS": (
        says(b"220 mail.example\r\n", OFFER, b"220 go\r\n250 injected\r\n"), "early-data",
    ),
    "dripping in the handshake": (dripping_handshake, "timeout"),
    "closing in the handshake": (says(b"220 mail.example\r\n", OFFER, b"220 go\r\n"), "tls-failed"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_server_is_told_in_time(name: str) -> None:
    answer, why = HOSTILE[name]
    seconds = SECONDS if why == "timeout" else 30.0  # what ends by itself has all the time it needs
    with scripted(answer) as port:
        start = time.monotonic()
        probe = tried(Trial(Target("127.0.0.1", port), seconds=seconds, sender="", recipients=("a@b.example",)))
        took = time.monotonic() - start
    assert (probe.outcome, probe.steps[-1].why) == ("not-tried", why)
    assert took < seconds + SLACK


@given(st.lists(st.one_of(st.binary(max_size=60), st.sampled_from([b"250-", b"250 ok\r\n", b"\n", b"\r"])), max_size=9))
def test_no_reply_is_too_odd(pieces: list[bytes]) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"".join(pieces))
        theirs.shutdown(socket.SHUT_WR)
        wire = Wire(ours, time.monotonic() + 10)
        why = None
        reply = None
        try:
            reply = wire.reply()
        except Stopped as stop:
            why = stop.why
    assert why in ("closed", "not-smtp") if reply is None else 200 <= reply.code <= 599


def test_what_a_server_says_is_shown_without_its_controls(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    nasty = b"554 \x1b[2Jgo away\x07 \xe2\x80\xae ##vso[task.setvariable]\r\n"
    for replies in ([nasty], [b"220 ok\r\n", b"250-ok\r\n250 X\x1b[31m y\x9b\r\n", nasty]):
        for form in ("text", "json"):
            with scripted(says(*replies)) as port:
                code = main(["smtp", f"127.0.0.1:{port}", "--from", "", "--no-config", "--format", form])
            shown = capsys.readouterr().out
            assert code == 1
            assert all(char.isprintable() or char == "\n" for char in shown)
            if form == "json":
                assert json.loads(shown)["outcome"] == "refused"
            else:
                assert "##vso[" not in shown


def test_a_server_that_says_the_password_back_is_not_quoted() -> None:
    from base64 import b64encode

    echo = b64encode(b"\0ann\0hunter2hunter2")
    offer = b"250-mail.example\r\n250 AUTH PLAIN\r\n"
    with scripted(says(b"220 mail.example\r\n", offer, b"535 no: " + echo + b" hunter2hunter2\r\n")) as port:
        trial = Trial(Target("127.0.0.1", port), user="ann", password="hunter2hunter2", insecure=True, seconds=30)
        probe = tried(trial)
    reply = probe.steps[-1].reply
    assert reply is not None
    assert reply.text == "535 no: *** ***"
    assert "hunter2" not in repr(probe)


@pytest.mark.parametrize(
    ("offered", "challenges", "answers"),
    [
        ("LOGIN", [b"VXNlcm5hbWU6", b"UGFzc3dvcmQ6"], [b"dGlt", b"dGFuc3RhYWZ0YW5zdGFhZg=="]),
        (  # the example of RFC 2195
            "CRAM-MD5",
            [b"PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"],
            [b"dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"],
        ),
    ],
)
def test_other_ways_to_log_in(offered: str, challenges: list[bytes], answers: list[bytes]) -> None:
    said: list[bytes] = []

    def answer(client: socket.socket) -> None:
        offer = f"250-mail.example\r\n250 AUTH X-OWN {offered}".encode()
        for reply in (b"220 mail.example", offer, *(b"334 " + challenge for challenge in challenges), b"235 yes"):
            client.sendall(reply + b"\r\n")
            said.append(client.recv(4096))

    with scripted(answer) as port:
        trial = Trial(Target("127.0.0.1", port), user="tim", password="tanstaaftanstaaf", insecure=True, seconds=30)
        probe = tried(trial)
    assert [step.state for step in probe.steps if step.name == "auth"] == ["ok"]
    assert said[1:] == [f"AUTH {offered}\r\n".encode(), *(one + b"\r\n" for one in answers), b"RSET\r\n"]


def test_addresses_beyond_ascii_need_smtputf8() -> None:
    for offer, why in ((b"250 mail.example\r\n", "no-smtputf8"), (b"250-mail.example\r\n250 SMTPUTF8\r\n", None)):
        with scripted(says(b"220 mail.example\r\n", offer, b"550 no\r\n")) as port:
            probe = tried(Trial(Target("127.0.0.1", port), sender="jörg@mill.example", seconds=30))
        assert (probe.outcome, probe.steps[-1].why) == ("refused", why)


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_an_address_of_ipv6() -> None:
    try:
        listening = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 on the loopback interface")
    with listening, scripted(says(b"220 mail.example\r\n", b"250 mail.example\r\n"), listening):
        probe = tried(Trial(target_of(f"[::1]:{listening.getsockname()[1]}", 25), seconds=30))
    assert (probe.outcome, probe.address) == ("answers", "::1")
    assert next(step.about for step in probe.steps if step.name == "ehlo")


def test_an_old_server_is_greeted_the_old_way() -> None:
    with scripted(says(b"220 mail.example\r\n", b"502 what?\r\n", b"250 hello\r\n", b"250 ok\r\n")) as port:
        probe = tried(Trial(Target("127.0.0.1", port), sender="", seconds=30))
    assert probe.outcome == "answers"


def test_greylisting_is_a_refusal_for_now(capsys: pytest.CaptureFixture[str]) -> None:
    replies = (b"220 m\r\n", b"250 m\r\n", b"250 ok\r\n", b"450 4.7.1 Greylisted, try again later\r\n")
    with scripted(says(*replies)) as port:
        arguments = [
            "smtp",
            f"127.0.0.1:{port}",
            "--from",
            "",
            "--to",
            "a@b.example",
            "--format",
            "json",
            "--no-config",
        ]
        code = main(arguments)
    report = json.loads(capsys.readouterr().out)
    assert (code, report["steps"][-1]["class"]) == (1, "greylisted")
    assert "for now" in [note["key"] for note in report["notes"]]
