"""The packets of the milter protocol: any bytes, cut anywhere, give the same packets or the same refusal."""

from __future__ import annotations

import itertools
import struct

import milter_client as mta
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spamlint.hooks.milter import codec
from spamlint.hooks.milter.codec import Action, Decoder, Offer, Packet, ProtocolError

PACKETS = st.lists(st.tuples(st.binary(min_size=1, max_size=1), st.binary(max_size=80)), max_size=8)
CUTS = st.lists(st.integers(0, 600), max_size=12)


def decoded(data: bytes, cuts: list[int], most: int = 1000) -> list[Packet | str]:
    """The packets in `data` fed in pieces, and behind them why it went wrong."""
    decoder, found = Decoder(most), list[Packet | str]()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for begin, end in itertools.pairwise(edges):
        decoder.feed(data[begin:end])
        try:
            while packet := decoder.packet():
                found.append(packet)
        except ProtocolError as error:
            return [*found, str(error)]
    return found


@settings(deadline=None)
@given(PACKETS, CUTS)
def test_packets_come_out_as_they_went_in_wherever_they_are_cut(
    packets: list[tuple[bytes, bytes]], cuts: list[int]
) -> None:
    data = b"".join(mta.packet(*one) for one in packets)
    assert decoded(data, cuts) == [Packet(*one) for one in packets]


@settings(deadline=None)
@given(st.binary(max_size=600), CUTS)
def test_garbage_gives_the_same_wherever_it_is_cut(data: bytes, cuts: list[int]) -> None:
    assert decoded(data, cuts) == decoded(data, [])


@pytest.mark.parametrize("length", [0, 1001, 0xFFFFFFFF])
def test_a_length_that_no_packet_has_is_refused_before_its_data_comes(length: int) -> None:
    decoder = Decoder(1000)
    decoder.feed(struct.pack("!I", length))
    with pytest.raises(ProtocolError, match=str(length)):
        decoder.packet()


def test_bytes_that_wait_are_not_kept_twice() -> None:
    decoder = Decoder()
    for _ in range(2000):
        decoder.feed(mta.packet(b"B", b"x" * 1000))
        assert decoder.packet()
    assert len(decoder._held) < 3000
    assert not decoder.is_amid


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_nothing_in_the_data_of_a_packet_raises_but_a_protocol_error(data: bytes) -> None:
    for read in (codec.offer, codec.header, codec.macros, codec.client, codec.first, codec.text):
        try:
            read(data)
        except ProtocolError as error:
            assert str(error)  # noqa: PT017 - that it says something is all there is to say


def test_macros_are_known_by_their_names_with_and_without_braces() -> None:
    assert codec.macros(b"Mi\x00123\x00{auth_authen}\x00ann\x00") == (b"M", {"i": "123", "auth_authen": "ann"})
    assert codec.macros(b"M") == (b"M", {})
    assert codec.macros(b"Mi\x00123") == (b"M", {"i": "123"})
    assert codec.macros(b"Mi\x001\x00odd\x00") == (b"M", {"i": "1", "odd": ""})


@pytest.mark.parametrize(
    ("data", "address"),
    [
        (b"client.example\x004\x10\xe1192.0.2.7\x00", "192.0.2.7"),
        (b"client.example\x006\x10\xe1IPv6:2001:db8::7\x00", "2001:db8::7"),
        (b"client.example\x006\x10\xe12001:db8::7\x00", "2001:db8::7"),
        (b"localhost\x00L\x00\x00/run/socket\x00", ""),
        (b"unknown\x00U", ""),
        (b"\x004\x10\xe1192.0.2.7", "192.0.2.7"),
    ],
)
def test_the_address_of_the_client(data: bytes, address: str) -> None:
    assert codec.client(data) == address


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"Subject\x00 Hello\x00", (b"Subject", b" Hello")),
        (b"Subject\x00\x00", (b"Subject", b"")),
        (b"Subject\x00Hello\n there\x00", (b"Subject", b"Hello\n there")),
        (b"Subject\x00no end", (b"Subject", b"no end")),
        (b"Subject\x00nul\x00within\x00", (b"Subject", b"nul\x00within")),
    ],
)
def test_a_header_field(data: bytes, field: tuple[bytes, bytes]) -> None:
    assert codec.header(data) == field


def test_an_address_that_is_not_utf8_is_kept_readable() -> None:
    assert codec.first(b"<j\xc3\xbcrgen@b.example>\x00SIZE=1\x00") == "<jürgen@b.example>"
    assert codec.first(b"<j\xfcrgen@b.example>") == "<j\\xfcrgen@b.example>"


def test_macros_are_asked_for_only_where_that_is_offered() -> None:
    wanted = [(2, "i {auth_authen}"), (5, "i")]
    plain = struct.pack("!III", 6, 1, 0)
    assert codec.negotiated(Offer(6, 1, 0), wanted) == mta.packet(b"O", plain)
    with_lists = struct.pack("!III", 6, Action.SET_MACROS, 0) + b"\0\0\0\2i {auth_authen}\0\0\0\0\5i\0"
    assert codec.negotiated(Offer(6, Action.SET_MACROS, 0), wanted) == mta.packet(b"O", with_lists)


def test_a_reply_of_several_lines_has_doubled_percent_signs() -> None:
    said = codec.reply(550, "5.7.1", ["100% sure", "Take it out"])
    assert said == mta.packet(b"y", b"550-5.7.1 100%% sure\r\n550 5.7.1 Take it out\0")


@settings(deadline=None)
@given(st.lists(st.text(max_size=1200), max_size=40))
def test_a_reply_is_never_more_than_a_mail_server_takes(lines: list[str]) -> None:
    ((command, data),) = mta.replies(codec.reply(550, "5.7.1", lines))
    said = data.removesuffix(b"\0").split(b"\r\n")
    assert command == b"y"
    assert 1 <= len(said) <= 32
    assert all(len(line.replace(b"%%", b"%")) <= 980 for line in said)
    assert all(b" " <= bytes((one,)) <= b"~" for line in said for one in line)
    assert [line[3:4] for line in said] == [b"-"] * (len(said) - 1) + [b" "]


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_in_a_header_field_breaks_out_of_it(name: str, value: str) -> None:
    for made in (codec.insert_header(name, value), codec.append_header(name, value)):
        ((_, data),) = mta.replies(made)
        assert data.count(b"\0", 4 if made[4:5] == b"i" else 0) == 2
        assert b"\r" not in data
        assert b"\n" not in data
