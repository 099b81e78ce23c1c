"""Messages between the server and the process that lints: a length, and that many bytes."""

from __future__ import annotations

import pickle
from typing import Any, BinaryIO

HEAD = 8


def packed(value: object) -> bytes:
    """`value` as one message."""
    data = pickle.dumps(value)
    return len(data).to_bytes(HEAD, "big") + data


def unpacked(data: bytes) -> Any:
    """The value of a message without its length."""
    return pickle.loads(data)  # noqa: S301 - both ends are this program, and nobody else holds the pipe


def size_of(head: bytes) -> int:
    """The length that a message starts with."""
    return int.from_bytes(head, "big")


def received(stream: BinaryIO) -> Any:
    """The next value from `stream`, or None where it ends."""
    head = stream.read(HEAD)
    if len(head) < HEAD:
        return None
    data = stream.read(size_of(head))
    return unpacked(data) if len(data) == size_of(head) else None
