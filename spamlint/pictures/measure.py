"""Width and height of a picture from the first bytes of its file; nothing is decoded, and nothing raises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FIRST_HEAD: Final = 4 * 1024
"""Bytes of a picture that are read at first: its size nearly always stands there."""
LONGEST_HEAD: Final = 64 * 1024
"""Bytes that are read where the first ones do not tell (a JPEG with a preview in front). Behind them nothing is looked
for: the picture then counts with the size that the HTML gives it, or a usual one."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_SOF: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers of a frame, which holds the size."""
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
"""JPEG markers without a length."""
_GIF_DESCRIPTOR: Final = 0x2C
_GIF_EXTENSION: Final = 0x21
_HIGHEST_SIDE: Final = 100_000


@dataclass(frozen=True, slots=True)
class Measured:
    """What the header of a picture says."""

    format: str
    """"png", "gif", "jpeg", "webp" or "bmp"."""
    width: int
    height: int


def measured(head: bytes) -> Measured | None:
    """Format and size of the picture that starts with `head`; None where they do not stand in it."""
    found = _read(head)
    if found is None or not (0 < found.width <= _HIGHEST_SIDE and 0 < found.height <= _HIGHEST_SIDE):
        return None
    return found


def is_animated(head: bytes) -> bool:
    """Whether a GIF, PNG or WebP whose file starts with `head` moves."""
    if head.startswith(_PNG):
        data = head.find(b"IDAT")
        return head.find(b"acTL", 0, data if data >= 0 else len(head)) >= 0
    if head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X":
        return len(head) > 20 and bool(head[20] & 0x02)
    return head[:6] in (b"GIF87a", b"GIF89a") and _gif_moves(head)


def _read(head: bytes) -> Measured | None:
    if head.startswith(_PNG) and len(head) >= 24:
        return Measured("png", _big(head, 16, 4), _big(head, 20, 4))
    if head[:6] in (b"GIF87a", b"GIF89a") and len(head) >= 10:
        return Measured("gif", _little(head, 6, 2), _little(head, 8, 2))
    if head[:3] == b"\xff\xd8\xff":
        return _jpeg(head)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _webp(head)
    if head[:2] == b"BM" and len(head) >= 26:
        return _bmp(head)
    return None


def _big(head: bytes, at: int, size: int) -> int:
    return int.from_bytes(head[at : at + size], "big")


def _little(head: bytes, at: int, size: int) -> int:
    return int.from_bytes(head[at : at + size], "little")


def _jpeg(head: bytes) -> Measured | None:
    at = 2
    while at + 9 <= len(head):
        if head[at] != 0xFF:
            return None
        marker = head[at + 1]
        if marker == 0xFF or marker in _BARE:
            at += 1 if marker == 0xFF else 2
        elif marker in _SOF:
            return Measured("jpeg", _big(head, at + 7, 2), _big(head, at + 5, 2))
        else:
            at += 2 + max(2, _big(head, at + 2, 2))
    return None


def _webp(head: bytes) -> Measured | None:
    kind = head[12:16]
    if kind == b"VP8X" and len(head) >= 30:
        return Measured("webp", _little(head, 24, 3) + 1, _little(head, 27, 3) + 1)
    if kind == b"VP8L" and len(head) >= 25:
        bits = _little(head, 21, 4)
        return Measured("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and len(head) >= 30:
        return Measured("webp", _little(head, 26, 2) & 0x3FFF, _little(head, 28, 2) & 0x3FFF)
    return None


def _bmp(head: bytes) -> Measured:
    if _little(head, 14, 4) == 12:  # the header of OS/2
        return Measured("bmp", _little(head, 18, 2), _little(head, 20, 2))
    height = int.from_bytes(head[22:26], "little", signed=True)  # negative: from top to bottom
    return Measured("bmp", _little(head, 18, 4), abs(height))


def _gif_moves(head: bytes) -> bool:
    """Whether a second frame begins in `head`, or a first one that ends behind it stands in a loop."""
    at, frames = 13 + _colours(head, 10), 0
    while at < len(head):
        if head[at] == _GIF_DESCRIPTOR:
            frames += 1
            if frames == 2:
                return True
            at = _behind_blocks(head, at + 11 + _colours(head, at + 9))
        elif head[at] == _GIF_EXTENSION:
            at = _behind_blocks(head, at + 2)
        else:
            return False
    return b"NETSCAPE2.0" in head


def _colours(head: bytes, at: int) -> int:
    """The size of the colour table that the flags at `at` announce."""
    flags = head[at] if at < len(head) else 0
    return 3 * (2 << (flags & 7)) if flags & 0x80 else 0


def _behind_blocks(head: bytes, at: int) -> int:
    while at < len(head) and head[at]:
        at += head[at] + 1
    return at + 1
