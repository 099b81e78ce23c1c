"""Checks on what providers ask of mail to many, as far as its header fields show it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spamlint.checks.headers import names_of
from spamlint.message import Message
from spamlint.mime import Header
from spamlint.names.domains import belong_together, main_label
from spamlint.rule import Hit
from spamlint.subscription import declaration, field_problems, offers, targets, web_host

ONE_CLICK = "List-Unsubscribe=One-Click"
"""All that a List-Unsubscribe-Post field may hold (RFC 8058 3.1)."""

SINGLE_LIST_HEADERS = (
    "list-id", "list-unsubscribe", "list-unsubscribe-post", "list-help", "list-subscribe", "list-post", "list-owner",
    "list-archive", "feedback-id", "precedence", "auto-submitted",
)  # fmt: skip
"""Fields of a mailing that occur at most once (RFC 2369 2, RFC 2919 3, RFC 8058 3.1)."""

PRECEDENCES = ("bulk", "junk", "list")
"""Values of Precedence that programs know; vacation programs do not answer them."""

_LONGEST = 2_000
_AUTO = r"(?i)(?:no|auto-generated|auto-replied|auto-notified)\s*(?:;|\(|\Z)"
_OUT_OF_OFFICE = (
    r"(?i)\s*(?:automatic reply|auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office|automatisch antwoord"
    r"|afwezigheid|afwezig|abwesenheit|automatische antwort|réponse automatique|respuesta automática)\b"
)
_LIST_ID = r"(?:[^<>]*<\s*[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+\s*>|[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+\.[^\s<>@]+)"
_FEEDBACK_ID = r"[^:\s]*(?::[^:]*){0,2}:\s*[^\s:]+"


def no_list_unsubscribe(message: Message) -> Iterator[Hit]:
    """The place of a List-Unsubscribe field in a mailing without one."""
    if message.kind == "message" and message.header("list-unsubscribe") is None:
        yield Hit(message.headers_end)


def declared_bulk(message: Message) -> Iterator[Hit]:
    """The header by which a message calls itself a mailing, where it has no List-Unsubscribe."""
    if message.header("list-unsubscribe") is None:
        header = message.fact(declaration)
        if header is not None:
            yield Hit(header.field, {"name": header.name})


def offer_without_header(message: Message) -> Iterator[Hit]:
    """The words in the body that offer to leave a list, where no header does.

    `foreign` is 0 where the link leads to the sender's own domain, 1 where it leads elsewhere or nowhere, and 2 where
    all links of the message lead to one and the same place elsewhere.
    """
    if message.kind != "message" or any(message.header(name) for name in ("list-unsubscribe", "list-post")):
        return
    sender = next((mailbox.domain for mailbox in message.senders if mailbox.domain), "")
    for offer in message.fact(offers):
        target = offer.target.value if offer.target is not None else ""
        host = web_host(target) or target.rpartition("@")[2].partition("?")[0].lower()
        foreign = int(not host or not (belong_together(host, sender) or main_label(sender) in host.split(".")))
        if foreign and web_host(target) and message.documents and _only_host(message, host):
            foreign = 2
        yield Hit(offer.words, {"foreign": foreign})


def _only_host(message: Message, host: str) -> bool:
    """Whether every web link of the HTML leads to `host`."""
    targets = (value for document in message.documents for value in document.attribute_values("href"))
    return all(web_host(value) in ("", host) for value in targets)


def malformed_list_unsubscribe(message: Message) -> Iterator[Hit]:
    """What a List-Unsubscribe field has that is no address in angle brackets. `broken`: no address is left."""
    broken = int(not any(target.scheme for target in message.fact(targets)))
    for problem in message.fact(field_problems):
        shown = problem.text.value.strip() if problem.text is not None else ""
        yield Hit(problem.text, {"what": shown, "broken": broken})


def folded_list_unsubscribe(message: Message) -> Iterator[Hit]:
    """An address of List-Unsubscribe that is broken over lines or has blanks in it."""
    for target in message.fact(targets):
        if re.search(r"\s", target.text.value.strip()):
            yield Hit(target.text)


def insecure_list_unsubscribe(message: Message) -> Iterator[Hit]:
    """An address of List-Unsubscribe that is opened without encryption."""
    for target in message.fact(targets):
        if target.scheme == "http":
            yield Hit(target.text)


def mailto_only(message: Message) -> Iterator[Hit]:
    """The List-Unsubscribe field that holds mail addresses only."""
    found = message.fact(targets)
    header = message.header("list-unsubscribe")
    if found and header is not None and all(target.scheme == "mailto" for target in found):
        yield Hit(header.field)


def no_one_click(message: Message) -> Iterator[Hit]:
    """The List-Unsubscribe field with a web address and without a List-Unsubscribe-Post beside it."""
    header = message.header("list-unsubscribe")
    if header is None or message.header("list-unsubscribe-post") is not None:
        return
    if any(target.scheme == "https" for target in message.fact(targets)):
        yield Hit(header.field)


def wrong_one_click(message: Message) -> Iterator[Hit]:
    """The List-Unsubscribe-Post field that says anything but the one thing it may say."""
    for header in message.all_headers("list-unsubscribe-post")[:1]:
        if header.body.value != ONE_CLICK:
            yield Hit(header.body if len(header.body) else header.field, {"value": header.body.value})


def one_click_without_address(message: Message) -> Iterator[Hit]:
    """The List-Unsubscribe-Post field without exactly one https address beside it."""
    header = message.header("list-unsubscribe-post")
    if header is not None:
        count = sum(target.scheme == "https" for target in message.fact(targets))
        if count != 1:
            yield Hit(header.field, {"addresses": count})


def repeated_list_header(message: Message) -> Iterator[Hit]:
    """The second and each further field of a mailing that may occur once."""
    if message.fact(names_of).isdisjoint(SINGLE_LIST_HEADERS):
        return
    for name in SINGLE_LIST_HEADERS:
        for header in message.all_headers(name)[1:]:
            yield Hit(header.field, {"name": header.name})


def unsigned_one_click(message: Message) -> Iterator[Hit]:
    """The List-Unsubscribe field that no DKIM signature of a signed message covers together with its Post field."""
    header = message.header("list-unsubscribe-post")
    signatures = message.all_headers("dkim-signature")
    if header is None or not signatures:
        return
    wanted = {"list-unsubscribe", "list-unsubscribe-post"}
    if not any(wanted <= set(_tag(signature, "h").lower().split(":")) for signature in signatures):
        yield Hit(header.field)


def not_signed(message: Message) -> Iterator[Hit]:
    """The place of a DKIM signature in a mailing that has none (yet)."""
    if message.kind == "message" and message.header("dkim-signature") is None:
        yield Hit(message.headers_end)


def signature_elsewhere(message: Message) -> Iterator[Hit]:
    """The DKIM signature of a message none of whose signatures is by the domain of From, as DMARC asks."""
    signatures = message.all_headers("dkim-signature")
    domains = [domain for signature in signatures if (domain := _tag(signature, "d").lower())]
    if not domains or any(message.header(name) for name in ("list-post", "resent-from")):
        return
    sender = next((mailbox.domain for mailbox in message.senders if "." in mailbox.domain), None)
    if sender is not None and not any(belong_together(domain, sender) for domain in domains):
        yield Hit(signatures[0].field, {"signer": ", ".join(domains[:3]), "sender": sender})


def _tag(signature: Header, name: str) -> str:
    """The value of one tag of a DKIM signature, without white space."""
    found = re.search(rf"(?:^|;)\s*{name}\s*=([^;]*)", signature.body.value[:_LONGEST])
    return "".join(found[1].split()) if found else ""


def wrong_precedence(message: Message) -> Iterator[Hit]:
    """A Precedence with a value that no program knows."""
    header = message.header("precedence")
    if header is not None and header.body.value.strip().lower() not in PRECEDENCES:
        yield Hit(header.body if len(header.body) else header.field, {"value": header.body.value})


def personal_precedence(message: Message) -> Iterator[Hit]:
    """A header of mailings on a message from one person to another."""
    header = message.header("precedence")
    if header is not None:
        yield Hit(header.field)


def wrong_auto_submitted(message: Message) -> Iterator[Hit]:
    """An Auto-Submitted with a value that the standard does not know, or that makes an answer of a mailing."""
    header = message.header("auto-submitted")
    if header is None:
        return
    value = header.body.value
    is_reply = value.lower().startswith("auto-replied") and message.header("list-unsubscribe") is not None
    if is_reply or not re.match(_AUTO, value):
        yield Hit(header.body if len(value) else header.field, {"value": value})


def unmarked_auto_reply(message: Message) -> Iterator[Hit]:
    """The subject of an automatic answer that no header marks as one."""
    subject = message.subject
    if message.kind == "draft" or subject is None or not re.match(_OUT_OF_OFFICE, subject.value[:100]):
        return
    marks = ("auto-submitted", "x-auto-response-suppress", "x-autoreply", "x-autorespond", "precedence")
    if not any(message.header(name) for name in marks):
        yield Hit(subject)


def bad_list_id(message: Message) -> Iterator[Hit]:
    """A List-Id that is no name of a list in angle brackets."""
    header = message.header("list-id")
    if header is not None and not _is_list_id(header.body.value.strip()):
        yield Hit(header.body if len(header.body) else header.field, {"value": header.body.value})


def _is_list_id(value: str) -> bool:
    found = re.fullmatch(_LIST_ID, value[:_LONGEST])
    inside = value.rpartition("<")[2].rstrip("> ")
    return found is not None and "." in inside.strip(".")


def bad_feedback_id(message: Message) -> Iterator[Hit]:
    """A Feedback-ID that is not up to four fields with colons between them, the last of which names the sender."""
    header = message.header("feedback-id")
    if header is not None and not re.fullmatch(_FEEDBACK_ID, header.body.value[:_LONGEST]):
        yield Hit(header.body if len(header.body) else header.field, {"value": header.body.value})


def high_priority(message: Message) -> Iterator[Hit]:
    """A header that calls the message urgent."""
    if message.fact(names_of).isdisjoint(name for name, _ in _URGENT):
        return
    for name, pattern in _URGENT:
        header = message.header(name)
        if header is not None and re.match(pattern, header.body.value):
            yield Hit(header.field)
            return


_URGENT = (
    ("x-priority", r"\s*[12](?!\d)"),
    ("importance", r"(?i)\s*high"),
    ("x-msmail-priority", r"(?i)\s*high"),
    ("priority", r"(?i)\s*urgent"),
)


def read_receipt(message: Message) -> Iterator[Hit]:
    """A header that asks for a receipt."""
    for name in ("disposition-notification-to", "return-receipt-to", "x-confirm-reading-to"):
        header = message.header(name)
        if header is not None:
            yield Hit(header.field)
            return
