"""What Gmail, Yahoo and Microsoft ask of those who send to many, as far as a route and a message show it.

https://support.google.com/a/answer/81126, https://senders.yahooinc.com/best-practices/ and
https://techcommunity.microsoft.com/blog/microsoftdefenderforoffice365blog/4399730
"""

from __future__ import annotations

from collections.abc import Iterator

from spamlint.message import Message
from spamlint.sender.evidence import Evidence

_SHARED = ("SPF", "DKIM", "DMARC")
_MAY_BE_UNSAID = ("TLS", "List-Unsubscribe-Post")
"""What nothing in the DNS tells: a route may leave it open, and without a message it is not known."""
PROVIDERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Gmail", (*_SHARED, "PTR", "TLS", "List-Unsubscribe-Post")),
    ("Yahoo", (*_SHARED, "PTR", "List-Unsubscribe-Post")),
    ("Microsoft", _SHARED),
)


def bulk_notes_of(evidence: Evidence, message: Message | None) -> Iterator[tuple[str, str]]:
    """Each provider that could be judged, with what it asks for and does not get: "" where nothing is missing."""
    holds: dict[str, bool | None] = {
        "SPF": evidence.spf_passes,
        "DKIM": evidence.dkim_passes,
        "DMARC": None if evidence.dmarc.failed is not None else _dmarc(evidence),
        "PTR": _reverse(evidence),
        "TLS": evidence.route.tls,
        "List-Unsubscribe-Post": None if message is None else _is_one_click(message),
    }
    for provider, asked in PROVIDERS:
        missing = [name for name in asked if holds[name] is False]
        # Where something is not known, nothing is said but what is missing for sure.
        if missing or all(holds[name] for name in asked if name not in _MAY_BE_UNSAID):
            yield provider, ", ".join(missing)


def _dmarc(evidence: Evidence) -> bool | None:
    return evidence.dmarc_passes if evidence.dmarc.record else False


def _reverse(evidence: Evidence) -> bool | None:
    states = {one.state for one in evidence.reverses}
    if states & {"missing", "unconfirmed"}:
        return False
    return True if states == {"good"} else None


def _is_one_click(message: Message) -> bool:
    post = message.header("list-unsubscribe-post")
    return (
        post is not None and "one-click" in post.body.value.lower() and message.header("list-unsubscribe") is not None
    )
