"""What was found out, before a message is judged, about the route by which it would be sent.

Checks never ask the network: `spamlint.sender` does, and leaves plain remarks that rules give words and points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = str | int


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that is wrong with a route, or that could not be found out."""

    kind: str
    """What is wrong, as "spf-fail"; the parameter `kind` of a rule names it."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """What the message and the fix of the rule name in braces."""
    header: str = "from"
    """The header field of the message that it is about."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """All that was found out about one message on one route."""

    route: str
    remarks: tuple[Remark, ...] = ()
    is_decided: bool = True
    """Whether it could be found out if the mail passes DMARC; where not, a verdict on it is incomplete."""
