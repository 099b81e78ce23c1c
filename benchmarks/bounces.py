"""How often `spamlint bounce` names a cause, and how often it is right: `python benchmarks/bounces.py FOLDER [half]`.

FOLDER is the collection of real mail. Returned messages and rejection texts are counted by class; the labels in
tests/bounce_labels.tsv are compared. Patterns were first written by the misses of the half "dev" alone: texts whose
words, and messages whose file names, are alike are in the same half. New ones are best tried that way again.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from spamlint.bounce.explain import Explainer
from spamlint.bounce.read import read

LABELS = Path(__file__).parent.parent / "tests" / "bounce_labels.tsv"
SAMPLE = 200
HALVES = ("dev", "held")

_ADDRESS = re.compile(r'(^\d{3}[- ])?(?:"[^"@]*"|[^\s<>"(),;:]+)@[\w.-]*\w')


@dataclass
class Count:
    """How many of one kind were given a class, by half."""

    all: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    misses: list[tuple[str, str]] = field(default_factory=list)

    def add(self, half: str, named: str, *, right: bool) -> None:
        """One more."""
        self.all[half] += 1
        self.right[half] += right
        if not right:
            self.misses.append((half, named))

    def share(self, half: str = "") -> float:
        """The share of `half`, or of both."""
        halves = (half,) if half else HALVES
        return sum(self.right[one] for one in halves) / max(sum(self.all[one] for one in halves), 1)

    def __str__(self) -> str:
        halves = ", ".join(f"{half} {self.right[half]}/{self.all[half]} = {self.share(half):.1%}" for half in HALVES)
        return f"{self.right.total()}/{self.all.total()} = {self.share():.1%} ({halves})"


def masked(text: str) -> str:
    """`text` with every address replaced: those of people have no place in a repository."""
    return _ADDRESS.sub(lambda found: (found[1] or "") + "user@host.example", text)


def half(key: str) -> str:
    """The half that texts with this key are in."""
    return HALVES[hashlib.sha256(f"half {key}".encode()).digest()[0] % 2]


def half_of_text(text: str) -> str:
    """The half of a text by its words alone, so that variants of one wording are together."""
    plain = re.sub(r"^(?:smtp|x-[\w-]+); ?", "", masked(text).lower().replace("user@host.example", ""))
    return half(re.sub(r"[^a-z]", "", plain)[:16])


def half_of_file(path: str) -> str:
    """The half of a file by its name without numbers: examples of one mail system are together."""
    return half(re.sub(r"[\d_.]+", "", Path(path).stem.rpartition("__")[2]))


def texts(corpus: Path) -> list[str]:
    """The rejection texts of the collection, in the order in which the sample was taken."""
    rows = (corpus / "bounces" / "_diagnostics.tsv").read_text("utf-8").splitlines()
    found = {row.split("\t")[1] for row in rows if row.count("\t") > 1}
    return sorted(found, key=lambda text: hashlib.sha256(text.encode()).hexdigest())


def labels() -> Iterator[tuple[str, str]]:
    """Class and text of each label."""
    for line in LABELS.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            cause, _, text = line.partition("\t")
            yield cause, text


def rows(corpus: Path, label: str) -> Iterator[str]:
    """The paths of the returned messages with that label."""
    for line in (corpus / "MANIFEST.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["set"] == "bounces" and row["label"] == label:
            yield row["path"]


def cause_of(explainer: Explainer, data: bytes) -> str:
    """The class of the first refusal."""
    return explainer.explain(read(data))[0].cause.name


def measure_labels(explainer: Explainer) -> Count:
    """How many labels are met."""
    count = Count()
    for cause, text in labels():
        found = cause_of(explainer, text.encode())
        count.add(half_of_text(text), f"{cause}, not {found}: {text}", right=found == cause)
    return count


def measure_texts(explainer: Explainer, corpus: Path) -> Count:
    """How many rejection texts are given a class."""
    count = Count()
    for text in texts(corpus):
        found = cause_of(explainer, text.encode())
        count.add(half_of_text(text), text, right=found != "unknown")
    return count


def measure_messages(explainer: Explainer, corpus: Path, causes: Counter[str]) -> Count:
    """How many returned messages are given a class."""
    count = Count()
    for path in rows(corpus, "dsn"):
        found = cause_of(explainer, (corpus / path).read_bytes())
        causes[found] += 1
        count.add(half_of_file(path), path, right=found != "unknown")
    return count


def main() -> int:
    """Prints the figures, and what is missed in the half that is asked for (both without one)."""
    corpus = Path(sys.argv[1])
    shown = sys.argv[2:] or list(HALVES)
    explainer = Explainer()
    causes: Counter[str] = Counter()
    for name, count in (
        ("labels met", measure_labels(explainer)),
        ("texts with a class", measure_texts(explainer, corpus)),
        ("returned messages with a class", measure_messages(explainer, corpus, causes)),
    ):
        print(f"{name}: {count}")
        for part, miss in count.misses:
            if part in shown:
                print(f"    {part}: {miss[:300]}")
    print("classes of the returned messages:", ", ".join(f"{name} {number}" for name, number in causes.most_common()))
    for label in ("arf", "auto-reply", "dmarc-report", "not-a-bounce"):
        found = Counter(cause_of(explainer, (corpus / path).read_bytes()) for path in rows(corpus, label))
        print(f"{label}: {', '.join(f'{name} {number}' for name, number in found.most_common())}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
