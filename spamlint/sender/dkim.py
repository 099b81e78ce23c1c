"""DKIM (RFC 6376): the key that is published, the signatures that a message has, and what they cover."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from spamlint.message import Message
from spamlint.sender.dmarc import tags_of
from spamlint.sender.dns import Answer, Dns

KeyState: TypeAlias = Literal["good", "missing", "revoked", "unusable", "short", "unknown"]
SignatureState: TypeAlias = Literal["valid", "invalid", "unknown"]

LEAST_BITS = 1024
"""Of an RSA key; a verifier takes no signature with a shorter one for valid (RFC 8301 section 3.2)."""
GOOD_BITS = 2048
"""What signers should use (the same)."""
MUST_COVER = ("from", "list-unsubscribe", "list-unsubscribe-post")
"""Fields that a signature has to cover where they are there (RFC 6376 section 5.4, RFC 8058 section 4)."""
MOST_SIGNATURES = 10
_ED25519_OCTETS = 32
_LONGEST_FIELD = 8_000
"""Characters of a signature field that is verified; real ones have some 1,500."""
_LONGEST_BLANK = 100
"""White space in one piece in such a field: what reads it may take cubic time on more."""
_MOST_KEY = 8_192
"""Characters of a key that are read; one of 16384 bits has half of that."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key record."""

    name: str
    """"selector._domainkey.domain"."""
    state: KeyState
    algorithm: str = ""
    bits: int = 0
    is_test: bool = False
    """t=y: a signature that does not hold counts for no worse than none (RFC 6376 section 3.6.1)."""
    failed: Answer | None = None

    @property
    def counts(self) -> bool:
        """Whether a signature with it can be valid."""
        return self.state == "good"


@dataclass(frozen=True, slots=True)
class Signature:
    """A DKIM-Signature field of a message."""

    domain: str
    selector: str
    state: SignatureState
    covers: frozenset[str]
    key: Key
    reason: str = ""


def key_of(dns: Dns, domain: str, selector: str) -> Key:
    """The key of `selector` at `domain`."""
    name = f"{selector}._domainkey.{domain}".lower()
    answer = dns.ask(name, "TXT")
    if not answer.is_known:
        return Key(name, "unusable") if answer.status == "bad-name" else Key(name, "unknown", failed=answer)
    records = [record for record in answer.records if "p=" in record.replace(" ", "") or "v=DKIM1" in record]
    if not records:
        return Key(name, "missing")
    return _read(name, records[0]) if len(records) == 1 else Key(name, "unusable")


def _read(name: str, record: str) -> Key:
    tags = tags_of(record)
    flags = [flag.strip() for flag in tags.get("t", "").split(":")]
    algorithm = tags.get("k", "rsa").lower()
    text = "".join(tags.get("p", "").split())
    services = [service.strip() for service in tags.get("s", "*").split(":")]
    if tags.get("v", "DKIM1") != "DKIM1" or "p" not in tags or not {"*", "email"} & set(services):
        return Key(name, "unusable", algorithm)
    if not text:
        return Key(name, "revoked", algorithm)
    bits = _bits(algorithm, text)
    state: KeyState = "unusable" if not bits else "short" if algorithm == "rsa" and bits < LEAST_BITS else "good"
    return Key(name, state, algorithm, bits, "y" in flags)


def _bits(algorithm: str, text: str) -> int:
    """The size of the key in `text`; 0 where it cannot be read."""
    try:
        data = base64.b64decode(text[:_MOST_KEY], validate=True)
    except (binascii.Error, ValueError):
        return 0
    if algorithm == "ed25519":
        return 256 if len(data) == _ED25519_OCTETS else 0
    if algorithm != "rsa":
        return 0
    from dkim.crypto import UnparsableKeyError, parse_public_key

    try:
        modulus: int = parse_public_key(data)["modulus"]
    except (UnparsableKeyError, ValueError, LookupError, TypeError):
        return 0
    return modulus.bit_length()


def signatures(dns: Dns, message: Message) -> tuple[Signature, ...]:
    """The signatures of the message, each verified with the key that is published."""
    fields = message.all_headers("dkim-signature")[:MOST_SIGNATURES]
    read = [tags_of("".join(field.body.value.split())) for field in fields]
    dns.ask_all((f"{tags.get('s', '')}._domainkey.{tags.get('d', '')}", "TXT") for tags in read if "d" in tags)
    return tuple(_verified(dns, message, number, tags) for number, tags in enumerate(read))


def _verified(dns: Dns, message: Message, number: int, tags: dict[str, str]) -> Signature:
    domain, selector = tags.get("d", "").lower(), tags.get("s", "")
    covers = frozenset(name.lower() for name in tags.get("h", "").split(":"))
    key = key_of(dns, domain, selector)
    if key.state == "unknown":
        return Signature(domain, selector, "unknown", covers, key)
    if key.state != "good":
        return Signature(domain, selector, "invalid", covers, key, "key")
    field = message.all_headers("dkim-signature")[number].body.value
    if len(field) > _LONGEST_FIELD or re.search(rf"\s{{{_LONGEST_BLANK}}}", field):
        return Signature(domain, selector, "invalid", covers, key, "content")
    if len(message.headers) >= message.limits.headers:
        return Signature(domain, selector, "unknown", covers, key)
    data = message.source.data
    state = _judged(dns, _even(data) if tags.get("c", "").endswith("/relaxed") else data, number)
    return Signature(domain, selector, state, covers, key, "" if state == "valid" else "content")


def _even(data: bytes) -> bytes:
    """The message with blanks of its body in one piece made one, which relaxed canonicalization does anyway.

    dkimpy takes quadratic time for it.
    """
    end = re.search(rb"\r?\n\r?\n", data)
    at = end.end() if end else len(data)
    return data[:at] + re.sub(rb"[\t ]+", b" ", data[at:])


def _judged(dns: Dns, data: bytes, number: int) -> SignatureState:
    import dkim

    def text_of(name: bytes, timeout: float = 0) -> bytes | None:  # noqa: ARG001 - as dkimpy calls it
        records = dns.ask(name.decode("ascii", "replace"), "TXT").records
        return records[0].encode("utf-8", "replace") if records else None

    try:
        is_valid = dkim.DKIM(data, minkey=LEAST_BITS).verify(number, dnsfunc=text_of)
    except dkim.NaClNotFoundError:
        return "unknown"
    except (dkim.DKIMException, ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
        return "invalid"  # dkimpy says so by any of these where a field is malformed
    return "valid" if is_valid else "invalid"


def uncovered(message: Message, covers: Iterable[str]) -> list[str]:
    """The fields of the message that a signature over the fields `covers` leaves open, though it should not."""
    names = set(covers)
    return [name for name in MUST_COVER if name in message.header_names and name not in names]
