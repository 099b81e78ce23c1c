"""The workers that judge: who is busy with what, who waits, and what becomes of those that go beyond their budget.

A message that takes long does not hold up the others: from then on its worker is one of the slow ones, of which there
are some to spare, and the next message goes to another worker.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from spamlint.errors import ConfigError
from spamlint.guard.answer import Failure
from spamlint.guard.envelope import Envelope
from spamlint.guard.forkserver import Orders
from spamlint.guard.hand import Hand
from spamlint.guard.judge import Judged
from spamlint.guard.nursery import Nursery, started
from spamlint.guard.settings import Budget
from spamlint.guard.task import Task
from spamlint.guard.wire import Answer

SLOW_SECONDS = 0.05
"""Time from which on a message is slow: the next one no longer waits for it."""
HEAVY_SECONDS = 0.1
"""Processor time from which on a message is heavy: its worker leaves the processor to others."""
SPARE = 4
"""Slow messages at once for each core. Workers without work share the memory of the process that has made them."""
WAIT_SECONDS = 60.0
"""What a message may wait for a worker, should the queue not move."""
WAITING = 8
"""Messages of the largest size whose bytes may wait; many small ones fill the queue first."""
KEPT = 32 * 1024 * 1024
"""Bytes that a worker may keep from one message to the next; one that keeps more is replaced."""

_PAUSES = (0.1, 10.0)
"""Seconds before a worker or fork server is started after one that has done nothing: the first time, and at most."""


class Judgement(NamedTuple):
    """What was judged of a message, or why nothing was."""

    said: Judged | Failure
    waited: float
    """Seconds in the queue."""
    took: float
    """Seconds with a worker."""


class State(NamedTuple):
    """How a pool is."""

    workers: int
    busy: int
    waiting: int


@dataclass(slots=True, eq=False)
class _Job:
    envelope: Envelope
    data: bytes
    answer: asyncio.Future[Judgement]
    came: float
    begun: float = 0.0
    is_slow: bool = False
    is_heavy: bool = False
    timer: asyncio.TimerHandle | None = None


@dataclass(slots=True, eq=False)
class Pool:
    """Workers with the same rules. `start` before the first message, `close` after the last one."""

    task: Task
    budget: Budget
    size: int
    """Cores that the workers may keep busy."""
    queue: int
    tell: Callable[[str], None] = field(default=lambda _: None)
    """Is told what an operator should know."""
    count: Callable[[str], None] = field(default=lambda _: None)
    """Is told of each worker that is replaced, by the reason: a `Failure`, "grown", "heavy", or "lost" for one that was
    free."""
    nursery: Nursery | None = None
    free: list[Hand] = field(default_factory=list)
    busy: dict[Hand, _Job] = field(default_factory=dict)
    jobs: deque[_Job] = field(default_factory=deque)
    held: int = 0
    """Bytes of the messages that wait."""
    pause: float = 0.0
    """Seconds before the next start; it grows while workers end without having done anything."""
    later: asyncio.TimerHandle | None = None
    renewal: asyncio.Task[None] | None = None
    is_closing: bool = False

    async def start(self) -> None:
        """Starts the workers; ConfigError where the rules cannot be used."""
        self.nursery = await started(Orders(self.task, self.budget), self._lose_nursery)
        self._fill()

    @property
    def state(self) -> State:
        """How the pool is at this moment."""
        return State(len(self.free) + len(self.busy), len(self.busy), len(self.jobs))

    @property
    def processes(self) -> tuple[int, ...]:
        """The ids of the processes that judge, the busy ones first."""
        return tuple(hand.process for hand in (*self.busy, *self.free) if hand.process)

    async def judge(self, envelope: Envelope, data: bytes) -> Judgement:
        """What is to be said of the message in `data`. It waits for its turn."""
        if len(data) > self.budget.message:
            return Judgement("over-limit", 0.0, 0.0)
        has_room = not self.jobs and self._has_room()
        if self.is_closing or not (has_room or self._may_wait(len(data))):
            return Judgement("busy", 0.0, 0.0)
        loop = asyncio.get_running_loop()
        job = _Job(envelope, data, loop.create_future(), loop.time())
        if has_room:
            self._begin(job)
        else:
            self.jobs.append(job)
            self.held += len(data)
            job.timer = loop.call_later(WAIT_SECONDS, self._give_up, job)
        try:
            return await job.answer
        except asyncio.CancelledError:
            self._give_up(job)
            raise

    async def close(self) -> None:
        """Finishes what was accepted, and ends all processes."""
        self.is_closing = True
        if unfinished := [job.answer for job in (*self.jobs, *self.busy.values())]:
            await asyncio.wait(unfinished)
        if self.later is not None:
            self.later.cancel()
        if self.renewal is not None:
            self.renewal.cancel()
            await asyncio.gather(self.renewal, return_exceptions=True)
        for hand in (*self.free, *self.busy):
            hand.dismiss()
        self.free.clear()
        self.busy.clear()
        if self.nursery is not None:
            await self.nursery.end()

    def _has_room(self) -> bool:
        """Whether one more message may begin: slow ones take no place, as long as there are spare workers for them."""
        slow = sum(job.is_slow for job in self.busy.values())
        return bool(self.free) and len(self.busy) - min(slow, SPARE * self.size) < self.size

    def _may_wait(self, size: int) -> bool:
        return len(self.jobs) < self.queue and self.held + size <= WAITING * self.budget.message

    def _begin(self, job: _Job) -> None:
        hand = self.free.pop()
        self.busy[hand] = job
        loop = asyncio.get_running_loop()
        job.begun = loop.time()
        job.timer = loop.call_later(min(SLOW_SECONDS, self.budget.seconds), self._look, hand, job)
        hand.ask(job.envelope, job.data)

    def _next(self) -> None:
        """Gives work to those that are free."""
        while self.jobs and self._has_room():
            job = self.jobs.popleft()
            self.held -= len(job.data)
            if job.timer is not None:
                job.timer.cancel()
            self._begin(job)

    def _give_up(self, job: _Job) -> None:
        """The message no longer waits; where it is judged already, nobody waits for the answer."""
        if job in self.jobs:
            self.jobs.remove(job)
            self.held -= len(job.data)
            self._settle(job, "busy")

    def _settle(self, job: _Job, said: Judged | Failure) -> None:
        if job.timer is not None:
            job.timer.cancel()
        if not job.answer.done():
            now = asyncio.get_running_loop().time()
            begun = job.begun or now
            job.answer.set_result(Judgement(said, begun - job.came, now - begun))

    def _look(self, hand: Hand, job: _Job) -> None:
        """Looks at a message that is not done yet: it is out of time, or slow, or is looked at again."""
        loop = asyncio.get_running_loop()
        took = loop.time() - job.begun
        if took >= self.budget.seconds:
            hand.kill()
            self._drop(hand, "timeout")
            return
        if not job.is_heavy and hand.processor_seconds >= HEAVY_SECONDS:
            job.is_heavy = True
            hand.yield_to_others()
        if not job.is_slow:
            job.is_slow = True
            self._next()
        rest = self.budget.seconds - took
        job.timer = loop.call_later(rest if job.is_heavy else min(rest, HEAVY_SECONDS), self._look, hand, job)

    def _answered(self, hand: Hand, answer: Answer) -> None:
        job = self.busy.pop(hand)
        self.pause = 0.0
        self._settle(job, answer.judged or "over-limit")
        if reason := self._wear(job, answer):
            hand.dismiss()
            self.count(reason)
            self._fill()
        else:
            self.free.append(hand)
        self._next()

    def _wear(self, job: _Job, answer: Answer) -> str:
        """Why the worker is replaced after that answer, or ""."""
        if answer.judged is None:
            return "over-limit"
        if answer.grown > KEPT:
            return "grown"
        return "heavy" if job.is_heavy else ""  # it would leave the processor to others for good

    def _ended(self, hand: Hand) -> None:
        """The worker is gone; its message, if it has one, with it."""
        if hand in self.busy:
            self._drop(hand, "crash")
            return
        self.free.remove(hand)
        self.count("lost")
        if not hand.has_worked:
            self._wait_longer()
        self._fill()

    def _drop(self, hand: Hand, reason: Failure) -> None:
        self.count(reason)
        job = self.busy.pop(hand)
        self._settle(job, reason)
        self._fill()
        self._next()

    def _fill(self) -> None:
        """Starts as many workers as are missing, after a pause where those before them have not lived."""
        if not self.pause:
            self._start_missing()
        elif self.later is None:
            self.later = asyncio.get_running_loop().call_later(self.pause, self._resume)

    def _resume(self) -> None:
        self.later = None
        self._start_missing()
        self._next()

    def _start_missing(self) -> None:
        if self.nursery is None or not self.nursery.line.is_open:
            return
        while len(self.free) + len(self.busy) < (1 + SPARE) * self.size:
            try:
                hand = Hand(self.nursery, self._answered, self._ended)
            except OSError as error:  # there are too many descriptors
                self.tell(f"a worker cannot be started: {error.strerror}")
                self._wait_longer()
                self._fill()
                return
            self.free.insert(0, hand)  # those that have worked lie on top, and are the first that get work again

    def _wait_longer(self) -> None:
        self.pause = min(max(2 * self.pause, _PAUSES[0]), _PAUSES[1])

    def _lose_nursery(self) -> None:
        """The fork server is gone. Its workers go on while there is another one."""
        if not self.renewal or self.renewal.done():
            self.renewal = asyncio.get_running_loop().create_task(self._renew())

    async def _renew(self) -> None:
        self.tell("the process that starts workers has ended: it is started again")
        pause = _PAUSES[0]
        while True:
            if self.nursery is not None:
                await self.nursery.end()
            try:
                await self.start()
            except (ConfigError, OSError) as error:
                self.tell(f"workers cannot be started: {error}")
                await asyncio.sleep(pause)
                pause = min(2 * pause, _PAUSES[1])
            else:
                self._next()
                return
