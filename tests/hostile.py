"""A message that tries to get out of every report, with findings in all kinds of places."""

from __future__ import annotations

import base64
from typing import Any

from spamlint.coverage import NotCovered
from spamlint.message import Message
from spamlint.report.data import Ending, FileReport, Summary, file_report
from spamlint.report.sheets import with_sheets
from spamlint.source import Source, Text
from spamlint.verdict import Finding, Language, Policy, RuleError, Skipped, Verdict, Words

# Controls, bidirectional marks and unseen characters; then what ends or starts something in each medium.
UNSEEN = "\x1b[2J\x07\u202egpj\u2066\u200b\u2028\x9b31m\x7f\ufeff"
MEAN = UNSEEN + "::error::x ##[error]y %0A]]>{{ 7*7 }}{% raw %}</script></style></iframe>\"'><b>&amp;[a](http://b){0}|`"

HTML = f"""<html><head>
<script src="https://x.example/a.js">alert("{MEAN}")</script>
<link rel="preconnect" href="https://x.example"><style>@import "https://x.example/a.css"; p {{ background: URL(//x.example) }}</style>
<meta http-equiv="refresh" content="0;url=https://x.example/r"><base href="https://x.example/">
<!-- <img src="https://x.example/comment.png"> -->
</head><body background="https://x.example/b.png" onload="go('https://x.example')">
<p style="color: red; background: url('https://x.example/s.png')">Dear friend, {MEAN}</p>
\t<a href="https://x.example/" ping="https://x.example/ping">free</a> and <a href=https://x.example>free</a>
<img src="data:image/png;base64,AAAA" alt="kept"><img src="https://x.example/i.png" srcset="https://x.example/2.png 2x">
<svg><image xlink:href="https://x.example/svg"/></svg><iframe srcdoc="&lt;img src=https://x.example/deep>"></iframe>
</body></html>
"""  # noqa: E501 - as mail has it

MAIL = (
    f"From: a@b.example\r\nSubject: WIN {MEAN.replace(UNSEEN[8], '')} NOW\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlain words,\r\nfree of marks.\r\n"
    "--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(HTML.encode()).decode()
    + "--b--\r\n"
).encode()


def words(title: str) -> dict[Language, Words]:
    """Words for a rule, with one value in them."""
    return {
        "en": Words(title, "{word} stands here {count} times", f"Why {title}.", "Take {word} away."),
        "nl": Words(f"{title} (nl)", "{word} staat hier {count} keer", f"Waarom {title}.", "Haal {word} weg."),
    }


def finding(rule: str, *texts: Text | None, score: int = 20, **more: Any) -> Finding:
    """A finding of `rule` in those places."""
    fields: dict[str, Any] = {
        "severity": "warning",
        "blocks": False,
        "values": {"word": "a word"},
        "count": len(texts),
    } | more
    return Finding(rule=rule, base_score=score, words=words(rule), texts=texts, **fields)


def message(mail: bytes = MAIL, name: str = f"in/{MEAN}.eml", line: int = 1) -> Message:
    """The message of that name."""
    return Message.from_bytes(mail, name, line=line)


def verdict(of: Message) -> Verdict:
    """Findings in a header, in two parts, of a missing header and of the message as a whole; and what went wrong."""
    html = next(part.text for part in of.root.walk() if part.content_type == "text/html")
    plain = next(part.text for part in of.root.walk() if part.content_type == "text/plain")
    free = [html[at : at + 4] for at in (html.value.index("free"), html.value.rindex("free"))]
    several_lines = html[html.value.index("<p style") : html.value.index('<img src="data')]
    assert of.subject is not None
    return Verdict.of(
        [
            finding("subject/hostile", of.subject, severity="error", values={"word": MEAN}, blocks=True),
            finding("phrases/free", *free, plain[14:18], count=9, score=25),
            finding("phrases/money", several_lines, severity="note", score=25),
            finding("structure/no-date", of.headers_end, severity="note", score=0),
            finding("structure/whole", None, score=1),
        ],
        Policy(),
        "message",
        errors=(RuleError("html/broken", "ValueError", MEAN),),
        skipped=(Skipped("html/slow", "no time"),),
        not_covered=(NotCovered("1.3", "winmail"),),
    )


def report(language: Language = "en", message_index: int | None = None) -> FileReport:
    """The report on the message, with its lines."""
    of = message()
    return with_sheets(file_report(verdict(of), of.source, message_index, language), of)


def clean(path: str = "good.eml") -> FileReport:
    """The report on a message without findings."""
    source = Source(path, b"Subject: Hello\n\nHello\n")
    return file_report(Verdict.of([], Policy(), "bulk"), source, None, "en")


def ending(*reports: FileReport, exit_code: int = 2) -> Ending:
    """The end of a run over those, in which a file could not be read."""
    total = Summary(unreadable=1)
    for one in reports:
        total.add(one)
    return Ending(total, [("bad\udcff\u202e.eml", "Permission denied")], exit_code)
