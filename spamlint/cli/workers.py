"""Judges inputs in several processes, with the results in the order of the inputs and a bounded number in memory.

A process that dies costs the one input it was busy with; the others are handed to a new one.
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeAlias

from spamlint.cli.judge import Result, Task, judge_of
from spamlint.inputs import Found, Input, Unreadable

Pipe: TypeAlias = "Connection[Any, Any]"

_AHEAD = 4
"""Inputs that one process has before it, so that it never waits for the next. They fit into the buffer of a pipe."""
_WINDOW = 16
"""Results for each process that may wait for the one whose turn it is."""


def in_order(found: Iterable[Found], task: Task, jobs: int) -> Generator[tuple[Found, Result], None, None]:
    """Each input with its result. What is unreadable already is passed through."""
    crew = _Crew(task, [_started(task) for _ in range(jobs)], enumerate(found))
    try:
        turn = 0
        while crew.hand_out(turn + jobs * _WINDOW) or crew.is_busy:
            crew.collect()
            while turn in crew.done:
                yield crew.done.pop(turn)
                turn += 1
    finally:
        crew.dismiss()


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Pipe
    waiting: deque[tuple[int, Input]] = field(default_factory=deque)


@dataclass(slots=True)
class _Crew:
    task: Task
    workers: list[_Worker]
    inputs: Iterator[tuple[int, Found]]
    held: tuple[int, Found] | None = None
    done: dict[int, tuple[Found, Result]] = field(default_factory=dict)

    @property
    def is_busy(self) -> bool:
        return bool(self.done) or any(worker.waiting for worker in self.workers)

    def hand_out(self, end: int) -> bool:
        """Gives every process something to do, up to the input with the number `end`; False when nothing is left."""
        while True:
            self.held = self.held or next(self.inputs, None)
            if self.held is None:
                return False
            number, item = self.held
            if number >= end:
                return True
            if isinstance(item, Unreadable):
                self.done[number] = (item, item)
            else:
                worker = min(self.workers, key=lambda one: len(one.waiting))
                # A process that is idle is reading, so that even a large item cannot block both sides.
                if len(worker.waiting) >= (1 if item.data is not None else _AHEAD):
                    return True
                self._send(worker, number, item)
            self.held = None

    def collect(self) -> None:
        """Waits for results and takes them; without any process at work it returns at once."""
        busy = {worker.pipe: worker for worker in self.workers if worker.waiting}
        for pipe in wait(list(busy)) if busy else ():
            worker = busy[pipe]  # type: ignore[index]
            try:
                result = worker.pipe.recv()
            except (EOFError, OSError):
                self._replace(worker)
                continue
            number, item = worker.waiting.popleft()
            self.done[number] = (item, result)

    def dismiss(self) -> None:
        """Ends all processes."""
        for worker in self.workers:
            worker.process.terminate()
        for worker in self.workers:
            worker.process.join()
            worker.pipe.close()

    def _send(self, worker: _Worker, number: int, item: Input) -> None:
        worker.waiting.append((number, item))
        try:
            worker.pipe.send(item)
        except OSError:
            return  # the process has died: `collect` sees the closed pipe

    def _replace(self, worker: _Worker) -> None:
        worker.process.join()
        worker.pipe.close()
        number, item = worker.waiting.popleft()
        reason = f"the process that checked it ended unexpectedly (exit code {worker.process.exitcode})"
        self.done[number] = (item, Unreadable(item.path, reason))
        fresh = _started(self.task)
        self.workers[self.workers.index(worker)] = fresh
        for number, item in worker.waiting:
            self._send(fresh, number, item)


def _started(task: Task) -> _Worker:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_work, args=(theirs, task), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _work(pipe: Pipe, task: Task) -> None:
    """Judges what comes through the pipe until the parent process is gone or ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    parent = multiprocessing.parent_process()
    assert parent is not None
    judge = judge_of(task)
    gc.freeze()  # what is loaded stays: the collector need not walk over it after every few messages
    while pipe in wait([pipe, parent.sentinel]):
        try:
            item = pipe.recv()
        except EOFError:
            return
        pipe.send(judge(item))
