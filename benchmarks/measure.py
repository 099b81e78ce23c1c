"""One program over many messages, in a process of its own: `measure.py PROGRAM ROUNDS`, file names on standard input.

Prints one JSON object: CPU and wall milliseconds of each message (the median of ROUNDS passes after one to warm up;
0 rounds mean a single cold pass) and the peak memory of the process in MB.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import TypeAlias

Program: TypeAlias = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a number of messages cost, one figure for each; `cpu` is empty where only `cpu_mean` is known."""

    cpu: list[float]
    wall: list[float]
    cpu_mean: float | None
    memory: float | None

    @property
    def per_second(self) -> float:
        """Messages a second, one after the other."""
        return 1000 / fmean(self.wall)


def percentile_95(figures: list[float]) -> float:
    """The figure that 95 % do not exceed; the only one where there is one."""
    return quantiles(figures, n=20, method="inclusive")[-1] if len(figures) > 1 else figures[0]


def verdict_only() -> Program:
    """The verdict of spamlint: outcome, score and findings."""
    from spamlint import Linter, Message

    linter = Linter()
    return lambda raw: linter.check(Message.from_bytes(raw))


def verdict_and_places() -> Program:
    """The verdict of spamlint and the place of every finding, as a report shows them."""
    from spamlint import Linter, Message

    linter = Linter()

    def program(raw: bytes) -> object:
        return [finding.places for finding in linter.check(Message.from_bytes(raw)).findings]

    return program


def html5lib_and_email() -> Program:
    """The plain way: the standard library reads the message, html5lib reads its HTML; nothing is judged."""
    import email
    import email.message
    import warnings

    import html5lib

    warnings.simplefilter("ignore")

    def decoded(part: email.message.Message) -> str:
        raw = part.get_payload(decode=True)
        assert isinstance(raw, bytes)
        try:
            return raw.decode(part.get_content_charset("utf-8"), "replace")
        except LookupError:
            return raw.decode("latin-1")

    def program(raw: bytes) -> object:
        leaves = [part for part in email.message_from_bytes(raw).walk() if part.get_content_maintype() == "text"]
        texts = [(part, decoded(part)) for part in leaves if not part.is_multipart()]
        return [html5lib.parse(text) for part, text in texts if part.get_content_subtype() == "html"]

    return program


PROGRAMS: dict[str, Callable[[], Program]] = {
    "spamlint": verdict_only,
    "spamlint-places": verdict_and_places,
    "html5lib-email": html5lib_and_email,
}


def passes(program: Program, messages: list[bytes], rounds: int) -> tuple[list[float], list[float]]:
    """CPU and wall milliseconds of each message: the median of `rounds` passes after one to warm up."""
    cpu: list[list[float]] = [[] for _ in messages]
    wall: list[list[float]] = [[] for _ in messages]
    gc.freeze()  # as the processes of `spamlint check` do: what a program has loaded stays
    for turn in range(rounds + 1):
        for index, raw in enumerate(messages):
            cpu_start, wall_start = time.process_time(), time.perf_counter()
            program(raw)
            cpu_end, wall_end = time.process_time(), time.perf_counter()
            if turn or not rounds:
                cpu[index].append((cpu_end - cpu_start) * 1000)
                wall[index].append((wall_end - wall_start) * 1000)
    return [median(figures) for figures in cpu], [median(figures) for figures in wall]


def peak_memory(pid: str = "self") -> float:
    """The most memory that a process has used so far, in MB."""
    status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    """Measure the program that the arguments name and print its costs."""
    name, rounds = sys.argv[1], int(sys.argv[2])
    messages = [Path(line).read_bytes() for line in sys.stdin.read().splitlines()]
    cpu, wall = passes(PROGRAMS[name](), messages, rounds)
    print(json.dumps({"cpu": cpu, "wall": wall, "cpu_mean": fmean(cpu), "memory": peak_memory()}))


if __name__ == "__main__":
    main()
