"""`spamlint spamd`: answers programs that ask SpamAssassin's spamd."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from spamlint.cli import hooks
from spamlint.cli.parser import Parser
from spamlint.errors import ConfigError

_EXAMPLES = """Programs that can ask spamd can ask it instead, as they are: spamc, Exim (spam =), Haraka, Mailpit. The
score is scaled so that 5.0 blocks; what then happens is up to the program that asks. docs/spamd.md says more.

examples:
  spamlint spamd --listen 127.0.0.1:783
  spamlint spamd --listen unix:/run/spamlint/spamd.sock --socket-mode 660 --socket-group Debian-exim
  spamc -R < message.eml

signals: SIGHUP reads settings and rules again; SIGTERM stops when the requests that have begun are answered.
exit code: 0 when it has stopped, 2 where it cannot start.
"""


def run(arguments: Sequence[str]) -> int:
    """Answers until it is told to stop."""
    parser = Parser(
        prog="spamlint spamd", description="Answers in the protocol of SpamAssassin's spamd.", epilog=_EXAMPLES
    )
    hooks.add_options(parser, listen="127.0.0.1:783")
    parser.add_argument(
        "--allow-ips",
        action="append",
        default=[],
        metavar="NETWORKS",
        help="who may ask beside this machine, as 192.0.2.7,10.0.0.0/8; needed to listen beyond it",
    )
    args = parser.parse_args(arguments)
    from spamlint.hooks.reach import asked_beyond, networks
    from spamlint.hooks.spamd.server import Options, serve, unlisted

    allow = networks((text.strip() for one in args.allow_ips for text in one.split(",")), "--allow-ips")
    if not allow and (host := asked_beyond(args.listen)):
        raise ConfigError(unlisted(host))
    return hooks.run(partial(serve, options=Options(allow)), args)
