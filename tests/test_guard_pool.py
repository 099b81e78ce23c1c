"""Workers that hang, grow, die or talk nonsense cost one message each; nothing is lost, nothing is left."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from bad_judges import BadTask

from spamlint.errors import ConfigError
from spamlint.guard.envelope import Envelope
from spamlint.guard.judge import Judged
from spamlint.guard.nursery import Nursery
from spamlint.guard.pool import SPARE, WAITING, Judgement, Pool
from spamlint.guard.settings import Budget
from spamlint.guard.wire import HEAD, Answer, framed, packed

CAP = 120.0
"""Seconds after which a test has failed; none waits for that long."""
QUICK = Budget(seconds=0.5, memory=256 * 1024 * 1024, message=4 * 1024 * 1024)
PATIENT = Budget(seconds=CAP, memory=256 * 1024 * 1024, message=4 * 1024 * 1024)

ALL = 1 + SPARE
"""Workers for one core."""

ANN = Envelope("library", user="ann")
GOOD = b"a good message"


def with_pool(
    test: Callable[[Pool], Awaitable[None]], budget: Budget = PATIENT, *, size: int = 1, queue: int = 8
) -> Counter[str]:
    """Runs `test` with a pool; why workers were replaced. Afterwards no process and no descriptor is left."""
    replaced: list[str] = []
    pool = Pool(BadTask(), budget, size, queue, count=replaced.append)

    async def run() -> None:
        async with asyncio.timeout(CAP):
            before = descriptors()
            await pool.start()
            try:
                await test(pool)
                processes = pool.processes
            finally:
                await pool.close()
            assert descriptors() == before
            await until(lambda: not any(lives(process) for process in processes))

    asyncio.run(run())
    return Counter(replaced)


def descriptors() -> set[str]:
    """What this process has open."""
    found = set()
    for each in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the one that lists the folder
            found.add(f"{each.name} {each.readlink()}")
    return found


def lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def until(condition: Callable[[], bool]) -> None:
    """Returns when the condition holds; the cap of the test ends it otherwise."""
    while not condition():  # noqa: ASYNC110 - what is waited for happens in other processes
        await asyncio.sleep(0.005)


def gate(folder: Path, name: str) -> tuple[Path, bytes]:
    """A pipe, and the message that is judged when the pipe is written to."""
    path = folder / name
    os.mkfifo(path)
    return path, b"gate " + os.fsencode(path)


def opened(path: Path) -> bool:
    """Lets the message behind the pipe go on; False where no worker has begun with it yet."""
    try:
        number = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return False
    os.write(number, b"go")
    os.close(number)
    return True


async def busy(pool: Pool) -> int:
    """The process that is busy, as soon as there is one."""
    await until(lambda: any(hand.process for hand in pool.busy))
    return next(hand.process for hand in pool.busy)


async def good(pool: Pool) -> None:
    """The pool judges."""
    for user in ("ann", "bob"):
        found = await pool.judge(Envelope("library", user=user), GOOD)
        assert judged(found) == f"one for {user}: {len(GOOD)}"


def judged(judgement: Judgement) -> str:
    """Who has judged what."""
    assert isinstance(judgement.said, Judged), judgement
    return judgement.said.reports[0][1].path


def test_a_message_is_judged() -> None:
    async def test(pool: Pool) -> None:
        await good(pool)
        assert pool.state.workers == ALL

    with_pool(test)


@pytest.mark.parametrize("message", [b"hang", b"sleep"])
def test_a_worker_that_hangs_is_killed_and_replaced(message: bytes) -> None:
    async def test(pool: Pool) -> None:
        judgement = await pool.judge(ANN, message)
        assert judgement.said == "timeout"
        assert judgement.took >= QUICK.seconds
        await good(pool)
        assert pool.state.workers == ALL

    assert with_pool(test, QUICK) == {"timeout": 1}


def test_more_hangs_than_workers_leave_all_workers_as_they_were() -> None:
    async def test(pool: Pool) -> None:
        found = await asyncio.gather(*[pool.judge(ANN, b"hang") for _ in range(8)])
        assert {one.said for one in found} == {"timeout"}
        await good(pool)

    assert with_pool(test, QUICK) == {"timeout": 8}


@pytest.mark.parametrize("message", [b"die", b"raise"])
def test_a_worker_that_dies_costs_its_message_only(message: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    async def test(pool: Pool) -> None:
        assert (await pool.judge(ANN, message)).said == "crash"
        await good(pool)

    assert with_pool(test) == {"crash": 1}
    assert "secret" not in capfd.readouterr().err


def test_a_worker_that_is_killed_in_the_middle_of_a_message(tmp_path: Path) -> None:
    _, message = gate(tmp_path, "gate")

    async def test(pool: Pool) -> None:
        asked = asyncio.create_task(pool.judge(ANN, message))
        os.kill(await busy(pool), signal.SIGKILL)
        assert (await asked).said == "crash"
        await good(pool)

    with_pool(test)


def test_a_worker_that_is_killed_without_a_message_is_replaced() -> None:
    async def test(pool: Pool) -> None:
        await until(lambda: len(pool.processes) == ALL)
        killed = {*pool.processes}
        for process in killed:
            os.kill(process, signal.SIGKILL)
        await until(lambda: len(pool.processes) == ALL and not killed & {*pool.processes})
        await good(pool)

    assert with_pool(test) == {"lost": ALL}


def test_without_descriptors_a_worker_is_started_later(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    fork, failures = Nursery.fork, iter([OSError(24, "Too many open files")] * 2)

    def forked(nursery: Nursery) -> tuple[int, socket.socket]:
        for failure in failures:
            raise failure
        return fork(nursery)

    async def test(pool: Pool) -> None:
        pool.tell = said.append
        monkeypatch.setattr(Nursery, "fork", forked)
        assert (await pool.judge(ANN, b"die")).said == "crash"
        await until(lambda: pool.state.workers == ALL)
        await good(pool)

    with_pool(test)
    assert said == ["a worker cannot be started: Too many open files"] * 2


def test_an_answer_before_the_message_was_read_is_nonsense() -> None:
    async def test(pool: Pool) -> None:
        hand = pool.free[-1]
        await until(lambda: hand.process > 0)
        os.kill(hand.process, signal.SIGSTOP)  # it reads no more
        asked = asyncio.create_task(pool.judge(ANN, bytes(QUICK.message)))
        await until(lambda: hand.is_busy)
        hand._hear(packed(Answer(None, 0)))
        assert (await asked).said == "crash"
        await good(pool)

    with_pool(test)


def test_memory_beyond_the_budget_is_over_the_limit() -> None:
    async def test(pool: Pool) -> None:
        assert (await pool.judge(ANN, b"grow %d" % (QUICK.memory * 2))).said == "over-limit"
        assert judged(await pool.judge(ANN, b"grow %d" % (QUICK.memory // 2)))
        await good(pool)

    assert with_pool(test) == {"over-limit": 1}


def test_a_worker_that_keeps_memory_is_replaced_and_its_message_judged() -> None:
    async def test(pool: Pool) -> None:
        for _ in range(4):
            assert judged(await pool.judge(ANN, b"keep %d" % (QUICK.memory // 8 * 3)))
        await good(pool)

    assert with_pool(test) == {"grown": 4}


def test_a_worker_that_keeps_little_stays() -> None:
    async def test(pool: Pool) -> None:
        for _ in range(200):
            assert judged(await pool.judge(ANN, b"keep 1000"))

    assert not with_pool(test)


@pytest.mark.parametrize(
    "said",
    [b"x" * 100, (2**62).to_bytes(HEAD, "big"), framed(b"no pickle"), framed(b"cos\nsystem\n(S'true'\ntR.")],
    ids=["noise", "a length beyond all bounds", "no answer", "a call"],
)
def test_a_worker_that_talks_nonsense_is_killed(said: bytes) -> None:
    async def test(pool: Pool) -> None:
        assert (await pool.judge(ANN, b"say " + said)).said == "crash"
        await good(pool)

    assert with_pool(test) == {"crash": 1}


def test_a_worker_that_never_stops_talking_is_killed() -> None:
    async def test(pool: Pool) -> None:
        assert (await pool.judge(ANN, b"flood")).said == "crash"
        await good(pool)

    with_pool(test)


def test_half_an_answer_ends_with_the_time() -> None:
    async def test(pool: Pool) -> None:
        assert (await pool.judge(ANN, b"say " + (1000).to_bytes(HEAD, "big") + b"part")).said == "timeout"
        await good(pool)

    with_pool(test, QUICK)


def test_large_messages_at_once_go_through() -> None:
    async def test(pool: Pool) -> None:
        large = bytes(QUICK.message)
        found = await asyncio.gather(*[pool.judge(ANN, large) for _ in range(8)])
        assert {judged(one) for one in found} == {f"one for ann: {QUICK.message}"}
        assert (await pool.judge(ANN, large + b"x")).said == "over-limit"

    assert not with_pool(test, size=2)


def test_beyond_the_queue_the_pool_is_busy(tmp_path: Path) -> None:
    gates = [gate(tmp_path, str(number)) for number in range(ALL)]

    async def test(pool: Pool) -> None:
        held = [asyncio.create_task(pool.judge(ANN, message)) for _, message in gates]
        await until(lambda: pool.state.busy == ALL)  # the first ones are slow by then
        waiting = [asyncio.create_task(pool.judge(ANN, GOOD)) for _ in range(8)]
        await until(lambda: pool.state.waiting == 8)
        assert await pool.judge(ANN, GOOD) == Judgement("busy", 0.0, 0.0)
        for path, _ in gates:
            await until(lambda path=path: opened(path))  # type: ignore[misc]
        assert all(judged(one) for one in await asyncio.gather(*held, *waiting))
        assert not pool.jobs

    assert not with_pool(test)


def test_large_messages_that_wait_are_bounded_in_bytes(tmp_path: Path) -> None:
    gates = [gate(tmp_path, str(number)) for number in range(ALL)]

    async def test(pool: Pool) -> None:
        held = [asyncio.create_task(pool.judge(ANN, message)) for _, message in gates]
        await until(lambda: pool.state.busy == ALL)
        large = bytes(QUICK.message)
        waiting = [asyncio.create_task(pool.judge(ANN, large)) for _ in range(WAITING)]
        await until(lambda: pool.state.waiting == WAITING)
        assert (await pool.judge(ANN, GOOD)).said == "busy"
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
        assert (pool.held, pool.state.waiting) == (0, 0)
        for path, _ in gates:
            await until(lambda path=path: opened(path))  # type: ignore[misc]
        await asyncio.gather(*held)

    with_pool(test, queue=100)


def test_a_slow_message_does_not_hold_up_the_next(tmp_path: Path) -> None:
    path, message = gate(tmp_path, "gate")

    async def test(pool: Pool) -> None:
        slow = asyncio.create_task(pool.judge(ANN, message))
        await good(pool)
        assert not slow.done()
        await until(lambda: opened(path))
        assert judged(await slow)

    with_pool(test)


def test_who_no_longer_waits_costs_no_worker(tmp_path: Path) -> None:
    path, message = gate(tmp_path, "gate")

    async def test(pool: Pool) -> None:
        asked = asyncio.create_task(pool.judge(ANN, message))
        await until(lambda: pool.state.busy == 1)
        asked.cancel()
        await asyncio.wait([asked])
        await until(lambda: opened(path))
        await until(lambda: pool.state.busy == 0)
        await good(pool)

    assert not with_pool(test)


def test_closing_finishes_what_was_accepted_and_takes_nothing_more(tmp_path: Path) -> None:
    path, message = gate(tmp_path, "gate")

    async def test(pool: Pool) -> None:
        asked = [asyncio.create_task(pool.judge(ANN, one)) for one in (message, *[GOOD] * 5)]
        await until(lambda: pool.state.busy + pool.state.waiting > 0)
        closing = asyncio.create_task(pool.close())
        await until(lambda: pool.is_closing)
        assert (await pool.judge(ANN, GOOD)).said == "busy"
        await until(lambda: opened(path))
        await closing
        assert all(judged(one) for one in await asyncio.gather(*asked))

    with_pool(test)


def test_a_fork_server_that_dies_is_started_again() -> None:
    said: list[str] = []

    async def test(pool: Pool) -> None:
        pool.tell = said.append
        await good(pool)
        assert pool.nursery is not None
        first = pool.nursery.process.pid
        os.kill(first, signal.SIGKILL)
        await until(lambda: bool(said))
        await good(pool)  # the workers that are there go on
        assert pool.renewal is not None
        await pool.renewal
        assert pool.nursery.process.pid != first
        assert (await pool.judge(ANN, b"die")).said == "crash"
        await good(pool)

    with_pool(test)
    assert said == ["the process that starts workers has ended: it is started again"]


def test_a_worker_that_hangs_is_killed_though_its_fork_server_is_gone() -> None:
    async def test(pool: Pool) -> None:
        await until(lambda: len(pool.processes) == ALL)
        asked = asyncio.create_task(pool.judge(ANN, b"hang"))
        hanging = await busy(pool)
        assert pool.nursery is not None
        os.kill(pool.nursery.process.pid, signal.SIGKILL)
        assert (await asked).said == "timeout"
        await until(lambda: not lives(hanging))
        assert pool.renewal is not None
        await pool.renewal

    with_pool(test, QUICK)


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        ("rules/a.toml: score: must be a number", "rules/a.toml: score: must be a number"),
        ("exit", "the process that loads the rules: it has ended before it was ready"),
    ],
)
def test_rules_that_cannot_be_used_are_told(problem: str, said: str) -> None:
    async def run() -> None:
        before = descriptors()
        pool = Pool(BadTask(problem=problem), PATIENT, 1, 8)
        with pytest.raises(ConfigError) as raised:
            await pool.start()
        assert str(raised.value) == said
        assert descriptors() == before

    asyncio.run(run())
