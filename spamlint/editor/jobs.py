"""What the server asks of the process that lints, and what comes back: plain data that can be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from spamlint.report.data import FindingReport
from spamlint.toml_table import Table
from spamlint.verdict import LANGUAGES, PROFILES

_KEYS = ("config", "profile", "select", "ignore", "clients", "lang")


@dataclass(frozen=True, slots=True)
class Options:
    """What the editor's own settings say; they go before those of spamlint.toml, as options of a command line do."""

    config: str = ""
    profile: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """One version of a file to lint."""

    path: str
    """Of the file; "" for one that was never saved."""
    folder: str
    """Where settings are looked for if there is no path."""
    language: str
    """The language that the editor says the file is in."""
    text: str
    options: Options = Options()
    others: tuple[tuple[str, str], ...] = ()
    """Path and text of each other file that is open: what a template includes is taken from there."""


@dataclass(frozen=True, slots=True)
class Cures:
    """A version of a file, and the range of it, in code points, whose findings are to be put right."""

    job: Job
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CureAll:
    """A version of a file in which all is to be put right that nobody has to look at."""

    job: Job


@dataclass(frozen=True, slots=True)
class Explain:
    """A rule whose page is wanted, as it is for a file."""

    rule: str
    path: str
    folder: str
    options: Options = Options()


Asked: TypeAlias = Job | Cures | CureAll | Explain


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of text that replaces a range of the file, in code points."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class QuickFix:
    """Changes that put a finding right: what they do in words, and whether they are safe to make unseen."""

    rule: str
    title: str
    changes: tuple[Change, ...]
    is_safe: bool = True


@dataclass(frozen=True, slots=True)
class QuickFixes:
    """What can be put right in a range."""

    fixes: tuple[QuickFix, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """A range of a file, in code points. `file` is None for the file that was linted."""

    start: int
    end: int
    file: str | None = None
    ends: tuple[tuple[int, str], ...] = ()
    """Of another file: for start and end the line, from 0, and what stands in it before them."""


@dataclass(frozen=True, slots=True)
class Note:
    """One finding, with what an editor can do about it."""

    finding: FindingReport
    spots: tuple[Spot | None, ...]
    """The first places; None is the message as a whole."""
    refs: tuple[str, ...] = ()
    ignorable: tuple[Change, ...] = ()
    """The change that makes the rule be ignored at its first place, if there is one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found in one version of a file."""

    notes: tuple[Note, ...] = ()
    language: str = "en"
    problem: str = ""
    """What is wrong with the settings, with file and key; then nothing is linted."""
    log: tuple[str, ...] = ()
    """Checks that failed, and what was not looked at."""
    includes: tuple[str, ...] = ()
    """The files that the template includes, with symbolic links followed."""


def options_of(data: Mapping[str, Any]) -> tuple[Options, list[str]]:
    """The options in the settings of an editor, and every problem with them."""
    table = Table(
        "settings of the editor", "spamlint", {key: value for key, value in data.items() if value is not None}
    )
    table.known(_KEYS)
    options = Options(
        config=table.get("config", ""),
        profile=table.choice("profile", PROFILES) or "",
        select=table.texts("select"),
        ignore=table.texts("ignore"),
        clients=table.texts("clients"),
        lang=table.choice("lang", LANGUAGES) or "",
    )
    return options, table.problems
