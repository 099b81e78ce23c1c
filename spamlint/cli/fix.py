"""`spamlint check --fix` and `--diff`: fixes written into drafts, or shown."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from spamlint.cli.judge import Task, companions_of, messages_of
from spamlint.cli.parser import WRONG_USE, Parser, complain
from spamlint.config import chosen
from spamlint.drafts import Companion, Drafts
from spamlint.fixes.diff import unified
from spamlint.fixes.passes import Fixed, Wish, fixed
from spamlint.inputs import STDIN, Found, Input, Unreadable, read
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.report.escape import visible
from spamlint.report.words import say
from spamlint.rule import Rule
from spamlint.source import Source

_EVERY_PLACE = 1_000_000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z\d]{2,8}){0,3}")


@dataclass(frozen=True, slots=True)
class _Draft:
    """A draft with its fixes."""

    path: str
    own: frozenset[str]
    """The names of its files; those that a template includes are not among them."""
    result: Fixed


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
    newer: dict[str, bytes] = {}
    changes: dict[str, tuple[str, bytes]] = {}
    """Of each file that changes, by its path: the name that it first goes by, and its bytes as they lie there."""
    for item in _fixed(found, task, rules, wish, newer):
        if isinstance(item, Unreadable):
            complain(f"{item.path}: {item.reason}")
            worst = WRONG_USE
            continue
        for name, data in sorted(item.result.files.items(), key=lambda row: (row[0] not in item.own, row[0])):
            changes.setdefault(_real(name), (name, item.result.before[name]))
            newer[_real(name)] = data
        _tell(item, task, written=False)
    for path, (name, before) in changes.items():
        shown = unified(visible(name), before, newer[path])
        worst = max(worst, int(bool(shown)))
        # A terminal must not obey what stands in a draft; a file or `patch` must get it unchanged.
        sys.stdout.write("".join(map(_line, shown.splitlines(True))) if sys.stdout.isatty() else shown)
    return worst


def write(found: Iterator[Found], task: Task, rules: Sequence[Rule], wish: Wish) -> int:
    """Writes the fixes into the files. 0, or 2 where one could not be written; what cannot be read is told later."""
    worst = 0
    for item in _fixed(found, task, rules, wish, {}):
        if isinstance(item, Unreadable):
            continue
        failed = False
        for name, data in item.result.files.items():
            try:
                _replace(Path(name), item.result.before[name], data)
            except OSError as error:
                complain(f"{name}: cannot be written: {error.strerror or error}")
                failed = True
        worst = WRONG_USE if failed else worst
        if not failed:
            _tell(item, task, written=True)
    return worst


def _line(line: str) -> str:
    return visible(line.rstrip("\r\n")) + "\n"


def _real(name: str) -> str:
    """The path of a file, with symbolic links followed; standard input is none."""
    return name if name == STDIN else os.path.realpath(name)


def _fixed(
    found: Iterator[Found], task: Task, rules: Sequence[Rule], wish: Wish, newer: Mapping[str, bytes]
) -> Iterator[_Draft | Unreadable]:
    """Each draft among the inputs with its fixes; finished messages are passed over, and said so.

    `newer` holds the files that are not written yet, by their path.
    """
    task = replace(task, limits=replace(task.limits, places=_EVERY_PLACE))
    linter, drafts = Linter(task.policy, rules), Drafts(task.templates, task.limits)
    for item in found:
        data = item if isinstance(item, Unreadable) else read(item, task.limits.message)
        if isinstance(item, Unreadable) or isinstance(data, Unreadable):
            yield data if isinstance(data, Unreadable) else Unreadable(item.path, "")
        elif item.kind != "draft":
            complain(f"{item.path}: {say(task.language, 'no draft')}")
        elif len(data) > task.limits.message:
            yield Unreadable(item.path, f"longer than {task.limits.message} bytes")
        else:
            others = companions_of(item, task.limits.message)
            yield (
                others
                if isinstance(others, Unreadable)
                else _one(item, _Reader(item, data, others, task, drafts, newer), linter, wish)
            )
    drafts.close()


def _one(item: Input, again: _Reader, linter: Linter, wish: Wish) -> _Draft:
    result = fixed(again, linter.check, wish)
    if len({_real(name) for name in result.files}) < len(result.files):
        names = ", ".join(sorted(result.files))
        complain(f"{item.path}: cannot be fixed: it reads one file under several names: {names}")
        result = replace(result, files={}, done={})
    return _Draft(item.path, frozenset({item.path, *(path for _, path in item.companions)}), result)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes the messages of one draft, again for each state of its files."""

    item: Input
    data: bytes
    companions: Sequence[Companion]
    task: Task
    drafts: Drafts
    newer: Mapping[str, bytes]

    def __call__(self, changed: Mapping[str, bytes]) -> Sequence[Message]:
        newer = {**self.newer, **{_real(name): data for name, data in changed.items()}}
        data = newer.get(_real(self.item.path), self.data)
        others = [
            replace(one, source=Source(one.source.name, newer.get(_real(one.source.name), one.source.data)))
            for one in self.companions
        ]
        return messages_of(self.item, data, self.task, self.drafts, others, newer)


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
    language, result = task.language, item.result
    for key, counts in (("fixed" if written else "would be fixed", result.done), ("unsafe", result.unsafe)):
        if counts:
            said = say(language, key, number=sum(counts.values()), rules=_listed(counts))
            complain(f"{item.path}: {said}")
    included = sorted(name for name in result.files if name not in item.own)
    if included:
        key = "fixed in" if written else "would be fixed in"
        complain(f"{item.path}: {say(language, key, files=', '.join(included))}")


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{rule} {number}" for rule, number in sorted(counts.items()))
