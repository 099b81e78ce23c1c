"""Log lines of mail servers: Postfix, Sendmail, Exim, qmail, Microsoft Exchange and Exchange Online."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from spamlint.bounce.fields import address
from spamlint.bounce.notice import Action, Refusal
from spamlint.bounce.reply import LONGEST, one_line, status_code

MOST: Final = 10_000
"""Refusals of one log that are kept."""

_POSTFIX = re.compile(r"\bto=<([^<>\s]{0,320})>,.{0,500}?\bstatus=(\w{1,20}) \((.*)\)\s*$")
_REJECT = re.compile(r"\b(?:NOQUEUE|[0-9A-Za-z]{6,20}): (?:milter-)?reject: .{0,400}?: ([45]\d\d .*)$")
_SENDMAIL = re.compile(r"\bto=<?([^<>\s,]{1,320})>?,.{0,500}?\bdsn=([245]\.\d{1,3}\.\d{1,3}), stat=(.*)$")
_EXIM = re.compile(r"^.{0,80}?\s(\*\*|==|=>|->) (\S{1,320})\s(.*)$")
_EXIM_ROUTE = re.compile(r"^(?:(?:[A-Z]|DT|QT)=\S{1,300}(?: \[[^\]\s]{1,60}\])?:? ?){1,9}")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,998}>")
_EXIM_ID = re.compile(r"\b[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}\s")
_EXIM_REJECT = re.compile(r"\brejected (?:RCPT|MAIL|after DATA|EHLO or HELO|HELO|EHLO)\b(.{0,400}?): (.*)$")
_QMAIL = re.compile(r"\bdelivery \d{1,12}: (failure|deferral|success): (\S.*)$")
_LED = re.compile(r"\bLED=([^}]{1,4000})\}")
_TRACKING = re.compile(r",(FAIL|DSN|DEFER|BADMAIL|REJECT)\b")
_PROTOCOL = re.compile(r",[<>\-*],\"?([45]\d\d[ -].*?)\"?,[^,]*$")
_CSV_REPLY = re.compile(r"\b([45]\d\d [45]\.\d{1,3}\.\d{1,3} [^\"]{1,2000})")
_ENHANCED: Final = re.compile(r"\bdsn=([245]\.\d{1,3}\.\d{1,3})")
_RELAY = re.compile(r"\brelay=([^\s,\[]{1,255})")
_HOST = re.compile(r"\bhost ([^\s\[:]{1,255})")


def refusals(lines: Sequence[str]) -> tuple[Refusal, ...]:
    """What the lines say, one refusal each; of deliveries that went well only the first, where nothing else is told."""
    found: list[Refusal] = []
    delivered: list[Refusal] = []
    for line in lines:
        refusal = _read(line[:LONGEST])
        if refusal is not None and refusal.action == "delivered":
            delivered = delivered or [refusal]
        elif refusal is not None:
            found.append(refusal)
            if len(found) == MOST:
                break
    return tuple(found or delivered)


def _read(line: str) -> Refusal | None:
    for reader in _READERS:
        found = reader(line)
        if found is not None:
            return found
    return None


def _postfix(line: str) -> Refusal | None:
    found = _POSTFIX.search(line)
    if found is None:
        return None
    action: Action = {"deferred": "delayed", "sent": "delivered", "bounced": "failed"}.get(found[2], "failed")  # type: ignore[assignment]
    status, relay = _ENHANCED.search(line), _RELAY.search(line)
    server = "" if relay is None or relay[1] == "none" else relay[1]
    return Refusal(one_line(found[3]), found[1], status[1] if status else "", server, action)


def _reject(line: str) -> Refusal | None:
    found = _REJECT.search(line)
    if found is None:
        return None
    text = found[1].partition("; from=")[0]
    recipient = re.search(r"\bto=<([^<>\s]{1,320})>", line)
    return Refusal(one_line(text), recipient[1] if recipient else "", status_code(text), action=_by_code(text))


def _sendmail(line: str) -> Refusal | None:
    found = _SENDMAIL.search(line)
    if found is None:
        return None
    action: Action = "failed"
    if found[2].startswith("2"):
        action = "delivered"
    elif found[2].startswith("4"):
        action = "delayed"
    relay = _RELAY.search(line)
    return Refusal(one_line(found[3]), address(found[1]) or found[1], found[2], relay[1] if relay else "", action)


def _exim(line: str) -> Refusal | None:
    if not _EXIM_ID.search(line[:120]):
        return None
    found = _EXIM.match(line)
    if found is None:
        return _exim_reject(line)
    action: Action = {"**": "failed", "==": "delayed"}.get(found[1], "delivered")  # type: ignore[assignment]
    text = _EXIM_ROUTE.sub("", found[3])
    host = _HOST.search(found[3])
    return Refusal(one_line(text), address(found[2]), status_code(text), host[1] if host else "", action)


def _exim_reject(line: str) -> Refusal | None:
    found = _EXIM_REJECT.search(line)
    if found is None:
        return None
    return Refusal(one_line(found[2]), address(found[1]), status_code(found[2]))


def _qmail(line: str) -> Refusal | None:
    found = _QMAIL.search(line)
    if found is None:
        return None
    text = found[2].replace("_", " ")
    action: Action = {"deferral": "delayed", "success": "delivered"}.get(found[1], "failed")  # type: ignore[assignment]
    return Refusal(one_line(text), status=status_code(text), action=action)


def _microsoft(line: str) -> Refusal | None:
    led = _LED.search(line)
    if led is not None:
        return Refusal(
            one_line(led[1]), address(_MESSAGE_ID.sub("", line)), status_code(led[1]), action=_by_code(led[1])
        )
    protocol = _PROTOCOL.search(line)
    if protocol is not None and line.count(",") > 5:
        return Refusal(
            one_line(protocol[1]), address(protocol[1]), status_code(protocol[1]), action=_by_code(protocol[1])
        )
    reply = _CSV_REPLY.search(line)
    if reply is not None and line.count(",") > 8 and _TRACKING.search(line):
        return Refusal(
            one_line(reply[1]), address(_MESSAGE_ID.sub("", line)), status_code(reply[1]), action=_by_code(reply[1])
        )
    return None


def _by_code(text: str) -> Action:
    return "delayed" if text.lstrip().startswith("4") else "failed"


_READERS: Final[tuple[Callable[[str], Refusal | None], ...]] = (
    _postfix, _reject, _sendmail, _exim, _exim_reject, _qmail, _microsoft,
)  # fmt: skip
