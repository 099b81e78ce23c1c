"""`spamlint override`: signs one message, so that it goes out though it would be refused."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from spamlint.cli.envelope import add_envelope_options, envelope_of, read_message
from spamlint.cli.parser import Parser
from spamlint.errors import ConfigError
from spamlint.guard.fields import OVERRIDE, body_digest, body_of
from spamlint.guard.key import new_key, read_key
from spamlint.guard.override import LONGEST_REASON, token
from spamlint.guard.reply import ascii_text
from spamlint.guard.settings import OVERRIDE_HOURS
from spamlint.report.escape import visible

_EXAMPLES = """The line that is printed goes into the header of that very message. It is good once, for that sender, all
of those recipients and that body; the mail server takes it out, and its reason stands in the log.

examples:
  spamlint override --new-key /etc/spamlint/override.key
  spamlint override --key-file /etc/spamlint/override.key --reason "the invoice is due" -t invoice.eml
  spamlint override --key-file override.key --reason "..." --sender a@b.example --recipient c@d.example mail.eml
"""


def run(arguments: Sequence[str]) -> int:
    """Prints the header field for the message that the arguments name, or makes a key."""
    parser = _parser()
    args = parser.parse_args(arguments)
    if args.new_key is not None:
        new_key(args.new_key)
        print(f"{visible(str(args.new_key))} is written: name it in the settings, as key-file under [guard.override]")
        return 0
    for option, value in (("--key-file", args.key_file), ("--reason", args.reason), ("MESSAGE", args.message)):
        if not value:
            parser.error(f"{option} is missing")
    reason = ascii_text(args.reason, LONGEST_REASON)
    if not reason:
        raise ConfigError("--reason: is empty")
    data = read_message(args.message)
    envelope = envelope_of(args, data)
    if not envelope.recipients:
        raise ConfigError(
            "a sender and recipients are missing: --sender and --recipient, or -t to take those of the header"
        )
    expires = int(time.time()) + args.hours * 3600
    signed = token(read_key(args.key_file), envelope, body_digest(body_of(data)), expires)
    print(f"{OVERRIDE}: {signed}\n {reason}")
    return 0


def _parser() -> Parser:
    parser = Parser(
        prog="spamlint override",
        usage="spamlint override --key-file FILE --reason TEXT [OPTION ...] MESSAGE",
        description="Signs one message, so that it goes out though it would be refused.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("message", nargs="?", metavar="MESSAGE", help="the message as it will be sent, or -")
    add_envelope_options(parser)
    parser.add_argument("--reason", metavar="TEXT", help="why it has to go out; stands in the log")
    parser.add_argument("--key-file", type=Path, metavar="FILE", help="the key that the mail server has too")
    parser.add_argument(
        "--hours",
        type=_hours,
        default=OVERRIDE_HOURS,
        metavar="N",
        help=f"how long it is good (default: {OVERRIDE_HOURS}); the settings may allow less",
    )
    parser.add_argument("--new-key", type=Path, metavar="FILE", help="write a new key to FILE, and do no more")
    return parser


def _hours(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 10_000:
        raise argparse.ArgumentTypeError(f"must be a number of hours, not {value!r}")
    return int(value)
