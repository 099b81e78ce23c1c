"""What a domain says about TLS on the way to it: MTA-STS (RFC 8461), and reports about it (RFC 8460)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spamlint.sender.dns import Dns
from spamlint.sender.notes import Note, not_checked
from spamlint.sender.records import policy_file
from spamlint.sender.records.addresses import is_https, mail_domain, uris
from spamlint.sender.records.policy_file import Https
from spamlint.sender.records.tags import MOST_PROBLEMS, quoted, read, records_like

_ID = re.compile(r"[A-Za-z0-9]{1,32}")


def transport_notes(dns: Dns, domain: str, https: Https | None = None) -> Iterator[Note]:
    """Everything about both records. The policy file is fetched where `https` says how."""
    policy, reports = dns.ask_all([(f"_mta-sts.{domain}", "TXT"), (f"_smtp._tls.{domain}", "TXT")])
    if not policy.is_known:
        yield not_checked("MTA-STS", policy)
    else:
        exact, near = records_like(policy, "STSv1")
        good = [text for text in exact if _ID.fullmatch(read(text).get("id"))]
        bad = [*near, *(text for text in exact if text not in good)]
        yield from (Note("mta-sts-bad-record", {"name": policy.name, "record": quoted(one)}) for one in bad[:3])
        if len(good) > 1:
            yield Note("mta-sts-several-records", {"name": policy.name})
        if not exact and not near:
            yield Note("mta-sts-absent", {"domain": domain}, is_good=True, is_news=True)
        elif len(good) == 1:
            yield from _policy(dns, domain, https)
    if not reports.is_known:
        yield not_checked("TLS-RPT", reports)
    else:
        yield from report_notes(domain, reports.name, *records_like(reports, "TLSRPTv1"))


def report_notes(domain: str, name: str, exact: list[str], near: list[str]) -> Iterator[Note]:
    """Everything about the record that says where reports on TLS go."""
    bad = near if len(exact) < 2 else [*near, *exact]
    yield from (Note("tls-rpt-bad-record", {"name": name, "record": quoted(text)}) for text in bad[:MOST_PROBLEMS])
    for text in exact[:1]:
        addresses = uris(read(text).get("rua"))
        wrong = [one for one in addresses if not mail_domain(one, sized=False) and not is_https(one)]
        yield from (Note("tls-rpt-bad-address", {"name": name, "uri": quoted(one) or "-"}) for one in wrong)
        if not wrong:
            told = quoted(", ".join(addresses))
            yield Note("tls-rpt-record", {"domain": domain, "addresses": told}, is_good=True, is_news=True)
    if not exact and not near:
        yield Note("tls-rpt-absent", {"domain": domain}, is_good=True, is_news=True)


def _policy(dns: Dns, domain: str, https: Https | None) -> Iterator[Note]:
    url = f"https://mta-sts.{domain}/.well-known/mta-sts.txt"
    if https is None:
        yield Note("mta-sts-record", {"domain": domain, "url": url}, is_good=True, is_news=True)
        return
    found = policy_file.fetched(dns, domain, https)
    if found.failure:
        yield Note("mta-sts-no-policy", {"domain": domain, "url": url, "said": found.failure})
        return
    yield from file_notes(dns, domain, url, found.text)


def file_notes(dns: Dns, domain: str, url: str, text: str) -> Iterator[Note]:
    """Everything about the policy that the file holds."""
    policy = policy_file.read(text)
    for line in policy.bad[:MOST_PROBLEMS]:
        yield Note("mta-sts-bad-policy", {"url": url, "line": quoted(line)})
    if policy.bad:
        return
    if policy.life < policy_file.SHORT_LIFE:
        yield Note("mta-sts-short-life", {"url": url, "seconds": policy.life})
    exchange = dns.ask(domain, "MX")
    if not exchange.is_known:
        yield not_checked("MTA-STS", exchange)
    hosts = [record.partition(" ")[2].rstrip(".") for record in exchange.records]
    for host in hosts if policy.mode != "none" else []:
        if host and not policy.covers(host):
            yield Note("mta-sts-other-host", {"url": url, "host": host, "domain": domain})
    yield Note(f"mta-sts-{policy.mode}", {"domain": domain, "days": policy.life // 86_400}, is_good=True, is_news=True)
