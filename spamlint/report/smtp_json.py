"""The JSON form of the report of `spamlint smtp`; docs/smtp.md describes it."""

from __future__ import annotations

from typing import Any

from spamlint.report.json import encoded
from spamlint.report.smtp_data import SmtpReport
from spamlint.report.smtp_words import say
from spamlint.smtp_probe.probe import Probe, Step
from spamlint.verdict import Language


def text(report: SmtpReport, version: str, language: Language) -> str:
    """The whole report."""
    probe = report.probe
    whole = {
        "version": version,
        "server": str(probe.trial.target),
        "host": probe.trial.target.host,
        "port": probe.trial.target.port,
        "address": probe.address,
        "outcome": probe.outcome,
        "message": say(language, f"result {probe.outcome}"),
        "steps": [_step(report, number, step, language) for number, step in enumerate(probe.steps)],
        "tls": _tls(probe),
        "extensions": probe.extensions,
        "auth": list(probe.mechanisms),
        "size": probe.largest,
        "notes": [{"key": note.key, "message": note.say(language)} for note in report.notes],
    }
    return encoded(whole, spaces=2) + "\n"


def _step(report: SmtpReport, number: int, step: Step, language: Language) -> dict[str, Any]:
    row: dict[str, Any] = {"name": step.name, "state": step.state, "about": step.about}
    if step.reply is not None:
        row |= {"code": step.reply.code, "reply": step.reply.text}
    if step.why is not None:
        row |= {"reason": step.why, "message": say(language, step.why, **step.values)}
    meaning = report.meanings.get(number)
    if meaning is not None:
        words = meaning.cause.words[language]
        row |= {
            "class": meaning.cause.name,
            "action": meaning.cause.who,
            "status": meaning.status,
            "title": words.title,
            "meaning": words.meaning,
            "fix": words.fix,
            "page": meaning.page,
            "rules": list(meaning.cause.rules),
        }
    return row


def _tls(probe: Probe) -> dict[str, Any] | None:
    certificate = probe.certificate
    if certificate is None:
        return None
    return {
        "version": certificate.version,
        "cipher": certificate.cipher,
        "flaw": certificate.flaw or None,
        "detail": certificate.detail,
        "names": list(certificate.names),
        "issuer": certificate.issuer,
        "ends": certificate.ends.isoformat() if certificate.ends is not None else None,
    }
