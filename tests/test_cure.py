"""Points by topic, and the fewest findings to put right for a pass."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.report import json as json_report
from spamlint.report import text
from spamlint.report.data import file_report
from spamlint.report.style import Style
from spamlint.source import Source
from spamlint.verdict import Finding, Language, Policy, RuleError, Severity, TopicScore, Verdict, Words

WORDS: dict[Language, Words] = {"en": Words("Title", "Message", "Why.", "Fix.")}

FINDINGS = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.integers(0, 45),
        st.sampled_from(("note", "warning", "error")),
        st.sampled_from((False, False, False, True)),
    ),
    max_size=7,
)


def finding(rule: str, score: int, severity: Severity = "warning", *, blocks: bool = False) -> Finding:
    return Finding(rule, severity, score, blocks, WORDS, {}, 1, (None,))


def verdict(*findings: Finding, policy: Policy | None = None, errors: tuple[RuleError, ...] = ()) -> Verdict:
    return Verdict.of(findings, policy or Policy(), "message", errors=errors)


@given(FINDINGS, st.integers(0, 30), st.integers(5, 50))
def test_the_cure_gives_a_pass_and_nothing_shorter_does(
    drawn: list[tuple[str, int, Severity, bool]], warn_at: int, cap: int
) -> None:
    policy = Policy(warn_at=warn_at, topic_cap=cap)
    found = [
        finding(f"{topic}/{n}", score, severity, blocks=blocks)
        for n, (topic, score, severity, blocks) in enumerate(drawn)
    ]
    whole = verdict(*found, policy=policy)
    if whole.outcome == "pass":
        assert whole.cure == ()
        return
    if verdict(policy=policy).outcome != "pass":
        assert whole.cure == ()
        return
    rules = {one.rule for one in whole.cure}
    assert verdict(*(one for one in found if one.rule not in rules), policy=policy).outcome == "pass"
    for shorter in combinations(found, len(rules) - 1):
        assert verdict(*(one for one in found if one not in shorter), policy=policy).outcome != "pass"


def test_where_a_topic_is_at_its_limit_two_must_go_before_it_counts() -> None:
    found = [finding("a/one", 40), finding("a/two", 40), finding("b/one", 15), finding("b/two", 10)]
    assert [one.rule for one in verdict(*found).cure] == ["a/one", "b/one", "a/two"]


def test_what_blocks_or_is_an_error_has_to_go_whatever_its_points() -> None:
    found = [finding("a/error", 0, "error"), finding("b/blocks", 0, blocks=True), finding("c/large", 19)]
    assert {one.rule for one in verdict(*found).cure} == {"a/error", "b/blocks"}


def test_nothing_helps_where_not_everything_could_be_checked() -> None:
    assert verdict(finding("a/one", 30), errors=(RuleError("x/y", "ValueError", ""),)).cure == ()


def test_topics_add_up_to_the_score() -> None:
    result = verdict(finding("a/one", 30), finding("a/two", 20), finding("b/one", 3), finding("c/one", 0))
    assert result.topics == (TopicScore("a", 50, 40), TopicScore("b", 3, 3))
    assert sum(one.score for one in result.topics) == result.score


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            "  points by topic: a 4.0 (its limit), b 1.0\n  fix these 3 and it passes: a/one, a/two, c/broken\n",
        ),
        (
            "nl",
            (
                "  punten per onderwerp: a 4,0 (de grens), b 1,0\n"
                "  herstel deze 3 en het bericht is in orde: a/one, a/two, c/broken\n"
            ),
        ),
    ],
)
def test_the_report_says_where_the_points_come_from_and_what_is_enough(language: Language, expected: str) -> None:
    found = [finding("a/one", 30), finding("a/two", 25), finding("b/one", 10), finding("c/broken", 0, "error")]
    report = file_report(verdict(*found), Source("a.eml", b""), None, language)
    assert text.file(report, Style(language)).partition("\n\n")[2].startswith(expected)
    assert json_report.file_object(report)["cure"] == ["a/one", "a/two", "c/broken"]
    assert json_report.file_object(report)["topics"][0] == {"topic": "a", "base_score": 5.5, "score": 4.0}


def test_a_single_finding_is_told_as_one() -> None:
    found = [finding("a/one", 30), finding("b/one", 0)]
    report = file_report(verdict(*found), Source("a.eml", b""), None, "en")
    assert "\n  fix this and it passes: a/one\n" in text.file(report, Style())
