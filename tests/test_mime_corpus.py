"""The same leaves and the same text as the standard library's `email`, on our own fixtures and on real mail.

`email` with its default policy gives the leaves and the bytes of each; it has no opinion on what bytes mean in an
unknown charset, so that the test states it: labels mean what the WHATWG Encoding Standard says, and undeclared bytes
are UTF-8 if they can be, else windows-1252. Where the results differ, the difference belongs to one of the classes
below, or the test fails.
"""

from __future__ import annotations

import codecs
import email
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import pytest

from spamlint.limits import DEFAULT_LIMITS
from spamlint.mime import Part, parse
from spamlint.source import Source

FOLDERS = ("sa", "phish", "ham_modern", "malformed", "bounces")
SAME_AT_LEAST = 0.99
LARGER_SETS = {
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "shift_jis": "cp932",
}
C1 = re.compile(rb"[\x80-\x9f]")


@dataclass(frozen=True)
class Leaf:
    """A leaf as one of the two parsers sees it; `text` is None where it is no text."""

    content_type: str
    text: str | None
    encoding: str


@dataclass(frozen=True)
class Pair:
    """One message, parsed by both."""

    raw: bytes
    root: Part
    ours: list[Leaf]
    theirs: list[Leaf]

    @property
    def defects(self) -> set[str]:
        parts = list(self.root.walk())
        return {defect.code for part in parts for defect in (*part.defects, *part.text_defects)}


def our_leaves(root: Part) -> list[Leaf]:
    return [
        Leaf(part.content_type, part.text.value if part.content_type.startswith("text/") else None, part.encoding)
        for part in root.walk()
        if not part.children
    ]


def their_leaves(raw: bytes) -> list[Leaf]:
    """The leaves; what is inside message/delivery-status and the like is left alone, as we do."""
    found: list[Leaf] = []
    waiting: list[Message] = [email.message_from_bytes(raw)]
    while waiting:
        part = waiting.pop()
        kind = part.get_content_type()
        if part.is_multipart() and (kind.startswith("multipart/") or kind in {"message/rfc822", "message/global"}):
            payload = part.get_payload()
            assert isinstance(payload, list)
            waiting.extend(child for child in reversed(payload) if isinstance(child, Message))
            continue
        encoding = str(part.get("content-transfer-encoding", "")).lower()
        found.append(Leaf(kind, their_text(part) if kind.startswith("text/") else None, encoding))
    return found


def their_text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    try:
        name = codecs.lookup(part.get_content_charset() or "ascii").name
        payload.decode(name, "replace")
    except (LookupError, ValueError):
        name = "ascii"
    if name == "iso8859-1" and not C1.search(payload):
        return payload.decode("latin-1")
    if name != "ascii":
        return payload.decode(LARGER_SETS.get(name, name), "replace").removeprefix("\ufeff")
    try:
        return payload.decode("utf-8-sig")
    except UnicodeDecodeError:
        return payload.decode("cp1252", "replace")


# ---- classes of difference


def texts_match(pair: Pair, accept: Callable[[Leaf, Leaf], bool]) -> bool:
    """Whether the leaves correspond, and each that differs is accepted."""
    both = list(zip(pair.ours, pair.theirs, strict=False))
    return len(pair.ours) == len(pair.theirs) and all(
        (ours.content_type, ours.text) == (theirs.content_type, theirs.text) or accept(ours, theirs)
        for ours, theirs in both
    )


def empty_last_part(pair: Pair) -> bool:
    def plain(leaves: list[Leaf]) -> list[tuple[str, str | None]]:
        return [(leaf.content_type, leaf.text) for leaf in leaves]

    expected = [*plain(pair.ours), ("text/plain", "")]
    return "missing-end-boundary" in pair.defects and plain(pair.theirs) == expected


def encoded_message(pair: Pair) -> bool:
    return "encoded-message" in pair.defects


def same_boundary(pair: Pair) -> bool:
    return any(
        outer.parameters["boundary"].value == inner.parameters["boundary"].value
        for outer in pair.root.walk()
        if outer.children and "boundary" in outer.parameters
        for inner in outer.walk()
        if inner is not outer and inner.children and "boundary" in inner.parameters
    )


def odd_boundary(pair: Pair) -> bool:
    waiting = list(email.message_from_bytes(pair.raw).walk())
    boundaries = [part.get_boundary() or "" for part in waiting]
    return any(re.search(r'[\r\n"]', boundary) or boundary.endswith("--") for boundary in boundaries)


def content_type(pair: Pair) -> bool:
    return "malformed-content-type" in pair.defects


def header_line(pair: Pair) -> bool:
    return bool(re.search(rb"(?m)\A(?:>From |(?:[^\r\n]+\r?\n)*?[!-9;-~]+[ \t]+:)", pair.raw))


def bare_cr(pair: Pair) -> bool:
    return b"=\r" in pair.raw.replace(b"\r\n", b"\n") and texts_match(
        pair, lambda ours, _: ours.encoding == "quoted-printable"
    )


def blank_start(pair: Pair) -> bool:
    return "blank-line-before-header" in pair.defects


def broken_base64(pair: Pair) -> bool:
    return "bad-base64" in pair.defects and texts_match(pair, lambda ours, _: ours.encoding == "base64")


def encoding_label(pair: Pair) -> bool:
    return texts_match(pair, lambda ours, theirs: ours.encoding != theirs.encoding)


def meta_charset(pair: Pair) -> bool:
    return "charset-guessed" in pair.defects and texts_match(
        pair, lambda ours, _: bool(ours.text) and bool(re.search(r"(?i)<meta[^>]+charset", ours.text or ""))
    )


