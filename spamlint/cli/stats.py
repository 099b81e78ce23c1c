"""`spamlint stats`: what was blocked on the mail path, and why."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from spamlint.cli.parser import Parser
from spamlint.errors import ConfigError
from spamlint.guard.log import parsed
from spamlint.guard.stats import Stats
from spamlint.report.escape import visible, width
from spamlint.verdict import LANGUAGES, Language

PERCENTILES = (50, 95, 99)
LONGEST_LINE = 1024 * 1024
"""Bytes of one line that are read as one; no line of ours is that long."""
MOST_ROWS = 20

_EXAMPLES = """examples:
  spamlint stats /var/log/spamlint/guard.log
  journalctl -u spamlint -o cat | spamlint stats -      the log of a service that writes to standard error
  spamlint stats --format json guard.log guard.log.1
"""
_ENGLISH = {
    "messages": "{number} messages",
    "span": "{messages}, {first} to {last}",
    "unreadable": "{number} lines are no lines of the log",
    "actions": "What became of them",
    "accept": "accepted",
    "reject": "refused",
    "tempfail": "put off",
    "quarantine": "held in quarantine",
    "spared": "Accepted, though they were to be refused",
    "observe": "the route only observes",
    "tag": "the route only tags",
    "null-sender": "bounces: never refused",
    "role-address": "to postmaster or abuse: never refused",
    "override": "an override",
    "unjudged": "Without a verdict",
    "not-a-submission": "not submitted here",
    "timeout": "the time was over",
    "crash": "a process crashed",
    "over-limit": "over a limit",
    "busy": "too busy",
    "rules": "Rules in what was refused, and in what was to be",
    "routes": "Routes: messages judged, refused, and to be refused",
    "time": "Time to a decision: {times}",
    "unit": "p{percent} {milliseconds} ms",
    "none": "other",
}
_DUTCH = {
    "messages": "{number} berichten",
    "span": "{messages}, {first} tot {last}",
    "unreadable": "{number} regels zijn geen regels van het log",
    "actions": "Wat ermee is gebeurd",
    "accept": "doorgelaten",
    "reject": "geweigerd",
    "tempfail": "uitgesteld",
    "quarantine": "in quarantaine",
    "spared": "Doorgelaten, hoewel ze geweigerd zouden worden",
    "observe": "de route kijkt alleen mee",
    "tag": "de route merkt alleen",
    "null-sender": "foutmeldingen: nooit geweigerd",
    "role-address": "aan postmaster of abuse: nooit geweigerd",
    "override": "een toegestane uitzondering",
    "unjudged": "Zonder oordeel",
    "not-a-submission": "niet hier ingediend",
    "timeout": "de tijd was om",
    "crash": "een proces is vastgelopen",
    "over-limit": "boven een grens",
    "busy": "te druk",
    "rules": "Regels in wat is geweigerd, en in wat geweigerd zou worden",
    "routes": "Routes: berichten beoordeeld, geweigerd, en te weigeren",
    "time": "Tijd tot een besluit: {times}",
    "unit": "p{percent} {milliseconds} ms",
    "none": "anders",
}
_WORDS: Mapping[Language, Mapping[str, str]] = {"en": _ENGLISH, "nl": _DUTCH}


def run(arguments: Sequence[str]) -> int:
    """Prints the summary of the logs that the arguments name."""
    args = _parser().parse_args(arguments)
    stats = Stats()
    for path in args.paths:
        for line in _lines(path):
            stats.add(parsed(line))
    print(_json(stats) if args.format == "json" else "\n".join(_text(stats, _WORDS[args.lang])))
    return 0


def _lines(path: str) -> Iterator[str]:
    try:
        if path == "-":
            yield from _read(sys.stdin.buffer)
        else:
            with Path(path).open("rb") as file:
                yield from _read(file)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None


def _read(file: BinaryIO) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if line.strip():
            yield line.decode("utf-8", "replace")


def _json(stats: Stats) -> str:
    rules = sorted(stats.refused_by_rule.keys() | stats.spared_by_rule.keys())
    return json.dumps(
        {
            "messages": stats.messages,
            "unreadable": stats.unreadable,
            "first": stats.first,
            "last": stats.last,
            "actions": dict(stats.actions),
            "verdicts": dict(stats.verdicts),
            "spared": dict(stats.spared),
            "unjudged": dict(stats.unjudged),
            "rules": {
                rule: {"refused": stats.refused_by_rule[rule], "spared": stats.spared_by_rule[rule]} for rule in rules
            },
            "routes": {
                name: {"judged": route.judged, "refused": route.refused, "spared": route.spared}
                for name, route in sorted(stats.routes.items())
            },
            "milliseconds": {f"p{percent}": stats.percentile(percent) for percent in PERCENTILES},
        },
        indent=2,
    )


def _text(stats: Stats, words: Mapping[str, str]) -> Iterator[str]:
    said = words["messages"].format(number=stats.messages)
    if stats.first:
        said = words["span"].format(messages=said, first=visible(stats.first[:16]), last=visible(stats.last[:16]))
    yield said
    if stats.unreadable:
        yield words["unreadable"].format(number=stats.unreadable)
    for key, counts in (("actions", stats.actions), ("spared", stats.spared), ("unjudged", stats.unjudged)):
        yield from _table(words[key], ([words.get(name, name) or words["none"], n] for name, n in counts.most_common()))
    both = Counter(stats.refused_by_rule) + Counter(stats.spared_by_rule)
    yield from _table(
        words["rules"],
        ([rule, stats.refused_by_rule[rule], stats.spared_by_rule[rule]] for rule, _ in both.most_common(MOST_ROWS)),
    )
    routes = sorted(stats.routes.items(), key=lambda row: (-row[1].judged, row[0]))[:MOST_ROWS]
    yield from _table(words["routes"], ([name, one.judged, one.refused, one.spared] for name, one in routes))
    if stats.milliseconds:
        times = ", ".join(
            words["unit"].format(percent=percent, milliseconds=stats.percentile(percent)) for percent in PERCENTILES
        )
        yield ""
        yield words["time"].format(times=times)


def _table(title: str, rows: Iterable[Sequence[str | int]]) -> Iterator[str]:
    """A title, and rows of a name and numbers in columns; nothing where there are no rows."""
    laid = [(visible(str(name)), [str(number) for number in numbers]) for name, *numbers in rows]
    if not laid:
        return
    names = max(width(name) for name, _ in laid)
    columns = [max(map(len, column)) for column in zip(*(numbers for _, numbers in laid), strict=True)]
    yield ""
    yield title
    for name, numbers in laid:
        cells = (f"{number:>{size}}" for number, size in zip(numbers, columns, strict=True))
        yield f"  {name}{' ' * (names - width(name))}  {'  '.join(cells)}"


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="spamlint stats",
        usage="spamlint stats [--format text|json] [--lang en|nl] LOG ...",
        description="Sums up the log of the mail path: what was refused, or would have been, and why.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("paths", nargs="+", metavar="LOG", help="a log of the guard, or -")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="(default: text)")
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the summary (default: en)")
    return parser
