"""DMARC (RFC 7489): which policy holds for a domain in From, and what is aligned with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from spamlint.names.domains import registrable
from spamlint.sender.dns import Answer, Dns

Policy: TypeAlias = Literal["none", "quarantine", "reject"]
POLICIES: tuple[Policy, ...] = ("none", "quarantine", "reject")
_VERSION = re.compile(r"v\s*=\s*DMARC1\s*(?:;|\Z)")


@dataclass(frozen=True, slots=True)
class Dmarc:
    """What is published about mail with a domain in From."""

    name: str
    """Where the record is, or would be: "_dmarc.bakery.example"."""
    record: str = ""
    """"": there is none that holds."""
    published: tuple[str, ...] = ()
    """All that are there, also those that do not hold."""
    policy: Policy = "none"
    """For this domain, `sp` heeded where it is a subdomain."""
    percent: int = 100
    is_test: bool = False
    """t=y of RFC 9989, which asks for the next milder policy."""
    strict_spf: bool = False
    strict_dkim: bool = False
    several: bool = False
    """Several records, so none of them holds (section 6.6.3)."""
    failed: Answer | None = None
    """The question that nobody answered: what holds is not known."""

    @property
    def mildest(self) -> Policy:
        """What is asked for of the mail that `pct` and `t` spare."""
        return POLICIES[max(POLICIES.index(self.policy) - 1, 0)] if self.percent < 100 or self.is_test else self.policy


def discovered(dns: Dns, domain: str) -> Dmarc:
    """The policy for mail from `domain`: its own record, else that of the domain that somebody registered."""
    home = registrable(domain)
    for place in dict.fromkeys((domain, home)):
        name = f"_dmarc.{place}"
        answer = dns.ask(name, "TXT")
        if not answer.is_known:
            return Dmarc(name, failed=answer)
        records = [record for record in answer.records if _VERSION.match(record)]
        if len(records) > 1:
            return Dmarc(name, several=True, published=tuple(records))
        if records:
            return _read(name, records[0], is_sub=place != domain)
    return Dmarc(f"_dmarc.{home}")


def _read(name: str, record: str, *, is_sub: bool) -> Dmarc:
    tags = tags_of(record)
    own = policy_in(record)
    if own is None:
        # Section 6.6.3: without a policy that can be read, one with a place for reports asks for nothing.
        return Dmarc(name, record if "mailto:" in tags.get("rua", "") else "", (record,))
    inherited = _policy(tags.get("sp", "")) or own
    percent = tags.get("pct", "100")
    return Dmarc(
        name,
        record,
        (record,),
        policy=inherited if is_sub else own,
        percent=min(int(percent[:4]), 100) if percent.isdecimal() and percent.isascii() else 100,
        is_test=tags.get("t", "") == "y",
        strict_spf=tags.get("aspf", "r").lower() == "s",
        strict_dkim=tags.get("adkim", "r").lower() == "s",
    )


def tags_of(record: str) -> dict[str, str]:
    """The tags of a record of DMARC or DKIM, by their names; of several of one name the first."""
    tags: dict[str, str] = {}
    for piece in record.split(";"):
        name, equals, value = piece.partition("=")
        if equals:
            tags.setdefault(name.strip().lower(), value.strip())
    return tags


def policy_in(record: str) -> Policy | None:
    """The policy that a record asks for; None where it names none."""
    return _policy(tags_of(record).get("p", ""))


def _policy(text: str) -> Policy | None:
    return next((policy for policy in POLICIES if policy == text.lower()), None)


def is_aligned(domain: str, sender: str, *, strict: bool) -> bool:
    """Whether `domain`, of SPF or DKIM, speaks for `sender`, the domain in From (section 3.1)."""
    one, other = domain.lower().rstrip("."), sender.lower().rstrip(".")
    return one == other or (not strict and registrable(one) == registrable(other))
