"""Checks on the subject of a message."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from spamlint.message import Message
from spamlint.rule import Hit
from spamlint.source import Text

REPLY_PREFIXES = ("re", "aw", "antw", "antwort", "sv", "res", "odp", "ynt", "отв", "απ", "回复", "回覆", "答复")
"""What mail programs put before the subject of a reply: English, German, Dutch, Scandinavian, Portuguese and so on."""

FORWARD_PREFIXES = ("fwd", "fw", "wg", "doorst", "vs", "vb", "vl", "rv", "tr", "enc", "pd", "转发", "轉寄")
"""The same for a forwarded message. "VS" is a forward in Danish and a reply in Finnish."""

INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters, marks and symbols that show nothing: fillers and the empty Braille pattern."""

INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Unicode categories that show nothing: controls, format characters (zero-width ones) and spaces."""

EXCLAMATION_MARKS = "!\u01c3\u203c\u2755\u2757\ufe15\ufe57\uff01"
"""Exclamation marks of Latin, full-width and emoji form. The opening mark of Spanish is no shout of its own."""

LONGEST_READ = 10_000
"""Characters of a subject that are looked at; a longer one is too long and that is enough to say."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_RUN = re.compile(rf"[{EXCLAMATION_MARKS}](?:[\s?？]*[{EXCLAMATION_MARKS}])*")
_ENCODED_WORD_START = re.compile(r"=\?[\w.:*-]{1,40}\?[bq]\?\S*", re.IGNORECASE)
_RAW_8BIT = re.compile(r"[\x80-\xff]+")
_LINE_WHITE_SPACE = " \t\r\n"


def _prefix_pattern(prefixes: tuple[str, ...]) -> re.Pattern[str]:
    """Matches one prefix with its counter, as in "Re:", "RE[2]:", "Re (3):" and "回复：", at the start of a text."""
    words = "|".join(map(re.escape, prefixes))
    return re.compile(rf"[ \t]*(?:{words})(?:\s?(?:\[\d+\]|\(\d+\)|\^\d+))?\s?[:：]", re.IGNORECASE)


_REPLY = _prefix_pattern(REPLY_PREFIXES)
_FORWARD = _prefix_pattern(FORWARD_PREFIXES)
_PREFIX = _prefix_pattern(REPLY_PREFIXES + FORWARD_PREFIXES)


def missing(message: Message) -> Iterator[Hit]:
    """A message without a Subject field. A draft for which nobody said a subject is none."""
    if message.kind == "message" and message.header("subject") is None:
        yield Hit(message.headers_end)


def empty(message: Message) -> Iterator[Hit]:
    """A Subject field that holds nothing but the white space of the line."""
    subject = message.subject
    if subject is not None and not subject.value.strip(_LINE_WHITE_SPACE):
        yield Hit(_field(message, subject))


def blank(message: Message) -> Iterator[Hit]:
    """A subject of characters that show nothing: no-break spaces, zero-width characters, an encoded blank."""
    subject = _subject(message)
    if subject is None or not subject.value.strip(_LINE_WHITE_SPACE):
        return
    if all(map(_shows_nothing, subject.value)):
        yield Hit(subject, {"characters": len(subject)})


def all_capitals(message: Message, *, at_least: int = 10, share: int = 90, acronym: int = 3) -> Iterator[Hit]:
    """A subject of at least `at_least` letters of which `share` percent are capitals.

    Words with a digit are order numbers. One word is a heading, and words of up to `acronym` letters are likely
    acronyms: two longer words are needed. Letters of scripts without case count against it; so does a small letter.
    """
    subject = _subject(message)
    if subject is None:
        return
    text = _without_prefixes(subject)
    words = [word for word in _WORD.findall(text.value) if not any(map(str.isdigit, word))]
    letters = [letter for word in words for letter in word if letter.isalpha() and letter != "ß"]  # has no capital
    capitals = sum(map(str.isupper, letters))
    if capitals < at_least or capitals * 100 < share * len(letters):
        return
    if sum(len(word) > acronym and word.replace("ß", "").isupper() for word in words) >= 2:
        yield Hit(text, {"letters": capitals})


