"""A file of users and their passwords, of which only salted hashes are kept (scrypt, RFC 7914).

One user a line, `NAME:scrypt:N:R:P:SALT:HASH`, salt and hash in base64; empty lines and those that begin with # are
left out. The file is read at each login, so that a change holds at once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from spamlint.errors import ConfigError

_N, _R, _P = 1 << 14, 8, 1
_MOST_N, _MOST_RP = 1 << 17, 64
_SALT = 16
_OCTETS = 32


@dataclass(frozen=True, slots=True)
class Secret:
    """What is kept of a password."""

    n: int
    r: int
    p: int
    salt: bytes
    hash: bytes

    def fits(self, password: bytes) -> bool:
        """Whether it was made of `password`."""
        return hmac.compare_digest(_scrypt(password, self.salt, self.n, self.r, self.p), self.hash)


def line(name: str, password: bytes) -> str:
    """The line of the file for that user."""
    if not name or not name.isprintable() or ":" in name or name.startswith("#"):
        raise ConfigError(f"{name!r}: is no name of a user: it may not be empty, have a colon or begin with #")
    salt = secrets.token_bytes(_SALT)
    kept = _scrypt(password, salt, _N, _R, _P)
    return f"{name}:scrypt:{_N}:{_R}:{_P}:{base64.b64encode(salt).decode()}:{base64.b64encode(kept).decode()}"


def load(file: Path) -> Mapping[str, Secret]:
    """The users in `file`; ConfigError where it cannot be used."""
    try:
        text = file.read_text("utf-8")
        mode = file.stat().st_mode
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"{file}: {error}") from None
    if mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP):
        raise ConfigError(f"{file}: others can read it or write to it: chmod 640 {file}")
    found: dict[str, Secret] = {}
    for number, row in enumerate(text.splitlines(), 1):
        if not row.strip() or row.startswith("#"):
            continue
        name, _, rest = row.strip().partition(":")
        secret = _secret(rest)
        if secret is None or not name:
            raise ConfigError(
                f"{file}:{number}: is no line of a user: make one with spamlint smtp-proxy --new-user NAME"
            )
        found[name] = secret
    if not found:
        raise ConfigError(f"{file}: has no users: make one with spamlint smtp-proxy --new-user NAME")
    return found


def is_known(users: Mapping[str, Secret], name: str, password: bytes) -> bool:
    """Whether it is the password of that user. It takes as long for a name that nobody has."""
    secret = users.get(name)
    if secret is None:
        _scrypt(password, bytes(_SALT), _N, _R, _P)
        return False
    return secret.fits(password)


def _secret(text: str) -> Secret | None:
    kind, *numbers, salt, kept = text.split(":") if text.count(":") == 5 else ("", "", "")
    if kind != "scrypt" or not all(number.isdecimal() for number in numbers):
        return None
    n, r, p = map(int, numbers)
    if not 1 < n <= _MOST_N or n & (n - 1) or not 0 < r * p <= _MOST_RP:
        return None
    try:
        return Secret(n, r, p, base64.b64decode(salt, validate=True), base64.b64decode(kept, validate=True))
    except binascii.Error:
        return None


def _scrypt(password: bytes, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=256 * n * r * p + (1 << 20), dklen=_OCTETS)
