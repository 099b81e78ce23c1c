"""Checks on the text part: whether it stands for the HTML beside it, and whether it is plain text at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spamlint.message import Message
from spamlint.mime import Part
from spamlint.prose import is_patch
from spamlint.rule import Hit
from spamlint.source import Range, Text

# Patterns are compiled on first use: few messages need them, and start-up is short.
_STUB = r"""(?xi)
    \b(?:does\s?n[o'’]?t|do\s(?:not|n't)|can\s?not|can['’]?t|unable\sto|not\sable\sto|not)\s(?:seem\sto\s)?
      (?:support|display|view|read|show|handle|render|see)\w*\s[^.\n]{0,40}\bhtml
  | \bhtml[\s-](?:capable|enabled|compatible|compliant|aware|ready)
  | \b(?:please\s)?(?:use|view|open|read)\s[^.\n]{0,40}\b(?:in|an?|with)\shtml[\s-]
      (?:e-?mail|mail|viewer|client|reader|browser|version)?
  | \bthis\s(?:is\san?|message\sis\sin|e-?mail\sis\sin|message\scontains|e-?mail\scontains)\s(?:an\s)?html\b
  | \bhtml-?(?:e-?mails?|berichten|weergave|opmaak)\s(?:niet|niet\sweer)\b
  | \b(?:kan|ondersteunt|toont|heeft)\s(?:deze\s|dit\s|uw\s)?[^.\n]{0,20}(?:geen|niet)\s[^.\n]{0,20}html
  | \bkein(?:e|en)?\shtml | \bhtml[^.\n]{0,30}\s(?:nicht|ausschlie(?:ß|ss)lich)
  | \b(?:nicht|ausschlie(?:ß|ss)lich)\s[^.\n]{0,30}html
  | \bne\s(?:supporte|prend|peut|permet)[^.\n]{0,40}html | \bno\s(?:soporta|admite|puede)[^.\n]{0,40}html
  | \bhtml\sn[aã]o\s(?:possa|pode|suporta) | \bn[aã]o\ssuporta[^.\n]{0,30}html
"""
_ADDRESS = r"(?i)\bhttps?://|\bwww\.|[\w.]\.(?:com|org|net|nl|de|be|eu|info|co|io)(?:/|\b)"
_TAG = (
    r"(?i)</(?:p|div|span|table|tbody|td|tr|th|a|html|body|head|b|i|em|strong|font|h[1-6]|ul|ol|li|style|center)\s*>"
    r"|<br\s*/?>|<!doctype\s+html|<(?:p|div|span|table|td|tr|font|img|a|body|html|style)\s[^<>]{1,400}>"
)
_STYLE = (
    r"(?i)\{\s{0,20}(?:color|font|margin|padding|display|width|height|background|border|line-height"
    r"|text-align|text-decoration|max-width|min-width|mso-|-webkit-)[a-z-]{0,30}\s?:[^{}]{1,2000}\}"
)
_WORD = r"[^\W\d_]{3,}"
_MOST_TAGS = 1_000


def stub(message: Message, *, words: int = 80) -> Iterator[Hit]:
    """The sentence of a text part of fewer than `words` words that says no more than that there is HTML."""
    for part, _ in message.alternatives:
        value = part.text.value
        if len(value) < words * 12 and "html" in value.lower() and len(value.split()) < words:
            found = re.search(_STUB, value)
            if found:
                yield Hit(part.text[found.start() : found.end()], {"text": found[0]})


def much_shorter(message: Message, *, share: int = 25, least: int = 600) -> Iterator[Hit]:
    """The text part that has less than `share` percent as much text as HTML of at least `least` signs beside it.

    Addresses count on neither side. One that is blank is left to structure/no-text-alternative, a stub to its own rule.
    """
    for part, html in message.alternatives:
        shown = message.html(html).visible.value
        if len(shown) < least or not (text := part.text.value.strip()):
            continue
        if 100 * len(text) < 4 * share * len(shown):  # addresses are long, so that a rough look comes first
            size = len(re.sub(r"https?://\S+", "", text))
            if 100 * size < share * len(shown) and re.search(_STUB, text) is None:
                missing, sample = _missing(text, shown)
                percent = 100 * size // len(shown)
                yield Hit(_start(part), {"percent": percent, "missing": missing, "sample": sample})


def _missing(text: str, shown: str) -> tuple[int, str]:
    """How many different words of what is shown the text lacks, and the first of them."""
    known = set(re.findall(_WORD, text.casefold()))
    lacking = [word for word in dict.fromkeys(re.findall(_WORD, shown[:50_000].casefold())) if word not in known]
    return len(lacking), ", ".join(lacking[:5])


def _start(part: Part) -> Text:
    """The first line of a text part that is not blank."""
    value = part.text.value
    start = len(value) - len(value.lstrip())
    return part.text[start : start + len(re.split(r"[\r\n]", value[start : start + 80], maxsplit=1)[0])]


def no_links(message: Message, *, words: int = 8) -> Iterator[Hit]:
    """The first link of HTML whose text part has no address at all, though it has at least `words` words."""
    for part, html in message.alternatives:
        value = part.text.value
        if "http" in value or "www." in value or len(value) < 5 * words:
            continue
        links = [link for link in message.html(html).all("a") if _is_web(link.get("href"))]
        if links and len(value.split()) >= words and re.search(_ADDRESS, value) is None:
            yield Hit(links[0].attribute("href"), {"links": len(links)})


def _is_web(address: str | None) -> bool:
    return address is not None and address.strip()[:4].lower() == "http"


def one_line(message: Message, *, longest: int = 800) -> Iterator[Hit]:
    """The beginning of a text part of more than `longest` signs without a single line end."""
    for part, _ in message.alternatives:
        text = part.text.value.strip()
        if len(text) > longest and "\n" not in text and "\r" not in text and " " in text:
            yield Hit(_start(part), {"length": len(text)})


def html_inside(message: Message) -> Iterator[Hit]:
    """Each tag in a text part, and each `<...>` that only HTML has; quoted lines and patches are left alone."""
    for part in message.text_parts:
        if "</" in part.text.value or "<br" in part.text.value or "<BR" in part.text.value:
            yield from _own(message, part, _TAG)


def style_inside(message: Message) -> Iterator[Hit]:
    """Each rule of a style sheet in a text part."""
    for part in message.text_parts:
        if "{" in part.text.value and ":" in part.text.value:
            yield from _own(message, part, _STYLE)


def _own(message: Message, part: Part, pattern: str) -> Iterator[Hit]:
    """What `pattern` finds outside quoted lines, the first of many."""
    if is_patch(message, part.text):
        return
    text, found = part.text, 0
    for start, end in _unquoted(text.value):
        for match in re.compile(pattern).finditer(text.value, start, end):
            yield Hit(text[match.start() : match.end()], {"text": match[0][:60]})
            found += 1
            if found == _MOST_TAGS:
                return


def _unquoted(value: str) -> Iterator[Range]:
    """The stretches of `value` between quoted lines."""
    start = 0
    for quoted in re.finditer(r"(?m)^[ \t]{0,4}[>|][^\n]*\n?", value):
        if quoted.start() > start:
            yield start, quoted.start()
        start = quoted.end()
    yield start, len(value)
