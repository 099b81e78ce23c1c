"""What is known of one client."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from spamlint.guard.envelope import Envelope
from spamlint.guard.guard import Guard
from spamlint.hooks.reach import is_in
from spamlint.hooks.smtp_proxy.command import XFORWARD, Path, plain
from spamlint.hooks.smtp_proxy.hop import Hop, Lost
from spamlint.hooks.smtp_proxy.link import Link
from spamlint.hooks.smtp_proxy.options import Memory, Options
from spamlint.hooks.smtp_proxy.sasl import OWN, RELAYED

_PASSED_ON = ("8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES")
"""Extensions that are offered where the next mail server offers them."""


@dataclass(slots=True)
class Transaction:
    """One message on its way: the sender and the recipients that the next mail server has taken."""

    sender: Path
    opening: bytes
    """The MAIL command, as it went to the next mail server."""
    recipients: list[Path] = field(default_factory=list)
    commands: list[bytes] = field(default_factory=list)
    """Their RCPT commands."""


@dataclass(slots=True, eq=False)
class Session:
    """One client and the session with the next mail server that belongs to it."""

    link: Link
    guard: Guard
    options: Options
    memory: Memory
    hop: Hop
    helo: str = ""
    is_extended: bool = False
    user: str = ""
    forwarded: Mapping[str, str] = field(default_factory=dict)
    """What a front server says of its client."""
    mail: Transaction | None = None
    faults: int = 0
    logins: int = 0

    @property
    def is_trusted(self) -> bool:
        """Whether the client is a front server that is believed."""
        return is_in(self.link.peer.address, self.options.trust)

    @property
    def may_send(self) -> bool:
        """Whether the client may hand in mail."""
        return bool(self.user) or self.options.may_send(self.link.peer)

    @property
    def most_octets(self) -> int:
        """Octets that a message may have, for the proxy and for the next mail server."""
        own = self.options.most_octets or self.guard.settings.budget.message
        size = (self.hop.extensions or {}).get("SIZE", "")
        return min(own, int(size)) if size.isdecimal() and int(size) else own

    @property
    def is_private(self) -> bool:
        """Whether a password may travel from the client: in TLS, or within this machine."""
        return self.link.is_tls or self.link.peer.is_local or self.options.insecure

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The ways to authenticate that are open to the client here and now."""
        if self.user or not self.is_private:
            return ()
        if self.options.auth == "file":
            return OWN
        if self.options.auth == "next" and self.options.can_relay_passwords:
            offered = (self.hop.extensions or {}).get("AUTH", "").upper().split()
            return tuple(name for name in RELAYED if name in offered)
        return ()

    def extensions(self) -> tuple[str, ...]:
        """What is offered to the client, once the next mail server has said what it offers."""
        theirs = self.hop.extensions or {}
        found = ["PIPELINING", f"SIZE {self.most_octets}", *(name for name in _PASSED_ON if name in theirs)]
        if self.options.tls and not self.link.is_tls:
            found.append("STARTTLS")
        if self.mechanisms:
            found.append(" ".join(("AUTH", *self.mechanisms)))
        if self.is_trusted:
            found.append(" ".join(("XFORWARD", *XFORWARD)))
        return tuple(found)

    def offers(self, extension: str) -> bool:
        """Whether parameters of that extension may be used towards the next mail server."""
        return extension == "SIZE" or extension in (self.hop.extensions or {})

    def about(self) -> Mapping[str, str]:
        """Who the client is, for the next mail server."""
        if self.forwarded:
            return self.forwarded
        peer = self.link.peer
        return {
            "ADDR": f"IPV6:{peer.address}" if ":" in peer.address else peer.address,
            "PORT": str(peer.port) if peer.port else "",
            "PROTO": "ESMTP" if self.is_extended else "SMTP",
            "HELO": self.helo,
            "SOURCE": "LOCAL" if peer.is_local else "REMOTE",
        }

    def envelope(self, mail: Transaction) -> Envelope:
        """The envelope of that message, for the guard."""
        about = self.forwarded
        return Envelope(
            hook="smtp-proxy",
            sender=mail.sender.address,
            recipients=tuple(each.address for each in mail.recipients),
            client=plain(about.get("ADDR", "")) if about else self.link.peer.address,
            helo=about.get("HELO", "") if about else self.helo,
            user=self.user,
            queue_id=about.get("IDENT", ""),
            is_asked=self.options.is_submission,
        )

    async def forget(self) -> None:
        """Ends the transaction, here and at the next mail server."""
        if self.mail is not None:
            self.mail = None
            if self.hop.is_open:
                with suppress(Lost):  # then it has forgotten too
                    answer = await self.hop.say(b"RSET")
                    if not answer.is_yes:
                        self.hop.drop()
        self.forwarded = {}
