"""Whatever the bytes are: nothing raises, offsets are consistent, cost is linear."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from growth import assert_in_proportion
from hypothesis import given
from hypothesis import strategies as st

from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.mime import Part, draft, parse
from spamlint.source import Source, Text

LINES = [
    b"From: a",
    b"From x",
    b">From x",
    b":x",
    b"A:b",
    b" folded",
    b"--b",
    b"--b--",
    b"--c",
    b"--c--",
    b"Subject: =?utf-8?q?=C3=A9?=",
    b"Content-Type: multipart/mixed; boundary=b",
    b'Content-Type: multipart/digest; boundary="c"',
    b"Content-Type: message/rfc822",
    b"Content-Type: text/html; charset=utf-16",
    b"Content-Type: text/plain; charset=iso-2022-jp",
    b"Content-Transfer-Encoding: base64",
    b"Content-Transfer-Encoding: quoted-printable",
    b"Content-Disposition: attachment; filename*=a''%41",
]
SCRAPS = [
    b"--",
    b" ",
    b"\x00",
    b"\xff",
    b"\xc3\xa9",
    b"=?",
    b"?=",
    b"=41",
    b"QUJD",
    b"+AGE-",
    b"\x1b$B$+",
    b"\r",
    b"\r\r\n",
]
ENDS = [b"\n", b"\r\n", b"\n\n", b"\r\n\r\n", b"\r"]
PIECES = st.lists(
    st.one_of(st.builds(bytes.__add__, st.sampled_from(LINES), st.sampled_from(ENDS)), st.sampled_from(SCRAPS + ENDS)),
    max_size=30,
).map(b"".join)
LIMITS = st.sampled_from(
    [
        DEFAULT_LIMITS,
        Limits(message=60),
        Limits(headers=2, header=9, parts=3, depth=2, text=5, encoded_words=1, parameters=1),
    ]
)


def assert_inside(text: Text | None, data: bytes) -> None:
    if text is not None:
        span = text.span
        assert 0 <= span.start <= span.end <= len(data)
        assert text.place.raw.line >= 1


def look_at_everything(root: Part, data: bytes) -> None:
    paths = []
    for part in root.walk():
        assert 0 <= part.start <= part.headers_end <= part.body_start <= part.end <= len(data)
        paths.append(part.path)
        for child in part.children:
            assert part.body_start <= child.start <= child.end <= part.end
        for before, after in zip(part.children, part.children[1:], strict=False):
            assert before.end <= after.start
        texts = [part.text, part.filename, *part.parameters.values()]
        for header in part.headers:
            texts += (header.field, header.body, header.value, *(defect.text for defect in header.defects))
        texts += (defect.text for defect in (*part.defects, *part.text_defects))
        for text in texts:
            assert_inside(text, data)
        last = 0
        for index in range(len(part.text)):
            span = part.text[index : index + 1].span
            assert part.body_start <= span.start <= span.end <= part.end
            assert last <= span.start
            last = span.start
        assert part.charset is None or part.charset == part.charset.lower()
        assert part.disposition is None or part.disposition
    leaves = [part.path for part in root.walk() if not part.children]
    assert len(leaves) == len(set(leaves))


@given(PIECES, LIMITS)
def test_messages_of_all_kinds(data: bytes, limits: Limits) -> None:
    look_at_everything(parse(Source("", data), limits), data)


@given(st.binary(max_size=150))
def test_noise(data: bytes) -> None:
    look_at_everything(parse(Source("", data), DEFAULT_LIMITS), data)
    look_at_everything(draft(Source("", data), "text/html"), data)


# ---- cost


def fully(data: bytes) -> int:
    """Parse, decode, and trace the end of every text."""
    root = parse(Source("", data), Limits(parts=20_000, headers=20_000, encoded_words=20_000, parameters=20_000))
    count = 0
    for part in root.walk():
        count += len(part.defects) + len(part.text_defects) + len(part.parameters) + len(part.filename or "")
        texts = [part.text, *(header.value for header in part.headers)]
        for text in texts:
            count += text[len(text) - 1 :].span.end if text.value else 0
    return count


MULTIPART = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
GROWING: dict[str, Callable[[int], bytes]] = {
    "lines": lambda size: b"Subject: x\r\n\r\n" + b"some words in a line\r\n" * 400 * size,
    "quoted-printable": lambda size: (
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"a=41==\r\n" * 400 * size
    ),
    "base64": lambda size: b"Content-Transfer-Encoding: base64\r\n\r\n" + b"aGVsbG8gd29ybGQh\r\n" * 400 * size,
    "base64 chunks": lambda size: b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QQ==\r\n" * 400 * size,
    "utf-8": lambda size: b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "é漢x\r\n".encode() * 400 * size,
    "iso-2022-jp": lambda size: (
        b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + b"\x1b$B$+\x1b(B\r\n" * 400 * size
    ),
    "utf-7": lambda size: b"Content-Type: text/plain; charset=utf-7\r\n\r\n" + b"+AGE-x\r\n" * 400 * size,
    "utf-7 run": lambda size: b"Content-Type: text/plain; charset=utf-7\r\n\r\n+" + b"AGEAYQBh" * 400 * size,
    "parts": lambda size: MULTIPART + b"--b\r\nContent-Type: text/plain\r\n\r\nwords\r\n" * 40 * size,
    "delimiters": lambda size: MULTIPART + b"--b\r\n" * 400 * size,
    "false delimiters": lambda size: MULTIPART + b"--b\r\n\r\n" + b"--\r\n" * 800 * size,
    "bare CR delimiters": lambda size: MULTIPART + b"--b\r\n\r\n" + b"--\r" * 800 * size,
    "headers": lambda size: b"X-Header: value\r\n" * 200 * size + b"\r\n",
    "odd headers": lambda size: b"X: 1\r" * 200 * size + b"\r",
    "folded header": lambda size: b"X: y\r\n" + b" folded line\r\n" * 400 * size + b"\r\n",
    "blank folds": lambda size: b"X: y" + b"\n " * 1000 * size + b"\n\n",
    "encoded words": lambda size: b"X: " + b"=?utf-8?q?caf=C3=A9?= " * 100 * size + b"\r\n\r\n",
    "open words": lambda size: b"X: " + b"=?utf-8?q?" * 400 * size + b"\r\n\r\n",
    "parameters": lambda size: (
        b"Content-Type: a/b" + b"".join(b"; name*%d=x" % n for n in range(200 * size)) + b"\r\n\r\n"
    ),
    "comments": lambda size: b"Content-Type: a/b" + b"(" * 2000 * size + b"\r\n\r\n",
    "quotes": lambda size: b'Content-Type: a/b; name="' + b"\\a" * 2000 * size + b"\r\n\r\n",
    "depth": lambda size: b"".join(MULTIPART.replace(b"=b", b"=b%d" % n) + b"--b%d\r\n" % n for n in range(40 * size)),
    "messages": lambda size: b"Content-Type: message/rfc822\r\n\r\n" * 100 * size,
    "uuencode": lambda size: b"Content-Transfer-Encoding: uuencode\r\n\r\nbegin 644 a\r\n" + b"#0V%T\r\n" * 200 * size,
}


@pytest.mark.parametrize("name", GROWING)
def test_ten_times_the_input_takes_at_most_twelve_times_as_long(name: str) -> None:
    assert_in_proportion(fully, GROWING[name](2), GROWING[name](20))


@pytest.mark.parametrize(
    "data",
    [
        b"X: " + b"y" * 2**20 + b"\r\n\r\n",
        b"X: y\r\n" * 100_000 + b"\r\nbody",
        MULTIPART + b"--b\r\n\r\nwords\r\n" * 10_000,
        MULTIPART + b"\n--\n" * 1_000_000,
        MULTIPART + b"--b\n" * 400_000,
        b"\x00" * 2**20,
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(20_000)),
        b"Content-Type: message/rfc822\n\n" * 50_000,
    ],
    ids=["long header", "headers", "parts", "dashes", "delimiters", "NULs", "multiparts", "messages"],
)
def test_bombs_are_cheap(data: bytes) -> None:
    start = time.process_time()
    root = parse(Source("", data), DEFAULT_LIMITS)
    assert sum(1 for _ in root.walk()) <= DEFAULT_LIMITS.parts
    assert time.process_time() - start < 2
