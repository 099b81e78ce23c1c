"""Header fields are taken out and put in; every other byte stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.guard.decision import Decision
from spamlint.guard.fields import applied

MAIL = (
    b"From: a@b.example\r\nX-Spamlint-Verdict: pass\r\n more\r\nx-spamlint-verdict: block\r\n"
    b"To: c@d.example\r\n\r\nX-Spamlint-Verdict: body\r\n"
)


def decision(*remove: tuple[str, int], add: tuple[tuple[str, str], ...] = ()) -> Decision:
    return Decision("accept", "1", "accept", remove=remove, add=add)


@pytest.mark.parametrize(
    ("remove", "gone"),
    [
        ((("X-Spamlint-Verdict", 1),), b"X-Spamlint-Verdict: pass\r\n more\r\n"),
        ((("X-SPAMLINT-verdict", 2),), b"x-spamlint-verdict: block\r\n"),
        ((("X-Spamlint-Verdict", 3),), b""),
    ],
)
def test_a_field_goes_with_its_folded_lines_and_no_other(remove: tuple[tuple[str, int], ...], gone: bytes) -> None:
    assert applied(MAIL, decision(*remove)) == MAIL.replace(gone, b"", 1)


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_fields_are_added_in_front_with_the_line_ends_of_the_message(end: bytes) -> None:
    mail = MAIL.replace(b"\r\n", end)
    assert applied(mail, decision(add=(("X-A", "1"), ("X-B", "2")))) == b"X-A: 1" + end + b"X-B: 2" + end + mail


@given(st.binary(max_size=300))
def test_a_decision_without_fields_changes_nothing(data: bytes) -> None:
    assert applied(data, decision(("X-Spamlint-Verdict", 1))) == data or b"spamlint" in data.lower()
