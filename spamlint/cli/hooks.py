"""What the commands that serve the mail path share: where they listen, and how they judge."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from spamlint.cli.parser import Parser, add_config_options

if TYPE_CHECKING:
    from spamlint.guard.settings import Settings
    from spamlint.hooks.service import Serve

_MOST_WORKERS = 1000
_OCTAL = re.compile("0?[0-7]{3}")


def add_options(parser: Parser, *, listen: str) -> None:
    """The options of every service; `listen` is the address for the example in its help."""
    serving = parser.add_argument_group("service")
    serving.add_argument(
        "--listen",
        action="append",
        required=True,
        metavar="ADDRESS",
        help=f"where to listen, as {listen}, or inet6:PORT@HOST, HOST:PORT, unix:PATH, systemd: for the sockets of "
        "systemd; may be repeated",
    )
    serving.add_argument(
        "--socket-mode",
        type=_mode,
        default="600",
        metavar="MODE",
        help="permissions of a unix socket, as 660 (default: 600, this user only)",
    )
    serving.add_argument("--socket-group", default="", metavar="GROUP", help="group that owns a unix socket")
    serving.add_argument(
        "--workers", type=_workers, metavar="N", help="processes that judge (default: one for each core)"
    )
    add_config_options(parser, ". SIGHUP reads them again")


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings that the arguments ask for, read anew; SpamlintError where they cannot be used."""
    from spamlint.cli import guarding

    settings = guarding.settings_of(args)
    return replace(settings, workers=args.workers) if args.workers else settings


def run(serve: Serve, args: argparse.Namespace) -> int:
    """Runs `serve` as a service, as the arguments ask for, and returns the exit code."""
    from spamlint.hooks import service

    return service.run(serve, args.listen, partial(settings_of, args), mode=args.socket_mode, group=args.socket_group)


def _mode(value: str) -> int:
    if not _OCTAL.fullmatch(value):
        raise argparse.ArgumentTypeError(f"must be three octal digits, as 660, not {value!r}")
    return int(value, 8)


def _workers(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= _MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"must be a number of processes, not {value!r}")
    return int(value)
