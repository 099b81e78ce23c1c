"""Sources, texts and places."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spamlint.source import EXCERPT_WIDTH, Range, Source, Text, chained, segmented, shifted, source_text


def decoded(source: Source, pieces: list[tuple[str, int, int]], part: str | None = None) -> Text:
    value = "".join(piece for piece, _, _ in pieces)
    return Text(value, source, lambda: segmented((len(piece), start, length) for piece, start, length in pieces), part)


def test_a_slice_of_a_slice_maps_to_the_bytes() -> None:
    text = source_text(Source("a.eml", b"one two three"), 4, 13)
    assert text[4:9].value == "three"
    assert text[4:9][1:3].span.raw == b"hr"


def test_a_unit_is_located_as_a_whole_and_a_copy_exactly() -> None:
    source = Source("a.eml", b"ab=41=\r\ncd")
    text = decoded(source, [("ab", 0, 2), ("A", 2, 3), ("cd", 8, 2)])
    assert text.value == "abAcd"
    assert text[2:3].span.raw == b"=41"
    assert text[1:2].span.raw == b"b"
    assert text[2:4].span.raw == b"=41=\r\nc"


def test_an_empty_range_has_one_offset() -> None:
    source = Source("a.eml", b"ab=41cd")
    text = decoded(source, [("ab", 0, 2), ("A", 2, 3), ("cd", 5, 2)])
    assert [(text[at:at].span.start, text[at:at].span.end) for at in range(6)] == [
        (0, 0), (1, 1), (2, 2), (5, 5), (6, 6), (7, 7),
    ]  # fmt: skip
    assert decoded(source, []).span.raw == b""


def test_a_place_counts_lines_of_every_kind_in_code_points() -> None:
    source = Source("a.eml", "één\r\ntwee\rdrie\nvier 💥 x".encode())
    value = source.data.decode()

    def encoded(start: int, end: int) -> Range:
        return len(value[:start].encode()), len(value[:end].encode())

    text = Text(value, source, lambda: chained(shifted(0), encoded), "1")
    start = text.value.index("💥")
    place = text[start : start + 1].place
    assert (place.part, place.line, place.column, place.end_line, place.end_column) == ("1", 4, 6, 4, 7)
    assert source.data[place.raw.start : place.raw.end].decode() == "💥"
    assert (place.raw.line, place.raw.column) == (4, 6)
    assert place.excerpt == "vier 💥 x"
    assert place.excerpt[slice(*place.mark)] == "💥"


def test_a_place_in_an_mbox_counts_from_the_start_of_the_file() -> None:
    source = Source("box", b"Subject: x\nTo: y\n", offset=1000, line=41)
    place = source_text(source, 15, 16).place
    assert place.part is None
    assert (place.line, place.column) == (42, 5)
    assert (place.raw.start, place.raw.end, place.raw.line) == (1015, 1016, 42)


def test_a_place_over_several_lines_quotes_the_first() -> None:
    text = Text("abc\ndef", Source("a", b"abc\ndef"), lambda: shifted(0), "1")
    place = text[1:6].place
    assert (place.line, place.column, place.end_line, place.end_column) == (1, 2, 2, 3)
    assert (place.excerpt, place.mark) == ("abc", (1, 3))


def test_the_end_of_the_header_block_is_a_zero_width_place() -> None:
    source = Source("a.eml", b"A: b\r\n\r\nbody")
    place = source_text(source, 6, 6).place
    assert (place.line, place.column, place.end_line, place.end_column) == (2, 1, 2, 1)
    assert (place.excerpt, place.mark) == ("", (0, 0))


def test_an_excerpt_of_a_very_long_line_is_short() -> None:
    value = "x" * 100_000 + "here" + "y" * 100_000
    text = Text(value, Source("a", value.encode()), lambda: shifted(0), "1")
    place = text[100_000:100_004].place
    assert len(place.excerpt) <= EXCERPT_WIDTH
    assert place.excerpt[slice(*place.mark)] == "here"
    raw = source_text(Source("a", value.encode()), 100_000, 100_004).place
    assert raw.excerpt[slice(*raw.mark)] == "here"


def test_a_byte_that_is_no_utf8_counts_as_one_column() -> None:
    place = source_text(Source("a", b"\xe9\xe9 x"), 3, 4).place
    assert place.column == 4


@given(st.lists(st.tuples(st.text(max_size=4), st.integers(0, 5), st.integers(0, 3))), st.data())
def test_a_range_covers_the_outer_ranges_of_its_pieces(rows: list[tuple[str, int, int]], data: st.DataObject) -> None:
    pieces, at = [], 0
    for value, length, gap in rows:
        pieces.append((value, at + gap, length))
        at += gap + length
    text = decoded(Source("a", b"x" * at), pieces)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    low, high = text.outward(start, end)
    assert 0 <= low <= high <= at
    for offset in range(start, end):
        inner_low, inner_high = text.outward(offset, offset + 1)
        assert low <= inner_low <= inner_high <= high


@given(st.binary(max_size=60), st.integers(0, 60))
def test_raw_places_lie_in_the_file(data: bytes, at: int) -> None:
    at = min(at, len(data))
    place = source_text(Source("a", data), at, len(data)).place
    assert place.raw.start == at
    assert place.line >= 1
    assert place.column >= 1
    assert 0 <= place.mark[0] <= place.mark[1] <= len(place.excerpt)
