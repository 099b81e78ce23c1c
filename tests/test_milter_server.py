"""The milter as a server: what one mail server does to it never harms another, and every message gets a reply."""

from __future__ import annotations

import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import milter_client as mta
import milter_server
import pytest

from spamlint.guard.settings import Budget, Settings
from spamlint.hooks.milter.server import Options

HEADER_AND_END = (b"c", b"a", b"t", b"r", b"y")


def decided(client: mta.Client, message: bytes) -> list[mta.Reply]:
    """The replies to the header and to the end of a message."""
    client.send(message)
    found = client.until(*HEADER_AND_END)
    return found if found[-1][0] == b"a" else found + client.until(*HEADER_AND_END)


def test_messages_follow_one_another_on_a_connection() -> None:
    with milter_server.running() as milter, mta.connected(milter.port) as client:
        assert decided(client, mta.message("good")) == [(b"c", b""), (b"c", b"")]
        refused = decided(client, mta.message("reject"))[-1]
        assert refused == (
            b"y",
            b"550-5.7.1 %s\r\n550-5.7.1 %s\r\n550 5.7.1 %s\0"
            % tuple(one.replace("%", "%%").encode() for one in milter_server.LINES),
        )
        client.send(mta.packet(b"A"))
        assert [one[0] for one in decided(client, mta.message("tag"))] == [b"c", b"i", b"i", b"c"]
        client.send(mta.packet(b"Q"))
        assert client.is_closed()


