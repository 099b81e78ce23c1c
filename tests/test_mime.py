"""Messages: the tree of parts, structural defects, limits."""

from __future__ import annotations

import pytest

from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.mime import Part, parse
from spamlint.source import Source


def message(raw: bytes, limits: Limits = DEFAULT_LIMITS) -> Part:
    return parse(Source("mail.eml", raw), limits)


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def tree(root: Part) -> list[tuple[str, str]]:
    return [(part.path, part.content_type) for part in root.walk()]


def codes(root: Part) -> list[str]:
    return [defect.code for part in root.walk() for defect in part.defects]


NESTED = """From: a
Content-Type: multipart/mixed; boundary="out"

preamble
--out
Content-Type: multipart/alternative; boundary=in

--in

one
--in
Content-Type: text/html

<p>two</p>

--in--
ignored
--out
Content-Type: message/rfc822

Subject: inner
Content-Type: multipart/mixed; boundary=deep

--deep
Content-Type: text/plain

three
--deep--
--out
Content-Type: message/rfc822

Subject: single

four
--out--
epilogue
"""


# ---- structure


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_tree(end: str) -> None:
    raw = NESTED.replace("\n", end).encode()
    root = message(raw)
    assert tree(root) == [
        ("", "multipart/mixed"),
        ("1", "multipart/alternative"),
        ("1.1", "text/plain"),
        ("1.2", "text/html"),
        ("2", "message/rfc822"),
        ("2", "multipart/mixed"),
        ("2.1", "text/plain"),
        ("3", "message/rfc822"),
        ("3.1", "text/plain"),
    ]
    leaves = [part.content for part in root.walk() if not part.children]
    assert leaves == [b"one", b"<p>two</p>" + end.encode(), b"three", b"four"]
    assert codes(root) == []
    assert root.content == b""
    inner = root.children[1].children[0].header("subject")
    assert inner is not None
    assert inner.value.value == "inner"
    for part in root.walk():
        assert part.start <= part.headers_end <= part.body_start <= part.end <= len(raw)


def test_offsets_of_a_single_part() -> None:
    root = message(b"Subject: x\r\n\r\nbody\r\n")
    assert (root.path, root.start, root.headers_end, root.body_start, root.end) == ("1", 0, 12, 14, 20)
    assert (root.content_type, root.charset, root.encoding, root.disposition) == ("text/plain", None, "7bit", None)
    assert (root.filename, dict(root.parameters), root.defects, root.text_defects) == (None, {}, (), ())


@pytest.mark.parametrize(
    ("raw", "types", "defects"),
    [
        ("", ["text/plain"], []),
        ("\n", ["text/plain"], []),
        ("no header at all\n", ["text/plain"], ["malformed-header-line"]),
        ("Content-Type: multipart/mixed\n\n--a\n\nx\n--a--\n", ["multipart/mixed"], ["missing-boundary"]),
        ("Content-Type: multipart/mixed; boundary=a\n\nx\n", ["multipart/mixed"], ["missing-start-boundary"]),
        (
            "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n",
            ["multipart/mixed", "text/plain"],
            ["missing-end-boundary"],
        ),
        ("Content-Type: text\n\nx", ["text/plain"], ["malformed-content-type"]),
        ("Content-Type: text/html charset=x\n\nx", ["text/html"], ["malformed-content-type"]),
        ("Content-Type: TEXT / HTML (comment)\n\nx", ["text/html"], []),
        ("Content-Transfer-Encoding: x-own\n\nx", ["text/plain"], ["unknown-encoding"]),
        (
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogYQoKYg==",
            ["message/rfc822"],
            ["encoded-message"],
        ),
        (
            "Content-Type: multipart/mixed; boundary=a\nContent-Transfer-Encoding: base64\n\n--a\n\nx\n--a--",
            ["multipart/mixed", "text/plain"],
            ["encoded-multipart"],
        ),
        ("Content-Type: message/delivery-status\n\nStatus: 5.1.1\n\nx: y\n", ["message/delivery-status"], []),
        ("Content-Type: message/partial; id=a\n\nSubject: x\n\ny\n", ["message/partial"], []),
        (
            "Content-Type: multipart/digest; boundary=a\n\n--a\n\nSubject: x\n\ny\n--a--\n",
            ["multipart/digest", "message/rfc822", "text/plain"],
            [],
        ),
        ("Content-Type: message/rfc822\n\nSubject: x\n\ny\n", ["message/rfc822", "text/plain"], []),
    ],
)
def test_shapes(raw: str, types: list[str], defects: list[str]) -> None:
    root = message(crlf(raw))
    assert [part.content_type for part in root.walk()] == types
    assert codes(root) == defects
    assert root.path == ("" if root.children and types[0].startswith("multipart") else "1")


