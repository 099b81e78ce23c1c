"""Fits the points of all rules to the corpus, and writes them into the rule files.

    calibrate.py              fit, and write the scores that have changed
    calibrate.py --dry-run    show what would change
    calibrate.py --table FILE keep what the rules find in FILE, so that the next run need not judge the corpus again

Rules with `calibrated = false` keep their points. It needs numpy and scipy: the dependency group `bench`.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import tomli
from corpus import Row, corpus_folder
from corpus import table as corpus_table
from fitting import Scores, blocked, current, fit, scaled, table, tenths

from spamlint import ruleset
from spamlint.rule import Rule

_SCORE = re.compile(r"^(\s*score\s*=\s*)[\d.]+")


def rewritten(toml: str, scores: Sequence[int]) -> str:
    """The rule file with these tenths as its score and those of its grades, and otherwise as it is."""
    section, grade, lines = "", 0, []
    for line in toml.splitlines(keepends=True):
        if re.match(r"\[\[?[a-z_]+\]\]?\s*(#.*)?$", line):
            section = line.strip("[] \t\r\n").partition("]")[0]
            grade += section == "grade"
        if section in ("", "grade") and _SCORE.match(line):
            line = _SCORE.sub(rf"\g<1>{scores[grade] / 10}", line, count=1)  # noqa: PLW2901
        lines.append(line)
    text = "".join(lines)
    if _with_scores(tomli.loads(toml), scores) != tomli.loads(text):
        raise ValueError("the scores could not be written without changing something else")
    return text


def _with_scores(data: Mapping[str, object], scores: Sequence[int]) -> dict[str, object]:
    wanted = {**data, "score": scores[0] / 10}
    grades = data.get("grade")
    if isinstance(grades, list):
        wanted["grade"] = [{**one, "score": score / 10} for one, score in zip(grades, scores[1:], strict=True)]
    return wanted


def points(rows: Sequence[Row], rules: Sequence[Rule], scale: float) -> Scores:
    """The scores that all rows give."""
    numbers = table(rows, rules)
    return tenths(numbers, fit(numbers), rules, scale)


def write(rules: Sequence[Rule], fitted: Scores) -> int:
    """Writes the scores that have changed, and says how many files that were."""
    before, changed = current(rules), 0
    for rule in rules:
        if rule.calibrated and list(fitted[rule.id]) != before[rule.id]:
            path = ruleset.built_in_folder() / f"{rule.id}.toml"
            path.write_text(rewritten(path.read_text("utf-8"), fitted[rule.id]), "utf-8", newline="")
            changed += 1
    return changed


def changes(rows: Sequence[Row], rules: Sequence[Rule], fitted: Scores) -> str:
    """A line for each rule: hits of each kind of mail in percent, and the points before and after."""
    kinds = ("sa/spam", "sa/ham", "sa/hard_ham", "phish/spam", "ham_modern/ham", "templates/legit-template")
    totals = {kind: sum(row.kind == kind for row in rows) for kind in kinds}
    hits: dict[str, dict[str, int]] = {rule.id: dict.fromkeys(kinds, 0) for rule in rules}
    for row in rows:
        kind = row.kind
        for rule_id in row.hits if kind in totals else ():
            hits[rule_id][kind] += 1
    before = current(rules)
    lines = [
        f"{'% of':<44}" + "".join(f"{kind.split('/')[0][:5] + '/' + kind.split('/')[1][:4]:>12}" for kind in kinds)
    ]
    for rule in sorted(rules, key=lambda rule: (-max(fitted[rule.id]), rule.id)):
        shares = "".join(f"{100 * hits[rule.id][kind] / max(1, totals[kind]):>12.1f}" for kind in kinds)
        old, new = (" ".join(f"{score / 10}" for score in one[rule.id]) for one in (before, fitted))
        mark = "" if rule.calibrated else "  (kept)"
        lines.append(f"{rule.id:<44}{shares}   {old if old == new else f'{old} -> {new}'}{mark}")
    return "\n".join(lines)


def main() -> None:
    """Fit, show, write."""
    parser = argparse.ArgumentParser(description="Fits the points of all rules to the corpus.")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    parser.add_argument("--table", type=Path, help="where to keep what the rules find")
    args = parser.parse_args()
    rows, rules = corpus_table(corpus_folder(), args.table), ruleset.load()
    scale, scores = scaled(rows, rules)
    print(f"fitted points are multiplied by {scale}; blocked of what was held out:")
    for kind, share in blocked(rows, scores).items():
        print(f"  {kind:<26}{share}")
    fitted = points(rows, rules, scale)
    print(changes(rows, rules, fitted))
    if not args.dry_run:
        print(f"{write(rules, fitted)} of {len(rules)} rule files changed")


if __name__ == "__main__":
    main()
