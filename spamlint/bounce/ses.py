"""Notices of Amazon SES as JSON, pasted or sent by mail."""

from __future__ import annotations

import re

from spamlint.bounce.notice import Notice, Refusal
from spamlint.bounce.reply import one_line, status_code

_MOST = 1_000
_KIND = re.compile(r'"(?:notificationType|eventType)"\s{0,9}:\s{0,9}"(Bounce|Complaint|Delivery)"')
_RECIPIENT = re.compile(r'"emailAddress"\s{0,9}:\s{0,9}"([^"\\]{1,320})"')
_DIAGNOSTIC = re.compile(r'"diagnosticCode"\s{0,9}:\s{0,9}"((?:[^"\\]|\\.){1,2000})"')


def notice(text: str) -> Notice | None:
    """The notice in `text`, or None where there is none."""
    kind = _KIND.search(text)
    if kind is None:
        return None
    recipients = [re.sub(r"\s", "", found[1]) for found in _RECIPIENT.finditer(text)][:_MOST] or [""]
    if kind[1] == "Complaint":
        return Notice("complaint", tuple(Refusal("", one, action="delivered") for one in dict.fromkeys(recipients)))
    if kind[1] == "Delivery":
        return Notice("dsn", (Refusal("", recipients[0], action="delivered"),))
    said = [re.sub(r"\\(.)", r"\1", found[1]) for found in _DIAGNOSTIC.finditer(text)][:_MOST] or [""]
    texts = [one_line(re.sub(r"^smtp; ?", "", one)) for one in said]
    pairs = zip(recipients, texts, strict=False)
    return Notice("dsn", tuple(Refusal(one, recipient, status_code(one)) for recipient, one in pairs))
