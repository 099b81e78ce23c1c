"""Checks on the files inside attached archives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from spamlint.message import Message
from spamlint.rule import Hit

if TYPE_CHECKING:
    from spamlint.containers.entry import Contents, Member

_OUTSIDE = re.compile(r"[/\\]|[A-Za-z]:[/\\]|(?:.*[/\\])?\.\.(?:[/\\]|$)", re.DOTALL)
_DOUBLE_END = re.compile(r"[^/\\]*[^/\\.\s][\s.]*\.(?P<lure>[A-Za-z]{2,5})[\s_.]*\.(?P<real>[A-Za-z0-9_]{2,13})[\s.]*")
_NAMED_ARCHIVES = {
    "zip": ("zip",), "rar": ("rar",), "7z": ("7z",), "gz": ("gz", "tgz", "taz"), "bz2": ("bz2", "tbz", "tbz2"),
    "xz": ("xz", "txz"), "cab": ("cab",), "tar": ("tar",), "iso": ("iso", "img"),
}  # fmt: skip


def encrypted(message: Message) -> Iterator[Hit]:
    """Each attached archive with files, or a list of files, behind a password."""
    for inside in message.containers:
        locked = [member for member in inside.members if member.encrypted]
        if locked:
            yield Hit(inside.part.label, {"name": locked[0].path})
        elif any(trait.code == "encrypted-list" for trait in inside.traits):
            yield Hit(inside.part.label, {"name": str(inside.part.label)})


def executable_inside(message: Message) -> Iterator[Hit]:
    """Each file in an archive that is a program by its name or by its first bytes."""
    for inside in message.containers:
        from spamlint.checks.attachment_lists import INSIDE
        from spamlint.containers.kinds import ending

        yield from _members(inside, lambda member: member.kind in ("exe", "lnk") or ending(member.name) in INSIDE)


def archive_inside(message: Message) -> Iterator[Hit]:
    """Each archive in an archive, by its first bytes or, where these are not to be had, by its name."""
    for inside in message.containers:
        from spamlint.containers.kinds import MULTIPLE, PACKED_DOCUMENT_ENDS, SEVERAL_ENDS, ending

        def is_archive(member: Member) -> bool:
            if member.kind:
                return member.kind in MULTIPLE and ending(member.name) not in PACKED_DOCUMENT_ENDS
            return member.size > 0 and ending(member.name) in SEVERAL_ENDS

        yield from _members(inside, is_archive)


def path_traversal(message: Message) -> Iterator[Hit]:
    """Each file in an archive whose name leads out of the folder that it is unpacked into."""
    for inside in message.containers:
        yield from _members(inside, lambda member: bool(_OUTSIDE.match(member.name)))


def bomb(message: Message) -> Iterator[Hit]:
    """Each archive that unpacks to many times its size, or that uses the same bytes many times."""
    for inside in message.containers:
        if any(trait.code == "bomb" for trait in inside.traits):
            yield Hit(inside.part.label, {"times": message.limits.archive_ratio})


def mismatched_name(message: Message) -> Iterator[Hit]:
    """Each archive that has the name of another kind of file."""
    for inside in message.containers:
        name = inside.part.filename
        if name is not None and _is_misnamed(inside.kind, name.value):
            yield Hit(inside.part.label, {"name": name.value, "kind": inside.kind})
        for member in inside.members:
            if _is_misnamed(member.kind, member.name):
                yield Hit(inside.part.label, {"name": member.path, "kind": member.kind})


def _is_misnamed(kind: str, name: str) -> bool:
    """An unknown end of a name is no lie: many programs keep their files in a zip."""
    from spamlint.containers.kinds import OTHER_ENDS, ending

    if kind not in _NAMED_ARCHIVES:
        return False
    others = {end for other, ends in _NAMED_ARCHIVES.items() if other != kind for end in ends}
    end = ending(name)
    return end in OTHER_ENDS or (end in others and not (kind == "tar" and end in ("gz", "bz2", "xz", "tgz")))


def double_extension_inside(message: Message) -> Iterator[Hit]:
    """Each program in an archive whose name shows the end of a harmless file before the real one."""
    for inside in message.containers:
        from spamlint.checks.attachment_lists import INSIDE
        from spamlint.containers.kinds import LURE_ENDS

        def is_double(member: Member, lures: frozenset[str] = LURE_ENDS, ends: frozenset[str] = INSIDE) -> bool:
            found = _DOUBLE_END.fullmatch(re.split(r"[/\\]", member.name)[-1])
            return found is not None and found["lure"].lower() in lures and found["real"].lower() in ends

        yield from _members(inside, is_double)


def two_names(message: Message) -> Iterator[Hit]:
    """Each archive in which a file has one name in the list of files and another before its content."""
    for inside in message.containers:
        if any(trait.code == "two-names" for trait in inside.traits):
            yield Hit(inside.part.label, {"kind": inside.kind})


def unreadable(message: Message) -> Iterator[Hit]:
    """Each archive whose list of files is damaged or missing."""
    for inside in message.containers:
        if any(trait.code == "unreadable" for trait in inside.traits):
            yield Hit(inside.part.label, {"kind": inside.kind})


def _members(inside: Contents, is_meant: Callable[[Member], bool]) -> Iterator[Hit]:
    """One hit for the attachment, with the first file that is meant and their number."""
    found = [member for member in inside.members if is_meant(member)]
    if found:
        yield Hit(inside.part.label, {"name": found[0].path, "files": len(found)})
