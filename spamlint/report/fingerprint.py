"""What tells one finding from another wherever its line moves: the rule, the offending text, and which of its kind."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from spamlint.report.data import FindingReport

_WIDTH = 60
"""Code points of the offending text that count: fewer than any excerpt quotes, so that the column is no matter."""


@dataclass(slots=True)
class Occurrences:
    """Counts the findings of one file after another that have rule and text in common (an mbox holds many messages)."""

    path: str = ""
    counts: Counter[str] = field(default_factory=Counter)

    def fingerprint(self, path: str, rule: str, text: str) -> str:
        """Digest and occurrence number of one more finding."""
        if path != self.path:
            self.path, self.counts = path, Counter()
        digest = digest_of(rule, text)
        self.counts[digest] += 1
        return f"{digest}:{self.counts[digest]}"


def digest_of(*texts: str) -> str:
    """A short digest of several texts."""
    whole = "\0".join(texts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()[:32]


def offending(finding: FindingReport) -> str:
    """The text that a finding is about, white space made even; "" for the message as a whole and what is missing."""
    place = finding.places[0]
    if place is None:
        return ""
    start, end = place.mark
    return " ".join(place.excerpt[start : min(end, start + _WIDTH)].split())