def test_everything_in_one_write_and_octet_by_octet_is_the_same() -> None:
    data = mta.negotiation() + mta.connection() + mta.message("tag") + mta.packet(b"Q")
    with milter_server.running() as milter:
        found = []
        for size in (len(data), 1):
            with mta.connected(milter.port, greeted=False) as client:
                for at in range(0, len(data), size):
                    client.send(data[at : at + size])
                found.append([client.reply() for _ in range(5)])
                assert client.is_closed()
    assert found[0] == found[1]
    assert [one[0] for one in found[0]] == [b"O", b"c", b"i", b"i", b"c"]


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\0\0\0\0",
        mta.packet(b"E"),
        mta.negotiation() + mta.packet(b"E"),
        mta.negotiation(version=1),
        mta.negotiation() * 2,
    ],
)
def test_a_peer_that_does_not_speak_the_protocol_is_let_go_and_others_stay(
    data: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    with milter_server.running() as milter, mta.connected(milter.port) as good:
        good.send(mta.message("good")[:100])
        with mta.connected(milter.port, greeted=False) as bad:
            bad.send(data)
            while data.startswith(mta.negotiation()) and bad.reply()[0] != b"O":
                pass
            assert bad.is_closed()
        good.send(mta.message("good")[100:])
        assert good.until(b"c") == [(b"c", b"")]
    assert "a connection was closed, for the mail server sent" in capfd.readouterr().err


def test_a_peer_that_leaves_amid_a_message_does_no_harm() -> None:
    with milter_server.running() as milter:
        whole = mta.negotiation() + mta.message("good")
        for cut in range(0, len(whole), 40):
            with mta.connected(milter.port, greeted=False) as client:
                client.send(whole[:cut])
        with mta.connected(milter.port) as client:
            assert decided(client, mta.message("good"))[-1] == (b"c", b"")
    assert len(milter.guard.asked) == 1


def test_a_guard_that_fails_puts_the_message_off(capfd: pytest.CaptureFixture[str]) -> None:
    with milter_server.running() as milter, mta.connected(milter.port) as client:
        assert decided(client, mta.message("fail"))[-1] == (b"t", b"")
        assert decided(client, mta.message("good"))[-1] == (b"c", b"")
    assert "RuntimeError: on purpose" in capfd.readouterr().err


def test_signs_of_life_come_while_a_message_is_judged() -> None:
    with milter_server.running(Options(progress=0.01)) as milter, mta.connected(milter.port) as client:
        client.send(mta.message("slow"))
        assert client.until(b"p") == [(b"c", b""), (b"p", b"")]
        assert milter.guard.waiting.wait(mta.TIMEOUT)
        with mta.connected(milter.port) as other:
            assert decided(other, mta.message("good"))[-1] == (b"c", b"")
        milter.guard.release.set()
        assert client.until(b"c")[-1] == (b"c", b"")


def test_a_peer_that_leaves_while_its_message_is_judged_does_no_harm() -> None:
    with milter_server.running(Options(progress=0.01)) as milter:
        with mta.connected(milter.port) as client:
            client.send(mta.message("slow"))
            assert milter.guard.waiting.wait(mta.TIMEOUT)
        with mta.connected(milter.port) as client:
            assert decided(client, mta.message("good"))[-1] == (b"c", b"")
        milter.guard.release.set()


def test_mail_of_strangers_is_accepted_before_its_body() -> None:
    with milter_server.running() as milter, mta.connected(milter.port) as client:
        whole = mta.message("reject", user="")
        client.send(whole[: whole.index(b"\0\0\0\x01N") + 5])
        assert client.reply() == (b"a", b"")
        client.send(mta.packet(b"A"))
        assert decided(client, mta.message("reject"))[-1][0] == b"y"
    (_, first), (_, second) = milter.guard.asked
    assert first.endswith(b"\r\n\r\n")
    assert second.endswith(b"Hello\r\n")


def test_mail_of_a_network_that_submits_is_judged_whole() -> None:
    guard = milter_server.ScriptedGuard(Settings(submit_networks=("192.0.2.0/24",)))
    with milter_server.running(guard=guard) as milter, mta.connected(milter.port) as client:
        assert decided(client, mta.message("good", user=""))[-1] == (b"c", b"")
    ((envelope, data),) = guard.asked
    assert envelope.client == "192.0.2.7"
    assert data.endswith(b"Hello\r\n")


def test_of_a_message_over_the_limit_no_more_than_the_limit_is_kept() -> None:
    guard = milter_server.ScriptedGuard(Settings(budget=Budget(message=5000)))
    with milter_server.running(guard=guard) as milter, mta.connected(milter.port) as client:
        assert decided(client, mta.message("good", body=b"x" * 60000))[-1] == (b"c", b"")
    assert [len(data) for _, data in guard.asked] == [5001]


def test_messages_that_take_too_much_memory_together_are_put_off(capfd: pytest.CaptureFixture[str]) -> None:
    whole = mta.message("good", body=b"")
    begun = whole[: whole.index(mta.packet(b"N")) + 5] + mta.packet(b"B", b"x" * 60000)
    end = mta.packet(b"E")
    with (
        milter_server.running(Options(held=100_000)) as milter,
        mta.connected(milter.port, greeted=False) as first,
        mta.connected(milter.port, greeted=False) as second,
    ):
        for client in (first, second):
            client.send(mta.negotiation(2, mta.V2_ACTIONS, mta.V2_STEPS), begun)
            assert [client.reply()[0] for _ in range(8)] == [b"O"] + [b"c"] * 7
        second.send(end)
        assert second.reply() == (b"t", b"")
        first.send(end)
        assert first.reply() == (b"c", b"")
        second.send(begun, end)
        assert [second.reply() for _ in range(8)] == [(b"c", b"")] * 8
    assert capfd.readouterr().err.count("a message was put off") == 1


def test_one_connection_too_many_is_closed(capfd: pytest.CaptureFixture[str]) -> None:
    with milter_server.running(Options(connections=1)) as milter, mta.connected(milter.port) as client:
        with mta.connected(milter.port, greeted=False) as other:
            assert other.is_closed()
        assert decided(client, mta.message("good"))[-1] == (b"c", b"")
    assert "more than 1 connections" in capfd.readouterr().err


@pytest.mark.parametrize("sent", [b"", mta.negotiation()[:5], mta.negotiation() + mta.packet(b"M", b"<a@b>\0")])
def test_a_peer_that_keeps_silent_is_let_go(sent: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    options = Options(negotiation=0.05, within=0.05)
    with milter_server.running(options) as milter, mta.connected(milter.port, greeted=False) as client:
        client.send(sent)
        if len(sent) > 20:
            assert client.reply()[0] == b"O"
        assert client.is_closed()
    assert "kept silent" in capfd.readouterr().err


def test_a_peer_between_two_messages_is_let_go_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    with milter_server.running(Options(between=0.05)) as milter, mta.connected(milter.port) as client:
        assert client.is_closed()
    assert capfd.readouterr().err == ""


def test_stopping_finishes_what_has_begun_and_lets_the_others_go() -> None:
    with (
        milter_server.running() as milter,
        mta.connected(milter.port) as idle,
        mta.connected(milter.port) as amid,
        mta.connected(milter.port) as waiting,
    ):
        waiting.send(mta.message("slow"))
        assert milter.guard.waiting.wait(mta.TIMEOUT)
        whole = mta.message("tag")
        end = whole.index(b"\0\0\0\x01N") + 5
        amid.send(whole[:end])
        assert amid.reply() == (b"c", b"")
        stopping = threading.Thread(target=milter.stop)
        stopping.start()
        assert idle.is_closed()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", milter.port), 1)
        amid.send(whole[end:])
        assert [one[0] for one in amid.until(b"c")] == [b"i", b"i", b"c"]
        assert amid.is_closed()
        milter.guard.release.set()
        assert waiting.until(b"c") == [(b"c", b"")]
        assert waiting.until(b"c") == [(b"c", b"")]
        assert waiting.is_closed()
        stopping.join(mta.TIMEOUT)
        assert not stopping.is_alive()


def test_stopping_does_not_wait_longer_than_it_is_told() -> None:
    with milter_server.running(Options(grace=0.05)) as milter, mta.connected(milter.port) as client:
        client.send(mta.message("good")[:200])
        with mta.connected(milter.port) as other:
            assert decided(other, mta.message("good"))[-1] == (b"c", b"")
        milter.stop()
        assert client.is_closed()


def test_many_at_a_time_get_their_own_replies() -> None:
    with milter_server.running() as milter:

        def sent(number: int) -> list[bytes]:
            subjects = ["good", "reject", "tempfail", "tag"]
            with mta.connected(milter.port) as client:
                return [decided(client, mta.message(subjects[(number + n) % 4]))[-1][0] for n in range(8)]

        with ThreadPoolExecutor(16) as pool:
            found = list(pool.map(sent, range(32)))
    want = [b"c", b"y", b"y", b"c"]
    assert found == [[want[(number + n) % 4] for n in range(8)] for number in range(32)]


def test_a_body_comes_in_chunks_of_any_size() -> None:
    body = bytes(range(256)) * 4000
    whole = mta.message("good", body=b"")
    end = whole.index(mta.macros(b"E", {"i": "QUEUE1"}))
    with milter_server.running() as milter:
        for size in (65535, 2**20):
            with mta.connected(milter.port) as client:
                chunks = [mta.packet(b"B", body[at : at + size]) for at in range(0, len(body), size)]
                client.send(whole[:end], *chunks, whole[end:])
                assert client.until(b"c")
                assert client.until(b"c")
    assert [re.split(b"\r\n\r\n", data, maxsplit=1)[1] for _, data in milter.guard.asked] == [body, body]
