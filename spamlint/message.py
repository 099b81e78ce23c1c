"""A message or a draft: its parts and the facts that rules ask of it, each computed once, on first use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

from spamlint import mime
from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.mime import Defect, Header, Part
from spamlint.source import Source, Text, shifted, source_text

if TYPE_CHECKING:
    from spamlint.containers.entry import Contents
    from spamlint.coverage import NotCovered
    from spamlint.html import Document

Kind: TypeAlias = Literal["message", "draft"]

_WIDE_SPACE = re.compile(r"[^\S \t\r\n]")


class Message:
    """One message, or a draft that becomes one. Bytes of any kind are accepted; defects are data."""

    def __init__(self, source: Source, root: Part, kind: Kind, limits: Limits, subject: Text | None = None) -> None:
        self.source = source
        self.root = root
        self.kind: Kind = kind
        self.limits = limits
        self._subject = subject

    @classmethod
    def from_bytes(
        cls, raw: bytes, name: str = "", *, limits: Limits = DEFAULT_LIMITS, offset: int = 0, line: int = 1
    ) -> Message:
        """The message whose bytes are `raw`. `offset` and `line` say where it starts in its file (an mbox)."""
        source = Source(name, raw, offset, line)
        return cls(source, mime.parse(source, limits), "message", limits)

    @classmethod
    def draft(
        cls,
        raw: bytes,
        name: str = "",
        *,
        content_type: str = "text/html",
        subject: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Message:
        """A bare HTML or text file as the body of a mail to come, with the `subject` it will have, if that is known."""
        source = Source(name, raw)
        given = None
        if subject is not None:
            given = mime.draft(Source("subject", subject.encode("utf-8", "replace")), "text/plain", limits).text[:]
        return cls(source, mime.draft(source, content_type, limits), "draft", limits, given)

    @property
    def headers(self) -> tuple[Header, ...]:
        """The header fields of the message itself, in order, duplicates included."""
        return self.root.headers

    @cached_property
    def _by_name(self) -> Mapping[str, list[Header]]:
        found: dict[str, list[Header]] = {}
        for header in self.root.headers:
            found.setdefault(header.key, []).append(header)
        return found

    def header(self, name: str) -> Header | None:
        """The first header field of that name."""
        found = self._by_name.get(name.lower())
        return found[0] if found else None

    def all_headers(self, name: str) -> Sequence[Header]:
        """All header fields of that name."""
        return self._by_name.get(name.lower(), ())

    @property
    def headers_end(self) -> Text:
        """The empty text at the end of the header block: the place of a header that is missing."""
        return source_text(self.source, self.root.headers_end, self.root.headers_end)

    @cached_property
    def subject(self) -> Text | None:
        """The subject as a reader sees it, or None where there is no Subject field."""
        if self._subject is not None:
            return self._subject
        header = self.header("subject")
        return header.value if header else None

    @cached_property
    def leaves(self) -> tuple[Part, ...]:
        """The parts that hold content, in order; an attached message counts as one."""
        return tuple(part for part, _ in self._leaves)

    @cached_property
    def _leaves(self) -> tuple[tuple[Part, Part | None], ...]:
        """Each leaf with the innermost multipart/alternative around it."""
        found: list[tuple[Part, Part | None]] = []
        waiting: list[tuple[Part, Part | None]] = [(self.root, None)]
        while waiting:
            part, alternative = waiting.pop()
            if not part.content_type.startswith("multipart/"):
                found.append((part, alternative))
                continue
            if part.content_type == "multipart/alternative":
                alternative = part
            waiting.extend((child, alternative) for child in reversed(part.children))
        return tuple(found)

    @cached_property
    def body_parts(self) -> tuple[Part, ...]:
        """The text/plain and text/html parts that are shown as the body."""
        return tuple(part for part in self.leaves if _is_body(part))

    @cached_property
    def attachments(self) -> tuple[Part, ...]:
        """The leaves that are not shown as the body, inline pictures included."""
        return tuple(part for part in self.leaves if not _is_body(part))

    @cached_property
    def text_parts(self) -> tuple[Part, ...]:
        """The text/plain body parts."""
        return tuple(part for part in self.body_parts if part.content_type == "text/plain")

    @cached_property
    def html_parts(self) -> tuple[Part, ...]:
        """The text/html body parts."""
        return tuple(part for part in self.body_parts if part.content_type == "text/html")

    @cached_property
    def _documents(self) -> dict[str, Document]:
        return {}

    def html(self, part: Part) -> Document:
        """The HTML of a text/html part, parsed once."""
        document = self._documents.get(part.path)
        if document is None:
            from spamlint.html import Document

            document = self._documents[part.path] = Document(part.text, self.limits)
        return document

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """The HTML of each of `html_parts`."""
        return tuple(self.html(part) for part in self.html_parts)

    @cached_property
    def _container_kinds(self) -> tuple[tuple[Part, str], ...]:
        """Those attachments that are a container by their first bytes, each with its kind."""
        if not self.attachments:
            return ()
        from spamlint.containers.kinds import part_kind

        return tuple((part, kind) for part in self.attachments if (kind := part_kind(part)))

    @cached_property
    def containers(self) -> tuple[Contents, ...]:
        """What lies inside those attachments that are archives or documents, as far as the limits let it be read."""
        if not self._container_kinds:
            return ()
        from spamlint.containers.budget import Budget
        from spamlint.containers.look import contents

        return tuple(contents(self._container_kinds, Budget(self.limits)))

    @property
    def _looked_into(self) -> tuple[Contents, ...]:
        """`containers` if something has asked for it, else nothing."""
        looked: tuple[Contents, ...] = self.__dict__.get("containers", ())
        return looked

    @cached_property
    def winmail_parts(self) -> tuple[Part, ...]:
        """The attachments in the format that only Outlook reads (TNEF)."""
        kinds = dict(self._container_kinds)
        return tuple(part for part in self.attachments if "ms-tnef" in part.content_type or kinds.get(part) == "tnef")

    @property
    def not_covered(self) -> tuple[NotCovered, ...]:
        """The parts that are not looked at, or not into, with the reason: locked, or in a format of its own.

        What lies in attachments counts once something has asked for `containers`.
        """
        from spamlint.containers.sealed import sealed
        from spamlint.coverage import NotCovered

        found = {NotCovered(part.path, "winmail"): None for part in self.winmail_parts}
        for part in self.root.walk():
            reason = sealed(part)
            if reason:
                found[NotCovered(part.path, reason)] = None
        for inside in self._looked_into:
            found |= {NotCovered(inside.part.path, reason): None for reason in inside.not_covered}
        return tuple(found)

    @cached_property
    def alternatives(self) -> tuple[tuple[Part, Part], ...]:
        """Text part and HTML part of each multipart/alternative that has both."""
        pairs: dict[str, dict[str, Part]] = {}
        for part, alternative in self._leaves:
            if alternative is not None and _is_body(part):
                pairs.setdefault(alternative.path, {}).setdefault(part.content_type, part)
        return tuple((pair["text/plain"], pair["text/html"]) for pair in pairs.values() if len(pair) == 2)

    @cached_property
    def body(self) -> tuple[Text, ...]:
        """What a reader sees: visible text of the HTML, and text parts that are no alternative of it."""
        unseen = {text.path for text, _ in self.alternatives}
        return tuple(
            self.html(part).visible if part.content_type == "text/html" else spaced(part.text)
            for part in self.body_parts
            if part.path not in unseen
        )

    @cached_property
    def defects(self) -> tuple[Defect, ...]:
        """What is not as the standards have it in the structure and in the texts; a header field keeps its own."""
        found = [defect for part in self.root.walk() for defect in part.defects]
        for part in self.body_parts:
            found.extend(part.text_defects)
        return tuple(found)

    @property
    def limits_reached(self) -> tuple[Defect, ...]:
        """Each limit that was reached so far, at the place from which on something was not read.

        HTML and attachments count once something has asked for them: they are not read for the sake of their limits.
        """
        found = [*self._cut_headers, *self.defects]
        most = self.limits.field
        found.extend(Defect("limit-field", part.text[most:most]) for part in self.body_parts if len(part.text) > most)
        for inside in self._looked_into:
            found.extend(Defect(code, inside.part.label) for code in inside.limits)
        for document in self._documents.values():
            found.extend(Defect(problem.code, problem.text) for problem in document.limits_reached)
        return tuple(defect for defect in found if defect.code.startswith("limit-"))

    @cached_property
    def _cut_headers(self) -> tuple[Defect, ...]:
        return tuple(
            Defect(limit, header.field[len(header.field) :])
            for part in self.root.walk()
            for header in part.headers
            if (limit := header.limit) is not None
        )


def spaced(text: Text) -> Text:
    """The text with every Unicode space (U+00A0 too) as a blank, one for one; tabs and line ends stay."""
    if text.value.isascii() or not _WIDE_SPACE.search(text.value):
        return text
    return Text(_WIDE_SPACE.sub(" ", text.value), text, lambda: shifted(0))


def _is_body(part: Part) -> bool:
    return part.content_type in ("text/plain", "text/html") and part.disposition != "attachment"
