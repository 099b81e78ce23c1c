"""Checks on who sends a message and to whom, as far as its own header fields show it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from spamlint.message import Message
from spamlint.names.domains import LONGEST_DOMAIN, belong_together, is_address_literal, main_label, readable
from spamlint.rule import Hit
from spamlint.source import Text
from spamlint.verdict import Value

if TYPE_CHECKING:
    from spamlint.addresses import Mailbox

LONGEST_LOCAL = 64
"""Octets before the "@" (RFC 5321 4.5.3.1.1)."""

RESERVED_ENDINGS = ("arpa", "home", "internal", "invalid", "lan", "local", "localdomain", "localhost", "test")
"""Endings that lead nowhere on the internet (RFC 2606, 6761, 6762, 9476). Samples need .example, so it is not here."""

SYSTEM_NAMES = ("mailer-daemon", "postmaster")
"""Names of mail systems, which stand alone in reports on deliveries (RFC 2142, RFC 5321 4.5.1)."""

LIST_HEADERS = ("list-id", "list-post", "mailing-list", "x-mailing-list", "x-mailman-version")
"""What a mailing list adds. A list may write From and Reply-To anew."""

# Patterns are text until the first mail that needs one: compiling them all would take longer than most checks.
NO_REPLY = r"(?i)(?:^|[._+-])(?:do[._-]?not|no|non|niet)[._-]?(?:reply|replay|respond|beantwoorden|antwoorden)"

_ADDRESS = r"[\w.+=-]{1,64}@((?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24})"
_DOMAIN = (
    r"(?i)(?<![\w.@-])(?:www\.)?((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,4}"
    r"(?:com|net|org|info|nl|be|de|eu|fr|es|it|pt|br|pl|ch|at|dk|se|no|fi|ie|uk|us|ca|in|jp|cn|ru|au|co|io))(?![\w.-])"
)
_NO_DOMAINS = frozenset({"asp.net", "vb.net", "ado.net", "socket.io"})
_LONGEST_NAME = 500
_LONGEST_ADDRESS = 2_000
_ON_BEHALF = r"(?i)\b(?:via|namens|on behalf of|im auftrag von)\b"
_SLIGHT = frozenset({"unquoted-special", "text-after-address", "space-in-address", "route", "semicolon"})
"""Problems of a From field that mail programs read past."""


def several_from(message: Message) -> Iterator[Hit]:
    """The second and each further address of the From field."""
    mailboxes = [mailbox for mailbox in message.senders if mailbox.domain]
    for mailbox in mailboxes[1:]:
        yield Hit(mailbox.address, {"addresses": len(mailboxes)})


def malformed_from(message: Message) -> Iterator[Hit]:
    """What a From field that holds something has that the standard does not know. `broken` is 0 for slight problems."""
    header = message.header("from")
    if header is None or not header.body.value or _is_report(message):
        return
    for problem in message.addresses("from").problems:
        if not problem.code.startswith("limit-"):
            shown = problem.text.value if problem.text is not None and len(problem.text) else header.body.value
            yield Hit(problem.text, {"what": shown, "broken": int(problem.code not in _SLIGHT)})


def group_from(message: Message) -> Iterator[Hit]:
    """The name of a group in the From field."""
    for group in message.addresses("from").groups:
        yield Hit(group, {"group": group.value})


def undeliverable_from(message: Message) -> Iterator[Hit]:
    """An address of the From field to which nobody on the internet can answer."""
    for mailbox in message.senders:
        if mailbox.domain and _undeliverable(mailbox):
            yield Hit(mailbox.address, {"address": mailbox.address.value})


def _undeliverable(mailbox: Mailbox) -> bool:
    domain = mailbox.domain.rstrip(".")
    ending = domain.rpartition(".")[2]
    return (
        not domain.rpartition(".")[0]
        or is_address_literal(domain)
        or ending in RESERVED_ENDINGS
        or ending.isdigit()
        or len(mailbox.local.encode("utf-8", "replace")) > LONGEST_LOCAL
        or len(domain.encode("utf-8", "replace")) > LONGEST_DOMAIN
    )


def address_in_display_name(message: Message) -> Iterator[Hit]:
    """An address in the name of the sender that is not the sender's."""
    for mailbox in _with_names(message):
        name = mailbox.name
        assert name is not None
        found = re.search(_ADDRESS, name.value[:_LONGEST_NAME]) if "@" in name.value else None
        if found is None or _is_on_behalf(name):
            continue
        if found[0].lower() != f"{mailbox.local}@{mailbox.domain}".lower():
            same = belong_together(found[1].lower(), mailbox.domain)
            values: dict[str, Value] = {"shown": found[0], "address": mailbox.address.value, "elsewhere": int(not same)}
            yield Hit(name[found.start() : found.end()], values)


