"""What the client is told (RFC 5321 section 4.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from spamlint.guard.decision import Reply

_ENDING = frozenset({221, 421, 521})
_DONE = range(200, 300)
_FINAL = frozenset({*_DONE, *range(400, 600)})
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply: the code, and what stands behind it on each line."""

    code: int
    lines: tuple[str, ...] = ("",)

    def __bytes__(self) -> bytes:
        """As it is sent."""
        texts = [_UNPRINTABLE.sub("?", line) for line in self.lines]
        wire = [f"{self.code}-{text}" for text in texts[:-1]] + [f"{self.code} {texts[-1]}"]
        return "".join(f"{line}\r\n" for line in wire).encode("utf-8", "surrogateescape")

    @property
    def is_yes(self) -> bool:
        """Whether the command was done."""
        return self.code in _DONE

    def final(self) -> Answer:
        """The answer, where it ends a command; what is said in its place where it does not."""
        return self if self.code in _FINAL else ODD

    @property
    def ends_session(self) -> bool:
        """Whether the connection is closed behind it."""
        return self.code in _ENDING


ODD = Answer(451, ("4.5.0 The next mail server gave an answer that does not fit",))


def say(text: str) -> Answer:
    """The answer that `text` writes out: "250 2.0.0 Ok"."""
    return Answer(int(text[:3]), (text[4:],))


def of(reply: Reply) -> Answer:
    """The reply of a decision."""
    return Answer(reply.code, tuple(f"{reply.status} {line}" for line in reply.lines) or (reply.status,))
