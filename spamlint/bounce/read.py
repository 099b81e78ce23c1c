"""Bytes -> `Notice`: what kind of input they are, and who was refused with which words. Never raises."""

from __future__ import annotations

import re
from typing import Final

from spamlint import mime
from spamlint.bounce import dmarc, fields, logs, prose, ses
from spamlint.bounce.mail import read_mail
from spamlint.bounce.notice import Notice, Refusal
from spamlint.bounce.reply import one_line, replies, status_code, without_type
from spamlint.containers import streams
from spamlint.containers.budget import Budget
from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.source import Source

LINES: Final = 100_000
"""Lines of a text or a log that are read."""

_HEADERS = frozenset(
    b"received return-path from to subject date message-id mime-version content-type delivered-to".split()
)
_GZIP = b"\x1f\x8b"
_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9-]{0,60})[ \t]{0,9}:")


def read(data: bytes, name: str = "", *, offset: int = 0, line: int = 1, limits: Limits = DEFAULT_LIMITS) -> Notice:
    """The notice in `data`. `offset` and `line` say where it starts in its file (an mbox)."""
    report = dmarc.report(data, Budget(limits))
    if report is not None:
        return report
    if data.startswith(_GZIP):
        data = streams.unpack(memoryview(data), "gz", Budget(limits), dmarc.LARGEST)
    start = _past_envelope(data)
    if _is_message(data[start : start + 16 * 1024]):
        skipped = data.count(b"\n", 0, start)
        return read_mail(Source(name, data[start:], offset + start, line + skipped), limits)
    text = mime.draft(Source(name, data), "text/plain", limits).text.value
    return _read_text(text, ("text",) if len(data) > limits.text else ())


def _past_envelope(data: bytes) -> int:
    """Where the message starts behind a "From " line."""
    found = re.match(rb">?From [^\r\n]{0,1000}(?:\r\n|\r|\n)", data)
    return found.end() if found else 0


def _is_message(head: bytes) -> bool:
    """Whether header fields stand at the start, two of them those of a message."""
    known = 0
    for line in re.split(rb"\r\n|\r|\n", head):
        if line[:1] in (b" ", b"\t"):
            continue
        found = _FIELD.match(line)
        if found is None:
            break
        known += found[1].lower() in _HEADERS
    return known > 1


def _read_text(text: str, limits: tuple[str, ...]) -> Notice:
    lines = text.splitlines()
    if len(lines) > LINES:
        lines, limits = lines[:LINES], (*limits, "lines")
    sent = ses.notice(text)
    if sent is not None:
        return sent
    found = fields.refusals(list(fields.groups("\n".join(lines[:LINES]))))
    if found:
        return Notice("dsn", found, limits=limits)
    logged = logs.refusals(lines)
    if logged:
        return Notice("log", logged, limits=limits)
    said = _pasted(lines)
    if said:
        return Notice("reply", said, limits=limits)
    return Notice("reply", prose.refusals(text), limits=limits)


def _pasted(lines: list[str]) -> tuple[Refusal, ...]:
    """The replies of a text that holds nothing else, or is one line that leads to a reply."""
    found = list(replies(lines))
    words = [line for line in lines if line.strip()]
    if len(words) == 1 or (found and _only_replies(words)):
        texts = [reply for _, reply in found] if len(words) > 1 else [one_line(without_type(words[0]))]
        return tuple(Refusal(text, fields.refused_address(text), status_code(text)) for text in texts)
    return ()


def _only_replies(words: list[str]) -> bool:
    return all(re.match(r"\W{0,9}[245]\d\d(?:[ -]|$)|\s", line) for line in words)
