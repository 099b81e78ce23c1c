"""The requests of the spamd protocol (spamd/PROTOCOL of SpamAssassin) from bytes, and the replies, without any input
or output.

A connection carries one request. Its body ends where `Content-length` says, or where the client stops writing.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field

MOST_HEAD = 8192
"""Octets of the request line and the header of a request."""
MOST_FIELDS = 50
"""Header fields of a request."""
VERBS = ("CHECK", "SYMBOLS", "REPORT", "REPORT_IFSPAM", "PROCESS", "HEADERS", "TELL")
"""Those that have a body."""
BARE_VERBS = ("PING", "SKIP")
"""Those that are over with their first line."""
NEW_REPLIES = (1, 3)
"""The version from which on a reply has a length and then the verdict."""

_LINE = re.compile(rb"([A-Z_]{1,20}) SPAMC/(\d{1,3})\.(\d{1,3})[ \t]*")
_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9-]*)[ \t]*:[ \t]*(.*?)[ \t]*", re.DOTALL)
_BLANK = re.compile(rb"\n\r?\n")
_LENGTH = re.compile(rb"\d{1,15}")
_LONGEST_USER = 255


class Code:
    """Exit codes (sysexits.h) that a reply may have."""

    OK = 0
    USAGE = 64
    DATA = 65
    UNAVAILABLE = 69
    TEMPFAIL = 75
    PROTOCOL = 76


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request cannot be answered: a code, and a line of ASCII."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks."""

    verb: str
    version: tuple[int, int]
    user: str = ""
    """The name that the client gives, which it may make up."""
    body: bytes = b""
    """A message; of one that is longer than the decoder keeps, one octet more than that."""


@dataclass(slots=True)
class Decoder:
    """Collects one request. `feed` what comes and say `end` where no more will; then `done` is a request or a problem.

    What comes behind a body that is complete makes the request wrong, as long as nobody has looked at `done`: the
    length that the client gave is then not that of its message.
    """

    most: int
    """Octets of a body that are kept."""
    done: Request | Problem | None = None
    _kept: bytearray = field(default_factory=bytearray, repr=False)
    _line: tuple[str, tuple[int, int]] | None = None
    _user: str = ""
    _is_compressed: bool = False
    _length: int | None = None
    _came: int = 0
    """Octets of the body, kept or not."""
    _is_body: bool = False

    @property
    def held(self) -> int:
        """Octets that are kept at this moment."""
        return len(self._kept)

    @property
    def has_begun(self) -> bool:
        """Whether anything has come."""
        return bool(self._kept) or self._line is not None

    def feed(self, data: bytes) -> None:
        """Takes what has come."""
        if isinstance(self.done, Problem) or (self.done is not None and self.done.verb in BARE_VERBS):
            return
        if self._is_body:
            self._take(data)
        else:
            self._take_head(data)

    def end(self) -> None:
        """The client writes no more."""
        if self.done is not None:
            return
        if not self._is_body:
            self.done = Problem(Code.PROTOCOL, "Bad header line: the request ends before its message")
        elif self._length is None:
            self._finish()
        else:
            self._mismatch()

    def _take_head(self, data: bytes) -> None:
        start = max(len(self._kept) - 2, 0)
        self._kept += data
        if self._line is None and not self._take_line():
            return
        blank = _BLANK.search(self._kept, start)
        if (blank.end() if blank else len(self._kept)) > MOST_HEAD:
            self._fail("is too long")
        elif blank and self._take_fields(bytes(self._kept[: blank.start()])):
            rest = bytes(self._kept[blank.end() :])
            self._kept.clear()
            self._is_body = True
            self._take(rest)

    def _take_line(self) -> bool:
        """Whether the first line is there and asks for something with a body."""
        end = self._kept.find(b"\n")
        if (end if end >= 0 else len(self._kept)) > MOST_HEAD:
            self._fail("is too long")
            return False
        if end < 0:
            return False
        found = _LINE.fullmatch(bytes(self._kept[:end]).removesuffix(b"\r"))
        verb = found[1].decode("ascii") if found else ""
        if found is None or verb not in (*VERBS, *BARE_VERBS):
            self._fail("unknown request")
            return False
        self._line = verb, (int(found[2]), int(found[3]))
        if verb in BARE_VERBS:
            self.done = Request(*self._line)
            return False
        return True

    def _take_fields(self, head: bytes) -> bool:
        rows = head.split(b"\n")[1:]
        if len(rows) > MOST_FIELDS:
            return self._fail("too many of them")
        for row in rows:
            found = _FIELD.fullmatch(row.removesuffix(b"\r"))
            if found is None:
                return self._fail("no name and value")
            name, value = found[1].lower(), found[2]
            if name == b"content-length":
                if not _LENGTH.fullmatch(value) or self._length not in (None, int(value)):
                    return self._fail("Content-length is no number, or two")
                self._length = int(value)
            elif name == b"user":
                self._user = value.decode("utf-8", "replace")[:_LONGEST_USER]
            elif name == b"compress":
                if value.lower() != b"zlib":
                    return self._fail("Compress can be zlib only")
                self._is_compressed = True
        return True

    def _take(self, data: bytes) -> None:
        self._came += len(data)
        if room := max(self.most + 1 - len(self._kept), 0):
            self._kept += data[:room]
        if self._length is not None and self._came > self._length:
            self._mismatch()
        elif self._came == self._length:
            self._finish()

    def _finish(self) -> None:
        assert self._line is not None
        body = bytes(self._kept)
        if self._is_compressed and len(body) <= self.most:
            inflated = inflate(body, self.most + 1)
            if inflated is None:
                self.done = Problem(Code.DATA, "The message is not what zlib makes")
                return
            body = inflated
        self.done = Request(*self._line, self._user, body)

    def _mismatch(self) -> None:
        self._kept.clear()
        came = f"{self._came} bytes" if self._came < (self._length or 0) else "more"
        text = f"Content-Length mismatch: Expected {self._length} bytes, got {came}"
        self.done = Problem(Code.PROTOCOL, f"Bad header line: ({text})")

    def _fail(self, reason: str) -> bool:
        self._kept.clear()
        self.done = Problem(Code.PROTOCOL, f"Bad header line: {reason}")
        return False


def inflate(data: bytes, most: int) -> bytes | None:
    """What zlib has packed, the first `most` octets of it; None where it is not whole, or something else."""
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(data, most)
    except zlib.error:
        return None
    is_whole = stream.eof and not stream.unused_data
    return found if is_whole or len(found) == most else None


def pong() -> bytes:
    """The reply to PING."""
    return b"SPAMD/1.5 0 PONG\r\n"


def refused(problem: Problem) -> bytes:
    """The reply to a request that cannot be answered: one line, as of SpamAssassin.

    Were more to follow, spamc would take it for an answer: it would give an empty message, or say that it has learned.
    """
    return f"SPAMD/1.1 {problem.code} {problem.text}\r\n".encode("ascii", "replace")


def judged(request: Request, spam: str, body: bytes) -> bytes:
    """The reply about a message. `spam` is the verdict as in `True ; 7.0 / 5.0`.

    Exim asks in version 1.2 and understands the verdict only where there is no length before it. Programs that ask for
    the message itself in that version are given its length and no verdict.
    """
    length, verdict = f"Content-length: {len(body)}\r\n", f"Spam: {spam}\r\n"
    if request.version >= NEW_REPLIES:
        head = length + verdict
    else:
        head = length if request.verb in ("PROCESS", "HEADERS") else verdict
    return f"SPAMD/1.1 0 EX_OK\r\n{head}\r\n".encode("ascii") + body
