"""What the header fields of a part declare about its body."""

from __future__ import annotations

import re
from collections.abc import Sequence

from spamlint.limits import Limits
from spamlint.mime.defect import Defect
from spamlint.mime.header import Header
from spamlint.mime.parameters import parameters, skip_comment
from spamlint.mime.transfer import IDENTITY

_TYPE = re.compile(rb"[ \t\r\n]*([!#-'*+.0-9A-Z^-~-]+)[ \t\r\n]*/[ \t\r\n]*([!#-'*+.0-9A-Z^-~-]+)")
_AFTER_TYPE = re.compile(rb"[ \t\r\n]*(?![^;(])")
_WORD = re.compile(r"[^\s;()]+")
_BLANKS = re.compile(r"\s*")


def first(headers: Sequence[Header], key: str) -> Header | None:
    """The first field with that name in lower case, or None."""
    for header in headers:
        if header.key == key:
            return header
    return None


def content_type(headers: Sequence[Header], default: str, defects: list[Defect]) -> str:
    """The media type in lower case; text/plain where the field makes no sense, as RFC 2045 says."""
    header = first(headers, "content-type")
    if header is None:
        return default
    raw = header.raw
    found = _TYPE.match(raw)
    if not found or not _AFTER_TYPE.match(raw, found.end()):
        defects.append(Defect("malformed-content-type", header.body))
    return (found[1] + b"/" + found[2]).decode("ascii").lower() if found else "text/plain"


def encoding(headers: Sequence[Header]) -> str:
    """The transfer encoding in lower case; "7bit" where none is declared."""
    header = first(headers, "content-transfer-encoding")
    return (word(header.body.value) if header else "") or "7bit"


def is_plain(headers: Sequence[Header]) -> bool:
    """Whether the body has no transfer encoding that hides its structure."""
    return encoding(headers) in IDENTITY


def boundary(headers: Sequence[Header], limits: Limits) -> bytes | None:
    """The boundary of a multipart, as the bytes of a delimiter line; None where there is none."""
    header = first(headers, "content-type")
    text = parameters(header.body, limits).get("boundary") if header else None
    value = text.value.rstrip() if text else ""
    if header is None or not value:
        return None
    if value.isascii():
        return value.encode("ascii")
    try:
        header.raw.decode("utf-8")
    except UnicodeDecodeError:
        return value.encode("latin-1", "replace")
    return value.encode("utf-8")


def word(value: str) -> str:
    """The first word of a structured field, comments passed over, in lower case; "" where there is none."""
    position = -1
    after = 0
    while after != position:
        blanks = _BLANKS.match(value, after)
        position = blanks.end() if blanks else after
        after = skip_comment(value, position)
    found = _WORD.match(value, position)
    return found[0].strip('"').lower() if found else ""
