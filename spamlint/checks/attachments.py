"""Checks on attachments as a whole: their size, their absence, and messages inside the message."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from spamlint.checks.attached import called, place_of
from spamlint.message import Message
from spamlint.rule import Hit
from spamlint.source import Text
from spamlint.verdict import Finding, Verdict

MEGABYTE = 1024 * 1024
RISKY_MESSAGE = "attachments/risky-message"

# Long patterns are compiled where they are used: few messages need them.

_ANNOUNCED = (
    r"\b(?:"
    # English
    r"(?:i|we)(?:['’](?:ve|m|re)| have| am| are)? (?:also |just |now )?(?:attached|attaching|enclosed)(?! to\b)|"
    r"(?:i|we) attach (?:the|a|an|my|our)\b|"
    r"(?:please |kindly )?(?:find|see|review|check|open|read|sign|complete|consult|refer to) (?:the |my |our )?"
    r"(?:attached|enclosed)(?! to\b)|"
    r"(?:in|with|the) attached (?:documents?|files?|pdf|forms?|letter|report|invoice|spreadsheet|photos?|pictures?)\b|"
    r"(?:attached|enclosed)(?: please find| you(?:['’]ll| will| can)? find|"
    r" (?:is|are) (?:the|a|an|my|our|your|some)\b)|"
    r"(?:is|are) attached(?: to this (?:e-?mail|message|mail)\b|(?= for your\b)|(?=[.!]))|"
    r"(?:see|in|open|review|check|find|read) (?:the|my|our) (?:attachments?|enclosure)\b(?! of\b)|"
    # Dutch
    r"(?:zie|open|bekijk|lees) (?:ook )?(?:de |onze |mijn )?bijlagen?\b|"
    r"(?:in|als) (?:de |een )?bijlagen? (?:bij deze (?:mail|e-mail) )?(?:vindt?|treft?|zitt?|sta(?:at|n)|stuur|zend|"
    r"ontvangt?|voeg|gaat?|is|zijn)\b|"
    r"(?:vindt?|treft?|stuur|stuurde|ontvangt?|zend|voeg|zit|zitten)\b[^.!?\n]{0,60}?"
    r" (?:in|als) (?:de |een )?bijlagen?\b|"
    r"(?:bijgevoegd|bijgaand)e? (?:vindt?|treft?|is|zijn|stuur|zend|ontvangt?|de|het|een|mijn|onze|uw|je)\b|"
    r"(?:heb|hebben|is|zijn)\b[^.!?\n]{0,60}? bijgevoegd\b"
    r")"
)
_NOT_ANNOUNCED = (
    r"\b(?:no|not|[a-z]{2,8}n['’]t|without|never|if|unless|any|forgot|forget|cannot|can['’]t|link|links|online|download|portal|"
    r"geen|niet|zonder|nooit|als u|als je|indien|vergeten|vergat|account|website)\b|https?:"
)
_OTHERS = (
    r"^(?:-- ?$|_{10,}|-{2,} ?(?:original|forwarded|oorspronkelijk|doorgestuurd)|begin forwarded message|"
    r"(?:on|op) [^\n]{4,200}(?:wrote|schreef)[^\n]{0,80}\n(?!\s{0,20}>)|"
    r"(?:from|van|de|von): [^\n]{1,200}\n(?:sent|date|to|verzonden|datum|aan|subject|onderwerp)[^\n]{0,40}:)"
)
"""Where the words of others begin, or a signature."""
_SENTENCE_END = re.compile(r"[.!?](?:\s|\Z)|\n[ \t]*\n")
_AROUND = 160
_STEMS = ("attach", "enclos", "bijlage", "bijgevoegd", "bijgaand")
_STEM = re.compile("|".join(_STEMS), re.IGNORECASE)
_BEFORE, _BEHIND, _MOST_STEMS = 80, 60, 50


def too_large(message: Message, *, at_least: int = 10 * MEGABYTE) -> Iterator[Hit]:
    """The whole message where it has `at_least` bytes as it is sent, transfer encodings included."""
    size = len(message.source.data)
    if message.kind == "message" and not message.depth and size >= at_least:
        largest = max(message.files, key=lambda part: part.end - part.body_start, default=None)
        values: dict[str, str | int] = {
            "megabytes": size // MEGABYTE,
            "name": called(largest) if largest is not None else "",
        }
        yield Hit(place_of(largest) if largest is not None else None, values)


def announced_but_missing(message: Message) -> Iterator[Hit]:
    """The first words that announce an attachment where there is none. What is quoted or signed announces nothing."""
    if message.files or message.kind == "draft" or not message.body_parts:
        return
    for text in filter(_has_stem, message.body):
        found = _announcement(text)
        if found is not None:
            yield Hit(found, {"words": " ".join(found.value.split())})
            return


def _announcement(text: Text) -> Text | None:
    """The first words by the writer that promise an attachment; what stands in a quoted line is by somebody else."""
    value = text.value
    announced = re.compile(_ANNOUNCED, re.IGNORECASE)
    others = re.compile(_OTHERS, re.IGNORECASE | re.MULTILINE).search(value)
    end = others.start() if others else len(value)
    for stem in islice(_STEM.finditer(value, 0, end), _MOST_STEMS):
        at = stem.start()
        found = announced.search(value, max(0, at - _BEFORE), min(end, stem.end() + _BEHIND))
        if found is None or value.startswith(">", value.rfind("\n", max(0, at - _AROUND), at) + 1):
            continue
        if not re.search(_NOT_ANNOUNCED, _sentence(text, *found.span()), re.IGNORECASE):
            return text[found.start() : found.end()]
    return None


def _has_stem(text: Text) -> bool:
    """Whether a text has any word for an attachment."""
    lower = text.value.lower()
    return any(stem in lower for stem in _STEMS)


def _sentence(text: Text, start: int, end: int) -> str:
    """The sentence around a place, as far as it is near."""
    left = text.value[max(0, start - _AROUND) : start]
    stops = [found.end() for found in _SENTENCE_END.finditer(left)]
    right = _SENTENCE_END.search(text.value, end, end + _AROUND)
    return left[stops[-1] if stops else 0 :] + text.value[start : right.start() if right else end + _AROUND]


def risky_message(
    message: Message,
    judge: Callable[[Message], Verdict],
    *,
    unless: tuple[str, ...] = ("html", "sender", "structure", "subject"),
) -> Iterator[Hit]:
    """Each attached message with risky contents. `risk` is 2 where they would block it by itself, 1 for a warning.

    Topics in `unless` do not count: an attached message is often without its headers, and its sender is another.
    """
    for part, inner in message.attached_messages:
        verdict = judge(inner)
        findings = [finding for finding in verdict.findings if finding.topic not in unless]
        score = sum(finding.score for finding in findings)
        is_blocked = score >= verdict.block_at or any(finding.blocks or _holds_risk(finding) for finding in findings)
        if is_blocked or score >= verdict.warn_at or any(finding.severity == "error" for finding in findings):
            rules = ", ".join(finding.rule for finding in findings[:3])
            values: dict[str, str | int] = {"name": called(part), "part": part.path, "rules": rules}
            values |= {"score": f"{score / 10:.1f}", "risk": 2 if is_blocked else 1}
            yield Hit(_place_in(message, findings) or place_of(part), values)


def _holds_risk(finding: Finding) -> bool:
    """Whether this says that a message still further inside would be blocked."""
    return finding.rule == RISKY_MESSAGE and finding.severity == "error"


def _place_in(message: Message, findings: list[Finding]) -> Text | None:
    """The first place of `findings` that lies in the file of `message`."""
    for finding in findings:
        for text in finding.texts:
            if text is not None and text.span.source is message.source:
                return text
    return None
