"""A message that may be a returned one: DSN, ARF, DMARC report, automatic answer, or one in words only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from spamlint import mime
from spamlint.bounce import dmarc, fields, prose, ses
from spamlint.bounce.notice import Notice, Original, Refusal
from spamlint.bounce.reply import one_line
from spamlint.containers.budget import Budget
from spamlint.limits import Limits
from spamlint.mime import Part
from spamlint.source import Source

_STATUS_TYPES: Final = ("message/delivery-status", "message/global-delivery-status")
_HEADER_TYPES: Final = ("text/rfc822-headers", "message/global-headers", "message/rfc822-headers")
_PACKED: Final = (
    "application/gzip", "application/x-gzip", "application/zip", "application/x-zip-compressed", "text/xml",
    "application/xml", "application/tlsrpt+gzip", "application/tlsrpt+json", "application/octet-stream",
)  # fmt: skip
_PROSE: Final = 64 * 1024

_SYSTEM = re.compile(
    r"\b(?:mailer.daemon|post_?master|mail delivery|mail administrator|bounce|mdaemon|mail deliv)", re.IGNORECASE
)
_SUBJECTS = (
    "undeliver", r"deliver(?:y|ed|able)\b.{0,40}(?:fail|status|report|problem|notif|error|delay|incomplete)",
    "returned (?:mail|to sender)", r"fail(?:ure|ed)\b.{0,20}(?:notice|mail|deliver|message)", "non.?deliver",
    "could not be delivered", "mail.{0,20}(?:fail|error|return|reject)", "delayed mail", "user unknown",
    "message.{0,20}(?:returned|rejected|delay|blocked|not delivered)", "unzustellbar", "warning: ", r"\bDSN\b",
    "niet (?:bezorgd|afgeleverd)", "onbestelbaar", "return(?:ing)? (?:mail|message|to sender)", "rejected", "bounce",
)  # fmt: skip
_SUBJECT = re.compile("|".join(_SUBJECTS), re.IGNORECASE)
_AUTO_SUBJECTS = (
    "out of (?:the )?office", "automatic reply", "auto(?:-| )?reply", "auto(?:-response)?: ", "automatisch antwoord",
    "afwezig", "abwesen", "r.ponse automatique", "vacation", "away from",
)  # fmt: skip
_AUTO_SUBJECT = re.compile(f"^(?:{'|'.join(_AUTO_SUBJECTS)})", re.IGNORECASE)


def read_mail(source: Source, limits: Limits) -> Notice:
    """The notice that the message is."""
    root = mime.parse(source, limits)
    parts = list(_own_parts(root))
    complaint = _complaint(parts)
    if complaint is not None:
        return complaint
    report = _report(parts, limits)
    if report is not None:
        return report
    text = _words(parts, limits)
    sent = ses.notice(text)
    if sent is not None:
        return sent
    said, behind = prose.told(text)
    original = _attached(parts) or _quoted(behind)
    found = [group for part in parts if _is_status(part) for group in fields.groups(part.text.value)]
    refused = fields.refusals(found, _texts(said, root))
    if refused:
        return Notice("dsn", refused, original)
    if _is_automatic(root):
        return Notice("auto-reply", (Refusal(one_line(said)[:400], action="delivered"),), original)
    return _returned(root, said, original)


def _returned(root: Part, said: str, original: Original | None) -> Notice:
    """A message without machine-readable fields."""
    failed = fields.address(_header(root, "x-failed-recipients"))
    groups = [group for group in fields.groups(said) if fields.is_status(group)]
    refused = fields.refusals(groups, _texts(said, root)) if groups else prose.refusals(said)
    if not _is_system(root) and not failed and not groups and original is None:
        return Notice("other", tuple(one for one in refused if one.text), original)
    subject = _header(root, "subject")
    filled = (replace(one, recipient=one.recipient or failed, more=(*one.more, subject)) for one in refused)
    return Notice("returned", tuple(filled), original)


def _texts(said: str, root: Part) -> tuple[str, ...]:
    """What may say why, besides the diagnostic: replies that are quoted, the words, and the subject."""
    quoted = tuple(one.text for one in prose.refusals(said) if one.text)
    return (*quoted, said, _header(root, "subject"))


def _own_parts(root: Part) -> Iterator[Part]:
    """The parts of the notice itself: an attached message is one of them, what lies in it is not."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        yield part
        if part is root or not part.is_message:
            waiting.extend(reversed(part.children))


