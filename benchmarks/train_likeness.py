"""Makes spamlint/likeness/weights.txt from real mail that may be used for anything, and says how well it tells apart.

    SPAMLINT_CORPUS=/corpus python benchmarks/train_likeness.py          # measure, and write the file
    SPAMLINT_CORPUS=/corpus python benchmarks/train_likeness.py --check  # measure only
    ... --held-out FILE   # also write the likeness of each message that was learned from, by models that do not know it

Learned from: the SpamAssassin public corpus of 2002 (CC0), wanted and unwanted mail in English, and legitimate mail
templates under MIT, BSD or Apache licences. Nothing under a licence that limits use, and none of the modern mail that
the model is measured on. What is kept of it is a list of words with a weight each.

The model is a logistic regression in which no weight is negative: only what speaks for unwanted mail has a weight, so
that the topics of the wanted mail of 2002 teach it nothing, and unknown words and other languages are neutral. A word
must stand in unwanted mail of several groups of near duplicates, and must not be of the kind that names people, places
or the corpus itself (`evidence.py` beside this file says which).
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from evidence import is_evidence

from spamlint import Message
from spamlint.likeness import read
from spamlint.likeness.features import features, length
from spamlint.likeness.weights import FILE, HALF, parse

FREE = ("PDDL", "CC0", "MIT", "BSD", "Apache")
"""Licences of mail that is learned from, by how they start."""

FEWEST_GROUPS = 6
TIMES_AS_OFTEN = 1.5
"""A feature is looked at if it stands in that many groups of unwanted mail, and so much more often than in wanted."""

LASSO, RIDGE, HIGHEST = 0.3, 1.0, 0.8
"""What a weight costs, what its square costs, and the highest weight: no word is proof."""

COUNTS = {"templates/legit-template": 0.3, "sa/hard_ham": 2.0}
"""What a template, which is no message yet, and a wanted newsletter, of which there are few, count beside others."""

LEAST = 0.05
"""A smaller weight is left out."""

REASONS, WORDS = 3, 2
"""What the rule asks for, see rules/statistics/."""

ROUNDS = 60
FOLDS = 5


@dataclass(frozen=True, eq=False)
class Sample:
    """One message of the corpus, as far as the model sees it."""

    kind: str
    """Set and label, as "sa/spam"."""
    path: Path
    source: str
    group: str
    unwanted: bool
    free: bool
    features: frozenset[str]
    size: float
    """What the sum of its weights is divided by."""


@dataclass(frozen=True, eq=False)
class Model:
    """Weights of features, and the weight of everything else."""

    weights: dict[str, float]
    start: float

    def score(self, sample: Sample) -> float:
        """The logarithm of the odds that `sample` is unwanted mail."""
        return self.start + sum(self.weights.get(feature, 0.0) for feature in sample.features) / sample.size


def samples(corpus: Path) -> list[Sample]:
    """Those messages and templates of the corpus that the model is made of or measured on."""
    found = []
    for line in (corpus / "MANIFEST.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        path = corpus / row["path"]
        kind = f"{row['set']}/{row['label']}"
        if kind == "templates/legit-template" and path.suffix in {".html", ".htm", ".txt"}:
            content = "text/plain" if path.suffix == ".txt" else "text/html"
            message = Message.draft(path.read_bytes(), row["path"], content_type=content)
        elif row["set"] in {"sa", "phish", "ham_modern"} and path.suffix == ".eml":
            message = Message.from_bytes(path.read_bytes(), row["path"])
        else:
            continue
        names, count = features(message)
        found.append(
            Sample(
                kind,
                path,
                row.get("kind") or "",
                row.get("near_dup_group") or row["path"],
                row["label"] == "spam",
                row["license"].startswith(FREE),
                frozenset(name for name in names if is_evidence(name)),
                length(count),
            )
        )
    return found


def importance(learned: Sequence[Sample]) -> list[float]:
    """What each message counts: a group of near duplicates as much as one message."""
    sizes = Counter(sample.group for sample in learned)
    return [COUNTS.get(sample.kind, 1.0) / sizes[sample.group] for sample in learned]


def candidates(learned: Sequence[Sample]) -> list[str]:
    """The features that speak for unwanted mail in enough groups, sorted."""
    groups: dict[bool, defaultdict[str, set[str]]] = {True: defaultdict(set), False: defaultdict(set)}
    for sample in learned:
        for feature in sample.features:
            groups[sample.unwanted][feature].add(sample.group)
    return sorted(
        feature
        for feature, unwanted in groups[True].items()
        if len(unwanted) >= FEWEST_GROUPS and len(unwanted) > TIMES_AS_OFTEN * len(groups[False].get(feature, ()))
    )


def fitted(learned: Sequence[Sample]) -> Model:
    """The model that fits best, found weight by weight (Newton's method, each weight kept from 0 to HIGHEST)."""
    names = candidates(learned)
    counts = importance(learned)
    rows: dict[str, list[int]] = {name: [] for name in names}
    for number, sample in enumerate(learned):
        for feature in sorted(sample.features & rows.keys()):
            rows[feature].append(number)
    weights = dict.fromkeys(names, 0.0)
    start = 0.0
    odds = [0.0] * len(learned)
    for _ in range(ROUNDS):
        step = _step(range(len(learned)), [1.0] * len(learned), odds, counts, learned)
        start += step[0] / step[1]
        odds = [value + step[0] / step[1] for value in odds]
        for name in names:
            inside = [1 / learned[number].size for number in rows[name]]
            slope, bend = _step(rows[name], inside, odds, counts, learned)
            old = weights[name]
            new = min(HIGHEST, max(0.0, old + (slope - LASSO - RIDGE * old) / (bend + RIDGE)))
            if new != old:
                weights[name] = new
                for number, share in zip(rows[name], inside, strict=True):
                    odds[number] += (new - old) * share
    return Model({name: round(weight, 2) for name, weight in weights.items() if weight >= LEAST}, start)


def _step(
    numbers: Sequence[int],
    inside: Sequence[float],
    odds: Sequence[float],
    counts: Sequence[float],
    learned: Sequence[Sample],
) -> tuple[float, float]:
    """The slope and the bend of the likelihood along one feature."""
    slope = bend = 0.0
    for number, share in zip(numbers, inside, strict=True):
        chance = 1 / (1 + math.exp(-odds[number]))
        slope += counts[number] * share * (learned[number].unwanted - chance)
        bend += counts[number] * share * share * chance * (1 - chance)
    return slope, bend


def area(bad: Sequence[float], good: Sequence[float]) -> float:
    """How often one of `bad` is above one of `good` (AUC)."""
    below = sum(sum(1.0 if one > other else 0.5 if one == other else 0.0 for other in good) for one in bad)
    return below / (len(bad) * len(good))


def detected(bad: Sequence[float], good: Sequence[float], share: float = 0.01) -> float:
    """The share of `bad` above all but that share of `good`."""
    limit = sorted(good, reverse=True)[int(share * len(good))]
    return sum(score > limit for score in bad) / len(bad)


def compared(name: str, scored: Sequence[tuple[Sample, float]]) -> None:
    """Prints how well unwanted and wanted mail of `scored` are told apart."""
    bad = [score for sample, score in scored if sample.unwanted]
    good = [score for sample, score in scored if not sample.unwanted]
    print(f"{name:34} {len(bad):5} {len(good):5} {area(bad, good):8.3f} {detected(bad, good):10.2f}")


def folds(learned: Sequence[Sample]) -> Iterator[tuple[Model, list[Sample]]]:
    """Models that each learned from all but one part of the messages, with that part; near duplicates stay together."""
    parts = {group: number % FOLDS for number, group in enumerate(sorted({sample.group for sample in learned}))}
    for part in range(FOLDS):
        model = fitted([sample for sample in learned if parts[sample.group] != part])
        yield model, [sample for sample in learned if parts[sample.group] == part and sample.kind.startswith("sa/")]


def held_out(learned: Sequence[Sample], corpus: Path) -> dict[str, int]:
    """Path -> the likeness that a model without it gives, 0 where the check has too few reasons."""
    found = {}
    for model, unseen in folds(learned):
        known = parse(written(model, learned))
        for sample in unseen:
            message = Message.from_bytes(sample.path.read_bytes())
            reading = read(message, known)
            reasons = reading.reasons(message)
            enough = len(reasons) >= REASONS and sum(reason.is_word for reason in reasons) >= WORDS
            found[sample.path.relative_to(corpus).as_posix()] = reading.likeness if enough else 0
    return found


def measure(every: Sequence[Sample], learned: Sequence[Sample], model: Model) -> None:
    """Prints how well models learned from other mail tell the unwanted from the wanted."""
    print(f"{'':34} {'spam':>5} {'ham':>5} {'AUC':>8} {'at 1 % fp':>10}")
    own = [sample for sample in every if sample.kind.startswith("sa/")]
    crossed = [(sample, other.score(sample)) for other, unseen in folds(learned) for sample in unseen]
    compared(f"sa, {FOLDS}-fold by group", crossed)
    compared("  of it against hard_ham", [pair for pair in crossed if pair[0].kind != "sa/ham"])
    early = ("spam-1", "easy-ham-1")
    before = fitted([sample for sample in learned if sample.source not in ("spam-2", "easy-ham-2")])
    after = [sample for sample in own if sample.source in ("spam-2", "easy-ham-2")]
    compared(f"sa, learned from {early[0]} alone", [(sample, before.score(sample)) for sample in after])
    modern = [sample for sample in every if sample.kind in ("phish/spam", "ham_modern/ham")]
    compared("phish against ham_modern, unlearned", [(sample, model.score(sample)) for sample in modern])


def bands(every: Sequence[Sample], model: Model) -> None:
    """Prints the share of each kind of mail at each likeness, as the rule shows it (learned mail included)."""
    edges = (0, 20, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 101)
    print(f"\n{'likeness from':34}" + "".join(f"{edge:>7}" for edge in edges[:-1]))
    for kind in sorted({sample.kind for sample in every}):
        totals = [model.score(sample) - model.start for sample in every if sample.kind == kind]
        values = [100 * total / (total - model.start) for total in totals]
        shares = (sum(low <= value < high for value in values) / len(values) for low, high in pairwise(edges))
        print(f"{kind:34}" + "".join(f"{100 * share:7.1f}" for share in shares))


def written(model: Model, learned: Sequence[Sample]) -> str:
    """The file of `model`."""
    kinds = Counter(sample.kind for sample in learned)
    lines = [
        "# What unwanted mail has more often than wanted mail, and how much each counts (spamlint/likeness).",
        "# Made by benchmarks/train_likeness.py from the SpamAssassin public corpus of 2002 (CC0) and mail templates",
        "# under MIT, BSD and Apache licences: "
        + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())),
        "# English. This list may be used like the rest of spamlint.",
    ]
    table = {**model.weights, HALF: round(-model.start, 2)}
    return "\n".join([*lines, *(f"{weight:.2f} {feature}" for feature, weight in sorted(table.items()))]) + "\n"


def main() -> None:
    """Measures, and writes the file unless --check is given."""
    corpus, options = Path(os.environ["SPAMLINT_CORPUS"]), sys.argv[1:]
    every = samples(corpus)
    learned = [sample for sample in every if sample.free and sample.kind.split("/")[0] in ("sa", "templates")]
    model = fitted(learned)
    measure(every, learned, model)
    bands(every, model)
    print(f"\n{len(model.weights)} features, half at {-model.start:.2f}")
    if "--held-out" in options:
        values = held_out(learned, corpus)
        Path(options[options.index("--held-out") + 1]).write_text(json.dumps(values, indent=0), "utf-8")
    if "--check" not in options:
        FILE.write_text(written(model, learned), "utf-8")


if __name__ == "__main__":
    main()
