"""What the HTTP service is told, and what it must be told before strangers can reach it."""

from __future__ import annotations

import ssl
import stat
from dataclasses import dataclass, field
from pathlib import Path

from spamlint.errors import ConfigError

SHORTEST_TOKEN = 16
LONGEST_TOKEN = 1024


@dataclass(frozen=True, slots=True)
class Options:
    """What the service is told. Times are in seconds."""

    token: bytes = field(default=b"", repr=False)
    """What a caller has to show; empty: nothing."""
    tls: ssl.SSLContext | None = None
    connections: int = 500
    """Connections at a time. One more is closed at once."""
    requests: int = 200
    """Messages at a time. One more is told to come later."""
    held: int = 1024 * 1024 * 1024
    """Octets of all messages that are on their way."""
    head: float = 30.0
    """From the connection, or from the last answer, to the end of the header of a request, and until the caller has
    taken an answer; twice that at most."""
    body: float = 60.0
    """From there to the end of the message."""
    grace: float = 30.0
    """For what was accepted, when the service stops."""


def unguarded(host: str, options: Options) -> str:
    """What a person is told who lets it listen where strangers can ask; empty where it is in order."""
    missing = []
    if options.tls is None:
        missing.append("--tls-cert and --tls-key")
    if not options.token:
        missing.append("--token-file")
    return f"--listen {host}: others than this machine can connect: give {', and '.join(missing)}" if missing else ""


def read_token(file: Path) -> bytes:
    """The token in a file that nobody else can read; ConfigError says what is wrong."""
    try:
        with file.open("rb") as opened:
            status = file.stat()
            token = opened.read(LONGEST_TOKEN + 1).strip()
    except OSError as error:
        raise ConfigError(f"--token-file {file}: cannot be read: {error.strerror}") from None
    if status.st_mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise ConfigError(f"--token-file {file}: others can read it, or its group can write it: chmod 640 {file}")
    if not SHORTEST_TOKEN <= len(token) <= LONGEST_TOKEN or not all(0x21 <= octet <= 0x7E for octet in token):
        form = f"{SHORTEST_TOKEN} to {LONGEST_TOKEN} letters, digits and signs without blanks"
        raise ConfigError(f"--token-file {file}: holds no token: {form}, as from: openssl rand -hex 32")
    return token


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 or newer with that certificate; ConfigError says what is wrong."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for option, file in (("--tls-cert", certificate), ("--tls-key", key)):
        try:
            file.read_bytes()
        except OSError as error:
            raise ConfigError(f"{option} {file}: cannot be read: {error.strerror}") from None
    try:
        # A key with a password would be asked for at the terminal.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (ssl.SSLError, ValueError) as error:
        raise ConfigError(f"--tls-cert {certificate}, --tls-key {key}: no certificate and its key: {error}") from None
    return context
