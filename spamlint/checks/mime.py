"""Checks on how a message is built of parts: boundaries, kinds of multiparts, types, charsets, bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spamlint.message import Message
from spamlint.mime import Part
from spamlint.rule import Hit
from spamlint.source import Text, source_text

LONGEST_BOUNDARY = 70
"""Characters of a boundary (RFC 2046 5.1.1)."""

DEEPEST = 6
"""Multiparts inside one another beyond which a mail program may show nothing."""

MULTIPARTS = (
    "multipart/alternative", "multipart/appledouble", "multipart/digest", "multipart/encrypted", "multipart/mixed",
    "multipart/parallel", "multipart/related", "multipart/report", "multipart/signed",
)  # fmt: skip
"""Kinds of multiparts that mail programs know."""

DISPOSITIONS = ("inline", "attachment")
"""Values of Content-Disposition for mail (RFC 2183)."""

_VERSION_NAMES = ("MIME-Version", "Mime-Version", "mime-version", "MIME-version", "Mime-version")
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=?@ -]*[0-9A-Za-z'()+_,./:=?@-]")  # mail programs read "@" as well
_CONVENTION = re.compile(rb"(?i)mime|multi-?\s?part|s/mime|pgp|cryptographically signed")


def _parts(message: Message) -> tuple[Part, ...]:
    """All parts, without what lies inside an attached message: that is not the sender's."""
    found: list[Part] = []
    waiting = [message.root]
    while waiting:
        part = waiting.pop()
        found.append(part)
        if part.content_type.startswith("multipart/"):
            waiting.extend(reversed(part.children))
    return tuple(found)


def _multiparts(message: Message) -> Iterator[Part]:
    if message.root.content_type.startswith("multipart/"):
        yield from (part for part in message.fact(_parts) if part.content_type.startswith("multipart/"))


def _type_field(part: Part) -> Text:
    header = part.header("content-type")
    return header.field if header else source_text(part.source, part.headers_end, part.headers_end)


def bad_boundary(message: Message) -> Iterator[Hit]:
    """A boundary that is too long or has characters that a boundary may not have."""
    for part in _multiparts(message):
        boundary = part.parameters.get("boundary")
        if boundary is not None and boundary.value:
            length = len(boundary)
            if length > LONGEST_BOUNDARY or not _BOUNDARY.fullmatch(boundary.value):
                yield Hit(boundary, {"boundary": boundary.value, "length": length})


def simple_boundary(message: Message, *, shortest: int = 8) -> Iterator[Hit]:
    """A boundary of digits alone, or of less than `shortest` characters, which a text may contain."""
    for part in _multiparts(message):
        boundary = part.parameters.get("boundary")
        if boundary is None or not boundary.value or not part.children:
            continue
        if boundary.value.isdigit() or len(boundary) < shortest:
            yield Hit(boundary, {"boundary": boundary.value})


def missing_boundary(message: Message) -> Iterator[Hit]:
    """Where a boundary is missing: in the field, at the first part, or at the end. `broken`: no part is found."""
    for part in _multiparts(message):
        for defect in part.defects:
            if defect.code in ("missing-boundary", "missing-start-boundary", "missing-end-boundary"):
                where = {"missing-boundary": "Content-Type", "missing-start-boundary": "--"}.get(defect.code, "--…--")
                yield Hit(defect.text, {"where": where, "broken": int(defect.code != "missing-end-boundary")})


def text_outside_parts(message: Message) -> Iterator[Hit]:
    """Text before the first part of a multipart that is no note for old programs, and more than a little of it."""
    for part in _multiparts(message):
        boundary = part.parameters.get("boundary")
        if boundary is None or not part.children:
            continue
        data, start = part.source.data, part.body_start
        end = data.rfind(b"--" + boundary.value.rstrip().encode("utf-8", "replace"), start, part.children[0].start)
        before = data[start : max(start, end)]
        if len(before.strip()) > 40 and not _CONVENTION.search(before[:2_000]):
            lead = len(before) - len(before.lstrip())
            yield Hit(source_text(part.source, start + lead, start + len(before.rstrip())))


