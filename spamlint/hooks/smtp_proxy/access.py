"""Who may hand in mail: clients in a listed network, and those that have authenticated.

The next mail server takes the proxy for a program on its own machine. Whoever may speak to the proxy may do what that
address may do there, so nobody may who is neither listed nor known.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from spamlint.errors import ConfigError

Network: TypeAlias = IPv4Network | IPv6Network

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of a connection; a unix socket has no address."""

    address: str = ""
    port: int = 0

    @property
    def is_local(self) -> bool:
        """Whether nothing that is sent leaves this machine."""
        return not self.address or is_in(self.address, LOOPBACK)


def peer(name: object) -> Peer:
    """The peer that a transport names."""
    if isinstance(name, tuple) and len(name) > 1:
        return Peer(str(_address(str(name[0])) or name[0]), int(name[1]))
    return Peer()


def networks(texts: Iterable[str], option: str) -> tuple[Network, ...]:
    """The networks that an option names; ConfigError where one is none."""
    found = []
    for text in texts:
        try:
            found.append(ip_network(text, strict=False))
        except ValueError:
            raise ConfigError(
                f"{option} {text}: is no network: write 192.0.2.0/24, 192.0.2.7 or 2001:db8::/32"
            ) from None
    return tuple(found)


def is_in(address: str, listed: Iterable[Network]) -> bool:
    """Whether the address lies in one of the networks."""
    found = _address(address)
    return found is not None and any(found in network for network in listed)


def check(sockets: Sequence[socket.socket], allowed: Sequence[Network], *, authenticates: bool) -> None:
    """ConfigError where strangers could hand in mail as if they were programs on this machine."""
    for each in sockets:
        if each.family != socket.AF_UNIX:
            check_host(each.getsockname()[0], allowed, authenticates=authenticates)


def check_host(host: str, allowed: Sequence[Network], *, authenticates: bool) -> None:
    """The same for one address to listen on; a name says nothing yet."""
    whole = [str(network) for network in allowed if network.prefixlen == 0]
    if whole:
        raise ConfigError(f"--allow {whole[0]}: lists everybody: the mail server would send mail for anyone")
    is_here = _address(host) is None or is_in(host, LOOPBACK)
    if not (is_here or authenticates or any(not _within(network, LOOPBACK) for network in allowed)):
        raise ConfigError(
            f"--listen {host}: others than this machine can connect, and the next mail server would trust them: "
            "list clients with --allow, or let them authenticate with --auth"
        )


def _within(network: Network, others: Iterable[Network]) -> bool:
    return is_in(str(network.network_address), others)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
