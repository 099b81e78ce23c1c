"""The SMTP proxy when a client or the next mail server fails, leaves, or asks for too much."""

from __future__ import annotations

import asyncio
import socket

import pytest
from smtp_proxying import FIELD, SECONDS, NextServer, changed, proxying, run

from spamlint.hooks.reach import networks
from spamlint.hooks.smtp_proxy import access
from spamlint.hooks.smtp_proxy.hop import Next
from spamlint.hooks.smtp_proxy.options import Options

DATA = b"Subject: hello\r\n\r\nHello.\r\n"


def nowhere(options: Options) -> Options:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    return changed(next=Next("127.0.0.1", port))(options)


def test_a_next_server_that_is_down_costs_nothing_but_time(capsys: pytest.CaptureFixture[str]) -> None:
    async def scenario() -> None:
        async with proxying(nowhere) as proxy:
            client = await proxy.connect()
            assert (await client.hello()).startswith(b"421 4.3.0 Try again later: ")
            assert await client.answer() == b""

    run(scenario)
    assert "the next mail server cannot be reached now (no connection)" in capsys.readouterr().err


def test_a_next_server_that_takes_no_mail_is_named() -> None:
    async def scenario() -> None:
        async with proxying(next_server=NextServer(breaks="greeting")) as proxy:
            client = await proxy.connect()
            assert b"554 5.3.2 No mail today" in await client.hello()

    run(scenario)


@pytest.mark.parametrize("where", ["body", "dot"])
def test_a_next_server_that_dies_within_a_message_leaves_it_with_the_client(where: str) -> None:
    async def scenario() -> None:
        async with proxying(next_server=NextServer(breaks=where)) as proxy:
            client = await proxy.client()
            assert (await client.mail(DATA * 2000)).startswith(b"421 4.3.0 ")
            assert proxy.next.received == []
            proxy.next.breaks = ""
            again = await proxy.client()
            assert (await again.mail(DATA)).startswith(b"250 ")

    run(scenario)


def test_a_next_server_that_has_ended_the_session_meanwhile_is_called_again() -> None:
    async def scenario() -> None:
        async with proxying(next_server=NextServer(breaks="idle")) as proxy:
            client = await proxy.client()
            await client.begin()
            await proxy.next.broke.wait()
            assert (await client.send(DATA)).startswith(b"250 ")
            assert proxy.next.sessions == 2
            assert [one.data for one in proxy.next.received] == [FIELD + DATA]
            assert len(proxy.next.received[0].commands) == 2

    run(scenario)


def test_a_next_server_that_ends_the_session_at_data_is_called_again_once() -> None:
    async def scenario() -> None:
        async with proxying(next_server=NextServer(breaks="data")) as proxy:
            client = await proxy.client()
            assert (await client.mail(DATA)).startswith(b"421 4.3.0 ")
            assert proxy.next.sessions == 2
            assert proxy.next.received == []

    run(scenario)


def test_a_next_server_that_says_421_has_its_words_passed_on() -> None:
    async def scenario() -> None:
        server = NextServer(answers={b"MAIL": b"421-4.3.2 Going down\r\n421 4.3.2 for an hour\r\n"})
        async with proxying(next_server=server) as proxy:
            client = await proxy.client()
            assert await client.say(b"MAIL FROM:<a@a.example>") == b"421-4.3.2 Going down\r\n421 4.3.2 for an hour\r\n"
            assert await client.answer() == b""

    run(scenario)


@pytest.mark.parametrize("answer", [b"354 what\r\n", b"100 hm\r\n"])
def test_an_answer_that_does_not_fit_is_not_passed_on(answer: bytes) -> None:
    async def scenario() -> None:
        async with proxying(next_server=NextServer(answers={b"RCPT": answer})) as proxy:
            client = await proxy.client()
            assert (await client.begin())[1].startswith(b"451 4.5.0 ")

    run(scenario)


