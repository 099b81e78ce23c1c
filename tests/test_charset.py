"""Charsets: what the bytes mean, that nothing raises, and that every code point is traced to its bytes."""

import codecs
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.mime import charset
from spamlint.mime.charset_names import MULTI_BYTE, SINGLE_BYTE, codec_for

STATELESS = sorted(
    codec for codec in MULTI_BYTE if not codec.startswith(("iso2022", "hz", "utf_7", "utf_16", "utf_32"))
)
CODECS = st.sampled_from(sorted(SINGLE_BYTE | MULTI_BYTE))
SENTENCES = st.lists(
    st.sampled_from(["a", "é", "漢字", "かな", "Привет", "+", "~{", " ", "\r\n", "😀", "€"]), max_size=12
)
NOISE = st.lists(
    st.sampled_from(
        [b"\x1b$B", b"\x1b(B", b"\x1b", b"\x80", b"\xe3\x81", b"\x82", b"\xff", b"\x00", b"A", b"+AGE", b"-"]
    ),
    max_size=14,
).map(b"".join)


@st.composite
def some_bytes(draw: st.DrawFn) -> tuple[bytes, str]:
    codec = draw(CODECS)
    text = "".join(draw(SENTENCES)).encode(codec, "ignore")
    return draw(st.sampled_from([text, text + draw(NOISE) + text, draw(st.binary(max_size=40))])), codec


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("UTF-8", "utf_8"),
        ("utf8", "utf_8"),
        ("Windows-1252", "cp1252"),
        ("ISO-8859-1", "latin_1"),
        ("ANSI_X3.4-1968", "ascii"),
        ("gb2312", "gb18030"),
        ("ks_c_5601-1987", "cp949"),
        ("cp-1251", "cp1251"),
        ("Shift_JIS", "cp932"),
        ("unicode_escape", None),
        ("raw_unicode_escape", None),
        ("idna", None),
        ("punycode", None),
        ("undefined", None),
        ("mbcs", None),
        ("rot13", None),
        ("hex", None),
        ("zlib", None),
        ("utf-8\x00", "utf_8"),
        ("no\x00such", None),
        ("../../x", None),
        ("", None),
        ("x" * 100_000, None),
    ],
)
def test_names(name: str, codec: str | None) -> None:
    assert codec_for(name) == codec


@given(st.text(max_size=30))
def test_any_name_is_harmless(name: str) -> None:
    assert codec_for(name) in {None, *SINGLE_BYTE, *MULTI_BYTE}


def test_every_codec_exists() -> None:
    assert all(codecs.lookup(codec) for codec in SINGLE_BYTE | MULTI_BYTE)


@given(some_bytes(), st.sampled_from([1, 3, 16, 1024]))
def test_trace_agrees_with_the_fast_value(given_bytes: tuple[bytes, str], window: int) -> None:
    data, codec = given_bytes
    with patch.object(charset, "WINDOW", window):
        decoded = charset.decode(data, codec)
        locate = decoded.trace()
        ranges = [locate(index, index + 1) for index in range(len(decoded.value))]
        assert all(0 <= start <= end <= len(data) for start, end in ranges)
        assert [start for start, _ in ranges] == sorted(start for start, _ in ranges)
        assert not any("\ud800" <= char <= "\udfff" for char in decoded.value)
        at_end, same = locate(len(decoded.value), len(decoded.value))
        assert 0 <= at_end == same <= len(data)


@given(some_bytes())
def test_pieces_join_to_the_fast_value(given_bytes: tuple[bytes, str]) -> None:
    data, codec = given_bytes
    if codec not in MULTI_BYTE or codec in {"utf_7", "utf_16", "utf_32"}:
        codec = "utf_8"
    value = data.decode(codec, "replace")
    state = codecs.getincrementaldecoder(codec)("replace").getstate()
    pieces = charset.pieces(data, codec, 0, len(data), state)
    overflow = codec.startswith("iso2022") and not pieces
    assert overflow or sum(length for length, _, _ in pieces) == len(value)
    if codec in STATELESS:
        total = 0
        for length, at, size in pieces:
            unit = value[total : total + length]
            assert "\ufffd" in unit or data[at : at + size].decode(codec, "replace") == unit
            total += length