def single_part(message: Message) -> Iterator[Hit]:
    """A multipart/alternative or multipart/related with one part only."""
    for part in _multiparts(message):
        if part.content_type not in ("multipart/alternative", "multipart/related") or len(part.children) != 1:
            continue
        inside = part.children[0].content_type
        if not inside.startswith("multipart/"):
            yield Hit(_type_field(part), {"kind": part.content_type, "inside": inside})


def empty_multipart(message: Message) -> Iterator[Hit]:
    """A multipart without any part."""
    for part in _multiparts(message):
        if not part.children and part.parameters.get("boundary") is not None:
            yield Hit(_type_field(part), {"kind": part.content_type})


def deep_nesting(message: Message, *, deepest: int = DEEPEST) -> Iterator[Hit]:
    """A multipart that lies inside `deepest` others."""
    waiting = [(message.root, 1)]
    while waiting:
        part, depth = waiting.pop()
        if part.content_type.startswith("multipart/"):
            if depth > deepest:
                yield Hit(_type_field(part), {"depth": depth})
                return
            waiting.extend((child, depth + 1) for child in reversed(part.children))


def html_before_text(message: Message) -> Iterator[Hit]:
    """The text part of a multipart/alternative behind the HTML: programs show the last one that they can."""
    for part in _multiparts(message):
        if part.content_type == "multipart/alternative":
            kinds = [child.content_type for child in part.children]
            if "text/html" in kinds and "text/plain" in kinds[kinds.index("text/html") :]:
                yield Hit(_type_field(part.children[kinds.index("text/plain", kinds.index("text/html"))]))


def related_root(message: Message) -> Iterator[Hit]:
    """A multipart/related that begins with something that holds no HTML and no alternatives."""
    for part in _multiparts(message):
        if part.content_type != "multipart/related" or len(part.children) < 2 or "start" in part.parameters:
            continue
        first, *others = (child.content_type for child in part.children)
        if "text/html" in others and first != "text/html" and not first.startswith("multipart/"):
            yield Hit(_type_field(part.children[0]), {"kind": first})


def odd_multipart(message: Message) -> Iterator[Hit]:
    """A kind of multipart that is not meant for mail, or a digest that holds no messages."""
    for part in _multiparts(message):
        kinds = {child.content_type.partition("/")[0] for child in part.children}
        is_false_digest = part.content_type == "multipart/digest" and bool(kinds) and "message" not in kinds
        if part.content_type not in MULTIPARTS or is_false_digest:
            yield Hit(_type_field(part), {"kind": part.content_type})


def malformed_type(message: Message) -> Iterator[Hit]:
    """A Content-Type that is no `type/subtype`."""
    for part in message.fact(_parts):
        for defect in part.defects:
            if defect.code == "malformed-content-type":
                yield Hit(defect.text if defect.text is not None and len(defect.text) else _type_field(part))


def wrong_disposition(message: Message) -> Iterator[Hit]:
    """A Content-Disposition that is neither inline nor attachment."""
    for part in message.fact(_parts):
        header = part.header("content-disposition")
        if header is not None and part.disposition not in DISPOSITIONS:
            yield Hit(header.field, {"value": header.body.value})


def bad_mime_version(message: Message) -> Iterator[Hit]:
    """A MIME-Version other than 1.0, or its name in capitals that no program writes."""
    header = message.header("mime-version")
    if header is None:
        return
    value = re.sub(
        r"\([^()]*(?:\([^()]*\)[^()]*)?\)", "", header.body.value[:200].replace("\\(", "").replace("\\)", "")
    )
    if value.strip() != "1.0":
        yield Hit(header.body if len(header.body) else header.field, {"what": header.body.value})
    elif header.name not in _VERSION_NAMES:
        yield Hit(header.field[: len(header.name)], {"what": header.name})
