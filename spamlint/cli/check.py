"""`spamlint check`: judges mail."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from typing import BinaryIO

from spamlint.cli import drafts, routes
from spamlint.cli.forms import Setting
from spamlint.cli.judge import Result, Task, judge_of
from spamlint.cli.outputs import Output, add_output_options, opened, wanted
from spamlint.cli.parser import WRONG_USE, Parser, add_setting_options, complain, settings, style
from spamlint.cli.templates import add_template_options, templates
from spamlint.config import FAIL_ON, Config, FailOn, narrowed
from spamlint.inputs import Found, Unreadable, find
from spamlint.report.data import Ending, FileReport, Summary
from spamlint.rule import Rule
from spamlint.template.groups import Groups
from spamlint.verdict import PROFILES, Language

MANY = 20
"""More inputs than this are many: they are shared among processes and get a progress bar."""

_EXAMPLES = """examples:
  spamlint check mail.eml                        one message
  spamlint check outbox/ archive.mbox            folders and mailboxes, all messages in them
  spamlint check --subject "Hello" draft.html    a draft, with the subject it will have
  spamlint check --format json - < mail.eml      standard input, for a program to read
  spamlint check --ignore subject,script/form mail.eml
  spamlint check --format html --output-file report.html mail.eml
  spamlint check --format text --format sarif=spamlint.sarif mail/   two reports in one run
  spamlint check --context ann.json welcome.html.j2   a template, with sample values
  spamlint check --clients gmail,outlook.windows mail.html   what these mail programs cannot show
  spamlint check --route carrier mail.eml        would it be accepted on the route [route.carrier] of the settings?
  spamlint check --diff draft.html               what can be fixed; --fix writes it

