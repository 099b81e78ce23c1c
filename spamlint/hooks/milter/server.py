"""The milter as a server: connections, time limits, and what happens when something goes wrong."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from spamlint.guard.decision import Decision
from spamlint.guard.guard import Guard
from spamlint.guard.routes import is_submission
from spamlint.hooks.connections import READ, Connections
from spamlint.hooks.milter import codec
from spamlint.hooks.milter.codec import ProtocolError
from spamlint.hooks.milter.session import End, Judge, Session
from spamlint.hooks.service import say

_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)
"""Linux only, and it holds for a while only, so that it is set anew at each read."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the milter is told. Times are in seconds."""

    connections: int = 500
    """Connections at a time. One more is closed at once, and the mail server does what it does without a milter."""
    held: int = 1024 * 1024 * 1024
    """Octets of all messages that are on their way; a message that would go beyond is put off."""
    negotiation: float = 30.0
    """From the connection to the end of the negotiation."""
    within: float = 600.0
    """Until more of a message that has begun."""
    between: float = 7210.0
    """Until the next message: a mail server keeps the connection for as long as its client stays."""
    write: float = 60.0
    """Until the mail server has taken a reply."""
    progress: float = 5.0
    """Between signs of life while a message is judged. Sendmail gives up after ten seconds, Postfix after 300."""
    grace: float = 30.0
    """For what was accepted, when the milter stops."""


@dataclass(slots=True, eq=False)
class _Peer:
    """One mail server that is connected."""

    session: Session
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    held: int = 0

    @property
    def is_amid(self) -> bool:
        """Whether a message has begun."""
        return self.session.is_amid


@dataclass(slots=True)
class _Service:
    """What the connections share."""

    guard: Guard
    options: Options
    stopping: asyncio.Event
    connections: Connections[_Peer]


async def serve(
    guard: Guard, sockets: Sequence[socket.socket], stopping: asyncio.Event, options: Options | None = None
) -> None:
    """Serves mail servers on `sockets` until `stopping` is set and the messages that had begun are finished."""
    options = options or Options()
    service = _Service(guard, options, stopping, Connections("milter", options.connections))
    await service.connections.serve(sockets, stopping, partial(_accept, service), options.grace)


def _accept(service: _Service, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if not service.connections.has_room():
        writer.transport.abort()
        return
    guard = service.guard
    session = Session(lambda envelope: is_submission(guard.settings, envelope), guard.settings.budget.message)
    peer = _Peer(session, reader, writer)
    service.connections.add(peer, _serve(service, peer))


async def _serve(service: _Service, peer: _Peer) -> None:
    """Serves one mail server until it leaves, or breaks the rules."""
    try:
        while data := await _read(service, peer):
            peer.session.feed(data)
            if not await _answer(service, peer) or (service.stopping.is_set() and not peer.session.is_amid):
                return
    except ProtocolError as error:
        say(f"milter: a connection was closed, for the mail server sent {error}")
    except TimeoutError:
        if peer.session.is_amid or peer.session.answer is None:
            say("milter: a connection was closed, for the mail server kept silent")
    except OSError:
        # It has left without a word, which it may at any time: what it had not been told, it did not accept.
        return


async def _read(service: _Service, peer: _Peer) -> bytes:
    options = service.options
    if peer.session.answer is None:
        patience = options.negotiation
    else:
        patience = options.within if peer.session.is_amid else options.between
    async with asyncio.timeout(patience):
        data = await peer.reader.read(READ)
    _acknowledge(peer.writer)
    return data


def _acknowledge(writer: asyncio.StreamWriter) -> None:
    """Tells the peer at once that its bytes have come.

    Postfix writes a message in pieces, and its system keeps back a small one until the one before is acknowledged,
    which the system here, left to itself, does 40 ms later (RFC 896, RFC 1122 section 4.2.3.2).
    """
    connection = writer.get_extra_info("socket")
    if _QUICK_ACK is not None and connection.family != socket.AF_UNIX:
        with suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)


async def _answer(service: _Service, peer: _Peer) -> bool:
    """Does what the session asks for; False where it is over."""
    while True:
        step = None
        for step in peer.session.steps():
            if isinstance(step, bytes):
                peer.writer.write(step)
        service.connections.weigh(peer, peer.session.held)
        if isinstance(step, Judge):
            peer.writer.write(peer.session.decided(await _decision(service, peer, step)))
            service.connections.weigh(peer, peer.session.held)
        elif peer.held and service.connections.held > service.options.held:
            say("milter: a message was put off, for the messages on their way take too much memory")
            peer.session.put_off()
            service.connections.weigh(peer, peer.session.held)
        if peer.writer.transport.get_write_buffer_size():
            async with asyncio.timeout(service.options.write):
                await peer.writer.drain()
        if not isinstance(step, Judge):
            return step is not End.QUIT


async def _decision(service: _Service, peer: _Peer, judge: Judge) -> Decision:
    """What the guard decides, with signs of life to the mail server until then; a failure of it puts the mail off."""
    deciding = asyncio.create_task(service.guard.decide(judge.envelope, judge.data))
    while not (await asyncio.wait({deciding}, timeout=service.options.progress))[0]:
        with suppress(OSError):
            peer.writer.write(codec.PROGRESS)
            async with asyncio.timeout(service.options.write):
                await peer.writer.drain()
    if error := deciding.exception():
        say(f"milter: a message was put off by an error of the program: {type(error).__name__}: {error}")
        return Decision("tempfail", secrets.token_hex(6), "tempfail", unjudged="crash")
    return deciding.result()
