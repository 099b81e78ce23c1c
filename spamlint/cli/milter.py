"""`spamlint milter`: a filter for Postfix and Sendmail."""

from __future__ import annotations

from collections.abc import Sequence

from spamlint.cli import hooks
from spamlint.cli.parser import Parser

_EXAMPLES = """The mail server asks before it takes a message, so whoever sends a risky one is told at once, and why.
It judges the mail of users who have authenticated, and lets all other mail pass. docs/mail-servers.md says more.

examples:
  spamlint milter --listen inet:8893@127.0.0.1
  spamlint milter --listen unix:/run/spamlint/milter.sock --socket-mode 660 --socket-group postfix

in /etc/postfix/main.cf:
  smtpd_milters = { inet:127.0.0.1:8893, default_action=tempfail }

signals: SIGHUP reads settings and rules again; SIGTERM stops when the messages that have begun are finished.
exit code: 0 when it has stopped, 2 where it cannot start.
"""


def run(arguments: Sequence[str]) -> int:
    """Serves mail servers until it is told to stop."""
    parser = Parser(
        prog="spamlint milter",
        description="Judges mail for Postfix or Sendmail (milter protocol) before they accept it.",
        epilog=_EXAMPLES,
    )
    hooks.add_options(parser, listen="inet:8893@127.0.0.1")
    args = parser.parse_args(arguments)
    from spamlint.hooks.milter.server import serve

    return hooks.run(serve, args)
