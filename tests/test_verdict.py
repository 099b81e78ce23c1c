"""Scores, caps and outcomes."""

from __future__ import annotations

import pytest

from spamlint.verdict import VALUE_WIDTH, Finding, Policy, RuleError, Severity, Verdict, Words

WORDS = {
    "en": Words("Title", "says {what}, {count} times", "Because.", "Change {what}."),
    "nl": Words("Titel", "zegt {what}, {count} keer", "Omdat.", "Wijzig {what}."),
}


def finding(rule: str, score: int, severity: Severity = "warning", *, blocks: bool = False, what: str = "x") -> Finding:
    return Finding(rule, severity, score, blocks, WORDS, {"what": what}, 3, (None,))  # type: ignore[arg-type]


def verdict(*findings: Finding, policy: Policy | None = None) -> Verdict:
    return Verdict.of(findings, policy or Policy(), "message")


def test_no_finding_passes() -> None:
    assert (verdict().outcome, verdict().score) == ("pass", 0)


@pytest.mark.parametrize(
    ("scores", "outcome"), [([19], "pass"), ([20], "warn"), ([40, 9], "warn"), ([40, 10], "block"), ([5] * 11, "block")]
)
def test_the_outcome_follows_the_sum(scores: list[int], outcome: str) -> None:
    assert verdict(*(finding(f"topic{n}/a", score) for n, score in enumerate(scores))).outcome == outcome


def test_a_topic_counts_at_most_its_cap_and_findings_sum_to_the_score() -> None:
    result = verdict(finding("a/one", 30), finding("a/two", 20), finding("a/three", 5), finding("b/one", 3))
    assert result.score == 43
    assert sum(found.score for found in result.findings) == 43
    assert {found.rule: found.score for found in result.findings} == {
        "a/one": 30,
        "a/two": 10,
        "a/three": 0,
        "b/one": 3,
    }
    assert result.outcome == "warn"


def test_what_costs_most_comes_first_then_what_is_worse() -> None:
    result = verdict(finding("a/a", 1), finding("b/b", 5), finding("c/c", 0, "note"), finding("d/d", 0, "error"))
    assert [found.rule for found in result.findings] == ["b/b", "a/a", "d/d", "c/c"]


def test_an_error_warns_and_a_blocking_rule_blocks_without_points() -> None:
    assert verdict(finding("a/a", 0, "error")).outcome == "warn"
    assert verdict(finding("a/a", 0, blocks=True)).outcome == "block"


def test_thresholds_and_cap_come_from_the_policy() -> None:
    policy = Policy(warn_at=1, block_at=3, topic_cap=2)
    assert verdict(finding("a/a", 9), policy=policy).score == 2
    assert verdict(finding("a/a", 9), policy=policy).outcome == "warn"


def test_a_crashed_check_or_a_reached_limit_is_incomplete_and_never_passes() -> None:
    crashed = Verdict.of([], Policy(), "message", errors=(RuleError("a/a", "ValueError", "bad"),))
    limited = Verdict.of([], Policy(), "message", limit_reached=True)
    assert [(found.outcome, found.incomplete) for found in (crashed, limited)] == [("warn", True)] * 2


def test_words_are_filled_in_either_language_and_long_values_are_cut() -> None:
    assert finding("a/a", 1).say().message == "says x, 3 times"
    assert finding("a/a", 1).say("nl").fix == "Wijzig x."
    assert len(finding("a/a", 1, what="y" * 500).say().fix) == VALUE_WIDTH + len("Change .")


def test_a_value_is_never_read_as_a_format() -> None:
    assert finding("a/a", 1, what="{count} {what.__class__}").say().message == "says {count} {what.__class__}, 3 times"
