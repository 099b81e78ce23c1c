"""What archive readers give, and what looking into an attachment gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from spamlint.mime import Part

Note: TypeAlias = Callable[[str], None]
"""Takes the code of something that a reader noticed about the whole archive."""


class Entry(NamedTuple):
    """One file in an archive as its reader gives it. `read(n)` gives its first bytes, None where that cannot be."""

    name: str
    size: int
    packed: int
    encrypted: bool
    read: Callable[[int], bytes] | None


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside an attachment. Sizes are those that the archive declares.

    `path` leads to it through the archives around it ("inner.zip > file.txt"); `kind` is what its first bytes say.
    """

    name: str
    size: int
    packed: int
    encrypted: bool
    path: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Trait:
    """Something noticed inside an attachment; `path` says in which file of it, "" for the attachment itself."""

    code: str
    path: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """What lies inside one attachment, as far as it was read."""

    part: Part
    kind: str
    members: tuple[Member, ...] = ()
    traits: tuple[Trait, ...] = ()
    limits: tuple[str, ...] = ()
    """Codes of the limits that were reached."""
    not_covered: tuple[str, ...] = ()
    """Reason codes, as in `coverage`."""