def brand_mismatch(message: Message, *, trusted: tuple[str, ...] = ()) -> Iterator[Hit]:
    """A well-known name, or a domain, in the name of the sender, whose address is at another domain.

    `strength` is 2 where the name says little else, 1 where it does (a partner or a seller may name the brand), and 0
    for a domain, and where the address has the brand in its own: it may be another one of its owner.
    """
    for name, domain in _claims(message):
        hit = None if domain in trusted else _brand_hit(name, domain) or _domain_hit(name, domain)
        if hit is not None and not _is_on_behalf(name):
            yield hit
            return


def _claims(message: Message) -> Iterator[tuple[Text, str]]:
    """Each name that a reader sees as the sender, with the domain of the address: words that lost their comma too."""
    mailboxes = message.senders
    domain = next((mailbox.domain for mailbox in mailboxes if mailbox.domain), "")
    for mailbox in mailboxes:
        if mailbox.name is not None:
            yield mailbox.name, mailbox.domain or domain
        elif not mailbox.domain and domain:
            yield mailbox.address, domain


def _brand_hit(name: Text, domain: str) -> Hit | None:
    from spamlint.names.brands import brand_in, owned_by

    found = brand_in(name.value)
    if found is None:
        return None
    brand, owned, alone = found
    if owned_by(domain, owned):
        return None
    joined = brand.replace(" ", "")
    strength = 0 if len(joined) >= 5 and main_label(domain).removeprefix("the").startswith(joined) else 1 + alone
    return Hit(name, {"brand": brand, "domain": domain, "strength": strength})


def _domain_hit(name: Text, domain: str) -> Hit | None:
    for found in re.finditer(_DOMAIN, name.value[:_LONGEST_NAME]) if "." in name.value else ():
        said = found[1].lower()
        label = main_label(said) or said.split(".")[-2]
        if said in _NO_DOMAINS or belong_together(said, domain) or label in domain:
            continue
        return Hit(name[found.start() : found.end()], {"brand": said, "domain": domain, "strength": 0})
    return None


def reply_to_elsewhere(message: Message) -> Iterator[Hit]:
    """A Reply-To at another domain than From. `freemail` is 1 where replies leave for a free-mail account."""
    sender = _sender(message)
    if sender is None or _is_list(message):
        return
    from spamlint.names.providers import is_free_mail

    if sender.name is not None and _is_on_behalf(sender.name):
        return
    for mailbox in message.addresses("reply-to").mailboxes:
        if not mailbox.domain or belong_together(mailbox.domain, sender.domain):
            continue
        if main_label(mailbox.domain) and main_label(mailbox.domain) == main_label(sender.domain):
            continue
        is_free = int(is_free_mail(mailbox.domain))
        yield Hit(mailbox.address, {"sender": sender.domain, "replies": mailbox.address.value, "freemail": is_free})


def return_path_elsewhere(message: Message) -> Iterator[Hit]:
    """A Return-Path at another domain than From: bounces go there, and SPF is about it."""
    yield from _elsewhere(message, "return-path")


def sender_differs(message: Message) -> Iterator[Hit]:
    """A Sender field at another domain than From."""
    yield from _elsewhere(message, "sender")


def _elsewhere(message: Message, field: str) -> Iterator[Hit]:
    sender = _sender(message)
    if sender is None or _is_list(message):
        return
    for mailbox in message.addresses(field).mailboxes:
        if mailbox.domain and not belong_together(mailbox.domain, sender.domain):
            yield Hit(mailbox.address, {"domain": mailbox.domain, "sender": sender.domain})


