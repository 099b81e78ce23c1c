"""Conversations with mail servers, written down packet by packet."""

from __future__ import annotations

import struct

import milter_client as mta
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from milter_events import events

from spamlint.guard.decision import Decision, Reply
from spamlint.guard.envelope import Envelope
from spamlint.hooks.milter.codec import ProtocolError
from spamlint.hooks.milter.session import End, Judge, Session

ACCEPTED = Decision("accept", "1", "accept")
REFUSED = Decision("reject", "1", "reject", Reply(550, "5.7.1", ("100% spam", "really")))
NOT_A_SUBMISSION = Decision("accept", "1", "accept", unjudged="not-a-submission")


def begun(version: int = 6, actions: int = mta.ALL_ACTIONS, steps: int = mta.ALL_STEPS) -> Session:
    """A session that has negotiated."""
    session = Session(lambda envelope: bool(envelope.user), 1_000_000)
    session.feed(mta.negotiation(version, actions, steps))
    assert len(list(session.steps())) == 1
    return session


def told(session: Session, *packets: bytes) -> list[mta.Reply | Judge | End]:
    """What the session makes of these packets."""
    session.feed(b"".join(packets))
    found: list[mta.Reply | Judge | End] = []
    for step in session.steps():
        found += mta.replies(step) if isinstance(step, bytes) else [step]
    return found


def judged(session: Session, *packets: bytes) -> Judge:
    """The message that the session wants to have judged, the last thing that it says to these packets."""
    step = told(session, *packets)[-1]
    assert isinstance(step, Judge)
    return step


@pytest.mark.parametrize(
    ("offer", "answer"),
    [
        ((6, 0x1FF, 0x1FFFFF), (6, 0x131, 0x18F380)),
        ((6, 0x1FF, 0x301FFFFF), (6, 0x131, 0x2018F380)),
        ((6, 0x1FF, 0x101FFFFF), (6, 0x131, 0x1018F380)),
        ((2, 0x3F, 0x7F), (2, 0x31, 0)),
        ((2, 0x3F, 0xFF), (2, 0x31, 0x80)),
        ((4, 0x01, 0x3FF), (4, 0x01, 0x380)),
        ((6, 0, 0), (6, 0, 0)),
        ((99, 0xFFFFFFFF, 0xFFFFFFFF), (6, 0x131, 0x2018F380)),
    ],
)
def test_nothing_is_asked_for_that_is_not_offered(offer: tuple[int, int, int], answer: tuple[int, int, int]) -> None:
    session = Session(lambda _: True, 100)
    ((command, data),) = told(session, mta.negotiation(*offer))  # type: ignore[misc]
    assert command == b"O"
    assert struct.unpack_from("!III", data) == answer
    assert len(data) > 12 or not answer[1] & 0x100


def test_version_6_as_postfix_speaks_it() -> None:
    session = begun()
    assert told(session, mta.connection(), mta.packet(b"H", b"helo.example\0")) == []
    judge = judged(session, mta.message("Hi", fields="X-Folded: a\nX-Empty:"))
    assert judge.envelope == Envelope(
        "milter",
        "a@client.example",
        ("b@there.example", "c@there.example"),
        client="192.0.2.7",
        helo="helo.example",
        user="ann",
        queue_id="QUEUE1",
    )
    assert judge.data == b"Subject: Hi\r\nFrom: a@client.example\r\nX-Folded: a\r\nX-Empty:\r\n\r\nHello\r\n"
    assert mta.replies(session.decided(REFUSED)) == [(b"y", b"550-5.7.1 100%% spam\r\n550 5.7.1 really\0")]
    assert not session.is_amid
    assert told(session, mta.packet(b"A"), mta.packet(b"Q")) == [End.QUIT]


def test_version_2_answers_every_command_and_has_no_leading_space() -> None:
    session = begun(2, mta.V2_ACTIONS, mta.V2_STEPS)
    lines = (
        mta.connection("2001:db8::7", b"6"),
        mta.packet(b"H", b"helo.example\0"),
        mta.macros(b"M", {"{auth_authen}": "ann"}),
        mta.packet(b"M", b"<>\0"),
        mta.packet(b"R", b"b@there.example\0"),
        mta.packet(b"L", b"Subject\0Hi\n\tthere\r\n  again\0"),
        mta.packet(b"N"),
        mta.packet(b"B", b"one\r\n"),
        mta.packet(b"B", b"two\r\n"),
    )
    assert told(session, *lines) == [(b"c", b"")] * 8
    judge = judged(session, mta.packet(b"E", b"three\r\n"))
    assert judge.data == b"Subject: Hi\r\n\tthere\r\n  again\r\n\r\none\r\ntwo\r\nthree\r\n"
    assert judge.envelope == Envelope(
        "milter", "", ("b@there.example",), client="2001:db8::7", helo="helo.example", user="ann"
    )
    tagged = Decision("accept", "1", "accept", add=(("X-A", "1"), ("X-B", "2")))
    assert mta.replies(session.decided(tagged)) == [(b"h", b"X-A\x001\0"), (b"h", b"X-B\x002\0"), (b"c", b"")]


