"""What a request says: the envelope, and the message in its body."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from starlette.requests import ClientDisconnect, Request

from spamlint.guard.envelope import Envelope
from spamlint.guard.form import PROFILE_NAMES, profile
from spamlint.hooks.http.options import Options

NAMES = ("profile", "sender", "recipient", "client", "helo", "user", "queue-id")
"""Parameters of /v1/check; the header field of each is `Spamlint-` and the name."""
MESSAGE_TYPES = ("message/rfc822", "message/global", "application/octet-stream")
MOST_RECIPIENTS = 10_000
_MOST_DRAINED = 1024 * 1024
_DRAIN_SECONDS = 5.0


class Refused(NamedTuple):
    """Why a request is not answered: a status of HTTP, and a line for a person."""

    status: int
    reason: str


@dataclass(slots=True)
class Load:
    """What is on its way, in all requests together."""

    requests: int = 0
    held: int = 0

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Counts a request while it lasts."""
        self.requests += 1
        try:
            yield
        finally:
            self.requests -= 1

    @contextmanager
    def weighed(self, size: int) -> Iterator[None]:
        """Counts the octets of a message while they are held."""
        self.held += size
        try:
            yield
        finally:
            self.held -= size


def envelope(request: Request) -> Envelope | Refused:
    """The envelope that the parameters of /v1/check tell, or the header fields of the same names."""
    query = request.query_params
    if unknown := [name for name in query if name not in NAMES]:
        return Refused(400, f"{unknown[0][:80]!r} is no parameter; there are {', '.join(NAMES)}")
    given = {name: query.getlist(name) or request.headers.getlist(f"spamlint-{name}") for name in NAMES}
    if several := [name for name, values in given.items() if len(values) > 1 and name != "recipient"]:
        return Refused(400, f"{several[0]} is given {len(given[several[0]])} times")
    one = {name: values[0] if values else "" for name, values in given.items()}
    asked = profile(one["profile"])
    if one["profile"] and asked is None:
        return Refused(400, f"{one['profile'][:80]!r} is no profile; there are {', '.join(PROFILE_NAMES)}")
    return Envelope(
        "http",
        sender=_address(one["sender"]),
        recipients=_recipients(given["recipient"]),
        client=one["client"],
        helo=one["helo"],
        user=one["user"],
        queue_id=one["queue-id"],
        is_asked=True,
        profile=asked,
    )


def rspamd_envelope(request: Request) -> Envelope:
    """The envelope in the header fields that clients of rspamd send."""
    said = request.headers
    return Envelope(
        "http",
        sender=_address(said.get("from", "")),
        recipients=_recipients(said.getlist("rcpt")),
        client=said.get("ip", ""),
        helo=said.get("helo", ""),
        user=said.get("user", ""),
        queue_id=said.get("queue-id", ""),
        is_asked=True,
    )


def media_type(request: Request) -> str:
    """The type of the body without its parameters, in lower case; empty where none is named."""
    return str(request.headers.get("content-type", "")).partition(";")[0].strip().lower()


async def message(request: Request, load: Load, options: Options, most: int) -> bytes | Refused:
    """The body, of at most `most` octets; what is beyond is read and dropped, so that the caller hears why."""
    too_large = Refused(413, f"the message is longer than {most} bytes")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most and "expect" in request.headers:
        return too_large
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        return Refused(415, "the body must not be packed")
    kept, came = bytearray(), 0
    try:
        async with asyncio.timeout(options.body):
            async for chunk in request.stream():
                came += len(chunk)
                if came > most:
                    kept.clear()
                elif load.held + came > options.held:
                    return Refused(503, "too many messages are on their way")
                else:
                    kept += chunk
    except TimeoutError:
        return too_large if came > most else Refused(408, "the message did not come in time")
    return too_large if came > most else bytes(kept)


async def drained(request: Request) -> None:
    """Reads what a caller still sends whose request is refused, some of it: closed earlier, the system would take the
    answer from it."""
    if "expect" in request.headers:
        return
    came = 0
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for chunk in request.stream():
                came += len(chunk)
                if came > _MOST_DRAINED:
                    return
    except (TimeoutError, ClientDisconnect):
        return


def _recipients(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(_address(value) for value in values[:MOST_RECIPIENTS])


def _address(value: str) -> str:
    """An address without its brackets."""
    value = value.strip()
    return value[1:-1] if value.startswith("<") and value.endswith(">") else value
