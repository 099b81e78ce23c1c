"""Every example does what it is there to show."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import spamlint

EXAMPLES = Path(__file__).parent.parent / "examples"

SHOWN: dict[str, tuple[str, set[str]]] = {
    "good-newsletter.eml": ("pass", set()),
    "good-plain.eml": ("pass", set()),
}
"""File -> outcome, and the rules that find something in it."""


@pytest.mark.parametrize("name", SHOWN)
def test_a_message_shows_what_it_is_there_for(name: str) -> None:
    verdict = spamlint.check(EXAMPLES / name)
    assert (verdict.outcome, {finding.rule for finding in verdict.findings}) == SHOWN[name]


def test_no_example_is_left_out() -> None:
    assert {path.name for path in EXAMPLES.iterdir() if path.suffix in {".eml", ".html"}} == set(SHOWN)


def test_every_place_in_the_examples_is_exact() -> None:
    for name in SHOWN:
        raw = (EXAMPLES / name).read_bytes()
        for finding in spamlint.check(EXAMPLES / name).findings:
            for text, place in zip(finding.texts, finding.places, strict=True):
                assert (text is None) == (place is None)
                assert text is None or text.span.raw == raw[text.span.start : text.span.end]


def test_the_python_example() -> None:
    script = [sys.executable, str(EXAMPLES / "check_message.py")]
    done = subprocess.run(script, cwd=EXAMPLES.parent, capture_output=True, text=True, check=False)
    assert "subject/missing" in done.stdout
    assert done.stderr == ""
