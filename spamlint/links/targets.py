"""Targets of links that open no web page: empty ones, placeholders, slips of the pen, other schemes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import unquote

from spamlint.links.address import Address

if TYPE_CHECKING:
    from spamlint.verdict import Value

Found: TypeAlias = "tuple[str, dict[str, Value]]"
"""A kind of oddity, and the values that its rule's message names."""

RISKY_SCHEMES: Final = frozenset(
    [
        "blob",
        "ftp",
        "intent",
        "ldap",
        "ms-appinstaller",
        "ms-excel",
        "ms-msdt",
        "ms-officecmd",
        "ms-powerpoint",
        "ms-word",
        "search-ms",
        "smb",
        "ssh",
        "telnet",
        "view-source",
        "vnc",
        "ws",
        "wss",
    ]
)
"""Schemes that open a program, a file share or nothing where a web page is expected."""

EMPTY: Final = ("", "#", "http:", "http://", "http:///", "https:", "https://", "https:///", "mailto:", "tel:", "sms:")
"""Targets of which nothing but the beginning is there."""

_PLACEHOLDER_HOST = (
    r"link|url|todo|tbd|xxx+|placeholder|(?:[a-z0-9-]{1,30}\.){0,2}(?:example\.(?:com|net|org)|domain\.(?:tld|ext)"
    r"|(?:your|my|uw|mijn|jouw)-?(?:domain|domein|site|website|company|bedrijf|shop|link|url)(?:-?here)?\.[a-z]{2,6})"
)
_PLACEHOLDER = (
    r"(?i)todo|tbd|fixme|xxx+|link|url|href|placeholder|(?:link|click|url)[-_ ]?here"
    r"|[a-z]{3,20}[-_](?:link|url)(?:[-_]here)?|(?:insert|your|add|put|uw|jouw|voeg)[ _-]?[a-z_ -]{0,20}"
    r"(?:link|url|href|address|adres|here|hier)[a-z_ -]{0,10}"
)
_SLIP = (
    r"(?i)(?:https?:/{0,3}(?:https?|mailto|tel)(?::|//)|(?:htp|htpp|ttp|hhttp|htttp|httpss|hxxp|http[a-rt-z])s?:/"
    r"|https?;//|https?//|https?:/[^/\\]|mailto:/|mailto:https?:|tel:https?:)"
)
_WITH_HOST = r"(?i)(?:www\.|(?:[a-z0-9-]{1,63}\.){1,5}(?:com|net|org|nl|be|de|fr|eu|info|biz|co|io|uk)(?:[/?#:]|$))"
_LEFTOVER = r"[{}\[\]%$<>*|]"
_MAILBOX = r"[^@\s,;:<>()]+@[^@\s,;:<>()]+\.[^@\s,;:<>().\d]{2,}"
_PHONE = r"(?:\+|00)?[\d().\s/-]*(?:[;,#].*)?"
_FEWEST_DIGITS = 3
_LONGEST = 2_000


def is_placeholder_host(host: str) -> bool:
    """Whether `host` stands for one that is still to be filled in."""
    return re.fullmatch(_PLACEHOLDER_HOST, host[:200]) is not None


def odd_scheme(written: str) -> Iterator[Found]:
    """A beginning that is misspelt, or there twice."""
    if re.match(_SLIP, written):
        yield "broken-scheme", {"address": written}


def odd_target(written: str, address: Address) -> Iterator[Found]:
    """What is odd about the target of a link that opens no web page."""
    if written.lower() in EMPTY:
        yield "empty-target", {"address": written}
    elif re.match(_SLIP, written):
        yield "broken-scheme", {"address": written}
    elif re.search(_LEFTOVER, written[:_LONGEST]) and address.scheme != "file":
        return
    elif address.scheme in ("mailto", "tel", "sms"):
        yield from _for_people(written, address)
    elif address.scheme == "file" or re.match(r"(?i)[a-z]:\\|\\\\", written):
        yield "local-target", {"host": written, "strength": 2}
    elif address.scheme in RISKY_SCHEMES:
        yield "risky-scheme", {"scheme": address.scheme}
    elif not address.scheme and written[0] not in "#?&":
        yield from _relative(written)


def _for_people(written: str, address: Address) -> Iterator[Found]:
    """A target for writing or calling that nobody can be reached by."""
    if address.scheme == "mailto":
        if not _is_mailboxes(address.path) and (address.path or "to=" not in address.query):
            yield "broken-mailto", {"address": written}
    elif not re.fullmatch(_PHONE, unquote(address.path)) or sum(map(str.isdigit, address.path)) < _FEWEST_DIGITS:
        yield "broken-tel", {"address": written}


def _relative(written: str) -> Iterator[Found]:
    """A target that is no address by itself: mail has no page around it that would complete it."""
    if re.fullmatch(_PLACEHOLDER, written[:200]):
        yield "placeholder-target", {"address": written}
    else:
        has_host = re.match(_WITH_HOST, written[:_LONGEST]) is not None
        yield "relative-target", {"address": written, "host": int(has_host)}


def _is_mailboxes(path: str) -> bool:
    mailboxes = [unquote(one).strip() for one in path[:_LONGEST].split(",") if one.strip()]
    return bool(mailboxes) and all(re.fullmatch(_MAILBOX, one) for one in mailboxes)
