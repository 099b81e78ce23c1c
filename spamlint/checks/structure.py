"""Checks on the structure of a message: headers, parts, transfer encodings, lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spamlint.message import Message
from spamlint.mime import Part
from spamlint.rule import Hit
from spamlint.source import Text, source_text
from spamlint.unread import limits_reached

LONGEST_LINE = 998
"""Octets of a line without its line end (RFC 5322 2.1.1, RFC 5321 4.5.3.1.6)."""

SINGLE_HEADERS = (
    "date", "from", "sender", "reply-to", "to", "cc", "bcc", "message-id", "in-reply-to", "references", "subject",
    "mime-version",
)  # fmt: skip
"""Fields of a message that occur at most once (RFC 5322 3.6, RFC 2045 4)."""

SINGLE_PART_HEADERS = (
    "content-type", "content-transfer-encoding", "content-id", "content-description", "content-disposition",
)  # fmt: skip
"""Fields of a part that occur at most once (RFC 2045 3, RFC 2183 2)."""

WRONG_ENCODINGS = {
    "bad-base64": "base64",
    "bad-quoted-printable": "quoted-printable",
    "encoded-multipart": "multipart",
    "encoded-message": "message",
    "unknown-encoding": "",
}
"""Defect code -> what the encoding got wrong, for the rule's message; empty: what is written there."""

