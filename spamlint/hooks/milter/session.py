"""One conversation with a mail server: bytes in, replies and messages to judge out, without any input or output."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from spamlint.guard.decision import Decision
from spamlint.guard.envelope import Envelope
from spamlint.hooks.milter import codec
from spamlint.hooks.milter.codec import Action, Offer, Packet, ProtocolError, Stage, Steps
from spamlint.hooks.milter.replies import reply_of

MOST_ENVELOPE = 8 * 1024 * 1024
"""Octets of the commands of one message, but for header and body: 50,000 recipients have room in it."""

_ACTIONS = Action.ADD_HEADERS | Action.CHANGE_HEADERS | Action.QUARANTINE | Action.SET_MACROS
_STEPS = (
    Steps.NO_HEADER_REPLY
    | Steps.NO_UNKNOWN
    | Steps.NO_DATA
    | Steps.NO_CONNECT_REPLY
    | Steps.NO_HELO_REPLY
    | Steps.NO_MAIL_REPLY
    | Steps.NO_RCPT_REPLY
    | Steps.NO_BODY_REPLY
    | Steps.LEADING_SPACE
)
_MACROS = ((Stage.MAIL, "i {auth_authen}"), (Stage.END, "i"))
_NO_REPLY = {
    b"C": Steps.NO_CONNECT_REPLY,
    b"H": Steps.NO_HELO_REPLY,
    b"M": Steps.NO_MAIL_REPLY,
    b"R": Steps.NO_RCPT_REPLY,
    b"L": Steps.NO_HEADER_REPLY,
    b"B": Steps.NO_BODY_REPLY,
}
_WITHIN_MESSAGE = frozenset((b"R", b"T", b"L", b"N", b"B", b"E"))


class End(Enum):
    """The conversation is over, and the connection is closed."""

    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Judge:
    """A message that waits for a decision. Nothing else is taken from the peer before it has one."""

    envelope: Envelope
    data: bytes
    is_whole: bool = True
    """Whether `data` is the message; else it is the header of one that is not judged, before its body comes."""


Step: TypeAlias = bytes | Judge | End
"""What comes next: bytes to send, a message to judge, or the end."""


@dataclass(slots=True)
class _Message:
    """What is known of the message that is being sent."""

    sender: str
    user: str
    recipients: list[str] = field(default_factory=list)
    data: bytearray = field(default_factory=bytearray)
    envelope_size: int = 0
    is_put_off: bool = False


@dataclass(slots=True)
class Session:
    """The state of one conversation.

    `feed` takes what the peer sent; `steps` gives what to do about it. After a `Judge`, `decided` gives the reply, and
    `steps` is asked again. ProtocolError where the peer does not speak the protocol.
    """

    judges: Callable[[Envelope], bool]
    """Whether a message with that envelope is judged at all: others are let go before their body comes."""
    most: int
    """Octets that a message may have. Of a longer one that many and one more are kept, which show that it is longer."""
    answer: Offer | None = None
    _decoder: codec.Decoder = field(default_factory=codec.Decoder)
    _client: str = ""
    _helo: str = ""
    _user: str = ""
    """Who has authenticated, for the MAIL command that comes next."""
    _queue_id: str = ""
    _message: _Message | None = None
    _waiting: Judge | None = None

    @property
    def is_amid(self) -> bool:
        """Whether a message has begun and has no reply yet, or part of a packet is still to come."""
        return self._message is not None or self._decoder.is_amid

    @property
    def held(self) -> int:
        """Octets that are kept of the message."""
        kept = len(self._message.data) if self._message else 0
        return kept + (len(self._waiting.data) if self._waiting else 0)

    def put_off(self) -> None:
        """Keeps no more of the message, which is refused for now when it is whole."""
        assert self._message is not None
        self._message.is_put_off = True
        self._message.data.clear()

    def feed(self, data: bytes) -> None:
        """Takes what the peer sent."""
        self._decoder.feed(data)

    def steps(self) -> Iterator[Step]:
        """What to do about what the peer has sent so far. Ends behind a `Judge` and behind an `End`."""
        while packet := self._decoder.packet():
            step = self._step(packet)
            if step:
                yield step
            if isinstance(step, Judge | End):
                return

    def decided(self, decision: Decision) -> bytes:
        """The reply to the message that was to be judged."""
        assert self._waiting is not None
        assert self.answer is not None
        is_whole, self._waiting = self._waiting.is_whole, None
        if is_whole:
            self._forget()
            return reply_of(decision, self.answer)
        if decision.unjudged == "not-a-submission" and not decision.remove:
            self._forget()
            return codec.ACCEPT
        return codec.CONTINUE

    def _step(self, packet: Packet) -> Step:
        command, data = packet
        if self._waiting is not None:
            raise ProtocolError("a command before the reply to a message")
        if command == b"O":
            return self._negotiate(data)
        if self.answer is None:
            raise ProtocolError("a command before the negotiation")
        if command in _WITHIN_MESSAGE and self._message is None:
            raise ProtocolError(f"the command {codec.text(command)} without a message")
        if command == b"D":
            self._know(data)
            return b""
        if command == b"Q":
            return End.QUIT
        if command in {b"A", b"K"}:
            return self._abort(command)
        if command == b"N":
            return self._end_of_header()
        if command == b"E":
            return self._end_of_message(data)
        self._take(command, data)
        return b"" if self.answer.steps & _NO_REPLY.get(command, 0) else codec.CONTINUE

    def _negotiate(self, data: bytes) -> bytes:
        if self.answer is not None:
            raise ProtocolError("a second negotiation")
        offer = codec.offer(data)
        if offer.version < codec.VERSIONS.start:
            raise ProtocolError(f"version {offer.version} of the protocol")
        version = min(offer.version, codec.VERSIONS[-1])
        self.answer = Offer(version, offer.actions & _ACTIONS, _steps(offer.steps))
        return codec.negotiated(self.answer, _MACROS)

    def _know(self, data: bytes) -> None:
        """Keeps the macros that are of use. Those of MAIL come before it, and one that is not there is unset."""
        command, values = codec.macros(data)
        if command == b"M":
            self._user, self._queue_id = values.get("auth_authen", ""), ""
        self._queue_id = values.get("i", self._queue_id)

    def _abort(self, command: bytes) -> bytes:
        """Forgets the message; behind K, the client as well, for another one follows."""
        self._forget()
        if command == b"K":
            self._client = self._helo = ""
        return b""

    def _forget(self) -> None:
        self._message = None
        self._user = self._queue_id = ""

    def _take(self, command: bytes, data: bytes) -> None:
        """Keeps what a command says."""
        if command == b"C":
            self._client = codec.client(data)
        elif command == b"H":
            self._helo = codec.first(data)
        elif command == b"M":
            self._message = _Message(_address(data), self._user, envelope_size=len(data))
            self._user = ""
        elif command == b"R":
            self._recipient(data)
        elif command == b"L":
            self._header(*codec.header(data))
        elif command == b"B":
            self._keep(data)
        elif command not in {b"T", b"U"}:
            raise ProtocolError(f"the command {codec.text(command)!r}")

    def _recipient(self, data: bytes) -> None:
        assert self._message is not None
        self._message.envelope_size += len(data)
        if self._message.envelope_size > MOST_ENVELOPE:
            raise ProtocolError(f"more than {MOST_ENVELOPE} octets of recipients")
        self._message.recipients.append(_address(data))

    def _header(self, name: bytes, value: bytes) -> None:
        """Keeps a header field as it was sent, whose lines arrive with an LF between them."""
        assert self._message is not None
        assert self.answer is not None
        between = b":" if self.answer.steps & Steps.LEADING_SPACE else b": "
        lines = value.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        self._keep(b"".join((name, between, lines, b"\r\n")))

    def _keep(self, data: bytes) -> None:
        assert self._message is not None
        if not self._message.is_put_off:
            self._message.data += data[: max(self.most + 1 - len(self._message.data), 0)]

    def _end_of_message(self, data: bytes) -> Step:
        assert self._message is not None
        self._keep(data)
        if not self._message.is_put_off:
            return self._judge(is_whole=True)
        self._forget()
        return codec.TEMPFAIL

    def _end_of_header(self) -> Step:
        """A message that is not judged is let go here, where the guard wants nothing of it, not even header fields."""
        assert self._message is not None
        self._keep(b"\r\n")
        if self._message.is_put_off or self.judges(self._envelope()):
            return codec.CONTINUE
        return self._judge(is_whole=False)

    def _judge(self, *, is_whole: bool) -> Judge:
        assert self._message is not None
        self._waiting = Judge(self._envelope(), bytes(self._message.data), is_whole)
        if is_whole:
            self._message.data.clear()
        return self._waiting

    def _envelope(self) -> Envelope:
        assert self._message is not None
        return Envelope(
            "milter",
            self._message.sender,
            tuple(self._message.recipients),
            client=self._client,
            helo=self._helo,
            user=self._message.user,
            queue_id=self._queue_id,
        )


def _steps(offered: int) -> int:
    """The steps to ask for: those that save time, and the largest chunks, as far as they are offered."""
    chunk = next((one for one in (Steps.CHUNK_1M, Steps.CHUNK_256K) if offered & one), 0)
    return offered & _STEPS | chunk


def _address(data: bytes) -> str:
    """The address of MAIL or RCPT, which stands in front of the parameters."""
    address = codec.first(data).strip()
    return address[1:-1] if address[:1] == "<" and address[-1:] == ">" else address
