"""How often the cause is named, and named rightly: by labels in the repository, and on real returned messages."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from spamlint.bounce.explain import Explainer

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))
import bounces

AT_LEAST = 0.95
EXPLAINER = Explainer()


def test_labels_are_met() -> None:
    count = bounces.measure_labels(EXPLAINER)
    assert count.all.total() == bounces.SAMPLE
    assert count.share() >= AT_LEAST, count.misses
    assert all(count.share(half) >= AT_LEAST for half in bounces.HALVES)


def test_labels_name_known_classes() -> None:
    assert {cause for cause, _ in bounces.labels()} <= set(EXPLAINER.knowledge.causes)


def test_the_labelled_sample_is_the_one_that_the_hash_chose(corpus: Path) -> None:
    chosen = [bounces.masked(text) for text in bounces.texts(corpus)[: bounces.SAMPLE]]
    assert chosen == [text for _, text in bounces.labels()]


def test_rejection_texts_have_a_class(corpus: Path) -> None:
    count = bounces.measure_texts(EXPLAINER, corpus)
    assert count.all.total() > 500
    assert count.share() >= AT_LEAST, count.misses


def test_returned_messages_have_a_class(corpus: Path) -> None:
    count = bounces.measure_messages(EXPLAINER, corpus, Counter())
    assert count.all.total() > 400
    assert count.share() >= AT_LEAST, count.misses


def test_other_reports_are_told_apart(corpus: Path) -> None:
    wanted = {
        "arf": {"complaint", "dmarc-report"},
        "auto-reply": {"auto-reply"},
        "dmarc-report": {"dmarc-report", "tls-report"},
    }
    for label, causes in wanted.items():
        found = [bounces.cause_of(EXPLAINER, (corpus / path).read_bytes()) for path in bounces.rows(corpus, label)]
        assert sum(cause in causes for cause in found) >= len(found) - 1, (label, found)
