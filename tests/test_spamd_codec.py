"""Requests of the spamd protocol: any bytes, cut anywhere, give the same request or the same refusal."""

from __future__ import annotations

import itertools
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spamd_client import request

from spamlint.hooks.spamd.codec import MOST_HEAD, VERBS, Code, Decoder, Problem, Request, inflate, judged

MOST = 300
CUTS = st.lists(st.integers(0, 700), max_size=12)
HEADS = st.builds(
    lambda verb, rest, end: verb + rest + end,
    st.sampled_from([f"{verb} SPAMC/1.5\r\n".encode() for verb in (*VERBS, "PING", "SKIP", "EXPN")]),
    st.lists(
        st.sampled_from(
            [b"Content-length: 5\r\n", b"Content-length: 9\n", b"User: me\r\n", b"Compress: zlib\r\n", b"x\n"]
        )
    ).map(b"".join),
    st.sampled_from([b"\r\n", b"\n", b""]),
)


def decoded(data: bytes, cuts: list[int] | None = None, most: int = MOST) -> Request | Problem:
    """The request in `data` fed in pieces, after which the client writes no more."""
    decoder = Decoder(most)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts or []), len(data)]
    for begin, end in itertools.pairwise(edges):
        decoder.feed(data[begin:end])
        assert decoder.held <= MOST_HEAD + most + len(data)
    decoder.end()
    assert decoder.done is not None
    return decoder.done


@settings(deadline=None)
@given(HEADS, st.binary(max_size=400), CUTS)
def test_a_request_is_the_same_wherever_it_is_cut(head: bytes, body: bytes, cuts: list[int]) -> None:
    assert decoded(head + body, cuts) == decoded(head + body)


@settings(deadline=None)
@given(st.binary(max_size=700), CUTS)
def test_garbage_gives_the_same_wherever_it_is_cut(data: bytes, cuts: list[int]) -> None:
    assert decoded(data, cuts) == decoded(data)


@settings(deadline=None)
@given(st.sampled_from(VERBS), st.binary(max_size=MOST), CUTS)
def test_a_body_comes_out_as_it_went_in(verb: str, body: bytes, cuts: list[int]) -> None:
    found = decoded(request(verb, body, "1.4", "User: ann"), cuts)
    assert found == Request(verb, (1, 4), "ann", body)


def test_a_request_is_complete_with_its_last_octet() -> None:
    decoder = Decoder(MOST)
    for octet in request("CHECK", b"mail"):
        assert decoder.done is None
        decoder.feed(bytes([octet]))
    assert decoder.done == Request("CHECK", (1, 5), "", b"mail")


@pytest.mark.parametrize("line", [b"PING SPAMC/1.3\n", b"PING SPAMC/1.2\r\n", b"SKIP SPAMC/1.5\r\n\r\n"])
def test_what_has_no_body_is_complete_with_its_line(line: bytes) -> None:
    decoder = Decoder(MOST)
    decoder.feed(line)
    assert isinstance(decoder.done, Request)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "unknown request"),
        (b"check SPAMC/1.5\r\n\r\n", "unknown request"),
        (b"CHECK\r\n\r\n", "unknown request"),
        (b"CHECK SPAMC/1.5\r\nno colon\r\n\r\n", "no name and value"),
        (b"CHECK SPAMC/1.5\r\nContent-length: -1\r\n\r\n", "Content-length"),
        (b"CHECK SPAMC/1.5\r\nContent-length: 1e3\r\n\r\n", "Content-length"),
        (b"CHECK SPAMC/1.5\r\nContent-length: 1\r\ncontent-length: 2\r\n\r\n", "or two"),
        (b"CHECK SPAMC/1.5\r\nCompress: gzip\r\n\r\n", "Compress"),
        (b"CHECK SPAMC/1.5\r\n" + b"A: b\r\n" * 60 + b"\r\n", "too many"),
        (b"CHECK SPAMC/1.5\r\nA: " + b"b" * 9000 + b"\r\n\r\n", "too long"),
        (b"C" * 9000, "too long"),
        (b"CHECK SPAMC/1.5\r\nUser: me", "ends before its message"),
        (b"", "ends before its message"),
        (request("CHECK", b"four", length=5), "Expected 5 bytes, got 4 bytes"),
        (request("CHECK", b"four", length=3), "Expected 3 bytes, got more"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(data: bytes, said: str) -> None:
    found = decoded(data)
    assert isinstance(found, Problem)
    assert found.code == Code.PROTOCOL
    assert said in found.text


def test_no_more_of_a_long_message_is_kept_than_tells_that_it_is_too_long() -> None:
    decoder = Decoder(MOST)
    decoder.feed(request("CHECK", length=100_000))
    for _ in range(100):
        decoder.feed(b"x" * 1000)
        assert decoder.held <= MOST + 1
    assert decoder.done == Request("CHECK", (1, 5), "", b"x" * (MOST + 1))


def test_a_packed_message_is_unpacked_up_to_the_limit() -> None:
    def packed(body: bytes) -> Request | Problem:
        return decoded(request("CHECK", zlib.compress(body), "1.5", "Compress: zlib"))

    assert packed(b"mail " * 20) == Request("CHECK", (1, 5), "", b"mail " * 20)
    bomb = packed(b"x" * 100_000)
    assert isinstance(bomb, Request)
    assert bomb.body == b"x" * (MOST + 1)
    for wrong in (b"mail", zlib.compress(b"mail")[:-2], zlib.compress(b"mail") + b"x"):
        assert inflate(wrong, MOST) is None
        found = decoded(request("CHECK", wrong, "1.5", "Compress: zlib"))
        assert isinstance(found, Problem)
        assert found.code == Code.DATA


def test_a_reply_has_the_form_of_the_version_that_asked() -> None:
    verdict, body = "True ; 7.0 / 5.0", b"words"
    new, old = (Request("REPORT", version) for version in ((1, 3), (1, 2)))
    assert (
        judged(new, verdict, body) == b"SPAMD/1.1 0 EX_OK\r\nContent-length: 5\r\nSpam: True ; 7.0 / 5.0\r\n\r\nwords"
    )
    assert judged(old, verdict, body) == b"SPAMD/1.1 0 EX_OK\r\nSpam: True ; 7.0 / 5.0\r\n\r\nwords"
    process = Request("PROCESS", (1, 2))
    assert judged(process, verdict, body) == b"SPAMD/1.1 0 EX_OK\r\nContent-length: 5\r\n\r\nwords"
