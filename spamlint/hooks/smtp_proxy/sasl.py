"""How a client authenticates (RFC 4954): by a file of users, or by the next mail server, line by line."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from spamlint.errors import ConfigError
from spamlint.hooks.smtp_proxy import users
from spamlint.hooks.smtp_proxy.answer import Answer, say

Ask: TypeAlias = Callable[[Answer], Awaitable[bytes | None]]
"""Sends a challenge to the client, and gives the line that it sends back; None where that is no line."""
Tell: TypeAlias = Callable[[bytes], Awaitable[Answer]]
"""Sends a line to the next mail server, and gives its answer."""

OWN = ("PLAIN", "LOGIN")
RELAYED = ("PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER")
"""The mechanisms that can be passed on: none that is bound to the connection (RFC 5801), and the name can be read."""

_CONTINUE = 334
_ACCEPTED = 235
_MOST_ROUNDS = 8
_MOST_NAME = 255
_USER = re.compile(rb"(?:^|\x01)user=([^\x01]*)|^n,a=([^,\x01]*)")
_WRONG = "535 5.7.8 This name and password are not known here"
_UNREADABLE = "501 5.5.2 This is no base64"
_CANCELLED = "501 5.7.0 The login was given up"


@dataclass(frozen=True, slots=True)
class Login:
    """How it ended: what the client is told, and who it is, empty where it is nobody."""

    answer: Answer
    user: str = ""


async def by_file(argument: bytes, file: Path, ask: Ask) -> Login:
    """Authenticates by the users in `file`."""
    mechanism, _, initial = argument.partition(b" ")
    kind = mechanism.upper()
    if kind == b"PLAIN":
        given = _decoded(initial or await ask(Answer(_CONTINUE)))
        if isinstance(given, Login):
            return given
        parts = given.split(b"\0")
        if len(parts) != 3 or (parts[0] and parts[0] != parts[1]):
            return Login(say(_WRONG))
        return await _looked_up(file, parts[1], parts[2])
    if kind == b"LOGIN":
        name = _decoded(initial or await ask(Answer(_CONTINUE, ("VXNlcm5hbWU6",))))
        if isinstance(name, Login):
            return name
        password = _decoded(await ask(Answer(_CONTINUE, ("UGFzc3dvcmQ6",))))
        return password if isinstance(password, Login) else await _looked_up(file, name, password)
    return Login(say("504 5.5.4 This way to log in is not known here: use PLAIN"))


async def by_next(argument: bytes, ask: Ask, tell: Tell) -> Login:
    """Lets the next mail server authenticate the client: what one says is passed on to the other as it is."""
    mechanism = argument.partition(b" ")[0].upper().decode("ascii", "replace")
    if mechanism not in RELAYED:
        return Login(say("504 5.5.4 This way to log in is not known here: use PLAIN"))
    told = [argument.partition(b" ")[2]]
    answer = await tell(b"AUTH " + argument)
    for _ in range(_MOST_ROUNDS):
        if answer.code != _CONTINUE:
            break
        line = await ask(answer)
        # An empty line is an answer; what is no line at all ends the exchange, as the client would with an asterisk.
        told.append(b"" if line is None else line)
        answer = await tell(b"*" if line is None else line)
    if answer.code == _CONTINUE:
        await tell(b"*")
        return Login(say(_CANCELLED))
    return Login(answer, _name(mechanism, told)) if answer.code == _ACCEPTED else Login(answer)


async def _looked_up(file: Path, name: bytes, password: bytes) -> Login:
    try:
        known = await asyncio.to_thread(users.load, file)
    except ConfigError:
        return Login(say("454 4.7.0 Nobody can log in at this moment: the file of users cannot be used"))
    text = name.decode("utf-8", "replace")
    if await asyncio.to_thread(users.is_known, known, text, password):
        return Login(say("235 2.7.0 You are logged in"), text)
    return Login(say(_WRONG))


def _decoded(given: bytes | None) -> bytes | Login:
    if given is None or given == b"*":
        return Login(say(_CANCELLED))
    try:
        return b"" if given == b"=" else base64.b64decode(given, validate=True)
    except binascii.Error:
        return Login(say(_UNREADABLE))


def _name(mechanism: str, told: list[bytes]) -> str:
    """The name that a client has given, which the next mail server has accepted."""
    texts = [text for text in map(_loose, told) if text]
    first = texts[0] if texts else b""
    if mechanism == "PLAIN":
        name = first.split(b"\0")[1] if b"\0" in first else b""
    elif mechanism == "LOGIN":
        name = first
    elif mechanism == "CRAM-MD5":
        name = first.rpartition(b" ")[0]
    else:
        found = _USER.search(first)
        name = (found[1] or found[2] or b"") if found else b""
    shown = "".join(sign for sign in name.decode("utf-8", "replace") if sign.isprintable())[:_MOST_NAME]
    return shown or "?"


def _loose(given: bytes) -> bytes:
    try:
        return base64.b64decode(given)
    except binascii.Error:
        return b""
