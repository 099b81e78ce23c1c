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
_SERVICE_WORDS = r"""(?xi)
    \b(?:view|open|read|see|show)\s(?:this\s|the\s|it\s|our\s)?(?:e-?mail\s|message\s|newsletter\s)?(?:online\s)?
      in\s(?:your\s|a\s|the\s|my\s)?(?:web\s?)?browser\b
  | \b(?:view|see)\s(?:the\s)?(?:web|online)[ -]?version\b
  | \bbekijk\s(?:deze\s|de\s|dit\s|hem\s)?(?:e-?mail\s|mail\s|bericht\s|nieuwsbrief\s)?(?:online\s)?
      in\s(?:uw\s|je\s|de\s)?(?:web)?browser\b
  | \bbekijk\s(?:de\s)?(?:web|online)[ -]?versie\b
  | ^[\[(|\s]*(?:unsubscribe|unsubscribe\shere|click\shere\sto\sunsubscribe|manage\spreferences|update\spreferences
      |afmelden|uitschrijven|hier\safmelden|voorkeuren\saanpassen)[\])|\s.]*$
"""  # fmt: skip
_HINTS = ("browser", "version", "versie", "unsubscribe", "preferences", "afmelden", "uitschrijven", "voorkeuren")
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


def dead_service_link(message: Message) -> Iterator[Hit]:
    """The words of each link to the web version or out of the list that is no link."""
    for document in message.documents:
        for found in _service_words(document.visible):
            if not _is_in_link(document, found):
                yield Hit(found, {"text": found.value})
    for part in message.text_parts:
        for found in _service_words(part.text):
            if not _is_beside_address(found):
                yield Hit(found, {"text": found.value})


def _service_words(text: Text) -> Iterator[Text]:
    lower = text.value.lower()
    if not any(hint in lower for hint in _HINTS):
        return
    words = re.compile(_SERVICE_WORDS)
    at = 0
    for line in text.value.splitlines(keepends=True):
        if len(line) < 400 and any(hint in line.lower() for hint in _HINTS):
            found = words.search(line)
            if found:
                start = found.end() - len(found[0].lstrip())
                yield text[at + start : at + found.start() + len(found[0].rstrip())]
        at += len(line)


def _is_in_link(document: Document, found: Text) -> bool:
    """Whether the words, or part of them or of what stands beside them, are inside a link or a button."""
    start, end = found.range_in(document.source)
    value = document.source.value
    lower = value.lower()
    opened = max(lower.rfind("<a ", 0, end), lower.rfind("<a\n", 0, end), lower.rfind("<area ", 0, end))
    if opened >= 0 and lower.find("</a", opened, start) < 0:
        return True
    following = lower.find("<a", end, end + 600)
    return following >= 0


def _is_beside_address(found: Text) -> bool:
    """Whether an address stands in the line of the words or soon after it."""
    assert isinstance(found.outer, Text)
    start, end = found.outward(0, len(found))
    value = found.outer.value
    line = max(value.rfind("\n", 0, start), start - 400)
    return re.search(_ADDRESS, value[max(line, 0) : end + 400]) is not None
