"""The DMARC record of a domain (RFC 7489, RFC 9989): its tags, its policy, and where reports go."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from spamlint.names.domains import registrable
from spamlint.sender.dns import Dns
from spamlint.sender.notes import Note, not_checked
from spamlint.sender.records.addresses import mail_domain, uris
from spamlint.sender.records.tags import MOST_PROBLEMS, Tags, quoted, read, records_like

_POLICIES = "none|quarantine|reject"
_VALUES: Mapping[str, tuple[re.Pattern[str], str]] = {
    name: (re.compile(pattern, re.IGNORECASE), allowed)
    for name, pattern, allowed in (
        ("p", _POLICIES, "none, quarantine, reject"),
        ("sp", _POLICIES, "none, quarantine, reject"),
        ("np", _POLICIES, "none, quarantine, reject"),
        ("adkim", "r|s", "r, s"),
        ("aspf", "r|s", "r, s"),
        ("pct", r"100|[1-9]?[0-9]", "0 ... 100"),
        ("fo", r"[01ds](?:\s*:\s*[01ds])*", "0, 1, d, s"),
        ("ri", r"[0-9]{1,10}", "86400"),
        ("rf", r"afrf(?:\s*:\s*afrf)*", "afrf"),
        ("t", "y|n", "y, n"),
        ("psd", "y|n|u", "y, n, u"),
    )
}
_KNOWN = {"v", "rua", "ruf", *_VALUES}


def dmarc_notes(dns: Dns, domain: str) -> Iterator[Note]:
    """Everything about the record that holds for mail from `domain`: its own, or that of the organisation."""
    home = registrable(domain)
    places = list(dict.fromkeys((domain, home)))
    answers = dns.ask_all((f"_dmarc.{place}", "TXT") for place in places)
    for place, answer in zip(places, answers, strict=True):
        if not answer.is_known:
            yield not_checked("DMARC", answer)
            return
        exact, near = records_like(answer, "DMARC1")
        for text in near[:MOST_PROBLEMS]:
            yield Note("dmarc-bad-version", {"name": answer.name, "record": quoted(text)})
        if len(exact) > 1:
            yield Note("dmarc-several-records", {"name": answer.name, "domain": place})
        for text in exact[:MOST_PROBLEMS]:
            yield from record_notes(answer.name, read(text))
            yield from _outside(dns, place, answer.name, read(text))
        if exact or near:
            return
    record = f"v=DMARC1; p=none; rua=mailto:postmaster@{home}"
    yield Note("no-dmarc", {"domain": home, "name": f"_dmarc.{home}", "record": record})


def record_notes(name: str, tags: Tags) -> Iterator[Note]:
    """What is wrong with the record by itself."""
    for piece in tags.bad:
        yield Note("dmarc-bad-tag", {"name": name, "tag": piece})
    for tag, value in list(tags.values.items())[:100]:
        if tag not in _KNOWN:
            yield Note("dmarc-unknown-tag", {"name": name, "tag": quoted(tag)})
        elif tag in _VALUES and not _VALUES[tag][0].fullmatch(value):
            allowed = _VALUES[tag][1]
            yield Note("dmarc-bad-value", {"name": name, "tag": tag, "value": quoted(value), "allowed": allowed})
    yield from _policy(name, tags)
    yield from _reports(name, tags)


def _policy(name: str, tags: Tags) -> Iterator[Note]:
    policy = tags.get("p").lower()
    if not policy:
        yield Note("dmarc-no-policy", {"name": name})
        return
    if policy == "none":
        yield Note("dmarc-policy-none", {"name": name})
        yield Note("dmarc-watching", {"name": name, "record": tags.text}, is_good=True, is_news=True)
    elif policy in ("quarantine", "reject"):
        percent = tags.get("pct", "100")
        if _VALUES["pct"][0].fullmatch(percent) and int(percent) < 100:
            yield Note("dmarc-partial", {"name": name, "percent": int(percent), "policy": policy})
        if tags.get("t").lower() == "y":
            yield Note("dmarc-in-test", {"name": name, "policy": policy})
        if tags.get("sp").lower() == "none":
            yield Note("dmarc-open-subdomains", {"name": name, "policy": policy})
        values = {"name": name, "policy": policy, "record": tags.text}
        yield Note("dmarc-record", values, is_good=True, is_news=True)


def _reports(name: str, tags: Tags) -> Iterator[Note]:
    if "rua" not in tags.values:
        yield Note("dmarc-no-reports", {"name": name})
    for tag in ("rua", "ruf"):
        if tag not in tags.values:
            continue
        for uri in uris(tags.get(tag)):
            if not mail_domain(uri, sized=True):
                yield Note("dmarc-bad-address", {"name": name, "tag": tag, "uri": quoted(uri) or "-"})


def _outside(dns: Dns, domain: str, name: str, tags: Tags) -> Iterator[Note]:
    """Whether those outside the organisation who are to get reports have agreed to (section 7.1)."""
    hosts = [mail_domain(uri, sized=True) for tag in ("rua", "ruf") if tags.get(tag) for uri in uris(tags.get(tag))]
    others = [host for host in dict.fromkeys(hosts) if host and registrable(host) != registrable(domain)]
    asked = [f"{domain}._report._dmarc.{host}" for host in others]
    for host, answer in zip(others, dns.ask_all((one, "TXT") for one in asked), strict=True):
        if not answer.is_known and answer.status != "bad-name":
            yield not_checked("DMARC", answer)
        elif not any(text.replace(" ", "").startswith("v=DMARC1") for text in answer.records):
            yield Note("dmarc-reports-refused", {"name": name, "domain": domain, "host": host, "wanted": answer.name})