exit code: 0 pass, or warn without --fail-on warn; 1 block; 2 wrong use, unreadable file, or incomplete verdict.
2 wins over 1, and 1 over 0.
"""


def run(arguments: Sequence[str]) -> int:
    """Checks what the arguments name, prints the report, and returns the exit code."""
    parser = _parser()
    args = parser.parse_args(arguments)
    config, rules = settings(args, whole=False)
    policy = narrowed(
        config.policy, rules, profile=args.profile, select=args.select, ignore=args.ignore, clients=args.clients
    )
    language: Language = args.lang or config.language
    fail_on = args.fail_on or config.fail_on
    task = Task(drafts.heeding(policy, args), language, config.rule_packs, args.subject, templates(args, config))
    with routes.asking(args, is_bulk=(args.profile or policy.profile) == "bulk") as deliver:
        return _checked(args, parser, replace(task, deliver=deliver), rules, config, fail_on)


def _checked(
    args: argparse.Namespace, parser: Parser, task: Task, rules: Sequence[Rule], config: Config, fail_on: FailOn
) -> int:
    """Does what the arguments ask for, and returns the exit code."""
    found = partial(_found, args, Groups(config.template_files))
    report = partial(_reported, args, found, rules=rules, fail_on=fail_on)
    if not drafts.is_wanted(args):
        return report(task)
    steps = drafts.Steps(
        report,
        found,
        lambda task: (
            result for _, result in _judged(found(), task, rules, 1 if task.deliver is not None else args.jobs or 1)
        ),
        lambda task: judge_of(task, rules),
        lambda result: WRONG_USE if isinstance(result, Unreadable) else _exit_code(result, fail_on),
    )
    look = style(task.language, colour=args.colour)
    return drafts.run(args, parser, task, rules, look, config.mail_language, steps)


def _found(args: argparse.Namespace, groups: Groups) -> Iterator[Found]:
    return find(args.paths, stdin=_standard_input(), stdin_filename=args.stdin_filename, groups=groups)


def _reported(
    args: argparse.Namespace,
    find_all: Callable[[], Iterator[Found]],
    task: Task,
    *,
    rules: Sequence[Rule],
    fail_on: FailOn,
) -> int:
    """Prints the report on what the arguments name."""
    reports = wanted(args.formats, args.output_file, args.paths)
    formats = {report.format for report in reports}
    task = replace(task, with_sheets="html" in formats, with_cures="sarif" in formats)
    setting = Setting(rules, task.language, fail_on, quiet=args.quiet)
    look = style(task.language, colour=args.colour)
    found = find_all()
    first = list(islice(found, MANY + 1))
    many = len(first) > MANY
    # What was asked of the DNS is kept in this process: one budget, one snapshot.
    jobs = 1 if task.deliver is not None else args.jobs or (_cores() if many else 1)
    with ExitStack() as stack:
        outputs = [stack.enter_context(opened(report, setting, look)) for report in reports]
        results = stack.enter_context(closing(_judged(chain(first, found), task, rules, jobs)))
        if not (many and sys.stderr.isatty()):
            return _report((result for _, result in results), outputs, fail_on, quiet=args.quiet)
        from spamlint.cli.progress import progress

        bar = stack.enter_context(progress(args.paths))
        return _report(bar.told(results), outputs, fail_on, quiet=args.quiet, before_print=bar.clear)


def _report(
    results: Iterator[Result],
    outputs: Sequence[Output],
    fail_on: FailOn,
    *,
    quiet: bool,
    before_print: Callable[[], object] = lambda: None,
) -> int:
    total = Summary()
    unreadable: list[tuple[str, str]] = []
    worst = 0
    for output in outputs:
        output.begin()
    for result in results:
        if isinstance(result, Unreadable):
            unreadable.append((result.path, result.reason))
            before_print()
            complain(f"{result.path}: {result.reason}")
            worst = WRONG_USE
            continue
        total.add(result)
        code = _exit_code(result, fail_on)
        worst = max(worst, code)
        if code or not quiet:
            before_print()
            for output in outputs:
                output.add(result)
    total.unreadable = len(unreadable)
    before_print()
    for output in outputs:
        output.end(Ending(total, unreadable, worst))
    return worst


def _exit_code(report: FileReport, fail_on: FailOn) -> int:
    if report.incomplete:
        return WRONG_USE
    return int(report.fails(fail_on))


def _judged(
    found: Iterator[Found], task: Task, rules: Sequence[Rule], jobs: int
) -> Generator[tuple[Found, Result], None, None]:
    if jobs > 1:
        from spamlint.cli.workers import in_order

        yield from in_order(found, task, jobs)
        return
    judge = judge_of(task, rules)
    for item in found:
        yield item, item if isinstance(item, Unreadable) else judge(item)


def _parser() -> Parser:
    parser = Parser(
        prog="spamlint check",
        usage="spamlint check [OPTION ...] PATH ...",
        description="Judges mail: what makes it look like spam or breaks it, where, why, and how to put it right.",
        epilog=_EXAMPLES,
    )
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="message, mbox, Maildir, folder, draft (.html .htm .txt), template, or - ",
    )
    judged = parser.add_argument_group("what is judged, and how")
    judged.add_argument("--profile", choices=PROFILES, help="kind of mail (default: draft for drafts, else message)")
    names = partial(judged.add_argument, type=_names, action="extend", default=[], metavar="RULES")
    names("--select", help="run these rules, topics or globs only; separated by commas, may be repeated")
    names("--ignore", help="do not run these, nor those that the settings ignore")
    judged.add_argument(
        "--clients",
        type=_names,
        action="extend",
        default=[],
        metavar="NAMES",
        help="mail programs of the readers, as gmail, outlook, apple-mail or outlook.windows: "
        "says which HTML and CSS they do not know",
    )
    judged.add_argument("--fail-on", choices=FAIL_ON, help="outcome from which on the exit code is 1 (default: block)")
    judged.add_argument("--subject", help="subject that a draft will have")
    judged.add_argument("--stdin-filename", metavar="NAME", help="name that standard input goes by; .html is a draft")
    add_template_options(parser)
    routes.add_route_options(parser)
    shown = parser.add_argument_group("report")
    add_output_options(shown)
    shown.add_argument("--quiet", action="store_true", help="show only what fails")
    shown.add_argument("--no-color", dest="colour", action="store_false", help="no colour; so does NO_COLOR=1")
    drafts.add_options(parser)
    add_setting_options(parser)
    parser.add_argument(
        "-j", dest="jobs", type=_jobs, metavar="N", help=f"processes (default: all cores for more than {MANY} messages)"
    )
    return parser


def _names(value: str) -> list[str]:
    return [name for name in map(str.strip, value.split(",")) if name]


def _jobs(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 1000:
        raise argparse.ArgumentTypeError(f"must be a number of processes, not {value!r}")
    return int(value)


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _standard_input() -> BinaryIO | None:
    return getattr(sys.stdin, "buffer", None)
