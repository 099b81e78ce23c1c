"""Transfer encodings: what comes out, and that every decoded byte is traced to the raw bytes it came from."""

import base64
import binascii
import re
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.mime import transfer

QP_BYTES = st.lists(
    st.sampled_from(
        [b"=", b"==", b"=4", b"=41", b"=e9", b"=\r\n", b"=\n", b"=\r", b"\r\n", b"\r", b"A", b"f", b"9", b" ", b"\xff"]
    ),
    max_size=40,
).map(b"".join)
BASE64_BYTES = st.lists(
    st.sampled_from([b"Q", b"UI", b"aGVs", b"=", b"==", b"\r\n", b"\n", b" ", b"-", b"\x00", b"\xff", b"/+"]),
    max_size=40,
).map(b"".join)


def qp_reference(raw: bytes) -> bytes:
    """quoted-printable by its grammar: soft breaks go, =XX is a byte, == is one =, all else stands for itself."""
    pattern = rb"=(?:\r\n|\n|\r|\Z)|=[0-9A-Fa-f]{2}|==|."

    def unit(found: re.Match[bytes]) -> bytes:
        text = found[0]
        if text[:1] != b"=" or text in {b"=\r\n", b"=\n", b"=\r"}:
            return b"" if text[:1] == b"=" else text
        if text == b"=":
            return b"" if found.end() == len(raw) else b"="
        return b"=" if text == b"==" else bytes.fromhex(text[1:].decode())

    return re.sub(pattern, unit, raw, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("raw", "content"),
    [
        (b"FREE</b>&nbsp;=\r\n  money=20now", b"FREE</b>&nbsp;  money now"),
        (b"a=\nb", b"ab"),
        (b"a=\rb\rc", b"ab\rc"),
        (b"caf=C3=A9=", "café".encode()),
        (b"a==b=4", b"a=b=4"),
        (b"a_b", b"a_b"),
        (b"", b""),
    ],
)
def test_quoted_printable(raw: bytes, content: bytes) -> None:
    assert transfer.decode(raw, "quoted-printable").content == content


def test_underscore_is_a_blank_in_encoded_words_only() -> None:
    assert transfer.quoted_printable(b"a_b=5F", header=True).content == b"a b_"


@given(QP_BYTES)
def test_quoted_printable_keeps_the_rest_of_bare_cr_mail(raw: bytes) -> None:
    assert transfer.decode(raw, "quoted-printable").content == qp_reference(raw)


@given(QP_BYTES)
def test_quoted_printable_without_bare_cr_breaks_decodes_like_binascii(raw: bytes) -> None:
    raw = re.sub(rb"\r\n?", b"\r\n", raw)
    assert transfer.decode(raw, "quoted-printable").content == binascii.a2b_qp(raw)


@given(QP_BYTES, st.sampled_from([4, 5, 7, 1024]))
def test_quoted_printable_trace(raw: bytes, window: int) -> None:
    with patch.object(transfer, "WINDOW", window):
        decoding = transfer.decode(raw, "quoted-printable")
        locate = decoding.trace()
        last = 0
        for index in range(len(decoding.content)):
            start, end = locate(index, index + 1)
            assert last <= start < end
            assert qp_reference(raw[start:end] + b"x") == decoding.content[index : index + 1] + b"x"
            last = end


@given(QP_BYTES)
def test_quoted_printable_pieces_join_to_the_fast_value(raw: bytes) -> None:
    raw = raw.replace(b"\r", b"\n")
    joined = b"".join(
        raw[start : start + size]
        if length == size
        else transfer.decode(raw[start : start + size], "quoted-printable").content
        for length, start, size in transfer.quoted_printable_pieces(raw, 0, len(raw))
    )
    assert joined == transfer.decode(raw, "quoted-printable").content


@pytest.mark.parametrize(
    ("raw", "content"),
    [
        (b"aGVsbG8=", b"hello"),
        (b"aGVsbG8", b"hello"),
        (b"aGVs\r\nbG8=\r\n", b"hello"),
        (b"aGV*s-bG8=", b"hello"),
        (b"aGVsbG8=\r\nd29ybGQ=\r\n", b"helloworld"),
        (b"aGVsbG8=\r\n-- \r\nThis is a footer\r\n", b"hello"),
        (b"aGVsbG8=\nUnsubscribe here\n", b"hello"),
        (b"Q", b""),
        (b"QUJDR", b"ABC"),
        (b"====", b""),
        (b"", b""),
    ],
)
def test_base64(raw: bytes, content: bytes) -> None:
    assert transfer.decode(raw, "base64").content == content


@given(st.binary(max_size=300), st.integers(1, 80))
def test_base64_round_trip(content: bytes, width: int) -> None:
    encoded = base64.b64encode(content)
    lines = b"\r\n".join(encoded[at : at + width] for at in range(0, len(encoded), width))
    assert transfer.decode(lines, "base64").content == content
    assert transfer.problem(lines, "base64") is None


@given(BASE64_BYTES, st.sampled_from([1, 3, 8, 1024]))
def test_base64_trace(raw: bytes, window: int) -> None:
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    with patch.object(transfer, "WINDOW", window):
        decoding = transfer.decode(raw, "base64")
        locate = decoding.trace()
        for index, byte in enumerate(decoding.content):
            start, end = locate(index, index + 1)
            first, *_, last = (letters.index(letter) for letter in raw[start:end] if letter in letters)
            assert byte in {(((first << 6) + last) >> shift) & 255 for shift in (0, 2, 4)}
        if decoding.content:
            start, end = locate(0, len(decoding.content))
            assert transfer.decode(raw[start:end], "base64").content == decoding.content


def test_uuencode() -> None:
    raw = b"begin 644 a.txt\n" + binascii.b2a_uu(b"hello") + binascii.b2a_uu(b"world") + b"`\nend\nrest"
    decoding = transfer.decode(raw, "x-uuencode")
    assert decoding.content == b"helloworld"
    start, end = decoding.trace()(5, 10)
    assert raw[start:end] == binascii.b2a_uu(b"world").rstrip(b"\n")


@given(st.binary(max_size=200), st.sampled_from([*sorted(transfer.KNOWN), "x-none"]))
def test_any_bytes_decode_and_are_traced(raw: bytes, encoding: str) -> None:
    decoding = transfer.decode(raw, encoding)
    locate = decoding.trace()
    ranges = [locate(index, index + 1) for index in range(len(decoding.content))]
    assert all(0 <= start <= end <= len(raw) for start, end in ranges)
    assert ranges == sorted(ranges)
    start, end = locate(len(decoding.content), len(decoding.content))
    assert 0 <= start == end <= len(raw)


@pytest.mark.parametrize(
    ("raw", "encoding", "problem"),
    [
        (b"a=ZZ b", "quoted-printable", ("bad-quoted-printable", 1, 2)),
        (b"a=41=\r\nb=\nc=\rd=", "quoted-printable", None),
        (b"aGVs*bG8=", "base64", ("bad-base64", 4, 5)),
        (b"aGVsbG8=aGVs", "base64", ("bad-base64", 7, 8)),
        (b"aGVsb", "base64", ("bad-base64", 5, 5)),
        (b"aGVs bG8=\r\n", "base64", None),
        (b"caf\xc3\xa9", "7bit", ("8bit-in-7bit", 3, 5)),
        (b"caf\xc3\xa9", "8bit", None),
        (b"\x00", "7bit", None),
    ],
)
def test_problems(raw: bytes, encoding: str, problem: tuple[str, int, int] | None) -> None:
    assert transfer.problem(raw, encoding) == problem
