"""Checks on leftovers of templates that patterns cannot tell: addresses of nobody, words of links without a link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from spamlint.message import Message
from spamlint.rule import Hit
from spamlint.source import Text

if TYPE_CHECKING:
    from spamlint.html import Document

EXAMPLE_DOMAINS = ("example.com", "example.net", "example.org", "example.edu")
"""Domains that are reserved for examples (RFC 2606 and IANA)."""
RESERVED_ENDINGS = ("test", "invalid", "localhost", "localdomain")
"""Endings that are reserved for tests (RFC 6761). Samples need .example, so it is not here."""

# Patterns are compiled on first use: few messages have such words outside a link.
_WEB_VERSION = r"""(?xi)
    \b(?:view|open|read|see|show)\s(?:this\s|the\s|it\s|our\s)?(?:e-?mail\s|message\s|newsletter\s)?(?:online\s)?
      in\s(?:your\s|a\s|the\s|my\s)?(?:web\s?)?browser\b
  | \b(?:view|see)\s(?:the\s)?(?:web|online)[ -]?version\b
  | \bbekijk\s(?:deze\s|de\s|dit\s|hem\s)?(?:e-?mail\s|mail\s|bericht\s|nieuwsbrief\s)?(?:online\s)?
      in\s(?:uw\s|je\s|de\s)?(?:web)?browser\b
  | \bbekijk\s(?:de\s)?(?:web|online)[ -]?versie\b
"""
_HINTS = ("browser", "version", "versie")
_LONGEST_LINE = 400
"""Code points of a line that can hold such words, and behind them in which a link or an address belongs to them."""
_LONGEST_TAG = 4_000
"""Code points before the words in which the link around them begins."""
_ADDRESS = r"https?:|www\.|mailto:|\w@\w"


def example_reply_to(message: Message) -> Iterator[Hit]:
    """Each address in Reply-To that is reserved for examples or tests, where the sender has a real one."""
    if message.header("reply-to") is None or any(_is_example(mailbox.domain) for mailbox in message.senders):
        return
    for mailbox in message.addresses("reply-to").mailboxes:
        if _is_example(mailbox.domain):
            yield Hit(mailbox.address, {"address": mailbox.address.value})


def _is_example(domain: str) -> bool:
    labels = domain.rstrip(".").split(".")
    return ".".join(labels[-2:]) in EXAMPLE_DOMAINS or labels[-1] in RESERVED_ENDINGS


def web_version_without_link(message: Message) -> Iterator[Hit]:
    """The words of each link to the web version that is no link."""
    for document in message.documents:
        for found in _web_version_words(document.visible):
            if not _is_in_link(document, found):
                yield Hit(found, {"text": found.value})
    for part in message.text_parts:
        for found in _web_version_words(part.text):
            if not _is_beside_address(found):
                yield Hit(found, {"text": found.value})


def _web_version_words(text: Text) -> Iterator[Text]:
    """The words in the order of the text, at most one place for each line."""
    lower = text.value.lower()
    starts = {start for hint in _HINTS for start in _lines_with(lower, hint)}
    if not starts:
        return
    words = re.compile(_WEB_VERSION)
    for start in sorted(starts):
        line = re.split(r"[\r\n]", text.value[start : start + _LONGEST_LINE], maxsplit=1)[0]
        found = words.search(line) if len(line) < _LONGEST_LINE else None
        if found:
            first = found.end() - len(found[0].lstrip())
            yield text[start + first : start + found.start() + len(found[0].rstrip())]


def _lines_with(lower: str, hint: str) -> Iterator[int]:
    """Where the lines start that hold `hint` not too far from their start."""
    at = lower.find(hint)
    while at >= 0:
        window = max(0, at - _LONGEST_LINE)
        end = lower.rfind("\n", window, at)
        if end >= 0 or window == 0:
            yield end + 1
        at = lower.find(hint, at + len(hint))


def _is_in_link(document: Document, found: Text) -> bool:
    """Whether the words are inside a link, or one stands right behind them."""
    start, end = found.range_in(document.source)
    window = max(0, start - _LONGEST_TAG)
    lower = document.source.value[window : end + _LONGEST_LINE].lower()
    opened = max(lower.rfind(tag, 0, end - window) for tag in ("<a ", "<a\n", "<a\t", "<area "))
    if opened >= 0 and lower.find("</a", opened, start - window) < 0:
        return True
    return "<a" in lower[end - window :]


def _is_beside_address(found: Text) -> bool:
    """Whether an address stands in the line of the words or soon after it."""
    assert isinstance(found.outer, Text)
    start, end = found.outward(0, len(found))
    value = found.outer.value
    line = max(value.rfind("\n", 0, start), start - _LONGEST_LINE)
    return re.search(_ADDRESS, value[max(line, 0) : end + _LONGEST_LINE]) is not None
