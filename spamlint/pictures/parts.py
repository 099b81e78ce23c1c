"""The parts of a message that are pictures: which one an address means, and what their headers say."""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final
from urllib.parse import unquote, unquote_to_bytes

from spamlint.mime import Part
from spamlint.mime.transfer import decode
from spamlint.pictures.measure import FIRST_HEAD, LONGEST_HEAD, Measured, measured

_ROOM_FOR_LINES: Final = 1.5
"""Encoded bytes for one decoded byte, line ends included, at least in base64."""


class Parts:
    """The leaves of a message, by the names that HTML calls them."""

    def __init__(self, leaves: Iterable[Part]) -> None:
        self.leaves = tuple(leaves)
        self._measured: dict[str, Measured | None] = {}

    def named(self, address: str) -> Part | None:
        """The part that `address`, as "cid:...", means."""
        if address[:4].lower() == "cid:":
            return self._by_id.get(_plain(unquote(address[4:])))
        return self._by_location.get(address) if address else None

    def size(self, part: Part) -> Measured | None:
        """Format and size of the picture in `part`, of which only the first bytes are decoded."""
        if part.path not in self._measured:
            found = measured(head_of(part, FIRST_HEAD))
            if found is None and part.end - part.body_start > FIRST_HEAD:
                head = head_of(part, LONGEST_HEAD)
                found = measured(head) if head[:3] == b"\xff\xd8\xff" else None
            self._measured[part.path] = found
        return self._measured[part.path]

    @cached_property
    def _by_id(self) -> Mapping[str, Part]:
        return {content_id(part): part for part in reversed(self.leaves) if content_id(part)}

    @cached_property
    def _by_location(self) -> Mapping[str, Part]:
        found = {}
        for part in reversed(self.leaves):
            header = part.header("content-location")
            if header is not None:
                found[header.body.value.strip()] = part
        return found


def content_id(part: Part) -> str:
    """What `cid:` addresses call the part, in small letters; "" where it has no name."""
    header = part.header("content-id")
    return _plain(header.body.value) if header is not None else ""


def _plain(name: str) -> str:
    return name.strip().removeprefix("<").removesuffix(">").strip().lower()


def is_picture(part: Part) -> bool:
    """Whether the part says that it is a picture."""
    return part.content_type.startswith("image/")


def head_of(part: Part, size: int) -> bytes:
    """The first `size` bytes of the content, of which no more than these are decoded."""
    end = min(part.end, part.body_start + int(size * (3 if part.encoding == "quoted-printable" else _ROOM_FOR_LINES)))
    return decode(part.source.data[part.body_start : end], part.encoding).content[:size]


def size_of(part: Part) -> int:
    """About how many bytes the content has, without decoding it."""
    raw = part.end - part.body_start
    return raw * 73 // 100 if part.encoding == "base64" else raw  # three bytes of four, and a line end after 76


def data_head(address: str, size: int) -> bytes:
    """The first bytes of the picture in a `data:` address."""
    kind, comma, content = address.partition(",")
    if not comma:
        return b""
    if ";base64" not in kind.lower():
        return unquote_to_bytes(content[: 3 * size])[:size]
    try:
        letters = unquote(content[: 2 * size]).encode("ascii", "ignore")
        return binascii.a2b_base64(letters[: len(letters) // 4 * 4] if len(content) > 2 * size else letters)[:size]
    except binascii.Error:
        return b""
