"""What an operator says of an SMTP proxy."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from spamlint.hooks.reach import LOOPBACK, Network, is_in
from spamlint.hooks.smtp_proxy.access import Peer
from spamlint.hooks.smtp_proxy.hop import Next

Auth: TypeAlias = Literal["", "next", "file"]


@dataclass(frozen=True, slots=True)
class Options:
    """Everything that the proxy is told."""

    next: Next
    hostname: str = "localhost"
    allow: tuple[Network, ...] = LOOPBACK
    """Clients that may hand in mail without authenticating."""
    trust: tuple[Network, ...] = ()
    """Front servers that are believed when they say who their client is (XFORWARD)."""
    auth: Auth = ""
    """Who authenticates clients: nobody, the next mail server, or the file of users."""
    users: Path | None = None
    tls: ssl.SSLContext | None = None
    """The certificate for STARTTLS."""
    is_tls_first: bool = False
    """Whether TLS begins with the connection, without STARTTLS (RFC 8314)."""
    insecure: bool = False
    """Whether passwords may travel in plain text, or to a server that has not proven its name."""
    is_submission: bool = False
    """Whether all mail that comes in is judged, as that of a port for submissions."""
    most_connections: int = 100
    most_octets: int = 0
    """Octets of one message; 0 is what the guard's budget says."""
    most_memory: int = 512 * 1024 * 1024
    """Octets that all messages together may have while they come in and are judged."""
    seconds: float = 300.0
    """How long a client may be silent (RFC 5321 section 4.5.3.2.7)."""
    grace: float = 60.0
    """How long messages under way may take to be finished once the service ends."""

    @property
    def can_relay_passwords(self) -> bool:
        """Whether a password may go to the next mail server."""
        return self.insecure or self.next.is_local or self.next.is_verified

    def may_send(self, peer: Peer) -> bool:
        """Whether that client may hand in mail without authenticating. A unix socket is guarded by its permissions."""
        return not peer.address or is_in(peer.address, self.allow)


@dataclass(slots=True)
class Memory:
    """The octets of all messages that are held at once."""

    most: int
    used: int = field(default=0)

    def take(self, octets: int) -> bool:
        """Takes so many, if there are."""
        if self.used + octets > self.most:
            return False
        self.used += octets
        return True

    def give(self, octets: int) -> None:
        """Gives so many back."""
        self.used -= octets
