"""What of a message was not read: where a limit was reached, and parts that are not looked into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from spamlint.coverage import NotCovered
from spamlint.message import Message
from spamlint.mime import Defect

if TYPE_CHECKING:
    from spamlint.containers.entry import Contents

_ADDRESS_FIELDS = ("from", "sender", "reply-to", "return-path", "to", "cc", "bcc")
_READ_TYPES = ("text/html", "application/xhtml+xml", "text/calendar", "text/vcard", "text/x-vcard")
"""Types of attachments whose whole text is read."""


def limits_reached(message: Message) -> tuple[Defect, ...]:
    """Each limit that was reached so far, at the place from which on something was not read.

    HTML and attachments count once something has asked for them: they are not read for the sake of their limits.
    """
    found = (
        *message.fact(_in_headers),
        *message.defects,
        *_in_texts(message),
        *_in_pictures(message),
        *_in_styles(message),
        *_in_attachments(message),
        *_in_template(message),
    )
    return tuple(defect for defect in found if defect.code.startswith("limit-"))


def _in_headers(message: Message) -> tuple[Defect, ...]:
    return tuple(_of_fields(message))


def _of_fields(message: Message) -> Iterator[Defect]:
    for part in message.root.walk():
        for header in part.headers:
            limit = header.limit
            if limit is not None:
                yield Defect(limit, header.field[len(header.field) :])
    for name in _ADDRESS_FIELDS:
        field = message.header(name)
        if field is not None and field.end - field.start >= message.limits.addresses:
            yield from message.addresses(name).problems


def _in_texts(message: Message) -> Iterator[Defect]:
    most = message.limits.field
    documents = message.documents_read
    bodies = [part for part in message.leaves if part.is_body]
    yield from (Defect("limit-texts", part.label) for part in bodies[len(message.body_parts) :][:1])
    for text in (*(part.text for part in message.text_parts), *(document.visible for document in documents)):
        if len(text) > most:
            yield Defect("limit-field", text[most:most])
        if text.value.count("://") > message.limits.links:
            yield Defect("limit-links", text[len(text) :])
    for document in documents:
        targets = document.all("a", "area")
        if len(targets) > message.limits.links:
            yield Defect("limit-links", targets[message.limits.links].text)
        yield from (Defect(problem.code, problem.text) for problem in document.limits_reached)


def _in_pictures(message: Message) -> Iterator[Defect]:
    if _was_asked_for(message, "pictures") and message.pictures.reached is not None:
        yield Defect("limit-pictures", message.pictures.reached)


def _in_styles(message: Message) -> Iterator[Defect]:
    from spamlint.hidden.spots import seen

    if seen in vars(message).get("_facts", ()):
        for page in message.fact(seen).pages:
            if page.painter.reached:
                yield Defect("limit-styles", page.document.source[:0])


def _in_attachments(message: Message) -> Iterator[Defect]:
    for part in message.attachments:
        if part.content_type in _READ_TYPES and part.end - part.body_start > message.limits.text:
            yield from part.text_defects
    met = message.limits.attached if message.depth < message.limits.attached_depth else 0
    yield from (Defect("limit-attached", part.text[:0]) for part in message.message_parts[met : met + 1])
    for inside in _containers_read(message):
        yield from (Defect(code, inside.part.label) for code in inside.limits)


def _in_template(message: Message) -> Iterator[Defect]:
    if message.template is not None:
        yield from (Defect(problem.code, problem.text[:0]) for problem in message.template.problems)


def not_covered(message: Message) -> tuple[NotCovered, ...]:
    """The parts that are not looked at, or not into, with the reason: locked, or in a format of its own.

    What lies in attachments counts once something has asked for `containers`.
    """
    from spamlint.containers.sealed import sealed

    found = dict.fromkeys(message.template.not_covered if message.template is not None else ())
    found |= {NotCovered(part.path, "winmail"): None for part in message.winmail_parts}
    for part in message.root.walk():
        reason = sealed(part)
        if reason:
            found[NotCovered(part.path, reason)] = None
    for inside in _containers_read(message):
        found |= {NotCovered(inside.part.path, reason): None for reason in inside.not_covered}
    return tuple(found)


def _containers_read(message: Message) -> tuple[Contents, ...]:
    return message.containers if _was_asked_for(message, "containers") else ()


def _was_asked_for(message: Message, fact: str) -> bool:
    """Whether the fact of that name is computed already: to ask for it here would be to read for nothing."""
    return fact in vars(message)
