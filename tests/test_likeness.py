"""How much a message reads like unwanted mail: the list that is shipped, and how a message is held against it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from spamlint import Message, ruleset
from spamlint.checks.statistics import reads_like_spam
from spamlint.likeness import read
from spamlint.likeness.features import CAPITALS, IN_SUBJECT, STYLE, features
from spamlint.likeness.weights import FILE, HALF, parse, weights
from spamlint.linter import Linter
from spamlint.verdict import Policy

LOUD = (
    "Hurry!! This wonderful OPPORTUNITY to earn MILLIONS of dollars is LIMITED and absolutely guaranteed. "
    "Click here to order now, refinance your loan, and make money. To be removed, write REMOVE in the subject line."
)
STYLES = {*STYLE, *CAPITALS.values(), "<font>", "<font red>", "<font large>"}
RULES = [rule for rule in ruleset.load() if rule.topic == "statistics"]


def draft(text: str, subject: str | None = None) -> Message:
    return Message.draft(text.encode("utf-8", "replace"), content_type="text/plain", subject=subject)


def test_the_list_is_small_sorted_and_positive() -> None:
    content = FILE.read_text("utf-8")
    lines = [line for line in content.splitlines() if not line.startswith("#")]
    names = [line.partition(" ")[2] for line in lines]
    assert len(content) < 60_000
    assert names == sorted(set(names))
    assert all(re.fullmatch(r"\d\.\d\d .+", line) for line in lines)
    assert all(0 < weight <= 0.8 for weight in weights().every.values())
    assert weights().half > 1


def test_the_list_holds_plain_words_only() -> None:
    """No addresses, hosts, numbers, dates; nothing that could name somebody."""
    for name in weights().every:
        plain = name.removeprefix(IN_SUBJECT)
        assert plain in STYLES or re.fullmatch(r"[a-z]+([-'][a-z]+)*( [a-z]+([-'][a-z]+)*)?", plain), name
    own = {"exmh", "razor", "spamassassin", "sourceforge", "linux", "perl", "yahoo", "hotmail", "unsubscribe", "monday"}
    assert not own & {word for name in weights().every for word in name.split()}


def test_the_list_is_read_as_it_is_written() -> None:
    known = parse(f"# a comment\n\n0.50 <!!>\n2.00 {HALF}\n0.30 click here\n0.25 free\n0.75 subject: free\n")
    assert dict(known.every) == {"<!!>": 0.5, "click here": 0.3, "free": 0.25, "subject: free": 0.75}
    assert known.words == {"free"}
    assert known.pairs == {("click", "here")}
    assert known.half == 2


def test_a_reading_finds_what_the_training_counts() -> None:
    for message in (
        draft(LOUD, "FREE money!"),
        draft("<b>"),
        Message.draft(b"<font color=red size=5>Click <b>here</b></font><p>Don\xe2\x80\x99t miss $5!!", subject="$5"),
    ):
        found, _ = features(message)
        assert set(read(message).found) == found & weights().every.keys()


def test_what_the_list_does_not_know_counts_for_nothing() -> None:
    for text in (
        "Het brood is klaar en u kunt het halen.",
        "Das Brot ist fertig.",
        "パンができました",
        "",
        "a b c 1 2 3",
    ):
        assert read(draft(text)).likeness == 0


def test_marks_of_style_alone_are_no_reason() -> None:
    message = draft(
        "NIEUW BROOD vandaag VOOR IEDEREEN!! Komt allen KIJKEN naar onze winkel in de straat bij het plein!!"
    )
    assert read(message).likeness > 0
    assert list(reads_like_spam(message, at_least=1, fewest_reasons=1, fewest_words=1)) == []


def test_repeating_a_word_changes_nothing_and_other_words_dilute() -> None:
    assert read(draft("money money money")).likeness == read(draft("money")).likeness
    assert read(draft(LOUD + " bread" * 500)).likeness < read(draft(LOUD)).likeness


def test_words_in_links_and_addresses_are_no_words_of_the_text() -> None:
    assert read(draft("https://money.example/click/here free@offer.example www.guaranteed.example")).likeness == 0


def test_a_reason_stands_where_it_says() -> None:
    message = draft(LOUD, "Absolutely free")
    reasons = read(message).reasons(message)
    assert {reason.feature: reason.text.value for reason in reasons if reason.is_word}.items() >= {
        "click here": "Click here",
        "subject: free": "free",
        "guaranteed": "guaranteed",
    }.items()
    assert [reason.weight for reason in reasons] == sorted((reason.weight for reason in reasons), reverse=True)
    places = [hit.text.span for hit in reads_like_spam(message) if hit.text is not None]
    assert [place.start for place in places[1:]] == sorted(place.start for place in places[1:])


def test_two_reasons_at_one_place_count_once() -> None:
    message = draft("Click here, click here for money")
    assert [reason.text.value for reason in read(message).reasons(message)] == ["Click here", "money"]


def test_it_is_never_the_only_cause_of_a_block() -> None:
    message = draft(LOUD, "FREE!!")
    for scores in ({}, {"statistics": 100}, {rule.id: 100 for rule in RULES}):
        verdict = Linter(Policy(scores=scores), RULES).check(message)
        assert verdict.findings
        assert verdict.outcome != "block"


@given(st.text(st.sampled_from("aİI ßẞ’'.:/-@!$5%CLICKclick heremoney\n\t\u00a0"), max_size=200), st.text(max_size=40))
def test_any_text_can_be_read(text: str, subject: str) -> None:
    message = draft(text + " click here", subject)
    reading = read(message)
    assert 0 <= reading.likeness < 100
    assert all(reason.text.place.raw.end >= reason.text.place.raw.start for reason in reading.reasons(message))
    list(reads_like_spam(message, at_least=1, fewest_reasons=1, fewest_words=0))
