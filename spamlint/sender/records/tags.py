"""Records that are lists of tags, "v=DMARC1; p=none": DMARC, DKIM, MTA-STS, TLS-RPT, BIMI (RFC 6376 section 3.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from spamlint.sender.dns import Answer

SHOWN = 120
"""Code points of what somebody published that a finding quotes."""
MOST_PROBLEMS = 10
"""Pieces of one record that are named as wrong; the rest is no better."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Tags:
    """A record as its tags, by lower-case names; of several of one name the first."""

    text: str
    values: dict[str, str]
    bad: tuple[str, ...] = ()
    """Pieces that are no tag, or one that was there before."""
    first: str = ""
    """The name of the first tag."""

    def get(self, name: str, default: str = "") -> str:
        """The value of a tag."""
        return self.values.get(name, default)


def read(text: str) -> Tags:
    """The tags of the record."""
    values: dict[str, str] = {}
    bad: list[str] = []
    first = ""
    for piece in text.split(";"):
        name, equals, value = (part.strip() for part in piece.partition("="))
        if not name and not equals:
            continue
        if not equals or not _NAME.fullmatch(name) or name.lower() in values:
            bad.append(quoted(piece.strip()))
            continue
        first = first or name.lower()
        values[name.lower()] = value
    return Tags(text, values, tuple(bad[:MOST_PROBLEMS]), first)


def quoted(text: str) -> str:
    """What a finding shows of `text`."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def records_like(answer: Answer, version: str) -> tuple[list[str], list[str]]:
    """The TXT records of that version, and those that were meant to be but are not read as such."""
    exact, near = [], []
    family = re.sub(r"v?\d+\Z", "", version.lower())
    pattern = re.compile(rf"\s*v\s*=\s*{version}\s*(?:;|\Z)")
    for text in answer.records:
        bare = text.strip().strip("\"'").lstrip().lower()
        if pattern.match(text) and not text[:1].isspace():
            exact.append(text)
        elif bare.replace(" ", "").startswith(f"v={family}"):
            near.append(text)
    return exact, near
