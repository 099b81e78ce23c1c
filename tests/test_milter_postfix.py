"""The milter behind a real Postfix: what it accepts arrives as it was sent, and what it refuses is told why."""

from __future__ import annotations

import random
import smtplib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import milter_process
import milter_server
import postfix
import pytest
import smtp_sink

from spamlint.hooks.milter.server import Options

SENDER = "a@client.example"
RECIPIENT = "b@there.example"
START = b"From: a@client.example\r\nMessage-ID: <1@client.example>\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\n"


@dataclass
class Route:
    """A Postfix with a milter in front of it and a sink behind it."""

    server: postfix.Postfix
    sink: smtp_sink.Sink
    milter: milter_server.Milter


@contextmanager
def route(options: Options | None = None, **settings: str) -> Iterator[Route]:
    with ExitStack() as stack:
        sink = stack.enter_context(smtp_sink.running())
        milter = stack.enter_context(milter_server.running(options))
        filters = {"smtpd_milters": f"inet:127.0.0.1:{milter.port}", "milter_connect_timeout": "10s"}
        server = stack.enter_context(postfix.running(filters | settings, sink=sink.port))
        yield Route(server, sink, milter)


@pytest.fixture(scope="module")
def shared() -> Iterator[Route]:
    with route() as found:
        yield found


def mail(subject: str, mark: str, body: bytes = b"Hello\r\n", fields: bytes = b"") -> bytes:
    return START + f"Subject: {subject}\r\nX-Mark: {mark}\r\n".encode() + fields + b"\r\n" + body


def send(client: smtplib.SMTP, data: bytes, *options: str) -> None:
    assert client.sendmail(SENDER, [RECIPIENT], data, options) == {}


def refusal(client: smtplib.SMTP, data: bytes) -> tuple[int, bytes]:
    """What the client is told about a message that is refused."""
    with pytest.raises(smtplib.SMTPDataError) as caught:
        client.sendmail(SENDER, [RECIPIENT], data)
    answer = caught.value.smtp_error
    return caught.value.smtp_code, answer if isinstance(answer, bytes) else answer.encode()


def arrived(found: Route, mark: str, sent: bytes, added: bytes = b"") -> None:
    """That the message came as it was sent, behind what was added and the Received field of Postfix."""
    data = found.sink.wait_for(f"X-Mark: {mark}\r\n".encode()).data
    assert data.startswith(added + b"Received: from ")
    rest = data.removeprefix(added).split(b"\r\n", 1)[1]
    while rest[:1] in b" \t":
        rest = rest.split(b"\r\n", 1)[1]
    assert rest == sent