def test_header_fields_go_from_the_last_and_come_in_front_in_order() -> None:
    session = begun()
    judged(session, mta.message("Hi"))
    decision = Decision(
        "accept", "1", "accept", remove=(("X-Spamlint-A", 1), ("X-Spamlint-A", 2)), add=(("X-A", "1"), ("X-B", "2"))
    )
    assert mta.replies(session.decided(decision)) == [
        (b"m", b"\0\0\0\2X-Spamlint-A\0\0"),
        (b"m", b"\0\0\0\1X-Spamlint-A\0\0"),
        (b"i", b"\0\0\0\0X-B\0 2\0"),
        (b"i", b"\0\0\0\0X-A\0 1\0"),
        (b"c", b""),
    ]


QUARANTINED = Decision("quarantine", "1", "quarantine", add=(("X-A", "1"),), quarantine="spam\r\n")


@pytest.mark.parametrize(
    ("actions", "decision", "replies"),
    [
        (0x1FF, QUARANTINED, [(b"i", b"\0\0\0\0X-A\0 1\0"), (b"q", b"spam??\0"), (b"c", b"")]),
        (0x1F, QUARANTINED, [(b"t", b"")]),
        (0x20, QUARANTINED, [(b"q", b"spam??\0"), (b"c", b"")]),
        (0x00, Decision("accept", "1", "accept", remove=(("A", 1),), add=(("A", "1"),)), [(b"c", b"")]),
        (0x1FF, Decision("reject", "1", "reject"), [(b"r", b"")]),
        (0x1FF, Decision("tempfail", "1", "reject"), [(b"t", b"")]),
        (0x1FF, Decision("tempfail", "1", "reject", Reply(451, "4.7.1", ("later",))), [(b"y", b"451 4.7.1 later\0")]),
        (0x1FF, Decision("tempfail", "1", "reject", Reply(550, "5.7.1", ("never",))), [(b"t", b"")]),
        (0x1FF, Decision("reject", "1", "reject", Reply(250, "2.0.0", ("fine",))), [(b"r", b"")]),
        (0x1FF, Decision("reject", "1", "reject", Reply(550, "4.7.1", ("odd",))), [(b"r", b"")]),
        (0x1FF, Decision("reject", "1", "reject", Reply(550, "5.7.1", ())), [(b"y", b"550 5.7.1 \0")]),
    ],
)
def test_a_decision_is_said_as_far_as_the_mail_server_lets_it(
    actions: int, decision: Decision, replies: list[mta.Reply]
) -> None:
    session = begun(actions=actions)
    judged(session, mta.message("Hi"))
    assert mta.replies(session.decided(decision)) == replies


def test_abort_forgets_the_message_and_keeps_the_client() -> None:
    session = begun()
    whole = mta.message("First", fields="X-Spamlint-Verdict: pass")
    cut = whole[: whole.index(b"\0\0\0\x01N")]
    told(session, mta.connection(), mta.packet(b"H", b"helo.example\0"))
    assert told(session, cut, mta.packet(b"A")) == []
    assert not session.is_amid
    judge = judged(session, mta.message("Second"))
    assert b"First" not in judge.data
    assert judge.envelope.recipients == ("b@there.example", "c@there.example")
    assert (judge.envelope.client, judge.envelope.helo) == ("192.0.2.7", "helo.example")


@pytest.mark.parametrize("end", [b"A", b"E", b"K", b"M"])
def test_who_has_authenticated_is_asked_anew_for_each_message(end: bytes) -> None:
    session = begun()
    first = mta.message("Hi")
    if end == b"E":
        judged(session, first)
        session.decided(ACCEPTED)
    else:
        told(session, first[: first.index(b"\0\0\0\x01N")])
        if end != b"M":
            told(session, mta.packet(end))
    stranger = mta.message("Hi", user="")
    without_macros = stranger[stranger.index(b"M<") - 4 :]
    judge = judged(session, without_macros[: without_macros.index(b"\0\0\0\x01N") + 5])
    assert judge.envelope.user == ""
    assert not judge.is_whole


def test_another_client_on_the_same_connection_is_another_client() -> None:
    session = begun()
    told(session, mta.connection(), mta.packet(b"H", b"helo.example\0"), mta.packet(b"K"))
    judge = judged(session, mta.message("Hi"))
    assert (judge.envelope.client, judge.envelope.helo) == ("", "")


def test_mail_that_is_not_judged_is_let_go_before_its_body() -> None:
    session = begun()
    whole = mta.message("Hi", user="")
    end = whole.index(b"\0\0\0\x01N") + 5
    judge = judged(session, whole[:end])
    assert not judge.is_whole
    assert judge.data == b"Subject: Hi\r\nFrom: a@client.example\r\n\r\n"
    assert mta.replies(session.decided(NOT_A_SUBMISSION)) == [(b"a", b"")]
    assert not session.is_amid
    assert judged(session, mta.message("Next")).is_whole


