"""Who may hand in mail: clients in a listed network, and those that have authenticated.

The next mail server takes the proxy for a program on its own machine. Whoever may speak to the proxy may do what that
address may do there, so nobody may who is neither listed nor known.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spamlint.errors import ConfigError
from spamlint.hooks.reach import LOOPBACK, Network, address_of, is_in


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
        return Peer(str(address_of(str(name[0])) or name[0]), int(name[1]))
    return Peer()


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
    is_here = address_of(host) is None or is_in(host, LOOPBACK)
    if not (is_here or authenticates or any(not _within(network, LOOPBACK) for network in allowed)):
        raise ConfigError(
            f"--listen {host}: others than this machine can connect, and the next mail server would trust them: "
            "list clients with --allow, or let them authenticate with --auth"
        )


def _within(network: Network, others: Iterable[Network]) -> bool:
    return is_in(str(network.network_address), others)
