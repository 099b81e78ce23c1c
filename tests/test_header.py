"""Header fields, encoded words (RFC 2047) and parameters (RFC 2231): values, defects and exact places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.mime import Header, Part, parse
from spamlint.mime.parameters import parameters
from spamlint.mime.words import decode_words
from spamlint.source import Source, Text, source_text


def message(raw: bytes, limits: Limits = DEFAULT_LIMITS) -> Part:
    return parse(Source("mail.eml", raw), limits)


def header(raw: bytes, limits: Limits = DEFAULT_LIMITS) -> Header:
    return message(raw + b"\r\n\r\nbody", limits).headers[0]


def text(raw: bytes) -> Text:
    return source_text(Source("mail.eml", raw), 0, len(raw))


def params(value: bytes) -> dict[str, str]:
    found = parameters(header(b"Content-Type: " + value).body, DEFAULT_LIMITS)
    return {name: value.value for name, value in found.items()}


# ---- layers


def test_layers_of_a_folded_field() -> None:
    raw = b"SUBJECT:  Sale\r\n\t=?utf-8?q?caf=C3=A9?= \r\n"
    subject = message(b"X: y\r\n" + raw + b"\r\n").header("Subject")
    assert subject is not None
    assert (subject.name, subject.key) == ("SUBJECT", "subject")
    assert subject.field.value == raw[:-2].decode()
    assert subject.field.span.raw == raw[:-2]
    assert subject.body.value == "Sale\t=?utf-8?q?caf=C3=A9?="
    assert subject.value.value == "Sale\tcafé"
    assert subject.value[-1:].span.raw == b"=C3=A9"
    place = subject.value[-1:].place
    assert (place.part, place.line, place.column, place.end_column) == (None, 3, 15, 21)


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_any_line_end_folds(end: bytes) -> None:
    found = message(end.join([b"A: one", b" two", b"B : x", b"", b"body"]))
    assert [(field.name, field.body.value) for field in found.headers] == [("A", "one two"), ("B", "x")]
    assert found.content == b"body"
    assert found.defects == ()
    assert found.headers[0].body[4:].span.raw == b"two"


def test_utf8_and_latin1_bytes() -> None:
    utf8 = header("Subject: caf\u00e9 x".encode())
    assert utf8.value.value == "café x"
    assert utf8.value[3:4].span.raw == "é".encode()
    latin1 = header(b"Subject: caf\xe9\r\n x\xff")
    assert latin1.value.value == "café xÿ"
    assert latin1.value[6:].span.raw == b"\xff"
    assert [defect.code for defect in (*utf8.defects, *latin1.defects)] == ["raw-8bit", "raw-8bit"]
    place = utf8.defects[0].text
    assert place is not None
    assert place.span.raw == "é".encode()


def test_duplicates_and_order_are_kept() -> None:
    root = message(b"Received: a\nSubject: 1\nreceived: b\nSubject: 2\n\n")
    assert [field.key for field in root.headers] == ["received", "subject", "received", "subject"]
    subject = root.header("SUBJECT")
    assert subject is not None
    assert subject.body.value == "1"
    assert root.header("X-None") is None


@pytest.mark.parametrize("raw", [b"Subject:", b"Subject: ", b"Subject:\r\n \r\n\t", b"Subject: =?utf-8?q??="])
def test_empty_values(raw: bytes) -> None:
    empty = header(raw)
    assert empty.value.value == ""
    span = empty.value.span
    assert 8 <= span.start == span.end <= len(raw)


def test_mbox_line_and_stray_lines() -> None:
    root = message(b"From a@b Mon Jan 1\n indented\n:no name\nA: 1\nFrom here\nB: 2\nno field\nC: 3\n\nbody")
    assert [field.name for field in root.headers] == ["A", "B"]
    places = [defect.text.span.raw for defect in root.defects if defect.text is not None]
    assert places == [b" indented", b":no name", b"From here", b"no field"]
    assert {defect.code for defect in root.defects} == {"malformed-header-line"}
    assert root.content == b"no field\nC: 3\n\nbody"
    assert root.headers_end == root.body_start


# ---- limits


def test_limit_on_fields() -> None:
    root = message(b"A: 1\nB: 2\nC: 3\nD: 4\n\nbody", Limits(headers=2))
    assert [field.name for field in root.headers] == ["A", "B"]
    assert [(defect.code, defect.text.span.start) for defect in root.defects if defect.text is not None] == [
        ("limit-headers", 10)
    ]
    assert root.content == b"body"


def test_limit_on_one_field() -> None:
    field = header(b"Subject: " + b"x" * 100, Limits(header=20))
    assert field.field.value == "Subject: xxxxxxxxxxx"
    assert [defect.code for defect in field.defects] == ["limit-header"]
    assert field.limit == "limit-header"


def test_limit_on_encoded_words() -> None:
    field = header(b"Subject: " + b"=?utf-8?q?a?= " * 5, Limits(encoded_words=2))
    assert field.value.value == "aa =?utf-8?q?a?= =?utf-8?q?a?= =?utf-8?q?a?="
    assert [(defect.code, defect.text.span.start) for defect in field.defects if defect.text is not None] == [
        ("limit-encoded-words", 37)
    ]
    assert field.limit == "limit-encoded-words"
    assert header(b"Subject: " + b"=?utf-8?q?a?= " * 5, Limits(encoded_words=5)).limit is None


# ---- encoded words


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("=?utf-8?q?caf=C3=A9_au_lait?=", "café au lait"),
        ("=?UTF-8?B?Y2Fmw6k=?=", "café"),
        ("=?utf-8?B?Y2Fmw6k?=", "café"),
        ("=?iso-8859-1*fr?Q?caf=E9?= noir", "café noir"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?=\t =?iso-8859-1?q?=E9?=", "aé"),
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        ("=?utf-8?q?caf=C3?= =?utf-8?b?qQ==?=", "café"),
        ("x=?utf-8?q?a?=y", "xay"),
        ("=?utf-8?q?a b?=", "a b"),
        ("=?utf-8?q?a?b?=", "a?b"),
        ("=?utf-8?q?=3F=?=", "?"),
        ("=?iso-2022-jp?B?GyRCJCsbKEI=?=", "か"),
        ("=?utf-7?q?+AOk-?=", "é"),
        ("=?us-ascii?q?caf=C3=A9?=", "café"),
        ("=?x-none?q?a?=", "=?x-none?q?a?="),
        ("=?rot13?q?uryyb?=", "=?rot13?q?uryyb?="),
        ("=?utf-8?b?*?=", "=?utf-8?b?*?="),
        ("=?utf-8?q?a", "=?utf-8?q?a"),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=??q?a?=", "=??q?a?="),
        ("=?utf-8?q?a?= =?x-none?q?b?= =?utf-8?q?c?=", "a =?x-none?q?b?= c"),
        ("a =? b", "a =? b"),
    ],
)
def test_encoded_words(written: str, value: str) -> None:
    assert decode_words(text(written.encode()), 100)[0].value == value


@pytest.mark.parametrize(
    ("written", "where"),
    [
        ("a =?x-none?q?b?= c", "=?x-none?q?b?="),
        ("=?utf-8?q?a?= =?utf-8?b?*?=", "=?utf-8?b?*?="),
        ("=?utf-8?q?ab=FFc?=", "=FF"),
        ("=?utf-8?q?a?= =?utf-8?q?=C3?=", "=C3"),
    ],
)
def test_undecodable_words_are_placed(written: str, where: str) -> None:
    _, defects = decode_words(text(written.encode()), 100)
    assert [(defect.code, defect.text.span.raw.decode()) for defect in defects if defect.text is not None] == [
        ("undecodable-word", where)
    ]


def test_subject_folded_and_split_over_two_words() -> None:
    raw = b"From: a\r\nSubject: Win =?utf-8?Q?FREE_m=C3?=\r\n =?utf-8?Q?=B6ney_n?=\r\n =?utf-8?B?b3c=?= today\r\n\r\n"
    subject = message(raw).header("subject")
    assert subject is not None
    value = subject.value
    assert value.value == "Win FREE möney now today"
    at = value.value.index("FREE")
    hit = value[at : at + len("FREE möney now")]
    assert hit.span.raw == raw[raw.index(b"FREE") : raw.index(b"c=?=") + 1]
    letter = value[value.value.index("ö") :][:1]
    assert letter.span.raw == b"=C3?=\r\n =?utf-8?Q?=B6"
    place = hit.place
    assert (place.part, place.line, place.column) == (None, 2, 24)
    assert (place.end_line, place.end_column) == (4, 15)
    assert (place.raw.start, place.raw.end) == (raw.index(b"FREE"), raw.index(b"c=?=") + 1)


# ---- parameters


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (b"text/plain; charset=utf-8", {"charset": "utf-8"}),
        (b'text/plain; CharSet = "utf-8" ; format=flowed', {"charset": "utf-8", "format": "flowed"}),
        (b"text/plain; charset=us-ascii (Plain (nested) text)", {"charset": "us-ascii"}),
        (b"text/plain (a; b=c); (x) charset=a", {"charset": "a"}),
        (b"text/plain charset=utf-8 format=flowed", {"charset": "utf-8", "format": "flowed"}),
        (b'application/x; name="a \\"b\\" \\\\ c:\\d"', {"name": 'a "b" \\ c:\\d'}),
        (b"application/x; name=a b (1).pdf; x=1", {"name": "a b (1).pdf", "x": "1"}),
        (b'application/x; name="a;b"; name="second"', {"name": "a;b"}),
        (b'application/x; name="open', {"name": "open"}),
        (b"multipart/mixed; boundary=a b (c)", {"boundary": "a b"}),
        (b"text/plain; charset=", {"charset": ""}),
        (b"text/plain; ; =x; charset; x=1", {"x": "1"}),
        (b"a/b; name*=utf-8''caf%C3%A9%20x", {"name": "café x"}),
        (b"a/b; name*=iso-8859-1'en'caf%E9", {"name": "café"}),
        (b"a/b; name*=caf%C3%A9", {"name": "café"}),
        (b"a/b; name*=x-none''a%zz", {"name": "a%zz"}),
        (b"a/b; name*1=bar; name*0=foo; name*3=no", {"name": "foobar"}),
        (b"a/b; name*0*=utf-8''caf%C3; name*1*=%A9; name*2=\".pdf\"", {"name": "café.pdf"}),
        (b"a/b; name=plain; name*=utf-8''ext", {"name": "ext"}),
        (b'a/b; name="=?utf-8?q?caf=C3=A9?= =?utf-8?q?.pdf?="', {"name": "café.pdf"}),
        (b'a/b; boundary="=?utf-8?q?x?="', {"boundary": "=?utf-8?q?x?="}),
        (b"(only a comment", {}),
    ],
)
def test_parameters(written: bytes, found: dict[str, str]) -> None:
    assert params(written) == found


def test_limit_on_parameters() -> None:
    body = header(b"Content-Type: a/b" + b"".join(b"; p%d=1" % number for number in range(9))).body
    assert len(parameters(body, Limits(parameters=4))) == 4


def test_file_name_in_two_encoded_sections() -> None:
    raw = (
        b"Content-Type: application/pdf\r\nContent-Disposition: ATTACHMENT;\r\n"
        b" filename*0*=utf-8''r%C3%A9su;\r\n filename*1*=m%C3;\r\n filename*2*=%A9.exe\r\n\r\n"
    )
    part = message(raw)
    assert part.disposition == "attachment"
    name = part.filename
    assert name is not None
    assert name.value == "résumé.exe"
    assert name[1:2].span.raw == b"%C3%A9"
    assert name[4:6].span.raw == b"m%C3;\r\n filename*2*=%A9"
    place = name[6:].place
    assert (place.part, place.line, place.column, place.end_column) == (None, 5, 17, 21)


# ---- whatever comes


WORDS = st.lists(
    st.sampled_from(
        ["=?utf-8?q?", "=?x?b?", "=?iso-2022-jp?B?", "?=", "=C3", "=A9", "Y2Fm", " ", "\t", "a", "é", "\x00", "?", "="]
    ),
    max_size=25,
).map("".join)
VALUES = st.lists(
    st.sampled_from(
        [";", "name", "*", "0", "1", "=", '"', "\\", "(", ")", " ", "'", "%C3", "%", "a", "é", "=?utf-8?q?a?="]
    ),
    max_size=30,
).map("".join)


def assert_traced(part: Text, data: bytes) -> None:
    last = 0
    for index in range(len(part.value)):
        span = part[index : index + 1].span
        assert 0 <= span.start <= span.end <= len(data)
        assert last <= span.start
        last = span.start


@given(WORDS)
def test_any_words(written: str) -> None:
    data = b"Subject: " + written.encode() + b"\r\n\r\n"
    subject = message(data).headers[0]
    assert_traced(subject.value, data)
    for defect in subject.defects:
        assert defect.text is not None
        assert defect.text.span.end <= len(data)
    if "=?" not in written:
        assert subject.value.value == subject.body.value


@given(VALUES)
def test_any_parameters(written: str) -> None:
    data = (
        b"Content-Type: text/plain; " + written.encode() + b"\r\nContent-Disposition: inline; file" + written.encode()
    )
    part = message(data + b"\r\n\r\n")
    for value in part.parameters.values():
        assert all(value[index : index + 1].span.end <= len(data) for index in range(len(value)))
    assert part.filename is None or part.filename.span.end <= len(data)


@given(st.binary(max_size=120))
def test_any_field(value: bytes) -> None:
    data = b"X: " + value + b"\r\n\r\n"
    for field in message(data).headers:
        assert_traced(field.body, data)
        assert_traced(field.value, data)
        assert field.field.span.raw.decode("latin-1") == field.field.value


def test_parameters_beyond_the_limit_are_told() -> None:
    many = "".join(f"; p{number}={number}" for number in range(5))
    root = message(f"Content-Type: text/plain{many}\n\nbody".encode(), Limits(parameters=3))
    assert [(defect.code, defect.text.span.start) for defect in root.defects if defect.text is not None] == [
        ("limit-parameters", 24 + len(many))
    ]
    assert len(root.parameters) == 3
    assert message(b"Content-Type: text/plain;;;;;;;;; p=1\n\nbody", Limits(parameters=3)).defects == ()