@pytest.mark.parametrize("answer", [b"garbage\r\n", b"25"])
def test_a_next_server_that_speaks_no_smtp_is_given_up(answer: bytes) -> None:
    async def scenario() -> None:
        def change(options: Options) -> Options:
            return changed(next=Next("127.0.0.1", options.next.port, seconds=0.2))(options)

        async with proxying(change, NextServer(answers={b"MAIL": answer})) as proxy:
            client = await proxy.client()
            assert (await client.say(b"MAIL FROM:<a@a.example>")).startswith(b"421 4.3.0 ")

    run(scenario)


def test_nothing_is_acknowledged_before_a_slow_next_server_has() -> None:
    async def scenario() -> None:
        held = asyncio.Event()
        async with proxying(next_server=NextServer(go_on=held)) as proxy:
            client, other = await proxy.client(), await proxy.client()
            waiting = asyncio.create_task(client.mail(DATA))
            while not proxy.next.received:
                await other.say(b"NOOP")
            assert not waiting.done()
            held.set()
            assert (await waiting).startswith(b"250 ")

    run(scenario)


def test_a_next_server_that_is_too_slow_is_not_waited_for() -> None:
    async def scenario() -> None:
        def change(options: Options) -> Options:
            return changed(next=Next("127.0.0.1", options.next.port, seconds=0.2))(options)

        async with proxying(change, NextServer(go_on=asyncio.Event())) as proxy:
            client = await proxy.client()
            assert (await client.mail(DATA)).startswith(b"421 4.3.0 Try again later: ")

    run(scenario)


def test_a_judgement_that_breaks_ends_one_session_and_not_the_others() -> None:
    async def scenario() -> None:
        problems: list[dict[str, object]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
        async with proxying() as proxy:
            client, other = await proxy.client(), await proxy.client()
            await client.begin()
            await client.say(b"DATA")
            client.writer.write(b"Subject: BREAK\r\n\r\n.\r\n")
            assert await client.answer() == b""
            assert (await other.mail(DATA)).startswith(b"250 ")
        assert "a session of the SMTP proxy has failed" in str(problems[0]["message"])

    run(scenario)


def test_a_client_that_leaves_within_a_message_has_sent_nothing() -> None:
    async def scenario() -> None:
        async with proxying() as proxy:
            client = await proxy.client()
            await client.begin()
            await client.say(b"DATA")
            client.writer.write(DATA + b"more without an e")
            client.writer.close()
            await proxy.next.broke.wait()
            assert proxy.next.received == []
            assert proxy.next.said[-1] == b"QUIT"

    run(scenario)


def test_a_client_that_has_left_before_its_message_is_judged_is_not_answered_for() -> None:
    async def scenario() -> None:
        async with proxying() as proxy:
            proxy.judge.go_on = asyncio.Event()
            client = await proxy.client()
            await client.begin()
            await client.say(b"DATA")
            client.writer.write(DATA + b".\r\n")
            await proxy.judge.asked.wait()
            client.writer.transport.abort()
            other = await proxy.client()  # by its answers the loop has turned, and the loss is known
            await other.say(b"NOOP")
            proxy.judge.go_on.set()
            await proxy.next.broke.wait()
            assert proxy.next.received == []

    run(scenario)


def test_a_silent_client_is_sent_away() -> None:
    async def scenario() -> None:
        async with proxying(changed(seconds=0.05)) as proxy:
            client = await proxy.connect()
            assert (await client.answer()).startswith(b"220 ")
            assert (await client.answer()).startswith(b"421 4.4.2 ")
            assert await client.answer() == b""

    run(scenario)


def test_too_many_connections_are_turned_away_and_the_others_go_on() -> None:
    async def scenario() -> None:
        async with proxying(changed(most_connections=2)) as proxy:
            first, second = await proxy.client(), await proxy.client()
            third = await proxy.connect()
            assert (await third.answer()).startswith(b"421 4.3.2 ")
            assert (await first.mail(DATA)).startswith(b"250 ")
            await second.say(b"QUIT")
            await second.reader.read()
            assert (await first.mail(DATA)).startswith(b"250 ")

    run(scenario)


def test_one_client_elsewhere_cannot_take_all_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "LOOPBACK", networks(["192.0.2.0/24"], "--allow"))
    listed = networks(["127.0.0.1"], "--allow")

    async def scenario() -> None:
        async with proxying(changed(most_connections=8, allow=listed)) as proxy:
            greetings = [(await (await proxy.connect()).answer())[:3] for _ in range(4)]
            assert greetings == [b"220", b"220", b"421", b"421"]

    run(scenario)


