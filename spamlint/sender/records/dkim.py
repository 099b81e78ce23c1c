"""A DKIM key record (RFC 6376 section 3.6.1, RFC 8301, RFC 8463): its tags, and whether the key came through whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from spamlint.delivery import Value
from spamlint.sender.dkim import GOOD_BITS, Key, key_of
from spamlint.sender.dns import Dns
from spamlint.sender.notes import Note, not_checked
from spamlint.sender.records.tags import Tags, quoted, read

MOST_SELECTORS = 20
_PIECE_OF_KEY = re.compile(r"[A-Za-z0-9+/=\s\"\\]{20,}")
_STATES = {
    "missing": "dkim-no-key", "revoked": "dkim-revoked-key", "unusable": "dkim-unusable-key", "short": "dkim-unsafe-key"
}  # fmt: skip


def dkim_notes(dns: Dns, domain: str, selectors: Sequence[str]) -> Iterator[Note]:
    """Everything about the keys of these selectors; nobody can ask the DNS which there are."""
    names = [f"{selector}._domainkey.{domain}" for selector in selectors[:MOST_SELECTORS]]
    answers = dns.ask_all((name, "TXT") for name in names)
    for selector, answer in zip(selectors, answers, strict=False):
        key = key_of(dns, domain, selector)
        if not answer.is_known and answer.status != "bad-name":
            yield not_checked("DKIM", answer)
            continue
        found = list(record_notes(answer.name, answer.records))
        yield from found
        yield from _key(key, is_explained=bool(found))


def record_notes(name: str, records: Sequence[str]) -> Iterator[Note]:
    """What is wrong with the way in which a key is written down."""
    keys = [text for text in records if "p=" in text.replace(" ", "")]
    pieces = [text for text in records if text not in keys and _PIECE_OF_KEY.fullmatch(text)]
    if (keys and pieces) or any(sign in read(text).get("p") for text in keys for sign in '"\\'):
        yield Note("dkim-split-key", {"name": name})
    if len(keys) > 1:
        yield Note("dkim-several-keys", {"name": name, "number": len(keys)})
    for text in keys[:1]:
        for tag, value, allowed in _bad(read(text)):
            yield Note("dkim-bad-tag", {"name": name, "tag": tag, "value": quoted(value) or "-", "allowed": allowed})


def _bad(tags: Tags) -> Iterator[tuple[str, str, str]]:
    """Tags with a value that makes a receiver pass over the key, and what they may say."""
    if "v" in tags.values and (tags.get("v") != "DKIM1" or tags.first != "v"):
        yield "v", tags.get("v"), "DKIM1"
    if tags.get("k", "rsa").lower() not in ("rsa", "ed25519"):
        yield "k", tags.get("k"), "rsa, ed25519"
    if "h" in tags.values and "sha256" not in _listed(tags.get("h")):
        yield "h", tags.get("h"), "sha256"
    if "s" in tags.values and not {"*", "email"} & set(_listed(tags.get("s"))):
        yield "s", tags.get("s"), "*, email"


def _listed(value: str) -> list[str]:
    return [piece.strip().lower() for piece in value.split(":")]


def _key(key: Key, *, is_explained: bool) -> Iterator[Note]:
    values: dict[str, Value] = {"name": key.name, "bits": key.bits, "algorithm": key.algorithm or "-"}
    if key.state in _STATES:
        if key.state != "unusable" or not is_explained:
            yield Note(_STATES[key.state], values)
        return
    if key.algorithm == "rsa" and key.bits < GOOD_BITS:
        yield Note("dkim-short-key", values)
    else:
        yield Note("dkim-key", values, is_good=True)
    if key.is_test:
        yield Note("dkim-test-mode", values)
