"""The octets of an SMTP session cut into command lines and messages, without any input or output.

A line ends in CRLF and in nothing else, and a message in CRLF, a dot and CRLF (RFC 5321 sections 2.3.8 and 4.1.1.4):
whoever takes less for an end takes what one server sees as text for the next command of another (SMTP smuggling).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

MOST_LINE = 12_290
"""Octets of a command line with its end: a line of AUTH may have that many (RFC 4954 section 4.5.1)."""

LineFault: TypeAlias = Literal["bare", "control", "long"]
"""A line end other than CRLF, a control character, or more than MOST_LINE octets."""
BodyFault: TypeAlias = Literal["bare", "nul"]
"""A line end other than CRLF, or a NUL, which no message may have (RFC 2045 section 2.8)."""

_END = b"\r\n.\r\n"
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


@dataclass(slots=True)
class Inbox:
    """What has come in and is not yet used."""

    held: bytearray = field(default_factory=bytearray)
    _looked: int = 0

    def feed(self, data: bytes) -> None:
        """Takes what the client sent, cut anywhere."""
        self.held += data

    def take(self) -> bytes:
        """All of it; nothing is left."""
        taken = bytes(self.held)
        self.clear()
        return taken

    def clear(self) -> None:
        """Forgets it."""
        self.held.clear()
        self._looked = 0

    def line(self) -> bytes | LineFault | None:
        """The next line without its end, or what is wrong with it; None until all of it is there."""
        at = self.held.find(b"\n", self._looked)
        if at < 0:
            self._looked = len(self.held)
            return "long" if self._looked >= MOST_LINE else None
        line = bytes(self.held[: at + 1])
        del self.held[: at + 1]
        self._looked = 0
        if len(line) > MOST_LINE:
            return "long"
        text = line[:-2]
        if not line.endswith(b"\r\n") or b"\r" in text:
            return "bare"
        return "control" if _CONTROL.search(text) else text


@dataclass(slots=True)
class Body:
    """One message while it comes in."""

    size: int = 0
    """Octets so far, with those of the end."""
    is_kept: bool = True
    """False once it is only read to find its end."""
    _held: bytearray = field(default_factory=lambda: bytearray(b"\r\n"))  # so that a dot may be the first line

    def feed(self, data: bytes) -> bytes | None:
        """Takes what the client sent, cut anywhere. At the end of the message what follows it; None before."""
        looked = max(len(self._held) - len(_END) + 1, 0)
        self._held += data
        at = self._held.find(_END, looked)
        self.size += len(data)
        if at < 0:
            if not self.is_kept:
                del self._held[: -len(_END) + 1]
            return None
        rest = bytes(self._held[at + len(_END) :])
        del self._held[at + 2 :]
        self.size -= len(rest)
        return rest

    def drop(self) -> None:
        """Forgets what is held: the message is refused, and read only to find its end."""
        self.is_kept = False
        del self._held[: -len(_END) + 1]

    def fault(self) -> BodyFault | None:
        """Why a message that is whole cannot be taken."""
        ends = self._held.count(b"\r\n")
        if self._held.count(b"\r") != ends or self._held.count(b"\n") != ends:
            return "bare"
        return "nul" if b"\0" in self._held else None

    def message(self) -> bytes:
        """The message without the dots that were added for the way, once it is whole; it is held here no longer."""
        found = bytes(memoryview(self._held.replace(b"\r\n.", b"\r\n"))[2:])
        self._held.clear()
        return found


def stuffed(data: bytes) -> bytes:
    """A message, all of whose lines end in CRLF, with the dots and the end that it has on the way."""
    dotted = data.replace(b"\r\n.", b"\r\n..")
    return b"".join((b"." if data.startswith(b".") else b"", dotted, b".\r\n"))
