"""The connection to a server: replies that are read within bounds, and until one moment for all of them.

`smtplib` waits anew for every piece that comes, so that a server which drips holds it for ever, and keeps every line
of a reply that never ends.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, TypeVar

from spamlint.smtp_probe.target import Target

Why: TypeAlias = Literal[
    "no-such-host", "resolve-failed", "resolve-timeout", "connect-refused", "connect-timeout", "connect-failed",
    "timeout", "closed", "not-smtp", "line-too-long", "reply-too-long", "tls-failed", "early-data", "no-starttls",
    "no-auth", "no-mechanism", "plain-text", "bad-certificate", "no-smtputf8", "too-large",
]  # fmt: skip

LONGEST_LINE = 8_192
"""Octets of a line that are read; RFC 5321 section 4.5.3.1.5 lets a server send 512."""
MOST_LINES = 100
"""Lines of one reply that are read."""
MOST_ADDRESSES = 8
"""Addresses of a host that are tried."""
LONGEST_GOODBYE = 2.0
"""Seconds that the end of the conversation may take: nothing depends on it any more."""
_CHUNK = 4_096
_REPLY = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)
_T = TypeVar("_T")


class Stopped(Exception):  # noqa: N818 - no error of ours: the conversation cannot go on
    """Why a conversation ended before its end."""

    def __init__(self, why: Why, **values: str | int) -> None:
        super().__init__(why)
        self.why: Why = why
        self.values: Mapping[str, str | int] = values


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said to one command."""

    code: int
    lines: tuple[str, ...]

    @property
    def is_yes(self) -> bool:
        """Whether the server did what it was asked for, or wants more (3yz)."""
        return self.code < 400

    @property
    def text(self) -> str:
        """All of it in one line, the code first."""
        return " ".join([str(self.code), *(line for line in self.lines if line)])


@dataclass(slots=True)
class Wire:
    """A connection. Nothing on it takes longer than until `end`, a moment of `time.monotonic`."""

    sock: socket.socket
    end: float
    secrets: list[str] = field(default_factory=list)
    """What no reply may show, should a server say it back."""
    _buffer: bytearray = field(default_factory=bytearray)

    def ask(self, command: str) -> Reply:
        """The reply to a command."""
        try:
            self.sock.settimeout(left(self.end))
            self.sock.sendall(command.encode("utf-8", "surrogateescape") + b"\r\n")
        except TimeoutError:
            raise Stopped("timeout") from None
        except OSError:
            with suppress(Stopped):
                return self.reply()  # a server may say why before it hangs up
            raise Stopped("closed") from None
        return self.reply()

    def reply(self) -> Reply:
        """The next reply."""
        lines: list[str] = []
        first = b""
        while True:
            line = self._line()
            found = _REPLY.fullmatch(line)
            if found is None or (first and found[1] != first):
                raise Stopped("not-smtp", said=self._shown(line[:80]))
            first = found[1]
            lines.append(self._shown(found[3] or b""))
            if found[2] != b"-":
                return Reply(int(first), tuple(lines))
            if len(lines) == MOST_LINES:
                raise Stopped("reply-too-long", lines=MOST_LINES)

    def secure(self, context: ssl.SSLContext, name: str) -> ssl.SSLSocket:
        """Goes on over TLS. ssl.SSLError where both sides do not agree."""
        if self._buffer:
            raise Stopped("early-data")  # it would count as said over TLS, whoever put it there
        self.sock.settimeout(left(self.end))
        secured = context.wrap_socket(self.sock, server_hostname=name)
        self.sock = secured
        return secured

    def close(self, *, politely: bool) -> None:
        """Ends the conversation; nothing that goes wrong with it matters."""
        self.end = min(self.end, time.monotonic() + LONGEST_GOODBYE)
        with suppress(Stopped):
            for command in ("RSET", "QUIT") if politely else ():
                self.ask(command)
        with suppress(OSError):
            self.sock.close()

    def _line(self) -> bytes:
        while True:
            at = self._buffer.find(b"\n")
            if at > LONGEST_LINE or (at < 0 and len(self._buffer) > LONGEST_LINE):
                raise Stopped("line-too-long", octets=LONGEST_LINE)
            if at >= 0:
                line = bytes(self._buffer[:at])
                del self._buffer[: at + 1]
                return line.removesuffix(b"\r")
            self._more()

    def _more(self) -> None:
        try:
            self.sock.settimeout(left(self.end))
            data = self.sock.recv(_CHUNK)
        except TimeoutError:
            raise Stopped("timeout") from None
        except OSError:
            raise Stopped("closed") from None
        if not data:
            raise Stopped("closed")
        self._buffer += data

    def _shown(self, data: bytes) -> str:
        text = data.decode("utf-8", "backslashreplace")
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


def left(end: float) -> float:
    """The seconds until `end`. Stopped where there are none."""
    seconds = end - time.monotonic()
    if seconds <= 0:
        raise Stopped("timeout")
    return seconds


def connected(target: Target, end: float) -> tuple[Wire, str]:
    """A connection to the first address that takes one, and that address."""
    addresses = _addresses(target, end)
    failure = Stopped("connect-failed", reason="")
    for number, (family, place) in enumerate(addresses):
        # An address that says nothing leaves time for those behind it.
        seconds = left(end) / (len(addresses) - number)
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(seconds)
            sock.connect(place)
        except TimeoutError:
            failure = Stopped("connect-timeout")
        except ConnectionRefusedError:
            failure = Stopped("connect-refused")
        except OSError as error:
            failure = Stopped("connect-failed", reason=error.strerror or "")
        else:
            return Wire(sock, end), str(place[0])
        sock.close()
    raise failure


def _addresses(target: Target, end: float) -> list[tuple[int, tuple[str | int, ...]]]:
    try:
        found = _within(end, lambda: socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
    except socket.gaierror as error:
        known = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
        raise Stopped("no-such-host" if known else "resolve-failed", reason=error.strerror or "") from None
    except (UnicodeError, OSError):
        raise Stopped("no-such-host") from None
    return [(row[0], tuple(map(_plain, row[4]))) for row in found[:MOST_ADDRESSES]]


def _plain(part: object) -> str | int:
    return part if isinstance(part, int) else str(part)


def _within(end: float, work: Callable[[], _T]) -> _T:
    """What `work` gives. It cannot be interrupted, and so is left behind where it takes too long."""
    given: list[_T] = []
    raised: list[OSError | UnicodeError] = []

    def run() -> None:
        try:
            given.append(work())
        except (OSError, UnicodeError) as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(left(end))
    if raised:
        raise raised[0]
    if not given:
        raise Stopped("resolve-timeout")
    return given[0]
