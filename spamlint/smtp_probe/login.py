"""AUTH: which mechanism to take, and the conversation of each (RFC 4954, RFC 4616, RFC 2195)."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence

from spamlint.smtp_probe.wire import Reply, Stopped, Wire

MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5")
"""Those that are spoken, the one to take first."""


def log_in(wire: Wire, offered: Sequence[str], user: str, password: str) -> tuple[str, Reply]:
    """The mechanism that was taken, and the last word of the server on it."""
    taken = next((name for name in MECHANISMS if name in offered), None)
    if taken is None:
        raise Stopped("no-mechanism" if offered else "no-auth", offered=", ".join(offered))
    name, word = user.encode("utf-8", "surrogateescape"), password.encode("utf-8", "surrogateescape")
    both = _encoded(b"\0" + name + b"\0" + word)
    wire.secrets += [secret for secret in (both, _encoded(word), password) if secret]
    if taken == "PLAIN":
        return taken, wire.ask(f"AUTH PLAIN {both}")
    reply = wire.ask(f"AUTH {taken}")
    if taken == "LOGIN":
        for answer in (_encoded(name), _encoded(word)):
            if reply.code != 334:
                break
            reply = wire.ask(answer)
    elif reply.code == 334:
        reply = wire.ask(_encoded(name + b" " + _digest(word, reply).encode()))
    return taken, reply


def _digest(word: bytes, reply: Reply) -> str:
    try:
        challenge = base64.b64decode("".join(reply.lines), validate=True)
    except (binascii.Error, ValueError):
        raise Stopped("not-smtp", said=reply.text[:80]) from None
    return hmac.new(word, challenge, "md5").hexdigest()


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
