"""What a decision is in the words of SpamAssassin: a score whose limit is 5.0, symbols, a report, header fields.

The report has the layout of SpamAssassin's, which programs read: one decimal, names without hyphens, descriptions
without addresses or slashes, further lines of a description behind 28 blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from textwrap import wrap

from spamlint import __version__
from spamlint.guard.decision import Decision
from spamlint.guard.fields import applied, body_of, named
from spamlint.guard.reply import ascii_text
from spamlint.hooks.symbols import NOT_CHECKED, symbol

THRESHOLD = 50
"""In tenths. Programs compare with 5.0 by themselves, so that the limit of the policy is scaled to it."""
MOST_SYMBOLS = 60
"""Exim reads 32 kB of a reply; further symbols are counted."""
MOST_STARS = 50
FIELDS = ("X-Spam-Checker-Version", "X-Spam-Flag", "X-Spam-Level", "X-Spam-Status")
"""Header fields that PROCESS and HEADERS put in, and take out where the message came with them."""

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/\s]*)\S*")
_LONGEST_DESCRIPTION = 240
_COLUMNS, _INDENT = 74, 28
"""Exim breaks lines that are longer, and Mailpit puts those together that are indented so far."""
_NAME_COLUMNS = 22
_MOST_POINTS = 9999


@dataclass(frozen=True, slots=True)
class Symbol:
    """What one rule has found. `score` is in tenths, of which `THRESHOLD` block."""

    name: str
    score: int
    description: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict in the words of SpamAssassin; the score is in tenths."""

    is_spam: bool
    score: int
    symbols: tuple[Symbol, ...]
    report_id: str

    @property
    def spam(self) -> str:
        """As a reply has it."""
        return f"{self.is_spam} ; {points(self.score)} / {points(THRESHOLD)}"


def answer(decision: Decision) -> Answer | None:
    """The verdict that a client is told; None where it should ask again later.

    It is the verdict, whatever the policy would do: it is the client that acts on it.
    """
    if decision.action == "tempfail":
        return None
    report = decision.report
    is_spam = decision.action != "accept" or (report is not None and report.outcome == "block")
    scale = report.block_at if report is not None else THRESHOLD
    score = scaled(report.score, scale) if report is not None else 0
    # A rule may block by itself, and what could not be looked into may be refused: clients go by the score alone.
    score = max(score, THRESHOLD) if is_spam else min(score, THRESHOLD - 1)
    findings = report.findings if report is not None else ()
    symbols = [Symbol(symbol(one.rule), scaled(one.score, scale), _described(one.title, one.fix)) for one in findings]
    if decision.unjudged:
        symbols.append(Symbol(NOT_CHECKED, score, f"The message was not checked ({decision.unjudged})"))
    return Answer(is_spam, score, tuple(symbols), decision.report_id)


def scaled(score: int, block_at: int) -> int:
    """A score of which `block_at` block, as one of which `THRESHOLD` do."""
    block_at = max(block_at, 1)
    return min((2 * score * THRESHOLD + block_at) // (2 * block_at), _MOST_POINTS)


def points(tenths: int) -> str:
    """With one decimal, as all clients need it."""
    return f"{tenths / 10:.1f}"


def body(verb: str, told: Answer, decision: Decision, data: bytes) -> bytes:
    """What follows the header of the reply to `verb` about the message in `data`."""
    if verb == "SYMBOLS":
        return (",".join(one.name for one in told.symbols) + "\r\n").encode("ascii")
    if verb == "REPORT" or (verb == "REPORT_IFSPAM" and told.is_spam):
        return report(told).encode("ascii")
    if verb in ("PROCESS", "HEADERS"):
        whole = marked(told, decision, data)
        return whole[: len(whole) - len(body_of(data))] if verb == "HEADERS" else whole
    return b""


def report(told: Answer) -> str:
    """The report for a person, from which Mailpit takes the rules."""
    has = "looks like" if told.is_spam else "does not look like"
    lines = [
        f"spamlint finds that this message {has} unwanted mail.",
        f"Report {told.report_id}",
        "",
        f"Content analysis details:   ({points(told.score)} points, {points(THRESHOLD)} required)",
        "",
        " pts rule name              description",
        "---- ---------------------- --------------------------------------------------",
    ]
    for one in told.symbols[:MOST_SYMBOLS]:
        lines += _row(one)
    if more := len(told.symbols) - MOST_SYMBOLS:
        lines += ["", f"{more} more are not listed."] if more > 0 else []
    return "\n".join(lines) + "\n"


def marked(told: Answer, decision: Decision, data: bytes) -> bytes:
    """The message with the fields that programs behind spamc look for. A "From " line of an mbox stays in front."""
    first = data[: data.find(b"\n") + 1] if data.startswith(b"From ") else b""
    rest = data[len(first) :]
    end = "\r\n" if b"\r\n" in rest[: rest.find(b"\n") + 1] else "\n"
    removed = (*decision.remove, *named(rest, FIELDS))
    return first + applied(rest, replace(decision, remove=removed, add=(*_fields(told, end), *decision.add)))


def _fields(told: Answer, end: str) -> Iterator[tuple[str, str]]:
    yield "X-Spam-Checker-Version", f"spamlint {__version__}"
    if told.is_spam:
        yield "X-Spam-Flag", "YES"
    yield "X-Spam-Level", "*" * min(told.score // 10, MOST_STARS)
    names = ",".join(one.name for one in told.symbols[:MOST_SYMBOLS]) or "none"
    yes = "Yes" if told.is_spam else "No"
    status = f"{yes}, score={points(told.score)} required={points(THRESHOLD)} tests="
    # Programs take the tests up to a blank, and put folded lines together without one.
    tests = names.replace(",", f",{end}\t")
    yield "X-Spam-Status", f"{status}{tests} autolearn=no version={__version__}"


def _row(one: Symbol) -> list[str]:
    start = f"{points(one.score):>4} {one.name:<{_NAME_COLUMNS}} "
    rest = " " * _INDENT
    lines = wrap(one.description, _COLUMNS, initial_indent=start, subsequent_indent=rest, break_long_words=False)
    return lines or [start.rstrip()]


def _described(title: str, fix: str) -> str:
    text = ascii_text(_ADDRESS.sub(_host, f"{title}. {fix}" if fix else title), _LONGEST_DESCRIPTION)
    return text.replace("/", "-")


def _host(address: re.Match[str]) -> str:
    return address[1] or address[0].partition(":")[0]
