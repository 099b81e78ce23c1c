"""Parameters of Content-Type and Content-Disposition (RFC 2045, RFC 2231), each value with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from spamlint.limits import Limits
from spamlint.mime import charset
from spamlint.mime.charset_names import codec_for
from spamlint.mime.words import decode_words
from spamlint.source import Text, chained, segmented

_NAME = re.compile(r"[;\s]*([^\s=;()]*)\s*(=?)\s*")
_QUOTE_OR_PAIR = re.compile(r'\\.|"', re.DOTALL)
_SUBTYPE = re.compile(r"\s*/\s*[^\s;()]*")
_QUOTED_PAIR = re.compile(r'\\([\\"])')
_TO_SEMICOLON = re.compile(r"[^;]*")
_TOKEN = re.compile(r"[^\s;()]*")
_COMMENT_AFTER = re.compile(r"\s+\(")
_PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_SECTION = re.compile(r"(.+?)(?:\*(\d{1,4}))?(\*)?", re.DOTALL)

_WITH_BLANKS = frozenset({"filename", "name", "boundary"})
_WITH_WORDS = frozenset({"filename", "name"})


class _Section(NamedTuple):
    """One section of a value: its order, whether it is percent-encoded, and its range of the field's body."""

    order: int
    encoded: bool
    start: int
    end: int
    quoted: bool


def parameters(body: Text, limits: Limits) -> Mapping[str, Text]:
    """The parameters behind the first word of `body`, by lower-case name; the first of two with one name counts."""
    sections: dict[str, list[_Section]] = {}
    for name, section in _sections(body.value, limits.parameters):
        sections.setdefault(name, []).append(section)
    return {name: _value(body, name, found, limits) for name, found in sections.items()}


def has_more_parameters(body: Text, most: int) -> bool:
    """Whether `body` has more than `most` parameters, the pieces of one in pieces counted one by one."""
    return body.value.count(";") > most and len(_sections(body.value, most + 1)) > most


def _sections(value: str, most: int) -> list[tuple[str, _Section]]:
    found: list[tuple[str, _Section]] = []
    position = skip_comment(value, _first_end(value))
    while position < len(value) and len(found) < most:
        name = _NAME.match(value, position)
        assert name
        position = name.end()
        if value.startswith("(", position):
            position = skip_comment(value, position)
        elif name[2]:
            key = _SECTION.fullmatch(name[1].lower())
            start, end, position, quoted = _range(value, position, key[1] if key else "")
            if key:
                order = int(key[2]) if key[2] else 0 if key[3] else -1
                found.append((key[1], _Section(order, bool(key[3]), start, end, quoted)))
        elif position == name.start():
            position += 1
    return found


def _first_end(value: str) -> int:
    """The end of the media type or disposition: the first blank, semicolon or comment behind it."""
    first = _TOKEN.match(value)
    assert first
    subtype = _SUBTYPE.match(value, first.end())
    return subtype.end() if subtype else first.end()


def skip_comment(value: str, position: int) -> int:
    """The end of the comment that opens at `position`, comments inside it included; `position` where none does."""
    if not value.startswith("(", position):
        return position
    depth = 0
    for found in _PARENTHESIS.finditer(value, position):
        if found[0] == "(":
            depth += 1
        elif found[0] == ")":
            depth -= 1
            if not depth:
                return found.end()
    return len(value)


def _range(value: str, position: int, name: str) -> tuple[int, int, int, bool]:
    """Start and end of the value at `position`, where the next parameter may start, and whether it was quoted."""
    if value.startswith('"', position):
        position += 1
        closing = next((found for found in _QUOTE_OR_PAIR.finditer(value, position) if found[0] == '"'), None)
        if closing:
            rest = _TO_SEMICOLON.match(value, closing.end())
            assert rest
            return position, closing.start(), rest.end(), True
    if name not in _WITH_BLANKS:
        token = _TOKEN.match(value, position)
        assert token
        return position, token.end(), token.end(), False
    rest = _TO_SEMICOLON.match(value, position)
    assert rest
    end = position + len(rest[0].rstrip())
    if name == "boundary":
        comment = _COMMENT_AFTER.search(value, position, end)
        end = comment.start() if comment else end
    return position, end, rest.end(), False


def _value(body: Text, name: str, sections: list[_Section], limits: Limits) -> Text:
    numbered = [section for section in sections if section.order >= 0]
    if not numbered:
        section = sections[0]
        text = _plain(body, section)
    else:
        text = _joined(body, _in_order(numbered))
    return decode_words(text, limits.encoded_words)[0] if name in _WITH_WORDS else text


def _in_order(sections: list[_Section]) -> list[_Section]:
    """The sections 0, 1, 2 ... up to the first that is missing; the first of two with one number counts."""
    by_order: dict[int, _Section] = {}
    for section in sections:
        by_order.setdefault(section.order, section)
    found: list[_Section] = []
    while len(found) in by_order:
        found.append(by_order[len(found)])
    return found or [min(sections, key=lambda section: section.order)]


def _plain(body: Text, section: _Section) -> Text:
    text = body[section.start : section.end]
    if not section.quoted or "\\" not in text.value:
        return text
    value = _QUOTED_PAIR.sub(r"\1", text.value)
    return Text(value, body, lambda: segmented(_unquoted(body.value, section)))


def _unquoted(value: str, section: _Section) -> list[tuple[int, int, int]]:
    last = section.start
    found: list[tuple[int, int, int]] = []
    for pair in _QUOTED_PAIR.finditer(value, section.start, section.end):
        found += [(pair.start() - last, last, pair.start() - last), (1, pair.start(), 2)]
        last = pair.end()
    return [*found, (section.end - last, last, section.end - last)]


def _joined(body: Text, sections: list[_Section]) -> Text:
    """The sections of one value, put together as bytes and read in the charset that the first of them names."""
    codec, start = _declared(body.value, sections[0])
    content, layout = bytearray(), []
    for index, section in enumerate(sections):
        at = start if index == 0 else section.start
        for data, outer, length in _units(body.value, section, at):
            content += data
            layout.append((len(data), outer, length))
    decoded = charset.decode(bytes(content), codec)
    return Text(decoded.value, body, lambda: chained(decoded.trace(), segmented(layout)))


def _declared(value: str, first: _Section) -> tuple[str, int]:
    """The codec of an extended value, and where its text starts, behind charset'language'."""
    if first.encoded:
        parts = value[first.start : first.end].split("'", 2)
        if len(parts) == 3:
            return codec_for(parts[0]) or "utf_8", first.start + len(parts[0]) + len(parts[1]) + 2
    return "utf_8", first.start


def _units(value: str, section: _Section, start: int) -> list[tuple[bytes, int, int]]:
    """The bytes of a section from `start` on, each unit with its range of `value`."""
    pattern = _PERCENT if section.encoded else _QUOTED_PAIR
    units, last = [], start
    for found in pattern.finditer(value, start, section.end):
        units += _bytes(value, last, found.start())
        data = unquote_to_bytes(found[0]) if section.encoded else found[1].encode()
        units.append((data, found.start(), found.end() - found.start()))
        last = found.end()
    return units + _bytes(value, last, section.end)


def _bytes(value: str, start: int, end: int) -> list[tuple[bytes, int, int]]:
    text = value[start:end]
    if text.isascii():
        return [(text.encode("ascii"), start, end - start)] if text else []
    return [(char.encode("utf-8"), start + index, 1) for index, char in enumerate(text)]
