"""Checks on what a subject looks like: random letters, gaps, pictures, another script than the text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from spamlint.message import Message
from spamlint.rule import Hit
from spamlint.source import Text

LONGEST_READ = 1_000
"""Characters of a subject that are looked at."""

LONGEST_ACRONYM = 6
"""A word of so many capitals may be the name of a thing."""

TEXT_READ = 2_000
"""Characters of the text that tell its script."""

SCRIPTS = {
    "Latin": "A-Za-zÀ-ÖØ-öø-ɏ",
    "Greek": "Ͱ-Ͽ",
    "Cyrillic": "Ѐ-ԯ",
    "Hebrew": "֐-׿",
    "Arabic": "؀-ۿ",
    "Devanagari": "ऀ-ॿ",
    "Thai": "฀-๿",
    "Hangul": "가-힣",
    "Chinese or Japanese": "぀-ヿ一-鿿",
}
"""Scripts and the letters that they are told by."""

_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_LAST_WORD = re.compile(r"(?:^|\s)([(<\[{#]?)([A-Za-z0-9]{4,24})[)>\]}]?\s*$")
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{5}", re.IGNORECASE)
_CLUSTER = re.compile(r"sch|[cpst]h|ck|st|ng|tz|ss", re.IGNORECASE)
_SWITCH = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_CASE_SWITCH = re.compile(r"(?<=[a-z])(?=[A-Z])")
_EMOJI = re.compile(r"[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55\u231a\u23f0]")
_GAP = re.compile(r"\S([ \t\xa0]{4,})\S")


def gap(message: Message) -> Iterator[Hit]:
    """Four blanks or more between two words, as mass mailers push random letters out of sight."""
    subject = _subject(message)
    if subject is not None:
        for found in _GAP.finditer(subject.value):
            yield Hit(subject[found.start(1) : found.end(1)], {"blanks": found.end(1) - found.start(1)})


def random_ending(message: Message) -> Iterator[Hit]:
    """A last word that is no word and no number: consonants only, or letters and digits that take turns."""
    subject = _subject(message)
    found = _LAST_WORD.search(subject.value[-60:]) if subject is not None else None
    if subject is None or found is None or not _is_random(found[2]):
        return
    offset = max(0, len(subject) - 60)
    yield Hit(subject[offset + found.start(2) : offset + found.end(2)], {"word": found[2]})


def _is_random(word: str) -> bool:
    switches = len(_SWITCH.findall(word))
    if switches:
        return switches >= 3
    if word.isdigit():
        return False
    if word.isupper() and len(word) <= LONGEST_ACRONYM:
        return False
    return bool(_CONSONANTS.search(_CLUSTER.sub("s", word))) or len(_CASE_SWITCH.findall(word)) >= 3


def emoji(message: Message) -> Iterator[Hit]:
    """Each picture among the words of the subject."""
    subject = _subject(message)
    if subject is not None and not subject.value.isascii():
        for found in _EMOJI.finditer(subject.value):
            yield Hit(subject[found.start() : found.end()])


def trailing_space(message: Message) -> Iterator[Hit]:
    """Blanks behind the last word of the Subject field, written out or inside an encoded word."""
    header = message.header("subject")
    if header is None or not header.value.value.strip():
        return
    for text in (header.field, header.value):
        last = len(text.value.rstrip(" \t\r\n\xa0"))
        if last < len(text):
            yield Hit(text[last:], {"blanks": len(text) - last})
            return


def other_script(message: Message, *, at_least: int = 8) -> Iterator[Hit]:
    """A subject in one script over a text in another, both of `at_least` letters and nearly all of one script."""
    subject = _subject(message)
    above = _script(subject.value, at_least) if subject is not None else None
    if subject is None or above is None:
        return
    text = "".join(text.value[:TEXT_READ] for text in message.body)[:TEXT_READ]
    if subject.value.isascii() and text.isascii():
        return
    below = _script(text, 5 * at_least)
    if below and above != below:
        yield Hit(subject, {"subject_script": above, "text_script": below})


def _script(text: str, at_least: int) -> str | None:
    """The script of nearly all letters of `text`, or None where there are few letters or several scripts."""
    plain = text.encode("ascii", "ignore")
    if len(plain.translate(None, _NO_LETTERS)) >= max(at_least, 9 * (len(text) - len(plain))):
        return "Latin"
    counts = Counter({name: len(re.findall(f"[{letters}]", text)) for name, letters in SCRIPTS.items()})
    name, count = counts.most_common(1)[0]
    return name if count >= at_least and count * 10 >= counts.total() * 9 else None


def _subject(message: Message) -> Text | None:
    subject = message.subject
    return subject if subject is None or len(subject) <= LONGEST_READ else subject[:LONGEST_READ]
