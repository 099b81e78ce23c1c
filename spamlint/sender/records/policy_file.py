"""The policy file of MTA-STS (RFC 8461 section 3.2): fetched when somebody asks for it, and read."""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spamlint.errors import ConfigError
from spamlint.sender.dns import Dns

LARGEST = 65_536
"""Octets of the answer that are read; section 3.3 suggests this limit for the file."""
LONGEST_LIFE = 31_557_600
SHORT_LIFE = 86_400
"""Seconds; a policy that is forgotten within a day protects little (section 10.2 speaks of weeks)."""
MOST_LINES = 200
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_MX = re.compile(r"(?:\*\.)?(?:[A-Za-z0-9_-]{1,63}\.)+[A-Za-z0-9-]{1,63}")


@dataclass(frozen=True, slots=True)
class Https:
    """How to fetch."""

    seconds: float = 10.0
    """For all of it."""
    ca_file: Path | None = None
    port: int = 443


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back: a file, or why there is none."""

    text: str = ""
    failure: str = ""
    """In the words of the protocol: "404", "time-out", "CERTIFICATE_VERIFY_FAILED"."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as it was read; `bad` are the lines that are wrong, and keys that are missing."""

    mode: str = ""
    life: int = 0
    hosts: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()

    def covers(self, host: str) -> bool:
        """Whether mail may go to a mail server of that name: "*." stands for one label (section 4.1)."""
        name = host.lower().rstrip(".")
        above = name.partition(".")[2]
        return any(one in (name, f"*.{above}") for one in self.hosts)


def read(text: str) -> Policy:
    """The policy in a file."""
    values: dict[str, str] = {}
    hosts: list[str] = []
    bad: list[str] = []
    for line in text.splitlines()[:MOST_LINES]:
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not line.strip():
            continue
        if not colon or (key == "mx" and not _MX.fullmatch(value)):
            bad.append(line.strip())
        elif key == "mx":
            hosts.append(value.lower())
        else:
            values.setdefault(key, value)
    mode, life = values.get("mode", ""), values.get("max_age", "")
    is_number = life.isascii() and life.isdecimal() and len(life) <= 10 and int(life) <= LONGEST_LIFE
    bad += [f"{key}: {values.get(key, '')}" for key, is_right in (
        ("version", values.get("version") == "STSv1"),
        ("mode", mode in ("enforce", "testing", "none")),
        ("max_age", is_number),
        ("mx", bool(hosts) or mode == "none"),
    ) if not is_right]  # fmt: skip
    return Policy(mode, int(life) if is_number else 0, tuple(hosts), tuple(bad))


def fetched(dns: Dns, domain: str, https: Https) -> Fetched:
    """The file of `domain`, over TLS with a certificate that holds; no redirect is followed (section 3.3)."""
    host = f"mta-sts.{domain}"
    answers = dns.ask_all([(host, "A"), (host, "AAAA")])
    addresses = [record for answer in answers for record in answer.records]
    if not addresses:
        return Fetched(failure=next((one.status for one in answers if not one.is_known), "no-such-name"))
    try:
        context = ssl.create_default_context(cafile=None if https.ca_file is None else str(https.ca_file))
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"{https.ca_file}: holds no certificates that can be read: {error}") from None
    try:
        return _answer(_got(addresses, host, context, https))
    except TimeoutError:
        return Fetched(failure="time-out")
    except ssl.SSLError as error:
        return Fetched(failure=error.reason or "TLS")
    except (OSError, ValueError) as error:
        return Fetched(failure=getattr(error, "strerror", None) or "no answer")


def _got(addresses: Sequence[str], host: str, context: ssl.SSLContext, https: Https) -> bytes:
    """All that the server says, up to the limit."""
    end = time.monotonic() + https.seconds
    request = f"GET /.well-known/mta-sts.txt HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    received = bytearray()
    with socket.create_connection((addresses[0], https.port), _left(end)) as plain:
        plain.settimeout(_left(end))
        with context.wrap_socket(plain, server_hostname=host) as sock:
            sock.sendall(request.encode("ascii"))
            while len(received) <= LARGEST:
                sock.settimeout(_left(end))
                data = sock.recv(8_192)
                if not data:
                    break
                received += data
    return bytes(received)


def _left(end: float) -> float:
    seconds = end - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _answer(data: bytes) -> Fetched:
    if len(data) > LARGEST:
        return Fetched(failure=f"more than {LARGEST} octets")
    status = _STATUS.match(data)
    if status is None:
        return Fetched(failure="no HTTP")
    if status[1] != b"200":
        return Fetched(failure=f"HTTP {status[1].decode()}")
    head, _, body = data.replace(b"\r\n", b"\n").partition(b"\n\n")
    kind = re.search(rb"\ncontent-type:[ \t]*([a-z/+.-]*)", head.lower())
    if kind is None or kind[1] != b"text/plain":
        said = kind[1].decode() if kind is not None else ""
        return Fetched(failure=f"Content-Type: {said}")
    return Fetched(body.decode("utf-8", "replace"))
