"""Runs one hook as a service: it listens, is told to stop or to read its settings again, and says how it is."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

from spamlint.errors import SpamlintError
from spamlint.guard.guard import Guard
from spamlint.guard.settings import Settings
from spamlint.hooks.listening import Access, described, listening
from spamlint.hooks.notify import Systemd, systemd

Serve: TypeAlias = Callable[[Guard, Sequence[socket.socket], asyncio.Event], Awaitable[None]]


def run(
    serve: Serve, listen: Sequence[str], settings: Callable[[], Settings], *, mode: int = 0o600, group: str = ""
) -> int:
    """Serves until SIGTERM or SIGINT, then finishes what was accepted; a second one ends at once. 0 at the end.

    SIGHUP calls `settings` again: what it gives is used from then on, and where it raises a SpamlintError, that is said
    and the old ones stay. SpamlintError where the service cannot be started.
    """
    first = settings()
    with listening(listen, Access(mode, group)) as sockets:
        return asyncio.run(_served(serve, sockets, settings, first))


def say(line: str) -> None:
    """Tells the operator; where nobody reads any more, the service goes on."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"spamlint: {line}\n")
        sys.stderr.flush()


@dataclass(slots=True)
class _Signals:
    """What the operator asks for."""

    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    at_once: asyncio.Event = field(default_factory=asyncio.Event)
    reloading: asyncio.Event = field(default_factory=asyncio.Event)

    def stop(self) -> None:
        (self.at_once if self.stopping.is_set() else self.stopping).set()


async def _served(
    serve: Serve, sockets: Sequence[socket.socket], settings: Callable[[], Settings], first: Settings
) -> int:
    signals, manager, guard = _Signals(), systemd(), Guard(first, say)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, signals.stop)
    loop.add_signal_handler(signal.SIGINT, signals.stop)
    loop.add_signal_handler(signal.SIGHUP, signals.reloading.set)
    alive = asyncio.create_task(manager.keep_alive())
    others = [alive]
    try:
        await guard.start()
        serving = asyncio.ensure_future(serve(guard, sockets, signals.stopping))
        others += [
            asyncio.create_task(_reloads(guard, settings, signals, manager)),
            asyncio.create_task(_stops(serving, signals, manager)),
        ]
        say(f"listening on {described(sockets)}")
        manager.ready()
        try:
            await serving
        except asyncio.CancelledError:
            if not signals.at_once.is_set():
                raise
    finally:
        for task in others[1:]:
            task.cancel()
        await asyncio.gather(*others[1:], return_exceptions=True)
        await guard.close()
        alive.cancel()
    say("stopped")
    return 0


async def _stops(serving: asyncio.Future[None], signals: _Signals, manager: Systemd) -> None:
    """Says that the service stops, and ends it at once where that is asked for."""
    await signals.stopping.wait()
    manager.stopping()
    say("stopping: what was accepted is finished")
    await signals.at_once.wait()
    say("stopping at once")
    serving.cancel()


async def _reloads(guard: Guard, settings: Callable[[], Settings], signals: _Signals, manager: Systemd) -> None:
    """Takes new settings each time that they are asked for."""
    while await signals.reloading.wait():
        signals.reloading.clear()
        manager.reloading()
        said = await _reloaded(guard, settings)
        say(said)
        manager.status(said)
        manager.ready()


async def _reloaded(guard: Guard, settings: Callable[[], Settings]) -> str:
    """Takes new settings where they can be used. The log is opened again in any case: it may have been moved away."""
    try:
        await guard.reload(await asyncio.to_thread(settings))
    except SpamlintError as error:
        for line in str(error).splitlines():
            say(line)
    else:
        return "new settings and rules are in use"
    try:
        guard.reopen()
    except SpamlintError as error:
        say(str(error))
    return "the new settings cannot be used; the old ones stay"
