"""The options about the route of mail, and the asking that they stand for. Nothing is asked without them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from spamlint.cli.parser import Parser
from spamlint.errors import ConfigError

if TYPE_CHECKING:
    from spamlint.delivery import Delivery
    from spamlint.message import Message
    from spamlint.sender.config import SenderSettings
    from spamlint.sender.dns import Dns
    from spamlint.sender.route import Route

_MODULES = ("dns", "dkim")
_LONGEST_WAIT = 300.0
_QUESTIONS = 5
"""Questions that may wait in full, one after the other, before the rest is given up."""


def add_route_options(parser: Parser, *, of_sender: bool = False) -> None:
    """The options that say which route is meant, and how the DNS is asked."""
    group = parser.add_argument_group("route (asks the network)")
    group.add_argument("--route", metavar="NAME", help="route of the settings, [route.NAME], that the mail takes")
    if not of_sender:
        group.add_argument("--dns", action="store_true", help="ask the DNS about the sender, whatever the route")
        group.add_argument("--from", dest="sender", metavar="ADDRESS", help="address in From that a draft will have")
    group.add_argument("--dns-server", metavar="IP[:PORT]", help="DNS server to ask (default: that of the system)")
    group.add_argument(
        "--dns-timeout", type=_seconds, default=3.0, metavar="SECONDS", help="for one question (default: 3)"
    )
    group.add_argument(
        "--dns-snapshot", type=Path, metavar="FILE", help="answers are read from FILE, or written if it is not there"
    )


@contextmanager
def asking(args: argparse.Namespace, *, is_bulk: bool) -> Iterator[Callable[[Message], Delivery] | None]:
    """What finds out about the route of a message; None where no option asks for it."""
    if not args.route and not args.dns:
        for option, value in (
            ("--from", args.sender), ("--dns-server", args.dns_server), ("--dns-snapshot", args.dns_snapshot)
        ):  # fmt: skip
            if value:
                raise ConfigError(f"{option} says nothing without --route or --dns")
        yield None
        return
    from spamlint.delivery import Delivery, Remark
    from spamlint.sender.examine import examine

    route, chosen = route_of(args)
    with dns_of(args) as dns:

        def deliver(message: Message) -> Delivery:
            address = next((one.address.value for one in message.senders if one.domain), args.sender or "")
            if "@" not in address:
                return Delivery(route.name, (Remark("no-sender-address", {"route": route.name}),), is_decided=False)
            bulk = True if is_bulk else None
            return examine(dns, route, address, message=message, lists=chosen.lists, is_bulk=bulk).delivery

        yield deliver


def route_of(args: argparse.Namespace) -> tuple[Route, SenderSettings]:
    """The route that the arguments name, or one that stands for none; and the settings it comes from."""
    from spamlint import config
    from spamlint.sender.config import load
    from spamlint.sender.route import Route

    if missing := [name for name in _MODULES if find_spec(name) is None]:
        raise ConfigError(
            f"to ask the DNS, Python needs more ({', '.join(missing)}): python3 -m pip install 'spamlint[dns]'"
        )
    file = args.config
    if file is None and not args.no_config:
        file = config.find(Path.cwd())
    settings = load(file)
    return settings.route(args.route) if args.route else Route(""), settings


@contextmanager
def dns_of(args: argparse.Namespace) -> Iterator[Dns]:
    """The DNS as the arguments want it asked; what it said is written to the snapshot at the end."""
    from spamlint.sender import snapshot
    from spamlint.sender.dns import Dns, server_of

    servers = [server_of(args.dns_server)] if args.dns_server else []
    file: Path | None = args.dns_snapshot
    recorded = snapshot.read(file) if file is not None and file.exists() else None
    dns = Dns(servers, args.dns_timeout, args.dns_timeout * _QUESTIONS, recorded)
    yield dns
    if file is not None and recorded is None:
        snapshot.write(file, dns.answers.values())


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _LONGEST_WAIT:
        raise argparse.ArgumentTypeError(f"must be seconds, more than 0 and at most {_LONGEST_WAIT:g}, not {value!r}")
    return seconds
