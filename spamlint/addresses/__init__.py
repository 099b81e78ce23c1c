"""Address lists (RFC 5322 3.4): the mailboxes of a From, To or Reply-To field, each with its place.

The structure is found on the body of the field before encoded words are decoded, as the standard has it: what a word
hides is never a comma or an angle bracket. Whatever is wrong is a `Defect`; reading goes on as mail programs do.
"""

from __future__ import annotations

import string
from typing import Final

from spamlint.addresses.mailbox import AddressList, Mailbox, decoded_name
from spamlint.limits import Limits
from spamlint.source import Text

__all__ = ["AddressList", "Mailbox", "parse_addresses"]

_LETTERS: Final = string.ascii_letters + string.digits
_LOCAL: Final = frozenset(_LETTERS + "!#$%&'*+/=?^_`{|}~-.")
_DOMAIN: Final = frozenset(_LETTERS + "-.")
_MARKS: Final = frozenset('"\\()<>,:;@[]')


def parse_addresses(body: Text, limits: Limits) -> AddressList:
    """The addresses in `body`, the unfolded and undecoded value of a field, at most `limits.addresses` of them."""
    plain = plain_address(body, limits)
    if plain is not None and limits.addresses:
        return AddressList((plain,))
    from spamlint.addresses.reader import Reader  # its patterns take a few milliseconds to compile

    reader = Reader(body, limits)
    reader.read()
    return AddressList(tuple(reader.mailboxes), tuple(reader.groups), tuple(reader.problems))


def plain_address(body: Text, limits: Limits) -> Mailbox | None:
    """The one address of a field as most are written. It only saves time: `Reader` says the same of it."""
    value, start, end, name = body.value, 0, len(body), None
    if value.endswith(">"):
        start, end = value.find("<") + 1, end - 1
        if start == 0:
            return None
        first, last = 0, len(value[: start - 1].rstrip())
        if last > 1 and value[0] == value[last - 1] == '"':
            first, last = 1, last - 1
        if not _MARKS.isdisjoint(value[first:last]):
            return None
        name = decoded_name(body[first:last], limits)
    local, _, domain = value[start:end].partition("@")
    if not (_is_dotted(local, _LOCAL) and _is_dotted(domain, _DOMAIN)):
        return None
    return Mailbox(name if name is not None and len(name) else None, body[start:end], local, domain.lower())


def _is_dotted(text: str, allowed: frozenset[str]) -> bool:
    if not text or not allowed.issuperset(text):
        return False
    return text[0] != "." and text[-1] != "." and ".." not in text
