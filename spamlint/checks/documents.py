"""Checks on attached documents: what they run, fetch or carry beside their text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from spamlint.message import Message
from spamlint.rule import Hit

if TYPE_CHECKING:
    from spamlint.containers.entry import Contents, Trait

MACRO_FREE_ENDS = (
    "docx", "dotx", "xlsx", "xltx", "pptx", "potx", "ppsx", "rtf", "txt", "pdf", "csv",
)  # fmt: skip
"""Ends of names under which nobody expects macros: Office itself refuses them there."""


def macros(message: Message) -> Iterator[Hit]:
    """Each document with macros. `renamed` is 1 where its name is that of a kind without macros."""
    for inside, _, name in _traits(message, "macros"):
        from spamlint.containers.kinds import ending

        yield Hit(inside.part.label, {"name": name, "renamed": int(ending(name) in MACRO_FREE_ENDS)})


def external_template(message: Message) -> Iterator[Hit]:
    """Each document that fetches a template, an object or a frame when it is opened. `web` is 0 for a file server."""
    for inside, trait, name in _traits(message, "template"):
        web = "://" in trait.detail and not trait.detail.lower().startswith("file:")
        yield Hit(inside.part.label, {"name": name, "address": trait.detail, "web": int(web)})


def dde(message: Message) -> Iterator[Hit]:
    """Each document with a field or link that starts another program."""
    for inside, _, name in _traits(message, "dde"):
        yield Hit(inside.part.label, {"name": name})


def embedded_object(message: Message) -> Iterator[Hit]:
    """Each document with a packed file inside. `program` is 1 where that file is a program."""
    for inside, trait, name in _traits(message, "embedded"):
        yield Hit(inside.part.label, {"name": name, "file": trait.detail or "?", "program": _is_program(trait.detail)})


def pdf_javascript(message: Message) -> Iterator[Hit]:
    """Each PDF with a script. `opens` is 1 where something in it runs by itself."""
    for inside, trait, name in _traits(message, "pdf-javascript"):
        yield Hit(inside.part.label, {"name": name, "opens": int(bool(trait.detail))})


def pdf_launch(message: Message) -> Iterator[Hit]:
    """Each PDF with an action that starts a program or opens a file."""
    for inside, _, name in _traits(message, "pdf-launch"):
        yield Hit(inside.part.label, {"name": name})


def pdf_encrypted(message: Message) -> Iterator[Hit]:
    """Each encrypted PDF, also one that opens without a password."""
    for inside, _, name in _traits(message, "pdf-encrypted"):
        yield Hit(inside.part.label, {"name": name})


def pdf_embedded_file(message: Message, *, allowed: tuple[str, ...] = ("xml",)) -> Iterator[Hit]:
    """Each file inside a PDF, but for those with an end in `allowed` (an electronic invoice). `program` is 1 or 0."""
    for inside, trait, name in _traits(message, "pdf-embedded-file"):
        from spamlint.containers.kinds import ending

        if ending(trait.detail) not in allowed:
            yield Hit(
                inside.part.label, {"name": name, "file": trait.detail or "?", "program": _is_program(trait.detail)}
            )


def winmail_dat(message: Message) -> Iterator[Hit]:
    """Each part in the format that only Outlook opens."""
    for part in message.winmail_parts:
        yield Hit(part.label)


def _is_program(name: str) -> int:
    from spamlint.checks.attachment_lists import INSIDE
    from spamlint.containers.kinds import ending

    return int(ending(name) in INSIDE)


def _traits(message: Message, code: str) -> Iterator[tuple[Contents, Trait, str]]:
    """Each trait of that code, with the name of the document: the attachment, or a file inside it."""
    for inside in message.containers:
        for trait in inside.traits:
            if trait.code == code:
                yield inside, trait, trait.path or str(inside.part.filename or "?")
