"""The loop: what is run, what a crash costs, and that nothing a message holds can crash it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spamlint.limits import Limits
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.rule import Hit, Match, Rule
from spamlint.verdict import Policy, Words

WORDS = {"en": Words("t", "m", "w.", "f.")}
LINTER = Linter()
PLAIN = b"Subject: x\r\n\r\nwords\r\n"


def crash(message: Message) -> Iterator[Hit]:
    yield Hit(None)
    raise ValueError("no such luck")


def always(message: Message) -> Iterator[Hit]:
    yield Hit(message.headers_end)


def rule(check: object = always, **changes: object) -> Rule:
    return Rule("test/rule", "warning", 10, WORDS, check=check, check_name="test.check", **changes)  # type: ignore[arg-type]


def test_a_crashed_check_costs_its_rule_and_never_the_verdict() -> None:
    other = Rule("test/other", "warning", 5, WORDS, check=always, check_name="test.always")  # type: ignore[arg-type]
    verdict = Linter(Policy(), [rule(crash), other]).check(Message.from_bytes(PLAIN))
    assert [(error.rule, error.code, error.message) for error in verdict.errors] == [
        ("test/rule", "ValueError", "no such luck")
    ]
    assert [finding.rule for finding in verdict.findings] == ["test/other"]
    assert (verdict.outcome, verdict.incomplete) == ("warn", True)


@pytest.mark.parametrize(
    ("policy", "runs"),
    [
        (Policy(), True),
        (Policy(select=("test",)), True),
        (Policy(select=("test/rule",)), True),
        (Policy(select=("te*/r*",)), True),
        (Policy(select=("other",)), False),
        (Policy(ignore=("test/rule",)), False),
        (Policy(select=("test",), ignore=("test/*",)), False),
        (Policy(per_file_ignores={"*.eml": ("test",)}), False),
        (Policy(per_file_ignores={"*.html": ("test",)}), True),
    ],
)
def test_a_policy_chooses_the_rules(policy: Policy, runs: bool) -> None:
    verdict = Linter(policy, [rule()]).check(Message.from_bytes(PLAIN, "mail.eml"))
    assert bool(verdict.findings) is runs


def test_a_rule_runs_only_in_its_profiles_and_where_what_it_needs_is_present() -> None:
    message, draft = Message.from_bytes(PLAIN), Message.draft(b"<p>x")
    bulk = rule(profiles=("bulk",))
    assert not Linter(Policy(), [bulk]).check(message).findings
    assert Linter(Policy(profile="bulk"), [bulk]).check(message).findings
    needy = rule(needs=("html",))
    assert not Linter(Policy(), [needy]).check(message).findings
    assert Linter(Policy(), [needy]).check(draft).findings


def test_a_policy_overrides_score_severity_and_parameters() -> None:
    def graded(message: Message, *, limit: int = 3) -> Iterator[Hit]:
        yield Hit(None, {"limit": limit})

    policy = Policy(scores={"test/rule": 7}, severities={"test/rule": "note"}, params={"test/rule": {"limit": 9}})
    (finding,) = Linter(policy, [rule(graded)]).check(Message.from_bytes(PLAIN)).findings
    assert (finding.score, finding.severity, finding.values["limit"]) == (7, "note", 9)


def test_html_is_not_parsed_where_no_rule_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Message, part: object) -> None:
        raise AssertionError("HTML was parsed")

    monkeypatch.setattr(Message, "html", refuse)
    assert LINTER.check(Message.from_bytes(PLAIN)).errors == ()
    html = Message.from_bytes(b"Subject: x\r\nContent-Type: text/html\r\n\r\n<p>words")
    assert Linter(Policy(select=("subject",))).check(html).errors == ()
    assert LINTER.check(html).errors != ()


def test_a_reached_limit_makes_the_verdict_incomplete() -> None:
    message = Message.from_bytes(b"A: 1\r\nB: 2\r\nC: 3\r\n\r\nwords", limits=Limits(headers=2))
    verdict = LINTER.check(message)
    assert verdict.incomplete
    assert "structure/limit-reached" in {finding.rule for finding in verdict.findings}


def test_pictures_inside_the_html_do_not_count_as_text() -> None:
    page = b'<p>words</p><img alt="bread" src="data:image/png;base64,' + b"A" * 200 + b'">'
    for body, incomplete in ((page, False), (b"<p>" + b"words " * 50, True)):
        message = Message.from_bytes(b"Content-Type: text/html\r\n\r\n" + body, limits=Limits(field=100))
        assert LINTER.check(message).incomplete is incomplete


def test_a_finding_counts_all_and_keeps_the_first_places() -> None:
    many = Rule("test/many", "note", 1, WORDS, match=Match(("body",), ("x",)))  # type: ignore[arg-type]
    (finding,) = Linter(Policy(), [many]).check(Message.from_bytes(b"\r\n" + b"x " * 25)).findings
    assert finding.count == 25
    assert [place.column for place in finding.places if place] == [1, 3, 5, 7, 9, 11, 13, 15, 17, 19]


def test_the_same_message_always_gets_the_same_verdict() -> None:
    raw = b"Subject: WIN!!!! NOW\r\nContent-Type: text/html\r\n\r\n<p onclick=x>\xe9</b><script>"
    first, second = (Linter().check(Message.from_bytes(raw)) for _ in range(2))
    assert [(one.rule, one.score, one.places) for one in first.findings] == [
        (one.rule, one.score, one.places) for one in second.findings
    ]


FRAGMENTS = [
    b"Subject: ", b"From: a@b.example", b"Content-Type: text/html; charset=utf-8",
    b"Content-Type: multipart/mixed; boundary=b",
    b"Content-Type: multipart/alternative; boundary=b", b"Content-Transfer-Encoding: base64", b"\r\n", b"\n", b"\r",
    b"\r\n\r\n", b"--b", b"--b--", b"Content-Transfer-Encoding: quoted-printable", b"=?utf-8?Q?=E2?=", b"=?x?B?AA?=",
    b"<p>", b"</p>", b"<table><tr>", b"<b><i></b>", b'<a href="java&#9;script:x">', b"<!--[if mso]>", b"<![endif]-->",
    b"<script>", b"</script>", b"<svg onload=x>", b"=41=", b"QUJD", b"\xff", b"\0", "é".encode(), b"&amp", b"<form ",
    b"charset=utf-16", b"filename*0*=utf-8''%E2", b"Content-Type: message/rfc822", b"X" * 1200, b"\t",
    b"<style>@import",
]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=8)), max_size=40))
@settings(max_examples=300, deadline=None)
def test_no_bytes_can_crash_a_rule_or_leave_the_file(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    for message in (Message.from_bytes(raw, "x.eml"), Message.draft(raw, "x.html")):
        verdict = LINTER.check(message)
        assert verdict.errors == ()
        assert verdict.score == sum(finding.score for finding in verdict.findings)
        for finding in verdict.findings:
            for place in finding.places:
                if place is not None:
                    assert 0 <= place.raw.start <= place.raw.end <= len(raw)
                    assert 0 <= place.mark[0] <= place.mark[1] <= len(place.excerpt)


def test_no_corpus_message_crashes_a_rule_or_takes_two_seconds(corpus: Path) -> None:
    failed = []
    rows = map(json.loads, (corpus / "MANIFEST.jsonl").read_text("utf-8").splitlines())
    paths = [row["path"] for row in rows if row["set"] in ("sa", "phish", "ham_modern", "malformed", "bounces")]
    for path in paths:
        raw = (corpus / path).read_bytes()
        start = time.process_time()
        errors = LINTER.check(Message.from_bytes(raw, path)).errors
        if errors or time.process_time() - start > 2:
            failed.append((path, errors))
    assert len(paths) > 3000
    assert failed == []


def test_a_rule_blocks_in_the_profiles_that_it_names() -> None:
    strict = rule(blocks=True, blocks_in=("bulk",))
    message = Message.from_bytes(PLAIN)
    assert Linter(Policy(profile="bulk"), [strict]).check(message).outcome == "block"
    assert Linter(Policy(profile="message"), [strict]).check(message).outcome == "pass"
