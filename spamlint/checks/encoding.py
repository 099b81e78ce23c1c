"""Checks on the bytes of a message: charsets that are declared, lines of encodings, line ends."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spamlint.message import Message
from spamlint.mime import Part
from spamlint.rule import Hit
from spamlint.source import Text, source_text
from spamlint.verdict import Value

LONGEST_ENCODED_LINE = 76
"""Characters of a line in quoted-printable or base64 (RFC 2045 6.7, 6.8).

Many mail libraries do not count the "=" of a soft line break, so it is not counted here.
"""

_LOOKED_AT = 65_536
"""Bytes of a text whose lines are measured: the program that makes one line too long makes all of them so."""

_BARE_CR = re.compile(rb"\r(?!\n)")
_BARE_LF = re.compile(rb"(?<!\r)\n")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_FAMILIES = (
    {"iso-8859-1", "latin1", "windows-1252", "cp1252", "us-ascii", "ascii", "iso-8859-15"},
    {"ks_c_5601-1987", "euc-kr", "ks_c_5601", "cp949"},
    {"gb2312", "gbk", "gb18030", "cp936"},
    {"shift_jis", "cp932", "windows-31j", "sjis"},
)
"""Charsets that readers treat as one: what is written in one is shown the same as another."""


_ASCII = ("us-ascii", "ascii")
_HIGH = bytes(range(128, 256))


def _field(part: Part) -> Text:
    header = part.header("content-type")
    return header.field if header else source_text(part.source, part.headers_end, part.headers_end)


def no_charset(message: Message) -> Iterator[Hit]:
    """The first bytes beyond ASCII of a text that declares no charset for them."""
    for part in message.body_parts if message.kind == "message" else ():
        if part.charset in (None, "us-ascii", "ascii") and not part.content.isascii():
            found = _NOT_ASCII.search(part.text.value)
            yield Hit(
                part.text[found.start() : found.end()] if found else _field(part), {"charset": part.charset or "-"}
            )


def unknown_charset(message: Message) -> Iterator[Hit]:
    """The name of a charset that no program knows."""
    for part in message.body_parts:
        if part.charset is not None and any(defect.code == "unknown-charset" for defect in part.text_defects):
            yield Hit(part.parameters["charset"], {"charset": part.charset})


def charsets_disagree(message: Message) -> Iterator[Hit]:
    """The charset in the HTML, where the Content-Type says another. `bytes`: the text has more than ASCII."""
    for part in message.html_parts if message.kind == "message" else ():
        if part.charset is None or (part.charset in _ASCII and part.content.isascii()):
            continue
        declared = message.html(part).declared_charset
        if declared is None or not re.fullmatch(r"[A-Za-z0-9._:-]{2,40}", declared.value.strip()):
            continue
        named = declared.value.strip().lower()
        if _family(named) != _family(part.charset):
            values: dict[str, Value] = {"html": named, "header": part.charset, "bytes": int(not part.content.isascii())}
            yield Hit(declared, values)


def _family(charset: str) -> str:
    """One name for all charsets that readers treat as one."""
    plain = charset.replace("utf8", "utf-8").replace("iso8859", "iso-8859").strip("'\"")
    return next((min(family) for family in _FAMILIES if plain in family), plain)


def undecodable_bytes(message: Message) -> Iterator[Hit]:
    """The first bytes of a text that are nothing in its charset."""
    for part in message.body_parts:
        for defect in part.text_defects:
            if defect.code == "undecodable-bytes":
                yield Hit(defect.text, {"charset": part.charset or "UTF-8"})


def long_encoded_line(message: Message) -> Iterator[Hit]:
    """The first line of a text in quoted-printable or base64 that is longer than the encoding allows."""
    for part in message.body_parts if message.kind == "message" else ():
        if part.encoding not in ("quoted-printable", "base64"):
            continue
        start = part.body_start
        for line in part.source.data[start : min(part.end, start + _LOOKED_AT)].splitlines(keepends=True):
            if len(line) > LONGEST_ENCODED_LINE and len(line.rstrip(b"\r\n").removesuffix(b"=")) > LONGEST_ENCODED_LINE:
                end = start + len(line.rstrip(b"\r\n"))
                values: dict[str, Value] = {"encoding": part.encoding, "length": end - start}
                yield Hit(source_text(part.source, start, end), values)
                break
            start += len(line)


def base64_html(message: Message) -> Iterator[Hit]:
    """The Content-Transfer-Encoding of an HTML text in base64, most of whose characters are plain."""
    for part in message.html_parts if message.kind == "message" else ():
        if part.encoding == "base64" and not part.content.isascii():
            beyond = len(part.content) - len(part.content.translate(None, _HIGH))
            header = part.header("content-transfer-encoding")
            if header is not None and 20 * beyond < len(part.content):
                yield Hit(header.field, {"percent": 100 * beyond // len(part.content)})


def mixed_line_ends(message: Message) -> Iterator[Hit]:
    """The first line end that is not as the others of a message: a bare CR, or a bare LF among CRLFs."""
    if message.kind == "draft" or message.depth:
        return
    data = message.source.data
    returns = data.count(b"\r")
    if not returns:
        return
    pairs, feeds = data.count(b"\r\n"), data.count(b"\n")
    if returns > pairs:
        found = _BARE_CR.search(data)
    elif pairs and feeds > pairs:
        found = (_BARE_LF if feeds - pairs <= pairs else re.compile(rb"\r\n")).search(data)
    else:
        return
    if found is not None:
        values: dict[str, Value] = {
            "kind": {b"\r": "CR", b"\n": "LF"}.get(found[0], "CRLF"),
            "bare": int(returns > pairs),
        }
        yield Hit(source_text(message.source, *found.span()), values)


def nul_byte(message: Message) -> Iterator[Hit]:
    """A NUL byte in a header or in a text."""
    at = message.source.data.find(b"\0", message.root.start, message.root.headers_end)
    if at >= 0:
        yield Hit(source_text(message.source, at, at + 1))
    for part in message.body_parts:
        at = part.text.value.find("\0")
        if at >= 0:
            yield Hit(part.text[at : at + 1])


def byte_order_mark(message: Message) -> Iterator[Hit]:
    """A byte order mark at the beginning of a text, or of the message."""
    if message.kind == "draft":
        return
    data, start = message.source.data, message.root.start
    if data.startswith(b"\xef\xbb\xbf", start):
        yield Hit(source_text(message.source, start, start + 3))
    for part in message.body_parts:
        if part.content.startswith(b"\xef\xbb\xbf"):
            yield Hit(_field(part))
