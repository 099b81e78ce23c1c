"""`spamlint smtp-proxy`: judges mail on its way from clients to a mail server."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from spamlint.cli import hooks, smtp_options
from spamlint.cli.parser import WRONG_USE, Parser, complain

if TYPE_CHECKING:
    from spamlint.guard.settings import Settings

_EXAMPLES = """It acknowledges a message only after the next mail server has. docs/smtp-proxy.md says how to set it up.

examples:
  spamlint smtp-proxy --listen 127.0.0.1:10025 --next 127.0.0.1:10026 --trust 127.0.0.1
                           behind Postfix's smtpd_proxy_filter
  spamlint smtp-proxy --listen 127.0.0.1:2525 --next smtp.provider.example:587 --auth next
                           for programs on this machine, in front of a provider
  spamlint smtp-proxy --new-user anna >> users
                           makes a line for the file of --auth file:users

exit code: 0 when it was told to end and has, 2 where it cannot begin.
"""


def run(arguments: Sequence[str]) -> int:
    """Serves until it is told to end."""
    if arguments and arguments[0] == "--new-user":
        return _new_user(list(arguments[1:]))
    args = _parser().parse_args(arguments)
    if args.new_user is not None:
        complain("--new-user stands alone: spamlint smtp-proxy --new-user NAME")
        return WRONG_USE
    if find_spec("aiosmtplib") is None:
        complain("the SMTP proxy needs aiosmtplib: python3 -m pip install 'spamlint[server]'")
        return WRONG_USE
    from spamlint.hooks import service
    from spamlint.hooks.smtp_proxy.server import serve

    options = smtp_options.options(args)

    def settings() -> Settings:
        smtp_options.load_certificate(options, args)
        return hooks.settings_of(args)

    serving = partial(serve, options=options)
    return service.run(serving, args.listen, settings, mode=args.socket_mode, group=args.socket_group)


def _parser() -> Parser:
    parser = Parser(
        prog="spamlint smtp-proxy",
        usage="spamlint smtp-proxy --listen ADDRESS --next ADDRESS [options]",
        description="Judges mail on its way from clients to a mail server, before either has to answer for it.",
        epilog=_EXAMPLES,
    )
    hooks.add_options(parser, listen="127.0.0.1:10025")
    smtp_options.add(parser)
    return parser


def _new_user(names: list[str]) -> int:
    """Prints the line of a user for a password that is typed, or comes in on standard input."""
    from spamlint.hooks.smtp_proxy import users

    if len(names) != 1:
        complain("one name is needed: spamlint smtp-proxy --new-user NAME")
        return WRONG_USE
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not password:
        complain("a password is needed: on standard input, or typed")
        return WRONG_USE
    print(users.line(names[0], password.encode()))
    return 0
