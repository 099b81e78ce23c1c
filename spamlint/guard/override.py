"""Overrides: a person who may do so signs one message, which then goes out although it blocks.

    X-Spamlint-Override: 1.1795470000.5f2d9c0b8e7a4d31.Zm9v... the invoice has to go out today

The token is an HMAC-SHA256 over the sender, the recipients, the body and the time up to which it is good, so that it is
of no use for any other message. It counts once. The reason stands in the log; the field is taken out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from spamlint.guard.answer import Heed, Heeded
from spamlint.guard.envelope import Envelope
from spamlint.guard.fields import Incoming
from spamlint.guard.settings import OverrideSettings

VERSION = "1"
MOST_USED = 100_000
"""Used tokens that are kept while they would still be good; when there are more, no override counts until some end."""
LONGEST_REASON = 200

_TOKEN = re.compile(r"1\.([0-9]{1,12})\.([0-9a-f]{32})\.([A-Za-z0-9_-]{43})")
_USED = re.compile(rb"([0-9]{1,12}) ([0-9a-f]{32})\n")

Clock: TypeAlias = Callable[[], float]


def token(key: bytes, envelope: Envelope, body_digest: str, expires: int, nonce: str | None = None) -> str:
    """The token for that message, good up to `expires` (POSIX time)."""
    nonce = secrets.token_hex(16) if nonce is None else nonce
    return f"{VERSION}.{expires}.{nonce}.{_signature(key, envelope, body_digest, expires, nonce)}"


def _signature(key: bytes, envelope: Envelope, body_digest: str, expires: int, nonce: str) -> str:
    recipients = sorted({_address(recipient) for recipient in envelope.recipients})
    signed = json.dumps([VERSION, _address(envelope.sender), recipients, body_digest, expires, nonce])
    digest = hmac.new(key, signed.encode("ascii"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def _address(address: str) -> str:
    """An address as it is signed: whatever the case of its domain, which is no part of what it means."""
    local, at, domain = address.strip("<>").rpartition("@")
    return f"{local}{at}{domain.lower()}"


@dataclass(slots=True)
class Used:
    """The tokens that have counted, each kept until it would no longer be good. With a file they outlive the program,
    and several programs share them."""

    file: Path | None = None
    most: int = MOST_USED
    _until: dict[str, int] = field(default_factory=dict)
    _read: int = 0

    def take(self, nonce: str, expires: int, now: float) -> str:
        """Keeps that a token has counted; why it cannot count, or ""."""
        if self.file is None:
            return self._taken(nonce, expires, now)
        try:
            return self._taken_from_file(self.file, nonce, expires, now)
        except OSError as error:
            return f"used-file: {error.strerror}"

    def _taken_from_file(self, file: Path, nonce: str, expires: int, now: float) -> str:
        import fcntl

        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        with os.fdopen(os.open(file, flags, 0o600), "r+b", buffering=0) as opened:
            fcntl.flock(opened, fcntl.LOCK_EX)
            if os.fstat(opened.fileno()).st_size < self._read:
                self._read = 0
            opened.seek(self._read)
            self._learn(opened.read())
            if refused := self._taken(nonce, expires, now):
                return refused
            entry = f"{expires} {nonce}\n".encode("ascii")
            if opened.write(entry) != len(entry):
                return "used-file: it is full"
            os.fsync(opened.fileno())
            return ""

    def _learn(self, lines: bytes) -> None:
        """Adds what other programs, or this one, have written."""
        end = lines.rfind(b"\n") + 1
        self._read += end
        for found in _USED.finditer(lines[:end]):
            self._until[found[2].decode("ascii")] = int(found[1])

    def _taken(self, nonce: str, expires: int, now: float) -> str:
        if nonce in self._until:
            return "used"
        if len(self._until) >= self.most:
            self._until = {other: until for other, until in self._until.items() if until >= now}
        if len(self._until) >= self.most:
            return "too-many"
        self._until[nonce] = expires
        return ""


def heeding(settings: OverrideSettings | None, used: Used, clock: Clock) -> Heed | None:
    """The function that looks into the override of a message; None where there is no key."""
    if settings is None:
        return None
    key, longest = settings.key, settings.hours * 3600

    def heed(envelope: Envelope, incoming: Incoming) -> Heeded:
        now = clock()
        refused, found, reason = _asked(incoming.overrides)
        if found is None:
            return Heeded(refused=refused)
        expires, nonce, signature = int(found[1]), found[2], found[3]
        expected = _signature(key, envelope, incoming.body_digest, expires, nonce)
        if not hmac.compare_digest(signature, expected):
            return Heeded(refused="other-message")
        if not envelope.recipients:
            return Heeded(refused="no-recipients")
        if expires < now:
            return Heeded(refused="expired")
        if expires > now + longest:
            return Heeded(refused="too-long")
        if refused := used.take(nonce, expires, now):
            return Heeded(refused=refused)
        return Heeded(reason=reason)

    return heed


def _asked(values: Iterable[str]) -> tuple[str, re.Match[str] | None, str]:
    """Why there is no token to look at, the token, and the reason that is given."""
    several = [value.split(maxsplit=1) for value in values]
    if len(several) != 1:
        return "several", None, ""
    words = several[0]
    found = _TOKEN.fullmatch(words[0]) if words else None
    if found is None:
        return "no-token", None, ""
    reason = words[1].strip()[:LONGEST_REASON] if len(words) > 1 else ""
    return ("", found, reason) if reason else ("no-reason", None, "")
