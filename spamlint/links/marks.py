"""What is odd about each address of a message, found in one walk for all rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from spamlint.links import hosts, services
from spamlint.links.address import DOTS, UNSEEN, Address, host_of
from spamlint.links.collect import Link, links
from spamlint.links.targets import Found, is_placeholder_host, odd_scheme, odd_target

if TYPE_CHECKING:
    from spamlint.message import Message
    from spamlint.source import Text
    from spamlint.verdict import Value

LONGEST_USUAL: Final = 1_024
"""Code points of an address that is not worth a word."""

MOST_LABELS: Final = 6
"""Labels of a host that is not worth a word: load balancers and countries need five."""

DOWNLOADS: Final = (
    ".7z", ".ace", ".apk", ".bat", ".cab", ".cmd", ".dmg", ".docm", ".exe", ".hta", ".img", ".iso", ".jar", ".js",
    ".lnk", ".msi", ".msix", ".ps1", ".rar", ".scr", ".vbs", ".vhd", ".wsf", ".xll", ".xlsm",
)  # fmt: skip
"""Endings of files that run, and of archives that mail gateways cannot look into."""

_NESTED = r"(?i)https?(?::|%3a|%253a)(?:/|%2f|%252f){2}(?:[a-z0-9._~-]|%2d|%2e)+"
_USUAL_PORTS = ("", "80", "443")
_SHORTEST_FRAGMENT = 16


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """One oddity of one link."""

    link: Link
    values: Mapping[str, Value]

    @property
    def text(self) -> Text:
        """The place."""
        return self.link.target


def marks(message: Message) -> Mapping[str, list[Mark]]:
    """Kind of oddity -> every link that has it, in the order of the text."""
    found: dict[str, list[Mark]] = {}
    known: dict[tuple[str, bool], list[Found]] = {}
    of_hosts: dict[str, list[Found]] = {}
    for link in message.fact(links):
        key = link.written, link.element is None
        odd = known.get(key)
        if odd is None:
            address = link.address
            odd = list(_of_address(link, address))
            if address.is_web:
                of_host = of_hosts.get(address.host)
                if of_host is None:
                    of_host = of_hosts[address.host] = list(_of_host(address.host))
                odd += of_host
            known[key] = odd
        for kind, values in odd:
            found.setdefault(kind, []).append(Mark(link, values))
    return found


def _of_address(link: Link, address: Address) -> Iterator[Found]:
    written = link.written
    in_html = link.element is not None
    if address.is_web:
        yield from _of_form(written, address)
        yield from _of_way(written, address)
        if in_html and is_placeholder_host(address.host):
            yield "placeholder-target", {"address": address.host}
    elif in_html:
        yield from odd_target(written.strip(), address)
    if len(written) > LONGEST_USUAL and address.scheme not in ("data", "mailto"):
        yield "too-long", {"length": len(written)}
    if not written.isascii():
        unseen = re.search(f"[{UNSEEN}]", written)
        if unseen:
            yield "invisible-character", {"code": f"U+{ord(unseen[0]):04X}", "host": address.host}


def _of_form(written: str, address: Address) -> Iterator[Found]:
    """What is odd about how the address of a web page is written."""
    host, as_written = address.host, address.written_host
    if address.scheme == "http":
        yield "plain-http", {"host": host}
    if address.port not in _USUAL_PORTS:
        yield "odd-port", {"port": address.port, "host": host}
    if address.user:
        yield "user-part", {"user": address.user, "host": host, "strength": 1 + ("." in unquote(address.user))}
    if address.backslashes:
        yield "backslash", {"host": host}
    if "%" in as_written or (not as_written.isascii() and as_written != as_written.translate(DOTS)):
        yield "encoded-host", {"written": as_written, "host": host}
    if not written.startswith(("http://", "https://")) or host in ("http", "https"):
        yield from odd_scheme(written.strip())


def _of_way(written: str, address: Address) -> Iterator[Found]:
    """Where the address of a web page leads, behind its host."""
    host, path = address.host, address.path.lower()
    if "http" in written[8:].lower():
        yield from _nested(written[8:], host)
    if path.endswith(DOWNLOADS):
        yield "file-download", {"file": address.path.rpartition("/")[2], "host": host}
    if services.redirects(host, f"{path}?{address.query.lower()}"):
        yield "open-redirect", {"host": host}
    if services.is_form(host, path):
        yield "form", {"host": host}
    fragment = address.fragment
    if (
        len(fragment) >= _SHORTEST_FRAGMENT
        and not set("=&/") & set(fragment.rstrip("="))
        and hosts.is_random(fragment, _SHORTEST_FRAGMENT, 6)
    ):
        yield "random-fragment", {"host": host, "fragment": address.fragment}


def _nested(rest: str, host: str) -> Iterator[Found]:
    """Addresses at other domains inside of this one."""
    from spamlint.names.domains import belong_together

    inside = (host_of(unquote(unquote(found[0]))) for found in re.finditer(_NESTED, rest))
    others = [name for name in dict.fromkeys(inside) if name and not belong_together(name, host)]
    if others and services.kind_of(host) != "tracker" and not services.is_share(host):
        yield "nested-address", {"host": host, "inside": others[0], "addresses": len(others)}


def _of_host(host: str) -> Iterator[Found]:
    number = hosts.number_of(host)
    if number is not None:
        plain, disguised = number
        if hosts.is_private_number(plain):
            yield "local-target", {"host": host, "strength": 1 + plain.startswith(("127.", "::1"))}
        else:
            yield "numeric-host", {"host": host, "number": plain, "strength": 1 + disguised}
        return
    yield from _of_name(host)
    labels = host.split(".")
    if len(labels) > MOST_LABELS:
        yield "many-labels", {"host": host, "labels": len(labels)}
    if hosts.is_server_name(host):
        yield "server-name", {"host": host}
    elif any(hosts.is_random(label, 12, 4) for label in labels[:-1]):
        yield "random-host", {"host": host}
    if services.has_risky_ending(host):
        yield "risky-ending", {"host": host, "ending": labels[-1]}
    kind = services.kind_of(host)
    if kind and kind != "tracker":
        yield kind, {"host": host}
    yield from _of_letters(host)


def _of_name(host: str) -> Iterator[Found]:
    if hosts.is_private_name(host):
        yield "local-target", {"host": host, "strength": 1 + (host == "localhost")}
    elif not hosts.is_possible(host):
        yield "impossible-host", {"host": host}
    elif "." not in host and host not in ("http", "https") and not is_placeholder_host(host):
        yield "no-ending", {"host": host}


def _of_letters(host: str) -> Iterator[Found]:
    from spamlint.names.brands import imitated_by
    from spamlint.names.domains import readable
    from spamlint.names.lookalikes import is_dressed_up, mixes_scripts, plain

    shown = readable(host)
    if shown != host or not host.isascii():
        yield "punycode-host", {"host": host, "shown": shown}
    imitated = imitated_by(shown)
    if imitated is not None:
        yield "look-alike-host", {"brand": imitated[0], "host": shown, "strength": 1 + (imitated[1] != "inside")}
    elif any(mixes_scripts(label) or is_dressed_up(label) for label in shown.split(".")):
        yield "look-alike-host", {"brand": plain(shown), "host": shown, "strength": 2}
