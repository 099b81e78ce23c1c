"""What the commands for single messages share: who sends a message to whom, from options or from its header."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from spamlint.cli.parser import Parser
from spamlint.errors import ConfigError
from spamlint.guard.envelope import Envelope

if TYPE_CHECKING:
    from spamlint.message import Message

_STDIN = "-"


def add_envelope_options(parser: Parser) -> None:
    """The options that name sender and recipients."""
    envelope = parser.add_argument_group("envelope")
    envelope.add_argument("--sender", metavar="ADDRESS", help="address of MAIL FROM; empty is the null sender")
    envelope.add_argument(
        "--recipient", action="append", default=[], metavar="ADDRESS", help="address of RCPT TO; may be repeated"
    )
    envelope.add_argument(
        "-t", dest="from_header", action="store_true", help="what is not given stands in From, To, Cc and Bcc"
    )


def envelope_of(args: argparse.Namespace, data: bytes) -> Envelope:
    """The envelope that the options describe, of the message in `data`."""
    sender, recipients = args.sender, tuple(args.recipient)
    if args.from_header:
        senders, named = _from_header(data)
        sender = sender if sender is not None else next(iter(senders), None)
        recipients = recipients or named
    if sender is None and args.recipient and not args.from_header:
        raise ConfigError("--recipient: needs --sender too, which may be empty, or -t")
    # Without a sender there is no null sender: then the envelope is not known, which is what no recipients mean.
    recipients = recipients if sender is not None else ()
    return Envelope("pipe", sender or "", recipients, is_asked=True)


def read_message(path: str) -> bytes:
    """The bytes of the message in a file, or on standard input ("-")."""
    if path == _STDIN:
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None


def _from_header(data: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses of the sender, and those of the recipients, each once."""
    from spamlint.message import Message

    message = Message.from_bytes(data)
    return _addresses(message, "From"), _addresses(message, "To", "Cc", "Bcc")


def _addresses(message: Message, *names: str) -> tuple[str, ...]:
    from spamlint.addresses import parse_addresses

    lists = [parse_addresses(field.body, message.limits) for name in names for field in message.all_headers(name)]
    return tuple(dict.fromkeys(mailbox.address.value for found in lists for mailbox in found.mailboxes))
