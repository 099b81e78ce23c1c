"""The connections of one service: how many there may be, what they hold, and how they end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, Protocol, TypeVar

from spamlint.hooks.service import say

READ = 256 * 1024
"""Octets that are read at once."""


class Peer(Protocol):
    """Whoever is connected."""

    writer: asyncio.StreamWriter
    held: int
    """Octets that are kept for it."""

    @property
    def is_amid(self) -> bool:
        """Whether it has begun something that is to be finished."""


P = TypeVar("P", bound=Peer)


@dataclass(slots=True)
class Connections(Generic[P]):
    """Those that are open, each with the task that serves it."""

    name: str
    """Of the service, for what the operator is told."""
    most: int
    """One more is closed at once."""
    held: int = 0
    """Octets that are kept for all of them."""
    peers: dict[asyncio.Task[None], P] = field(default_factory=dict)

    async def serve(
        self,
        sockets: Sequence[socket.socket],
        stopping: asyncio.Event,
        accept: Callable[[asyncio.StreamReader, asyncio.StreamWriter], None],
        grace: float,
    ) -> None:
        """Calls `accept` for each client until `stopping` is set; what has begun then has `grace` seconds to end."""
        servers = [await asyncio.start_server(accept, sock=each, limit=READ) for each in sockets]
        try:
            await stopping.wait()
            for server in servers:
                server.close()
            await self._finish(grace)
        finally:
            for server in servers:
                server.close()
            await self._abandon()

    def has_room(self) -> bool:
        """Whether one more may come; the operator is told where not."""
        if len(self.peers) < self.most:
            return True
        say(f"{self.name}: more than {self.most} connections; one was closed")
        return False

    def add(self, peer: P, serving: Coroutine[None, None, None]) -> None:
        """Lets `serving` run until `peer` leaves."""
        task = asyncio.create_task(serving)
        self.peers[task] = peer
        task.add_done_callback(partial(self._ended, peer))

    def weigh(self, peer: P, held: int) -> None:
        """Keeps count of what is held."""
        self.held += held - peer.held
        peer.held = held

    def _ended(self, peer: P, task: asyncio.Task[None]) -> None:
        """Closes what is left of a connection. Whatever went wrong in it, the other ones go on."""
        del self.peers[task]
        self.weigh(peer, 0)
        if not task.cancelled() and (error := task.exception()):
            say(f"{self.name}: a connection ended by an error of the program: {type(error).__name__}: {error}")
        peer.writer.close()

    async def _finish(self, grace: float) -> None:
        """Lets go of the peers that have begun nothing, and waits for the others."""
        for peer in self.peers.values():
            if not peer.is_amid:
                peer.writer.close()
        if self.peers:
            await asyncio.wait(set(self.peers), timeout=grace)

    async def _abandon(self) -> None:
        """Closes the connections that are left. Nobody has been told that anything was accepted: nothing is lost."""
        for task, peer in self.peers.items():
            peer.writer.transport.abort()
            task.cancel()
        if self.peers:
            await asyncio.wait(set(self.peers))