@pytest.mark.parametrize("decision", [REFUSED, ACCEPTED, Decision("accept", "1", "accept", (None), (("X", 1),))])
def test_mail_that_is_judged_after_all_is_judged_whole(decision: Decision) -> None:
    session = begun()
    whole = mta.message("Hi", user="")
    end = whole.index(b"\0\0\0\x01N") + 5
    judged(session, whole[:end])
    assert mta.replies(session.decided(decision)) == [(b"c", b"")]
    assert judged(session, whole[end:]).data.endswith(b"\r\n\r\nHello\r\n")


def test_own_fields_from_outside_can_be_taken_out_of_mail_that_is_not_judged() -> None:
    session = begun()
    decision = Decision("accept", "1", "accept", remove=(("X-Spamlint-Verdict", 1),), unjudged="not-a-submission")
    whole = mta.message("Hi", user="", fields="X-Spamlint-Verdict: pass")
    end = whole.index(b"\0\0\0\x01N") + 5
    judged(session, whole[:end])
    assert mta.replies(session.decided(decision)) == [(b"c", b"")]
    assert judged(session, whole[end:]).is_whole
    assert mta.replies(session.decided(decision)) == [(b"m", b"\0\0\0\1X-Spamlint-Verdict\0\0"), (b"c", b"")]


def test_of_a_message_that_is_too_long_one_octet_too_many_is_kept() -> None:
    session = Session(lambda _: True, 100)
    told(session, mta.negotiation())
    whole = mta.message("Hi", body=b"")
    told(session, whole[: whole.index(b"DE") - 4])
    for _ in range(50):
        told(session, mta.packet(b"B", b"x" * 1000))
        assert session.held <= 101
    assert len(judged(session, mta.packet(b"E")).data) == 101


def test_a_message_that_is_put_off_is_not_kept_and_not_judged() -> None:
    session = begun()
    whole = mta.message("Hi")
    told(session, whole[: whole.index(b"\0\0\0\x01N")])
    assert session.held > 0
    session.put_off()
    assert session.held == 0
    assert told(session, whole[whole.index(b"\0\0\0\x01N") :]) == [(b"c", b""), (b"t", b"")]
    assert b"Hello" in judged(session, mta.message("Next")).data


@pytest.mark.parametrize(
    ("packets", "reason"),
    [
        (mta.packet(b"H", b"x\0"), "before the negotiation"),
        (mta.negotiation() * 2, "second negotiation"),
        (mta.negotiation(version=1), "version 1"),
        (mta.packet(b"O", b"\0\0\0\6"), "too short"),
        (mta.negotiation() + mta.packet(b"E"), "without a message"),
        (mta.negotiation() + mta.packet(b"L", b"A\0b\0"), "without a message"),
        (mta.negotiation() + mta.packet(b"Z"), "the command"),
        (mta.negotiation() + mta.packet(b"D"), "macros for no command"),
        (mta.negotiation() + mta.packet(b"C", b"x"), "kind of address"),
        (mta.negotiation() + mta.packet(b"M", b"<a@b>\0") + mta.packet(b"L", b"no value"), "header field"),
        (mta.negotiation() + mta.packet(b"M", b"<a@b>\0") + mta.packet(b"R", b"x" * 2**20) * 9, "recipients"),
        (b"GET / HTTP/1.1\r\n\r\n", "octets"),
    ],
)
def test_what_is_not_the_protocol_ends_the_session(packets: bytes, reason: str) -> None:
    session = Session(lambda _: True, 100)
    with pytest.raises(ProtocolError, match=reason):
        told(session, packets)


def test_a_command_before_the_reply_to_a_message_ends_the_session() -> None:
    session = begun()
    judged(session, mta.message("Hi"))
    with pytest.raises(ProtocolError, match="before the reply"):
        told(session, mta.packet(b"A"))


COMMANDS = st.tuples(st.sampled_from([bytes((one,)) for one in b"ABCDEHKLMNOQRTUZ"]), st.binary(max_size=40))


@settings(deadline=None)
@given(st.lists(COMMANDS, max_size=15), st.lists(st.integers(0, 900), max_size=10))
def test_any_commands_give_the_same_wherever_they_are_cut(commands: list[tuple[bytes, bytes]], cuts: list[int]) -> None:
    data = mta.negotiation() + b"".join(mta.packet(*one) for one in commands)
    assert events(data, cuts) == events(data, [])


@settings(deadline=None)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=3), st.lists(st.integers(0, 900), max_size=5))
def test_a_session_with_wrong_octets_in_it_ends_or_goes_on(at: int, octets: bytes, cuts: list[int]) -> None:
    good = mta.negotiation() + mta.connection() + mta.message("Hi") + mta.packet(b"A") + mta.message("Two", user="")
    data = good[:at] + octets + good[at + len(octets) :]
    assert events(data, cuts) == events(data, [])
