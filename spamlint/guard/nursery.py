"""The guard's end of a fork server: it is started here, asked for workers, and told to kill them."""

from __future__ import annotations

import asyncio
import pickle
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

from spamlint.errors import ConfigError
from spamlint.guard.forkserver import READY, Orders
from spamlint.guard.line import Line
from spamlint.guard.wire import HEAD, GarbageError, framed, size_of

START_SECONDS = 60.0
"""What loading the rules may take, on a machine that is busy."""

_CODE = "import sys; sys.path[:] = sys.argv[2:]; from spamlint.guard.forkserver import main; main(int(sys.argv[1]))"
_END_SECONDS = 10.0


@dataclass(slots=True)
class Nursery:
    """A fork server that runs, or did."""

    process: subprocess.Popen[bytes]
    channel: socket.socket
    lost: Callable[[], None]
    """Is called when the fork server ends though nobody has asked it to."""
    line: Line = field(init=False)
    said: asyncio.Future[str] = field(init=False)
    """The first that it says."""
    heard: bytearray = field(default_factory=bytearray)
    forked: int = 0

    def __post_init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.said = loop.create_future()
        self.line = Line(loop, self.channel, self._hear, self._lose)

    def fork(self) -> tuple[int, socket.socket]:
        """The number of a new worker, and our end of the socket to it, which is closed at once where there is none."""
        self.forked += 1
        ours, theirs = socket.socketpair()
        with theirs, suppress(OSError):  # a fork server that has gone says so by itself
            if self.line.is_open:
                socket.send_fds(self.channel, [b"fork %d\n" % self.forked], [theirs.fileno()])
        return self.forked, ours

    def kill(self, number: int) -> None:
        """Ends the worker with that number, whatever it does."""
        self.line.send(b"kill %d\n" % number)

    async def end(self) -> None:
        """Ends the fork server and every worker that is left."""
        self.line.close()
        try:
            await asyncio.to_thread(self.process.wait, _END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            await asyncio.to_thread(self.process.wait)

    def _hear(self, data: bytes) -> None:
        self.heard += data
        try:
            size = size_of(self.heard)
        except GarbageError as error:
            self._say(str(error))
            return
        if size is not None and len(self.heard) >= size:
            self._say(self.heard[HEAD:size].decode(errors="replace"))

    def _lose(self) -> None:
        self._say("it has ended before it was ready")
        if not self.said.cancelled() and self.said.result() == READY.decode():
            self.lost()

    def _say(self, text: str) -> None:
        if not self.said.done():
            self.said.set_result(text)


async def started(orders: Orders, lost: Callable[[], None]) -> Nursery:
    """A fork server that has loaded its rules; ConfigError says why there is none."""
    try:
        process, channel = _launched()
    except OSError as error:
        raise ConfigError(f"the process that loads the rules cannot be started: {error.strerror}") from None
    nursery = Nursery(process, channel, lost)
    nursery.line.send(framed(pickle.dumps(orders)))
    try:
        said = await asyncio.wait_for(nursery.said, START_SECONDS)
    except TimeoutError:
        said = f"it was not ready after {START_SECONDS:.0f} seconds"
    except asyncio.CancelledError:
        await _ended(nursery)
        raise
    if said == READY.decode():
        return nursery
    await _ended(nursery)
    raise ConfigError(f"the process that loads the rules: {said}" if said.startswith("it ") else said)


def _launched() -> tuple[subprocess.Popen[bytes], socket.socket]:
    """The process, and our end of the socket to it."""
    ours, theirs = socket.socketpair()
    with ExitStack() as undo, theirs:
        undo.callback(ours.close)
        number = theirs.fileno()
        process = subprocess.Popen(  # noqa: S603 - it returns as soon as the program is loaded
            (sys.executable, "-P", "-c", _CODE, str(number), *sys.path),
            pass_fds=(number,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        undo.pop_all()
    return process, ours


async def _ended(nursery: Nursery) -> None:
    nursery.process.kill()  # it has no workers yet
    await nursery.end()
