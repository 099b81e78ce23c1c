"""Where reports are to be sent: the URIs of rua= and ruf= (RFC 7489 section 6.2, RFC 8460 section 3)."""

from __future__ import annotations

import re

MOST = 20
"""URIs of one tag that are looked at."""
_MAILTO = re.compile(
    r"mailto:([^@\s,!?]{1,64}@((?:[A-Za-z0-9_-]{1,63}\.)+[A-Za-z0-9-]{2,63}))(?:\?[^\s,!]*)?", re.IGNORECASE
)
_SIZE = re.compile(r"!\d{1,12}[kmgtKMGT]?\Z")
_HTTPS = re.compile(r"https://[A-Za-z0-9.-]{1,253}(?::\d{1,5})?(?:/\S*)?", re.IGNORECASE)


def uris(value: str) -> list[str]:
    """The URIs of the tag."""
    return [piece.strip() for piece in value.split(",")[:MOST]]


def mail_domain(uri: str, *, sized: bool) -> str:
    """The domain of a mailto: URI; "" where it is none. `sized`: "!10m" may stand behind it."""
    found = _MAILTO.fullmatch(_SIZE.sub("", uri) if sized else uri)
    return found[2].lower() if found else ""


def is_https(uri: str) -> bool:
    """Whether it is an address on the web."""
    return _HTTPS.fullmatch(uri) is not None
