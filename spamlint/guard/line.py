"""A socket to a process of our own, served by the event loop without a task or a copy for each message."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

_CHUNK = 256 * 1024


@dataclass(slots=True)
class Line:
    """Sends without waiting, and calls back with what comes. It never blocks, whatever the other end does."""

    loop: asyncio.AbstractEventLoop
    socket: socket.socket
    heard: Callable[[bytes], None]
    """Is called with each piece that comes."""
    lost: Callable[[], None]
    """Is called once when the other end has gone; not after `close`."""
    rest: deque[memoryview] = field(default_factory=deque)
    is_open: bool = True

    def __post_init__(self) -> None:
        self.socket.setblocking(False)
        self.loop.add_reader(self.socket, self._read)

    def send(self, *pieces: bytes) -> None:
        """Sends `pieces`, what does not go at once as soon as the other end takes it."""
        if not self.is_open:
            return
        is_idle = not self.rest
        self.rest.extend(memoryview(piece) for piece in pieces)
        if is_idle and not self._flush():
            self.loop.add_writer(self.socket, self._write)

    def close(self) -> None:
        """Closes this end; what was not sent yet is dropped."""
        if self.is_open:
            self.is_open = False
            self.loop.remove_reader(self.socket)
            self.loop.remove_writer(self.socket)
            self.rest.clear()
            self.socket.close()

    def _write(self) -> None:
        if self._flush():
            self.loop.remove_writer(self.socket)

    def _flush(self) -> bool:
        """Sends what the other end takes; whether that is all."""
        try:
            while self.rest:
                sent = self.socket.sendmsg([*self.rest])
                while self.rest and sent >= len(self.rest[0]):
                    sent -= len(self.rest.popleft())
                if sent:
                    self.rest[0] = self.rest[0][sent:]
        except BlockingIOError:
            return False
        except OSError:  # the other end has gone: the reader is told so too
            self.rest.clear()
        return True

    def _read(self) -> None:
        try:
            data = self.socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.heard(data)
        elif self.is_open:
            self.close()
            self.lost()
