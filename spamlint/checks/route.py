"""The check on the route of a message: what was found out before becomes hits."""

from __future__ import annotations

from collections.abc import Iterator

from spamlint.message import Message
from spamlint.rule import Hit


def remarked(message: Message, *, kind: str = "") -> Iterator[Hit]:
    """Each remark of that kind, as a finding of its own, at the header field that it is about."""
    for remark in message.delivery.remarks if message.delivery is not None else ():
        if remark.kind == kind:
            header = message.header(remark.header)
            group = "\n".join(f"{name}={value}" for name, value in remark.values.items())
            yield Hit(header.body if header is not None else None, remark.values, group=group)
