"""`spamlint smtp`: tries a server as a way out for mail, up to RCPT TO. Nothing is ever sent."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from getpass import GetPassWarning, getpass
from pathlib import Path
from typing import Final
from warnings import catch_warnings, simplefilter

from spamlint import __version__
from spamlint.cli.parser import WRONG_USE, Parser, add_setting_options, settings, style
from spamlint.errors import ConfigError
from spamlint.report import smtp_json, smtp_text
from spamlint.report.smtp_data import smtp_report
from spamlint.smtp_probe.probe import Trial, tried
from spamlint.smtp_probe.target import SMTP, SUBMISSION, SUBMISSIONS, target_of

_LONGEST_ADDRESS = 320
_LONGEST_TIME = 600.0
_MOST_RECIPIENTS = 20
_CODES: Final = {"would-relay": 0, "answers": 0, "refused": 1, "not-tried": WRONG_USE}
_EXAMPLES = """examples:
  spamlint smtp mail.example.nl:587                                 who answers, TLS, certificate, AUTH, SIZE
  spamlint smtp mail.example.nl --from ann@example.nl --to bo@example.org
  spamlint smtp mail.example.nl:587 --user ann --from ann@example.nl --to bo@example.org      asks for the password
  spamlint smtp [192.0.2.7]:465 --user ann --password-env SMTP_PASSWORD
  spamlint smtp [2001:db8::1] --tls none --lang nl

The conversation ends after RCPT TO with RSET and QUIT: no message is sent.

exit code: 0 would relay, or nothing was refused where no --to is given; 1 refused; 2 wrong use, or it could not be
tried: no connection, no TLS, no SMTP, no answer in time.
"""


def run(arguments: Sequence[str]) -> int:
    """Tries the server that the arguments name, prints the report, and returns the exit code."""
    args = _parser().parse_args(arguments)
    config, _ = settings(args, whole=False)
    language = args.lang or config.language
    report = smtp_report(tried(_trial(args)), datetime.now(UTC))
    if args.format == "json":
        sys.stdout.write(smtp_json.text(report, __version__, language))
    else:
        sys.stdout.write(smtp_text.text(report, style(language, colour=args.colour)))
    return _CODES[report.probe.outcome]


def _trial(args: argparse.Namespace) -> Trial:
    """What the arguments ask for. ConfigError where they do not fit together."""
    port = SUBMISSIONS if args.tls == "implicit" else SUBMISSION if args.user else SMTP
    target = target_of(args.server, port)
    if args.to and args.sender is None:
        raise ConfigError("--to needs --from; the sender of bounces is --from ''")
    if len(args.to) > _MOST_RECIPIENTS:
        raise ConfigError(f"--to: at most {_MOST_RECIPIENTS} recipients are tried")
    if args.password_env and not args.user:
        raise ConfigError("--password-env needs --user")
    if not 0 < args.timeout <= _LONGEST_TIME:
        raise ConfigError(f"--timeout: a number of seconds up to {_LONGEST_TIME:g} is wanted")
    if args.size < 0:
        raise ConfigError("--size: a number of octets is wanted")
    return Trial(
        target,
        sender=None if args.sender is None else _address("--from", args.sender),
        recipients=tuple(_address("--to", one) for one in args.to),
        helo=_word("--helo", args.helo),
        tls=args.tls,
        user=args.user,
        password=_password(args) if args.user else "",
        insecure=args.insecure,
        seconds=args.timeout,
        ca_file=args.ca_file,
        size=args.size,
    )


def _address(option: str, text: str) -> str:
    """An address as it goes into a command; nothing that could end the command or begin another."""
    if text and (
        len(text) > _LONGEST_ADDRESS or not text.isprintable() or any(sign in text for sign in "<> ")
        or (option == "--to" and "@" not in text)
    ):  # fmt: skip
        raise ConfigError(f"{option}: {text!r:.80} is no address: user@host.tld is wanted, without a name")
    if option == "--to" and not text:
        raise ConfigError("--to: an address is wanted")
    return text


def _word(option: str, text: str) -> str:
    if text and (len(text) > 255 or not text.isascii() or not text.isprintable() or " " in text):
        raise ConfigError(f"{option}: {text!r:.80} is no host name, and no address in brackets")
    return text


def _password(args: argparse.Namespace) -> str:
    """The password from the environment, else from a prompt that does not show it."""
    if args.password_env:
        found = os.environ.get(args.password_env)
        if found is None:
            raise ConfigError(f"--password-env: there is no environment variable {args.password_env!r:.80}")
        return found
    if not sys.stdin.isatty():
        raise ConfigError("no terminal to ask for the password: name an environment variable with --password-env")
    with catch_warnings():
        simplefilter("error", GetPassWarning)
        try:
            return getpass("Password: ")
        except (GetPassWarning, EOFError):
            raise ConfigError("the password could not be asked for without showing it: use --password-env") from None


def _parser() -> Parser:
    parser = Parser(
        prog="spamlint smtp",
        usage="spamlint smtp [OPTION ...] HOST[:PORT]",
        description="Tries a server as a way out for mail: connection, TLS, AUTH, SIZE, MAIL FROM and RCPT TO. "
        "Nothing is sent.",
        epilog=_EXAMPLES,
    )
    parser.add_argument(
        "server",
        metavar="HOST[:PORT]",
        help="a name, [192.0.2.7]:587 or [2001:db8::1]; port 25, with --user 587, with --tls implicit 465",
    )
    mail = parser.add_argument_group("mail")
    mail.add_argument("--from", dest="sender", metavar="ADDRESS", help="sender for MAIL FROM; '' is that of bounces")
    mail.add_argument("--to", action="append", default=[], metavar="ADDRESS", help="recipient for RCPT TO; repeatable")
    mail.add_argument("--size", type=int, default=0, metavar="OCTETS", help="size that the message would have")
    talk = parser.add_argument_group("conversation")
    talk.add_argument("--helo", default="", metavar="NAME", help="name to greet with (default: that of this machine)")
    talk.add_argument(
        "--tls",
        choices=("auto", "starttls", "implicit", "none"),
        default="auto",
        help="default: auto, at once on port 465, elsewhere where STARTTLS is offered",
    )
    talk.add_argument("--ca-file", type=Path, metavar="FILE", help="authorities to trust, in place of the system's")
    talk.add_argument(
        "--timeout", type=float, default=30.0, metavar="SECONDS", help="for the whole trial (default: 30)"
    )
    _add_login(parser)
    shown = parser.add_argument_group("report")
    shown.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    shown.add_argument("--no-color", dest="colour", action="store_false", help="no colour; so does NO_COLOR=1")
    add_setting_options(parser)
    return parser


def _add_login(parser: Parser) -> None:
    login = parser.add_argument_group("login")
    login.add_argument("--user", default="", metavar="NAME", help="log in; the password is asked for")
    login.add_argument("--password-env", default="", metavar="VARIABLE", help="environment variable with the password")
    login.add_argument(
        "--insecure", action="store_true", help="send the password over plain text, or past a wrong certificate"
    )
