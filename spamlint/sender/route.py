"""Routes: the ways in which a sender's mail leaves, as the tables [route.NAME] of spamlint.toml describe them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from spamlint.toml_table import Table

_KEYS = ("ips", "hosts", "envelope", "dkim-domain", "dkim-selector", "dkim-headers", "helo", "spf-include", "tls")
SIGNED = (
    "from", "sender", "reply-to", "subject", "date", "message-id", "to", "cc", "mime-version", "content-type",
    "content-transfer-encoding", "in-reply-to", "references", "list-id", "list-help", "list-unsubscribe",
    "list-unsubscribe-post", "list-subscribe", "list-post", "list-owner", "list-archive",
)  # fmt: skip
"""The fields that a signer covers by custom (RFC 6376 section 5.4.1, RFC 8058 section 4)."""
_HOST = re.compile(
    r"(?i)(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.?"
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_MOST_ADDRESSES = 256


@dataclass(frozen=True, slots=True)
class Route:
    """One way in which mail is sent."""

    name: str
    ips: tuple[str, ...] = ()
    """Addresses or networks (CIDR) that connect to the receivers."""
    hosts: tuple[str, ...] = ()
    """Host names of them, where the addresses are left to the DNS."""
    envelope: str = ""
    """The address of MAIL FROM, or its domain; "": the address in From."""
    dkim_domain: str = ""
    """The domain that signs (d=); "": nothing is signed."""
    dkim_selector: str = ""
    dkim_headers: tuple[str, ...] = SIGNED
    """The header fields that it covers where they are there (h=)."""
    helo: str = ""
    """The name that the servers greet with; "": not known."""
    spf_include: str = ""
    """The domain that the service asks its customers to include in their SPF record."""
    tls: bool | None = None
    """Whether its servers encrypt the way to the receivers; None: not known."""

    @property
    def is_known(self) -> bool:
        """Whether it says where mail comes from; one that does not stands for no route in particular."""
        return bool(self.ips or self.hosts or self.spf_include)

    @property
    def envelope_domain(self) -> str:
        """The domain of MAIL FROM, or "" where it is that of From."""
        return self.envelope.rpartition("@")[2].lower().rstrip(".")


def routes_of(table: Table) -> dict[str, Route]:
    """The routes of the table [route], by name; what is wrong is added to its problems."""
    routes = {}
    for name in table.data:
        if not _NAME.fullmatch(name):
            table.problem(name, "is no name for a route: letters, digits, - and _ are")
            continue
        routes[name] = _route(name, table.inner(name))
    return routes


def _route(name: str, table: Table) -> Route:
    table.known(_KEYS)
    route = Route(
        name,
        ips=_addresses(table),
        hosts=tuple(_domain(table, "hosts", host) for host in table.texts("hosts")),
        envelope=_envelope(table),
        dkim_domain=_one_domain(table, "dkim-domain"),
        dkim_selector=table.get("dkim-selector", ""),
        dkim_headers=tuple(name.lower() for name in table.texts("dkim-headers")) or SIGNED,
        helo=_one_domain(table, "helo"),
        spf_include=_one_domain(table, "spf-include"),
        tls=table.get("tls", default=False) if "tls" in table.data else None,
    )
    if not route.ips and not route.hosts and not route.spf_include:
        table.problem("ips", "or hosts, or spf-include, is needed: where does the mail come from?")
    if bool(route.dkim_domain) is not bool(route.dkim_selector):
        table.problem("dkim-selector", "and dkim-domain go together")
    return route


def _addresses(table: Table) -> tuple[str, ...]:
    found = []
    for text in table.texts("ips"):
        try:
            found.append(str(ip_network(text, strict=False) if "/" in text else ip_address(text)))
        except ValueError:
            table.problem("ips", f"{text!r} is no IP address and no network such as 192.0.2.0/28")
    if len(found) > _MOST_ADDRESSES:
        table.problem("ips", f"at most {_MOST_ADDRESSES} addresses are read")
    return tuple(found)


def _envelope(table: Table) -> str:
    value = table.get("envelope", "")
    if value:
        _domain(table, "envelope", value.rpartition("@")[2])
    return value


def _one_domain(table: Table, key: str) -> str:
    value = table.get(key, "")
    return _domain(table, key, value) if value else ""


def is_host(name: str) -> bool:
    """Whether `name` can be a host name or domain."""
    return _HOST.fullmatch(name) is not None


def _domain(table: Table, key: str, value: str) -> str:
    if not is_host(value):
        table.problem(key, f"{value!r:.60} is no host name")
    return value.lower().rstrip(".")
