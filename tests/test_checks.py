"""What the examples of the rules cannot show: bytes that are no UTF-8, drafts, bare line ends, grades."""

from __future__ import annotations

import pytest

from spamlint import Linter, Message, Policy
from spamlint.verdict import Finding

HEAD = b"From: Ann Bakker <ann@bakery.example>\r\n"


def finding(rule: str, message: Message) -> Finding | None:
    verdict = Linter(Policy(select=(rule,))).check(message)
    assert verdict.errors == ()
    found = [one for one in verdict.findings if one.rule == rule]
    return found[0] if found else None


def mail(headers: bytes, body: bytes = b"The bread is ready.\r\n") -> Message:
    return Message.from_bytes(HEAD + headers + b"\r\n" + body)


def test_a_raw_subject_that_is_no_utf8_costs_more() -> None:
    garbled = finding("subject/raw-8bit", mail("Subject: Réservation\r\n".encode("latin-1")))
    readable = finding("subject/raw-8bit", mail("Subject: Réservation\r\n".encode()))
    assert garbled is not None
    assert readable is not None
    assert (garbled.severity, readable.severity) == ("error", "warning")
    assert garbled.base_score > readable.base_score
    assert garbled.texts[0] is not None
    assert garbled.texts[0].span.raw == b"\xe9"


@pytest.mark.parametrize(
    "rule",
    [
        "subject/missing",
        "structure/no-from",
        "structure/no-date",
        "structure/no-message-id",
        "structure/no-mime-version",
        "structure/no-text-alternative",
        "structure/long-line",
        "structure/wrong-transfer-encoding",
    ],
)
def test_a_draft_is_not_asked_for_what_comes_later(rule: str) -> None:
    draft = Message.draft(f"<meta charset=utf-8><p>{'é' * 2000}</p>".encode(), "mail.html")
    assert finding(rule, draft) is None


@pytest.mark.parametrize(
    ("subject", "rule"),
    [
        ("", "subject/empty"),
        ("\u00a0\u200b", "subject/blank"),
        ("LAST CHANCE TO BUY BREAD", "subject/all-capitals"),
        ("Bread!!!", "subject/many-exclamation-marks"),
    ],
)
def test_the_subject_of_a_draft_is_checked(subject: str, rule: str) -> None:
    found = finding(rule, Message.draft(b"<p>Good morning</p>", "mail.html", subject=subject))
    assert found is not None
    assert found.places[0] is not None


def test_a_draft_must_name_its_charset() -> None:
    assert finding("html/no-charset", Message.draft("<p>Renée</p>".encode(), "mail.html")) is not None
    assert finding("html/no-charset", Message.draft('<meta charset="utf-8"><p>Renée</p>'.encode(), "mail.html")) is None


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n", b"\r"])
def test_lines_are_measured_whatever_ends_them(line_end: bytes) -> None:
    body = line_end.join([b"a" * 998, b"b" * 999, b"", b"c" * 998, b"d" * 3000])
    found = finding("structure/long-line", Message.from_bytes(HEAD.replace(b"\r\n", line_end) + line_end + body))
    assert found is not None
    assert [text.span.raw[:1] + b"%d" % len(text.span.raw) for text in found.texts if text] == [b"b999", b"d3000"]


@pytest.mark.parametrize("subject", ["Bread!!", "Bread!!!", "Bread!!! Cake!!!"])
def test_exclamation_marks_are_counted_one_by_one(subject: str) -> None:
    found = finding("subject/many-exclamation-marks", mail(f"Subject: {subject}\r\n".encode()))
    assert found is not None
    assert found.count == subject.count("!")


def test_a_font_service_is_a_note_and_other_sheets_are_a_warning() -> None:
    fonts = "<link rel=stylesheet href='//fonts.googleapis.com/css?family=Lato'>"
    other = "<link rel=stylesheet href='https://fonts.googleapis.com.evil.example/a.css'>"
    severities = [
        found.severity if found else None
        for page in (fonts, other, fonts + other)
        for found in [finding("script/external-stylesheet", Message.draft(page.encode(), "mail.html"))]
    ]
    assert severities == ["note", "warning", "warning"]


def test_worse_parse_errors_come_first() -> None:
    found = finding("html/parse-error", Message.draft(b"<p>&foo;</p><p title='a'class='b'></p><a href='", "mail.html"))
    assert found is not None
    assert found.values["code"] == "eof-in-tag"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:x()",
        "JAVA\tSCRIPT:x()",
        "\x01javascript:x()",
        "java\r\nscript:x()",
        "  vbscript:x",
        "data:text/html,x",
    ],
)
def test_disguised_script_addresses_are_seen(address: str) -> None:
    escaped = "".join(f"&#{ord(letter)};" for letter in address)
    for written in (address, escaped):
        page = f'<a href="{written}">bread</a>'
        assert finding("script/script-uri", Message.draft(page.encode(), "mail.html")) is not None, written


def test_every_grade_of_a_rule_rises() -> None:
    for rule in Linter().rules:
        scores = [rule.score, *(grade.score for grade in rule.grades)]
        assert scores == sorted(scores), rule.id
