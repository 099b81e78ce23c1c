"""Checks on how header fields are written: bytes, lines, encoded words, and what does not belong there."""

from __future__ import annotations

import re
from binascii import a2b_base64, a2b_qp
from collections.abc import Iterator

from spamlint.message import Message
from spamlint.mime import Header
from spamlint.rule import Hit
from spamlint.source import Text

OWN_HEADERS = (
    "from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references",
    "mime-version", "content-type", "content-transfer-encoding", "content-disposition", "content-language",
    "content-id", "list-unsubscribe", "list-unsubscribe-post", "list-id", "list-help", "precedence", "organization",
    "feedback-id", "x-mailer", "user-agent", "x-priority", "importance", "priority", "keywords", "comments",
    "auto-submitted", "errors-to", "return-receipt-to", "disposition-notification-to",
)  # fmt: skip
"""Fields that a sender writes. What others are there come from mail servers and filters on the way."""

_OWN = frozenset(OWN_HEADERS)

STRUCTURED = (
    "message-id", "in-reply-to", "references", "date", "mime-version", "content-type", "content-transfer-encoding",
    "list-unsubscribe", "list-unsubscribe-post", "list-help", "list-subscribe", "list-owner", "return-path",
)  # fmt: skip
"""Fields in which an encoded word has no place (RFC 2047 5)."""

MUST_SAY = ("reply-to", "cc", "bcc", "sender", "in-reply-to", "references", "organization", "x-mailer",
            "list-unsubscribe", "content-type", "content-transfer-encoding", "return-path")  # fmt: skip
"""Fields that are left out where there is nothing to say. Others have rules of their own for it."""

INTERNALS = (
    "x-php-originating-script", "x-php-script", "x-originating-ip", "x-source", "x-source-args", "x-source-dir",
    "x-get-message-sender-via", "x-authenticated-sender", "x-authenticated-user", "x-authuser", "x-client-ip",
    "x-originating-email", "x-sender-ip-address", "x-debug", "x-script", "x-mailer-script",
)  # fmt: skip
"""Fields that tell of the machine or the account that a message was made on."""

RECEIVED_MARKS = (
    "delivered-to", "x-original-to", "authentication-results", "arc-seal", "arc-message-signature", "x-spam-status",
    "x-spam-flag", "x-spam-score", "x-gm-message-state", "x-forefront-antispam-report", "received-spf", "x-uidl",
)  # fmt: skip
"""Fields that mailboxes and filters add to what they receive."""

LONGEST_WORD = 75
"""Characters of one encoded word (RFC 2047 2)."""

_LONGEST = 20_000
_COLON = ord(":")
_ALLOWED = bytes(byte for byte in range(256) if byte >= 0x20 and byte != 0x7F) + b"\t\r\n"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WORD = r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?="
_FIELD_LINE = (
    r"(?i)[\s\ufeff]*((?:Content-Type|Content-Transfer-Encoding|MIME-Version|Message-ID|Return-Path|Reply-To|X-Mailer"
    r"|X-Priority|Bcc|List-Unsubscribe|DKIM-Signature):[ \t]?[^\r\n]{1,200})"
)
_LONGEST_START = 400


def names_of(message: Message) -> frozenset[str]:
    """The names of all header fields, in small letters: a quick look at what a check can leave alone."""
    return frozenset(header.key for header in message.headers)


def raw_8bit(message: Message) -> Iterator[Hit]:
    """Bytes beyond ASCII in a field that the sender writes, the subject excepted. `broken`: they are no UTF-8."""
    block = message.source.data[message.root.start : message.root.headers_end]
    if block.isascii():
        return
    for header in message.headers:
        if header.key in _OWN and header.key != "subject" and not header.raw.isascii():
            defect = next((defect for defect in header.defects if defect.code == "raw-8bit"), None)
            broken = int("�" in header.raw.decode("utf-8", "replace"))
            yield Hit(defect.text if defect else header.field, {"name": header.name, "broken": broken})


def control_character(message: Message) -> Iterator[Hit]:
    """A control character in a field that the sender writes, also one that is encoded."""
    block = message.source.data[message.root.start : message.root.headers_end]
    own = message.headers if block.translate(None, _ALLOWED) else message.fact(_with_words)
    for header in own:
        if header.key in _OWN:
            found = _CONTROL.search(header.value.value)
            if found is not None:
                yield Hit(header.value[found.start() : found.end()], {"name": header.name, "code": ord(found[0])})


def injected_line(message: Message) -> Iterator[Hit]:
    """A line end that is encoded inside a field: what follows would be a field of its own."""
    for header in message.fact(_with_words):
        found = re.search(r"[\r\n]+", header.value.value)
        if found is not None:
            yield Hit(header.value[found.start() :], {"name": header.name})


def header_in_body(message: Message) -> Iterator[Hit]:
    """A header field at the very beginning of the body, where readers see it."""
    for part in message.body_parts:
        found = re.match(_FIELD_LINE, part.text.value[:_LONGEST_START])
        if found is not None:
            yield Hit(part.text[found.start(1) : found.end(1)], {"line": found[1]})


def malformed_line(message: Message) -> Iterator[Hit]:
    """A line among the headers that is no header field."""
    for part in message.root.walk():
        for defect in part.defects:
            if defect.code == "malformed-header-line":
                yield Hit(defect.text)


def space_before_colon(message: Message) -> Iterator[Hit]:
    """A blank between the name of a field and its colon."""
    data = message.source.data
    for header in [header for header in message.headers if data[header.start + len(header.name)] != _COLON]:
        yield Hit(header.field[: len(header.name)], {"name": header.name})


