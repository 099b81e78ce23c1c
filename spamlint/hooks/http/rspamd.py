"""A decision in the form of rspamd's `POST /checkv2`."""

from __future__ import annotations

from typing import Any

from spamlint.guard.decision import Decision
from spamlint.hooks.symbols import NOT_CHECKED, symbol

ACTIONS = {"reject": "reject", "tempfail": "soft reject", "quarantine": "quarantine"}


def reply(decision: Decision, seconds: float) -> dict[str, Any]:
    """The object that clients of rspamd read. The action is that of the policy, the score that of the verdict."""
    report = decision.report
    block_at = report.block_at / 10 if report is not None else 0.0
    return {
        "is_skipped": bool(decision.unjudged),
        "score": report.score / 10 if report is not None else 0.0,
        "required_score": block_at,
        "action": action(decision),
        "thresholds": {"reject": block_at, "add header": report.warn_at / 10} if report is not None else {},
        "symbols": _symbols(decision),
        "messages": {"smtp_message": " ".join(decision.reply.lines)} if decision.reply is not None else {},
        "urls": [],
        "emails": [],
        "message-id": "undef",
        "time_real": round(seconds, 6),
        "milter": {
            "remove_headers": {name: 0 for name, _ in decision.remove},
            "add_headers": {name: {"value": value, "order": 0} for name, value in decision.add},
        },
        "report_id": decision.report_id,
    }


def action(decision: Decision) -> str:
    """What rspamd calls the action; mail that is tagged has fields to be added."""
    return ACTIONS.get(decision.action) or ("add header" if decision.add else "no action")


def _symbols(decision: Decision) -> dict[str, Any]:
    report = decision.report
    found = {
        symbol(one.rule): _symbol(symbol(one.rule), one.score / 10, one.title, [one.rule])
        for one in (report.findings if report is not None else ())
    }
    if decision.unjudged:
        found[NOT_CHECKED] = _symbol(NOT_CHECKED, 0.0, "The message was not checked", [decision.unjudged])
    return found


def _symbol(name: str, score: float, description: str, options: list[str]) -> dict[str, Any]:
    return {"name": name, "score": score, "metric_score": score, "description": description, "options": options}
