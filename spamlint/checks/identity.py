"""Checks on the fields that identify a message and say whom it is for: Message-ID, Date, references, recipients."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from spamlint.message import Message
from spamlint.names.domains import belong_together, is_address_literal
from spamlint.rule import Hit

if TYPE_CHECKING:
    from spamlint.addresses import Mailbox

EARLIEST_YEAR, LATEST_YEAR = 1990, 2099
"""Years that a Date can mean. No clock is asked: a verdict is the same on every day."""

OBSOLETE_ZONES = ("UT", "GMT", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT")
"""Names of zones that programs must understand and not write (RFC 5322 4.3)."""

_LONGEST = 2_000
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DATE = (
    r"(?i)(?:(mon|tue|wed|thu|fri|sat|sun)\s*,\s*)?(\d{1,2})\s+(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\s+"
    r"(\d{2,4})\s+(\d{1,2})\s*:\s*(\d{2})(?:\s*:\s*(\d{2}))?(?:\s+([+-]\d{4}|[A-Z]{1,5})(?=[\s(]|\Z))?"
)
_COMMENT = r"\s*(?:\([^()]*\)\s*)?\Z"
_MESSAGE_ID = r"<[^<>\s]+@[^<>\s@]+>"
_RELAY_HOST = r"(?:^|\.)(?:prod|protection)\.outlook\.com\Z"
"""Where Microsoft's servers add an identifier to a message that came without one."""


def bad_message_id(message: Message) -> Iterator[Hit]:
    """A Message-ID that is not one `<left@right>`."""
    header = message.header("message-id")
    if header is None or not header.body.value:
        return
    value = header.body.value[:_LONGEST]
    if "(" in value:
        value = re.sub(r"\([^()]*\)\s*\Z", "", value).strip()
    if not re.fullmatch(_MESSAGE_ID, value):
        yield Hit(header.body, {"value": value})


def message_id_host(message: Message) -> Iterator[Hit]:
    """A Message-ID whose right side is no domain: a bare machine name, an IP address, localhost."""
    header, host = message.header("message-id"), message.fact(_id_host)
    if header is None or not host:
        return
    ending = host.rpartition(".")[2]
    if "." not in host.strip(".") or is_address_literal(host) or ending in ("local", "localdomain", "lan", "internal"):
        at = header.body.value.lower().rfind(host)
        yield Hit(header.body[at : at + len(host)], {"host": host})


def message_id_elsewhere(message: Message) -> Iterator[Hit]:
    """A Message-ID made at another domain than that of From. `freemail` is 1 where From is at a free-mail provider."""
    header, host = message.header("message-id"), message.fact(_id_host)
    if header is None or "." not in host or is_address_literal(host) or re.search(_RELAY_HOST, host):
        return
    sender = next((mailbox.domain for mailbox in message.senders if "." in mailbox.domain), None)
    if sender is None or any(message.header(name) for name in ("list-post", "mailing-list", "list-id")):
        return
    if not belong_together(host, sender):
        from spamlint.names.providers import is_free_mail

        at = header.body.value.lower().rfind(host)
        free = int(is_free_mail(sender) and not is_free_mail(host) and not host.endswith(".google.com"))
        yield Hit(header.body[at : at + len(host)], {"host": host, "sender": sender, "freemail": free})


def address_in_message_id(message: Message) -> Iterator[Hit]:
    """A Message-ID that holds the address of a recipient."""
    header = message.header("message-id")
    if header is None:
        return
    value = header.body.value[:_LONGEST].lower()
    for mailbox in message.addresses("to").mailboxes[:20]:
        address = f"{mailbox.local}@{mailbox.domain}".lower()
        at = value.find(address) if mailbox.domain else -1
        if at >= 0 and value.strip("<> ") != address:
            yield Hit(header.body[at : at + len(address)], {"address": address})
            return


def _id_host(message: Message) -> str:
    """The right side of the Message-ID in small letters; "" where there is none."""
    header = message.header("message-id")
    found = re.search(r"@([^<>@\s]+)>", header.body.value[:_LONGEST]) if header is not None else None
    return found[1].lower() if found else ""


def bad_date(message: Message) -> Iterator[Hit]:
    """A Date that is not written as the standard has it. `broken`: programs read no or another date."""
    header = message.header("date")
    if header is None or not header.body.value:
        return
    value, found = header.body.value[:_LONGEST], message.fact(_date)
    if found is None or not re.fullmatch(_COMMENT, value[found.end() :]) or _impossible(found):
        yield Hit(header.body, {"value": value, "broken": 1})
    elif found[8] is None or len(found[4]) != 4 or not (found[8][0] in "+-" or found[8].upper() in OBSOLETE_ZONES):
        yield Hit(header.body, {"value": value, "broken": 0})


def _date(message: Message) -> re.Match[str] | None:
    """The parts of the Date field, as far as they are in their places."""
    header = message.header("date")
    return re.match(_DATE, header.body.value[:_LONGEST]) if header is not None else None


