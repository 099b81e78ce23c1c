"""How one line of source is shown: escapes, widths, cuts, carets."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.report.escape import cells, visible, width
from spamlint.report.style import Style, labelled, marked, wrapped

ANYTHING = st.text(st.characters(), max_size=60)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb\ufe0f", "a\\u200bb\\ufe0f"),
        ("\u2028\u2029\x85", "\\u2028\\u2029\\x85"),
        ("\U000e0041", "\\U000e0041"),
        ("\udcff", "\\udcff"),
        ("\u3164\u2800", "\\u3164\\u2800"),
        ("\u7121\u6599 \xe9 \u0645\u0631", "\u7121\u6599 \xe9 \u0645\u0631"),
        ("\n\t", "\\x0a\\x09"),
        ("# ## ::", "# ## ::"),
        ("a ##[group]#", "a \\x23\\x23[group]\\x23"),
        ("##vso[task]", "\\x23\\x23vso[task]"),
    ],
)
def test_what_cannot_be_seen_is_escaped(raw: str, shown: str) -> None:
    assert visible(raw) == shown


@given(ANYTHING)
def test_visible_text_holds_no_control_and_stays_as_it_is(raw: str) -> None:
    shown = visible(raw)
    assert all(unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in shown)
    assert visible(shown) == shown
    assert width(raw) == width(shown)


def test_a_tab_goes_to_the_next_stop() -> None:
    assert "".join(text for text, _ in cells("\tab\tc")) == "    ab  c"


@pytest.mark.parametrize(
    ("excerpt", "mark", "room", "line", "carets"),
    [
        ("free money", (5, 10), None, "free money", "     ^^^^^"),
        ("\tfree", (1, 5), None, "    free", "    ^^^^"),
        ("\u7121\u6599 free", (0, 2), None, "\u7121\u6599 free", "^^^^"),
        ("\u7121\u6599 free", (3, 7), None, "\u7121\u6599 free", "     ^^^^"),
        ("e\u0301 free", (3, 7), None, "e\u0301 free", "  ^^^^"),
        ("\x1bfree", (1, 5), None, "\\x1bfree", "    ^^^^"),
        ("Subject: x", (10, 10), None, "Subject: x", "          ^"),
        ("", (0, 0), None, "", "^"),
        ("0123456789abcdefghij", (10, 12), 10, "…89abcdef…", "   ^^"),
        ("0123456789abcdefghij", (0, 2), 10, "01234567…", "^^"),
        ("0123456789abcdefghij", (18, 20), 10, "…cdefghij", "       ^^"),
        ("0123456789abcdefghij", (5, 20), 10, "…3456789a…", "   ^^^^^^"),
    ],
)
def test_the_carets_stand_under_the_marked_range(
    excerpt: str, mark: tuple[int, int], room: int | None, line: str, carets: str
) -> None:
    assert marked(excerpt, mark, room) == (line, carets)


@given(ANYTHING, st.integers(0, 70), st.integers(0, 70), st.none() | st.integers(12, 100))
def test_a_marked_line_fits_and_its_carets_lie_under_it(
    excerpt: str, start: int, length: int, room: int | None
) -> None:
    line, carets = marked(excerpt, (start, start + length), room)
    assert carets.strip(" ").strip("^") == ""
    assert "^" in carets
    if room is not None:
        assert width(line) <= room
        assert len(carets) <= width(line) + 1


@given(ANYTHING, st.integers(5, 40))
def test_wrapping_keeps_every_word(raw: str, room: int) -> None:
    lines = wrapped(raw, room)
    assert " ".join(lines).replace("\\x3a:", "::") == visible(raw).replace("\\x3a:", "::")
    assert all(width(line) <= room or " " not in line.strip(" ") for line in lines)


@pytest.mark.parametrize("room", [None, 12])
def test_no_line_starts_as_a_command_for_a_build_server(room: int | None) -> None:
    assert wrapped("  ::error::x", room) == ["  \\x3a:error::x"]
    assert wrapped("one two ::error::x", 12) == ["one two", "\\x3a:error::x"]


def test_labels_are_aligned_and_empty_rows_left_out() -> None:
    rows = [("why", ["one", "two"]), ("gone", []), ("\u7121", ["three"])]
    assert labelled(rows, 2, Style()) == ["  why   one", "        two", "  \u7121    three"]
