"""Messages and drafts, and the facts that rules ask of them."""

from __future__ import annotations

from pathlib import Path

import pytest

import spamlint
from spamlint.fields import FIELDS
from spamlint.limits import Limits
from spamlint.message import Message
from spamlint.needs import NEEDS
from spamlint.unread import limits_reached

NEWSLETTER = b"""\
Subject: =?utf-8?Q?Caf=C3=A9?=
Received: one
Received: two
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=mixed

--mixed
Content-Type: multipart/alternative; boundary=alt

--alt
Content-Type: text/plain; charset=utf-8

Plain words
--alt
Content-Type: text/html; charset=utf-8

<style>p{color:red}</style><p style="color:blue">Shown <a href="https://a.example/?a=1&amp;b=2">words</a></p>
<p style="display:none">secret</p>
--alt--
--mixed
Content-Type: text/plain
Content-Disposition: attachment; filename="a b.txt"

attached words
--mixed
Content-Type: message/rfc822

Subject: inner
Content-Type: text/html

<p>inner words</p>
--mixed
Content-Type: text/plain; charset=utf-8

A foot\xc2\xa0er
--mixed--
"""


@pytest.fixture
def message() -> Message:
    return Message.from_bytes(NEWSLETTER, "newsletter.eml")


def values(message: Message, field: str) -> list[str]:
    return [text.value for text in FIELDS[field].texts(message)]


def test_headers_are_found_by_name_in_any_case(message: Message) -> None:
    assert [header.value.value for header in message.all_headers("received")] == ["one", "two"]
    assert message.header("SUBJECT") is message.headers[0]
    assert message.header("From") is None
    assert message.headers_end.span.start == NEWSLETTER.index(b"\n\n--mixed") + 1


def test_leaves_bodies_and_attachments(message: Message) -> None:
    assert [part.path for part in message.leaves] == ["1.1", "1.2", "2", "3", "4"]
    assert [part.path for part in message.text_parts] == ["1.1", "4"]
    assert [part.path for part in message.html_parts] == ["1.2"]
    assert [part.path for part in message.attachments] == ["2", "3"]
    assert [(text.path, html.path) for text, html in message.alternatives] == [("1.1", "1.2")]


def test_the_body_is_what_a_reader_sees(message: Message) -> None:
    assert [text.value.strip() for text in message.body] == ["Shown words", "A foot er"]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("subject", ["Café"]),
        ("hidden", ["secret"]),
        ("text", ["Plain words", "A foot\u00a0er"]),
        ("style", ["p{color:red}", "color:blue", "display:none"]),
        ("attribute", ["color:blue", "https://a.example/?a=1&b=2", "display:none"]),
        ("link.url", ["https://a.example/?a=1&b=2"]),
        ("attachment.name", ["a b.txt"]),
    ],
)
def test_a_field_means_these_texts(message: Message, field: str, expected: list[str]) -> None:
    assert [value.strip() for value in values(message, field)] == expected


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_the_scan_of_a_field_holds_each_of_its_texts(message: Message, field: str) -> None:
    scanned = FIELDS[field].scan(message)
    assert all(value in scanned for value in values(message, field))


def test_needs_are_facts_of_the_message(message: Message) -> None:
    absent = {"suppressions", "template", "route"}
    assert {need for need, present in NEEDS.items() if present(message)} == set(NEEDS) - absent
    assert not any(present(Message.from_bytes(b"")) for need, present in NEEDS.items() if need != "text")


def test_a_fact_is_found_once_for_each_message(message: Message) -> None:
    asked = []

    def size(of: Message) -> int:
        asked.append(of)
        return len(of.source.data)

    assert message.fact(size) == message.fact(size) == len(NEWSLETTER)
    assert asked == [message]


def test_a_draft_has_a_body_and_the_subject_it_is_given() -> None:
    draft = Message.draft("<p>Één</p>".encode(), "draft.html", subject="Één")
    assert [text.value for text in draft.body] == ["Één"]
    assert draft.subject is not None
    assert draft.subject[1:2].span.raw.decode() == "é"
    assert draft.headers == ()
    assert draft.kind == "draft"


def test_bytes_and_paths_are_checked(tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(NEWSLETTER)
    page = tmp_path / "a.html"
    page.write_text("<p>x</p>")
    assert spamlint.check(file).score == spamlint.check(NEWSLETTER).score
    assert spamlint.check(str(page)).profile == "draft"
    with pytest.raises(OSError, match="nothing"):
        spamlint.check(tmp_path / "nothing.eml")


def test_every_public_name_is_there_and_typed() -> None:
    assert all(getattr(spamlint, name) is not None for name in spamlint.__all__)
    assert (Path(spamlint.__file__).parent / "py.typed").exists()
    with pytest.raises(AttributeError, match="nonsense"):
        _ = spamlint.nonsense


def test_the_text_parts_of_a_message_are_read_up_to_a_limit_together() -> None:
    page = b"--b\r\nContent-Type: text/html\r\n\r\n" + b"<p>bread</p>\r\n" * 100
    raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + page * 10 + b"--b--\r\n"
    whole = Message.from_bytes(raw)
    size = whole.body_parts[0].end - whole.body_parts[0].body_start
    part = Message.from_bytes(raw, limits=Limits(texts=3 * size))
    assert len(whole.body_parts) == 10
    assert len(part.body_parts) == 3
    (reached,) = limits_reached(part)
    assert reached.code == "limit-texts"
    assert reached.text is not None
    assert reached.text.span.start == raw.index(b"Content-Type: text/html", part.body_parts[-1].end)
    assert not limits_reached(whole)
    assert len(Message.from_bytes(raw, limits=Limits(texts=1)).body_parts) == 1
