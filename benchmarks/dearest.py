"""Which rules cost most: CPU time of each over many messages. File names on standard input; prints a table.

A fact that several rules ask for (a picture's size, the links) counts for the rule that asks first; what all rules
share is listed apart: reading the message, its HTML and its text, and the one scan for all patterns.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import fmean, median

from measure import percentile_95

from spamlint import Linter, Message, Policy, ruleset
from spamlint.rule import Check, Hit, Rule

SHOWN = 10
READING = "(reading the message)"
SCAN = "(one scan for all patterns)"


def timed(check: Check, spent: Callable[[float], None]) -> Check:
    """`check`, which tells `spent` how many milliseconds of CPU it took."""

    def run(*given: object, **params: object) -> Iterable[Hit]:
        start = time.process_time()
        hits = list(check(*given, **params))
        spent((time.process_time() - start) * 1000)
        return hits

    return run


def costs(messages: list[bytes]) -> dict[str, list[float]]:
    """Rule, or what all rules share -> milliseconds of CPU for each message."""
    took: dict[str, list[float]] = defaultdict(lambda: [0.0] * len(messages))
    now = [0]

    def measured(rule: Rule) -> Rule:
        def spent(milliseconds: float) -> None:
            took[rule.id][now[0]] += milliseconds

        return replace(rule, check=timed(rule.check, spent)) if rule.check else rule

    linter = Linter(Policy(profile="message"), [measured(rule) for rule in ruleset.load()])
    for _ in range(2):
        took.clear()
        for now[0], raw in enumerate(messages):
            start = time.process_time()
            message = Message.from_bytes(raw)
            message.defects, message.documents, [text.value for text in message.body]
            read = time.process_time()
            linter.matcher.candidates(message)
            scanned = time.process_time()
            took[READING][now[0]] += (read - start) * 1000
            took[SCAN][now[0]] += (scanned - read) * 1000
            linter.check(message)
    return took


def lines(took: dict[str, list[float]]) -> Iterator[str]:
    """The table, dearest first, what all share on top."""
    yield f"{'':<44}{'CPU us mean':>12}{'median':>9}{'p95':>9}"
    rules = sorted(took.keys() - {READING, SCAN}, key=lambda name: -fmean(took[name]))
    for name in [READING, SCAN, *rules[:SHOWN]]:
        figures = took[name]
        shown = (fmean(figures), median(figures), percentile_95(figures))
        yield f"{name:<44}" + "".join(f"{1000 * x:>{width}.0f}" for x, width in zip(shown, (12, 9, 9), strict=True))
    rest = fmean([sum(took[name][index] for name in rules[SHOWN:]) for index in range(len(took[READING]))])
    yield f"{f'the other {len(rules) - SHOWN} Python checks together':<44}{1000 * rest:>12.0f}"


def main() -> None:
    """Measure over the files that standard input names."""
    messages = [Path(line).read_bytes() for line in sys.stdin.read().splitlines()]
    print(f"The {SHOWN} dearest rules over {len(messages)} messages")
    print("\n".join(lines(costs(messages))))


if __name__ == "__main__":
    main()
