"""What clients of spamd make of the answers: scores, names, reports and header fields."""

from __future__ import annotations

import re

import pytest
import spamd_client
from hook_server import SCRIPT, rules
from hypothesis import given, settings
from hypothesis import strategies as st

from spamlint.guard.decision import Action, Decision
from spamlint.hooks.spamd import answers
from spamlint.hooks.spamd.answers import THRESHOLD, answer, body, scaled
from spamlint.hooks.spamd.codec import Request, judged
from spamlint.hooks.symbols import symbol
from spamlint.report.data import FileReport, FindingReport
from spamlint.verdict import Outcome

MAIL = b"Subject: hi\r\nX-Spam-Status: No\r\nTo: b@c.example\r\n\r\nHello\r\n"


def finding(rule: str, score: int, title: str = "A title", fix: str = "Do this.") -> FindingReport:
    return FindingReport(rule, title, rule.partition("/")[0], "warning", False, score, score, "", "", fix, 1, ())


def decision(outcome: Outcome, score: int, *findings: FindingReport, block_at: int = 50) -> Decision:
    report = FileReport("", None, outcome, False, score, 20, block_at, "message", findings)
    action: Action = "reject" if outcome == "block" else "accept"
    return Decision(action, "0a1b2c", action, report=report)


def reply(verb: str, version: tuple[int, int], said: Decision, mail: bytes = MAIL) -> bytes:
    told = answer(said)
    assert told is not None
    return judged(Request(verb, version), told.spam, body(verb, told, said, mail))


@pytest.mark.parametrize(
    ("outcome", "score", "block_at", "told"),
    [
        ("block", 70, 50, 70),
        ("block", 70, 100, 50),  # a rule that blocks by itself
        ("block", 40, 20, 100),
        ("warn", 40, 80, 25),
        ("warn", 39, 40, 49),
        ("pass", 0, 50, 0),
    ],
)
def test_the_score_is_scaled_so_that_five_blocks(outcome: Outcome, score: int, block_at: int, told: int) -> None:
    found = answer(decision(outcome, score, block_at=block_at))
    assert found is not None
    assert (found.score, found.is_spam) == (told, told >= THRESHOLD)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_scaled_score_is_on_the_side_of_the_limit_that_it_was_on(score: int, block_at: int) -> None:
    assert scaled(block_at, block_at) == THRESHOLD or not block_at
    assert abs(scaled(score, max(block_at, 1)) - min(score * THRESHOLD / max(block_at, 1), 9999)) <= 0.5


def test_what_could_not_be_judged_is_told_as_the_policy_wants_it() -> None:
    assert answer(SCRIPT[b"tempfail"]) is None
    refused, passed = answer(SCRIPT[b"refused"]), answer(SCRIPT[b"passed"])
    assert refused is not None
    assert passed is not None
    assert refused.spam == "True ; 5.0 / 5.0"
    assert passed.spam == "False ; 0.0 / 5.0"
    assert [one.name for one in passed.symbols] == ["SPL_NOT_CHECKED"]


def test_rule_names_fit_all_clients() -> None:
    names = [symbol(rule.id) for rule in rules()]
    assert all(re.fullmatch("[A-Za-z0-9_]+", name) for name in names)
    assert len({*names}) == len(names)


def test_mailpit_finds_every_rule() -> None:
    title = "A long title with https://www.long.example/a/b?c=1 and/or 12 more words, which goes over several lines"
    said = decision("block", 123, finding("links/odd-port", 101, title), finding("a/b", 22, "Short", ""))
    found = spamd_client.mailpit(reply("REPORT", (1, 5), said))
    assert (found.code, found.message, found.score) == (0, "EX_OK", 12.3)
    first, second = [row for row in found.rules if row[1]]
    assert first[:2] == ("10.1", "SPL_LINKS_ODD_PORT")
    assert first[2].startswith("A long title with www.long.example and-or 12 more words, which goes over several lines")
    assert second == ("2.2", "SPL_A_B", "Short")


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.text(max_size=80), st.text(max_size=80), st.integers(0, 2000)), max_size=80))
def test_mailpit_and_exim_read_any_words(rows: list[tuple[str, str, int]]) -> None:
    said = decision("block", 70, *(finding(f"x/r{number}", row[2], *row[:2]) for number, row in enumerate(rows)))
    listed = [f"SPL_X_R{number}" for number in range(min(len(rows), answers.MOST_SYMBOLS))]
    found = spamd_client.mailpit(reply("REPORT", (1, 5), said))
    assert (found.code, found.score) == (0, 7.0)
    assert [row[1] for row in found.rules if row[1].startswith("SPL_")] == listed
    heard = spamd_client.exim(reply("REPORT", (1, 2), said))
    assert heard[:2] == (7.0, 5.0)
    assert heard.report.isascii()


def test_haraka_reads_the_verdict_and_the_tests() -> None:
    said = decision("block", 70, *(finding(f"links/number-{number}", 10) for number in range(30)))
    found = spamd_client.haraka(reply("HEADERS", (1, 4), said))
    assert found[:3] == ("True", "7.0", "5.0")
    assert found.tests == [f"SPL_LINKS_NUMBER_{number}" for number in range(30)]
    assert found.fields["Flag"] == "YES"
    assert found.fields["Level"] == "*******"


def test_process_gives_the_message_with_fields_of_ours_in_place_of_others() -> None:
    said = decision("warn", 20, finding("a/b", 20))
    _, _, whole = reply("PROCESS", (1, 5), said).partition(b"\r\n\r\n")
    head, _, rest = whole.partition(b"\r\n\r\n")
    assert rest == b"Hello\r\n"
    assert head.count(b"X-Spam-Status:") == 1
    assert b"X-Spam-Status: No, score=2.0 required=5.0 tests=SPL_A_B autolearn=no" in head
    assert b"X-Spam-Flag" not in head
    assert head.endswith(b"Subject: hi\r\nTo: b@c.example")
    assert re.search(rb"[^\r]\n", whole) is None


def test_a_line_of_an_mbox_stays_in_front() -> None:
    said = decision("pass", 0)
    told = answer(said)
    assert told is not None
    mail = b"From a@b.example Thu Nov  5 09:00:00 2026\nSubject: hi\n\nHello\n"
    lines = answers.marked(told, said, mail).split(b"\n")
    assert lines[0] == mail.split(b"\n")[0]
    assert lines[1].startswith(b"X-Spam-Checker-Version: spamlint ")
    assert lines[-4:] == [b"Subject: hi", b"", b"Hello", b""]


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["PROCESS", "HEADERS"]))
def test_the_body_of_any_message_stays_as_it_is(mail: bytes, verb: str) -> None:
    said = decision("pass", 0)
    told = answer(said)
    assert told is not None
    found = body(verb, told, said, mail)
    assert found.startswith((b"X-Spam-Checker-Version: ", b"From "))
    if verb == "PROCESS" and b"x-spam" not in mail.lower():
        assert found.endswith(mail.removeprefix(mail[: mail.find(b"\n") + 1] if mail.startswith(b"From ") else b""))


def test_a_report_is_for_spam_only_where_that_is_asked_for() -> None:
    told = answer(decision("pass", 0))
    assert told is not None
    assert body("REPORT_IFSPAM", told, decision("pass", 0), MAIL) == b""
    assert b"does not look like unwanted mail" in body("REPORT", told, decision("pass", 0), MAIL)
    assert body("CHECK", told, decision("pass", 0), MAIL) == b""
