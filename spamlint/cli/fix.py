"""`spamlint check --fix` and `--diff`: fixes written into drafts, or shown."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from spamlint.cli.judge import Task, plain_draft
from spamlint.cli.parser import WRONG_USE, Parser, complain
from spamlint.config import chosen
from spamlint.fixes.diff import unified
from spamlint.fixes.passes import Fixed, Wish, fixed
from spamlint.inputs import STDIN, Found, Input, Unreadable, read
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.report.escape import visible
from spamlint.report.words import say
from spamlint.rule import Rule

_EVERY_PLACE = 1_000_000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z\d]{2,8}){0,3}")


@dataclass(frozen=True, slots=True)
class _Draft:
    """A draft on its way: its bytes as they were, and as they become."""

    path: str
    before: bytes
    after: Fixed


def wish_of(args: argparse.Namespace, rules: Sequence[Rule], parser: Parser, language: str) -> Wish:
    """What the command line allows; `language` is that of the mail in the settings."""
    if args.fix and STDIN in args.paths:
        parser.error("--fix needs files to write; for standard input there is --diff")
    asked = args.lang_of_mail or language
    if asked and not _LANGUAGE.fullmatch(asked):
        parser.error(f"--lang-of-mail must be a language tag such as en or nl-BE, not {asked!r}")
    allowed = {rule.id for rule in chosen(rules, args.allow_fixes)} if args.allow_fixes else set[str]()
    return Wish(args.unsafe_fixes, allowed, asked)


def show(found: Iterator[Found], task: Task, rules: Sequence[Rule], wish: Wish) -> int:
    """Prints what `--fix` would write. 0: nothing; 1: something; 2: an input cannot be read."""
    worst = 0
    for item in _fixed(found, task, rules, wish):
        if isinstance(item, Unreadable):
            complain(f"{item.path}: {item.reason}")
            worst = WRONG_USE
            continue
        shown = unified(visible(item.path), item.before, item.after.data)
        if shown:
            worst = max(worst, 1)
            # A terminal must not obey what stands in a draft; a file or `patch` must get it unchanged.
            sys.stdout.write("".join(map(_line, shown.splitlines(True))) if sys.stdout.isatty() else shown)
        _tell(item, task, written=False)
    return worst


def write(found: Iterator[Found], task: Task, rules: Sequence[Rule], wish: Wish) -> int:
    """Writes the fixes into the files. 0, or 2 where one could not be written; what cannot be read is told later."""
    worst = 0
    for item in _fixed(found, task, rules, wish):
        if isinstance(item, Unreadable):
            continue
        if item.after.data != item.before:
            try:
                _replace(Path(item.path), item.before, item.after.data)
            except OSError as error:
                complain(f"{item.path}: cannot be written: {error.strerror or error}")
                worst = WRONG_USE
                continue
        _tell(item, task, written=True)
    return worst


def _line(line: str) -> str:
    return visible(line.rstrip("\r\n")) + "\n"


def _fixed(found: Iterator[Found], task: Task, rules: Sequence[Rule], wish: Wish) -> Iterator[_Draft | Unreadable]:
    """Each draft among the inputs with its fixes; finished messages are passed over, and said so."""
    task = replace(task, limits=replace(task.limits, places=_EVERY_PLACE))
    linter = Linter(task.policy, rules)
    for item in found:
        data = item if isinstance(item, Unreadable) else read(item, task.limits.message)
        if isinstance(item, Unreadable) or isinstance(data, Unreadable):
            yield data if isinstance(data, Unreadable) else Unreadable(item.path, "")
        elif item.kind != "draft":
            complain(f"{item.path}: {say(task.language, 'no draft')}")
        elif len(data) > task.limits.message:
            yield Unreadable(item.path, f"longer than {task.limits.message} bytes")
        elif plain_draft(item, data, task) is None:
            complain(f"{item.path}: {say(task.language, 'template not fixed')}")
        else:
            yield _Draft(item.path, data, _one(item, data, task, linter, wish))


def _one(item: Input, data: bytes, task: Task, linter: Linter, wish: Wish) -> Fixed:
    def again(changed: bytes) -> Message:
        message = plain_draft(item, changed, task)
        return message if message is not None else Message.draft(b"", item.path)

    return fixed(data, again, linter.check, wish)


def _replace(path: Path, before: bytes, after: bytes) -> None:
    """Writes `after` beside the file and puts it in its place, so that at no time half a file is there."""
    file = path.resolve()
    if file.read_bytes() != before:
        raise OSError("it was changed meanwhile")
    beside = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(after)
        beside.chmod(file.stat().st_mode & 0o7777)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _tell(item: _Draft, task: Task, *, written: bool) -> None:
    """Says on standard error what was fixed, and what could be."""
    language = task.language
    for key, counts in (("fixed" if written else "would be fixed", item.after.done), ("unsafe", item.after.unsafe)):
        if counts:
            said = say(language, key, number=sum(counts.values()), rules=_listed(counts))
            complain(f"{item.path}: {said}")


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{rule} {number}" for rule, number in sorted(counts.items()))