def empty_header(message: Message) -> Iterator[Hit]:
    """A field without a value that says nothing to anybody."""
    if message.fact(names_of).isdisjoint(MUST_SAY):
        return
    for name in MUST_SAY:
        for header in message.all_headers(name):
            if not header.raw.strip():
                yield Hit(header.field, {"name": header.name})


def long_encoded_word(message: Message, *, longest: int = LONGEST_WORD) -> Iterator[Hit]:
    """An encoded word of more than `longest` characters."""
    for header, word in _words(message):
        if len(word) > longest:
            yield Hit(word, {"name": header.name, "length": len(word)})


def split_character(message: Message) -> Iterator[Hit]:
    """An encoded word in UTF-8 that ends in the middle of a character, which the next word continues."""
    for header in message.fact(_with_words):
        for found in list(re.finditer(_WORD, header.body.value[:_LONGEST]))[:-1]:
            raw = found[3].encode("utf-8", "replace")
            if found[1].lower() != "utf-8":
                continue
            content = a2b_qp(raw, header=True) if found[2] in "qQ" else _base64(raw)
            if not content.isascii() and _is_cut(content):
                yield Hit(header.body[found.start() : found.end()], {"name": header.name})


def _base64(raw: bytes) -> bytes:
    try:
        return a2b_base64(raw)
    except ValueError:
        return b""


def _is_cut(content: bytes) -> bool:
    """Whether `content` is UTF-8 up to a last character that is not complete."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return False


def misplaced_encoded_word(message: Message) -> Iterator[Hit]:
    """An encoded word where the standard has none: in a field for programs, or in quotes."""
    for header in message.fact(_with_words):
        value = header.body.value[:_LONGEST]
        if header.key in STRUCTURED:
            found = re.search(_WORD, value)
        elif header.key in ("from", "sender", "to", "cc", "reply-to"):
            found = re.search(rf'"(?:[^"\\=]|=(?!\?))*({_WORD})', value)
        else:
            continue
        if found is not None:
            start = found.start(1) if header.key not in STRUCTURED else found.start()
            yield Hit(header.body[start : found.end()], {"name": header.name})


def undecodable_word(message: Message) -> Iterator[Hit]:
    """An encoded word that cannot be decoded, in a field other than the subject."""
    for header in message.fact(_with_words):
        if header.key != "subject":
            for defect in header.defects:
                if defect.code == "undecodable-word":
                    yield Hit(defect.text, {"name": header.name, "word": str(defect.text)})


def needless_encoding(message: Message) -> Iterator[Hit]:
    """A subject or a name that is written in base64 and holds plain ASCII."""
    for header in message.fact(_with_words):
        if header.key not in ("subject", "from", "reply-to") or not header.value.value.isascii():
            continue
        found = re.search(_WORD, header.body.value[:_LONGEST])
        if found is not None and found[2] in "bB" and "=?" not in header.value.value:
            yield Hit(header.body[found.start() : found.end()], {"name": header.name})


def mixed_charsets(message: Message) -> Iterator[Hit]:
    """A field whose encoded words are in different charsets."""
    for header in message.fact(_with_words):
        found = list(re.finditer(_WORD, header.body.value[:_LONGEST]))
        charsets = {word[1].lower() for word in found}
        if len(charsets - {"us-ascii"}) > 1:
            other = next(word for word in found if word[1].lower() != found[0][1].lower())
            yield Hit(
                header.body[other.start() : other.end()],
                {"name": header.name, "charsets": ", ".join(sorted(charsets)), "script": int(header.key == "subject")},
            )


def bcc_left(message: Message) -> Iterator[Hit]:
    """A Bcc field with addresses: every recipient can read them."""
    header = message.header("bcc")
    if header is not None and any(mailbox.domain for mailbox in message.addresses("bcc").mailboxes):
        yield Hit(header.field)


def leaked_internals(message: Message) -> Iterator[Hit]:
    """A field that tells of the machine or the account that sent the message."""
    if message.fact(names_of).isdisjoint(INTERNALS):
        return
    for name in INTERNALS:
        for header in message.all_headers(name):
            if header.raw.strip():
                yield Hit(header.field, {"name": header.name})


def content_length(message: Message) -> Iterator[Hit]:
    """A Content-Length field."""
    found = message.all_headers("content-length")
    for header in found:
        yield Hit(header.field, {"fields": len(found)})


def receiver_leftover(message: Message) -> Iterator[Hit]:
    """A field that a mailbox added to a message that it received."""
    for header in message.headers:
        if header.key in RECEIVED_MARKS:
            yield Hit(header.field, {"name": header.name})


def odd_mailer(message: Message) -> Iterator[Hit]:
    """The value of an X-Mailer or User-Agent that is a jumble of characters and names no program."""
    for name in ("x-mailer", "user-agent"):
        header = message.header(name)
        if header is not None and header.body.value and _is_jumble(header.body.value.strip()):
            yield Hit(header.body, {"name": header.name})


def _is_jumble(value: str) -> bool:
    """Whether `value` is one word whose capitals, small letters and digits change places all the time."""
    if not re.fullmatch(r"[A-Za-z0-9]{1,64}", value):
        return False
    if len(value) < 4:
        return len(value) < 3
    pieces = len(re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", value))
    return 2 * len(value) < (5 if len(value) >= 10 else 4) * pieces


def _with_words(message: Message) -> tuple[Header, ...]:
    """The sender's own fields with encoded words."""
    if message.source.data.find(b"=?", message.root.start, message.root.headers_end) < 0:
        return ()
    return tuple(header for header in message.headers if header.key in _OWN and b"=?" in header.raw)


def _words(message: Message) -> Iterator[tuple[Header, Text]]:
    for header in message.fact(_with_words):
        for found in re.finditer(_WORD, header.body.value[:_LONGEST]):
            yield header, header.body[found.start() : found.end()]
