"""The JSON form of the report of `spamlint bounce`, written as it grows; docs/bounce.md describes it."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import indent
from typing import Any

from spamlint.bounce.explain import Explained, reply_of
from spamlint.report.bounce_data import BounceReport, BounceSummary
from spamlint.report.json import encoded
from spamlint.verdict import Language


def opening(version: str) -> str:
    """The start of the whole report."""
    return f'{{\n  "version": {encoded(version)},\n  "inputs": ['


def entry(report: BounceReport, language: Language, *, first: bool) -> str:
    """One more input."""
    return ("\n" if first else ",\n") + indent(encoded(input_object(report, language), spaces=2), "    ")


def closing(total: BounceSummary) -> str:
    """The counts, what could not be read, and the end."""
    domains = [
        {"domain": domain, "count": counts.total(), "classes": _counts(counts)} for domain, counts in total.by_domain()
    ]
    summary = {
        "inputs": total.inputs,
        "recipients": total.refusals,
        "classes": _counts(total.causes),
        "domains": domains,
    }
    unreadable = [{"path": path, "reason": reason} for path, reason in total.unreadable]
    return f'\n  ],\n  "summary": {encoded(summary)},\n  "unreadable": {encoded(unreadable)}\n}}\n'


def _counts(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return [{"class": name, "count": number} for name, number in rows]


def input_object(report: BounceReport, language: Language) -> dict[str, Any]:
    """One input: the first of its refusals in full, and each of them."""
    first = report.first
    notice = report.notice
    return {
        "path": report.path,
        "message_index": report.message_index,
        "kind": notice.kind,
        **_refusal(report, first, language),
        "title": first.cause.words[language].title,
        "meaning": first.cause.words[language].meaning,
        "rules": list(first.cause.rules),
        "recipients": [_refusal(report, one, language) for one in report.explained],
        "facts": dict(notice.facts),
        "returned": None if notice.original is None else "message" if notice.original.is_whole else "headers",
        "culprits": [
            {"rule": one.rule, "title": one.title, "message": one.message, "score": one.score / 10}
            for one in report.culprits
        ],
        "limits": list(notice.limits),
    }


def _refusal(report: BounceReport, one: Explained, language: Language) -> dict[str, Any]:
    return {
        "class": one.cause.name,
        "action": one.cause.who,
        "status": one.status or None,
        "status_meaning": report.status_words.get(one.status) or None,
        "reply": reply_of(one) or None,
        "message": one.text,
        "fix": one.cause.words[language].fix,
        "page": one.page or None,
        "provider": one.provider or None,
        "recipient": one.refusal.recipient or None,
        "delivery": one.refusal.action,
        "by": one.by,
    }
