"""The process that makes workers: it loads the rules once and forks, so that a new worker is there in milliseconds.

It never sees a message. It is told what to do over a socket: `fork NUMBER`, with the socket of the worker beside it,
and `kill NUMBER`. It ends, and its workers with it, when that socket is closed.
"""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NoReturn

from spamlint.errors import SpamlintError
from spamlint.guard.judge import Judge
from spamlint.guard.settings import Budget
from spamlint.guard.task import Task
from spamlint.guard.wire import HEAD, framed
from spamlint.guard.worker import failed, work

READY = b"ready"

_MOST_TOLD = 4096


@dataclass(frozen=True, slots=True)
class Orders:
    """What a fork server is given at its start."""

    task: Task
    budget: Budget


def main(number: int) -> None:
    """Serves over the socket with that descriptor. The first that it says is READY, or what is wrong."""
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.SIG_IGN)  # the guard decides what they mean, and closes the socket
    with socket.socket(fileno=number) as control:
        control.set_inheritable(False)
        gc.disable()
        orders = _orders(control)
        if orders is None:
            return
        try:
            judge = orders.task()
        except SpamlintError as error:
            control.sendall(framed(str(error).encode()))
            return
        gc.enable()
        gc.collect()
        gc.freeze()  # collections in a worker need not walk over what is loaded, and leave its pages shared
        control.sendall(framed(READY))
        server = _Forkserver(control, judge, orders.budget)
        with suppress(ConnectionError):
            server.serve()
        signal.set_wakeup_fd(-1)
        for worker in server.workers.values():
            os.kill(worker, signal.SIGKILL)


@dataclass(slots=True)
class _Forkserver:
    control: socket.socket
    judge: Judge
    budget: Budget
    workers: dict[int, int] = field(default_factory=dict)
    """Number -> process id of those that are not reaped yet: such an id belongs to nobody else."""
    told: bytes = b""
    passed: list[int] = field(default_factory=list)

    def serve(self) -> None:
        """Does what it is told until the control socket is closed."""
        waking, woken = socket.socketpair()
        with waking, woken:
            for end in (waking, woken):
                end.setblocking(False)
            signal.signal(signal.SIGCHLD, lambda *_: None)  # with a handler the descriptor below is written to
            signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
            while True:
                ready, _, _ = select.select([self.control, waking], [], [])
                if waking in ready:
                    waking.recv(_MOST_TOLD)
                    self._reap()
                if self.control in ready and not self._hear():
                    return

    def _hear(self) -> bool:
        """Takes what was said; False at the end."""
        data, passed, _, _ = socket.recv_fds(self.control, _MOST_TOLD, 64)
        self.passed += passed
        if not data:
            return False
        *lines, self.told = (self.told + data).split(b"\n")
        for line in lines:
            what, _, number = line.partition(b" ")
            if what == b"fork":
                self._fork(int(number))
            elif int(number) in self.workers:
                os.kill(self.workers[int(number)], signal.SIGKILL)
        return True

    def _fork(self, number: int) -> None:
        channel = socket.socket(fileno=self.passed.pop(0))
        try:
            process = os.fork()
        except OSError:  # too many processes: the closed socket says so
            channel.close()
            return
        if not process:
            self._become(channel)
        channel.close()
        self.workers[number] = process

    def _become(self, channel: socket.socket) -> NoReturn:
        """This process is a worker from now on."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.control.close()
            with suppress(ConnectionError):  # the guard is gone
                work(channel, self.judge, self.budget)
            code = 0
        finally:
            failed()
            os._exit(code)

    def _reap(self) -> None:
        """Forgets the workers that have ended."""
        while self.workers:
            process, _ = os.waitpid(-1, os.WNOHANG)
            if not process:
                return
            self.workers = {number: other for number, other in self.workers.items() if other != process}


def _orders(control: socket.socket) -> Orders | None:
    """What the guard wants, or None where it is gone already."""
    with control.makefile("rb") as stream:
        head = stream.read(HEAD)
        data = stream.read(int.from_bytes(head, "big"))
    if len(head) < HEAD or len(data) < int.from_bytes(head, "big"):
        return None
    orders = pickle.loads(data)  # noqa: S301 - from the process that has started this one, and nobody else
    assert isinstance(orders, Orders)
    return orders
