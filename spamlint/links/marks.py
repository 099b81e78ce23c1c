"""What is odd about each address of a message, found in one walk for all rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import unquote

from spamlint.links import services
from spamlint.links.address import DOTS, UNSEEN, Address, host_of
from spamlint.links.collect import Link, links
from spamlint.links.hosts import is_random
from spamlint.links.odd_hosts import odd_host
from spamlint.links.targets import Found, odd_scheme, odd_target

if TYPE_CHECKING:
    from spamlint.message import Message
    from spamlint.verdict import Value

LONGEST_USUAL: Final = 1_024
"""Code points of an address that is not worth a word."""

DOWNLOADS: Final = (
    ".7z", ".ace", ".apk", ".bat", ".cab", ".cmd", ".dmg", ".docm", ".exe", ".hta", ".img", ".iso", ".jar", ".js",
    ".lnk", ".msi", ".msix", ".ps1", ".rar", ".scr", ".vbs", ".vhd", ".wsf", ".xll", ".xlsm",
)  # fmt: skip
"""Endings of files that run, and of archives that mail gateways cannot look into."""

_NESTED = r"(?i)https?(?::|%3a|%253a)(?:/|%2f|%252f){2}(?:[a-z0-9._~-]|%2d|%2e)+"
_BEGINNINGS = ("http://", "https://")
_SCHEMES = ("http", "https")
_SYSTEM_FOLDER = (
    r"/wp-(?:includes|content/(?:plugins|themes|upgrade|languages)|admin/(?:css|includes|images|js|maint|network|user))/"
    r"|/\.(?:well-known|git|tmp|cache|config)/"
)
_USUAL_PORTS = ("", "80", "443")
_SHORTEST_FRAGMENT = 16


Mark: TypeAlias = "tuple[Link, Mapping[str, Value]]"
"""One oddity of one link: the link, and the values that the message of its rule names."""


def marks(message: Message) -> Mapping[str, list[Mark]]:
    """Kind of oddity -> every link that has it, in the order of the text."""
    found: dict[str, list[Mark]] = {}
    known: dict[tuple[str, bool], list[Found]] = {}
    for link in message.fact(links):
        key = link.written, link.element is not None
        odd = known.get(key)
        if odd is None:
            odd = known[key] = list(_of_link(*key, link.address))
        for kind, values in odd:
            found.setdefault(kind, []).append((link, values))
    return found


def _of_link(written: str, in_html: bool, address: Address) -> Iterator[Found]:
    host = address.host
    if address.is_web:
        if address.scheme == "http":
            yield "plain-http", {"host": host}
        if not (address.is_plain and written.startswith(_BEGINNINGS)) or host in _SCHEMES:
            yield from _of_form(written, address)
        of_host = odd_host(host)
        if of_host:
            yield from of_host if in_html else (odd for odd in of_host if odd[0] != "placeholder-target")
        yield from _of_way(written, address)
    elif in_html:
        yield from odd_target(written.strip(), address)
    if len(written) > LONGEST_USUAL and address.scheme not in ("data", "mailto"):
        yield "too-long", {"length": len(written)}
    if not written.isascii():
        unseen = re.search(f"[{UNSEEN}]", written)
        if unseen:
            yield "invisible-character", {"code": f"U+{ord(unseen[0]):04X}", "host": host}


def _of_form(written: str, address: Address) -> Iterator[Found]:
    """What is odd about how the address of a web page is written."""
    host, as_written = address.host, address.written_host
    if address.port not in _USUAL_PORTS:
        yield "odd-port", {"port": address.port, "host": host}
    if address.user:
        yield "user-part", {"user": address.user, "host": host, "strength": 1 + ("." in unquote(address.user))}
    if address.backslashes:
        yield "backslash", {"host": host}
    if "%" in as_written or (not as_written.isascii() and as_written != as_written.translate(DOTS)):
        yield "encoded-host", {"written": as_written, "host": host}
    if not written.startswith(_BEGINNINGS) or host in _SCHEMES:
        yield from odd_scheme(written.strip())


def _of_way(written: str, address: Address) -> Iterator[Found]:
    """Where the address of a web page leads, behind its host."""
    host, path = address.host, address.path.lower()
    if "http" in written[8:].lower():
        yield from _nested(written[8:], host)
    if path.startswith(("/ipfs/", "/ipns/")) and services.kind_of(host) != "storage":
        yield "storage", {"host": host}
    if ("/wp-" in path or "/." in path) and re.search(_SYSTEM_FOLDER, path):
        yield "system-folder", {"host": host, "folder": path.rpartition("/")[0]}
    if path.endswith(DOWNLOADS):
        yield "file-download", {"file": address.path.rpartition("/")[2], "host": host}
    if services.sends_on(host, path, address.query):
        yield "open-redirect", {"host": host}
    if services.is_form(host, path):
        yield "form", {"host": host}
    fragment = address.fragment
    if (
        len(fragment) >= _SHORTEST_FRAGMENT
        and not set("=&/") & set(fragment.rstrip("="))
        and is_random(fragment, _SHORTEST_FRAGMENT, 6)
    ):
        yield "random-fragment", {"host": host, "fragment": address.fragment}


def _nested(rest: str, host: str) -> Iterator[Found]:
    """Addresses at other domains inside of this one."""
    from spamlint.names.domains import belong_together

    inside = (host_of(unquote(unquote(found[0]))) for found in re.finditer(_NESTED, rest))
    others = [name for name in dict.fromkeys(inside) if name and not belong_together(name, host)]
    if others and services.kind_of(host) != "tracker" and not services.is_share(host):
        yield "nested-address", {"host": host, "inside": others[0], "addresses": len(others)}
