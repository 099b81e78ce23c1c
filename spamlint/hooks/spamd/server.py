"""The spamd service: connections, time limits, and what happens when something goes wrong."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from spamlint.errors import ConfigError
from spamlint.guard.envelope import Envelope
from spamlint.guard.guard import Guard
from spamlint.hooks.reach import LOOPBACK, Network, beyond, is_in
from spamlint.hooks.service import say
from spamlint.hooks.spamd import answers, codec
from spamlint.hooks.spamd.codec import Code, Decoder, Problem, Request

_READ = 256 * 1024
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


@dataclass(slots=True)
class _Service:
    """What the connections share."""

    guard: Guard
    options: Options
    clients: dict[asyncio.Task[None], _Client] = field(default_factory=dict)
    held: int = 0


async def serve(
    guard: Guard, sockets: Sequence[socket.socket], stopping: asyncio.Event, options: Options | None = None
) -> None:
    """Answers on `sockets` until `stopping` is set and the requests that had begun are answered.

    ConfigError where strangers could ask.
    """
    service = _Service(guard, options or Options())
    if not service.options.allow and (host := beyond(sockets)):
        raise ConfigError(unlisted(host))
    servers = [await asyncio.start_server(partial(_accept, service), sock=each, limit=_READ) for each in sockets]
    try:
        await stopping.wait()
        for server in servers:
            server.close()
        await _finish(service)
    finally:
        for server in servers:
            server.close()
        await _abandon(service)


def unlisted(host: str) -> str:
    """What a person is told who lets it listen where strangers can ask."""
    return f"--listen {host}: others than this machine can connect: list who may with --allow-ips"


async def _finish(service: _Service) -> None:
    """Lets go of the clients that have said nothing yet, and waits for the others."""
    for client in service.clients.values():
        if not client.decoder.has_begun:
            client.writer.close()
    if service.clients:
        await asyncio.wait(set(service.clients), timeout=service.options.grace)


async def _abandon(service: _Service) -> None:
    """Closes the connections that are left."""
    for task, client in service.clients.items():
        client.writer.transport.abort()
        task.cancel()
    if service.clients:
        await asyncio.wait(set(service.clients))


def _accept(service: _Service, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    options, peer = service.options, writer.get_extra_info("peername")
    if isinstance(peer, tuple) and not is_in(str(peer[0]), (*LOOPBACK, *options.allow)):
        say(f"spamd: {peer[0]} is not in --allow-ips; its connection was closed")
        writer.transport.abort()
        return
    if len(service.clients) >= options.connections:
        say(f"spamd: more than {options.connections} connections; one was closed")
        writer.transport.abort()
        return
    client = _Client(Decoder(service.guard.settings.budget.message), reader, writer)
    task = asyncio.create_task(_serve(service, client))
    service.clients[task] = client
    task.add_done_callback(partial(_ended, service))


def _ended(service: _Service, task: asyncio.Task[None]) -> None:
    """Closes what is left of a connection. Whatever went wrong in it, the other ones go on."""
    client = service.clients.pop(task)
    service.held -= client.held
    if not task.cancelled() and (error := task.exception()):
        say(f"spamd: a connection ended by an error of the program: {type(error).__name__}: {error}")
    client.writer.close()


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
            say("spamd: a connection was closed, for the client kept silent")
    except OSError:
        return  # the client has left, as it may at any time


async def _request(service: _Service, client: _Client) -> Request | Problem | None:
    """The request, or why it cannot be answered; None where the client says nothing."""
    decoder = client.decoder
    while decoder.done is None:
        async with asyncio.timeout(service.options.within):
            data = await client.reader.read(_READ)
        if data:
            decoder.feed(data)
        elif decoder.has_begun:
            decoder.end()
        else:
            return None
        service.held += decoder.held - client.held
        client.held = decoder.held
        if service.held > service.options.held:
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
        while await client.reader.read(_READ):
            pass
