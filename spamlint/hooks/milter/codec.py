"""The packets of the milter protocol, versions 2 to 6: bytes to packets and back, without any input or output.

A packet is a length of four octets, a command of one, and data. Names are those of libmilter's mfdef.h where it has
one, without their prefixes.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

VERSIONS = range(2, 7)
MOST_PACKET = 2 * 1024 * 1024
"""Octets of one packet that are taken. The largest body chunk is 1 MiB; a header field may be as long."""
MOST_REPLY_LINES = 32
MOST_REPLY_LINE = 980

_LENGTH = struct.Struct("!I")
_THREE = struct.Struct("!III")
_PORT_OCTETS = 2
_UNPRINTABLE = ord("?")


class ProtocolError(ValueError):
    """What a peer sent is not the milter protocol; the text says why. There is no way to go on with that peer."""


class Action:
    """What a filter may do to a message (SMFIF_*)."""

    ADD_HEADERS: Final = 0x01
    CHANGE_HEADERS: Final = 0x10
    QUARANTINE: Final = 0x20
    SET_MACROS: Final = 0x100


class Steps:
    """What a mail server leaves out, and how it sends the rest (SMFIP_*)."""

    NO_HEADER_REPLY: Final = 0x80
    NO_UNKNOWN: Final = 0x100
    NO_DATA: Final = 0x200
    SKIP: Final = 0x400
    NO_CONNECT_REPLY: Final = 0x1000
    NO_HELO_REPLY: Final = 0x2000
    NO_MAIL_REPLY: Final = 0x4000
    NO_RCPT_REPLY: Final = 0x8000
    NO_BODY_REPLY: Final = 0x80000
    LEADING_SPACE: Final = 0x100000
    CHUNK_256K: Final = 0x10000000
    CHUNK_1M: Final = 0x20000000


class Stage:
    """The stages that a filter can ask macros for (SMFIM_*)."""

    MAIL: Final = 2
    END: Final = 5


class Packet(NamedTuple):
    """One command of the mail server and its data."""

    command: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Offer:
    """What one side of a negotiation says: the version, and masks of actions and steps."""

    version: int
    actions: int
    steps: int


@dataclass(slots=True)
class Decoder:
    """Takes bytes as they come, and gives whole packets."""

    most: int = MOST_PACKET
    _held: bytearray = field(default_factory=bytearray)
    _at: int = 0

    def feed(self, data: bytes) -> None:
        """Takes what the peer sent, cut anywhere."""
        del self._held[: self._at]
        self._at = 0
        self._held += data

    @property
    def is_amid(self) -> bool:
        """Whether bytes wait that no packet has been made of."""
        return self._at < len(self._held)

    def packet(self) -> Packet | None:
        """The next packet, None until all of it is there; ProtocolError at a length that no packet has."""
        begin = self._at + _LENGTH.size
        if begin > len(self._held):
            return None
        (length,) = _LENGTH.unpack_from(self._held, self._at)
        if not 0 < length <= self.most:
            raise ProtocolError(f"a packet of {length} octets")
        end = begin + length
        if end > len(self._held):
            return None
        self._at = end
        return Packet(bytes(self._held[begin : begin + 1]), bytes(self._held[begin + 1 : end]))


def offer(data: bytes) -> Offer:
    """What a mail server offers (SMFIC_OPTNEG)."""
    if len(data) < _THREE.size:
        raise ProtocolError("a negotiation that is too short")
    return Offer(*_THREE.unpack_from(data))


def first(data: bytes) -> str:
    """The first string of a packet; parameters stand behind its NUL."""
    return text(data.partition(b"\0")[0])


def header(data: bytes) -> tuple[bytes, bytes]:
    """Name and value of a header field (SMFIC_HEADER)."""
    name, between, rest = data.partition(b"\0")
    if not name or not between:
        raise ProtocolError("a header field without a name or a value")
    return name, rest.removesuffix(b"\0")


def macros(data: bytes) -> tuple[bytes, dict[str, str]]:
    """The command that macros belong to, and their values by names without braces (SMFIC_MACRO)."""
    if not data:
        raise ProtocolError("macros for no command")
    found = data[1:].split(b"\0")
    names = (text(name).removeprefix("{").removesuffix("}") for name in found[::2])
    return data[:1], dict(zip(names, map(text, found[1::2]), strict=False))


def client(data: bytes) -> str:
    """The IP address of the client, empty where it has none (SMFIC_CONNECT)."""
    _, between, rest = data.partition(b"\0")
    if not between or not rest:
        raise ProtocolError("a client without a kind of address")
    if rest[:1] not in {b"4", b"6"}:
        return ""
    address = first(rest[1 + _PORT_OCTETS :])
    return address[5:] if address[:5].lower() == "ipv6:" else address


def text(data: bytes) -> str:
    """The characters of an address or a name; octets that are not UTF-8 are written as `\\xe9`."""
    return data.decode("utf-8", "backslashreplace")


def packet(command: bytes, data: bytes = b"") -> bytes:
    """The bytes of one packet."""
    return _LENGTH.pack(1 + len(data)) + command + data


ACCEPT = packet(b"a")
CONTINUE = packet(b"c")
PROGRESS = packet(b"p")
TEMPFAIL = packet(b"t")
REJECT = packet(b"r")


def negotiated(answer: Offer, wanted: Sequence[tuple[int, str]]) -> bytes:
    """The answer to an offer, with the macros that are `wanted` at each stage where the answer has SET_MACROS."""
    data = _THREE.pack(answer.version, answer.actions, answer.steps)
    if answer.actions & Action.SET_MACROS:
        data += b"".join(_LENGTH.pack(stage) + names.encode("ascii") + b"\0" for stage, names in wanted)
    return packet(b"O", data)


def insert_header(name: str, value: str, at: int = 0) -> bytes:
    """A header field to put in at a position; 0 is the front. The value has its leading space, where it has one."""
    return packet(b"i", _LENGTH.pack(at) + _string(name) + _string(value))


def append_header(name: str, value: str) -> bytes:
    """A header field to put in behind all others."""
    return packet(b"h", _string(name) + _string(value))


def delete_header(name: str, number: int) -> bytes:
    """The header field of that name to take out, counted from 1."""
    return packet(b"m", _LENGTH.pack(number) + _string(name) + b"\0")


def quarantine(reason: str) -> bytes:
    """That the message is to be kept, and the reason for those who look at it."""
    return packet(b"q", _string(reason[:MOST_REPLY_LINE]))


def reply(code: int, status: str, lines: Sequence[str]) -> bytes:
    """What the client is told. The lines may be anything: they are cut and cleaned."""
    start = f"{code} {status} "
    kept = [line[: MOST_REPLY_LINE - len(start)] for line in lines[:MOST_REPLY_LINES]] or [""]
    said = [f"{code}{'-' if number < len(kept) else ' '}{status} {line}" for number, line in enumerate(kept, 1)]
    return packet(b"y", b"\r\n".join(_clean(line).replace(b"%", b"%%") for line in said) + b"\0")


def _string(value: str) -> bytes:
    return _clean(value) + b"\0"


def _clean(value: str) -> bytes:
    """`value` as printable ASCII on one line, so that nothing in it is taken for another line or another packet."""
    return bytes(ord(one) if " " <= one <= "~" else _UNPRINTABLE for one in value)
