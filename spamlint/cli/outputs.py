"""Where reports go: one to standard output, each further one to a file of its own, which is whole or not there."""

from __future__ import annotations

import argparse
import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from spamlint.cli.forms import FORMATS, Form, Setting, form_of
from spamlint.errors import ConfigError, OutputError
from spamlint.inputs import STDIN
from spamlint.report.data import Ending, FileReport
from spamlint.report.style import Style

_IN_MEMORY = 8 * 1024 * 1024
"""Bytes of what is set aside that are not written to a temporary file."""


class Wanted(NamedTuple):
    """One report that is asked for; no file means standard output."""

    format: str
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """One report on its way to where it goes."""

    form: Form
    write: Callable[[str], object]
    aside: IO[str] | None = None
    """Holds the files until the head of the report is known."""

    def begin(self) -> None:
        """Writes the start."""
        self.write(self.form.opening)

    def add(self, report: FileReport) -> None:
        """Writes one more file."""
        (self.write if self.aside is None else self.aside.write)(self.form.file(report))

    def end(self, ending: Ending) -> None:
        """Writes the rest."""
        if self.aside is not None and self.form.head is not None:
            self.write(self.form.head(ending))
            self.aside.seek(0)
            while piece := self.aside.read(_IN_MEMORY):
                self.write(piece)
        self.write(self.form.closing(ending))


def add_output_options(group: argparse._ArgumentGroup) -> None:
    """The options that say which reports are written, and where."""
    group.add_argument(
        "--format",
        dest="formats",
        type=_wanted,
        action="append",
        default=[],
        metavar="FORMAT[=FILE]",
        help=f"{', '.join(FORMATS)} (default: text); may be repeated, each further one with the FILE it goes to",
    )
    group.add_argument("--output-file", metavar="FILE", help="write the report to FILE, not to standard output")


def wanted(formats: Sequence[Wanted], output_file: str | None, paths: Sequence[str]) -> list[Wanted]:
    """The reports to write. ConfigError where two would go to the same place, or over what is to be checked."""
    reports = list(formats) or [Wanted("text")]
    if output_file is not None:
        if all(report.file is not None for report in reports):
            raise ConfigError(f"--output-file {output_file}: every --format names a file already")
        reports = [report if report.file is not None else Wanted(report.format, output_file) for report in reports]
    files = [None if report.file is None else os.path.realpath(report.file) for report in reports]
    for index, (report, file) in enumerate(zip(reports, files, strict=True)):
        if file in files[:index]:
            if file is None:
                raise ConfigError(
                    f"--format {report.format}: one report can go to standard output; give this one a file: "
                    f"--format {report.format}=FILE"
                )
            raise ConfigError(f"--format {report.format}: another report is written to {report.file} already")
        if file is not None and any(path != STDIN and os.path.realpath(path) == file for path in paths):
            raise ConfigError(f"--format {report.format}: {report.file} is to be checked: the report would replace it")
    return reports


@contextmanager
def opened(report: Wanted, setting: Setting, look: Style) -> Iterator[Output]:
    """The report, ready to be written; `look` is the layout for standard output. A file is there at the end, or not."""
    form = form_of(report.format, setting, look if report.file is None else Style(setting.language))
    if report.file is None:
        with _aside(form) as aside:
            yield Output(form, sys.stdout.write, aside)
        return
    with _replacing(report.file) as write, _aside(form) as aside:
        yield Output(form, write, aside)


@contextmanager
def _aside(form: Form) -> Iterator[IO[str] | None]:
    if form.head is None:
        yield None
        return
    from tempfile import SpooledTemporaryFile

    with SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", errors="backslashreplace", newline="") as aside:
        yield aside


@contextmanager
def _replacing(name: str) -> Iterator[Callable[[str], object]]:
    """Writes to a file beside `name`, which it replaces in one step when all went well. Pipes are written at once."""
    target = Path(os.path.realpath(name))
    with _told(name):
        if target.is_dir():
            raise IsADirectoryError(None, "it is a folder")
        at_once = target.exists() and not target.is_file()
        beside = target if at_once else target.with_name(f".{target.name}.{os.getpid()}.part")
        file = beside.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")

    def write(text: str) -> None:
        with _told(name):
            file.write(text)

    try:
        yield write
        with _told(name):
            file.close()
            if not at_once:
                if target.exists():
                    beside.chmod(stat.S_IMODE(target.stat().st_mode))
                beside.replace(target)
    finally:
        with suppress(OSError):
            file.close()
        if not at_once:
            beside.unlink(missing_ok=True)


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise OutputError(f"{name}: the report cannot be written: {reason}") from None


def _wanted(value: str) -> Wanted:
    name, equals, file = value.partition("=")
    if name not in FORMATS:
        raise argparse.ArgumentTypeError(f"there is no format {name!r}: choose from {', '.join(FORMATS)}")
    if equals and not file:
        raise argparse.ArgumentTypeError(f"{value!r} names no file")
    return Wanted(name, file if file and file != "-" else None)
