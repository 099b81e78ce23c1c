"""Checks on whom a message is for, as far as its header fields show it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spamlint.message import Message
from spamlint.rule import Hit

LONGEST_READ = 500
"""Characters of a subject that are looked at."""

_MADE_UP = r"[a-z][^@]{0,64}[\d._]|\d[^@]{0,64}[a-z]"
"""What no word or first name has: a digit, a full stop or an underscore. A hyphen is in names of lists."""


def no_recipient(message: Message) -> Iterator[Hit]:
    """The place of a To field in a message that names no recipient at all."""
    if message.kind == "message" and not any(message.header(name) for name in ("to", "cc", "bcc", "resent-to")):
        yield Hit(message.headers_end)


def undisclosed_recipients(message: Message) -> Iterator[Hit]:
    """A To field that holds no address, as `undisclosed-recipients:;` does."""
    header = message.header("to")
    if header is not None and not any(mailbox.domain for mailbox in message.addresses("to").mailboxes):
        yield Hit(header.field)


def recipient_in_subject(message: Message, *, shortest: int = 6) -> Iterator[Hit]:
    """The recipient's address in the subject, or what stands before its "@" where that is no plain word or name."""
    header, subject = message.header("to"), message.subject
    if subject is None or header is None or header.body.value.count("@") not in (1, 2):  # a name may be the address
        return
    if any(message.header(name) is not None for name in ("list-id", "list-post", "mailing-list", "in-reply-to")):
        return
    recipients = message.addresses("to").mailboxes
    if len(recipients) != 1 or not recipients[0].domain:
        return
    local, domain = recipients[0].local.lower(), recipients[0].domain
    wanted = [f"{local}@{domain}"]
    if len(local) >= shortest and re.search(_MADE_UP, local):
        wanted.append(local)
    value = subject.value[:LONGEST_READ]
    lower = value.lower()
    if len(lower) != len(value) or any(local == mailbox.local.lower() for mailbox in message.senders):
        return
    for piece in wanted:
        at = lower.find(piece)
        if at >= 0 and not _is_word(lower[at - 1 : at]) and not _is_word(lower[at + len(piece) :][:1]):
            yield Hit(subject[at : at + len(piece)], {"piece": value[at : at + len(piece)]})
            return


def _is_word(character: str) -> bool:
    return character.isalnum() or character in ("@", "_") if character else False