def test_a_multipart_without_parts_is_a_leaf() -> None:
    root = message(b"Content-Type: multipart/mixed\n\nwords")
    assert root.content == b"words"
    assert root.text.value == "words"


@pytest.mark.parametrize("after", ["", "--out\n\nx\n--out--\n"])
def test_a_part_that_ends_in_its_headers_stays_inside_its_parent(after: str) -> None:
    raw = (
        "Content-Type: multipart/mixed; boundary=out\n\n--out\n"
        "Content-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=in\n"
    )
    for part in message(crlf(raw + after)).walk():
        assert all(part.body_start <= child.start <= child.end <= part.end for child in part.children)


def test_an_attached_message_always_has_its_root() -> None:
    root = message(crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n--b--\n"))
    assert tree(root) == [("", "multipart/mixed"), ("1", "message/rfc822"), ("1.1", "text/plain")]


def test_missing_things_have_a_zero_width_place() -> None:
    raw = crlf("Content-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n")
    defect = message(raw).defects[0]
    assert defect.text is not None
    assert (defect.text.span.start, defect.text.span.end) == (len(raw), len(raw))


def test_an_outer_boundary_ends_inner_parts() -> None:
    raw = (
        "Content-Type: multipart/mixed; boundary=out\n\n--out\nContent-Type: multipart/mixed; boundary=in\n\n"
        "--in\n\none\n--out\n\ntwo\n--in\n\nnot a part\n--out--\n"
    )
    root = message(crlf(raw))
    assert tree(root) == [
        ("", "multipart/mixed"),
        ("1", "multipart/mixed"),
        ("1.1", "text/plain"),
        ("2", "text/plain"),
    ]
    assert codes(root) == ["missing-end-boundary"]
    assert [part.content for part in root.walk() if not part.children] == [b"one", b"two\r\n--in\r\n\r\nnot a part"]


def test_of_equal_boundaries_the_innermost_counts() -> None:
    raw = (
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=b\n\n"
        "--b\n\none\n--b\n\ntwo\n--b--\n--b\nContent-Type: application/zip\n\nthree\n--b--\n"
    )
    root = message(crlf(raw))
    assert [path for path, _ in tree(root)] == ["", "1", "1.1", "1.2", "2"]
    assert codes(root) == []


@pytest.mark.parametrize("line", ["--b ", "--b\t ", "--b--x", "--bx", "-- b", " --b", "--B", "--b-", "x--b", "--b---"])
def test_delimiter_lines_match_exactly(line: str) -> None:
    raw = crlf(f"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n{line}\n\ntwo\n--b--\n")
    count = 2 if line.rstrip() == "--b" else 1
    assert len(message(raw).children) == count


def test_a_delimiter_ends_a_header_block() -> None:
    raw = crlf("Content-Type: multipart/mixed; boundary=b:c\n\n--b:c\nX-A: 1\n--b:c\n--x: field\n\ntwo\n--b:c--")
    root = message(raw)
    assert [[field.name for field in part.headers] for part in root.children] == [["X-A"], ["--x"]]
    assert codes(root) == []


def test_repeated_delimiters_make_no_parts() -> None:
    root = message(crlf("Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n" * 50 + "\none\n" + "--b\n" * 3))
    assert [part.content for part in root.children] == [b"one"]


# ---- limits


def test_limit_on_parts() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 10
    root = message(raw, Limits(parts=4))
    assert len(root.children) == 3
    assert codes(root) == ["limit-parts"]
    assert root.children[2].content == b"x"


def test_limit_on_depth() -> None:
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth) for depth in range(60))
    root = message(raw)
    assert sum(1 for _ in root.walk()) == DEFAULT_LIMITS.depth + 1
    assert "limit-depth" in codes(root)
    messages = message(b"Content-Type: message/rfc822\n\n" * 60)
    assert sum(1 for _ in messages.walk()) == DEFAULT_LIMITS.depth + 1
    assert codes(messages) == ["limit-depth"]


def test_limit_on_message() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + b"x" * 100 + b"\n--b--"
    root = message(raw, Limits(message=60))
    assert codes(root) == ["limit-message"]
    assert root.children[0].end == 60


def test_limit_on_text() -> None:
    part = message(b"Content-Type: text/plain; charset=utf-8\n\n" + "é".encode() * 10, Limits(text=7))
    assert part.text.value == "éé"
    assert [defect.code for defect in part.text_defects] == ["8bit-in-7bit", "limit-text"]
    guessed = message(b"\n" + "a€€€".encode(), Limits(text=8))
    assert guessed.text.value == "a€€"
