"""The SMTP proxy: what passes, what is refused and in whose words, and what each side is told of the other."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smtp_proxying import FIELD, SECONDS, NextServer, changed, proxying, run

from spamlint.hooks.reach import networks

DATA = b"Subject: hello\r\n\r\nHello.\r\n.dot\r\n..\r\n"
LOCAL = networks(["127.0.0.0/8"], "--trust")


def test_a_message_passes_with_its_fields_and_nothing_else() -> None:
    async def scenario() -> None:
        async with proxying() as proxy:
            client = await proxy.client()
            assert await client.mail(DATA) == b"250 2.0.0 Ok: queued as 7\r\n"
            (received,) = proxy.next.received
            assert received.data == FIELD + DATA
            assert received.commands == (b"MAIL FROM:<anna@a.example>", b"RCPT TO:<bob@b.example>")
            assert await client.say(b"QUIT") == b"221 2.0.0 Goodbye\r\n"

    run(scenario)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", FIELD),
        (b"no header\r\n", FIELD + b"no header\r\n"),
        (b"\r\nbody\r\n", FIELD + b"\r\nbody\r\n"),
        (b"X-Remove: 1\r\n 2\r\nA: b\r\n\r\nX-Remove: stays\r\n", FIELD + b"A: b\r\n\r\nX-Remove: stays\r\n"),
        (b"A: \xe9\xff\x80\r\n\r\n\xe2\x82\xac\r\n", FIELD + b"A: \xe9\xff\x80\r\n\r\n\xe2\x82\xac\r\n"),
        (b"A: b\r\n\r\n" + b"x" * 200_000 + b"\r\n", FIELD + b"A: b\r\n\r\n" + b"x" * 200_000 + b"\r\n"),
        (b"A: QUARANTINE\r\n", b"X-Spamlint-Quarantine: bad\r\nX-Spamlint-Verdict: block\r\nA: QUARANTINE\r\n"),
    ],
    ids=["empty", "no header", "no fields", "field removed", "8 bit", "long line", "quarantine"],
)
def test_messages_of_odd_forms_pass(data: bytes, expected: bytes) -> None:
    async def scenario() -> None:
        async with proxying() as proxy:
            client = await proxy.client()
            assert (await client.mail(data)).startswith(b"250 ")
            assert proxy.next.received[0].data == expected

    run(scenario)


def test_five_megabytes_pass() -> None:
    data = b"Subject: big\r\n\r\n" + (b"." * 76 + b"\r\n") * 70_000

    async def scenario() -> None:
        async with proxying() as proxy:
            client = await proxy.client()
            assert (await client.mail(data)).startswith(b"250 ")
            assert proxy.next.received[0].data == FIELD + data

    run(scenario)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.lists(st.binary(max_size=30).map(lambda one: one.translate(None, b"\r\n\0")), max_size=6), max_size=5)
)
def test_any_lines_arrive_as_they_were_sent(messages: list[list[bytes]]) -> None:
    async def scenario() -> None:
        async with proxying() as proxy:
            client = await proxy.client()
            for lines in messages:
                assert (await client.mail(b"\r\n".join([*lines, b"end\r\n"]))).startswith(b"250 ")
            sent = [b"\r\n".join([*lines, b"end\r\n"]) for lines in messages]
            assert [one.data for one in proxy.next.received] == [FIELD + one for one in sent]

    run(scenario)


SAID = st.sampled_from(
    [
        b"EHLO c.example\r\n",
        b"HELO c.example\r\n",
        b"MAIL FROM:<a@a.example>\r\n",
        b"MAIL FROM:<refused@a.example> SIZE=5\r\n",
        b"RCPT TO:<b@b.example>\r\n",
        b"RCPT TO:<refused@b.example>\r\n",
        b"DATA\r\n",
        b"Subject: x\r\n\r\nx\r\n.\r\n",
        b"REJECT\r\n.\r\n",
        b"TEMPFAIL\n.\r\n",
        b"NEXT-REFUSES\r\n.\r\n",
        b"RSET\r\n",
        b"NOOP\r\n",
        b"STARTTLS\r\n",
        b"AUTH PLAIN AGEAYg==\r\n",
        b"XFORWARD ADDR=192.0.2.1\r\n",
        b"QUIT\r\n",
        b"\n",
        b"\xff\0",
    ]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(SAID, min_size=4, max_size=24), st.booleans())
def test_whatever_a_client_says_only_what_has_arrived_is_acknowledged(said: list[bytes], begins_well: bool) -> None:
    async def scenario() -> None:
        problems: list[dict[str, object]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
        async with proxying(changed(trust=LOCAL)) as proxy:
            client = await proxy.connect()
            begin = b"EHLO c\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n" if begins_well else b""
            client.writer.write(begin + b"".join(said))
            client.writer.write_eof()
            answers = await asyncio.wait_for(client.reader.read(), SECONDS)
            assert answers.count(b"queued as 7") == len(proxy.next.received)
        assert problems == []

    run(scenario)


def test_a_refused_message_is_not_handed_on_and_the_next_one_is() -> None:
    async def scenario() -> None:
        async with proxying() as proxy:
            client = await proxy.client()
            assert await client.mail(b"Subject: REJECT\r\n\r\n") == (
                b"550-5.7.1 It looks like spam:\r\n550-5.7.1   two words\r\n550 5.7.1 100 %\r\n"
            )
            assert (await client.mail(b"Subject: TEMPFAIL\r\n\r\n")).startswith(b"451 4.7.1 ")
            assert (await client.mail(b"Subject: NEXT-REFUSES\r\n\r\n")) == b"550 5.6.0 Not that\r\n"
            assert (await client.mail(DATA)).startswith(b"250 ")
            assert [one.data for one in proxy.next.received] == [FIELD + DATA]
            assert proxy.next.sessions == 1

    run(scenario)


def test_the_next_server_refuses_senders_and_recipients_in_its_own_words() -> None:
    words = b"550-5.1.1 Nobody of that name\r\n550-5.1.1  lives here\r\n550 5.1.1 (100%)\r\n".replace(b"  ", b" ")

    async def scenario() -> None:
        async with proxying() as proxy:
            client = await proxy.client()
            assert (await client.say(b"MAIL FROM:<refused@a.example>")).replace(b"  ", b" ") == words
            answers = await client.begin(b"bob@b.example", b"refused@b.example", b"cleo@b.example")
            assert [answer[:3] for answer in answers] == [b"250", b"250", b"550", b"250"]
            assert answers[2].replace(b"  ", b" ") == words
            assert (await client.send(DATA)).startswith(b"250 ")
            assert proxy.next.received[0].commands[1:] == (b"RCPT TO:<bob@b.example>", b"RCPT TO:<cleo@b.example>")
            assert proxy.judge.seen[0].recipients == ("bob@b.example", "cleo@b.example")

    run(scenario)


def test_data_without_a_recipient_is_refused() -> None:
    async def scenario() -> None:
        async with proxying() as proxy:
            client = await proxy.client()
            assert (await client.say(b"DATA")).startswith(b"503 5.5.1")
            await client.begin(b"refused@b.example")
            assert (await client.say(b"DATA")).startswith(b"554 5.5.1")
            assert (await client.say(b"MAIL FROM:<x@a.example>")).startswith(b"503 5.5.1")
            assert (await client.say(b"RSET")).startswith(b"250 ")
            assert (await client.mail(DATA)).startswith(b"250 ")

    run(scenario)


def test_parameters_reach_the_next_server_as_they_were_written() -> None:
    async def scenario() -> None:
        async with proxying() as proxy:
            client = await proxy.client()
            offered = await client.say(b"EHLO client.example")
            for name in (b"PIPELINING", b"SIZE 31457280", b"8BITMIME", b"SMTPUTF8", b"DSN", b"ENHANCEDSTATUSCODES"):
                assert name in offered
            mail = b"MAIL FROM:<> SIZE=99 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=aB+2B"
            rcpt = b'RCPT TO:<"a b>"@b.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Bob+40b.example'
            assert (await client.say(mail)).startswith(b"250 ")
            assert (await client.say(rcpt)).startswith(b"250 ")
            assert (await client.say("RCPT to: <jörg@b.example>".encode())).startswith(b"250 ")
            assert (await client.send(DATA)).startswith(b"250 ")
            assert proxy.next.received[0].commands == (mail, rcpt, "RCPT TO:<jörg@b.example>".encode())
            assert proxy.judge.seen[0].sender == ""
            assert proxy.judge.seen[0].recipients == ('"a b>"@b.example', "jörg@b.example")

    run(scenario)


def test_what_the_next_server_does_not_offer_is_not_offered() -> None:
    async def scenario() -> None:
        async with proxying(next_server=NextServer(extensions=("SIZE 1000",))) as proxy:
            client = await proxy.connect()
            offered = await client.hello()
            assert offered == b"250-proxy.example\r\n250-PIPELINING\r\n250 SIZE 1000\r\n"
            for wrong in (b"SMTPUTF8", b"RET=FULL", b"BODY=8BITMIME", b"AUTH=<>", b"FOO=1"):
                assert (await client.say(b"MAIL FROM:<a@a.example> " + wrong)).startswith(b"555 5.5.4")
            assert (await client.say(b"MAIL FROM:<a@a.example> SIZE=1001")).startswith(b"552 5.3.4")
            assert (await client.mail(b"x" * 999 + b"\r\n")).startswith(b"552 5.3.4")
            assert (await client.mail(b"x\r\n")).startswith(b"250 ")

    run(scenario)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"MAIL FROM:", b"501"),
        (b"MAIL TO:<a@b.example>", b"501"),
        (b"MAIL FROM:<a@b.example> SIZE=x", b"501"),
        (b"MAIL FROM:<a@b.example> BODY=BINARYMIME", b"501"),
        ("MAIL FROM:<jörg@b.example>".encode(), b"553"),
        (b"MAIL FROM:<\xff@b.example> SMTPUTF8", b"553"),
        (b"MAIL FROM:<a@b.example>x", b"501"),
        (b"MAIL FROM:a@b.example SIZE=5", b"250"),
        (b"mail from: <a@b.example>", b"250"),
        (b"RCPT TO:<a@b.example>", b"503"),
        (b"MAIL\tFROM:<a@b.example>", b"501"),
        (b"VRFY anna", b"252"),
        (b"EXPN list", b"500"),
        (b"HELP", b"214"),
        (b"NOOP", b"250"),
        (b"AUTH PLAIN AGEAYg==", b"502"),
        (b"STARTTLS", b"502"),
        (b"XFORWARD ADDR=192.0.2.1", b"550"),
        (b"", b"500"),
        (b"\xff\xfe", b"500"),
    ],
)
def test_single_commands(line: bytes, code: bytes) -> None:
    async def scenario() -> None:
        async with proxying() as proxy:
            client = await proxy.client()
            assert (await client.say(line))[:3] == code

    run(scenario)


@pytest.mark.parametrize(
    "line", [b"BDAT 10 LAST", b"GET / HTTP/1.1", b"Host: a.example", b"POST / HTTP/1.0", b"NOOP\nMAIL", b"x" * 20_000]
)
def test_what_may_hide_commands_ends_the_session(line: bytes) -> None:
    async def scenario() -> None:
        async with proxying() as proxy:
            client = await proxy.client()
            client.writer.write(line + b"\r\nMAIL FROM:<smuggler@a.example>\r\n")
            assert (await client.answer())[:3] in {b"421", b"521"}
            assert await client.answer() == b""
            assert not any(b"smuggler" in said for said in proxy.next.said)

    run(scenario)


def test_a_pipelined_session_is_answered_in_order_even_to_a_client_that_has_closed_its_side() -> None:
    async def scenario() -> None:
        async with proxying() as proxy:
            client = await proxy.connect()
            one = b"MAIL FROM:<a@a.example>\r\nRCPT TO:<refused@b.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n"
            message = b"Subject: %d\r\n\r\nx\r\n.\r\n"
            client.writer.write(b"EHLO c.example\r\n" + one + message % 1 + one + message % 2 + b"QUIT\r\n")
            client.writer.write_eof()
            codes = [(await client.answer())[:3] for _ in range(13)]
            assert codes == [b"220", b"250", *([b"250", b"550", b"250", b"354", b"250"] * 2), b"221"]
            arrived = [received.data.removeprefix(FIELD) for received in proxy.next.received]
            assert arrived == [b"Subject: 1\r\n\r\nx\r\n", b"Subject: 2\r\n\r\nx\r\n"]

    run(scenario)


def test_a_client_without_extensions_is_served() -> None:
    async def scenario() -> None:
        async with proxying() as proxy:
            client = await proxy.connect()
            await client.answer()
            assert await client.say(b"MAIL FROM:<a@a.example>") == b"503 5.5.1 Say EHLO first\r\n"
            assert await client.say(b"HELO old.example") == b"250 proxy.example\r\n"
            assert (await client.mail(DATA)).startswith(b"250 ")

    run(scenario)


def test_a_front_server_that_is_trusted_names_its_client() -> None:
    told = b"XFORWARD NAME=a+20b.example ADDR=IPV6:2001:db8::7 PORT=4711 HELO=h.example IDENT=4Q1 SOURCE=REMOTE"

    async def scenario() -> None:
        offered = (*NextServer().extensions, "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE")
        async with proxying(changed(trust=LOCAL), NextServer(extensions=offered)) as proxy:
            client = await proxy.connect()
            assert b"XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n" in await client.hello()
            assert (await client.say(told)).startswith(b"250 ")
            assert (await client.say(b"XFORWARD PROTO=ESMTP")).startswith(b"250 ")
            assert (await client.mail(DATA)).startswith(b"250 ")
            assert (await client.mail(DATA)).startswith(b"250 ")
            first, second = proxy.judge.seen
            assert (first.client, first.helo, first.queue_id) == ("2001:db8::7", "h.example", "4Q1")
            assert (second.client, second.helo, second.queue_id) == ("127.0.0.1", "client.example", "")
            handed = [line for line in proxy.next.said if line.startswith(b"XFORWARD")]
            assert handed[0] == (
                b"XFORWARD NAME=a+20b.example ADDR=IPV6:2001:db8::7 PORT=4711 PROTO=ESMTP HELO=h.example IDENT=4Q1 "
                b"SOURCE=REMOTE"
            )
            assert b"ADDR=127.0.0.1" in handed[1]
            assert b"HELO=client.example" in handed[1]

    run(scenario)


@pytest.mark.parametrize("value", [b"", b"ADDR", b"ADDR=x", b"FOO=1", b"HELO=a+0Ab", b"NAME=" + b"x" * 300])
def test_what_is_no_xforward_is_refused(value: bytes) -> None:
    async def scenario() -> None:
        async with proxying(changed(trust=LOCAL)) as proxy:
            client = await proxy.client()
            assert (await client.say(b"XFORWARD " + value)).startswith(b"501 ")

    run(scenario)


def test_submissions_are_judged_as_such() -> None:
    async def scenario() -> None:
        async with proxying(lambda options: replace(options, is_submission=True)) as proxy:
            client = await proxy.client()
            await client.mail(DATA)
            assert proxy.judge.seen[0].is_asked
            assert proxy.judge.seen[0].hook == "smtp-proxy"
            assert proxy.judge.seen[0].helo == "client.example"

    run(scenario)


def test_clients_do_not_wait_for_one_another() -> None:
    async def scenario() -> None:
        async with proxying() as proxy:
            held = proxy.judge.go_on = asyncio.Event()
            slow, quick = await proxy.client(), await proxy.client()
            waiting = asyncio.create_task(slow.mail(DATA))
            await proxy.judge.asked.wait()
            proxy.judge.go_on = None
            assert (await quick.mail(DATA)).startswith(b"250 ")
            assert not waiting.done()
            held.set()
            assert (await waiting).startswith(b"250 ")

    run(scenario)
