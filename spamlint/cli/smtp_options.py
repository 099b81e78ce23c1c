"""The options of the SMTP proxy: from arguments to what the proxy is told."""

from __future__ import annotations

import argparse
import re
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from spamlint.errors import ConfigError

if TYPE_CHECKING:
    from spamlint.cli.parser import Parser
    from spamlint.hooks.smtp_proxy.hop import Next, Tls
    from spamlint.hooks.smtp_proxy.options import Options

_PLACE = re.compile(r"(?:\[([^\]]+)\]|([^:\[\]]+)):(\d{1,5})")
_NAME = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}")
_MOST_PORT = 65_535
_MEBIBYTE = 1024 * 1024


def add(parser: Parser) -> None:
    """The options that only the SMTP proxy has."""
    _add_next(parser)
    _add_clients(parser)
    _add_limits(parser)


def _add_next(parser: Parser) -> None:
    group = parser.add_argument_group("next mail server")
    group.add_argument(
        "--next", required=True, metavar="ADDRESS", help="where accepted mail goes: HOST:PORT, [::1]:PORT or unix:PATH"
    )
    group.add_argument(
        "--next-tls",
        choices=("none", "starttls", "tls"),
        help="how the next mail server is spoken to (default: none on this machine, else starttls)",
    )
    group.add_argument(
        "--next-ca", type=Path, metavar="FILE", help="certificates that vouch for it (default: those of the system)"
    )
    group.add_argument(
        "--next-seconds", type=_number, default=300, metavar="N", help="how long its answers may take (default: 300)"
    )
    group.add_argument("--hostname", type=_name, metavar="NAME", help="the name that the proxy goes by")


def _add_clients(parser: Parser) -> None:
    group = parser.add_argument_group("clients")
    group.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="NETWORK",
        help="clients beside those of this machine that may send without logging in; may be repeated",
    )
    group.add_argument(
        "--trust",
        action="append",
        default=[],
        metavar="NETWORK",
        help="front servers that are believed when they name their client (XFORWARD); may be repeated",
    )
    group.add_argument(
        "--auth",
        type=_auth,
        default=("", None),
        metavar="HOW",
        help="next: the next mail server checks logins; file:PATH: a file of users does (see --new-user)",
    )
    group.add_argument("--new-user", metavar="NAME", help="print a line for the file of users, and end")
    group.add_argument("--cert", type=Path, metavar="FILE", help="certificate for STARTTLS, with those above it")
    group.add_argument("--key", type=Path, metavar="FILE", help="its key (default: it is in the same file)")
    group.add_argument("--tls-first", action="store_true", help="begin with TLS at once, as on port 465")
    group.add_argument(
        "--submission", action="store_true", help="judge all mail; else only that of users and of submit_networks"
    )
    group.add_argument(
        "--insecure",
        action="store_true",
        help="let passwords travel in plain text, and to a mail server that has not proven its name",
    )


def _add_limits(parser: Parser) -> None:
    group = parser.add_argument_group("limits")
    group.add_argument(
        "--connections", type=_number, default=100, metavar="N", help="connections at once (default: 100)"
    )
    group.add_argument(
        "--megabytes", type=_number, metavar="N", help="size of one message (default: as the settings say, else 30)"
    )
    group.add_argument(
        "--memory",
        type=_number,
        default=512,
        metavar="N",
        help="megabytes of all messages that come in at once (default: 512)",
    )
    group.add_argument(
        "--grace", type=_number, default=60, metavar="N", help="seconds for messages under way at the end (default: 60)"
    )


def options(args: argparse.Namespace) -> Options:
    """What the arguments say; ConfigError where that cannot be."""
    from spamlint.hooks.listening import address
    from spamlint.hooks.reach import LOOPBACK, networks
    from spamlint.hooks.smtp_proxy.access import check_host
    from spamlint.hooks.smtp_proxy.options import Options

    how, users = args.auth
    if args.tls_first and args.cert is None:
        raise ConfigError("--tls-first: needs a certificate: --cert FILE")
    if args.key is not None and args.cert is None:
        raise ConfigError("--key: needs its certificate: --cert FILE")
    if users is not None:
        _check_users(users)
    hostname = args.hostname or socket.gethostname()
    allow = LOOPBACK + networks(args.allow, "--allow")
    for one in map(address, args.listen):
        if one.kind == "inet":
            check_host(one.name, allow, authenticates=bool(how))
    return Options(
        next=_next(args, hostname),
        hostname=hostname,
        allow=allow,
        trust=networks(args.trust, "--trust"),
        auth=how,
        users=users,
        tls=None if args.cert is None else ssl.create_default_context(ssl.Purpose.CLIENT_AUTH),
        is_tls_first=args.tls_first,
        insecure=args.insecure,
        is_submission=args.submission,
        most_connections=args.connections,
        most_octets=(args.megabytes or 0) * _MEBIBYTE,
        most_memory=args.memory * _MEBIBYTE,
        grace=float(args.grace),
    )


def load_certificate(chosen: Options, args: argparse.Namespace) -> None:
    """Reads the certificate of the proxy, where it has one; ConfigError where it cannot be used."""
    if chosen.tls is None:
        return
    try:
        chosen.tls.load_cert_chain(args.cert, args.key, password=_no_password)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigError(f"--cert {args.cert}: cannot be used: {reason}") from None


def _no_password() -> str:
    """A key that is locked is refused: nobody is there to type a password."""
    raise ValueError("the key is locked with a password")


def _next(args: argparse.Namespace, hostname: str) -> Next:
    from spamlint.hooks.smtp_proxy.hop import Next

    text, seconds = args.next, float(args.next_seconds)
    if text.startswith("unix:") and len(text) > len("unix:"):
        place = Next(path=text.removeprefix("unix:"), hostname=hostname, seconds=seconds)
        if args.next_tls not in {None, "none"}:
            raise ConfigError("--next-tls: a unix socket needs no TLS")
        return place
    found = _PLACE.fullmatch(text)
    if found is None or not 0 < int(found[3]) <= _MOST_PORT:
        raise ConfigError(f"--next {text}: is no address: write HOST:PORT, [::1]:PORT or unix:PATH")
    place = Next(host=found[1] or found[2], port=int(found[3]), hostname=hostname, seconds=seconds)
    tls: Tls = args.next_tls or ("none" if place.is_local else "starttls")
    if tls == "none":
        return place
    return Next(place.host, place.port, tls=tls, context=_context(args), hostname=hostname, seconds=seconds)


def _context(args: argparse.Namespace) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=args.next_ca)
    except OSError as error:
        raise ConfigError(f"--next-ca {args.next_ca}: cannot be used: {error.strerror or error}") from None
    if args.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _check_users(file: Path) -> None:
    from spamlint.hooks.smtp_proxy import users

    users.load(file)


def _auth(value: str) -> tuple[str, Path | None]:
    if value == "next":
        return value, None
    if value.startswith("file:") and len(value) > len("file:"):
        return "file", Path(value.removeprefix("file:"))
    raise argparse.ArgumentTypeError(f"must be next or file:PATH, not {value!r}")


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise argparse.ArgumentTypeError(f"must be a name as mail.example, not {value!r}")
    return value


def _number(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"must be a number above 0, not {value!r}")
    return int(value)