def many_exclamation_marks(message: Message, *, at_least: int = 3, in_a_row: int = 2) -> Iterator[Hit]:
    """Each run of exclamation marks, where there are `at_least` in the subject or `in_a_row` at one place."""
    subject = _subject(message)
    if subject is None:
        return
    runs = [(run, sum(mark in EXCLAMATION_MARKS for mark in run[0])) for run in _RUN.finditer(subject.value)]
    if sum(marks for _, marks in runs) >= at_least or any(marks >= in_a_row for _, marks in runs):
        for run, marks in runs:
            yield Hit(subject[run.start() : run.end()], count=marks)


def too_long(message: Message, *, longer_than: int = 60, shown: int = 40) -> Iterator[Hit]:
    """What a phone cuts off a subject that is wider than `longer_than` columns, of which a phone shows `shown`."""
    subject = _subject(message)
    if subject is None or 2 * len(subject) <= longer_than:
        return
    width, cut = 0, len(subject)
    for index, character in enumerate(subject.value):
        width += _columns(character)
        if width > shown and cut == len(subject):
            cut = index
    if width > longer_than:
        yield Hit(subject[cut:], {"length": width, "shown": subject.value[:cut].rstrip()})


def fake_reply(message: Message) -> Iterator[Hit]:
    """A reply prefix in a message that names no message it answers."""
    yield from _fake(message, _REPLY)


def fake_forward(message: Message) -> Iterator[Hit]:
    """A forward prefix in a message that names no message it came from."""
    yield from _fake(message, _FORWARD)


def undecodable(message: Message) -> Iterator[Hit]:
    """Encoded words of the subject that cannot be decoded, or that a reader sees undecoded."""
    header = message.header("subject")
    if header is None or "=?" not in header.body.value:
        return
    broken = [defect.text for defect in header.defects if defect.code == "undecodable-word" and defect.text is not None]
    for text in broken:
        yield Hit(text, {"word": text.value})
    if not broken:
        for found in _ENCODED_WORD_START.finditer(header.value.value):
            yield Hit(header.value[found.start() : found.end()], {"word": found[0]})


def raw_8bit(message: Message) -> Iterator[Hit]:
    """Bytes above 127 in the Subject field. `garbled` is 1 where they are not even UTF-8."""
    header = message.header("subject")
    if header is None or header.field.value.isascii():
        return
    try:
        header.field.value.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        garbled = 1
    else:
        garbled = 0
    for run in _RAW_8BIT.finditer(header.field.value):
        yield Hit(header.field[run.start() : run.end()], {"garbled": garbled})


def _subject(message: Message) -> Text | None:
    """The subject, no more of it than the checks look at."""
    subject = message.subject
    return subject if subject is None or len(subject) <= LONGEST_READ else subject[:LONGEST_READ]


def _field(message: Message, subject: Text) -> Text:
    header = message.header("subject")
    return header.field if header is not None else subject


def _shows_nothing(character: str) -> bool:
    return character in INVISIBLE or unicodedata.category(character) in INVISIBLE_CATEGORIES


def _columns(character: str) -> int:
    """How much room a character takes: an East Asian wide one two columns, an accent or zero-width one none."""
    if character.isascii():
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _without_prefixes(subject: Text) -> Text:
    start = 0
    while found := _PREFIX.match(subject.value, start):
        start = found.end()
    text = subject[start:]
    return text[len(text) - len(text.value.lstrip()) :]


def _fake(message: Message, prefix: re.Pattern[str]) -> Iterator[Hit]:
    subject = _subject(message)
    if subject is None or message.kind == "draft":  # the headers of a draft are not known
        return
    found = prefix.match(subject.value)
    if found is None or any(message.header(name) for name in ("in-reply-to", "references", "thread-index")):
        return
    text = subject[: found.end()]
    yield Hit(text, {"prefix": text.value.strip()})
