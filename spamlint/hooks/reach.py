"""Who can connect: programs on this machine only, or others too."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from spamlint.errors import ConfigError
from spamlint.hooks.listening import address

Network: TypeAlias = IPv4Network | IPv6Network

LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def networks(texts: Iterable[str], option: str) -> tuple[Network, ...]:
    """The networks that an option names; ConfigError where one is none."""
    found = []
    for text in texts:
        try:
            found.append(ip_network(text, strict=False))
        except ValueError:
            form = "192.0.2.0/24, 192.0.2.7 or 2001:db8::/32"
            raise ConfigError(f"{option} {text}: is no network: write {form}") from None
    return tuple(found)


def is_in(host: str, listed: Iterable[Network]) -> bool:
    """Whether the address `host` lies in one of the networks; a name lies in none."""
    found = address_of(host)
    return found is not None and any(found in network for network in listed)


def asked_beyond(listen: Sequence[str]) -> str | None:
    """The first `--listen` that others than this machine can reach; what systemd has opened is not known yet."""
    for text in listen:
        one = address(text)
        if one.kind != "inet":
            continue
        try:
            rows = socket.getaddrinfo(one.name, one.port, one.family, socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        except (OSError, UnicodeError):
            continue  # it will be told when it is listened on
        if not all(is_in(str(row[4][0]), LOOPBACK) for row in rows):
            return text
    return None


def beyond(sockets: Sequence[socket.socket]) -> str | None:
    """The address of the first socket that others than this machine can reach."""
    for each in sockets:
        if each.family != socket.AF_UNIX:
            host = str(each.getsockname()[0])
            if not is_in(host, LOOPBACK):
                return host
    return None


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address that `text` is, without the IPv6 form of an IPv4 one; None for a name."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
