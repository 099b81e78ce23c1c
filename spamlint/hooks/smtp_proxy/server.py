"""The proxy as a service: its connections, and how they end."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field

from spamlint.errors import ConfigError
from spamlint.guard.guard import Guard
from spamlint.hooks.smtp_proxy import access, talk
from spamlint.hooks.smtp_proxy.answer import say
from spamlint.hooks.smtp_proxy.hop import Hop
from spamlint.hooks.smtp_proxy.link import Link
from spamlint.hooks.smtp_proxy.options import Memory, Options
from spamlint.hooks.smtp_proxy.session import Session

_SHARE = 4
"""One client elsewhere may have this part of all connections, so that it cannot keep the others out."""


async def serve(guard: Guard, sockets: Sequence[socket.socket], stopping: asyncio.Event, options: Options) -> None:
    """Serves clients until `stopping` is set, and what was accepted until then is finished.

    ConfigError where strangers could hand in mail, or the proxy would talk to itself.
    """
    access.check(sockets, options.allow, authenticates=bool(options.auth))
    _check_next(sockets, options)
    clients = _Clients(guard, options, Memory(options.most_memory))
    loop = asyncio.get_running_loop()
    context = options.tls if options.is_tls_first else None
    servers = [await _listen(loop, clients, each, context) for each in sockets]
    try:
        await stopping.wait()
        for server in servers:
            server.close()
        await clients.finish()
    finally:
        for server in servers:
            server.close()
        await clients.end()


@dataclass(slots=True)
class _Clients:
    """The sessions that go on."""

    guard: Guard
    options: Options
    memory: Memory
    sessions: dict[asyncio.Task[None], Session] = field(default_factory=dict)

    def link(self) -> Link:
        """A connection that is not made yet."""
        return Link(self.begin)

    def begin(self, link: Link) -> None:
        """Begins a session on a connection."""
        if self._has_too_many(link):
            link.refuse(bytes(say("421 4.3.2 Too many connections: try again in a moment")))
            return
        session = Session(link, self.guard, self.options, self.memory, Hop(self.options.next))
        task = asyncio.get_running_loop().create_task(talk.serve(session))
        self.sessions[task] = session
        task.add_done_callback(self._ended)

    def _has_too_many(self, link: Link) -> bool:
        most, address = self.options.most_connections, link.peer.address
        if len(self.sessions) >= most:
            return True
        if link.peer.is_local:
            return False
        return sum(each.link.peer.address == address for each in self.sessions.values()) >= max(most // _SHARE, 1)

    def _ended(self, task: asyncio.Task[None]) -> None:
        session = self.sessions.pop(task)
        session.hop.drop()
        session.link.abort() if task.cancelled() else session.link.close()
        if not task.cancelled() and (error := task.exception()) is not None:
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a session of the SMTP proxy has failed; the others go on", "exception": error}
            )

    async def finish(self) -> None:
        """Lets sessions finish the message that is under way."""
        for session in self.sessions.values():
            session.link.stop()
        if self.sessions:
            await asyncio.wait(self.sessions, timeout=self.options.grace)

    async def end(self) -> None:
        """Ends whatever is left."""
        left = list(self.sessions)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def _listen(
    loop: asyncio.AbstractEventLoop, clients: _Clients, each: socket.socket, context: ssl.SSLContext | None
) -> asyncio.Server:
    each.setblocking(False)
    if each.family == socket.AF_UNIX:
        return await loop.create_unix_server(clients.link, sock=each, ssl=context)
    return await loop.create_server(clients.link, sock=each, ssl=context)


def _check_next(sockets: Sequence[socket.socket], options: Options) -> None:
    """ConfigError where the next mail server is the proxy itself."""
    to = options.next
    for each in sockets:
        name = each.getsockname()
        is_itself = name == to.path if each.family == socket.AF_UNIX else (to.is_local and name[1] == to.port)
        if is_itself:
            raise ConfigError(f"--next {to}: is where the proxy itself listens")
