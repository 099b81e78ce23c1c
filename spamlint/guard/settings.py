"""How the mail path is guarded: whose mail is judged, what happens to it, and within which budget."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from spamlint.verdict import Language, Policy

Enforcement: TypeAlias = Literal["observe", "tag", "reject", "quarantine"]
OnError: TypeAlias = Literal["accept", "tempfail", "reject"]

ENFORCEMENTS: tuple[Enforcement, ...] = ("observe", "tag", "quarantine", "reject")
"""From the mildest to the strictest."""
ON_ERROR: tuple[OnError, ...] = ("accept", "tempfail", "reject")
ENFORCING: tuple[Enforcement, ...] = ("quarantine", "reject")
"""Those that keep a message from going out."""
DEFAULT_ROUTE = "default"
OVERRIDE_HOURS = 24


@dataclass(frozen=True, slots=True)
class Budget:
    """What judging one message may cost. A worker that goes beyond it is replaced."""

    seconds: float = 5.0
    """Wall time of one message."""
    memory: int = 512 * 1024 * 1024
    """Bytes of address space of one worker beyond what it has at its start, where the system can limit it."""
    message: int = 30 * 1024 * 1024
    """Bytes of one message; a longer one is over the limit."""


@dataclass(frozen=True, slots=True)
class Errors:
    """What happens to a message that could not be judged, by the reason."""

    timeout: OnError = "tempfail"
    crash: OnError = "tempfail"
    over_limit: OnError = "tempfail"
    busy: OnError = "tempfail"


@dataclass(frozen=True, slots=True)
class Route:
    """Some of the mail, and how it is judged. Every condition that is given must hold; of a list, one of it.

    Patterns are globs. What a message is compared with is in lower case, and so are the patterns.
    """

    name: str
    policy: Policy
    enforcement: Enforcement
    senders: tuple[str, ...] = ()
    """Of the whole address of MAIL FROM."""
    recipient_domains: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    """Of the name that the client has authenticated as."""
    headers: tuple[tuple[str, str], ...] = ()
    """Name of a header field, and the glob that a value of it matches. Such a route can only tighten: whoever writes
    the message writes its header."""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """Where the line about each message goes."""

    file: Path | None = None
    """None is standard error."""
    addresses: bool = False
    """Whether sender, recipients, client and user stand in it."""


@dataclass(frozen=True, slots=True)
class OverrideSettings:
    """Who may send what was refused."""

    key: bytes = field(repr=False)
    used_file: Path | None = None
    """Keeps the tokens that were used, so that a restart does not make them good again; None: they are forgotten."""
    hours: int = OVERRIDE_HOURS
    """The longest that a token may be good for."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a guard is told. Made from the table [guard] of spamlint.toml."""

    policy: Policy = field(default_factory=Policy)
    """How messages are judged where no route says otherwise."""
    rule_packs: tuple[Path, ...] = ()
    enforcement: Enforcement = "observe"
    """What happens to a message that blocks, where no route says otherwise."""
    submit_networks: tuple[str, ...] = ()
    """Networks (CIDR) whose mail is judged though the client has not authenticated."""
    workers: int = 0
    """Worker processes; 0 is one for each core."""
    queue: int = 64
    """Messages that may wait for a worker."""
    budget: Budget = field(default_factory=Budget)
    on_error: Errors = field(default_factory=Errors)
    language: Language = "en"
    """Of refusals."""
    routes: tuple[Route, ...] = ()
    """The first that matches counts; see `guard.routes`."""
    log: LogSettings = field(default_factory=LogSettings)
    override: OverrideSettings | None = None
    observed_on_error: Errors | None = None
    """What happens in place of `on_error` to mail that is only observed or tagged; None: the same."""

    @property
    def every_route(self) -> tuple[Route, ...]:
        """The routes, and at the end the one that holds for all other mail."""
        return (*self.routes, Route(DEFAULT_ROUTE, self.policy, self.enforcement))
