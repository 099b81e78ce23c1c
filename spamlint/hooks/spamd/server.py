"""The spamd service: connections, time limits, and what happens when something goes wrong."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from spamlint.errors import ConfigError
from spamlint.guard.envelope import Envelope
from spamlint.guard.guard import Guard
from spamlint.hooks.connections import READ, Connections
from spamlint.hooks.reach import LOOPBACK, Network, beyond, is_in
from spamlint.hooks.service import say
from spamlint.hooks.spamd import answers, codec
from spamlint.hooks.spamd.codec import Code, Decoder, Problem, Request

_LARGE = 256 * 1024
"""Octets of a message from which on its reply is made beside the event loop."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the service is told. Times are in seconds."""

    allow: tuple[Network, ...] = ()
    """Networks that may ask, beside this machine."""
    connections: int = 500
    """Connections at a time. One more is closed at once."""
    held: int = 1024 * 1024 * 1024
    """Octets of all messages that are on their way; a message that would go beyond is put off."""
    within: float = 60.0
    """Until more of a request."""
    whole: float = 300.0
    """For a whole request."""
    write: float = 60.0
    """Until the client has taken the reply."""
    linger: float = 5.0
    """For a client that still writes when it has its answer."""
    grace: float = 30.0
    """For what was accepted, when the service stops."""


@dataclass(slots=True, eq=False)
class _Client:
    """One client that is connected, for one request."""

    decoder: Decoder
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    held: int = 0

    @property
    def is_amid(self) -> bool:
        """Whether its request has begun."""
        return self.decoder.has_begun


@dataclass(slots=True)
class _Service:
    """What the connections share."""

    guard: Guard
    options: Options
    connections: Connections[_Client]


async def serve(
    guard: Guard, sockets: Sequence[socket.socket], stopping: asyncio.Event, options: Options | None = None
) -> None:
    """Answers on `sockets` until `stopping` is set and the requests that had begun are answered.

    ConfigError where strangers could ask.
    """
    options = options or Options()
    if not options.allow and (host := beyond(sockets)):
        raise ConfigError(unlisted(host))
    service = _Service(guard, options, Connections("spamd", options.connections))
    await service.connections.serve(sockets, stopping, partial(_accept, service), options.grace)


def unlisted(host: str) -> str:
    """What a person is told who lets it listen where strangers can ask."""
    return f"--listen {host}: others than this machine can connect: list who may with --allow-ips"


def _accept(service: _Service, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    peer = writer.get_extra_info("peername")
    if isinstance(peer, tuple) and not is_in(str(peer[0]), (*LOOPBACK, *service.options.allow)):
        say(f"spamd: {peer[0]} is not in --allow-ips; its connection was closed")
        writer.transport.abort()
        return
    if not service.connections.has_room():
        writer.transport.abort()
        return
    writer.transport.set_write_buffer_limits(0)  # so that the whole reply has its time limit, not most of it
    client = _Client(Decoder(service.guard.settings.budget.message), reader, writer)
    service.connections.add(client, _serve(service, client))


async def _serve(service: _Service, client: _Client) -> None:
    """Answers one request."""
    options = service.options
    try:
        async with asyncio.timeout(options.whole):
            done = await _request(service, client)
        if done is None:
            return
        client.writer.write(await _reply(service, done))
        async with asyncio.timeout(options.write):
            await client.writer.drain()
        if client.writer.can_write_eof():
            client.writer.write_eof()
        if isinstance(done, Problem):
            await _linger(client, options.linger)
    except TimeoutError:
        if client.decoder.has_begun:
            say("spamd: a connection was closed, for the client kept silent, or did not take its reply")
        client.writer.transport.abort()
    except OSError:
        return  # the client has left, as it may at any time


async def _request(service: _Service, client: _Client) -> Request | Problem | None:
    """The request, or why it cannot be answered; None where the client says nothing."""
    decoder = client.decoder
    while decoder.done is None:
        async with asyncio.timeout(service.options.within):
            data = await client.reader.read(READ)
        if data:
            decoder.feed(data)
        elif decoder.has_begun:
            decoder.end()
        else:
            return None
        service.connections.weigh(client, decoder.held)
        if service.connections.held > service.options.held:
            say("spamd: a message was put off, for the messages on their way take too much memory")
            return Problem(Code.TEMPFAIL, "Too many messages are being checked")
    return decoder.done


async def _reply(service: _Service, done: Request | Problem) -> bytes:
    """The octets that answer a request."""
    if isinstance(done, Problem):
        return codec.refused(done)
    if done.verb == "PING":
        return codec.pong()
    if done.verb == "SKIP":
        return b""
    if done.verb == "TELL":
        return codec.refused(Problem(Code.UNAVAILABLE, "TELL is not available: spamlint learns nothing"))
    decision = await service.guard.decide(Envelope("spamd", user=done.user, is_asked=True), done.body)
    told = answers.answer(decision)
    if told is None:
        return codec.refused(Problem(Code.TEMPFAIL, f"The message could not be checked ({decision.report_id})"))
    make = partial(answers.body, done.verb, told, decision, done.body)
    # To find header fields in a large message takes time, which other clients do not have to wait for.
    body = await asyncio.to_thread(make) if len(done.body) > _LARGE else make()
    return codec.judged(done, told.spam, body)


async def _linger(client: _Client, seconds: float) -> None:
    """Reads what the client still writes: closed earlier, the system would take the reply from it."""
    async with asyncio.timeout(seconds):
        while await client.reader.read(READ):
            pass
