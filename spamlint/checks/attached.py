"""What the checks of attachments ask of one file: its name as a system reads it, its ending, its place."""

from __future__ import annotations

import re

from spamlint.mime import Part
from spamlint.source import Text, source_text

UNSEEN = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
"""Characters without a shape of their own, as a range of a pattern: soft hyphen, zero width, direction marks."""

_UNSEEN = re.compile(f"[{UNSEEN}]")
_ENDING = re.compile(r"\.([^.\s/\\]{1,20})\Z")
_TAIL = " .\t\r\n\u00a0\u3000"


def name_of(part: Part) -> str:
    """The file name, "" where there is none."""
    return part.filename.value if part.filename is not None else ""


def ending(name: str) -> str:
    """The ending by which a system would open a file of that name, in lower case; "" where there is none.

    Characters without a shape do not count, nor do dots and blanks at the end, which Windows takes away.
    """
    found = _ENDING.search(_UNSEEN.sub("", name).rstrip(_TAIL))
    return found[1].lower() if found else ""


def place_of(part: Part) -> Text:
    """The file name, else the field that declares the type, else where that would stand."""
    if part.filename is not None and part.filename.value:
        return part.filename
    header = part.header("content-disposition") or part.header("content-type")
    return header.field if header is not None else source_text(part.source, part.headers_end, part.headers_end)


def called(part: Part) -> str:
    """The name for people: the file name, else the media type."""
    return name_of(part) or part.content_type
