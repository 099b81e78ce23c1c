"""The SMTP proxy between two SMTP servers of a real Postfix: what is accepted arrives, what is refused is told why."""

from __future__ import annotations

import random
import smtplib
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import postfix
import pytest
import smtp_sink
from smtp_proxying import FIELD, Judge, in_thread

from spamlint.hooks.reach import networks

SENDER = "a@client.example"
RECIPIENT = "b@there.example"
START = b"From: a@client.example\r\nMessage-ID: <1@client.example>\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\n"
TRUSTED = networks(["127.0.0.1"], "--trust")
REFUSES = "inline:{{refused@there.example=550 5.1.1 Not here}}"
BEHIND = {
    "smtpd_authorized_xforward_hosts": "127.0.0.1",
    "smtpd_client_restrictions": "",
    "smtpd_recipient_restrictions": f"check_recipient_access {REFUSES}, permit",
}


@dataclass
class Path:
    """Postfix, the proxy, Postfix again, and a sink."""

    server: postfix.Postfix
    sink: smtp_sink.Sink
    judge: Judge
    port: int


@contextmanager
def path(front: dict[str, str] | None = None) -> Iterator[Path]:
    with ExitStack() as stack:
        sink = stack.enter_context(smtp_sink.running())
        (port,) = postfix.free_ports(1)
        listeners = [{"smtpd_proxy_filter": f"127.0.0.1:{port}", **(front or {})}, BEHIND]
        server = stack.enter_context(postfix.running({}, listeners, sink=sink.port))
        judge = stack.enter_context(in_thread(port, server.ports[1], trust=TRUSTED, is_submission=True))
        yield Path(server, sink, judge, port)


@pytest.fixture(scope="module")
def shared() -> Iterator[Path]:
    with path() as found:
        yield found


def mail(subject: str, mark: str, body: bytes = b"Hello\r\n", fields: bytes = b"") -> bytes:
    return START + f"Subject: {subject}\r\nX-Mark: {mark}\r\n".encode() + fields + b"\r\n" + body


def without_received(data: bytes) -> bytes:
    """The message behind the Received fields that stand in front of it."""
    while data.startswith(b"Received: "):
        data = data.split(b"\r\n", 1)[1]
        while data[:1] in b" \t":
            data = data.split(b"\r\n", 1)[1]
    return data


def arrived(found: Path, mark: str, sent: bytes, added: bytes = FIELD) -> smtp_sink.Delivered:
    """That the message came as it was sent, but for what the two servers and the proxy have put in front."""
    delivered = found.sink.wait_for(f"X-Mark: {mark}\r\n".encode())
    rest = without_received(delivered.data)
    assert rest.startswith(added)
    assert without_received(rest.removeprefix(added)) == sent
    return delivered


