"""Patterns cut into pieces: every piece stands in whatever the pattern matches."""

from __future__ import annotations

import pytest

from spamlint.pieces import bounded, pieces


@pytest.mark.parametrize(
    ("pattern", "cut"),
    [
        (r"(?i)your\s+(?:\S+\s+){0,3}bread", [r"(?i)your\s+", "(?i)bread"]),
        (r"(?i)a\s+(?:\S+\s+)?b(?:\s+\S+){0,2}\s+c", [r"(?i)a\s+", "(?i)b", r"(?i)\s+c"]),
        (r"(?:\S+\s+)?bread", [r"(?:\S+\s+)?bread"]),
        (r"(?i)one\s+(?:\S+\s+)?two|three", [r"(?i)one\s+(?:\S+\s+)?two|three"]),
        (r"(?i)the\s+(?:new\s+(?:\S+\s+)?bread|rolls)", [r"(?i)the\s+(?:new\s+(?:\S+\s+)?bread|rolls)"]),
        (r"[(|]\s+(?:\S+\s+)?x", [r"[(|]\s+", "x"]),
        (r"\(a\s+(?:\S+\s+)?x", [r"\(a\s+", "x"]),
        (r"a\p{Lu}[\p{L}.]", [r"a[\x{80}-\x{10FFFF}A-Za-z][\x{80}-\x{10FFFF}A-Za-z.]"]),
        (r"[^\p{L}]\\p{L}[\\p{L}]\p{Latin}", [r"[^\p{L}]\\p{L}[\\p{L}]\p{Latin}"]),
    ],
)
def test_a_pattern_is_cut_at_gaps_that_stand_by_themselves(pattern: str, cut: list[str]) -> None:
    assert pieces(pattern) == cut


@pytest.mark.parametrize(
    "piece", ["bread", r"(?i)bread\s+", "(?:a|b(?:c|d))e", "(?:the )?bread", "(?:re)?new", "1st", "(?i)a|b", "b?read"]
)
def test_a_piece_that_begins_a_word_is_bounded(piece: str) -> None:
    assert bounded(piece) is not None


@pytest.mark.parametrize(
    "piece", ["", r"\s+a", "[ab]c", "(?:a|)b?", "(?:a|é)", "é", "$5", "(?:\\$)?x?", "a_b", "a|", "^a", "a?", "(?:a)*"]
)
def test_a_piece_that_may_begin_otherwise_is_not(piece: str) -> None:
    assert bounded(piece) is None