def _complaint(parts: Sequence[Part]) -> Notice | None:
    part = next((part for part in parts if part.content_type == "message/feedback-report"), None)
    if part is None:
        if _header(parts[0], "subject").lower().startswith("complaint about message from"):
            return Notice("complaint", (Refusal("", action="delivered"),), _attached(parts))
        return None
    group: dict[str, str] = {}
    for one in fields.groups(part.text.value):
        group = {**one, **group}
    kind = group.get("feedback-type", "").strip().lower()
    keys = ("feedback-type", "source-ip", "reported-domain", "auth-failure", "arrival-date", "authentication-results")
    facts = tuple((key, one_line(group[key])[:400]) for key in keys if group.get(key))
    text = one_line(group.get("authentication-results", "")) if kind == "auth-failure" else ""
    recipient = fields.address(group.get("original-rcpt-to", "") or group.get("removal-recipient", ""))
    refusal = Refusal(text, recipient, action="failed" if kind == "auth-failure" else "delivered")
    return Notice("dmarc-report" if kind == "auth-failure" else "complaint", (refusal,), _attached(parts), facts)


def _report(parts: Sequence[Part], limits: Limits) -> Notice | None:
    """A DMARC or TLS report among the attachments."""
    budget = Budget(limits)
    for part in parts:
        if part.content_type in _PACKED and not part.children:
            found = dmarc.report(part.content, budget)
            if found is not None:
                return found
    return None


def _is_status(part: Part) -> bool:
    if part.children:
        return False
    named = part.filename is not None and part.filename.value.lower() in ("details.txt", "delivery-status.txt")
    return part.content_type in _STATUS_TYPES or named


def _words(parts: Sequence[Part], limits: Limits) -> str:
    """The text of the notice: plain parts, or HTML where there are none."""
    plain = [part.text.value for part in parts if part.content_type == "text/plain" and not part.children]
    text = "\n\n".join(plain)[:_PROSE]
    if text.strip():
        return text
    if not any(part.content_type == "text/html" for part in parts):
        broken = (part.text.value for part in parts if part.content_type.startswith("multipart/") and not part.children)
        return next(broken, "")[:_PROSE]
    html = next((part for part in parts if part.content_type == "text/html" and not part.children), None)
    if html is None:
        return ""
    from spamlint.html import Document
    from spamlint.html.plain_text import plain_text

    return plain_text(Document(html.text[:_PROSE], limits))


def _attached(parts: Sequence[Part]) -> Original | None:
    """The message that is attached, or its headers."""
    for part in parts[1:]:
        if part.content_type in _HEADER_TYPES and part.content.strip():
            return Original(part.content, is_whole=False)
        if part.is_message:
            data = part.raw if part.encoding in ("7bit", "8bit", "binary") else part.content
            if data.strip():
                return Original(data.lstrip(b"\r\n"), is_whole=_has_body(data.lstrip(b"\r\n")))
    return None


def _has_body(data: bytes) -> bool:
    return bool(re.split(rb"\r?\n\r?\n|\r\r", data, maxsplit=1)[1:2]) and bool(
        re.split(rb"\r?\n\r?\n|\r\r", data, maxsplit=1)[1].strip()
    )


def _quoted(behind: str) -> Original | None:
    """The message that stands below the words, if it is one."""
    text = behind.lstrip("\n\r -=>")
    if not re.match(r"(?:[A-Za-z][A-Za-z0-9-]{0,60}): ?\S", text):
        return None
    data = text.encode("utf-8", "replace")
    return Original(data, is_whole=_has_body(data))


def _is_automatic(root: Part) -> bool:
    """Whether a program answered for a person."""
    subject = _header(root, "subject")
    if _SUBJECT.search(subject[:400]) or _SYSTEM.search(_header(root, "from")[:400]):
        return False
    declared = _header(root, "auto-submitted").lower().startswith("auto-replied")
    other = any(root.header(name) is not None for name in ("x-autoreply", "x-autorespond", "x-auto-response-suppress"))
    precedence = _header(root, "precedence").lower() in ("auto_reply", "auto-reply")
    return (
        declared or (other and bool(_AUTO_SUBJECT.match(subject))) or precedence or bool(_AUTO_SUBJECT.match(subject))
    )


def _is_system(root: Part) -> bool:
    """Whether a mail system wrote the message."""
    if root.content_type == "multipart/report" or root.header("x-failed-recipients") is not None:
        return True
    empty = _header(root, "return-path").strip() == "<>"
    return empty or bool(_SYSTEM.search(_header(root, "from")[:400]) or _SUBJECT.search(_header(root, "subject")[:400]))


def _header(root: Part, name: str) -> str:
    found = root.header(name)
    return found.value.value if found is not None else ""
