"""What mailings say of themselves: List headers, offers to leave, postal addresses, what the sender looks like."""

from __future__ import annotations

import pytest

from spamlint.checks import bulk, sender_look, unsubscribe
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.subscription import declaration, field_problems, offers, targets
from spamlint.verdict import Policy, Profile

FROM = "From: Bakery <news@bakery.example>\n"


def message(headers: str = "", body: str = "", kind: str = "plain") -> Message:
    raw = f"{FROM}{headers}Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}"
    return Message.from_bytes(raw.encode())


@pytest.mark.parametrize(
    ("value", "schemes", "problems"),
    [
        ("<https://bakery.example/u>", ["https"], []),
        ("<https://bakery.example/u>, <mailto:u@bakery.example>", ["https", "mailto"], []),
        ("<https://bakery.example/u>,<mailto:u@bakery.example>", ["https", "mailto"], []),
        ("(leave) <https://bakery.example/u> (now)", ["https"], []),
        ("<HTTPS://bakery.example/u>", ["https"], []),
        ("<https://bakery.example/u?a=1,2>", ["https"], []),
        ("<https://bakery.example/\n u>", ["https"], []),
        ("=?utf-8?Q?=3Chttps=3A=2F=2Fbakery=2Eexample=2Fu=3E?=", ["https"], []),
        ("https://bakery.example/u", [], ["no-brackets"]),
        ("<https://bakery.example/u> <mailto:u@bakery.example>", ["https", "mailto"], ["separator"]),
        ("<https://bakery.example/u>; <mailto:u@bakery.example>", ["https", "mailto"], ["separator"]),
        ("<https://bakery.example/u> leave", ["https"], ["separator"]),
        ("<4711.x@bakery.example>", [""], ["no-address"]),
        ("<>", [""], ["no-address"]),
        ("<https://>", ["https"], ["no-address"]),
        ("<https://bakery.example/{{code}}>", ["https"], ["placeholder"]),
        ("<https://bakery.example/u", [], ["no-brackets"]),
    ],
)
def test_a_list_unsubscribe_field_is_read_as_mail_programs_do(
    value: str, schemes: list[str], problems: list[str]
) -> None:
    mail = message(f"List-Unsubscribe: {value}\n")
    assert [target.scheme for target in targets(mail)] == schemes
    assert [problem.code for problem in field_problems(mail)] == problems


def test_a_receipt_or_a_discussion_list_does_not_call_itself_a_mailing() -> None:
    assert declaration(message("Precedence: Bulk\n")) is not None
    for headers in (
        "Feedback-ID: a:b:c:bakery\n",
        "Precedence: list\n",
        "Precedence: bulk\nIn-Reply-To: <1@a.example>\n",
    ):
        assert declaration(message(headers)) is None


@pytest.mark.parametrize(
    ("markup", "words", "target"),
    [
        ('<a href="https://t.example/1">Unsubscribe here</a>', "Unsubscribe", "https://t.example/1"),
        ('To unsubscribe <a href="https://t.example/1">click here</a>', "unsubscribe", "https://t.example/1"),
        ('No more? <a href="https://t.example/unsub?1">Leave</a> or opt out', "opt out", "https://t.example/unsub?1"),
        ('<a href="https://t.example/1">ABMELDEN</a>', "ABMELDEN", "https://t.example/1"),
        ('<a href="https://t.example/1">U kunt zich uitschrijven</a>', "uitschrijven", "https://t.example/1"),
        ("<p>Unsubscribe</p>" + "<p>bread</p>" * 200 + '<a href="https://t.example/">Shop</a>', "Unsubscribe", None),
        ('<a name="x">Unsubscribe</a>', "Unsubscribe", None),
    ],
)  # fmt: skip
def test_an_offer_to_leave_has_the_link_that_says_so_or_stands_near(
    markup: str, words: str, target: str | None
) -> None:
    (offer,) = offers(message(body=f"<p>Bread</p>{markup}", kind="html"))
    assert str(offer.words) == words
    assert (str(offer.target) if offer.target is not None else None) == target


@pytest.mark.parametrize("body", ["Bread", "Please subscribe", "The registration desk", "Opto-outlet", ""])
def test_other_words_are_no_offer(body: str) -> None:
    assert offers(message(body=body)) == ()


