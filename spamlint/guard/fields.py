"""The header fields that a decision takes out of a message and puts in, in the bytes of the message."""

from __future__ import annotations

import re

from spamlint.guard.decision import Decision

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*(?:\r?\n|$)")


def applied(data: bytes, decision: Decision) -> bytes:
    """`data` with the header fields of `decision`; every other byte stays as it is."""
    added = "".join(f"{name}: {value}\n" for name, value in decision.add).encode("ascii")
    if b"\r\n" in data[: data.find(b"\n") + 1]:
        added = added.replace(b"\n", b"\r\n")
    return added + _without(data, {(name.lower(), number) for name, number in decision.remove})


def _without(data: bytes, unwanted: set[tuple[str, int]]) -> bytes:
    """`data` without those header fields: lower-case name, and which one of that name."""
    if not unwanted:
        return data
    kept, at, numbers = [], 0, dict[str, int]()
    while field := _FIELD.match(data, at):
        name = field[1].decode("ascii").lower()
        numbers[name] = numbers.get(name, 0) + 1
        if (name, numbers[name]) not in unwanted:
            kept.append(field[0])
        at = field.end()
    return b"".join(kept) + data[at:]
