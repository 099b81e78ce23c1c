"""From the decoded words of a finding back to the exact bytes of the file, through every layer there is."""

from __future__ import annotations

import base64

import pytest

from spamlint.fields import FIELDS
from spamlint.matcher import Matcher
from spamlint.message import Message
from spamlint.rule import Hit, Match, Rule
from spamlint.source import Place
from spamlint.verdict import Words

WORDS = {"en": Words("t", "m", "w.", "f.")}
OLD_PIECES = b"FR=45E</b>&nbs=\r\np;\r\n  money=20n=\r\now"


def hit(message: Message, field: str, pattern: str) -> Hit:
    rule = Rule("test/rule", "warning", 10, WORDS, match=Match((field,), (pattern,)))  # type: ignore[arg-type]
    assert Matcher([rule]).candidates(message).keys() == {"test/rule"}
    (found,) = Matcher([rule]).hits(rule, message)
    return found


def placed(message: Message, field: str, pattern: str) -> tuple[bytes, Place]:
    """The raw bytes of the one match, cut out of the file by its offsets, and its place."""
    found = hit(message, field, pattern)
    assert found.text is not None
    place = found.text.place
    return message.source.data[place.raw.start : place.raw.end], place


def lines_and_columns(place: Place) -> tuple[int, int, int, int]:
    return place.line, place.column, place.end_line, place.end_column


def part(content_type: str, encoding: str, body: bytes, *, html: bool = True) -> Message:
    kind = "html" if html else "plain"
    head = f"Content-Type: text/{kind}; charset={content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return Message.from_bytes(head.encode() + body)


def test_across_tags_entities_line_ends_and_soft_breaks_in_quoted_printable() -> None:
    message = part("utf-8", "quoted-printable", b"<p>\r\nGet <b>" + OLD_PIECES + b"!</p>")
    raw, place = placed(message, "body", r"FREE\s+money\s+now")
    assert raw == OLD_PIECES
    assert (place.part, *lines_and_columns(place)) == ("1", 2, 8, 3, 12)
    assert (place.raw.line, place.raw.column) == (5, 8)
    assert place.excerpt == "Get <b>FREE</b>&nbsp;"
    assert place.excerpt[slice(*place.mark)] == "FREE</b>&nbsp;"


@pytest.mark.parametrize("lead", ["", "x", "xy"])
def test_in_base64_where_a_match_starts_anywhere_in_a_group_of_four(lead: str) -> None:
    text = f"<p>{lead}\r\n{'words ' * 20}win money</p>".encode()
    body = base64.encodebytes(text).replace(b"\n", b"\r\n")
    raw, place = placed(part("utf-8", "base64", body), "body", "win money")
    assert (place.line, place.column, place.end_column) == (2, 121, 130)
    letters = base64.b64encode(text)
    first, end = text.index(b"win"), text.index(b"</p>")
    assert b"".join(raw.split()) == letters[first // 3 * 4 + first % 3 : (end - 1) // 3 * 4 + (end - 1) % 3 + 2]


def test_in_a_folded_subject_across_two_encoded_words_and_a_split_character() -> None:
    euro = "€".encode()
    first = b"=?utf-8?B?" + base64.b64encode(b"Win 5 " + euro[:1]) + b"?="
    second = b"=?utf-8?B?" + base64.b64encode(euro[1:] + b" today") + b"?="
    message = Message.from_bytes(b"To: a@b.example\r\nSubject: Yes!\r\n " + first + b"\r\n\t" + second + b"\r\n\r\n")
    assert [text.value for text in FIELDS["subject"].texts(message)] == ["Yes! Win 5 € today"]
    raw, place = placed(message, "subject", "5 € t")
    # Those letters of base64 that hold bits of the match: "5" starts inside a group, and so does the end of "t".
    assert raw == b"DUg4g==?=\r\n\t=?utf-8?B?gqwgdG"
    assert place.part is None
    assert (place.line, place.end_line) == (3, 4)


def test_in_q_encoding_an_escape_is_located_whole() -> None:
    message = Message.from_bytes(b"Subject: =?iso-8859-1?Q?caf=E9_au_lait?=\r\n\r\n")
    raw, place = placed(message, "subject", "é a")
    assert raw == b"=E9_a"
    assert lines_and_columns(place) == (1, 28, 1, 33)


def test_in_a_file_name_in_continued_percent_encoded_pieces() -> None:
    message = Message.from_bytes(
        b"Content-Type: application/pdf\r\nContent-Disposition: attachment;\r\n"
        b" filename*0*=utf-8''in%76o;\r\n filename*1*=ice%20%E2%82%AC;\r\n filename*2=.pdf\r\n\r\n"
    )
    assert [text.value for text in FIELDS["attachment.name"].texts(message)] == ["invoice €.pdf"]
    raw, place = placed(message, "attachment.name", "voice €")
    assert raw == b"%76o;\r\n filename*1*=ice%20%E2%82%AC"
    assert (place.line, place.end_line) == (3, 4)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_in_wide_charsets(codec: str) -> None:
    text = "één\r\ntwéé 💥 win money now"
    body = base64.encodebytes(text.encode(codec))
    message = part(codec, "base64", body, html=False)
    raw, place = placed(message, "body", "💥 win money")
    assert (place.line, place.column, place.end_column) == (2, 6, 17)
    assert len(raw) < len(body)
    eight_bit = part(codec, "binary", text.encode(codec), html=False)
    raw, _ = placed(eight_bit, "body", "💥 win money")
    plain = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(codec, codec)
    assert raw.decode(plain) == "💥 win money"


def test_in_windows_1252() -> None:
    message = part("windows-1252", "8bit", "<p>Übermäßig “viel” Geld – hier".encode("cp1252"))
    raw, place = placed(message, "body", "“viel” Geld –")
    assert raw == "“viel” Geld –".encode("cp1252")
    assert (place.line, place.column) == (1, 14)


def test_behind_entities_in_text_and_in_an_attribute() -> None:
    message = part(
        "utf-8", "8bit", b'<a\n title=x href="java&#115;cript&colon;go()">Fr&eacute;&#101; <i>&amp; &notit;</i></a>'
    )
    raw, place = placed(message, "attribute", "(?i)^javascript:")
    assert raw == b"java&#115;cript&colon;"
    assert lines_and_columns(place) == (2, 16, 2, 38)
    assert placed(message, "body", "ée &")[0] == b"&eacute;&#101; <i>&amp;"


def test_in_a_message_inside_an_mbox() -> None:
    body = b"Subject: x\n\nact now\n"
    before = b"From a@b.example Mon\nSubject: first\n\nwords\n\n"
    message = Message.from_bytes(body, "box", offset=len(before), line=6)
    found = hit(message, "body", "act now")
    assert found.text is not None
    place = found.text.place
    assert (before + body)[place.raw.start : place.raw.end] == b"act now"
    assert (place.line, place.raw.line) == (1, 8)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_lines_count_the_same_whatever_ends_them(end: str) -> None:
    message = part("utf-8", "8bit", end.join(["<p>one", "two", "act<br>", "now</p>"]).encode())
    raw, place = placed(message, "body", r"two\s+act\s+now")
    assert raw.decode() == end.join(["two", "act<br>", "now"])
    assert lines_and_columns(place) == (2, 1, 4, 4)
