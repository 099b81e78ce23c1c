"""The next mail server: what it offers, what it answers, and whether it is still there."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from spamlint.hooks.reach import LOOPBACK, is_in
from spamlint.hooks.smtp_proxy.answer import Answer
from spamlint.hooks.smtp_proxy.command import UNAVAILABLE, encoded

if TYPE_CHECKING:
    import aiosmtplib

Tls: TypeAlias = Literal["none", "starttls", "tls"]

MOST_COMMAND = 512
"""Octets of one XFORWARD command."""
_QUIT_SECONDS = 5.0
_NAMES = frozenset({"localhost", "localhost.", "ip6-localhost"})


class Lost(Exception):  # noqa: N818  # the client is told, and tries again later
    """The next mail server cannot be reached, or has broken off; the text says which."""


@dataclass(frozen=True, slots=True)
class Next:
    """Where the next mail server is, and how it is spoken to."""

    host: str = ""
    port: int = 0
    path: str = ""
    """A unix socket, in place of host and port."""
    tls: Tls = "none"
    context: ssl.SSLContext | None = None
    hostname: str = "localhost"
    """The name that the proxy goes by."""
    connect_seconds: float = 30.0
    seconds: float = 300.0
    """How long an answer may take (RFC 5321 section 4.5.3.2)."""

    @property
    def is_local(self) -> bool:
        """Whether nothing that is sent leaves this machine."""
        return bool(self.path) or self.host.lower() in _NAMES or is_in(self.host, LOOPBACK)

    @property
    def is_verified(self) -> bool:
        """Whether it must prove its name in TLS."""
        context = self.context
        return self.tls != "none" and (context is None or (context.check_hostname and bool(context.verify_mode)))

    def __str__(self) -> str:
        return f"unix:{self.path}" if self.path else f"{self.host}:{self.port}"


@dataclass(slots=True)
class Hop:
    """A session with the next mail server, opened when it is first needed."""

    next: Next
    extensions: Mapping[str, str] | None = None
    """What it offers, names in capitals; None before it was first asked."""
    is_authenticated: bool = False
    """Whether a client has authenticated there: then nobody but that client can open the session again."""
    _client: aiosmtplib.SMTP | None = None

    @property
    def is_open(self) -> bool:
        """Whether the session goes on, as far as is known."""
        return self._client is not None and self._client.is_connected

    async def open(self) -> None:
        """Opens the session where it is not open; Lost where that cannot be done."""
        if self.is_open:
            return
        if self.is_authenticated:
            raise Lost("the next mail server has ended the session in which you were logged in")
        import aiosmtplib

        to = self.next
        where: Mapping[str, object] = {"socket_path": to.path} if to.path else {"port": to.port}
        self._client = aiosmtplib.SMTP(
            hostname=to.host or None,
            local_hostname=to.hostname,
            timeout=to.connect_seconds,
            use_tls=to.tls == "tls",
            start_tls=False,
            tls_context=to.context,
            **where,  # type: ignore[arg-type]
        )
        try:
            await self._client.connect()
            if to.tls == "starttls":
                await self._client.starttls()
            await self._client.ehlo()
        except (aiosmtplib.SMTPException, OSError) as error:
            self.drop()
            raise Lost(f"the next mail server cannot be reached now ({_reason(error)})") from error
        self.extensions = {name.upper(): value for name, value in self._client.esmtp_extensions.items()}

    async def say(self, line: bytes) -> Answer:
        """What it answers to a command; Lost where it does not."""
        import aiosmtplib

        if self._client is None:
            raise Lost("the next mail server has broken off")
        try:
            response = await self._client.execute_command(line, timeout=self.next.seconds)
        except (aiosmtplib.SMTPException, OSError) as error:
            self.drop()
            raise Lost(f"the next mail server has broken off ({_reason(error)})") from error
        return _answer(response)

    async def body(self, wire: bytes) -> Answer:
        """What it answers to a message after DATA, which ends in a line with a dot; Lost where it does not."""
        import aiosmtplib

        protocol = self._client.protocol if self._client else None
        if protocol is None:
            raise Lost("the next mail server has broken off")
        try:
            protocol.write(wire)
            response = await protocol.read_response(timeout=self.next.seconds)
        except (aiosmtplib.SMTPException, OSError) as error:
            self.drop()
            raise Lost(f"the next mail server has broken off ({_reason(error)})") from error
        return _answer(response)

    async def forward(self, about: Mapping[str, str]) -> None:
        """Tells it who the client is (XFORWARD), where it takes that."""
        wanted = (self.extensions or {}).get("XFORWARD", "").upper().split()
        line = b"XFORWARD"
        for name in wanted:
            pair = b" %s=%s" % (name.encode("ascii", "replace"), encoded(about.get(name) or UNAVAILABLE))
            if len(line) + len(pair) > MOST_COMMAND - 2:
                await self.say(line)  # where it is not taken, mail goes on without
                line = b"XFORWARD"
            line += pair
        if line != b"XFORWARD":
            await self.say(line)

    async def quit(self) -> None:
        """Ends the session."""
        if self.is_open:
            with suppress(Lost, TimeoutError):
                async with asyncio.timeout(_QUIT_SECONDS):
                    await self.say(b"QUIT")
        self.drop()

    def drop(self) -> None:
        """Closes the connection."""
        if self._client is not None:
            self._client.close()
        self._client = None


def _answer(response: aiosmtplib.SMTPResponse) -> Answer:
    return Answer(response.code, tuple(response.message.split("\n")))


def _reason(error: Exception) -> str:
    """What is wrong, in few words: what the server said, or what kind of error it is."""
    import aiosmtplib

    if isinstance(error, aiosmtplib.SMTPResponseException):
        said = "".join(sign if sign.isprintable() else " " for sign in error.message)
        return f"it answers {error.code} {said}"[:MOST_COMMAND]
    if isinstance(error, aiosmtplib.SMTPTimeoutError):
        return "it does not answer"
    return "no connection" if isinstance(error, aiosmtplib.SMTPConnectError) else type(error).__name__
