"""Checks on what a message keeps from its readers: text that a style hides, and words that are disguised in HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from spamlint.hidden.spots import seen, words_of
from spamlint.html import Document
from spamlint.html.runs import long_comments, text_of
from spamlint.html.walk import parent_number
from spamlint.message import Message
from spamlint.rule import Hit
from spamlint.source import Text

LONGEST_READ = 200_000
"""Code points of one text in which disguised words are looked for."""

_WEB = ("http://", "https://", "//")
_LETTER = (
    r"&#(?:0{0,6}(?:6[5-9]|[78][0-9]|90|9[7-9]|1[01][0-9]|12[0-2])"
    r"|[xX]0{0,6}(?:4[1-9a-fA-F]|5[0-9aA]|6[1-9a-fA-F]|7[0-9aA]));?"
)
_LETTER_REFERENCES = re.compile(rf"{_LETTER}(?:{_LETTER}){{2,}}")
_ADDRESS_NEAR = re.compile(r"mailto:|&#0*64;|&#[xX]0*40;|@|&#0*109;?&#0*97;?&#0*105;?&#0*108;?")
_NEAR = 60
"""Code points around numbered letters in which a mail address excuses them."""
_LONG_WORD = re.compile(r"(?<!\S)[A-Za-z0-9]{30,1000}")
_CODE = re.compile(r"[<{}]|\[if\b|\bendif\b", re.IGNORECASE)
_PROSE_WORD = re.compile(r"[^\W\d_]{2,}")


def text(message: Message, *, by: str = "none") -> Iterator[Hit]:
    """Each spot of text that is hidden in that way for no honest reason; the count is that of its words.

    `by`: "none" (not shown), "away" (beyond the edge), "zero" (of no size) or "same" (in the colour of its background).
    """
    found = message.fact(seen)
    spots = [spot for spot in found.hidden if spot.kind == by and not spot.in_word]
    letters = sum(len(" ".join(spot.words)) for spot in spots)
    share = 100 * letters // max(1, letters + found.letters)
    for spot in spots:
        yield Hit(spot.text, {"share": share}, count=len(spot.words))


def inside_word(message: Message) -> Iterator[Hit]:
    """Each piece of hidden text inside a word that can be read."""
    for spot in message.fact(seen).hidden:
        if spot.in_word:
            yield Hit(spot.text, {"text": " ".join(spot.words)[:40]})


def link(message: Message) -> Iterator[Hit]:
    """Each link to the web in hidden text that is nowhere else in the message."""
    hidden = message.fact(seen).hidden
    for page in message.fact(seen).pages if hidden else ():
        document = page.document
        unseen = _around(
            document, (number for spot in hidden if spot.document is document for _, number, _ in spot.runs)
        )
        links = [(element, (element.get("href") or "").strip()) for element in document.all("a")]
        open_targets = {target for element, target in links if element.number not in unseen}
        for element, target in links:
            if element.number in unseen and target not in open_targets and target.lower().startswith(_WEB):
                href = element.attribute("href")
                yield Hit(href if href is not None else element.text, {"url": target[:80]})


def markup_in_word(message: Message, *, at_least: int = 5) -> Iterator[Hit]:
    """Each place where tags or comments cut a word in two and change nothing of how it looks, from so many on."""
    for page in message.fact(seen).pages:
        if len(page.cuts) >= at_least:
            for run in page.cuts:
                yield Hit(text_of(page.document, [run]))


def numbered_letters(message: Message, *, at_least: int = 20) -> Iterator[Hit]:
    """Each run of plain letters that are written as numbers, where there are so many; mail addresses are excused."""
    for document in message.documents:
        source = document.source
        if source.value.count("&#") < at_least:
            continue
        value = source.value[: message.limits.field]
        runs = [found for found in _LETTER_REFERENCES.finditer(value) if not _is_address(value, *found.span())]
        if sum(found[0].count("&") for found in runs) >= at_least:
            for found in runs:
                yield Hit(source[found.start() : found.end()], count=found[0].count("&"))


def prose_in_comment(message: Message, *, at_least: int = 60) -> Iterator[Hit]:
    """Each comment of so many words that holds neither mark-up nor code."""
    for document in message.documents:
        for comment in long_comments(document, 3 * at_least):
            value = comment.value[: message.limits.field]
            if not _CODE.search(value, 4) and len(_PROSE_WORD.findall(value)) >= at_least:
                yield Hit(comment, {"words": len(_PROSE_WORD.findall(value))})


def unrelated_title(message: Message, *, at_least: int = 3) -> Iterator[Hit]:
    """A title of the HTML of which no word stands in the subject or in the text."""
    subject = message.subject
    if subject is None:
        return
    for page in message.fact(seen).pages:
        title = page.document.title
        if title is None or len(title) > LONGEST_READ:
            continue
        words = _telling(title.value)
        if len(words) < at_least or words & _telling(subject.value) or not page.document.visible.value:
            continue
        shown = page.document.visible.value.casefold()
        if not any(word in shown for word in words):
            yield Hit(_stripped(title))


def random_text(message: Message) -> Iterator[Hit]:
    """Each long word of small and capital letters and digits in a jumble, in the subject or in the text of HTML."""
    texts = [text for document in message.documents for text in (document.visible, document.hidden)]
    for found in (message.subject, *texts):
        if found is None:
            continue
        for word in _LONG_WORD.finditer(found.value, 0, message.limits.field):
            if _is_jumble(word[0]) and _ends(found.value, word.end()):
                yield Hit(found[word.start() : word.end()], {"letters": len(word[0])})


def alt_of_unseen(message: Message, *, at_least: int = 10) -> Iterator[Hit]:
    """The words in place of each picture that is too small to be seen, where there are so many of them."""
    for picture in message.pictures.every:
        if picture.role == "pixel" and picture.alt and len(picture.alt) >= 2 * at_least and picture.element is not None:
            words = len(words_of(picture.alt[:LONGEST_READ]))
            alt = picture.element.attribute("alt")
            if words >= at_least and alt is not None:
                yield Hit(alt, count=words)


def _around(document: Document, numbers: Iterable[int]) -> set[int]:
    """Those elements and all around them."""
    found: set[int] = set()
    for innermost in numbers:
        number = innermost
        while number >= 0 and number not in found:
            found.add(number)
            number = parent_number(document, number)
    return found


def _is_address(value: str, start: int, end: int) -> bool:
    around = value[max(0, start - _NEAR) : end + _NEAR]
    return _ADDRESS_NEAR.search(around) is not None


def _telling(value: str) -> set[str]:
    """The words of at least three letters."""
    return {word for word in words_of(value) if len(word) >= 3}


def _stripped(text: Text) -> Text:
    start = len(text.value) - len(text.value.lstrip())
    return text[start : len(text.value.rstrip())]


def _is_jumble(word: str) -> bool:
    """Whether letters and digits change places in a word as in no language: by chance, or in a code."""
    kinds = [0 if sign.isdigit() else 1 if sign.islower() else 2 for sign in word]
    pairs = [(one, other) for one, other in pairwise(kinds) if one != other]
    with_digits = sum(not one or not other for one, other in pairs)
    return len(set(kinds)) == 3 and 5 * len(pairs) >= 2 * len(word) and 10 * with_digits >= len(word)


def _ends(value: str, end: int) -> bool:
    """Whether white space or the end of the text stands there: what else holds such words is an address."""
    return end == len(value) or value[end].isspace()
