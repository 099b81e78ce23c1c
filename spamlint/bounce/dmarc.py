"""DMARC aggregate reports (RFC 7489), and SMTP TLS reports (RFC 8460): plain, in gzip, or in a zip archive.

What is unpacked is bounded by the budget of `containers`; XML is read without entities, DTDs or a network.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from spamlint.bounce.notice import Notice, Refusal
from spamlint.bounce.reply import one_line
from spamlint.containers import streams, zip_archive
from spamlint.containers.budget import Budget

LARGEST: Final = 8 * 1024 * 1024
"""Bytes of one report, unpacked; a larger one is not read."""
ROWS: Final = 10_000
"""Rows of one report that are read."""
SOURCES: Final = 5
"""Servers that are named at most."""
_FILES: Final = 10
"""Files of one archive that are tried."""


def report(data: bytes, budget: Budget) -> Notice | None:
    """The report in `data`, or None where there is none."""
    for plain in _unpacked(data, budget):
        head = plain[:2048].lstrip(b"\xef\xbb\xbf \t\r\n")
        notice = None
        if head.startswith(b"<") and (b"<feedback" in head or b":feedback" in head):
            notice = _aggregate(plain) if len(plain) <= LARGEST else Notice("dmarc-report", limits=("report",))
        elif head.startswith(b"{") and b"organization-name" in plain[: 64 * 1024]:
            notice = _tls(plain)
        if notice is not None:
            return notice
    return None


def _unpacked(data: bytes, budget: Budget) -> Iterator[bytes]:
    if data.startswith(b"\x1f\x8b"):
        yield streams.unpack(memoryview(data), "gz", budget, LARGEST + 1)
    elif data.startswith(b"PK\x03\x04"):
        for number, entry in enumerate(zip_archive.entries(data, budget, _ignore)):
            if number == _FILES:
                return
            if entry.read is not None:
                yield entry.read(LARGEST + 1)
    else:
        yield data


def _ignore(_: str) -> None:
    """What a reader of archives notices is of no interest here: the report is there, or is not."""


def _aggregate(data: bytes) -> Notice | None:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is None or _name(root) != "feedback":
        return None
    counts: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    for number, record in enumerate(child for child in root if _name(child) == "record"):
        if number == ROWS:
            return _counted(root, counts, sources, ("rows",))
        _count(record, counts, sources)
    return _counted(root, counts, sources, ())


def _count(record: Any, counts: Counter[str], sources: Counter[str]) -> None:
    number = _number(_text(record, "count"))
    passed = "pass" in (_text(record, "policy_evaluated", "dkim"), _text(record, "policy_evaluated", "spf"))
    disposition = _text(record, "disposition")
    counts["messages"] += number
    counts["failed"] += 0 if passed else number
    counts["refused"] += number if disposition in ("reject", "quarantine") else 0
    if not passed:
        sources[_text(record, "source_ip")] += number


def _counted(root: Any, counts: Counter[str], sources: Counter[str], limits: tuple[str, ...]) -> Notice:
    facts = [
        ("reporter", _text(root, "org_name")),
        ("domain", _text(root, "policy_published", "domain")),
        ("policy", _text(root, "policy_published", "p")),
        *((key, str(counts[key])) for key in ("messages", "failed", "refused")),
        ("sources", ", ".join(f"{source} ({number})" for source, number in sources.most_common(SOURCES))),
    ]
    return Notice("dmarc-report", (Refusal("", action="delivered"),), facts=_kept(facts), limits=limits)


def _text(element: Any, *names: str) -> str:
    """The text of the first element of those names, one in the other; namespaces do not count."""
    for name in names:
        inner = (child for child in element.iterdescendants() if _name(child) == name)
        element = next(inner, None)
        if element is None:
            return ""
    return one_line(element.text or "")[:255]


def _name(element: Any) -> str:
    """The local name; "" for a comment or the like."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 1


def _tls(data: bytes) -> Notice | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    counts: Counter[str] = Counter()
    domains: dict[str, None] = {}
    policies = found.get("policies")
    for policy in policies[:ROWS] if isinstance(policies, list) else ():
        if isinstance(policy, dict):
            _count_policy(policy, counts, domains)
    facts = [
        ("reporter", one_line(str(found.get("organization-name", "")))[:255]),
        ("domain", ", ".join(list(domains)[:SOURCES])),
        ("connections", str(counts["sessions"] + counts["failed"])),
        ("not encrypted", str(counts["failed"])),
    ]
    return Notice("tls-report", (Refusal("", action="delivered"),), facts=_kept(facts))


def _count_policy(policy: dict[str, Any], counts: Counter[str], domains: dict[str, None]) -> None:
    inner, summary = policy.get("policy"), policy.get("summary")
    if isinstance(inner, dict):
        domains[one_line(str(inner.get("policy-domain", "")))[:255]] = None
    if isinstance(summary, dict):
        for key, name in (("sessions", "total-successful-session-count"), ("failed", "total-failure-session-count")):
            value = summary.get(name)
            counts[key] += value if isinstance(value, int) and 0 <= value < 10**12 else 0


def _kept(facts: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key, value in facts if value)
