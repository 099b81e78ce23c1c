"""The tools that fit and measure the points: what they write, and the figures they count."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from spamlint import ruleset
from spamlint.rule import Grade, Match, Rule
from spamlint.verdict import Language, Words

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "benchmarks"))

pytest.importorskip("scipy", reason="numpy and scipy are not installed: they are only needed to fit points")

from calibrate import rewritten  # noqa: E402
from corpus import Row  # noqa: E402
from figures import Share, auc, detection  # noqa: E402
from fitting import fit, folds, score_rows, table, tenths  # noqa: E402

WORDS: dict[Language, Words] = {"en": Words("t", "m", "w.", "f.")}
RULES = ruleset.load()
GRADES = (Grade(2, 10, "warning"), Grade(5, 20, "warning"))
GOOD = Rule("a/good", "warning", 5, WORDS, match=Match(("body",), ("x",)), grades=GRADES)
BAD = Rule("b/bad", "warning", 30, WORDS, match=Match(("body",), ("x",)))
RARE = Rule("c/rare", "warning", 7, WORDS, match=Match(("body",), ("x",)))


def row(number: int, kind: str, hits: Mapping[str, int], group: str = "") -> Row:
    of_set, _, label = kind.partition("/")
    return Row(f"{of_set}/{number}.eml", of_set, label, group or f"{kind}{number}", "en", hits)


def rows() -> list[Row]:
    found = []
    for number in range(40):
        found += [
            row(number, "sa/spam", {"a/good": number % 3}),
            row(number, "phish/spam", {"a/good": 2} if number % 4 else {"b/bad": 0}),
            row(number, "sa/ham", {"b/bad": 0} if number % 2 else {}),
            row(number, "ham_modern/ham", {"b/bad": 0} if number % 3 else {}),
        ]
    return [*found, row(99, "sa/spam", {"c/rare": 0})]


def test_points_go_to_what_separates_and_none_to_what_is_mostly_on_legitimate_mail() -> None:
    rules = [GOOD, BAD, RARE]
    numbers = table(rows(), rules)
    fitted = tenths(numbers, fit(numbers), rules)
    assert fitted["b/bad"] == [0]
    assert fitted["c/rare"] == [7]
    assert 0 < fitted["a/good"][0] <= fitted["a/good"][1] <= fitted["a/good"][2] <= 40
    assert tenths(numbers, fit(numbers), rules) == fitted


def test_a_rule_that_is_not_calibrated_keeps_its_points() -> None:
    kept = replace(BAD, calibrated=False)
    numbers = table(rows(), [GOOD, kept])
    assert tenths(numbers, fit(numbers), [GOOD, kept], 0.5)["b/bad"] == [30]


def test_scores_are_added_up_as_the_linter_does() -> None:
    rules = [GOOD, replace(BAD, id="a/other")]
    hits = [row(1, "sa/spam", {"a/good": 2, "a/other": 0}), row(2, "sa/spam", {"a/good": 0})]
    assert list(score_rows(hits, rules, {"a/good": [5, 10, 20], "a/other": [30]})) == [4.0, 0.5]


def test_a_group_lies_in_one_fold_and_every_kind_is_spread() -> None:
    mail = [row(number, "sa/ham", {}, group=f"g{number // 3}") for number in range(60)]
    fold = folds(mail, 5)
    assert all(
        len({fold[place] for place, one in enumerate(mail) if one.group == group}) == 1 for group in ("g0", "g9")
    )
    assert sorted(list(fold).count(number) for number in range(5)) == [12] * 5


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_file_takes_other_points_and_keeps_all_else(rule: Rule) -> None:
    toml = (ruleset.built_in_folder() / f"{rule.id}.toml").read_text("utf-8")
    scores = [rule.score, *(grade.score for grade in rule.grades)]
    assert rewritten(toml, scores) == toml
    changed = rewritten(toml, [score + 3 for score in scores])
    assert len(changed.splitlines()) == len(toml.splitlines())
    differ = [new for old, new in zip(toml.splitlines(), changed.splitlines(), strict=True) if old != new]
    assert len(differ) == len(scores)
    assert all(line.lstrip().startswith("score") for line in differ)


def test_figures() -> None:
    assert auc([3, 2], [1, 2]) == 0.875
    assert detection([1, 2, 3, 4], [0] * 99 + [2], 0.01) == Share(4, 4)
    assert detection([1, 2, 3, 4], [0] * 99 + [2], 0.005) == Share(2, 4)
    low, high = Share(0, 400).interval
    assert (low, round(high, 4)) == (0.0, 0.0095)


def test_the_counts_of_hits_name_every_rule_and_no_other() -> None:
    measured = json.loads((ROOT / "docs" / "hits.json").read_text("utf-8"))
    totals = measured["messages"]
    assert set(measured["rules"]) == {rule.id for rule in RULES}, "run benchmarks/accuracy.py --write"
    for hits in measured["rules"].values():
        assert all(0 < count <= totals[kind] for kind, count in hits.items())