KINDS: dict[str, tuple[bytes, bytes]] = {
    "plain": (b"Hello\r\n", b""),
    "empty body": (b"", b""),
    "dots": (b".\r\n..\r\n.x\r\n", b""),
    "8-bit": ("Grüße, \u20ac\r\n".encode() + b"latin-1: \xe9\xff\r\n", b""),
    "long line": (b"x" * 50_000 + b"\r\n", b""),
    "odd fields": (b"Hello\r\n", b"X-None:\r\nX-Tab:\tb\r\nX-Two:  c \r\nX-Folded: d\r\n  e\r\n\tf\r\n"),
    "percent": (b"100% 100%% %s\r\n", b"X-Percent: 50%s\r\n"),
    "many fields": (b"Hello\r\n", b"".join(b"X-%d: %s\r\n" % (one, b"y" * 500) for one in range(200))),
    "5 MB": (random.Random(1).randbytes(2_600_000).hex("\n", 38).replace("\n", "\r\n").encode() + b"\r\n", b""),
    "multipart": (
        b"--b\r\nContent-Type: text/plain\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>two\r\n--b--\r\n",
        b"MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("user", ["ann", ""])
def test_what_is_accepted_arrives_as_it_was_sent(shared: Route, kind: str, user: str) -> None:
    body, fields = KINDS[kind]
    mark = f"{kind} {user}"
    data = mail("good", mark, body, fields)
    with shared.server.login(user) if user else shared.server.connect() as client:
        send(client, data, "BODY=8BITMIME")
    arrived(shared, mark, data)
    judged = next(seen for _, seen in shared.milter.guard.asked if f"X-Mark: {mark}\r\n".encode() in seen)
    assert judged == (data if user else data[: len(data) - len(body)])


def test_what_is_judged_and_for_whom(shared: Route) -> None:
    with shared.server.login("ann@client.example", ADDR="192.0.2.7") as client:
        client.helo("ann.client.example")
        client.sendmail("<>", ["b@there.example", "postmaster@there.example"], mail("good", "envelope"))
    envelope = next(one for one, data in shared.milter.guard.asked if b"X-Mark: envelope" in data)
    assert envelope.sender == ""
    assert envelope.recipients == ("b@there.example", "postmaster@there.example")
    assert (envelope.user, envelope.client, envelope.helo) == (
        "ann@client.example",
        "192.0.2.7",
        "ann.client.example",
    )
    assert shared.server.has_logged(f"{envelope.queue_id}: from=<>")


def test_addresses_beyond_ascii(shared: Route) -> None:
    with shared.server.login("ann") as client:
        client.command_encoding = "utf-8"
        assert client.docmd("MAIL", "FROM:<jürgen@client.example> SMTPUTF8")[0] == 250
        assert client.docmd("RCPT", "TO:<用户@there.example>")[0] == 250
        assert client.data(mail("good", "utf8", fields="X-Who: Jürgen\r\n".encode()))[0] == 250
    got = shared.sink.wait_for(b"X-Mark: utf8")
    assert (got.sender, got.recipients) == ("jürgen@client.example", ("用户@there.example",))
    envelope = next(one for one, data in shared.milter.guard.asked if b"X-Mark: utf8" in data)
    assert (envelope.sender, envelope.recipients) == (got.sender, got.recipients)


def test_the_client_is_told_in_several_lines_why_it_is_refused(shared: Route) -> None:
    with shared.server.login("ann") as client:
        code, answer = refusal(client, mail("reject", "refused"))
        assert code == 550
        assert answer.decode().splitlines() == [f"5.7.1 {line}" for line in milter_server.LINES]
        data = mail("good", "after a refusal")
        send(client, data)
    arrived(shared, "after a refusal", data)


def test_the_client_is_told_to_come_back(shared: Route) -> None:
    with shared.server.login("ann") as client:
        assert refusal(client, mail("tempfail", "later")) == (451, b"4.7.1 Try again in a minute")
        assert refusal(client, mail("fail", "later"))[0] == 451


def test_a_tag_is_put_in_front(shared: Route) -> None:
    data = mail("tag", "tagged")
    with shared.server.login("ann") as client:
        send(client, data)
    arrived(shared, "tagged", data, b"X-Spamlint-Verdict: warn\r\nX-Spamlint-Score: 7.5\r\n")


def test_own_fields_from_outside_are_taken_out_with_their_folded_lines(shared: Route) -> None:
    own = b"X-Spamlint-Verdict: pass\r\n folded\r\n", b"x-spamlint-verdict:block\r\n", b"X-Other: stays\r\n"
    with shared.server.login("ann") as client:
        send(client, mail("strip", "stripped", fields=own[0] + own[2] + own[1]))
    arrived(shared, "stripped", mail("strip", "stripped", fields=own[2]), b"X-Spamlint-Verdict: warn\r\n")


def test_quarantine_holds_a_message_and_not_the_next_one(shared: Route) -> None:
    data = mail("good", "after quarantine")
    with shared.server.login("ann") as client:
        send(client, mail("quarantine", "held"))
        send(client, data)
    arrived(shared, "after quarantine", data)
    (held,) = [one for one in shared.server.queued() if "/hold/" in one]
    content = shared.server.command("postcat", "-q", held.rsplit("/", 1)[1])
    assert "X-Spamlint-Verdict: warn\n" in content
    assert not any(b"X-Mark: held" in one.data for one in shared.sink.messages)


def test_many_mails_on_a_connection_with_resets_between_them(shared: Route) -> None:
    with shared.server.login("ann") as client:
        for number in range(10):
            client.mail("forgotten@client.example")
            client.rcpt("forgotten@there.example")
            client.rset()
            data = mail("tag" if number % 2 else "good", f"many {number}", b"%d\r\n" % number)
            send(client, data)
            if number % 3 == 0:
                assert refusal(client, mail("reject", "no"))[0] == 550
    for number in range(10):
        tag = b"X-Spamlint-Verdict: warn\r\nX-Spamlint-Score: 7.5\r\n" if number % 2 else b""
        data = mail("tag" if number % 2 else "good", f"many {number}", b"%d\r\n" % number)
        arrived(shared, f"many {number}", data, tag)
    assert not any("forgotten" in one.sender for one, _ in shared.milter.guard.asked)


def test_commands_in_one_write(shared: Route) -> None:
    first, second = mail("good", "pipelined 1"), mail("reject", "pipelined 2")
    envelope = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{RECIPIENT}>\r\nDATA\r\n".encode()
    with shared.server.login("ann") as client:
        assert client.sock is not None
        client.sock.sendall(envelope)
        assert [client.getreply()[0] for _ in range(3)] == [250, 250, 354]
        client.sock.sendall(first + b".\r\n" + envelope)
        assert [client.getreply()[0] for _ in range(4)] == [250, 250, 250, 354]
        client.sock.sendall(second + b".\r\nRSET\r\nNOOP\r\n")
        assert [client.getreply()[0] for _ in range(3)] == [550, 250, 250]
    arrived(shared, "pipelined 1", first)


def test_a_client_that_leaves_amid_a_message(shared: Route) -> None:
    with shared.server.login("ann") as client:
        client.mail(SENDER)
        client.rcpt(RECIPIENT)
        client.docmd("DATA")
        assert client.sock is not None
        client.sock.sendall(mail("good", "cut off"))
        client.close()
    data = mail("good", "after a cut")
    with shared.server.login("ann") as client:
        send(client, data)
    arrived(shared, "after a cut", data)
    assert not any(b"X-Mark: cut off" in one.data for one in shared.sink.messages)


def test_mail_that_a_program_on_the_machine_sends_comes_from_the_loopback_address(shared: Route) -> None:
    settings = {"non_smtpd_milters": f"inet:127.0.0.1:{shared.milter.port}"}
    with smtp_sink.running() as sink, postfix.running(settings, sink=sink.port) as server:
        letter = b"Subject: good\nX-Mark: program\n\nHello\n"
        server.command("sendmail", "-f", SENDER, RECIPIENT, content=letter)
        assert sink.wait_for(b"X-Mark: program").data.endswith(b"\r\n\r\nHello\r\n")
    envelope = next(one for one, data in shared.milter.guard.asked if b"X-Mark: program" in data)
    assert (envelope.sender, envelope.recipients, envelope.client) == (SENDER, (RECIPIENT,), "127.0.0.1")


def test_a_field_longer_than_postfix_gives_any_milter_is_cut_by_postfix_itself() -> None:
    field = b"X-Long: " + b"\r\n ".join(b"z" * 60 for _ in range(1600)) + b"\r\n"
    data = mail("good", "long", fields=field)
    with smtp_sink.running() as sink:
        unreachable = {"smtpd_milters": "inet:127.0.0.1:1", "milter_default_action": "accept"}
        with postfix.running(unreachable, sink=sink.port) as server, server.login("ann") as client:
            send(client, data)
            without = sink.wait_for(b"X-Mark: long").data
    with route() as found, found.server.login("ann") as client:
        send(client, data)
        with_milter = found.sink.wait_for(b"X-Mark: long").data
        ((_, judged),) = found.milter.guard.asked
    start = data.index(b"X-Long")
    assert len(without) < len(data) - 30_000
    assert with_milter[with_milter.index(START) :] == without[without.index(START) :] == judged
    assert judged.startswith(data[: start + 50_000])


def test_a_milter_that_takes_its_time_is_waited_for() -> None:
    with route(Options(progress=0.2), milter_content_timeout="1s") as found, found.server.login("ann") as client:
        data = mail("slow", "slow")
        client.mail(SENDER)
        client.rcpt(RECIPIENT)
        client.docmd("DATA")
        assert client.sock is not None
        client.sock.sendall(data + b".\r\n")
        client.sock.settimeout(2.5)
        with pytest.raises(TimeoutError):
            client.sock.recv(1)
        found.milter.guard.release.set()
        client.sock.settimeout(postfix.TIMEOUT)
        assert client.getreply()[0] == 250
        arrived(found, "slow", data)


def test_a_milter_that_stops_amid_a_session_and_comes_back() -> None:
    with route() as found:
        with found.server.login("ann") as client:
            send(client, mail("good", "before"))
            found.milter.stop()
            with pytest.raises(smtplib.SMTPResponseException) as caught:
                client.sendmail(SENDER, [RECIPIENT], mail("good", "while it is away"))
            assert caught.value.smtp_code == 451
        with milter_server.running(port=found.milter.port), found.server.login("ann") as client:
            data = mail("tag", "again")
            send(client, data)
            arrived(found, "again", data, b"X-Spamlint-Verdict: warn\r\nX-Spamlint-Score: 7.5\r\n")
        assert not any(b"while it is away" in one.data for one in found.sink.messages)


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_older_versions_of_the_protocol(version: str) -> None:
    body, fields = KINDS["odd fields"]
    data = mail("good", "old", body * 20_000, fields)
    with route(milter_protocol=version) as found, found.server.login("ann", ADDR="192.0.2.7") as client:
        send(client, data)
        arrived(found, "old", data)
        assert refusal(client, mail("reject", "no"))[1].decode().splitlines()[1] == f"5.7.1 {milter_server.LINES[1]}"
        send(client, mail("strip", "tagged", fields=b"X-Spamlint-Verdict: a\r\n"))
        tagged = found.sink.wait_for(b"X-Mark: tagged").data.partition(b"\r\n\r\n")[0]
        assert tagged.count(b"X-Spamlint-Verdict") == tagged.count(b"X-Spamlint-Verdict: warn") == 1
        send(client, mail("quarantine", "held"))
        assert any("/hold/" in one for one in found.server.queued())
        envelope, judged = found.milter.guard.asked[0]
    assert (envelope.client, envelope.user) == ("192.0.2.7", "ann")
    assert judged.endswith(b"\r\n\r\n" + body * 20_000)


def test_a_milter_that_is_killed_amid_a_message_and_started_again() -> None:
    (port,) = postfix.free_ports(1)
    filters = {"smtpd_milters": f"{{ inet:127.0.0.1:{port}, default_action=tempfail }}"}
    data = mail("good", "killed")
    with (
        smtp_sink.running() as sink,
        postfix.running(filters, sink=sink.port) as server,
        milter_process.running(port) as milter,
    ):
        with server.login("ann") as client:
            assert client.mail(SENDER)[0] == client.rcpt(RECIPIENT)[0] == 250
            milter.kill()
            assert client.data(data)[0] == 451
            milter.start()
        with server.login("ann") as client:
            send(client, data)
            send(client, mail("good", "last"))
        sink.wait_for(b"X-Mark: killed")
        sink.wait_for(b"X-Mark: last")
        assert sum(b"X-Mark: killed" in one.data for one in sink.messages) == 1


@pytest.mark.parametrize(("action", "code"), [("tempfail", 451), ("accept", 250)])
def test_without_a_milter_postfix_does_what_it_is_told(action: str, code: int) -> None:
    (nobody,) = postfix.free_ports(1)
    with smtp_sink.running() as sink:
        filters = {"smtpd_milters": f"{{ inet:127.0.0.1:{nobody}, default_action={action} }}"}
        with postfix.running(filters, sink=sink.port) as server, server.login("ann") as client:
            assert client.docmd("MAIL", f"FROM:<{SENDER}>")[0] == code
