"""Standard input as the server reads it: a header that makes no sense is passed over, whatever it asks for."""

from __future__ import annotations

import io
import re
from typing import BinaryIO

_LONGEST_LINE = 4096
_LENGTH = re.compile(rb"content-length:[ \t]*([0-9]{1,8})[ \t]*\r?\n", re.IGNORECASE)


class Wire(io.RawIOBase):
    """A stream of messages without the lengths that no message has. What follows such a header is passed over."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """Whether it can be read, which it can."""
        return True

    def readline(self, size: int | None = -1, /) -> bytes:
        """The next line of a header; a length is written as the protocol has it, and one that is none is left out."""
        del size
        line = self._stream.readline(_LONGEST_LINE)
        if not line.lower().startswith(b"content-length"):
            return line
        found = _LENGTH.fullmatch(line)
        return b"Content-Length: %d\r\n" % int(found[1]) if found else b"\n"

    def read(self, size: int = -1, /) -> bytes:
        """The next `size` bytes, fewer only at the end."""
        return self._stream.read(size)
