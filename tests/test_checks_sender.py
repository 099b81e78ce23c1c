"""Checks on sender and recipients: what the examples in the rule files leave out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.checks import recipients, sender
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.rule import Hit
from spamlint.verdict import Policy


def message(*lines: str) -> Message:
    return Message.from_bytes("\r\n".join((*lines, "", "The bread is ready.", "")).encode())


def found(check: Callable[[Message], Iterable[Hit]], *lines: str) -> list[str]:
    return [hit.text.value if hit.text is not None else "" for hit in check(message(*lines))]


def values(check: Callable[[Message], Iterable[Hit]], *lines: str) -> list[dict[str, object]]:
    return [dict(hit.values) for hit in check(message(*lines))]


def test_addresses_are_read_once() -> None:
    mail = message("From: Ann <ann@bakery.example>", "To: Bo <bo@clients.example>, cy@clients.example")
    assert mail.addresses("from") is mail.addresses("from")
    assert [box.local for box in mail.senders] == ["ann"]
    assert [box.local for box in mail.addresses("to").mailboxes] == ["bo", "cy"]
    assert mail.addresses("cc").mailboxes == ()


@pytest.mark.parametrize(
    "address",
    ["a@b", "a@mail.localhost", "a@x.invalid", "a@x.test", "a@192.0.2.1", "a@[IPv6:2001:db8::1]", "a@b.", "a@x.y1.2"],
)
def test_forms_that_cannot_be_answered(address: str) -> None:
    assert found(sender.undeliverable_from, f"From: {address}") == [address]


@pytest.mark.parametrize("address", ["a@b.example", "a@test.b.nl", "a@xn--bckerei-5wa.example", "a@b.example."])
def test_forms_that_can(address: str) -> None:
    assert found(sender.undeliverable_from, f"From: {address}") == []


def test_lengths_are_those_of_the_standard() -> None:
    assert found(sender.undeliverable_from, f"From: {'a' * 64}@b.example") == []
    assert found(sender.undeliverable_from, f"From: {'a' * 65}@b.example") != []
    domain = ".".join(["b" * 60] * 4) + ".example"
    assert len(domain) == 251
    assert found(sender.undeliverable_from, f"From: a@{domain}") == []
    assert found(sender.undeliverable_from, f"From: a@bbbb.{domain}") != []


def test_slight_problems_of_from_are_no_errors() -> None:
    assert values(sender.malformed_from, "From: [News] Ann <ann@bakery.example>") == [{"what": "[News]", "broken": 0}]
    assert values(sender.malformed_from, "From: Ann ann@bakery.example") == [
        {"what": "Ann ann@bakery.example", "broken": 0}
    ]
    assert values(sender.malformed_from, "From: Ann") == [{"what": "Ann", "broken": 1}]


def test_the_strength_of_a_brand_is_in_what_stands_beside_it() -> None:
    def strength(name: str, domain: str = "mailer.example") -> list[object]:
        return [one["strength"] for one in values(sender.brand_mismatch, f"From: {name} <x@{domain}>")]

    assert strength("PayPal") == strength("PayPal Support Team") == [2]
    assert strength("Bakery for Amazon sellers") == [1]
    assert strength("Capital One", "capitalonebooking.com") == strength("The Ledger", "theledger.com") == [0]
    assert strength("Action Alert") == strength("Office") == strength("Otto") == []
    assert strength('"Bakery.com news"') == [0]
    assert strength('"Ann (via Google Docs)"') == strength("Node.js weekly") == strength('"ASP.NET team"') == []
    assert strength("ING", "mailer.example") == [2]
    assert strength("Ing. Bakker") == []


def test_a_trusted_domain_may_say_any_name() -> None:
    mail = message("From: PayPal <x@mailer.example>")
    assert list(sender.brand_mismatch(mail, trusted=("mailer.example",))) == []


def test_replies_to_a_free_mail_account_weigh_more() -> None:
    lines = ("From: Ann <ann@bakery.example>", "Reply-To: ann81@gmail.com")
    assert [one["freemail"] for one in values(sender.reply_to_elsewhere, *lines)] == [1]
    assert found(sender.reply_to_elsewhere, "From: a@gmail.com", "Reply-To: b@gmail.com") == []
    assert found(sender.reply_to_elsewhere, "From: a@bakery.nl", "Reply-To: b@bakery.de") == []
    assert found(sender.reply_to_elsewhere, "From: a", "Reply-To: b@bakery.de") == []


def test_links_of_the_owner_in_another_country_are_the_owners() -> None:
    def links(*hosts: str) -> list[str]:
        body = "".join(f'<a href="https://{host}/">x</a>' for host in hosts)
        raw = f"From: a@news.bakery.nl\r\nContent-Type: text/html\r\n\r\n{body}"
        return [hit.values["hosts"] for hit in sender.foreign_links(Message.from_bytes(raw.encode()))]  # type: ignore[misc]

    assert links("www.bakery.de") == []
    assert links("shop.example", "x@bakery.nl") == []
    assert links("shop.example", "shop.example", "other.example") == ["shop.example, other.example"]
    assert links() == []


def test_a_draft_has_no_recipient_yet() -> None:
    assert list(recipients.no_recipient(Message.draft(b"<p>Bread</p>"))) == []


def test_a_recipient_in_the_subject_stands_by_itself() -> None:
    def subject(subject: str, to: str = "bo81@clients.example") -> list[str]:
        return found(lambda mail: recipients.recipient_in_subject(mail, shortest=4), f"To: {to}", f"Subject: {subject}")

    assert subject("Bo81, look") == ["Bo81"]
    assert subject("xbo81 look") == subject("look at bo812") == []
    assert subject("bo81", "bo81@clients.example, cy@clients.example") == []


FIELDS = st.lists(
    st.tuples(
        st.sampled_from(["From", "Sender", "Reply-To", "Return-Path", "To", "Subject"]),
        st.lists(
            st.sampled_from([*'<>,:;@()"\\. ', "PayPal", "paypa1.com", "xn--", "no-reply", "рау", "gmail.com", "𝗹"]),
            max_size=9,
        ).map("".join),
    ),
    max_size=6,
)


@given(FIELDS)
def test_no_check_fails(fields: list[tuple[str, str]]) -> None:
    linter = sender_linter()
    verdict = linter.check(message(*(f"{name}: {value}" for name, value in fields)))
    assert verdict.errors == ()
    assert all(finding.places for finding in verdict.findings)


@pytest.mark.parametrize(
    "value",
    ["a@" + "a." * 200_000 + "b", "PayPal " * 50_000 + "<a@b.c>", "a@" + "xn--a." * 60_000 + "c", "a@b.c, " * 15_000],
)
def test_long_fields_are_read_in_time(value: str) -> None:
    mail = message(*(f"{name}: {value}" for name in ("From", "Reply-To", "Return-Path", "Sender", "To")))
    start = time.process_time()
    assert sender_linter().check(mail).errors == ()
    assert time.process_time() - start < 5


@cache
def sender_linter() -> Linter:
    return Linter(Policy(profile="bulk", select=("sender",)))
