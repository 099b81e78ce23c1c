"""The text of parts: exact places in every encoding, charsets, defects, drafts."""

from __future__ import annotations

import base64

import pytest

from spamlint.limits import DEFAULT_LIMITS
from spamlint.mime import Part, draft, parse
from spamlint.source import Source, Text


def message(raw: bytes) -> Part:
    return parse(Source("mail.eml", raw), DEFAULT_LIMITS)


def find(text: Text, piece: str) -> Text:
    at = text.value.index(piece)
    return text[at : at + len(piece)]


# ---- places


def test_a_match_across_soft_breaks_in_quoted_printable() -> None:
    body = b"<p>caf=C3=A9</p>\r\n<b>FREE</b>&nbsp;=\r\n  money=20now</p>\r\n"
    raw = (
        b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\r\n"
        + body
        + b"--b--"
    )
    text = message(raw).children[0].text
    hit = find(text, "FREE</b>&nbsp;  money now")
    assert hit.span.raw == b"FREE</b>&nbsp;=\r\n  money=20now"
    place = hit.place
    assert (place.part, place.line, place.column, place.end_line, place.end_column) == ("1", 2, 4, 2, 29)
    start = raw.index(b"FREE")
    assert (place.raw.start, place.raw.end) == (start, start + len(b"FREE</b>&nbsp;=\r\n  money=20now"))
    assert (place.raw.line, place.raw.column) == (9, 4)
    assert find(text, "é").span.raw == b"=C3=A9"


def test_a_match_in_base64() -> None:
    content = "première ligne\r\nFREE möney\r\n".encode()
    encoded = base64.encodebytes(content * 3).replace(b"\n", b"\r\n")
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    part = message(head + encoded)
    assert part.text.value == (content * 3).decode()
    hit = find(part.text, "möney")
    at = content.index("möney".encode())
    start = hit.span.start - len(head)
    letters = len(encoded[:start].replace(b"\r\n", b""))
    assert letters == at // 3 * 4 + at % 3
    assert (hit.place.part, hit.place.line, hit.place.column, hit.place.end_column) == ("1", 2, 6, 11)
    whole = part.text[: len(content.decode())]
    assert base64.b64decode(whole.span.raw + b"==") == content


def test_a_match_in_utf16() -> None:
    body = "Gruß\r\n😀 FREE\r\n".encode("utf-16")
    head = b"Content-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    hit = find(message(head + body).text, "FREE")
    assert hit.span.raw == "FREE".encode("utf-16-le")
    assert (hit.place.line, hit.place.column, hit.place.end_column) == (2, 3, 7)


def test_a_match_in_windows_1252() -> None:
    head = b"Content-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    hit = find(message(head + b"\x80 100\r\nit\x92s FREE\r\n").text, "it’s FREE")
    assert hit.span.raw == b"it\x92s FREE"
    assert (hit.place.line, hit.place.column, hit.place.end_column) == (2, 1, 10)


# ---- text and its defects


@pytest.mark.parametrize(
    ("head", "body", "value", "defects"),
    [
        (b"", b"caf\xc3\xa9", "café", ["charset-guessed", "8bit-in-7bit"]),
        (b"Content-Transfer-Encoding: 8bit\n", b"caf\xe9", "café", ["charset-guessed"]),
        (b"Content-Type: text/plain; charset=nope\n", b"cafe", "cafe", ["unknown-charset"]),
        (b"Content-Type: text/plain; charset=\x00\n", b"cafe", "cafe", ["unknown-charset"]),
        (b'Content-Type: text/plain; charset=" "\n', b"cafe", "cafe", []),
        (
            b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n",
            b"a\xffb",
            "a�b",
            ["undecodable-bytes"],
        ),
        (b"Content-Transfer-Encoding: base64\n", b"Y2F*mZQ==", "cafe", ["bad-base64"]),
        (
            b"Content-Transfer-Encoding: quoted-printable\n",
            b"caf=e9 50=%",
            "café 50=%",
            ["charset-guessed", "bad-quoted-printable"],
        ),
        (b"Content-Transfer-Encoding: (x) BASE64 (y)\n", b"Y2FmZQ==", "cafe", []),
        (b"", b"a\x00b", "a\x00b", []),
    ],
)
def test_text(head: bytes, body: bytes, value: str, defects: list[str]) -> None:
    part = message(head + b"\n" + body)
    assert part.text.value == value
    assert [defect.code for defect in part.text_defects] == defects
    assert all(
        defect.text is not None and defect.text.span.end <= len(part.source.data) for defect in part.text_defects
    )


def test_an_unknown_charset_is_placed_where_it_is_declared() -> None:
    part = message(b'Content-Type: text/plain; charset="nope"\n\ncaf\xe9')
    first = part.text_defects[0]
    assert first.text is not None
    assert (first.code, first.text.span.raw, part.charset) == ("unknown-charset", b"nope", "nope")


def test_drafts() -> None:
    raw = "<p>Grüße</p>\n".encode()
    part = draft(Source("a.html", raw), "text/html")
    assert (part.path, part.content_type, part.headers, part.end) == ("1", "text/html", (), len(raw))
    assert part.text.value == "<p>Grüße</p>\n"
    place = find(part.text, "ße").place
    assert (place.part, place.line, place.column, place.raw.start) == ("1", 1, 7, 7)
    assert [defect.code for defect in draft(Source("a.txt", b"\xe9"), "text/plain").text_defects] == ["charset-guessed"]
