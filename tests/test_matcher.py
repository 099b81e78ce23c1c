"""Pattern rules: the bulk scan and the confirmation."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.linter import Linter
from spamlint.matcher import Matcher, refusal
from spamlint.message import Message
from spamlint.rule import Match, Rule
from spamlint.verdict import Policy, Words

WORDS = {"en": Words("t", "m", "w.", "f.")}


def rule(
    *patterns: str, name: str = "rule", unless: tuple[str, ...] = (), words: bool = False, field: str = "body"
) -> Rule:
    return Rule(f"test/{name}", "warning", 10, WORDS, match=Match((field,), patterns, unless, words))  # type: ignore[arg-type]


def html(body: str) -> Message:
    return Message.from_bytes(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + body.encode())


def found(one: Rule, message: Message) -> list[str]:
    return [hit.text.span.raw.decode() for hit in Matcher([one]).hits(one, message) if hit.text]


def test_a_match_across_tags_and_entities_maps_to_the_source() -> None:
    assert found(rule(r"FREE\s+money"), html("<b>FREE</b>&nbsp;\r\n  money</b>")) == ["FREE</b>&nbsp;\r\n  money"]


def test_a_match_in_quoted_printable_maps_to_the_encoded_bytes() -> None:
    head = b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    raw = head + b"<p>\r\n<b>FR=45E</b>&nbs=\r\np;\r\n  money=20now</p>"
    message = Message.from_bytes(raw)
    (hit,) = Matcher([]).hits(rule(r"FREE\s+money\s+now"), message)
    assert hit.text is not None
    assert hit.text.span.raw == b"FR=45E</b>&nbs=\r\np;\r\n  money=20now"
    place = hit.text.place
    assert (place.part, place.line, place.column, place.end_line, place.end_column) == ("1", 2, 4, 3, 12)
    assert place.raw.start == raw.index(b"FR=45E")
    assert (place.raw.line, place.raw.column) == (5, 4)


def test_words_are_bounded_by_letters_of_any_script() -> None:
    one = rule("(?i:geld)", words=True)
    assert found(one, html("<p>geld, geldig, vergeld, ägeld, GELD!")) == ["geld", "GELD"]


def test_an_exception_spares_what_it_overlaps() -> None:
    one = rule("free", unless=("free shipping", "sugar.free"))
    assert found(one, html("free free shipping, sugar-free, free")) == ["free", "free"]


def test_overlapping_matches_of_several_patterns_count_once() -> None:
    assert found(rule("act now", "act now please", "now"), html("act now please")) == ["act now"]


def test_anchors_mean_the_text_and_not_a_line_of_the_scan() -> None:
    message = html('<a href="one">x</a><a href="two">y</a>')
    one = rule("^two$", field="link.url")
    assert found(one, message) == ["two"]
    assert Matcher([one]).candidates(message).keys() == {"test/rule"}


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [("(", "missing"), ("a(?=b)", "invalid"), ("a.{0,30}b", "too wide"), ("a.{2,}b", "too wide"), (r"\Aa", "^ and $")],
)
def test_what_the_dialect_refuses_is_said(pattern: str, reason: str) -> None:
    assert reason in (refusal(pattern) or "")


@pytest.mark.parametrize("pattern", ["a.{0,20}b", r"\\A", "(?i:x)", r"\.{5,30}"])
def test_what_the_dialect_allows(pattern: str) -> None:
    assert refusal(pattern) is None


VOCABULARY = ["free", "money", "now", "act", "win", "geld", "FREE", "\n", "é", "<b>", "</b>", "&nbsp;", ".", "-"]
RULES = [
    rule("(?i:free money)", name="a"), rule("act|win", name="b", words=True), rule(r"(?i:free)\s", name="c"),
    rule(r"^free$", name="d", field="subject"), rule("(?i:MONEY)", name="e", unless=("free money",)),
    rule(r"(?i:geld\W)", name="f"), rule("now$", name="g"), rule(r"\bé", name="h"),
]  # fmt: skip


@given(st.lists(st.sampled_from(VOCABULARY), max_size=12), st.sampled_from(VOCABULARY))
def test_accelerated_and_plain_verdicts_are_identical(words: list[str], subject: str) -> None:
    raw = f"Subject: {subject.strip()}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{' '.join(words)}".encode()
    verdicts = []
    for accelerated in (True, False):
        linter = Linter(Policy(), RULES)
        linter.matcher = Matcher(RULES, accelerated=accelerated)
        verdict = linter.check(Message.from_bytes(raw))
        verdicts.append([(finding.rule, finding.count, finding.places) for finding in verdict.findings])
    assert verdicts[0] == verdicts[1]


def test_noise_that_defeats_the_cache_stays_linear() -> None:
    chooser = random.Random(7)
    noise = "".join(chooser.choices("abcdefghijklmnop \n", k=4 * 1024 * 1024))
    message = Message.from_bytes(b"Content-Type: text/plain\r\n\r\n" + noise.encode())
    many = [
        rule(f"(?i:{a}.{{0,20}}{b}.{{0,20}}{a})", name=f"n{n}")
        for n, (a, b) in enumerate(zip("abcde", "fghij", strict=True))
    ]
    linter = Linter(Policy(), many)
    start = time.process_time()
    linter.matcher.candidates(message)
    assert time.process_time() - start < 2
