"""Good mail among attacks: whether every good message gets its verdict in time, and what the workers cost.

python benchmarks/hostile_load.py [--good 2000] [--attacks 200] [--connections 8]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from attacks import attack
from newsletter import newsletter

from spamlint.guard.decision import Decision
from spamlint.guard.envelope import Envelope
from spamlint.guard.guard import Guard
from spamlint.guard.inline import Inline, inline
from spamlint.guard.settings import LogSettings, Settings

SEED = 52
SIZES = (3_000, 10_000, 30_000, 52_000, 100_000)
MB = 1024 * 1024
SENDER = Envelope("library", "ann@mill.example", ("bob@ferry.example",), is_asked=True)


@dataclass(slots=True)
class Results:
    """What came of a run."""

    good: list[float] = field(default_factory=list)
    """Seconds of each good message."""
    wrong: list[str] = field(default_factory=list)
    """What is wrong with the decision on a good message."""
    attacks: dict[str, list[tuple[float, str]]] = field(default_factory=lambda: defaultdict(list))
    """Seconds and outcome by kind."""
    memory: list[float] = field(default_factory=list)
    """MB of the processes that judge, at equal distances."""
    replaced: Counter[str] = field(default_factory=Counter)
    workers: tuple[int, int] = (0, 0)
    """At the start and at the end."""
    left: int = 0
    """Processes that are left when all is over."""
    seconds: float = 0.0


def good_mail(number: int) -> tuple[str, bytes]:
    """One of the good messages, no two of which are the same."""
    return "good", newsletter(SIZES[number % len(SIZES)]).replace(b"March", b"March %d" % number)


def answers(count: int) -> dict[int, str]:
    """The outcome of each good message, judged by itself."""
    judge: Inline = inline(Settings())
    outcomes: list[str] = []
    for number in range(min(count, len(SIZES))):
        report = judge.decide(SENDER, good_mail(number)[1]).report
        assert report is not None
        outcomes.append(report.outcome)
    return {number: outcomes[number % len(SIZES)] for number in range(count)}


def processes(root: int) -> list[int]:
    """`root` and the processes that descend from it."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue  # it has ended
    found = [root]
    for process in found:
        found += [child for child, parent in parents.items() if parent == process]
    return found


def memory(root: int) -> float:
    """MB of the descendants of `root`, shared pages counted once; making the messages costs memory of `root` itself."""
    total = 0
    for process in processes(root)[1:]:
        try:
            rows = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(row.split()[1]) for row in rows if row.startswith("Pss:"))
    return total / 1024


async def ran(good: int, attacks: int, connections: int, settings: Settings, largest: float = 1.0) -> Results:
    """Sends all messages, in an order that is the same each time; attacks of that part of their full size."""
    expected = answers(good)
    results = Results()
    work = [("good", number) for number in range(good)] + [("attack", number) for number in range(attacks)]
    random.Random(SEED).shuffle(work)
    others = set(processes(os.getpid()))
    guard = Guard(settings, lambda line: print(line, file=sys.stderr))
    await guard.start()
    await guard.decide(SENDER, good_mail(0)[1])
    results.memory.append(memory(os.getpid()))
    before = guard.state.workers
    queue = iter(enumerate(work))

    async def client() -> None:
        for turn, (kind, number) in queue:
            if turn % max(1, len(work) // 10) == 0 and turn:
                results.memory.append(await asyncio.to_thread(memory, os.getpid()))
            make = partial(good_mail, number) if kind == "good" else partial(attack, number, attacks, largest)
            name, data = await asyncio.to_thread(make)  # so that making one message does not hold up the others
            start = time.perf_counter()
            decision = await guard.decide(SENDER, data)
            seconds = time.perf_counter() - start
            del data
            if kind == "good":
                results.good.append(seconds)
                results.wrong += wrong(number, decision, expected)
            else:
                results.attacks[name].append((seconds, outcome(decision)))

    begun = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(connections)))
    results.seconds = time.perf_counter() - begun
    await guard.decide(SENDER, good_mail(0)[1])
    results.workers = (before, guard.state.workers)
    results.memory.append(memory(os.getpid()))
    assert guard.setup is not None
    results.replaced = guard.replaced
    await guard.close()
    results.left = len(set(processes(os.getpid())) - others)
    return results


def wrong(number: int, decision: Decision, expected: dict[int, str]) -> Iterator[str]:
    """What is wrong with the decision on a good message."""
    if outcome(decision) != expected[number]:
        yield f"good message {number}: {outcome(decision)}, not {expected[number]}"


def outcome(decision: Decision) -> str:
    """The verdict, or why there is none that counts."""
    if decision.report is None:
        return decision.unjudged
    return decision.report.outcome + (" (incomplete)" if decision.report.incomplete else "")


def share(values: list[float], part: float) -> float:
    """The value below which that part of `values` lies."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def told(results: Results) -> Iterator[str]:
    """The figures, as lines."""
    yield f"{'attack':<26}{'count':>6}{'slowest s':>11}  outcomes"
    for name, rows in sorted(results.attacks.items()):
        outcomes = Counter(said for _, said in rows)
        listed = ", ".join(f"{count} {said}" for said, count in outcomes.most_common())
        yield f"{name:<26}{len(rows):>6}{max(seconds for seconds, _ in rows):>11.2f}  {listed}"
    yield ""
    good = results.good
    yield f"good messages: {len(good)}, without their verdict: {len(results.wrong)}"
    parts = ", ".join(f"p{part * 100:g} {share(good, part) * 1000:.0f}" for part in (0.5, 0.95, 0.99))
    yield f"milliseconds for a good one: {parts}, slowest {max(good) * 1000:.0f}"
    sizes = ", ".join(f"{each:.0f}" for each in results.memory)
    yield f"memory of the processes that judge in MB: {sizes} (first and last: idle)"
    yield f"workers: {results.workers[0]} before, {results.workers[1]} after, {results.left} processes left at the end"
    yield f"workers replaced: {dict(results.replaced)}"
    yield f"{results.seconds:.0f} seconds in all"
    yield from results.wrong[:20]


def main() -> int:
    """Prints the figures; the exit code says whether they are as they should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--good", type=int, default=2000)
    parser.add_argument("--attacks", type=int, default=200)
    parser.add_argument("--connections", type=int, default=8)
    args = parser.parse_args()
    settings = Settings(enforcement="reject", log=LogSettings(Path(os.devnull)))
    results = asyncio.run(ran(args.good, args.attacks, args.connections, settings))
    print("\n".join(told(results)))
    return int(bool(results.wrong) or share(results.good, 0.99) >= 1 or results.left > 0)


if __name__ == "__main__":
    sys.exit(main())