def _impossible(found: re.Match[str]) -> bool:
    year = int(found[4])
    day, hour, minute, second = int(found[2]), int(found[5]), int(found[6]), int(found[7] or 0)
    zone = found[8] or ""
    is_far = zone[:1] in ("+", "-") and (int(zone[1:3]) > 14 or int(zone[3:]) > 59)
    if len(found[4]) == 4 and not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return True
    return not 1 <= day <= 31 or hour > 23 or minute > 59 or second > 60 or is_far


def wrong_weekday(message: Message) -> Iterator[Hit]:
    """The name of a day in Date that is not the day of that date."""
    from datetime import date

    header = message.header("date")
    found = message.fact(_date)
    if header is None or found is None or found[1] is None or len(found[4]) != 4:
        return
    if not EARLIEST_YEAR <= int(found[4]) <= LATEST_YEAR:
        return
    try:
        day = date(int(found[4]), 1 + _MONTHS.index(found[3].lower()), int(found[2]))
    except ValueError:  # 31 February
        yield Hit(header.body, {"said": found[1], "date": found[0]})
        return
    if _DAYS[day.weekday()] != found[1].lower():
        said = header.body[found.start(1) : found.end(1)]
        yield Hit(said, {"said": found[1], "date": f"{found[2]} {found[3]} {found[4]}"})


def bad_reference(message: Message) -> Iterator[Hit]:
    """An In-Reply-To or References that holds no identifier of a message at all."""
    for name in ("in-reply-to", "references"):
        header = message.header(name)
        if header is not None and header.body.value and not re.search(_MESSAGE_ID, header.body.value[:_LONGEST]):
            yield Hit(header.body, {"name": header.name})


def lone_reference(message: Message) -> Iterator[Hit]:
    """The In-Reply-To of a message in HTML that does not look like an answer and comes to a first contact."""
    header, subject = message.header("in-reply-to"), message.subject
    if header is None or not header.body.value or subject is None or not message.html_parts or message.text_parts:
        return
    if any(message.header(name) is not None for name in ("list-post", "mailing-list")):
        return
    if not re.match(r"\s*(?:\[[^\]]{1,60}\]\s*)?[^\W\d_]{1,12}\s?(?:\[\d+\])?\s?[:：]", subject.value[:200]):
        yield Hit(header.field)


def malformed_recipient(message: Message) -> Iterator[Hit]:
    """What To or Cc has that the standard does not know. `broken` is 0 for slight problems."""
    yield from _malformed(message, ("to", "cc"))


def malformed_reply_to(message: Message) -> Iterator[Hit]:
    """What Reply-To or Sender has that the standard does not know. `broken` is 0 for slight problems."""
    yield from _malformed(message, ("reply-to", "sender"))


def _malformed(message: Message, names: tuple[str, ...]) -> Iterator[Hit]:
    for name in names:
        header = message.header(name)
        if header is None or not header.body.value:
            continue
        for problem in message.addresses(name).problems:
            shown = problem.text.value if problem.text is not None and len(problem.text) else header.body.value
            if problem.code.startswith("limit-"):
                continue
            if problem.code == "several-at-signs" and not re.search(r"\s", shown):
                continue  # a@b@c: forwarders and gateways write so; with a blank, it is two addresses without a comma
            yield Hit(problem.text, {"name": header.name, "what": shown, "broken": int(problem.code not in _SLIGHT)})


_SLIGHT = ("unquoted-special", "text-after-address", "space-in-address", "route", "semicolon", "empty-address")


def repeated_recipient(message: Message) -> Iterator[Hit]:
    """The second and each further mention of an address in To and Cc."""
    seen: set[str] = set()
    for mailbox in message.fact(_recipients):
        address = f"{mailbox.local}@{mailbox.domain}".lower()
        if address in seen:
            yield Hit(mailbox.address, {"address": address})
        seen.add(address)


def many_recipients(message: Message, *, most: int = 20) -> Iterator[Hit]:
    """The first address beyond the `most` that a message shows to all its recipients."""
    found = message.fact(_recipients)
    if len(found) > most:
        yield Hit(found[most].address, {"recipients": len(found)})


def recipient_is_sender(message: Message) -> Iterator[Hit]:
    """The only recipient, which is the sender's own address."""
    found = message.fact(_recipients)
    if len(found) == 1 and any(_same(found[0], sender) for sender in message.senders):
        yield Hit(found[0].address, {"address": found[0].address.value})


def replies_to_recipient(message: Message) -> Iterator[Hit]:
    """A Reply-To that is the address of the recipient and not that of the sender."""
    if any(message.header(name) is not None for name in ("list-post", "list-id", "mailing-list", "x-beenthere")):
        return
    recipients = message.fact(_recipients)
    for mailbox in message.addresses("reply-to").mailboxes if len(recipients) == 1 else ():
        if _same(mailbox, recipients[0]) and not any(_same(mailbox, sender) for sender in message.senders):
            yield Hit(mailbox.address, {"address": mailbox.address.value})


def _recipients(message: Message) -> list[Mailbox]:
    return [mailbox for name in ("to", "cc") for mailbox in message.addresses(name).mailboxes if mailbox.domain]


def _same(one: Mailbox, other: Mailbox) -> bool:
    return bool(one.domain) and (one.local.lower(), one.domain) == (other.local.lower(), other.domain)
