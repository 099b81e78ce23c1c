"""Messages between the server and the process that lints: a length, and that many bytes."""

from __future__ import annotations

import pickle
from typing import IO, Any

_HEAD = 8


def packed(value: object) -> bytes:
    """`value` as one message."""
    data = pickle.dumps(value)
    return len(data).to_bytes(_HEAD, "big") + data


def received(stream: IO[bytes]) -> Any:
    """The next value from `stream`, or None where it ends."""
    head = stream.read(_HEAD)
    if len(head) < _HEAD:
        return None
    size = int.from_bytes(head, "big")
    data = stream.read(size)
    if len(data) < size:
        return None
    return pickle.loads(data)  # noqa: S301 - both ends are this program, and nobody else holds the pipe
