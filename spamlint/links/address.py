"""Addresses (URLs) as browsers read them: what looks broken, and still opens, is read like the rest.

After the URL standard of WHATWG: white space around an address and line ends in it are dropped, a backslash is a slash,
the last "@" ends the user part, a host is decoded. Nothing raises; what cannot be read stays as it is written.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

WEB: Final = frozenset({"http", "https"})
_WITH_HOST: Final = WEB | {"ftp", "ws", "wss", "file"}
"""Schemes with a host behind them, whatever the number of slashes."""

DOTS: Final = str.maketrans("\u3002\uff0e\uff61", "...")
"""Full stops of East Asian writing, which a browser reads as dots."""

UNSEEN: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
)
"""Characters, as part of a class of a pattern, that nobody sees: zero-width ones, joiners, marks of direction."""

# Patterns are text until the first mail that needs one: start-up is short.
_USUAL = r"(https?)://([a-z0-9.-]+)(/[^?#\\\x00-\x20]*)?(?:\?([^#\x00-\x20]*))?(?:#([^\x00-\x20]*))?"
_HOST = r"(?:https?:)?//([a-z0-9.-]+)(?![^/?#])"
_SCHEME = r"([A-Za-z][A-Za-z0-9+.-]*):"
_END = r"[/\\?#]"
_PERCENT = r"(?:%[0-9A-Fa-f]{2})+"
_DROPPED: Final = dict.fromkeys(map(ord, "\t\n\r"))
_AROUND: Final = "".join(map(chr, range(0x21)))
_LONGEST_HOST = 1_000


@dataclass(frozen=True, slots=True)
class Address:
    """The pieces of an address. A piece that is not there is empty; delimiters are not kept."""

    scheme: str
    """Lower-case; empty for what depends on the page that it stands on."""
    host: str
    """Lower-case and decoded: letters, digits, dots, or whatever else stands there. IPv6 keeps its brackets."""
    path: str = ""
    query: str = ""
    fragment: str = ""
    user: str = ""
    """What stands before the "@", a password too."""
    port: str = ""
    written_host: str = ""
    """The host as written, where that is not `host`."""
    backslashes: bool = False
    """Whether a backslash stands where a slash belongs."""

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing but scheme, host, path, query and fragment, all written as usual."""
        return not (self.user or self.port or self.written_host or self.backslashes)

    @property
    def is_web(self) -> bool:
        """Whether it opens a web page."""
        return bool(self.host) and (self.scheme in WEB or not self.scheme)


def host_of(written: str) -> str:
    """The host of a web address, lower-case and decoded; empty where there is none."""
    found = re.match(_HOST, written)
    if found is not None:
        return found[1].rstrip(".")
    address = read_address(written)
    return address.host if address.is_web else ""


def read_address(written: str) -> Address:
    """The pieces of the address that is `written` in an attribute or a text."""
    usual = re.fullmatch(_USUAL, written)
    if usual is not None:
        scheme, host, path, query, fragment = usual.groups("")
        return Address(scheme, host.rstrip("."), path, query, fragment)
    return _read(written.strip(_AROUND).translate(_DROPPED))


def _read(written: str) -> Address:
    found = re.match(_SCHEME, written)
    scheme = found[1].lower() if found else ""
    rest = written[found.end() :] if found else written
    if scheme and scheme not in _WITH_HOST:
        return Address(scheme, "", *_split(rest))
    start = len(rest) - len(rest.lstrip("/\\"))
    slashes = rest[:start]
    if scheme not in WEB and len(slashes) < 2:
        return Address(scheme, "", *_split(rest), backslashes="\\" in slashes)
    if scheme == "file":
        start = 2
    stop = next((found.start() for found in re.compile(_END).finditer(rest, start)), len(rest))
    user, _, place = rest[start:stop].rpartition("@")
    host, port = _host_and_port(place)
    path, query, fragment = _split(rest[stop:])
    backslashes = "\\" in slashes or "\\" in path
    read = _decoded(host)
    return Address(scheme, read, path, query, fragment, user, port, host if host.lower() != read else "", backslashes)


def _split(rest: str) -> tuple[str, str, str]:
    """Path, query and fragment."""
    rest, _, fragment = rest.partition("#")
    path, _, query = rest.partition("?")
    return path, query, fragment


def _host_and_port(place: str) -> tuple[str, str]:
    if place.startswith("["):
        host, bracket, rest = place.partition("]")
        return host + bracket, rest.removeprefix(":")
    host, _, port = place.partition(":")
    return host, port


def _decoded(host: str) -> str:
    """A host as it is looked up: without escapes, in small plain letters, without what nobody sees."""
    if "%" in host and len(host) <= _LONGEST_HOST:
        host = re.sub(_PERCENT, lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"), host)
    if not host.isascii() and len(host) <= _LONGEST_HOST:
        host = unicodedata.normalize("NFKC", re.sub(f"[{UNSEEN}]", "", host.translate(DOTS)))
    return host.lower().rstrip(".")
