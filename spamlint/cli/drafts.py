"""What `spamlint check` does for those who write drafts: fixes, a baseline, and checking again on every save."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spamlint.cli.judge import Judge, Result, Task
from spamlint.cli.parser import WRONG_USE, Parser, complain
from spamlint.inputs import STDIN, Found, Unreadable
from spamlint.linter import enabled
from spamlint.report.style import Style
from spamlint.report.words import say
from spamlint.rule import Rule
from spamlint.verdict import Policy

if TYPE_CHECKING:
    from spamlint.baseline import Baseline, Prints


class Steps(NamedTuple):
    """What `spamlint check` can do with a task."""

    report: Callable[[Task], int]
    """Prints the report; gives the exit code."""
    found: Callable[[], Iterator[Found]]
    """The inputs, anew."""
    judged: Callable[[Task], Iterable[Result]]
    judge: Callable[[Task], Judge]
    """A function that judges one input after another."""
    code: Callable[[Result], int]
    """The exit code for one result."""


def add_options(parser: Parser) -> None:
    """The options for drafts."""
    group = parser.add_argument_group("drafts (docs/fixing.md)")
    group.add_argument("--fix", action="store_true", help="write what can be fixed for certain into the drafts")
    group.add_argument("--diff", action="store_true", help="show what --fix would write; exit code 1 if anything")
    group.add_argument("--unsafe-fixes", action="store_true", help="also fixes that a person should look at")
    group.add_argument(
        "--allow-fixes",
        type=lambda value: [name for name in map(str.strip, value.split(",")) if name],
        action="extend",
        default=[],
        metavar="RULES",
        help="such fixes of these rules, as links/plain-http",
    )
    group.add_argument("--lang-of-mail", metavar="TAG", help="language that --fix declares, as en or nl-BE")
    group.add_argument("--baseline", type=Path, metavar="FILE", help="findings that are known: only new ones count")
    group.add_argument("--update-baseline", action="store_true", help="write the findings of now into that file")
    group.add_argument("--watch", action="store_true", help="check again on every save, until Ctrl-C")
    group.add_argument("--no-suppressions", action="store_true", help="heed no spamlint-ignore comments")


def is_wanted(args: argparse.Namespace) -> bool:
    """Whether any of these options asks for more than a report."""
    return bool(args.fix or args.diff or args.baseline or args.update_baseline or args.watch)


def heeding(policy: Policy, args: argparse.Namespace) -> Policy:
    """The policy, with or without the comments that suppress findings."""
    return replace(policy, suppressions=False) if args.no_suppressions else policy


def run(
    args: argparse.Namespace, parser: Parser, task: Task, rules: Sequence[Rule], look: Style, language: str, do: Steps
) -> int:
    """Does what the options ask for, and reports; `language` is that of the mail in the settings."""
    _refuse(args, parser)
    known = None
    if args.baseline is not None:
        from spamlint import baseline

        known = baseline.load(args.baseline, must_exist=not args.update_baseline)
        task = replace(task, baseline=baseline.Baseline(known.folder) if args.update_baseline else known)
    unwritten = 0
    if args.fix or args.diff:
        from spamlint.cli import fix

        wish = fix.wish_of(args, rules, parser, language)
        if args.diff:
            return fix.show(do.found(), replace(task, baseline=None), rules, wish)
        unwritten = fix.write(do.found(), replace(task, baseline=None), rules, wish)
    if args.watch:
        from spamlint.cli.watch import shown_on, watch

        last = watch(args.paths, do.judge(task), shown_on(look))
        return max((do.code(result) for results in last.values() for result in results), default=0)
    if known is not None and args.update_baseline:
        return max(unwritten, _update(args.baseline, known, task, rules, do))
    for name in known.missing() if known is not None else ():
        complain(f"{args.baseline}: {say(task.language, 'file gone', path=name)}")
    return max(unwritten, do.report(task))


def _refuse(args: argparse.Namespace, parser: Parser) -> None:
    """Options that do not go together."""
    if args.update_baseline and args.baseline is None:
        parser.error("--update-baseline needs --baseline FILE, the file to write")
    if args.watch and STDIN in args.paths:
        parser.error("--watch needs files: standard input is read once")
    if args.watch and (args.fix or args.diff or args.update_baseline):
        parser.error("--watch only looks: run --fix, --diff or --update-baseline by itself")
    if args.watch and (args.output_file or any(report.format != "text" for report in args.formats)):
        parser.error("--watch is for people: it has no --format but text")


def _update(file: Path, known: Baseline, task: Task, rules: Sequence[Rule], do: Steps) -> int:
    """Writes the findings of now into the baseline."""
    worst = 0
    found: dict[str, Prints] = {}
    for result in do.judged(task):
        if isinstance(result, Unreadable):
            complain(f"{result.path}: {result.reason}")
            worst = WRONG_USE
        else:
            found[known.key(result.path, result.message_index)] = dict(result.fingerprints)
    new = known.updated(found, frozenset(rule.id for rule in rules if enabled(rule, task.policy)))
    file.write_text(new.dumped(), "utf-8", newline="\n")
    number = sum(len(prints) for of_file in new.files.values() for prints in of_file.values())
    complain(f"{file}: {say(task.language, 'baseline written', number=number)}")
    return worst
