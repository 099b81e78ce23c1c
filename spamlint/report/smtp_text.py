"""The report of `spamlint smtp` for people: each step, what a refusal means, and the result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from spamlint.bounce.explain import Explained
from spamlint.report.escape import visible, width
from spamlint.report.smtp_data import SmtpReport
from spamlint.report.smtp_words import say
from spamlint.report.style import BOLD, DIM, GREEN, RED, YELLOW, Style, wrapped
from spamlint.smtp_probe.probe import Probe, Step
from spamlint.smtp_probe.security import Certificate
from spamlint.verdict import Language

_COLOURS: Final = {
    "ok": GREEN, "refused": RED, "failed": YELLOW,
    "would-relay": GREEN, "answers": GREEN, "not-tried": YELLOW,
}  # fmt: skip
_STATES: Final = ("ok", "refused", "failed", "note")
_LABELS: Final = ("connect", "banner", "starttls", "mail", "rcpt", "offers", "means", "fix", "page")
_INDENT: Final = 2
MOST_SHOWN: Final = 600
"""Code points of one reply that are shown; --format json has all of it."""


def text(report: SmtpReport, style: Style) -> str:
    """The whole report."""
    probe, language = report.probe, style.language
    lines = [style.paint(visible(str(probe.trial.target)), BOLD)]
    for number, step in enumerate(probe.steps):
        lines += _row(step.state, step.name, _said(step, probe, language), style)
        meaning = report.meanings.get(number)
        if meaning is not None:
            lines += _meaning(meaning, style)
        if step.name == "ehlo" and probe.extensions and step is _last_greeting(probe):
            offered = ", ".join(f"{word} {rest}".strip() for word, rest in probe.extensions.items())
            lines += _row("", "offers", offered[:MOST_SHOWN], style)
    for note in report.notes:
        lines += _row("note", "", note.say(language), style)
    result = say(language, f"result {probe.outcome}")
    painted = style.paint(result, _COLOURS[probe.outcome], BOLD)
    return "\n".join([*lines, "", painted]) + "\n"


def _last_greeting(probe: Probe) -> Step:
    return [step for step in probe.steps if step.name == "ehlo"][-1]


def _said(step: Step, probe: Probe, language: Language) -> str:
    """What stands behind the name of a step."""
    if step.why is not None:
        return say(language, step.why, **step.values)
    if step.name == "tls" and probe.certificate is not None:
        return _certificate(probe.certificate, language)
    said = step.reply.text[:MOST_SHOWN] if step.reply is not None else ""
    about = f"<{step.about}>" if step.name in ("mail", "rcpt") else step.about
    if step.name == "ehlo" and step.state == "ok":
        return about
    return f"{about}: {said}" if about and said else about or said


def _certificate(certificate: Certificate, language: Language) -> str:
    said = f"{certificate.version}, {certificate.cipher}"
    if certificate.ends is None:
        return said
    names = ", ".join(certificate.names) or "-"
    ends = certificate.ends.strftime("%Y-%m-%d")
    return f"{said}; " + say(language, "certificate", names=names, ends=ends, issuer=certificate.issuer)


def _meaning(meaning: Explained, style: Style) -> Sequence[str]:
    words = meaning.cause.words[style.language]
    lines = _row("", "means", f"{words.title}. {words.meaning}", style)
    lines += _row("", "fix", words.fix, style)
    return lines + (_row("", "page", meaning.page, style) if meaning.page else [])


def _row(state: str, label: str, said: str, style: Style) -> list[str]:
    """One line of the table, wrapped: the state, the step, and what was said."""
    language = style.language
    first = max(width(say(language, key)) for key in _STATES) + 2
    second = max(width(say(language, key)) for key in _LABELS) + 2
    shown = say(language, state) if state else ""
    name = say(language, label) if label else ""
    if state == "note":
        second = 0
    painted = style.paint(shown, _COLOURS.get(state, DIM)) if shown else ""
    head = " " * _INDENT + painted + " " * (first - width(shown)) + name + " " * (second - width(name))
    lines = []
    for line in wrapped(said, style.room(_INDENT + first + second)):
        lines.append((head + line).rstrip())
        head = " " * (_INDENT + first + second)
    return lines
