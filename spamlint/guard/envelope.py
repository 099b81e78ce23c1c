"""Who sends a message to whom, and from where, as the mail server knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from spamlint.verdict import Profile

Hook: TypeAlias = Literal["milter", "smtp-proxy", "spamd", "http", "pipe", "library"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """The envelope of one message (RFC 5321 section 2.3.1). What is not known is empty."""

    hook: Hook
    sender: str = ""
    """The address of MAIL FROM without its brackets; empty is the null sender."""
    recipients: tuple[str, ...] = ()
    """The addresses of RCPT TO without their brackets."""
    client: str = ""
    """IP address of the client."""
    helo: str = ""
    user: str = ""
    """The name that the client has authenticated as."""
    queue_id: str = ""
    is_asked: bool = False
    """Whether the caller asks for a judgement by its call, as programs that use spamd, HTTP or the library do: then the
    message is judged whoever sends it."""
    profile: Profile | None = None
    """The profile that such a caller asks for in place of that of the settings."""