def test_messages_that_need_more_memory_than_there_is_come_later() -> None:
    async def scenario() -> None:
        async with proxying(changed(most_memory=100_000)) as proxy:
            proxy.judge.go_on = asyncio.Event()
            first, second = await proxy.client(), await proxy.client()
            waiting = asyncio.create_task(first.mail(b"x" * 60_000 + b"\r\n"))
            await proxy.judge.asked.wait()
            assert (await second.mail(b"x" * 60_000 + b"\r\n")).startswith(b"452 4.3.1 ")
            proxy.judge.go_on.set()
            assert (await waiting).startswith(b"250 ")
            for _ in range(3):
                assert (await second.mail(b"x" * 90_000 + b"\r\n")).startswith(b"250 ")
            assert (await second.mail(b"x" * 100_001 + b"\r\n")).startswith(b"452 4.3.1 ")

    run(scenario)


def test_a_message_that_is_too_large_is_read_to_its_end_and_refused() -> None:
    async def scenario() -> None:
        async with proxying(changed(most_octets=1000)) as proxy:
            client = await proxy.client()
            assert (await client.mail(b"x\r\n.MAIL\r\n" * 100_000)).startswith(b"552 5.3.4 ")
            assert (await client.mail(b"x\r\n")).startswith(b"250 ")

    run(scenario)


def test_too_many_recipients_go_into_a_second_message() -> None:
    async def scenario() -> None:
        async with proxying() as proxy:
            client = await proxy.client()
            answers = await client.begin(*(b"r%d@b.example" % number for number in range(1001)))
            assert {answer[:3] for answer in answers[:-1]} == {b"250"}
            assert answers[-1].startswith(b"452 4.5.3 ")

    run(scenario)


def test_a_client_that_says_nothing_sensible_is_sent_away() -> None:
    async def scenario() -> None:
        async with proxying() as proxy:
            client = await proxy.client()
            answers = [await client.say(b"FOO") for _ in range(21)]
            assert {answer[:3] for answer in answers[:20]} == {b"500"}
            assert answers[20].startswith(b"421 4.7.0 ")

    run(scenario)


def test_at_the_end_idle_clients_are_told_and_messages_under_way_are_finished() -> None:
    async def scenario() -> None:
        async with proxying() as proxy:
            idle, busy = await proxy.client(), await proxy.client()
            proxy.judge.go_on = asyncio.Event()
            waiting = asyncio.create_task(busy.mail(DATA))
            await proxy.judge.asked.wait()
            proxy.stopping.set()
            assert (await idle.answer()).startswith(b"421 4.3.2 ")
            assert await idle.answer() == b""
            assert not proxy.task.done()
            with pytest.raises(OSError):  # noqa: PT011  # refused, or reset: nobody listens
                await (await proxy.connect()).reader.readexactly(1)
            proxy.judge.go_on.set()
            assert (await waiting).startswith(b"250 ")
            assert (await busy.answer()).startswith(b"421 4.3.2 ")
            await asyncio.wait_for(proxy.task, SECONDS)
            assert len(proxy.next.received) == 1

    run(scenario)


def test_whoever_dawdles_at_the_end_is_cut_off() -> None:
    async def scenario() -> None:
        async with proxying(changed(grace=0.05)) as proxy:
            client = await proxy.client()
            await client.begin()
            proxy.stopping.set()
            await asyncio.wait_for(proxy.task, SECONDS)
            assert await client.reader.read() == b""

    run(scenario)
