"""What the rules on likeness would say of the mail that it was learned from, had it been learned from other mail.

A model knows the mail it was made of by heart. So that this flatters neither the fit of the points nor the figures, it
is learned again without each fifth of that mail, and that fifth is judged by the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from train_likeness import FOLDS, fitted, samples, written

from spamlint.likeness import reading, weights
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.rule import Rule

LEARNED = ("sa", "templates")


def grades(corpus: Path, entries: list[dict[str, Any]], rules: Sequence[Rule]) -> dict[str, dict[str, int]]:
    """Path -> rule id -> grade, of each message that was learned from; `rules` give their grades as scores."""
    learned = [sample for sample in samples(corpus) if sample.free and sample.kind.split("/")[0] in LEARNED]
    fold = {group: number % FOLDS for number, group in enumerate(sorted({sample.group for sample in learned}))}
    linter, found = Linter(rules=rules), dict[str, dict[str, int]]()
    for number in range(FOLDS):
        model = fitted([sample for sample in learned if fold[sample.group] != number])
        with _instead(written(model, learned)):
            for entry in entries:
                group = entry.get("near_dup_group") or entry["path"]
                if entry["set"] == "sa" and fold.get(group) == number:
                    message = Message.from_bytes((corpus / entry["path"]).read_bytes(), entry["path"])
                    findings = linter.check(message).findings
                    found[entry["path"]] = {finding.rule: finding.base_score for finding in findings}
    return found


@contextmanager
def _instead(text: str) -> Iterator[None]:
    """Reads messages by the weights in `text`."""
    other = weights.parse(text)
    with patch.object(reading, "weights", lambda: other):
        yield
