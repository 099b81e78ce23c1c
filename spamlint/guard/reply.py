"""What a client is told whose message is not accepted, in lines that an SMTP reply can have.

Rules speak of the message they refuse, in the words of that message. It is the sender who reads them, but what is sent
is ASCII that can be printed, without line ends, and cut: nothing in a message can write a line of its own here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap

from spamlint.guard.decision import Reply
from spamlint.report.data import FileReport, FindingReport
from spamlint.report.words import points
from spamlint.verdict import Language

MOST_FINDINGS = 5
"""Findings that a refusal names; the cure names what else has to be done."""
MOST_LINES = 20
LONGEST_LINE = 200
"""Octets; further words go to a line of their own."""
LONGEST_TEXT = 380
"""Octets of one sentence of a rule, which is cut there."""

_ASCII = str.maketrans({
    "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "…": "...", "€": "EUR", "×": "x",
    "→": "->", "·": "-", "•": "-", "ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "\u00a0": " ", "\u2011": "-",
})  # fmt: skip
_UNPRINTABLE = re.compile(r"[^ -~]")

_ENGLISH = {
    "refused": "This message was not sent: it looks like unwanted mail ({score} points; the limit is {limit}).",
    "refused by a rule": "This message was not sent: it has something that is always refused.",
    "found": "{number}. {title} ({rule})",
    "fix": "   {fix}",
    "more": "There is more that costs points: {rules}",
    "cure": "Fix these {number} and it passes: {rules}",
    "cure one": "Fix this and it passes: {rules}",
    "report": "Report {report}. Quote it when you ask your mail administrator about this.",
    "timeout": "This message could not be checked in time.",
    "crash": "This message could not be checked.",
    "over-limit": "This message is too large or too deeply nested to be checked.",
    "busy": "Too many messages are being checked at the moment.",
    "later": "Your mail program or server will try again by itself.",
    "override": "The override does not count: {reason}.",
    "not-allowed": "there are none here",
    "several": "there is more than one",
    "no-token": "it does not start with a token",
    "no-reason": "there is no reason behind the token",
    "no-recipients": "the recipients are not known",
    "other-message": "it is for another sender, other recipients or another text",
    "expired": "its time is over",
    "too-long": "it is good for longer than is allowed here",
    "used": "it was used before",
    "too-many": "too many were used of late",
    "used-file": "it could not be written down that it is used",
}
_DUTCH = {
    "refused": "Dit bericht is niet verzonden: het lijkt op ongewenste mail ({score} punten; de grens is {limit}).",
    "refused by a rule": "Dit bericht is niet verzonden: er staat iets in dat altijd wordt geweigerd.",
    "found": "{number}. {title} ({rule})",
    "fix": "   {fix}",
    "more": "Er is meer dat punten kost: {rules}",
    "cure": "Herstel deze {number} en het bericht is in orde: {rules}",
    "cure one": "Herstel dit en het bericht is in orde: {rules}",
    "report": "Rapport {report}. Noem dit nummer als u uw mailbeheerder hierover vraagt.",
    "timeout": "Dit bericht kon niet op tijd worden gecontroleerd.",
    "crash": "Dit bericht kon niet worden gecontroleerd.",
    "over-limit": "Dit bericht is te groot of te diep genest om te worden gecontroleerd.",
    "busy": "Er worden op dit moment te veel berichten gecontroleerd.",
    "later": "Uw mailprogramma of mailserver probeert het vanzelf opnieuw.",
    "override": "De uitzondering geldt niet: {reason}.",
    "not-allowed": "die zijn er hier niet",
    "several": "er is er meer dan een",
    "no-token": "zij begint niet met een code",
    "no-reason": "achter de code staat geen reden",
    "no-recipients": "de ontvangers zijn niet bekend",
    "other-message": "zij is voor een andere afzender, andere ontvangers of een andere tekst",
    "expired": "de tijd ervan is om",
    "too-long": "zij geldt langer dan hier mag",
    "used": "zij is al gebruikt",
    "too-many": "er zijn de laatste tijd te veel gebruikt",
    "used-file": "het gebruik kon niet worden vastgelegd",
}
_WORDS: Mapping[Language, Mapping[str, str]] = {"en": _ENGLISH, "nl": _DUTCH}


def refusal(report: FileReport, report_id: str, language: Language, override: str = "") -> Reply:
    """The refusal of a message for what is in it: the worst findings, the shortest way to a pass, the report.

    `override` is why the override that it came with does not count.
    """
    words = _WORDS[language]
    score, limit = (points(language, tenths) for tenths in (report.score, report.block_at))
    first = "refused" if report.score >= report.block_at else "refused by a rule"
    last = [*_cure(report, words), *_override(override, words), words["report"].format(report=report_id)]
    found = [words[first].format(score=score, limit=limit), *_findings(report.findings[:MOST_FINDINGS], words)]
    ending = tuple(_laid_out(last, MOST_LINES // 2))
    return Reply(550, "5.7.1", (*_laid_out(found, MOST_LINES - len(ending)), *ending))


def unchecked(reason: str, report_id: str, language: Language, *, for_good: bool) -> Reply:
    """The answer where there is no verdict; `reason` is that of `Decision.unjudged`."""
    words = _WORDS[language]
    said = [words.get(reason, words["crash"]), words["report"].format(report=report_id)]
    if for_good:
        return Reply(550, "5.7.1", tuple(_laid_out(said, MOST_LINES)))
    return Reply(451, "4.7.1", tuple(_laid_out([said[0], words["later"], said[1]], MOST_LINES)))


def ascii_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """`text` in printable ASCII, on one line, cut where it is too long; what has no likeness in ASCII is a "?"."""
    plain = unicodedata.normalize("NFKD", " ".join(text[: 4 * longest].translate(_ASCII).split()))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    plain = _UNPRINTABLE.sub("?", plain)
    return plain if len(plain) <= longest else plain[: longest - 3] + "..."


def _findings(findings: Iterable[FindingReport], words: Mapping[str, str]) -> Iterator[str]:
    for number, finding in enumerate(findings, 1):
        yield words["found"].format(number=number, title=finding.title, rule=finding.rule)
        if finding.fix:
            yield words["fix"].format(fix=ascii_text(finding.fix))


def _cure(report: FileReport, words: Mapping[str, str]) -> Iterator[str]:
    if report.cure:
        key = "cure" if len(report.cure) > 1 else "cure one"
        yield words[key].format(number=len(report.cure), rules=", ".join(report.cure))
    elif more := [finding.rule for finding in report.findings[MOST_FINDINGS:]]:
        yield words["more"].format(rules=", ".join(more))


def _override(refused: str, words: Mapping[str, str]) -> Iterator[str]:
    if refused:
        yield words["override"].format(reason=words.get(refused.partition(":")[0], refused))


def _laid_out(sentences: Iterable[str], most: int) -> Iterator[str]:
    """The sentences in lines that are short enough, `most` of them."""
    lines: list[str] = []
    for sentence in sentences:
        indent = sentence[: len(sentence) - len(sentence.lstrip())]
        plain = ascii_text(sentence, 4 * LONGEST_TEXT)
        lines += wrap(plain, LONGEST_LINE, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False) or [
            indent
        ]
    yield from lines[:most]
