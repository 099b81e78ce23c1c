"""How well the verdict tells spam from legitimate mail, on the corpus that SPAMLINT_CORPUS names.

    accuracy.py                          print all figures as Markdown tables
    accuracy.py --spamassassin RESULTS   beside those of SpamAssassin; --rspamd likewise (JSON lines: path, score)
    accuracy.py --table FILE             keep what the rules find in FILE
    accuracy.py --write                  and write docs/hits.json and the measured part of docs/scores.md

"As it is" are the points in the rule files, which were fitted to this very mail; "held out" are points fitted without
the message, its near duplicates and its sender. Only the latter says what to expect of other mail.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from corpus import DRAFT_TYPES, Row, corpus_folder
from corpus import table as corpus_table
from figures import Floats, Share, auc, auc_interval, detection
from fitting import Scores, current, held_out, scaled, score_rows

from spamlint import ruleset
from spamlint.rule import Rule
from spamlint.verdict import Policy

DOCS = Path(__file__).parent.parent / "docs"
KINDS = ("sa/ham", "sa/hard_ham", "ham_modern/ham", "templates/legit-template", "sa/spam", "phish/spam")
TASKS = {
    "2002, newsletters included": (("sa/spam",), ("sa/ham", "sa/hard_ham")),
    "2002, ordinary mail": (("sa/spam",), ("sa/ham",)),
    "today": (("phish/spam",), ("ham_modern/ham",)),
}
BANDS = (0.0, 0.1, 1.0, 2.0, 3.5, 5.0, 7.5, 100.0)
PEER_LIMITS = {"SpamAssassin": 5.0, "rspamd": 6.0}
"""The score from which a peer marks a message as spam."""
MOST_ON_HAM = 20
FEWEST_OF_LANGUAGE = 10

_BLOCK = re.compile(r"(<!-- measured -->\n).*?(<!-- end -->)", re.DOTALL)


@dataclass(frozen=True)
class Judge:
    """A score for each row (NaN where there is none), and which rows are blocked and warned of."""

    name: str
    scores: Floats
    blocks: Sequence[bool]
    warns: Sequence[bool]
    """A block included."""


def judged(name: str, rows: Sequence[Row], rules: Sequence[Rule], scores: Floats) -> Judge:
    """The outcome of these scores with what blocks or warns by itself."""
    policy = Policy()
    by_id = {rule.id: rule for rule in rules}
    blocks, warns = [], []
    for row, score in zip(rows, scores, strict=True):
        hit = [(by_id[rule_id], grade) for rule_id, grade in row.hits.items()]
        profile = "draft" if row.path.endswith(DRAFT_TYPES) else "message"
        by_rule = any(rule.blocks and profile in rule.blocks_in for rule, _ in hit)
        blocked = score * 10 >= policy.block_at - 1e-6 or by_rule
        is_error = any((rule.grades[grade - 1] if grade else rule).severity == "error" for rule, grade in hit)
        blocks.append(blocked)
        warns.append(blocked or is_error or row.incomplete or score * 10 >= policy.warn_at - 1e-6)
    return Judge(name, scores, blocks, warns)


def peer(name: str, rows: Sequence[Row], results: Path) -> Judge:
    """A peer by its results, matched by the end of the path."""
    found = {}
    for line in results.read_text("utf-8").splitlines():
        result = json.loads(line)
        if result["score"] is not None:
            found["/".join(Path(result["path"]).parts[-3:])] = float(result["score"])
    scores = np.array([found.get("/".join(Path(row.path).parts[-3:]), np.nan) for row in rows])
    blocks = [bool(score >= PEER_LIMITS[name]) for score in scores]
    return Judge(name, scores, blocks, blocks)


def separation(rows: Sequence[Row], judges: Sequence[Judge]) -> Iterator[str]:
    """AUC and detection of each judge on each task."""
    yield from _head("Mail", "Judge", "AUC (95 %)", "Detection at 0.5 % false alarms", "at 1 %")
    for task, (spam_kinds, ham_kinds) in TASKS.items():
        for judge in judges:
            spam, ham = (_scores(rows, judge, kinds) for kinds in (spam_kinds, ham_kinds))
            if not len(spam) or not len(ham):
                continue
            value = auc(spam, ham)
            low, high = auc_interval(value, len(spam), len(ham))
            figures = (f"{value:.3f} ({low:.3f} to {high:.3f})", *(detection(spam, ham, at) for at in (0.005, 0.01)))
            yield _line(task, judge.name, *figures)


def outcomes(rows: Sequence[Row], judges: Sequence[Judge]) -> Iterator[str]:
    """The share of each kind of mail that is blocked, and that is at least warned of."""
    yield from _head("Mail", "Judge", "Blocked", "Warned of or blocked")
    for kind in KINDS:
        for judge in judges:
            known = ~np.isnan(judge.scores)
            places = [number for number, row in enumerate(rows) if row.kind == kind and known[number]]
            if places:
                yield _line(kind, judge.name, _share(judge.blocks, places), _share(judge.warns, places))


def languages(rows: Sequence[Row], judge: Judge) -> Iterator[str]:
    """Blocks and warnings for each language; drafts are left out."""
    yield from _head("Language", "Mail", "Blocked", "Warned of or blocked")
    mail = [number for number, row in enumerate(rows) if row.set != "templates"]
    for language, _ in Counter(rows[number].language for number in mail).most_common():
        for name, wanted in (("legitimate", False), ("spam", True)):
            places = [
                number
                for number in mail
                if rows[number].language == language
                and (rows[number].is_spam if wanted else rows[number].is_legitimate)
            ]
            if len(places) >= FEWEST_OF_LANGUAGE:
                yield _line(language, name, _share(judge.blocks, places), _share(judge.warns, places))


def alarms(rows: Sequence[Row], rules: Sequence[Rule], hits: Mapping[str, Counter[str]]) -> Iterator[str]:
    """The rules with points that hit most legitimate mail."""
    yield from _head("Rule", "Points", *KINDS)
    totals = Counter(row.kind for row in rows)

    def on_ham(rule: Rule) -> float:
        return sum(hits[rule.id][kind] / max(1, totals[kind]) for kind in KINDS[:3])

    scored = [rule for rule in rules if max(rule.score, *(grade.score for grade in rule.grades), 0)]
    for rule in sorted(scored, key=on_ham, reverse=True)[:MOST_ON_HAM]:
        shares = (f"{hits[rule.id][kind] / max(1, totals[kind]):.1%}" for kind in KINDS)
        points = " ".join(f"{score / 10}" for score in (rule.score, *(grade.score for grade in rule.grades)))
        yield _line(rule.id, points, *shares)


def bands(rows: Sequence[Row], judge: Judge) -> Iterator[str]:
    """The share of each kind of mail in each band of scores."""
    yield from _head("Score", *KINDS)
    for low, high in pairwise(BANDS):
        shares = []
        for kind in KINDS:
            scores = _scores(rows, judge, (kind,))
            shares.append(f"{((scores > low - 0.05) & (scores < high - 0.05)).mean():.1%}" if len(scores) else "-")
        name = f"{low} and more" if high == BANDS[-1] else "0.0" if high == BANDS[1] else f"{low} to {high - 0.1:.1f}"
        yield _line(name, *shares)


def placement(rows: Sequence[Row], judges: Sequence[Judge]) -> Iterator[str]:
    """How well the score tells newsletters that Gmail put into Spam from those of the same kind in the inbox."""
    yield from _head("Judge", "AUC (95 %)", "In Spam", "In the inbox")
    folders = {str(Path(row.path).parent) for row in rows if row.label == "gmail-spam"}
    for judge in judges:
        of_label = {
            label: np.array(
                [
                    score
                    for row, score in zip(rows, judge.scores, strict=True)
                    if row.label == label and str(Path(row.path).parent) in folders and not np.isnan(score)
                ]
            )
            for label in ("gmail-spam", "ham")
        }
        spam, ham = of_label["gmail-spam"], of_label["ham"]
        if len(spam) and len(ham):
            value = auc(spam, ham)
            low, high = auc_interval(value, len(spam), len(ham))
            yield _line(judge.name, f"{value:.3f} ({low:.3f} to {high:.3f})", len(spam), len(ham))


def hit_counts(rows: Sequence[Row], rules: Sequence[Rule]) -> dict[str, Counter[str]]:
    """Rule id -> kind of mail -> the messages it finds something in."""
    hits: dict[str, Counter[str]] = {rule.id: Counter() for rule in rules}
    for row in rows:
        for rule_id in row.hits:
            hits[rule_id][row.kind] += 1
    return hits


def _head(*cells: object) -> Iterator[str]:
    yield _line(*cells)
    yield "|" + "---|" * len(cells)


def _line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _scores(rows: Sequence[Row], judge: Judge, kinds: Sequence[str]) -> Floats:
    scores = np.array([score for row, score in zip(rows, judge.scores, strict=True) if row.kind in kinds])
    known: Floats = scores[~np.isnan(scores)]
    return known


def _share(outcome: Sequence[bool], places: Sequence[int]) -> Share:
    return Share(sum(outcome[place] for place in places), len(places))


def write(rows: Sequence[Row], hits: Mapping[str, Counter[str]], tables: str) -> None:
    """Writes what the documentation takes from the corpus: counts and tables, nothing of any message."""
    totals = Counter(row.kind for row in rows)
    data = {
        "messages": {kind: totals[kind] for kind in KINDS},
        "rules": {rule: {kind: hits[rule][kind] for kind in KINDS if hits[rule][kind]} for rule in sorted(hits)},
    }
    text = json.dumps(data, indent=1)
    (DOCS / "hits.json").write_text(re.sub(r"\{\n   ([^{}]*?)\n  \}", _on_one_line, text) + "\n", "utf-8")
    page = DOCS / "scores.md"
    page.write_text(_BLOCK.sub(lambda found: f"{found[1]}\n{tables}\n{found[2]}", page.read_text("utf-8")), "utf-8")


def _on_one_line(found: re.Match[str]) -> str:
    return "{" + re.sub(r"\n\s*", " ", found[1]) + "}"


def main() -> None:
    """Print, and write what is asked for."""
    parser = argparse.ArgumentParser(description="How well the verdict tells spam from legitimate mail.")
    parser.add_argument("--table", type=Path, help="where to keep what the rules find")
    parser.add_argument("--spamassassin", type=Path, help="its results on the same messages")
    parser.add_argument("--rspamd", type=Path, help="its results on the same messages")
    parser.add_argument("--write", action="store_true", help="write docs/hits.json and docs/scores.md")
    args = parser.parse_args()
    rows, rules = corpus_table(corpus_folder(), args.table), ruleset.load()
    scores: Scores = current(rules)
    plain = judged("as it is", rows, rules, score_rows(rows, rules, scores))
    scale, scores_held_out = scaled(rows, rules)
    honest = judged("held out", rows, rules, scores_held_out)
    again = [
        judged(f"held out, parts {turn + 1}", rows, rules, held_out(rows, rules, turn=turn).scores(rows, rules, scale))
        for turn in (1, 2)
    ]
    peers = [("SpamAssassin", args.spamassassin), ("rspamd", args.rspamd)]
    judges = [honest, plain, *(peer(name, rows, results) for name, results in peers if results)]
    hits = hit_counts(rows, rules)
    shown = {
        "What a score means: the share of each kind of mail in each band, held out": bands(rows, honest),
        "How well the score separates": separation(rows, [honest, *again, *judges[1:]]),
        "Outcomes": outcomes(rows, judges),
        "By language, held out": languages(rows, honest),
        "The rules with points that hit most legitimate mail": alarms(rows, rules, hits),
        "Newsletters that Gmail put into Spam against those of the same kind in the inbox": placement(rows, judges),
    }
    tables = "\n".join(f"### {title}\n\n" + "\n".join(lines) + "\n" for title, lines in shown.items())
    print(tables)
    if args.write:
        write(rows, hits, tables)


if __name__ == "__main__":
    main()
