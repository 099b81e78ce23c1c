"""A text that a person can mail to the administrator of a domain: what to publish, in words that need no explaining."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spamlint.names.domains import registrable
from spamlint.sender.cure import PUBLIC_KEY, Change
from spamlint.sender.examine import Examination
from spamlint.sender.words import words
from spamlint.verdict import Language

_LONGEST_STRING = 255
"""Octets of one string of a TXT record (RFC 1035 section 3.3)."""


def letter(examination: Examination, language: Language) -> str:
    """The letter; "" where nothing is to be published in the zone of the domain in From."""
    changes = examination.cure.own
    return "\n".join(_lines(examination, changes, language)) if changes else ""


def _lines(examination: Examination, changes: Sequence[Change], language: Language) -> Iterator[str]:
    say, evidence = words(language), examination.evidence
    home, route = registrable(evidence.domain), evidence.route
    host = route.spf_include or route.helo or (*route.hosts, *route.ips, "")[0]
    service = f"{route.name} ({host})" if host else say["unknown-service"]
    reason = "because-fail" if evidence.dmarc_passes is False else "because"
    yield say["hello"]
    yield ""
    yield say[reason].format(address=evidence.address, service=service, domain=home)
    yield say["please"]
    for change in changes:
        yield ""
        yield f"{change.what}: {say[change.action]}"
        rows = [(say["name"], change.name), *((say["old"], old) for old in change.before), (say["new"], change.record)]
        width = max(len(label) for label, _ in rows) + 1
        yield from (f"  {label + ':':<{width}} {value}" for label, value in rows)
        yield from (f"  ({remark})" for remark in remarks(change, language))
    yield ""
    yield from alternatives(examination, language)
    yield say["thanks"]


def remarks(change: Change, language: Language) -> Iterator[str]:
    """What a person should know about the change."""
    say = words(language)
    if change.what == "SPF":
        yield say["lookups"].format(lookups=change.lookups)
        if change.is_over_limit:
            yield say["over"]
        if not change.is_enough:
            yield say["not-enough"]
    if len(change.record) > _LONGEST_STRING:
        yield say["long"].format(length=len(change.record))
    if PUBLIC_KEY in change.record:
        yield say["key"].format(key=PUBLIC_KEY)


def alternatives(examination: Examination, language: Language) -> Iterator[str]:
    """What else would help."""
    say, cure, evidence = words(language), examination.cure, examination.evidence
    if cure.envelope_to_change:
        yield say["envelope"].format(domain=evidence.domain, envelope=cure.envelope_to_change)
    if cure.needs_own_server:
        key = "own-server-at" if cure.own_servers else "own-server"
        yield say[key].format(domain=evidence.domain, hosts=", ".join(cure.own_servers))
