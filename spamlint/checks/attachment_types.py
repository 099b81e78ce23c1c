"""Checks on what attached files are: by their first bytes, their ending and their declared type."""

from __future__ import annotations

from collections.abc import Iterator

from spamlint.checks.attached import called, ending, name_of, place_of
from spamlint.checks.attachment_lists import DECLARED, OTHER_SCRIPTS, PROMISED, RUN_BY_DOUBLE_CLICK
from spamlint.message import Message
from spamlint.mime import Part
from spamlint.rule import Hit

ACTIVE = frozenset(("disk-image", "executable", "help", "installer", "onenote", "script", "shortcut"))
"""Families behind which something runs when the file is opened."""

_ISO_MARK, _ISO_AT = b"CD001", 32769


def executable(message: Message) -> Iterator[Hit]:
    """Each file that is a program by its content, whatever it is called."""
    for part in message.files:
        found = message.file_type(part)
        if found is not None and found.family == "executable":
            yield Hit(place_of(part), {"name": called(part), "type": found.name})


def script(message: Message) -> Iterator[Hit]:
    """Each script. `risk` is 2 for one that runs when it is opened, 1 for one that opens as text."""
    attachments = set(message.attachments)
    for part in message.files:
        last = ending(name_of(part))
        found = message.file_type(part)
        is_script = found is not None and found.family == "script"
        if last in RUN_BY_DOUBLE_CLICK:
            yield Hit(place_of(part), {"name": called(part), "risk": 2})
        elif last in OTHER_SCRIPTS or (is_script and part in attachments):
            yield Hit(place_of(part), {"name": called(part), "risk": 1})


def of_kind(message: Message, *, families: tuple[str, ...] = (), endings: tuple[str, ...] = ()) -> Iterator[Hit]:
    """Each file with one of `endings`, or whose content is of one of `families`."""
    for part in message.files:
        found = message.file_type(part)
        last = ending(name_of(part))
        if last in endings or (found is not None and found.family in families):
            yield Hit(place_of(part), {"name": called(part), "type": found.name if found else last})


def disk_image(message: Message, *, endings: tuple[str, ...] = ("iso", "img", "vhd", "vhdx", "dmg")) -> Iterator[Hit]:
    """Each image of a disk, by its ending or its content."""
    for part in message.files:
        found = message.file_type(part)
        by_content = found.name if found is not None and found.family == "disk-image" else None
        if found is None and _is_iso(part):
            by_content = "ISO 9660"
        if by_content or ending(name_of(part)) in endings:
            yield Hit(place_of(part), {"name": called(part), "type": by_content or ending(name_of(part))})


def _is_iso(part: Part) -> bool:
    """Whether this is an ISO image: 32 KB, mostly of zeros, come before its mark."""
    if part.end - part.body_start < _ISO_AT or part.head(64).strip(b"\0"):
        return False
    return part.head(_ISO_AT + len(_ISO_MARK)).endswith(_ISO_MARK)


def type_mismatch(message: Message) -> Iterator[Hit]:
    """Each file whose content is not what its ending promises, or else what its type declares.

    `risk` is 3 where the content runs when it is opened, 2 for a web page, 1 for another type. The first that does not
    run says in `detail` what libmagic calls it.
    """
    more: str | None = None
    for part in message.files:
        found = message.file_type(part)
        if found is None:
            continue
        last = ending(name_of(part))
        fitting, said = PROMISED.get(last), f".{last}"
        if fitting is None:
            fitting, said = _declared(part.content_type), part.content_type
        if fitting is not None and found.family not in fitting:
            more = _detail(part) if more is None and found.family not in ACTIVE else ""
            risk = 3 if found.family in ACTIVE else 2 if found.family in ("html", "svg") else 1
            values: dict[str, str | int] = {"name": called(part), "said": said, "type": found.name, "risk": risk}
            yield Hit(place_of(part), values | {"detail": more})


def _detail(part: Part) -> str:
    from spamlint.filetype import HEAD, detail

    found = detail(part.head(HEAD))
    return f" ({found})" if found not in ("", "data") else ""


def _declared(content_type: str) -> frozenset[str] | None:
    main = content_type.partition("/")[0] + "/"
    return DECLARED.get(content_type) or DECLARED.get(main)


def empty(message: Message) -> Iterator[Hit]:
    """Each file with a name that has no content."""
    for part in message.files:
        if not part.children and name_of(part) and not part.head(1):
            yield Hit(place_of(part), {"name": name_of(part)})
