"""A guard under load: reloads lose no message, what cannot be judged gets the answer of the settings."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from bad_judges import BadTask

from spamlint.errors import ConfigError
from spamlint.guard.decision import Decision
from spamlint.guard.envelope import Envelope
from spamlint.guard.guard import Guard
from spamlint.guard.settings import Budget, Errors, LogSettings, Settings
from spamlint.guard.task import Task, task_of

CAP = 120.0
ASKED = Envelope("library", "ann@mill.example", ("bob@ferry.example",), is_asked=True)
QUICK = Settings(enforcement="reject", workers=1, budget=Budget(0.5, 256 * 1024 * 1024, 1_000_000))
GOOD = b"Subject: Honey\r\n\r\nDoors open at seven.\r\n"


def bad_task(settings: Settings) -> Task:
    """A judge whose reports name the first rule pack, which stands for the version of the rules."""
    name = settings.rule_packs[0].name if settings.rule_packs else "one"
    return BadTask(name, problem="rules/a.toml: is broken" if name == "broken" else "")


def version(name: str, log: LogSettings | None = None) -> Settings:
    return Settings(enforcement="reject", workers=2, rule_packs=(Path(name),), log=log or LogSettings())


def with_guard(settings: Settings, test: Callable[[Guard], Awaitable[None]], task: Callable[..., Task]) -> None:
    async def run() -> None:
        async with asyncio.timeout(CAP):
            guard = Guard(settings, task=task)
            await guard.start()
            try:
                await test(guard)
            finally:
                await guard.close()
            assert not guard.retiring

    asyncio.run(run())


def judged_by(decision: Decision) -> str:
    assert decision.report is not None, decision
    return decision.report.path.partition(" ")[0]


def test_a_reload_under_load_loses_no_message() -> None:
    async def test(guard: Guard) -> None:
        seen: list[str] = []
        done = asyncio.Event()

        async def client() -> None:
            while not done.is_set():
                seen.append(judged_by(await guard.decide(ASKED, GOOD)))

        clients = [asyncio.create_task(client()) for _ in range(8)]
        for name in ("two", "broken", "three", "broken", "four"):
            so_far = len(seen)
            if name == "broken":
                with pytest.raises(ConfigError, match=r"rules/a\.toml: is broken"):
                    await guard.reload(version(name))
            else:
                await guard.reload(version(name))
                assert judged_by(await guard.decide(ASKED, GOOD)) == name
            while len(seen) < so_far + 50:  # noqa: ASYNC110 - the clients count
                await asyncio.sleep(0)
        done.set()
        await asyncio.gather(*clients)
        assert set(seen) == {"one", "two", "three", "four"}
        assert seen[-1] == "four"

    with_guard(version("one"), test, bad_task)


def test_what_waits_at_a_reload_is_judged_by_the_rules_it_came_under(tmp_path: Path) -> None:
    async def test(guard: Guard) -> None:
        begun = [asyncio.create_task(guard.decide(ASKED, b"sleep" if not number else GOOD)) for number in range(20)]
        await asyncio.sleep(0)
        await guard.reload(version("two"))
        assert judged_by(await guard.decide(ASKED, GOOD)) == "two"
        slow, *others = await asyncio.gather(*begun)
        assert slow.unjudged == "timeout"
        assert {judged_by(decision) for decision in others} == {"one"}

    with_guard(QUICK, test, bad_task)


@pytest.mark.parametrize(
    ("message", "unjudged", "action"),
    [
        (b"hang", "timeout", "tempfail"),
        (b"die", "crash", "reject"),
        (b"grow 1000000000", "over-limit", "accept"),
        (b"x" * 1_000_001, "over-limit", "accept"),
    ],
)
def test_each_reason_has_its_own_answer(message: bytes, unjudged: str, action: str) -> None:
    errors = Errors(timeout="tempfail", crash="reject", over_limit="accept", busy="reject")
    settings = Settings(enforcement="reject", workers=1, budget=QUICK.budget, on_error=errors)

    async def test(guard: Guard) -> None:
        decision = await guard.decide(ASKED, message)
        assert (decision.unjudged, decision.action, decision.report) == (unjudged, action, None)
        assert (decision.reply is None) == (action == "accept")
        assert judged_by(await guard.decide(ASKED, GOOD)) == "one"

    with_guard(settings, test, bad_task)


def test_beyond_the_queue_the_answer_is_that_for_busy() -> None:
    settings = Settings(enforcement="reject", workers=1, queue=0, budget=Budget(CAP))

    async def test(guard: Guard) -> None:
        begun = [asyncio.create_task(guard.decide(ASKED, b"sleep")) for _ in range(2)]
        done, _ = await asyncio.wait(begun, return_when=asyncio.FIRST_COMPLETED)
        decision = next(iter(done)).result()
        assert (decision.unjudged, decision.action) == ("busy", "tempfail")
        assert decision.reply is not None
        assert decision.reply.code == 451
        for task in begun:
            task.cancel()
        await asyncio.wait(begun)
        assert guard.setup is not None
        for hand in list(guard.setup.pool.busy):  # it would sleep until the test is over
            guard.setup.pool.nursery.kill(hand.number)  # type: ignore[union-attr]

    with_guard(settings, test, bad_task)


def test_mail_that_is_not_submitted_is_not_judged() -> None:
    async def test(guard: Guard) -> None:
        decision = await guard.decide(Envelope("milter", client="192.0.2.1"), b"hang")
        assert (decision.action, decision.unjudged) == ("accept", "not-a-submission")
        assert guard.state.busy == 0

    with_guard(QUICK, test, bad_task)


def test_the_log_goes_on_through_a_reload_and_when_it_was_moved_away(tmp_path: Path) -> None:
    log = LogSettings(tmp_path / "log")

    async def test(guard: Guard) -> None:
        first = await guard.decide(ASKED, GOOD)
        (tmp_path / "log").rename(tmp_path / "log.1")
        guard.reopen()
        second = await guard.decide(ASKED, GOOD)
        await guard.reload(version("two", LogSettings(tmp_path / "other")))
        third = await guard.decide(ASKED, GOOD)
        for name, decision in (("log.1", first), ("log", second), ("other", third)):
            (line,) = (tmp_path / name).read_text().splitlines()
            assert json.loads(line)["id"] == decision.report_id
        with pytest.raises(ConfigError, match="the log cannot be written"):
            await guard.reload(version("three", LogSettings(tmp_path / "no" / "log")))
        assert judged_by(await guard.decide(ASKED, GOOD)) == "two"

    with_guard(version("one", log), test, bad_task)


def test_with_real_rules_bad_mail_is_refused_and_good_mail_is_not() -> None:
    folder = Path(__file__).parent.parent / "examples"
    bad, fine = (folder / "attachments.eml").read_bytes(), (folder / "good-plain.eml").read_bytes()

    async def test(guard: Guard) -> None:
        refused = await guard.decide(ASKED, bad)
        assert refused.action == "reject"
        assert refused.reply is not None
        assert any(refused.report_id in line for line in refused.reply.lines)
        assert (await guard.decide(ASKED, fine)).action == "accept"
        with pytest.raises(ConfigError, match="there are no rules here"):
            await guard.reload(Settings(rule_packs=(folder / "editor",)))
        assert (await guard.decide(ASKED, bad)).action == "reject"

    with_guard(Settings(enforcement="reject", workers=1), test, task_of)
