"""The key that overrides are signed with, in a file of its own that not everybody can read."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from spamlint.errors import ConfigError

SHORTEST = 32
"""Bytes."""
LONGEST = 4_096
_CLOSED_TO = stat.S_IWGRP | stat.S_IXGRP | stat.S_IRWXO
"""A group may read the key, so that a service and the people who grant overrides can share it."""


def read_key(file: Path) -> bytes:
    """The key in `file`. ConfigError where it is too short, or where others could read or change it."""
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            key = opened.read(LONGEST + 1).strip()
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    if mode & _CLOSED_TO:
        said = f"{stat.S_IMODE(mode):o}"
        raise ConfigError(f"{file}: others can read or change it (its mode is {said}): chmod 640 or 600")
    if not SHORTEST <= len(key) <= LONGEST:
        raise ConfigError(
            f"{file}: a key has {SHORTEST} to {LONGEST} bytes, not {len(key)}: spamlint override --new-key"
        )
    return key


def new_key(file: Path) -> None:
    """Writes a key of its own to `file`, which must not be there yet. ConfigError where it cannot be written."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError(f"{file} exists, and a key that is in use is not written over") from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written: {error.strerror}") from None
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        opened.write(secrets.token_hex(SHORTEST) + "\n")
