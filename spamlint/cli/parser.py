"""What the commands share: how arguments are read, settings found, and complaints made."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from spamlint.report.escape import visible
from spamlint.verdict import LANGUAGES, Language

if TYPE_CHECKING:
    from spamlint.config import Config
    from spamlint.report.style import Style
    from spamlint.rule import Rule

WRONG_USE = 2


class Parser(argparse.ArgumentParser):
    """An argument parser that keeps the lines of examples, takes no abbreviations, and complains in plain words."""

    def __init__(self, *, prog: str, description: str, epilog: str, usage: str | None = None) -> None:
        super().__init__(
            prog=prog,
            usage=usage,
            description=description,
            epilog=epilog,
            formatter_class=_formatter,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        """Ends the program with `message` and the way to more help."""
        complain(message, f"see {self.prog} --help")
        raise SystemExit(WRONG_USE)


def _formatter(prog: str) -> argparse.HelpFormatter:
    # Left to itself, the formatter imports shutil to learn the width, even where no help is asked for.
    return argparse.RawDescriptionHelpFormatter(prog, width=max(_columns() - 2, 40))


def _columns() -> int:
    """The width of the terminal: COLUMNS, else what standard output says, else 80."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def complain(*lines: str) -> None:
    """Tells a person what went wrong, on standard error."""
    for line in lines:
        print(f"spamlint: {visible(line)}", file=sys.stderr)


def add_config_options(parser: Parser, more: str = "") -> argparse._ArgumentGroup:
    """The options that say where settings come from, and their group; `more` is said of the file."""
    group = parser.add_argument_group("settings")
    which = group.add_mutually_exclusive_group()
    which.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help=f"settings to use; else spamlint.toml or pyproject.toml, here or above{more}",
    )
    which.add_argument("--no-config", action="store_true", help="use the defaults, whatever settings there are")
    return group


def add_setting_options(parser: Parser) -> None:
    """The options that say where settings come from, and in which language rules speak."""
    add_config_options(parser).add_argument("--lang", choices=LANGUAGES, help="language of the report (default: en)")


def settings(args: argparse.Namespace, *, whole: bool = True) -> tuple[Config, tuple[Rule, ...]]:
    """The configuration and the rules that the arguments ask for, `whole` or as they are run (see `ruleset.load`).

    SpamlintError where they cannot be used.
    """
    from spamlint import config, ruleset

    file = args.config
    if file is None and not args.no_config:
        file = config.find(Path.cwd())
    return config.load(file, partial(ruleset.load, whole=whole))


def style(language: Language, *, colour: bool = True) -> Style:
    """How to lay out text for standard output: nothing is wrapped, cut or coloured but for a terminal."""
    from spamlint.report.style import Style

    if not sys.stdout.isatty():
        return Style(language)
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return Style(language, _columns(), colour and not plain)
