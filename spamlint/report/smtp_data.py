"""What the reports of `spamlint smtp` show: the trial, what its refusals mean, and what else is worth knowing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from spamlint.bounce.explain import Explained, Explainer
from spamlint.bounce.notice import Notice, Refusal
from spamlint.report.smtp_words import say
from spamlint.smtp_probe.probe import Probe, Step
from spamlint.smtp_probe.security import SOON_DAYS, Certificate
from spamlint.verdict import Language

NoteKey: TypeAlias = Literal[
    "flaw name", "flaw expired", "flaw not-yet", "flaw self-signed", "flaw unknown-issuer", "flaw other",
    "ends soon", "not encrypted", "auth first", "try auth", "for now", "size",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know about the server."""

    key: NoteKey
    values: Mapping[str, str | int]

    def say(self, language: Language) -> str:
        """The note in words."""
        return say(language, self.key, **self.values)


@dataclass(frozen=True, slots=True)
class SmtpReport:
    """A trial and what it means. `meanings` are those of the steps that were refused, by their numbers."""

    probe: Probe
    meanings: Mapping[int, Explained]
    notes: tuple[Note, ...]


def smtp_report(probe: Probe, now: datetime) -> SmtpReport:
    """What there is to say about a trial at the moment `now`."""
    refused = {n: step for n, step in enumerate(probe.steps) if step.state == "refused" and step.reply is not None}
    explainer = Explainer() if refused else None
    meanings = {number: _meaning(explainer, probe, step) for number, step in refused.items()} if explainer else {}
    return SmtpReport(probe, meanings, tuple(_notes(probe, now)))


def _meaning(explainer: Explainer, probe: Probe, step: Step) -> Explained:
    assert step.reply is not None
    recipient = step.about if step.name == "rcpt" else ""
    refusal = Refusal(step.reply.text, recipient, server=probe.trial.target.host)
    return explainer.explain(Notice("reply", (refusal,)))[0]


def _notes(probe: Probe, now: datetime) -> Iterator[Note]:
    done = {step.name for step in probe.steps if step.state == "ok"}
    if probe.certificate is not None:
        yield from _on_certificate(probe.certificate, probe.trial.target.host, now)
    elif "mail" in done or ("ehlo" in done and probe.outcome == "answers"):
        yield Note("not encrypted", {})
    if probe.auth_before_tls:
        yield Note("auth first", {})
    for step in probe.steps:
        if step.state != "refused" or step.reply is None:
            continue
        if step.name in ("mail", "rcpt") and not probe.trial.user and probe.mechanisms:
            yield Note("try auth", {"offered": ", ".join(probe.mechanisms)})
        if step.reply.code < 500:
            yield Note("for now", {})
        break
    if probe.largest:
        yield Note("size", {"largest": probe.largest})


def _on_certificate(certificate: Certificate, host: str, now: datetime) -> Iterator[Note]:
    days = certificate.days_left(now)
    match certificate.flaw:
        case "name":
            yield Note("flaw name", {"host": host})
        case "expired":
            yield Note("flaw expired", {})
        case "not-yet":
            yield Note("flaw not-yet", {})
        case "self-signed":
            yield Note("flaw self-signed", {})
        case "unknown-issuer":
            yield Note("flaw unknown-issuer", {})
        case "other":
            yield Note("flaw other", {"detail": certificate.detail})
    if days is not None and 0 <= days < SOON_DAYS:
        yield Note("ends soon", {"days": days})