def free_mail_bulk(message: Message) -> Iterator[Hit]:
    """A From address at a free-mail provider."""
    from spamlint.names.providers import is_free_mail

    for mailbox in message.senders:
        if is_free_mail(mailbox.domain):
            yield Hit(mailbox.address, {"domain": mailbox.domain})


def look_alike_domain(message: Message) -> Iterator[Hit]:
    """A sender's domain that can be mistaken for a well-known one, or that mixes scripts to look like another.

    `strength` is 2 where letters deceive, 1 where a well-known name is a word of a longer domain.
    """
    from spamlint.names.brands import imitated_by
    from spamlint.names.lookalikes import is_dressed_up, mixes_scripts, plain

    for mailbox in message.senders:
        domain = readable(mailbox.domain)
        if not domain:
            continue
        imitated = imitated_by(domain)
        if imitated is not None:
            yield Hit(
                mailbox.address, {"brand": imitated[0], "domain": domain, "strength": 1 + (imitated[1] != "inside")}
            )
        elif any(mixes_scripts(label) or is_dressed_up(label) for label in domain.split(".")):
            yield Hit(mailbox.address, {"brand": plain(domain), "domain": domain, "strength": 2})


def punycode_domain(message: Message) -> Iterator[Hit]:
    """A sender's domain in punycode, or with letters beyond ASCII."""
    for mailbox in message.senders:
        if "xn--" in mailbox.domain or not mailbox.domain.isascii():
            yield Hit(mailbox.address, {"domain": mailbox.domain, "shown": readable(mailbox.domain)})


def no_reply_address(message: Message) -> Iterator[Hit]:
    """An address that asks not to be answered, where answers go."""
    field = "reply-to" if any(mailbox.domain for mailbox in message.addresses("reply-to").mailboxes) else "from"
    for mailbox in message.addresses(field).mailboxes:
        if mailbox.domain and re.search(NO_REPLY, mailbox.local[:LONGEST_LOCAL]):
            yield Hit(mailbox.address, {"address": mailbox.address.value})


def foreign_links(message: Message, *, at_least: int = 1) -> Iterator[Hit]:
    """The first web link of a message none of whose `at_least` or more links and pictures is at the sender's domain."""
    sender = _sender(message)
    if sender is None or _is_list(message):
        return
    from spamlint.links import host_of
    from spamlint.names.providers import is_free_mail

    if is_free_mail(sender.domain):
        return
    first: Text | None = None
    hosts: dict[str, None] = {}
    label = main_label(sender.domain)
    for document in message.documents:
        for tags, attribute in ((("a", "area"), "href"), (("img",), "src")):
            for element in document.all(*tags):
                host = host_of((element.get(attribute) or "")[:_LONGEST_ADDRESS])
                if not host:
                    continue
                if (label and label in host) or belong_together(host, sender.domain):
                    return
                hosts.setdefault(host)
                if first is None and attribute == "href":
                    first = element.attribute(attribute)
    if first is not None and len(hosts) >= at_least:
        yield Hit(first, {"domain": sender.domain, "hosts": ", ".join(list(hosts)[:3])})


def _sender(message: Message) -> Mailbox | None:
    return next((mailbox for mailbox in message.senders if mailbox.domain), None)


def _with_names(message: Message) -> Iterator[Mailbox]:
    return (mailbox for mailbox in message.senders if mailbox.name is not None and mailbox.domain)


def _is_report(message: Message) -> bool:
    """Whether a mail system reports on a delivery: it may sign with its name alone (MAILER-DAEMON)."""
    if message.root.content_type == "multipart/report":
        return True
    names = (mailbox.local or str(mailbox.name) for mailbox in message.senders)
    return any(name.lower() in SYSTEM_NAMES for name in names)


def _is_list(message: Message) -> bool:
    return any(message.header(name) is not None for name in LIST_HEADERS)


def _is_on_behalf(name: Text) -> bool:
    """Whether a list or a relay says that it sends for somebody else: "Ann via Bakers"."""
    return re.search(_ON_BEHALF, name.value[:_LONGEST_NAME]) is not None
