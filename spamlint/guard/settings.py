"""How the mail path is guarded: whose mail is judged, what happens to it, and within which budget."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from spamlint.verdict import Policy

Enforcement: TypeAlias = Literal["observe", "tag", "reject", "quarantine"]
OnError: TypeAlias = Literal["accept", "tempfail", "reject"]


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
