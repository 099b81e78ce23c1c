"""The server that a person names, as HOST, HOST:PORT, [192.0.2.7]:587 or [2001:db8::1]."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from spamlint.errors import ConfigError

SMTP = 25
SUBMISSION = 587
SUBMISSIONS = 465
_HOST = re.compile(r"(?i)(?=.{1,253}\Z)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)*[^\W_](?:[\w-]{0,61}[^\W_])?\.?")


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect to."""

    host: str
    """A name, or an address without brackets."""
    port: int

    @property
    def is_address(self) -> bool:
        """Whether the host is an IP address."""
        return _is_address(self.host)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if self.is_address else f"{self.host}:{self.port}"


def target_of(text: str, default_port: int) -> Target:
    """The server that `text` names. ConfigError where it names none."""
    host, port = _split(text)
    if text.startswith("[") and not _is_address(host):
        raise ConfigError(f"{text!r:.80}: brackets hold an IP address, as in [192.0.2.7]:587 or [2001:db8::1]")
    if not _is_address(host) and not _HOST.fullmatch(host):
        raise ConfigError(f"{text!r:.80} is no server: HOST, HOST:PORT, [192.0.2.7]:587 or [2001:db8::1] is wanted")
    return Target(host.rstrip("."), _port(text, port) if port is not None else default_port)


def _split(text: str) -> tuple[str, str | None]:
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            return "", None
        return host.removeprefix("IPv6:"), rest[1:] if rest else None
    if text.count(":") > 1:
        return text, None  # an IPv6 address without brackets has no room for a port
    host, colon, port = text.partition(":")
    return host, port if colon else None


def _port(text: str, port: str) -> int:
    if not (port.isascii() and port.isdecimal() and len(port) < 6 and 0 < int(port) < 65536):
        raise ConfigError(f"{text!r:.80}: a port is a number from 1 to 65535")
    return int(port)


def _is_address(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return not (isinstance(address, IPv6Address) and "%" in host and not host.partition("%")[2].isalnum())
