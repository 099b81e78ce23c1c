"""What becomes of a message, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from spamlint.report.data import FileReport

Action: TypeAlias = Literal["accept", "reject", "tempfail", "quarantine"]


@dataclass(frozen=True, slots=True)
class Reply:
    """An SMTP reply (RFC 5321 section 4.2, RFC 3463), ready to be sent.

    The lines are printable ASCII without line ends, of at most 400 octets, 20 at most; each is sent behind the code
    and the status. `%` is not doubled: that is for the milter protocol only.
    """

    code: int
    status: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a hook does with one message."""

    action: Action
    report_id: str
    """Stands in the log, in the reply and in the header fields, so that a person can ask for the reasons."""
    wanted: Action
    """What the verdict alone would have led to; other than `action` where the policy only observes."""
    reply: Reply | None = None
    """What the client is told; None where the message is accepted. Of a message for the quarantine it is there too, for
    hooks that have none."""
    remove: tuple[tuple[str, int], ...] = ()
    """Header fields to take out: name, and which one of that name, from 1."""
    add: tuple[tuple[str, str], ...] = ()
    """Header fields to put in front: name, and an unfolded ASCII value."""
    report: FileReport | None = None
    """The verdict; None where there is none."""
    unjudged: str = ""
    """Why there is no verdict, for the log: "not-a-submission", "timeout", "crash", "over-limit" or "busy"."""
    quarantine: str = ""
    """The reason that the queue of the mail server shows for a message in quarantine."""
    route: str = ""
    """The route whose policy led to the decision."""
    spared: str = ""
    """Why the message is accepted though it was to be refused: "observe", "tag", "null-sender", "role-address" or
    "override"."""
    override: str = ""
    """The reason that the sender gives for an override that was heeded."""
    override_refused: str = ""
    """Why an override that the message asks for was not heeded."""
    ruleset: str = ""
    """The version of the rules that the verdict is by."""
