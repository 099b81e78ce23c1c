"""The connection to a client: octets in and out, flow control, TLS.

It is a protocol of asyncio and not a pair of streams: what a client has sent in plain text behind STARTTLS has to be
thrown away before TLS begins (RFC 3207 section 6), and streams give no way to do that.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from spamlint.hooks.smtp_proxy.access import Peer, peer
from spamlint.hooks.smtp_proxy.lines import Inbox, LineFault

MOST_HELD = 64 * 1024
"""Octets that are taken from a client before they are asked for."""

_LINGER_SECONDS = 10.0


class Gone(Exception):  # noqa: N818  # it is no error: clients come and go
    """The client has left, or its connection is broken."""


class Stopping(Exception):  # noqa: N818
    """The service ends, and nothing of this client is under way."""


@dataclass(slots=True, eq=False, weakref_slot=True)
class Link(asyncio.Protocol):
    """One connection. `made` is called with it when it is there."""

    made: Callable[[Link], None]
    inbox: Inbox = field(default_factory=Inbox)
    peer: Peer = field(default_factory=Peer)
    is_tls: bool = False
    _is_lost: bool = False
    _transport: asyncio.Transport | None = None
    _has_ended: bool = False
    _is_stopping: bool = False
    _is_held: bool = False
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _room: asyncio.Event = field(default_factory=asyncio.Event)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.peer = peer(transport.get_extra_info("peername"))
        self.is_tls = transport.get_extra_info("sslcontext") is not None
        self._room.set()
        self.made(self)

    def data_received(self, data: bytes) -> None:
        self.inbox.feed(data)
        if len(self.inbox.held) > MOST_HELD and self._transport is not None:
            self._is_held = True
            self._transport.pause_reading()
        self._news.set()

    def eof_received(self) -> bool:
        self._has_ended = True
        self._news.set()
        return not self.is_tls  # a client that has said all it has to say still gets its answers

    def connection_lost(self, _: Exception | None) -> None:
        self._is_lost = True
        self._news.set()
        self._room.set()

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    @property
    def is_gone(self) -> bool:
        """Whether nobody waits for an answer: the client has closed its side, and has nothing more to say."""
        return self._is_lost or (self._has_ended and not self.inbox.held)

    def stop(self) -> None:
        """Has whoever waits for the next command told that the service ends."""
        self._is_stopping = True
        self._news.set()

    async def line(self, *, is_idle: bool = False) -> bytes | LineFault:
        """The next command line, or what is wrong with it. Gone at the end; Stopping where that may be said now."""
        while True:
            if is_idle and self._is_stopping:
                raise Stopping
            line = self.inbox.line()
            if line is not None:
                self._go_on()
                return line
            await self._more()

    async def data(self) -> bytes:
        """Whatever has come in, as soon as there is something. Gone at the end."""
        while not self.inbox.held:
            await self._more()
        taken = self.inbox.take()
        self._go_on()
        return taken

    async def send(self, data: bytes) -> None:
        """Sends; waits while the client does not take it."""
        if self._transport is None or self._is_lost:
            raise Gone
        self._transport.write(data)
        await self._room.wait()

    async def start_tls(self, context: ssl.SSLContext, seconds: float) -> None:
        """Goes on in TLS. Whatever came in before is forgotten."""
        transport = self._transport
        if transport is None or self._is_lost:
            raise Gone
        # Nothing can come in between here and the handshake: start_tls takes the connection away before it waits.
        self.inbox.clear()
        self.is_tls = True
        try:
            self._transport = await asyncio.get_running_loop().start_tls(
                transport, self, context, server_side=True, ssl_handshake_timeout=seconds
            )
        except (OSError, EOFError) as error:  # ssl.SSLError is an OSError
            transport.abort()
            raise Gone from error
        if self._transport is None:
            raise Gone
        self._is_held = False

    def refuse(self, data: bytes) -> None:
        """Sends, and closes it."""
        if self._transport is not None:
            self._transport.write(data)
        self.close()

    def close(self) -> None:
        """Closes it; what was sent is still delivered, if the client takes it within a moment."""
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.close()
        if self._transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(_LINGER_SECONDS, self._transport.abort)

    def abort(self) -> None:
        """Closes it at once."""
        if self._transport is not None:
            self._transport.abort()

    async def _more(self) -> None:
        """Waits until something has happened."""
        if self._is_lost or self._has_ended:
            raise Gone
        self._news.clear()
        await self._news.wait()

    def _go_on(self) -> None:
        if self._is_held and len(self.inbox.held) <= MOST_HELD and self._transport is not None:
            self._is_held = False
            self._transport.resume_reading()
