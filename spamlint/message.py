"""A message or a draft: its parts and the facts that rules ask of it, each computed once, on first use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, cast

from spamlint import mime
from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.mime import Defect, Header, Part
from spamlint.source import Source, Text, source_text, spaced

if TYPE_CHECKING:
    from spamlint.addresses import AddressList, Mailbox
    from spamlint.containers.entry import Contents
    from spamlint.delivery import Delivery
    from spamlint.filetype import FileType
    from spamlint.html import Document
    from spamlint.pictures import Pictures
    from spamlint.template.rendering import Rendering

T = TypeVar("T")
Kind: TypeAlias = Literal["message", "draft"]


class Message:
    """One message, or a draft that becomes one. Bytes of any kind are accepted; defects are data."""

    def __init__(
        self, source: Source, root: Part, kind: Kind, limits: Limits, subject: Text | None = None, depth: int = 0
    ) -> None:
        self.source = source
        self.root = root
        self.kind: Kind = kind
        self.limits = limits
        self.depth = depth
        """How many messages this one is attached to, one inside the other."""
        self._subject = subject
        self._facts: dict[Callable[[Message], Any], Any] = {}
        self._address_lists: dict[str, AddressList] = {}
        self._documents: dict[str, Document] = {}
        self._file_types: dict[str, FileType | None] = {}
        self.template: Rendering | None = None
        """What a draft was made from, if that is a template."""
        self.delivery: Delivery | None = None
        """What was found out about the route by which it would be sent, if anybody asked."""

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
        subject: str | Text | None = None,
        limits: Limits = DEFAULT_LIMITS,
        text: Text | None = None,
        template: Rendering | None = None,
    ) -> Message:
        """A bare HTML or text file as the body of a mail to come, with the `subject` it will have, if that is known.

        `text` stands for the decoded content where that is not what `raw` holds: that of a rendered `template`, say.
        """
        text = template.text if template is not None else text
        source = text.home if text is not None else Source(name, raw)
        if isinstance(subject, str):
            said = Source("subject", subject.encode("utf-8", "replace"))
            subject = mime.draft(said, "text/plain", limits).text[:]
        message = cls(source, mime.draft(source, content_type, limits, text), "draft", limits, subject)
        message.template = template
        return message

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

    @property
    def header_names(self) -> Collection[str]:
        """The names of all header fields, in small letters."""
        return self._by_name.keys()

    def header(self, name: str) -> Header | None:
        """The first header field of that name."""
        found = self._by_name.get(name.lower())
        return found[0] if found else None

    def all_headers(self, name: str) -> Sequence[Header]:
        """All header fields of that name."""
        return self._by_name.get(name.lower(), ())

    def addresses(self, name: str) -> AddressList:
        """The addresses of the first header field of that name, read once; none where there is no such field."""
        found = self._address_lists.get(name)
        if found is None:
            from spamlint.addresses import AddressList, parse_addresses

            header = self.header(name)
            found = parse_addresses(header.body, self.limits) if header else AddressList()
            self._address_lists[name] = found
        return found

    @property
    def senders(self) -> tuple[Mailbox, ...]:
        """The mailboxes of the From field."""
        return self.addresses("from").mailboxes

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
        """The text/plain and text/html parts that are shown as the body, up to the limit."""
        parts = [part for part in self.leaves if part.is_body]
        sizes = accumulate(part.end - part.body_start for part in parts)
        within = sum(size <= self.limits.texts for size in sizes)
        return tuple(parts[: max(within, 1)])

    @cached_property
    def attachments(self) -> tuple[Part, ...]:
        """The leaves that are not shown as the body, inline pictures included."""
        return tuple(part for part in self.leaves if not part.is_body)

    @cached_property
    def files(self) -> tuple[Part, ...]:
        """The attachments, and the body parts that have a file name: what a reader can save or open."""
        return tuple(part for part in self.leaves if not part.is_body or part.filename is not None)

    @cached_property
    def message_parts(self) -> tuple[Part, ...]:
        """The attachments that are messages, however many."""
        return tuple(part for part in self.attachments if part.is_message)

    @cached_property
    def attached_messages(self) -> tuple[tuple[Part, Message], ...]:
        """Each attached message with its part, up to the limits. What is not encoded has its places in this file."""
        if self.depth >= self.limits.attached_depth:
            return ()
        return tuple((part, self._attached(part)) for part in self.message_parts[: self.limits.attached])

    def _attached(self, part: Part) -> Message:
        if part.children:
            return Message(self.source, part.children[0], "message", self.limits, depth=self.depth + 1)
        source = Source(self.source.name, part.content)
        return Message(source, mime.parse(source, self.limits), "message", self.limits, depth=self.depth + 1)

    def file_type(self, part: Part) -> FileType | None:
        """What `part` is by its first bytes; None for plain text and what is unknown."""
        if part.path not in self._file_types:
            from spamlint.filetype import HEAD, file_type

            self._file_types[part.path] = file_type(part.head(HEAD))
        return self._file_types[part.path]

    @cached_property
    def text_parts(self) -> tuple[Part, ...]:
        """The text/plain body parts."""
        return tuple(part for part in self.body_parts if part.content_type == "text/plain")

    @cached_property
    def html_parts(self) -> tuple[Part, ...]:
        """The text/html body parts."""
        return tuple(part for part in self.body_parts if part.content_type == "text/html")

    def html(self, part: Part) -> Document:
        """The HTML of a text/html part, parsed once."""
        document = self._documents.get(part.path)
        if document is None:
            from spamlint.html import Document

            document = self._documents[part.path] = Document(part.text, self.limits)
        return document

    @property
    def documents_read(self) -> tuple[Document, ...]:
        """The HTML that something has asked for so far."""
        return tuple(self._documents.values())

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

    @cached_property
    def winmail_parts(self) -> tuple[Part, ...]:
        """The attachments in the format that only Outlook reads (TNEF)."""
        kinds = dict(self._container_kinds)
        return tuple(part for part in self.attachments if "ms-tnef" in part.content_type or kinds.get(part) == "tnef")

    @cached_property
    def alternatives(self) -> tuple[tuple[Part, Part], ...]:
        """Text part and HTML part of each multipart/alternative that has both."""
        pairs: dict[str, dict[str, Part]] = {}
        for part, alternative in self._leaves:
            if alternative is not None and part.is_body:
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
    def pictures(self) -> Pictures:
        """Every picture, however it comes in, with its size on the screen and what it is for."""
        from spamlint.pictures import Pictures

        return Pictures(self.leaves, self.documents, lambda: self.body, self.limits.pictures)

    def fact(self, find: Callable[[Message], T]) -> T:
        """What `find` gives for this message, found once: for facts that several checks of a topic share."""
        if find not in self._facts:
            self._facts[find] = find(self)
        return cast(T, self._facts[find])

    @cached_property
    def defects(self) -> tuple[Defect, ...]:
        """What is not as the standards have it in the structure and in the texts; a header field keeps its own."""
        found = [defect for part in self.root.walk() for defect in part.defects]
        for part in self.body_parts:
            found.extend(part.text_defects)
        return tuple(found)
