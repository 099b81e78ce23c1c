"""How the octets of an SMTP session are cut into lines and messages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spamlint.hooks.smtp_proxy.lines import MOST_LINE, Body, Inbox, stuffed

LINES = st.lists(
    st.one_of(st.sampled_from([b"", b".", b"..", b".x", b"x."]), st.binary(max_size=20)).map(
        lambda text: text.translate(None, b"\r\n\0") + b"\r\n"
    ),
    max_size=8,
)
CUTS = st.lists(st.integers(1, 5), min_size=1)

NOT_AN_END = [
    b"\n.\n",
    b"\n.\r",
    b"\n.\r\n",
    b"\r.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\n",
    b"\r\n.\r",
    b"\r\n.\r\r\n",
    b"\r\r\n.\n",
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
    b"\n\r.\r\n",
    b"\n\n.\r\n",
]
"""What one server or another takes for the end of a message, and what is none."""


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    found, at, turn = [], 0, 0
    while at < len(data):
        size = cuts[turn % len(cuts)]
        found.append(data[at : at + size])
        at, turn = at + size, turn + 1
    return found


def fed(body: Body, data: bytes, cuts: list[int]) -> bytes | None:
    """Feeds `data` in pieces; what follows the message, None where it has no end."""
    rest: bytes | None = None
    for piece in pieces(data, cuts):
        rest = body.feed(piece) if rest is None else rest + piece
    return rest


@settings(deadline=None)
@given(LINES, CUTS, st.binary(max_size=12))
def test_a_message_comes_out_as_it_went_in_however_it_is_cut(lines: list[bytes], cuts: list[int], rest: bytes) -> None:
    data, body = b"".join(lines), Body()
    wire = stuffed(data)
    assert fed(body, wire + rest, cuts) == rest
    assert body.size == len(wire)
    assert body.fault() is None
    assert body.message() == data


@settings(deadline=None)
@given(LINES, CUTS)
def test_a_message_that_is_dropped_ends_where_it_would_have(lines: list[bytes], cuts: list[int]) -> None:
    body = Body()
    body.drop()
    assert fed(body, stuffed(b"".join(lines)) + b"QUIT\r\n", cuts) == b"QUIT\r\n"


@settings(deadline=None)
@given(LINES)
def test_a_message_on_its_way_ends_once(lines: list[bytes]) -> None:
    wire = b"\r\n" + stuffed(b"".join(lines))
    assert wire.count(b"\r\n.\r\n") == 1
    assert wire.endswith(b"\r\n.\r\n")


@pytest.mark.parametrize("form", NOT_AN_END)
@settings(deadline=None)
@given(cuts=CUTS)
def test_nothing_but_a_dot_between_two_crlf_ends_a_message(form: bytes, cuts: list[int]) -> None:
    body = Body()
    smuggled = b"MAIL FROM:<smuggler@a.example>\r\n"
    assert fed(body, b"text" + form + smuggled, cuts) is None
    assert fed(body, b"more\r\n.\r\n", cuts) == b""
    assert body.fault() is not None


@settings(deadline=None)
@given(st.binary(max_size=60), CUTS)
def test_any_octets_are_cut_the_same_way_however_they_come(data: bytes, cuts: list[int]) -> None:
    whole, cut = Inbox(), Inbox()
    whole.feed(data)
    expected = list(iter(whole.line, None))
    found = []
    for piece in pieces(data, cuts):
        cut.feed(piece)
        found += list(iter(cut.line, None))
    assert found == expected
    assert cut.held == whole.held


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"NOOP\r\n", b"NOOP"),
        (b"NOOP\n", "bare"),
        (b"NO\rOP\r\n", "bare"),
        (b"NOOP\r\r\n", "bare"),
        (b"NO\0OP\r\n", "control"),
        (b"NO\tOP\r\n", "control"),
        (b"\r\n", b""),
        (b"NOOP\r", None),
        (b"x" * (MOST_LINE - 2) + b"\r\n", b"x" * (MOST_LINE - 2)),
        (b"x" * (MOST_LINE - 1) + b"\r\n", "long"),
        (b"x" * MOST_LINE, "long"),
    ],
)
def test_a_command_line_ends_in_crlf(octets: bytes, expected: bytes | str | None) -> None:
    inbox = Inbox()
    inbox.feed(octets)
    assert inbox.line() == expected