@given(st.text(max_size=60), st.sampled_from(["utf_8", "utf_16_le", "utf_16_be", "utf_32_le", "gb18030"]))
def test_every_code_point_slices_back_to_its_bytes(text: str, codec: str) -> None:
    text = text.lstrip("\ufeff")
    data = text.encode(codec, "replace")
    with patch.object(charset, "WINDOW", 5):
        decoded = charset.decode(data, codec)
        locate = decoded.trace()
        for index, char in enumerate(decoded.value):
            start, end = locate(index, index + 1)
            assert data[start:end].decode(codec) == char


def test_escape_sequences_belong_to_no_character() -> None:
    data = "aかb".encode("iso2022_jp")
    locate = charset.decode(data, "iso2022_jp").trace()
    assert [data[slice(*locate(index, index + 1))] for index in range(3)] == [b"a", b"$+", b"b"]


@pytest.mark.parametrize(
    ("data", "codec", "value", "start"),
    [
        (codecs.BOM_UTF8 + b"abc", "utf_8", "abc", 3),
        (codecs.BOM_UTF16_LE + "abc".encode("utf-16-le"), "utf_16", "abc", 2),
        (codecs.BOM_UTF16_BE + "abc".encode("utf-16-be"), "utf_16", "abc", 2),
        (codecs.BOM_UTF32_BE + "abc".encode("utf-32-be"), "utf_32", "abc", 4),
        ("abc".encode("utf-16-le"), "utf_16", "abc", 0),
    ],
)
def test_byte_order_marks(data: bytes, codec: str, value: str, start: int) -> None:
    decoded = charset.decode(data, codec)
    assert decoded.value == value
    assert decoded.trace()(0, 1)[0] == start


@pytest.mark.parametrize(
    ("data", "declared", "value", "codes"),
    [
        (b"plain", None, "plain", []),
        ("café".encode(), None, "café", ["charset-guessed"]),
        (b"caf\xe9", None, "café", ["charset-guessed"]),
        (b"caf\xe9", "us-ascii", "café", ["charset-guessed"]),
        (b"caf\xe9", "x-unknown", "café", ["unknown-charset", "charset-guessed"]),
        (b"plain", "x-unknown", "plain", ["unknown-charset"]),
        (b"caf\xe9!", "utf-8", "caf\ufffd!", ["undecodable-bytes"]),
        (b"it\x92s", "iso-8859-1", "it’s", []),
        (b"a\x81b", None, "a\ufffdb", ["charset-guessed", "undecodable-bytes"]),
        (b"+2D0-", "utf-7", "\ufffd", []),
    ],
)
def test_text_of_a_part(data: bytes, declared: str | None, value: str, codes: list[str]) -> None:
    decoded = charset.decode_text(data, declared)
    assert decoded.value == value
    assert [code for code, _, _ in decoded.problems] == codes


def test_undecodable_bytes_are_placed_at_the_first() -> None:
    decoded = charset.decode("é".encode() + b"ab\xffc\xff", "utf_8")
    assert decoded.problems == (("undecodable-bytes", 3, 4),)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("Grüße".encode(), "Grüße"),
        (codecs.BOM_UTF8 + "Grüße".encode(), "Grüße"),
        ("Grüße".encode("utf-16"), "Grüße"),
        ('<meta charset="koi8-r">Привет'.encode("koi8-r"), '<meta charset="koi8-r">Привет'),
        (
            "<meta http-equiv=x content='text/html; charset=ISO-8859-2'>ž".encode("latin2"),
            "<meta http-equiv=x content='text/html; charset=ISO-8859-2'>ž",
        ),
        (b"Gr\xfc\xdfe", "Grüße"),
        (b"<meta charset=utf-16>Gr\xfc\xdfe", "<meta charset=utf-16>Grüße"),
    ],
)
def test_draft(data: bytes, value: str) -> None:
    assert charset.decode_draft(data).value == value
