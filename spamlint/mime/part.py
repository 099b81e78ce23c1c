"""One part of a message. Structure comes from the walker; everything else is computed when asked for, once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.mime import declared, transfer
from spamlint.mime.charset import Decoded, decode_draft, decode_text
from spamlint.mime.defect import Defect
from spamlint.mime.header import Header
from spamlint.mime.parameters import has_more_parameters, parameters
from spamlint.source import Locate, Source, Text, chained, shifted, source_text

_LISTS = ("content-type", "content-disposition")
"""Header fields with parameters."""


class Part:
    """A leaf, a multipart, or an attached message. Offsets are those of `source.data`.

    `path` is the IMAP part number; the root of a multipart is "", and the root of an attached multipart message has the
    path of its message/rfc822 part. `headers_end` is where a missing header would stand.
    """

    def __init__(
        self,
        source: Source,
        *,
        path: str,
        content_type: str,
        headers: tuple[Header, ...] = (),
        start: int = 0,
        headers_end: int = 0,
        body_start: int = 0,
        end: int,
        children: tuple[Part, ...] = (),
        structure: tuple[Defect, ...] = (),
        limits: Limits = DEFAULT_LIMITS,
        is_draft: bool = False,
        text: Text | None = None,
    ) -> None:
        self.source = source
        self.path = path
        self.content_type = content_type
        self.headers = headers
        self.start = start
        self.headers_end = headers_end
        self.body_start = body_start
        self.end = end
        self.children = children
        self._structure = structure
        self._limits = limits
        self._is_draft = is_draft
        self._given = text

    def __repr__(self) -> str:
        return f"Part({self.path!r}, {self.content_type!r})"

    def header(self, name: str) -> Header | None:
        """The first field of that name, or None."""
        return declared.first(self.headers, name.lower())

    def walk(self) -> Iterator[Part]:
        """This part and all below, in document order."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting.extend(reversed(part.children))

    @cached_property
    def parameters(self) -> Mapping[str, Text]:
        """The parameters of Content-Type, by lower-case name."""
        header = self.header("content-type")
        return parameters(header.body, self._limits) if header else {}

    @cached_property
    def charset(self) -> str | None:
        """The charset as declared, lower case, or None."""
        named = self.parameters.get("charset")
        return named.value.strip().lower() or None if named else None

    @cached_property
    def disposition(self) -> str | None:
        """The word of Content-Disposition in lower case ("attachment", "inline", ...), or None."""
        header = self.header("content-disposition")
        return declared.word(header.body.value) or None if header else None

    @cached_property
    def disposition_parameters(self) -> Mapping[str, Text]:
        """The parameters of Content-Disposition, by lower-case name."""
        header = self.header("content-disposition")
        return parameters(header.body, self._limits) if header else {}

    @cached_property
    def filename(self) -> Text | None:
        """The file name that Content-Disposition gives, else the name of Content-Type."""
        named = self.disposition_parameters.get("filename")
        return named if named and named.value else self.parameters.get("name", named)

    @property
    def label(self) -> Text:
        """What names this part: its file name, else its Content-Type field, else the place where that would stand."""
        header = self.header("content-type")
        if self.filename is not None:
            return self.filename
        return header.field if header else source_text(self.source, self.headers_end, self.headers_end)

    @cached_property
    def encoding(self) -> str:
        """The transfer encoding in lower case; "7bit" where none is declared."""
        return declared.encoding(self.headers)

    @cached_property
    def defects(self) -> tuple[Defect, ...]:
        """What is wrong with the structure of this part."""
        most = self._limits.parameters
        bodies = (header.body for header in self.headers if header.key in _LISTS)
        crowded = (body for body in bodies if has_more_parameters(body, most))
        found = (*self._structure, *(Defect("limit-parameters", body[len(body) :]) for body in crowded))
        if self.encoding in transfer.KNOWN:
            return found
        header = self.header("content-transfer-encoding")
        return (*found, Defect("unknown-encoding", header.body if header else None))

    @property
    def is_body(self) -> bool:
        """Whether this is shown as the body of the message."""
        return self.content_type in ("text/plain", "text/html") and self.disposition != "attachment"

    @property
    def is_message(self) -> bool:
        """Whether this is a message, or a file with one."""
        if self.content_type in ("message/rfc822", "message/global"):
            return self.end > self.body_start
        name = self.filename.value.lower() if self.filename is not None else ""
        return name.endswith(".eml") and self.content_type.partition("/")[0] in ("application", "message", "text")

    @property
    def raw(self) -> bytes:
        """The bytes of the body, as written."""
        return self.source.data[self.body_start : self.end]

    @cached_property
    def content(self) -> bytes:
        """The bytes of a leaf without their transfer encoding; b"" for a part that has children."""
        return b"" if self.children else self._transfer.content

    def head(self, size: int) -> bytes:
        """The first `size` bytes of `content`; no more of the body is decoded than they need."""
        if self.children:
            return b""
        if "_transfer" not in self.__dict__:
            found = transfer.head(self.source.data, self.body_start, self.end, self.encoding, size)
            if found is not None:
                return found
        return self.content[:size]

    @cached_property
    def text(self) -> Text:
        """The decoded text of a leaf, line ends as they are; empty for a part that has children."""
        return self._as_decoded if self._given is None else self._given[: self._limits.text]

    @cached_property
    def _as_decoded(self) -> Text:
        decoded = self._decoded

        def trace() -> Locate:
            return chained(decoded.trace(), chained(self._transfer.trace(), shifted(self.body_start)))

        return Text(decoded.value, self.source, trace, self.path)

    @cached_property
    def text_defects(self) -> tuple[Defect, ...]:
        """What is wrong with the encoding and the charset of a leaf."""
        if self.children:
            return ()
        found = [Defect(code, self._problem_text(code, start, end)) for code, start, end in self._decoded.problems]
        problem = transfer.problem(self.raw, self.encoding)
        if problem and not self._is_draft:
            code, start, end = problem
            found.append(Defect(code, source_text(self.source, self.body_start + start, self.body_start + end)))
        if len(self.content if self._given is None else self._given) > self._limits.text:
            found.append(Defect("limit-text", self.text[len(self.text) :]))
        return tuple(found)

    def _problem_text(self, code: str, start: int, end: int) -> Text:
        return self.parameters["charset"] if code == "unknown-charset" else self._as_decoded[start:end]

    @cached_property
    def _transfer(self) -> transfer.Decoding:
        return transfer.decode(self.raw, self.encoding)

    @cached_property
    def _decoded(self) -> Decoded:
        content = self.content
        if len(content) > self._limits.text:
            content = _cut(content, self._limits.text)
        if self._is_draft:
            return decode_draft(content)
        return decode_text(content, self.charset, html=self.content_type == "text/html")


def draft(source: Source, content_type: str, limits: Limits = DEFAULT_LIMITS, text: Text | None = None) -> Part:
    """A file that is nothing but HTML or text, as one leaf without headers. `text` stands for what is decoded of it."""
    return Part(
        source, path="1", content_type=content_type, end=len(source.data), limits=limits, is_draft=True, text=text
    )


def alternative(source: Source, files: Sequence[tuple[str, Source, Text]], limits: Limits = DEFAULT_LIMITS) -> Part:
    """A draft in several files, as multipart/alternative: content type, file, and decoded content of each, in order."""
    children = tuple(
        Part(
            file, path=str(number), content_type=content_type, end=len(file.data), limits=limits, is_draft=True,
            text=text,
        )
        for number, (content_type, file, text) in enumerate(files, 1)
    )  # fmt: skip
    return Part(source, path="", content_type="multipart/alternative", end=0, children=children, limits=limits)


def _cut(content: bytes, limit: int) -> bytes:
    """At most `limit` bytes; no character of UTF-8 is cut in two, nor are 16 or 32 bits."""
    end = limit - limit % 4
    for back in range(min(4, end)):
        if content[end - back] & 0xC0 != 0x80:
            return content[: end - back]
    return content[:end]
