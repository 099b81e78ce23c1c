"""What spamlint costs: CPU, start-up and memory, beside a plain parsing loop and the filters that run here.

`make bench` runs it. Real mail comes from the folder that SPAMLINT_CORPUS names.
"""

from __future__ import annotations

import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from measure import Cost, percentile_95
from newsletter import newsletter
from peers import PEERS, measured

HERE = Path(__file__).parent
SETS = ("sa", "phish", "ham_modern")
SAMPLE = 200
SEED = 52
STARTS = 20
REPEATS = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; without a cost, the reason."""

    name: str
    cost: Cost | None
    reason: str = ""


def in_process(program: str, paths: list[Path], rounds: int) -> Cost:
    """What `program` of measure.py costs over `paths`, in a fresh process."""
    command = [sys.executable, str(HERE / "measure.py"), program, str(rounds)]
    listing = "\n".join(str(path) for path in paths)
    done = subprocess.run(command, input=listing, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return Cost(**json.loads(done.stdout))


def compared(paths: list[Path], rounds: int) -> list[Row]:
    """All programs over `paths`, spamlint first."""
    rows = [
        Row("spamlint", in_process("spamlint", paths, rounds)),
        Row("spamlint, with places", in_process("spamlint-places", paths, rounds)),
        Row("html5lib + email", in_process("html5lib-email", paths, max(1, rounds // 5))),
    ]
    messages = [path.read_bytes() for path in paths]
    for peer in PEERS:
        absence = peer.absence
        rows.append(Row(peer.name, None if absence else measured(peer, messages), absence))
    return rows


def figure(value: float | None) -> str:
    """A figure with three digits that count, or a dash where there is none."""
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(title: str, rows: list[Row]) -> str:
    """The rows as an aligned table; the last column is the mean CPU time as a multiple of spamlint's."""
    heads = ("", "CPU ms mean", "median", "p95", "wall ms median", "p95", "messages/s", "MB", "ratio")
    lines = [list(heads)]
    base = rows[0].cost
    for row in rows:
        cost = row.cost
        if cost is None or base is None:
            lines.append([row.name, row.reason])
            continue
        ratio = cost.cpu_mean / base.cpu_mean if cost.cpu_mean is not None and base.cpu_mean else None
        cpu = (median(cost.cpu), percentile_95(cost.cpu)) if cost.cpu else (None, None)
        figures = (
            cost.cpu_mean,
            *cpu,
            median(cost.wall),
            percentile_95(cost.wall),
            cost.per_second,
            cost.memory,
            ratio,
        )
        lines.append([row.name, *map(figure, figures)])
    widths = [max(len(line[0]) for line in lines), *map(len, heads[1:])]
    text = [
        "  ".join(
            cell.ljust(width) if index == 0 or len(line) == 2 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=False))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([title, *text, ""])


def start_up(command: list[str], message: bytes, runs: int) -> float:
    """Median wall milliseconds of a whole process that is given `message` on standard input, after one to warm up."""
    figures = []
    with tempfile.TemporaryDirectory() as home:
        for _ in range(runs + 1):
            start = time.perf_counter()
            done = subprocess.run(
                command, input=message, capture_output=True, check=False, env={**os.environ, "HOME": home}
            )
            figures.append((time.perf_counter() - start) * 1000)
            if done.returncode not in (0, 1):
                sys.exit(done.stderr.decode())
    return median(figures[1:])


def starts(one: Path) -> str:
    """How long a whole process takes for one message, as a table."""
    raw, python = one.read_bytes(), sys.executable
    commands = [
        ("spamlint check one.eml", [str(Path(python).with_name("spamlint")), "check", str(one)], b"", STARTS),
        ("html5lib + email", [python, str(HERE / "measure.py"), "html5lib-email", "0"], str(one).encode(), STARTS),
        ("python -c ''", [python, "-c", ""], b"", STARTS),
    ]
    if shutil.which("spamassassin"):
        commands.append(("spamassassin -L -t", ["spamassassin", "-L", "-t"], raw, 3))
    lines, base = [], None
    for name, command, given, runs in commands:
        took = start_up(command, given, runs)
        base = base or took
        lines.append(f"{name:<24}{figure(took):>8} ms{took / base:>8.2f}")
    return "\n".join([f"Start-up: whole process, one message, median of {STARTS}; ratio to spamlint", *lines, ""])


def dearest(paths: list[Path]) -> str:
    """Which rules cost most over `paths`, as a table."""
    listing = "\n".join(map(str, paths))
    command = [sys.executable, str(HERE / "dearest.py")]
    done = subprocess.run(command, input=listing, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def sample(corpus: Path) -> list[Path]:
    """The same messages on every run: `SAMPLE` out of all of `SETS`."""
    paths = sorted(path for name in SETS for path in (corpus / name).rglob("*.eml"))
    return sorted(random.Random(SEED).sample(paths, min(SAMPLE, len(paths))))


def main() -> None:
    """Print all tables."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}\n")
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder, "newsletter.eml")
        one.write_bytes(newsletter())
        print(starts(one))
        print(table(f"HTML newsletter, 52 KB of HTML, {REPEATS} times", compared([one] * REPEATS, rounds=1)))
    corpus = os.environ.get("SPAMLINT_CORPUS")
    if not corpus:
        print("SPAMLINT_CORPUS is not set: real mail is left out.")
        return
    paths = sample(Path(corpus))
    size = fmean(path.stat().st_size for path in paths) / 1024
    title = f"{len(paths)} mixed messages of {', '.join(SETS)}, {size:.0f} KB on average"
    print(table(title, compared(paths, rounds=5)))
    print(dearest(paths))


if __name__ == "__main__":
    main()