_LINE_ENDS = re.compile(rb"\r\n?|\n")
_ADDRESS = re.compile(r"(?:https?|ftp)://\S+|www\.\S+|(?<![\w.+-])[\w.+-]++@\S+", re.IGNORECASE)
"""A web or mail address. The lookbehind and the possessive quantifier keep it linear on long words."""
_ONE_WORD = r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]|[^\W\d_]{3,}"
"""Compiled on first use."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_HTML_NAMED = re.compile(r"\bhtml\b", re.IGNORECASE)


def missing_header(message: Message, *, name: str = "From") -> Iterator[Hit]:
    """The place of a header field that is absent or empty. A draft has no headers yet."""
    if message.kind == "draft":
        return
    header = message.header(name)
    if header is None:
        yield Hit(message.headers_end)
    elif not header.body.value:
        yield Hit(header.field)


def blank_line_before_header(message: Message) -> Iterator[Hit]:
    """The first header field of a message that blank lines stand before."""
    if message.headers and any(defect.code == "blank-line-before-header" for defect in message.root.defects):
        yield Hit(message.headers[0].field)


def no_mime_version(message: Message) -> Iterator[Hit]:
    """A message that uses MIME and does not say so. Plain mail without a Content-Type needs no MIME-Version."""
    if message.header("content-type") is not None and message.header("mime-version") is None:
        yield Hit(message.headers_end)


def no_text_alternative(message: Message) -> Iterator[Hit]:
    """The HTML part of a message that has no text part, or only a blank one. A draft is half a message by nature."""
    if message.kind == "draft" or not message.html_parts:
        return
    if any(not part.text.value.isspace() and part.text.value for part in message.text_parts):
        return
    part = message.html_parts[0]
    header = part.header("content-type")
    yield Hit(header.field if header is not None else None)


def text_html_differ(message: Message, *, at_least: int = 50, words: int = 5) -> Iterator[Hit]:
    """The first word of a text part whose HTML lacks `at_least` percent of its different words.

    Texts of fewer than `words` different words are left alone, unless they speak of HTML, as a stub does ("your
    program does not show HTML"). HTML may say more than the text: what a reader of the text misses is not judged.
    """
    for text_part, html_part in message.alternatives:
        text = text_part.text
        shown = _html_words(message, html_part)
        rough = set(text.value.casefold().split())
        if 200 * len(rough - set(shown.split())) < at_least * len(rough):  # half the limit: punctuation sticks to words
            continue
        known = set(re.findall(_ONE_WORD, shown))
        own = _distinct_words(text)
        missing = [(word, place) for word, place in own.items() if word not in known]
        if len(own) < words and not _HTML_NAMED.search(text.value):
            continue
        if missing and 100 * len(missing) >= at_least * len(own):
            sample = ", ".join(word for word, _ in missing[:5])
            values = {"percent": 100 * len(missing) // len(own), "missing": len(missing), "words": len(own)}
            yield Hit(text[slice(*missing[0][1])], {**values, "sample": sample})


def _html_words(message: Message, part: Part) -> str:
    """All that the HTML can say to a reader, in small letters: text, hidden text, and texts in place of pictures."""
    document = message.html(part)
    pictures = (element.get("alt") or "" for element in document.all("img", "area"))
    titles = (element.get("title") or "" for element in document.all("a", "img"))
    return "\n".join((document.visible.value, document.hidden.value, *pictures, *titles)).casefold()


def _distinct_words(text: Text) -> dict[str, tuple[int, int]]:
    """Each word of `text`, in small letters, with its first place. Addresses are no words."""
    found: dict[str, tuple[int, int]] = {}
    blanked = _ADDRESS.sub(lambda address: " " * len(address[0]), text.value)
    for word in re.finditer(_ONE_WORD, blanked):
        found.setdefault(word[0].casefold(), word.span())
    return found


def long_line(message: Message, *, longest: int = LONGEST_LINE) -> Iterator[Hit]:
    """Each line of the message as it is sent that has more than `longest` octets. A draft is yet to be encoded."""
    if message.kind == "draft":
        return
    base = message.root.start if message.depth else 0
    data = message.source.data[base : message.root.end] if message.depth else message.source.data
    start = 0
    while len(data) - start > longest:
        reach = start + longest + 1
        end = max(data.rfind(b"\n", start, reach), data.rfind(b"\r", start, reach))
        if end >= 0:  # every line up to there is short enough
            start = end + 1
            continue
        found = _LINE_ENDS.search(data, reach)
        end, start_of_next = found.span() if found else (len(data), len(data))
        yield Hit(source_text(message.source, base + start, base + end), {"length": end - start})
        start = start_of_next


def wrong_transfer_encoding(message: Message) -> Iterator[Hit]:
    """What does not fit its Content-Transfer-Encoding."""
    for defect in message.defects:
        if defect.code in WRONG_ENCODINGS:
            yield Hit(defect.text, {"what": WRONG_ENCODINGS[defect.code] or str(defect.text)})
    for part in message.body_parts:
        if any(defect.code == "8bit-in-7bit" for defect in part.text_defects):
            run = _NOT_ASCII.search(part.text.value)
            yield Hit(part.text[run.start() : run.end()] if run else None, {"what": "8bit in 7bit"})


def needless_transfer_encoding(message: Message) -> Iterator[Hit]:
    """The Content-Transfer-Encoding of a text in base64 that could be sent as it is."""
    for part in message.body_parts:
        if part.encoding == "base64" and _is_plain(part.content):
            header = part.header("content-transfer-encoding")
            if header is not None:
                yield Hit(header.field)


def _is_plain(content: bytes) -> bool:
    """Whether `content` may be sent as 7bit: ASCII, no NUL, no line over the limit."""
    if not content or not content.isascii() or b"\0" in content:
        return False
    return max(map(len, content.splitlines())) <= LONGEST_LINE


def duplicate_header(message: Message) -> Iterator[Hit]:
    """The second and each further field of a name that may occur once, in the message and in each of its parts."""
    yield from _repeated(message.root, SINGLE_HEADERS + SINGLE_PART_HEADERS)
    for part in _parts_below(message.root):
        yield from _repeated(part, SINGLE_PART_HEADERS)


def _repeated(part: Part, names: tuple[str, ...]) -> Iterator[Hit]:
    seen: set[str] = set()
    for header in part.headers:
        if header.key in seen and header.key in names:
            yield Hit(header.field, {"name": header.name})
        seen.add(header.key)


def _parts_below(root: Part) -> Iterator[Part]:
    """All parts in order, without what lies inside an attached message: its headers are not the sender's."""
    waiting = list(reversed(root.children)) if root.content_type.startswith("multipart/") else []
    while waiting:
        part = waiting.pop()
        yield part
        if part.content_type.startswith("multipart/"):
            waiting.extend(reversed(part.children))


def limit_reached(message: Message) -> Iterator[Hit]:
    """Where the message was not read further because it reached a limit."""
    for defect in limits_reached(message):
        yield Hit(defect.text, {"limit": defect.code.removeprefix("limit-")})
