"""What an address list consists of."""

from __future__ import annotations

from typing import NamedTuple

from spamlint.limits import Limits
from spamlint.mime import Defect
from spamlint.mime.words import decode_words
from spamlint.source import Text


class Mailbox(NamedTuple):
    """One address: `address` as written, without brackets; `local` unquoted; `domain` in small letters.

    `name` is what a reader sees of it, or None. What stands where an address belongs and has no "@" is a mailbox whose
    `domain` is empty.
    """

    name: Text | None
    address: Text
    local: str
    domain: str


class AddressList(NamedTuple):
    """The mailboxes of a field, members of groups included; the names of its groups; what is wrong with it."""

    mailboxes: tuple[Mailbox, ...] = ()
    groups: tuple[Text, ...] = ()
    problems: tuple[Defect, ...] = ()


def decoded_name(text: Text, limits: Limits) -> Text:
    """A display name without quotes and comments as a reader sees it: encoded words decoded, no blanks around it."""
    name, _ = decode_words(text, limits.encoded_words)
    value = name.value
    start = len(value) - len(value.lstrip())
    return name if value == value.strip() else name[start : max(start, len(value.rstrip()))]
