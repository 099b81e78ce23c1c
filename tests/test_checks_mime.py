"""How header fields, parts and bytes are written."""

from __future__ import annotations

import time

import pytest

from spamlint.checks import encoding, headers, identity, mime
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.verdict import Policy

FROM = "From: Ann <ann@bakery.example>\nTo: Bo <bo@clients.example>\n"


def mail(fields: str, body: str = "The bread is ready.\n") -> Message:
    return Message.from_bytes(f"{FROM}{fields}\n{body}".encode())


def found(message: Message, rule: str) -> list[int]:
    """The `broken` of each finding of that date rule."""
    return [int(hit.values["broken"]) for hit in getattr(identity, rule)(message)]


@pytest.mark.parametrize(
    ("value", "broken"),
    [
        ("Mon, 02 Nov 2026 09:30:00 +0100", None), ("2 Nov 2026 09:30 GMT", None),
        ("mon, 2 nov 2026 9:30:00 +0000", None),
        ("Mon, 02 Nov 2026 09:30:00 -0000 (UTC)", None), ("Mon,2 Nov 2026 09:30:60 EST", None),
        ("Mon, 02 Nov 2026 09:30:00", 0), ("Mon, 02 Nov 26 09:30:00 +0100", 0), ("Mon, 02 Nov 2026 09:30:00 CET", 0),
        ("2026-11-02T09:30:00Z", 1), ("02.11.2026", 1), ("Mon, 32 Nov 2026 09:30:00 +0100", 1),
        ("Mon, 02 Nov 2026 25:30:00 +0100", 1), ("Mon, 02 Nov 0102 09:30:00 +0100", 1), ("Maandag 2 november 2026", 1),
        ("Mon, 02 Nov 2026 09:30:00 +1900", 1), ("Mon, 02 Nov 2026 09:30:00 +0100 and more", 1),
    ],
)  # fmt: skip
def test_the_form_of_a_date(value: str, broken: int | None) -> None:
    assert found(mail(f"Date: {value}\n"), "bad_date") == ([] if broken is None else [broken])


@pytest.mark.parametrize(
    ("value", "is_wrong"),
    [
        ("Tue, 02 Nov 2026 09:30:00 +0100", True), ("Fri, 31 Feb 2026 09:30:00 +0100", True),
        ("Mon, 02 Nov 2026 09:30:00 +0100", False), ("Tue, 02 Nov 0102 09:30:00 +0100", False), ("Tuesday", False),
    ],
)  # fmt: skip
def test_the_day_of_a_date(value: str, is_wrong: bool) -> None:
    assert bool(list(identity.wrong_weekday(mail(f"Date: {value}\n")))) == is_wrong


@pytest.mark.parametrize(
    ("value", "is_jumble"),
    [
        ("zsAN8", True), ("HyPsC", True), ("2", True), ("7g1RCrzGVCNshRdGTaczsc1", True),
        ("PHPMailer", False), ("phpBB3", False), ("iPlanet", False), ("Mutt", False), ("eM Client 9", False),
        ("Mailspring/1.10", False), ("QUALCOMM", False), ("Outlook", False), ("", False), ("KMail2", False),
    ],
)  # fmt: skip
def test_a_mail_program_that_is_a_jumble(value: str, is_jumble: bool) -> None:
    assert bool(list(headers.odd_mailer(mail(f"X-Mailer: {value}\n")))) == is_jumble


@pytest.mark.parametrize(
    ("value", "is_bad"),
    [
        ("<1@a.example>", False), ("<a@b@c.example>", False), ("<1@a.example> (comment)", False),
        ("1@a.example", True), ("<1>", True), ("<1@a.example>x", True), ("<1@a.example> <2@a.example>", True),
        ("<1 2@a.example>", True), ("<1@>", True),
    ],
)  # fmt: skip
def test_the_form_of_a_message_id(value: str, is_bad: bool) -> None:
    assert bool(list(identity.bad_message_id(mail(f"Message-ID: {value}\n")))) == is_bad


def test_an_unknown_header_of_a_relay_is_not_judged() -> None:
    raw = FROM.encode() + b"Received: by caf\xe9\nX-Note: \x01\nX-Id: =?utf-8?B?AA==?=\n\nBread\n"
    verdict = Linter(Policy(select=("headers",))).check(Message.from_bytes(raw))
    assert verdict.findings == ()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"From: a@b.example\r\n\r\nBread\r\n", None), (b"From: a@b.example\n\nBread\n", None),
        (b"From: a@b.example\r\n\r\nBread\n", "LF"), (b"From: a@b.example\n\nBread\nis\nready\r\n", "CRLF"),
        (b"From: a@b.example\n\nBread\ris ready\n", "CR"),
    ],
)  # fmt: skip
def test_line_ends_that_differ_from_the_others(data: bytes, kind: str | None) -> None:
    hits = list(encoding.mixed_line_ends(Message.from_bytes(data)))
    assert [hit.values["kind"] for hit in hits] == ([] if kind is None else [kind])


def test_a_line_of_76_characters_is_no_long_line() -> None:
    fields = "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n"
    assert not list(encoding.long_encoded_line(mail(fields, "QUFB" * 19 + "\r\n" + "QUFB" * 19)))
    (hit,) = encoding.long_encoded_line(mail(fields, "QUFB\r\n" + "QUFB" * 20 + "\r\n"))
    assert hit.values["length"] == 80
    assert hit.text is not None
    assert hit.text.span.raw == b"QUFB" * 20


def test_what_lies_in_an_attached_message_is_not_the_senders() -> None:
    inner = (
        "From: x@y.example\nContent-Type: multipart/digest; boundary=31804\n\n--31804\nContent-Type: text/html\n\nx\n"
    )
    outer = mail(f"MIME-Version: 1.0\nContent-Type: message/rfc822\n\n{inner}--31804--\n", "")
    for check in (mime.odd_multipart, mime.simple_boundary, mime.bad_boundary, mime.malformed_type):
        assert not list(check(outer))


@pytest.mark.parametrize(
    "field",
    [
        "Message-ID: " + "<a@" * 30_000, "References: " + "<" + "a@" * 40_000, "Date: " + "Mon, " * 20_000,
        "Subject: " + "=?utf-8?B?" * 9_000, 'From: "' + '"=' * 40_000, "To: " + "a@b.example, " * 5_000,
        "X-Mailer: " + "aB" * 40_000, "MIME-Version: " + "(" * 60_000, "Content-Type: " + "multipart/" * 9_000,
    ],
    ids=lambda field: field.partition(":")[0],
)  # fmt: skip
def test_hostile_fields_cost_little(field: str) -> None:
    linter = Linter(Policy(select=("headers", "mime", "sender")))
    message = mail(f"{field}\n")
    start = time.process_time()
    assert linter.check(message).errors == ()
    assert time.process_time() - start < 2
