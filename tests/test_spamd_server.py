"""The spamd service over sockets: what it answers, and that nothing a client does ends it."""

from __future__ import annotations

import asyncio
import random
import socket
from dataclasses import replace
from functools import partial

import pytest
import spamd_client
from hook_server import BAD, GOOD, MOST, STRICT, Hook, ScriptedGuard, Serve, received, running
from hypothesis import given, settings
from hypothesis import strategies as st
from service_thread import TIMEOUT
from spamd_client import request

from spamlint.errors import ConfigError
from spamlint.guard.settings import Budget
from spamlint.hooks.reach import networks
from spamlint.hooks.spamd.server import Options, serve

PONG = b"SPAMD/1.5 0 PONG\r\n"


def service(options: Options | None = None) -> Serve:
    return partial(serve, options=options or Options())


def is_well(hook: Hook) -> bool:
    return hook.asked(b"PING SPAMC/1.5\r\n\r\n") == PONG


def test_every_request_has_its_answer() -> None:
    with running(serve) as hook:
        found = spamd_client.mailpit(hook.asked(request("REPORT", BAD)))
        assert found.score >= 5.0
        assert "SPL_LINKS_SHOWN_DOMAIN_DIFFERS" in [rule[1] for rule in found.rules]
        assert spamd_client.exim(hook.asked(request("REPORT", BAD, "1.2"))).score == found.score
        assert spamd_client.haraka(hook.asked(spamd_client.haraka_request(BAD))).flag == "True"
        assert b"\r\nSpam: False ; 0.0 / 5.0\r\n\r\n" in hook.asked(request("CHECK", GOOD))
        assert b"SPL_LINKS_SHOWN_DOMAIN_DIFFERS," in hook.asked(request("SYMBOLS", BAD))
        assert hook.asked(request("REPORT_IFSPAM", GOOD)).endswith(b"\r\n\r\n")
        assert hook.asked(request("PROCESS", GOOD)).endswith(GOOD)
        assert hook.asked(request("TELL", GOOD, "1.5", "Message-class: spam", "Set: local")).startswith(
            b"SPAMD/1.1 69 "
        )
        assert hook.asked(b"SKIP SPAMC/1.5\r\n") == b""
        assert is_well(hook)
        assert all(envelope.is_asked and envelope.hook == "spamd" for envelope, _ in hook.guard.asked)


def test_a_client_that_does_not_end_its_request_is_answered_when_its_length_is_there() -> None:
    with running(serve) as hook:
        assert b" EX_OK\r\n" in hook.asked(request("CHECK", GOOD, "1.5", "User: ann"), ends=False)
        assert hook.guard.asked[0][0].user == "ann"
        assert hook.asked(b"PING SPAMC/1.3\n", ends=False) == PONG


@pytest.mark.parametrize(
    ("mail", "answer"),
    [
        (b"Subject: tempfail\r\n\r\n", b"SPAMD/1.1 75 "),
        (b"Subject: refused\r\n\r\n", b"Spam: True ; 5.0 / 5.0"),
        (b"Subject: passed\r\n\r\n", b"Spam: False ; 0.0 / 5.0"),
        (b"Subject: held\r\n\r\n", b"Spam: True ; 5.0 / 5.0"),
        (b"x" * (MOST + 1), b"SPAMD/1.1 75 "),
    ],
)
def test_what_cannot_be_judged_is_answered_as_the_policy_says(mail: bytes, answer: bytes) -> None:
    with running(serve) as hook:
        assert answer in hook.asked(request("CHECK", mail))


def test_a_message_over_the_limit_is_read_to_its_end_and_not_kept() -> None:
    small = ScriptedGuard(replace(STRICT, budget=Budget(message=1000)))
    with running(serve, small) as hook:
        assert hook.asked(request("CHECK", b"x" * 5_000_000)).startswith(b"SPAMD/1.1 75 ")
    assert [len(data) for _, data in small.asked] == [1001]