KINDS: dict[str, tuple[bytes, bytes]] = {
    "plain": (b"Hello\r\n", b""),
    "empty body": (b"", b""),
    "dots": (b".\r\n..\r\n.x\r\n", b""),
    "8-bit": ("Grüße, \u20ac\r\n".encode() + b"latin-1: \xe9\xff\r\n", b""),
    "long line": (b"x" * 50_000 + b"\r\n", b""),
    "folded": (b"Hello\r\n", b"X-None:\r\nX-Tab:\tb\r\nX-Two:  c \r\nX-Folded: d\r\n  e\r\n\tf\r\n"),
    "100 KB header field": (b"Hello\r\n", b"X-Long: " + b"\r\n ".join([b"z" * 60] * 1600) + b"\r\n"),
    "5 MB": (random.Random(1).randbytes(2_600_000).hex("\n", 38).replace("\n", "\r\n").encode() + b"\r\n", b""),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_accepted_arrives_as_it_was_sent(shared: Path, kind: str) -> None:
    body, fields = KINDS[kind]
    data = mail("good", kind, body, fields)
    with shared.server.connect() as client:
        assert client.sendmail(SENDER, [RECIPIENT], data, ["BODY=8BITMIME"]) == {}
    arrived(shared, kind, data)


def test_the_client_is_told_in_several_lines_why_it_is_refused(shared: Path) -> None:
    with shared.server.connect() as client:
        with pytest.raises(smtplib.SMTPDataError) as caught:
            client.sendmail(SENDER, [RECIPIENT], mail("REJECT", "refused"))
        assert caught.value.smtp_code == 550
        assert caught.value.smtp_error == b"5.7.1 It looks like spam:\n5.7.1   two words\n5.7.1 100 %"
        with pytest.raises(smtplib.SMTPDataError) as caught:
            client.sendmail(SENDER, [RECIPIENT], mail("TEMPFAIL", "later"))
        assert caught.value.smtp_code == 451
        data = mail("good", "after a refusal")
        client.sendmail(SENDER, [RECIPIENT], data)
    arrived(shared, "after a refusal", data)
    assert not any(b"X-Mark: refused" in one.data for one in shared.sink.messages)


def test_a_recipient_that_is_refused_costs_the_others_nothing(shared: Path) -> None:
    data = mail("good", "partial")
    with smtplib.SMTP("127.0.0.1", shared.port) as client:
        refused = client.sendmail(SENDER, ["one@there.example", "refused@there.example", "two@there.example"], data)
    assert list(refused) == ["refused@there.example"]
    assert b"Not here" in refused["refused@there.example"][1]
    assert arrived(shared, "partial", data).recipients == ("one@there.example", "two@there.example")


def test_who_the_client_is_goes_all_the_way(shared: Path) -> None:
    data = mail("good", "xforward")
    with shared.server.login("", ADDR="192.0.2.7") as client:
        client.ehlo("laptop.client.example")
        client.sendmail("", ["one@there.example", "two@there.example"], data)
    delivered = arrived(shared, "xforward", data)
    assert (delivered.sender, delivered.recipients) == ("", ("one@there.example", "two@there.example"))
    envelope = shared.judge.seen[next(at for at, one in enumerate(shared.judge.judged) if b"X-Mark: xforward" in one)]
    assert (envelope.sender, envelope.client, envelope.helo) == ("", "192.0.2.7", "laptop.client.example")
    assert shared.server.has_logged("client=unknown[127.0.0.1], orig_client=unknown[192.0.2.7]")


def test_addresses_beyond_ascii(shared: Path) -> None:
    data = mail("good", "utf8", fields="X-Who: Jürgen\r\n".encode())
    with shared.server.connect() as client:
        client.ehlo()
        client.command_encoding = "utf-8"
        assert client.docmd("MAIL", "FROM:<jürgen@client.example> SMTPUTF8")[0] == 250
        assert client.docmd("RCPT", "TO:<用户@there.example>")[0] == 250
        assert client.data(data)[0] == 250
    delivered = arrived(shared, "utf8", data)
    assert (delivered.sender, delivered.recipients) == ("jürgen@client.example", ("用户@there.example",))


def test_many_mails_on_a_connection_with_resets_between_them(shared: Path) -> None:
    with shared.server.connect() as client:
        for number in range(10):
            client.ehlo_or_helo_if_needed()
            client.mail("forgotten@client.example")
            client.rcpt("forgotten@there.example")
            client.rset()
            client.sendmail(SENDER, [RECIPIENT], mail("good", f"many {number}", b"%d\r\n" % number))
    for number in range(10):
        arrived(shared, f"many {number}", mail("good", f"many {number}", b"%d\r\n" % number))


def test_commands_in_one_write(shared: Path) -> None:
    """To Postfix in front, and to the proxy itself."""
    envelope = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{RECIPIENT}>\r\nDATA\r\n".encode()
    for name, port in (("front", shared.server.ports[0]), ("proxy", shared.port)):
        first, second = mail("good", f"{name} 1"), mail("REJECT", f"{name} 2")
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.ehlo()
            assert client.has_extn("pipelining")
            assert client.sock is not None
            client.sock.sendall(envelope)
            assert [client.getreply()[0] for _ in range(3)] == [250, 250, 354]
            client.sock.sendall(first + b".\r\n" + envelope)
            assert [client.getreply()[0] for _ in range(4)] == [250, 250, 250, 354]
            client.sock.sendall(second + b".\r\nRSET\r\nNOOP\r\n")
            assert [client.getreply()[0] for _ in range(3)] == [550, 250, 250]
        arrived(shared, f"{name} 1", first)


def test_a_client_that_leaves_amid_a_message(shared: Path) -> None:
    with smtplib.SMTP("127.0.0.1", shared.port) as client:
        client.ehlo()
        client.mail(SENDER)
        client.rcpt(RECIPIENT)
        client.docmd("DATA")
        assert client.sock is not None
        client.sock.sendall(mail("good", "cut off"))
        client.close()
    data = mail("good", "after a cut")
    with shared.server.connect() as client:
        client.sendmail(SENDER, [RECIPIENT], data)
    arrived(shared, "after a cut", data)
    assert not any(b"X-Mark: cut off" in one.data for one in shared.sink.messages)


def test_delivery_status_parameters_are_known_to_the_server_behind(shared: Path) -> None:
    data = mail("good", "dsn")
    with smtplib.SMTP("127.0.0.1", shared.port) as client:
        client.ehlo()
        assert client.has_extn("dsn")
        assert client.docmd("MAIL", f"FROM:<{SENDER}> RET=HDRS ENVID=Mark+2B1")[0] == 250
        assert client.docmd("RCPT", f"TO:<{RECIPIENT}> NOTIFY=NEVER ORCPT=rfc822;B@there.example")[0] == 250
        assert client.data(data)[0] == 250
    arrived(shared, "dsn", data)


def test_quarantine_is_a_header_field_that_the_server_behind_can_hold_mail_by() -> None:
    checks = {"header_checks": "regexp:{{/^X-Spamlint-Quarantine:/ HOLD}}"}
    with ExitStack() as stack:
        sink = stack.enter_context(smtp_sink.running())
        server = stack.enter_context(postfix.running(checks, [BEHIND], sink=sink.port))
        (port,) = postfix.free_ports(1)
        stack.enter_context(in_thread(port, server.ports[0]))
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.sendmail(SENDER, [RECIPIENT], mail("QUARANTINE", "held"))
            client.sendmail(SENDER, [RECIPIENT], mail("good", "not held"))
        sink.wait_for(b"X-Mark: not held")
        (held,) = [one for one in server.queued() if "/hold/" in one]
        assert "X-Mark: held" in server.command("postcat", "-q", held.rsplit("/", 1)[1])


def test_without_the_proxy_the_client_keeps_its_message_and_with_it_again_it_goes() -> None:
    with ExitStack() as stack:
        sink = stack.enter_context(smtp_sink.running())
        (port,) = postfix.free_ports(1)
        listeners = [{"smtpd_proxy_filter": f"127.0.0.1:{port}"}, BEHIND]
        server = stack.enter_context(postfix.running({}, listeners, sink=sink.port))
        with server.connect() as client, pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
            client.sendmail(SENDER, [RECIPIENT], mail("good", "while it is away"))
        assert caught.value.recipients[RECIPIENT][0] == 451
        judge = stack.enter_context(in_thread(port, server.ports[1], trust=TRUSTED))
        data = mail("good", "again")
        with server.connect() as client:
            client.sendmail(SENDER, [RECIPIENT], data)
        arrived(Path(server, sink, judge, port), "again", data)
        assert not any(b"while it is away" in one.data for one in sink.messages)


def test_what_postfix_lets_through_of_smuggled_mail_is_refused_here(shared: Path) -> None:
    """This Postfix takes bare line feeds; with them in it, the message goes no further."""
    with socket.create_connection(("127.0.0.1", shared.port)) as raw:
        stream = raw.makefile("rb")
        answers = []
        for line in (b"EHLO x", b"MAIL FROM:<%s>" % SENDER.encode(), b"RCPT TO:<%s>" % RECIPIENT.encode(), b"DATA"):
            answers.append(_answer(stream))
            raw.sendall(line + b"\r\n")
        answers.append(_answer(stream))
        raw.sendall(b"X-Mark: outer\r\n\r\nx\n.\r\nMAIL FROM:<x@x.example>\r\n.\r\n")
        assert _answer(stream).startswith(b"550 5.5.2")
    assert not any(b"outer" in one.data for one in shared.sink.messages)


def _answer(stream: object) -> bytes:
    while True:
        line: bytes = stream.readline()  # type: ignore[attr-defined]
        if line[3:4] != b"-":
            return line
