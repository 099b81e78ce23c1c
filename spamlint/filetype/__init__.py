"""What a file is, by its first bytes: a table of signatures of our own, so that every machine gives the same answer."""

from __future__ import annotations

from spamlint.filetype.kind import HEAD, Family, FileType
from spamlint.filetype.signatures import of_binary

__all__ = ["HEAD", "Family", "FileType", "detail", "file_type"]


def file_type(head: bytes) -> FileType | None:
    """What the file is that begins with `head` (its first `HEAD` bytes); None for plain text and what is unknown."""
    if not head:
        return None
    found = of_binary(head)
    if found is not None:
        return found
    from spamlint.filetype.texts import of_text

    return of_text(head)


def detail(head: bytes) -> str:
    """What libmagic says of `head`, for people to read; "" where it is not installed. No verdict depends on it."""
    import importlib

    try:
        magic = importlib.import_module("magic")
    except (ImportError, OSError):
        try:
            importlib.import_module("pylibmagic")  # lends its library to `magic` where the system has none
            magic = importlib.import_module("magic")
        except (ImportError, OSError):
            return ""
    try:
        return str(magic.from_buffer(head))[:80]
    except magic.MagicException:
        return ""