@pytest.mark.parametrize(
    "address",
    [
        "Dorpsstraat 1, 1017 AB Amsterdam", "Dorpsstraat 1, 1017AB AMSTERDAM", "1 Mill Lane, Oxford OX1 2JD",
        "Mühlweg 1, 10115 Berlin", "Mühlweg 1, D-10115 Berlin", "12 rue du Four, 75006 Paris",
        "1 Main St, Springfield, IL 62701", "Kerkstraat 1, B-9000 Gent", "Ring 1, 1010 Wien", "Postbus 12, Utrecht",
        "PO Box 7, Springfield", "Storgatan 1, 111 22 Stockholm", "ul. Polna 1, 00-001 Warszawa",
        "1 Sparks St, Ottawa K1A 0B1", "1 Pitt St, Sydney NSW 2000", "〒100-0001 Tokyo",
    ],
)  # fmt: skip
def test_postal_addresses_of_many_countries_are_known(address: str) -> None:
    assert not list(unsubscribe.no_postal_address(message(body=f"Bread.\n\nBakery, {address}\n")))


@pytest.mark.parametrize("body", ["Bread since 1998 Only today", "Call 020 1234567", "Order 4711-08", "Only 1500 left"])
def test_years_and_numbers_are_no_postal_address(body: str) -> None:
    assert list(unsubscribe.no_postal_address(message(body=body)))


@pytest.mark.parametrize(
    ("value", "is_good"),
    [
        ("Bakery news <news.bakery.example>", True), ("<news.bakery.example>", True), ("news.bakery.example", True),
        ("<ann@bakery.example>", False), ("<news>", False), ("news", False), ("", False), ("<.example> x", False),
    ],
)  # fmt: skip
def test_the_form_of_a_list_id(value: str, is_good: bool) -> None:
    assert list(bulk.bad_list_id(message(f"List-Id: {value}\n"))) == [] or not is_good


@pytest.mark.parametrize(
    ("domain", "is_random"),
    [
        ("r96yj7pej.example", True), ("bakery263596.example", True), ("dt76w6eej9lz6go.bakery.example", True),
        ("bakery.example", False), ("mail2.bakery4all.example", False), ("24-7bakery.example", False),
        ("em1234.bakery.example", False), ("xn--bckerei-5wa.example", False), ("1234567.example", False),
        ("b2b-4you.example", False), ("a" * 300 + "1.example", False),
    ],
)  # fmt: skip
def test_a_domain_that_chance_made(domain: str, is_random: bool) -> None:
    mail = Message.from_bytes(f"From: Bakery <news@{domain}>\n\n".encode())
    assert bool(list(sender_look.random_domain(mail))) == is_random


def rules_of(mail: Message, profile: Profile) -> set[str]:
    policy = Policy(profile=profile, select=("bulk",))
    return {finding.rule.removeprefix("bulk/") for finding in Linter(policy).check(mail).findings}


def test_only_the_profile_makes_a_mailing_of_a_message() -> None:
    mail = message(body="Fresh bread this week.\n")
    assert rules_of(mail, "message") == rules_of(mail, "transactional") == rules_of(mail, "personal") == set()
    assert rules_of(mail, "bulk") == {"no-list-unsubscribe", "not-signed", "no-unsubscribe-offer", "no-postal-address"}


def test_a_good_mailing_has_no_findings() -> None:
    headers = (
        "List-Unsubscribe: <https://news.bakery.example/u/4711>, <mailto:u@bakery.example>\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\nList-Id: Bakery news <news.bakery.example>\n"
        "DKIM-Signature: v=1; d=bakery.example; h=From:List-Unsubscribe:List-Unsubscribe-Post; b=x\n"
    )
    body = '<p>Bread</p><a href="https://news.bakery.example/u">Afmelden</a><p>Dorpsstraat 1, 1017 AB Amsterdam</p>'
    assert rules_of(message(headers, body, "html"), "bulk") == set()


def test_a_draft_has_no_headers_to_judge() -> None:
    draft = Message.draft(b'<p>Bread</p><a href="#">Unsubscribe</a>')
    assert rules_of(draft, "draft") == set()
    assert "no-list-unsubscribe" not in rules_of(draft, "bulk")


@pytest.mark.parametrize("value", ["<" * 50_000, "<a" * 30_000, "(" * 50_000, "<>," * 20_000, "=?utf-8?Q?" * 9_000])
def test_hostile_list_fields_are_read_in_no_time(value: str) -> None:
    mail = message(f"List-Unsubscribe: {value}\nList-Id: {value}\nFeedback-ID: {value}\nDKIM-Signature: {value}\n")
    assert len(field_problems(mail)) <= 50_000
    rules_of(mail, "bulk")