def mac_label(pair: Pair) -> bool:
    return any((part.charset or "").startswith("x-mac-") for part in pair.root.walk())


CLASSES: dict[str, tuple[Callable[[Pair], bool], str]] = {
    "empty last part": (empty_last_part, "a delimiter right at the end of the file starts no part: nothing follows it"),
    "encoded message": (encoded_message, "RFC 2046 forbids it; `email` reads the base64 as the message's header"),
    "same boundary": (same_boundary, "nested multiparts share a boundary: we keep the inner parts, `email` loses them"),
    "odd boundary": (odd_boundary, "folded, unclosed or dashed boundary: we find the parts, `email` none or fewer"),
    "meta charset": (meta_charset, "undeclared HTML that is no UTF-8: we believe its <meta charset>, as readers do"),
    "Mac label": (mac_label, "Python does not know this charset by its usual name"),
    "content type": (content_type, "junk behind the type: `email` makes it part of the type"),
    "blank start": (blank_start, "blank lines before the header: for `email` there is no header, only text"),
    "header line": (header_line, "`name :` (obsolete) and `>From ` end the header for `email`"),
    "bare CR": (bare_cr, "binascii drops everything from a soft break to the next LF, in mail that has none"),
    "broken base64": (broken_base64, "`email` gives the undecoded text, or stops at the first padding"),
    "encoding label": (encoding_label, "comments and trailing junk: `email` does not decode at all"),
}


def compare(raw: bytes) -> str:
    """One of: same, the name of a class, email raises (it never does on the corpus), unexplained."""
    root = parse(Source("", raw), DEFAULT_LIMITS)
    try:
        theirs = their_leaves(raw)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError):
        return "email raises"
    pair = Pair(raw, root, our_leaves(root), theirs)
    if texts_match(pair, lambda _ours, _theirs: False):
        return "same"
    return next((name for name, (explains, _) in CLASSES.items() if explains(pair)), "unexplained")


FIXTURES = {
    "plain": ("From: a\n\nwords\n", "same"),
    "no header": ("words and\nmore\n", "same"),
    "multipart": (
        (
            "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\nx\n--b\n\none\n--b\n"
            "Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\ntw=6F\n--b--\ny\n"
        ),
        "same",
    ),
    "open multipart": ("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n", "same"),
    "no boundary": ("Content-Type: multipart/mixed\n\nwords\n", "same"),
    "never begun": ("Content-Type: multipart/mixed; boundary=b\n\nwords\n", "same"),
    "inner not closed": (
        (
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n\n"
            "--c\n\none\n--b\n\ntwo\n--b--\n"
        ),
        "same",
    ),
    "message": ("Content-Type: message/rfc822\n\nSubject: x\n\nwords\n", "same"),
    "empty message": ("Content-Type: message/rfc822\n\n", "same"),
    "base64": ("Content-Transfer-Encoding: base64\nContent-Type: text/plain; charset=latin1\n\nY2Fm6Q==\n", "same"),
    "latin-1 by name only": ("Content-Type: text/plain; charset=iso-8859-1\n\nit\x92s\n", "same"),
    "undeclared": ("From: a\n\ncaf\xe9\n", "same"),
    "bad type": ("Content-Type: html\n\nx\n", "same"),
    "same boundary": (
        (
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n"
            "--b\n\none\n--b--\n--b--\n"
        ),
        "same boundary",
    ),
    "folded boundary": ('Content-Type: multipart/mixed; boundary="a\n b"\n\n--a b\n\none\n--a b--\n', "odd boundary"),
    "empty last part": ("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b", "empty last part"),
    "encoded message": (
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoKeA==\n",
        "encoded message",
    ),
    "junk behind the type": ("Content-Type: text/html charset=utf-8\n\nx\n", "content type"),
    "blank start": ("\n\nFrom: a\nContent-Type: text/html\n\nx\n", "blank start"),
    "blank before the colon": ("From : a\nSubject : b\n\nx\n", "header line"),
    "bare CR": ("Content-Transfer-Encoding: quoted-printable\r\rone=\rtwo\r", "bare CR"),
    "broken base64": ("Content-Transfer-Encoding: base64\n\nQUJD=QUJDQ\n", "broken base64"),
    "encoding label": ("Content-Transfer-Encoding: base64 (x)\n\nQUJD\n", "encoding label"),
    "meta charset": ("Content-Type: text/html\n\n<meta charset=koi8-r>\xd0\n", "meta charset"),
    "Mac label": ("Content-Type: text/plain; charset=x-mac-cyrillic\n\n\x80\n", "Mac label"),
    "charset with NUL": ("Content-Type: text/plain; charset*=\x00''x\n\nx\n", "same"),
}


@pytest.mark.parametrize("name", FIXTURES)
def test_fixtures(name: str) -> None:
    text, result = FIXTURES[name]
    assert compare(text.encode("latin-1")) == result


def test_every_class_has_a_fixture_and_a_reason() -> None:
    assert {result for _, result in FIXTURES.values()} >= set(CLASSES)
    assert all(reason for _, reason in CLASSES.values())


def test_real_mail(corpus: Path) -> None:
    paths = [path for folder in FOLDERS for path in sorted((corpus / folder).rglob("*.eml"))]
    results = {path: compare(path.read_bytes()) for path in paths}
    counts = Counter(results.values())
    assert [path.name for path, result in results.items() if result == "unexplained"] == []
    assert counts["same"] >= SAME_AT_LEAST * len(paths)