def test_wrong_requests_are_told_so_though_more_follows() -> None:
    with running(serve) as hook:
        assert hook.asked(b"GET / HTTP/1.1\r\n\r\n" + b"x" * 3_000_000).startswith(b"SPAMD/1.1 76 ")
        assert b"mismatch" in hook.asked(request("CHECK", b"four", length=9))
        assert is_well(hook)


def test_an_error_in_one_request_leaves_the_others() -> None:
    with running(serve) as hook:
        assert hook.asked(request("CHECK", b"Subject: fail\r\n\r\n")) == b""
        assert is_well(hook)


def test_a_silent_client_is_let_go() -> None:
    with running(service(Options(within=0.05))) as hook, hook.connect() as client:
        client.sendall(b"CHECK SPAMC/1.5\r\nContent-")
        assert received(client) == b""
        assert is_well(hook)


def test_a_request_that_drips_ends_too() -> None:
    with running(service(Options(whole=0.05))) as hook, hook.connect() as client:
        client.sendall(b"CHECK SPAMC/1.5\r\n")
        assert received(client) == b""
        assert is_well(hook)


def test_a_client_that_takes_no_reply_is_let_go() -> None:
    guard = ScriptedGuard(replace(STRICT, budget=Budget(message=30_000_000)))
    with running(service(Options(write=0.1)), guard) as hook, hook.connect() as client:
        client.sendall(request("PROCESS", b"Subject: passed\r\n\r\n" + b"x" * 20_000_000))
        hook.stop()  # which waits for the requests that have begun
        assert len(received(client)) < 20_000_000


def test_more_connections_than_allowed_are_closed() -> None:
    with running(service(Options(connections=1))) as hook, hook.connect() as first:
        first.sendall(request("CHECK", b"Subject: slow\r\n\r\n"))
        assert hook.guard.waiting.wait(TIMEOUT)
        assert hook.asked(b"PING SPAMC/1.5\r\n\r\n") == b""
        hook.guard.release.set()
        assert b" EX_OK\r\n" in received(first)


def test_messages_beyond_the_memory_are_put_off() -> None:
    with running(service(Options(held=1000))) as hook:
        assert hook.asked(request("CHECK", b"x" * 2000)).startswith(b"SPAMD/1.1 75 Too many")
        assert b" EX_OK\r\n" in hook.asked(request("CHECK", b"x" * 500))


def test_what_has_begun_is_finished_when_it_stops() -> None:
    with running(serve) as hook, hook.connect() as idle, hook.connect() as busy:
        busy.sendall(request("CHECK", b"Subject: slow\r\n\r\n"))
        assert hook.guard.waiting.wait(TIMEOUT)
        hook.guard.release.set()
        hook.stop()
        assert b" EX_OK\r\n" in received(busy)
        assert received(idle) == b""


def test_strangers_cannot_ask_unless_they_are_listed() -> None:
    async def served(options: Options) -> None:
        with socket.create_server(("0.0.0.0", 0)) as listener:
            listener.setblocking(False)
            stopping = asyncio.Event()
            stopping.set()
            await serve(ScriptedGuard().guard, [listener], stopping, options)

    with pytest.raises(ConfigError, match="--allow-ips"):
        asyncio.run(served(Options()))
    asyncio.run(served(Options(allow=networks(["192.0.2.0/24"], "--allow-ips"))))


def test_no_bytes_end_the_service() -> None:
    with running(serve) as hook:

        @settings(deadline=None, max_examples=150)
        @given(st.one_of(st.binary(max_size=300), st.binary(max_size=200).map(lambda body: request("HEADERS", body))))
        def asked(data: bytes) -> None:
            reply = hook.asked(data)
            assert reply == b"" or spamd_client.HEAD.match(reply)

        asked()
        chance = random.Random(5)
        good = request("REPORT", BAD)
        for _ in range(100):
            wrong = bytearray(good)
            for _ in range(3):
                wrong[chance.randrange(len(wrong))] = chance.randrange(256)
            reply = hook.asked(bytes(wrong))
            assert spamd_client.HEAD.match(reply)
        assert is_well(hook)
