"""Builds the message that an [[example]] of a rule stands for."""

from __future__ import annotations

from functools import cache

from spamlint.delivery import Delivery, Remark
from spamlint.drafts import Companion, Drafts, Templates
from spamlint.message import Message
from spamlint.rule import Example
from spamlint.source import Source

GOOD_HEADERS = (
    "From: Ann Bakker <ann@bakery.example>\n"
    "To: Bo Jansen <bo@clients.example>\n"
    "Date: Mon, 02 Nov 2026 09:30:00 +0100\n"
    "Message-ID: <20261102093000.4711@bakery.example>\n"
    "MIME-Version: 1.0\n"
)


def messages_of(example: Example) -> tuple[Message, ...]:
    """The message that the sample makes, or all that a template can make."""
    if example.kind != "template":
        return (message_of(example),)
    raw = example.sample.replace("\r\n", "\n").replace("\n", "\r\n").encode()
    drafts = _drafts()
    drafts.templates = Templates(
        example.language or "jinja2", None if example.context is None else {"sample": example.context}
    )
    beside = [
        Companion("subject" if role == "subject" else "text", Source(f"example.{role}.txt.j2", text.encode()))
        for role, text in example.beside.items()
    ]
    return drafts.messages(raw, "example.html.j2", companions=beside)


@cache
def _drafts() -> Drafts:
    """Renders all samples in one process."""
    return Drafts()


def message_of(example: Example) -> Message:
    """The message: the sample inside an otherwise good one, or as it stands (`eml`). Lines get CRLF."""
    sample = example.sample
    if example.kind == "draft":
        return Message.draft(sample.replace("\r\n", "\n").replace("\n", "\r\n").encode(), "draft.html")
    body = "Good morning Bo,\n\nthe bread is ready to be fetched.\n\nAnn\n"
    plain = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    whole = {
        "eml": sample,
        "headers": f"{sample.rstrip()}\n\n{body}",
        "subject": f"{GOOD_HEADERS}Subject: {sample}\n{plain}\n{body}",
        "text": f"{GOOD_HEADERS}Subject: Your bread\n{plain}\n{sample}",
        "html": f"{GOOD_HEADERS}Subject: Your bread\n{plain.replace('plain', 'html')}\n{sample}",
    }[example.kind]
    message = Message.from_bytes(whole.replace("\r\n", "\n").replace("\n", "\r\n").encode(), "example.eml")
    if example.delivery:
        remarks = (Remark(str(row["kind"]), {**row}) for row in example.delivery)
        message.delivery = Delivery("example", tuple(remarks))
    return message
