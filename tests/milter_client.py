"""The mail server's side of the milter protocol, for tests: packets to send, and replies taken apart."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

TIMEOUT = 30.0

ALL_ACTIONS = 0x1FF
ALL_STEPS = 0x1FFFFF
V2_ACTIONS = 0x3F
V2_STEPS = 0x7F

Reply = tuple[bytes, bytes]
"""The command of a reply and its data."""


def packet(command: bytes, data: bytes = b"") -> bytes:
    return struct.pack("!I", 1 + len(data)) + command + data


def negotiation(version: int = 6, actions: int = ALL_ACTIONS, steps: int = ALL_STEPS) -> bytes:
    return packet(b"O", struct.pack("!III", version, actions, steps))


def macros(command: bytes, values: Mapping[str, str]) -> bytes:
    return packet(b"D", command + b"".join(f"{name}\0{value}\0".encode() for name, value in values.items()))


def connection(address: str = "192.0.2.7", family: bytes = b"4") -> bytes:
    return packet(b"C", b"client.example\0" + family + struct.pack("!H", 4321) + address.encode() + b"\0")


def message(subject: str, *, user: str = "ann", body: bytes = b"Hello\r\n", fields: str = "") -> bytes:
    """All packets of one message up to its end, as Postfix sends them where no reply is wanted but to the header."""
    headers = [f"Subject\0 {subject}\0", "From\0 a@client.example\0"]
    headers += [line.replace(":", "\0", 1) + "\0" for line in fields.splitlines()]
    return b"".join(
        (
            macros(b"M", {"{auth_authen}": user} if user else {}),
            packet(b"M", b"<a@client.example>\0BODY=8BITMIME\0"),
            macros(b"R", {"i": "QUEUE1"}),
            packet(b"R", b"<b@there.example>\0"),
            packet(b"R", b"<c@there.example>\0ORCPT=rfc822;c@there.example\0"),
            *(packet(b"L", one.encode()) for one in headers),
            packet(b"N"),
            *((packet(b"B", body),) if body else ()),
            macros(b"E", {"i": "QUEUE1"}),
            packet(b"E"),
        )
    )


def replies(data: bytes) -> list[Reply]:
    """The packets in `data`, all of which are whole."""
    found = []
    while data:
        (length,) = struct.unpack_from("!I", data)
        assert 1 <= length <= len(data) - 4
        found.append((data[4:5], data[5 : 4 + length]))
        data = data[4 + length :]
    return found


@dataclass
class Client:
    """A mail server that is connected to a milter."""

    socket: socket.socket

    def send(self, *data: bytes) -> None:
        self.socket.sendall(b"".join(data))

    def reply(self) -> Reply:
        """The next reply; ConnectionError where the milter has closed the connection."""
        (length,) = struct.unpack("!I", self._exactly(4))
        data = self._exactly(length)
        return data[:1], data[1:]

    def until(self, *last: bytes) -> list[Reply]:
        """The replies up to one of those commands."""
        found = [self.reply()]
        while found[-1][0] not in last:
            found.append(self.reply())
        return found

    def is_closed(self) -> bool:
        """Whether the milter closes the connection without a word."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True

    def _exactly(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            more = self.socket.recv(count - len(found))
            if not more:
                raise ConnectionError(f"closed after {found!r}")
            found += more
        return found


@contextmanager
def connected(port: int, *, greeted: bool = True) -> Iterator[Client]:
    """A mail server that has connected, and has negotiated version 6."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection_:
        client = Client(connection_)
        if greeted:
            client.send(negotiation())
            assert client.reply()[0] == b"O"
            client.send(connection(), packet(b"H", b"helo.example\0"))
        yield client
