"""Checks on what the sender's name and address look like: signs of a program that makes them up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from spamlint.message import Message
from spamlint.rule import Hit

_LONGEST = 500
_MARKS = "®©™℠°№"
"""Symbols that belong to the names of firms."""

_RUN = r"[a-z]+|\d+"
_SHORT_LABEL, _MOST_RUNS, _MOST_DIGITS = 8, 4, 5
_ODD_END = r"[,;_~|*#=:]\s*\Z|(?<!\w)-+\s*\Z"
_STOP = r"\b([^\W\d_]{4,})\.\s*\Z"
_SHORTENED = ("assn", "assoc", "bros", "corp", "dept", "dipl", "intl", "inst", "magn", "prof", "univ")


def untidy_address(message: Message) -> Iterator[Hit]:
    """A From field whose address touches the name, or has a blank before the closing bracket."""
    header = message.header("from")
    if header is None:
        return
    value = header.body.value[:_LONGEST]
    found = re.search(r"(?<=[^\s<\",:;])<(?=[^<>\s]+@)|[^\s<>]\s+>", value)
    if found is not None:
        start = max(0, found.start() - 1) if found[0] == "<" else found.start()
        yield Hit(header.body[start : found.end()])


def symbols_in_name(message: Message) -> Iterator[Hit]:
    """A picture character in the name of the sender."""
    for mailbox in message.senders:
        name = mailbox.name
        if name is None or name.value.isascii():
            continue
        for at, character in enumerate(name.value[:_LONGEST]):
            if unicodedata.category(character) == "So" and character not in _MARKS:
                yield Hit(name[at : at + 1], {"symbol": character})
                break


def untidy_name(message: Message) -> Iterator[Hit]:
    """A name of the sender that ends in punctuation which no name has, or that has no letter at all."""
    for mailbox in message.senders:
        name = mailbox.name
        if name is None or not name.value.strip():
            continue
        value = name.value[:_LONGEST]
        if not any(character.isalnum() for character in value):
            yield Hit(name, {"end": value})
            continue
        end = re.search(_ODD_END, value)
        stop = re.search(_STOP, value) if end is None else None
        if stop is not None and stop[1].islower() | stop[1].istitle() and stop[1].lower() not in _SHORTENED:
            end = stop
        if end is not None:
            yield Hit(name[end.start() :], {"end": end[0].strip()})


def random_domain(message: Message) -> Iterator[Hit]:
    """A sender's domain with a label in which letters and digits change places as chance has it."""
    for mailbox in message.senders:
        for label in mailbox.domain.split(".")[:-1]:
            if _is_random(label):
                yield Hit(mailbox.address, {"label": label})
                break


def _is_random(label: str) -> bool:
    if len(label) < _SHORT_LABEL or len(label) > 63 or label.startswith("xn--"):
        return False
    if not re.search(r"[a-z]", label):
        return False
    pieces = [piece for piece in label.split("-") if len(piece) >= _SHORT_LABEL]
    return sum(map(str.isdigit, label)) >= _MOST_DIGITS or any(
        len(re.findall(_RUN, piece)) >= _MOST_RUNS for piece in pieces
    )


def digits_in_address(message: Message, *, digits: int = 5) -> Iterator[Hit]:
    """A sender's address, not at a provider of mail to everybody, whose name ends or begins with a long number."""
    from spamlint.names.providers import is_free_mail

    for mailbox in message.senders:
        found = re.fullmatch(r"[A-Za-z_-]*(\d+)[A-Za-z_-]*", mailbox.local[:64]) if mailbox.domain else None
        is_long = found is not None and len(found[1]) >= digits and not mailbox.local.isdigit()
        if found is not None and is_long and not is_free_mail(mailbox.domain):
            yield Hit(mailbox.address, {"number": found[1]})


def odd_case(message: Message) -> Iterator[Hit]:
    """A field name in small letters, where the same message writes From with a capital."""
    sender = message.header("from")
    if sender is None or sender.name.islower():
        return
    for key in ("sender", "to", "subject", "date", "reply-to", "message-id", "content-type", "list-unsubscribe"):
        for header in message.all_headers(key):
            if header.name == key:
                yield Hit(header.field[: len(key)], {"name": key})
