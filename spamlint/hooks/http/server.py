"""The HTTP service: sockets, connections that take too long, and how it stops."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from spamlint.errors import ConfigError
from spamlint.guard.guard import Guard
from spamlint.hooks.http.options import Options, unguarded
from spamlint.hooks.reach import beyond
from spamlint.hooks.service import say

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol

_MOST_HEAD = 32 * 1024
"""Octets of the header of a request."""
_KEEP_ALIVE = 30
_HANDSHAKES = 3
"""How often a connection is looked at that has not agreed on TLS."""


async def serve(
    guard: Guard, sockets: Sequence[socket.socket], stopping: asyncio.Event, options: Options | None = None
) -> None:
    """Answers on `sockets` until `stopping` is set and the requests that had begun are answered.

    ConfigError where strangers could ask without a token, or be overheard.
    """
    options = options or Options()
    host = beyond(sockets)
    if host and (missing := unguarded(host, options)):
        raise ConfigError(missing)
    import uvicorn

    from spamlint.hooks.http.app import application

    config = uvicorn.Config(
        application(guard, options),
        http=partial(_protocol, options),  # type: ignore[arg-type]  # it calls what it is given
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=round(options.grace),
        limit_concurrency=options.connections + 1,
        h11_max_incomplete_event_size=_MOST_HEAD,
    )
    config.load()
    config.ssl = options.tls
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await _run(server, sockets, stopping)


async def _run(server: Any, sockets: Sequence[socket.socket], stopping: asyncio.Event) -> None:
    """Runs uvicorn without its own handling of signals, which the service has."""
    await server.startup(sockets=[*sockets])
    turning = asyncio.create_task(server.main_loop())
    try:
        await stopping.wait()
        server.should_exit = True
        await turning
        await server.shutdown(sockets=[*sockets])
    finally:
        turning.cancel()
        for one in server.servers:
            one.close()
        for connection in [*server.server_state.connections]:
            connection.transport.abort()


def _protocol(options: Options, **given: Any) -> H11Protocol:
    """The protocol of one connection, which ends when the client does not say what it wants."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    made = H11Protocol(**given)
    loop = asyncio.get_running_loop()
    loop.call_later(0, _count, made, options)
    loop.call_later(options.head, _watch, made, options, None)
    return made


def _count(connection: H11Protocol, options: Options) -> None:
    if connection.transport is not None and len(connection.connections) > options.connections:
        say(f"http: more than {options.connections} connections; one was closed")
        connection.transport.abort()


def _watch(connection: H11Protocol, options: Options, before: object, shaken: int = 0) -> None:
    """Looks from time to time whether a connection waits for a request, or for the client to take the answer."""
    transport: asyncio.Transport | None = connection.transport
    cycle = connection.cycle
    loop = asyncio.get_running_loop()
    if transport is None:  # TLS is not agreed on yet, which has a time limit of its own
        if shaken < _HANDSHAKES:
            loop.call_later(options.head, _watch, connection, options, None, shaken + 1)
        return
    if transport.is_closing():
        if transport.get_write_buffer_size() and before is transport:
            transport.abort()
        elif transport.get_write_buffer_size():
            loop.call_later(options.head, _watch, connection, options, transport)
        return
    waits = cycle is None or cycle.response_complete
    if waits and cycle is before:
        transport.abort()
        return
    loop.call_later(options.head, _watch, connection, options, cycle if waits else transport)
