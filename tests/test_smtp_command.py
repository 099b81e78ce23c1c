"""The arguments of SMTP commands, well-formed and not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spamlint.hooks.smtp_proxy import command, sasl
from spamlint.hooks.smtp_proxy.answer import Answer
from spamlint.hooks.smtp_proxy.command import Path
from spamlint.hooks.smtp_proxy.lines import MOST_LINE

ODD = st.lists(st.sampled_from([b"<", b">", b'"', b"\\", b" ", b"=", b"@", b":", b"+41", b"a", b"\xff"])).map(b"".join)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        (b"FROM:<>", Path(b"")),
        (b"from:<a@b.example>", Path(b"a@b.example")),
        (b"FROM: a@b.example SIZE=3", Path(b"a@b.example", (b"SIZE=3",))),
        (b'FROM:<"a> \\" b"@c.example>  X=1   Y', Path(b'"a> \\" b"@c.example', (b"X=1", b"Y"))),
        (b"FROM:<a@b.example>X=1", None),
        (b'FROM:<"a@b.example>', None),
        (b"FROM:", None),
        (b"TO:<a@b.example>", None),
        (b"FROM:<a<b@c.example>", Path(b"a<b@c.example")),
    ],
)
def test_paths(argument: bytes, expected: Path | None) -> None:
    assert command.path(argument, b"FROM:") == expected


def test_a_source_route_is_no_part_of_the_address() -> None:
    assert Path(b"@one.example,@two.example:a@b.example").address == "a@b.example"
    assert Path(b"\xff@b.example").address == "\ufffd@b.example"


@settings(deadline=None)
@given(ODD)
def test_nothing_that_a_client_says_raises(argument: bytes) -> None:
    for keyword in (b"FROM:", b"TO:"):
        found = command.path(keyword + argument, keyword)
        assert found is None or found.raw in argument
    attributes = command.attributes(argument)
    assert attributes is None or all(value.isprintable() for value in attributes.values())
    verb, rest = command.words(argument)
    assert len(verb) + len(rest) <= len(argument) + verb.count("\ufffd") * 3


@pytest.mark.parametrize("piece", [b'"', b"<", b'\\"', b'"" ', b"a ", b" ", b'"\\'])
def test_the_longest_line_takes_no_time(piece: bytes) -> None:
    """A pattern that tries again and again would not come to an end here."""
    line = b"FROM:<" + piece * (MOST_LINE // len(piece))
    assert command.path(line, b"FROM:") is None
    assert command.attributes(line) is None


@given(st.text(max_size=40))
def test_a_value_of_xforward_survives_the_way(text: str) -> None:
    value = "".join(sign for sign in text if sign.isprintable()).encode("utf-8", "replace").decode()
    found = command.attributes(b"HELO=" + command.encoded(value)) if value else {}
    assert found is None or found == ({"HELO": value} if value else {})
    assert found is not None or len(command.encoded(value)) > 255


@pytest.mark.parametrize(
    ("mechanism", "told", "name"),
    [
        ("PLAIN", [b"AGFubmEAcHc="], "anna"),
        ("PLAIN", [b"!", b""], "?"),
        ("LOGIN", [b"YW5uYQ==", b"cHc="], "anna"),
        ("CRAM-MD5", [b"", b"YW5uYSBiIDAx"], "anna b"),
        ("OAUTHBEARER", [b"bixhPWFubmFAYS5leGFtcGxlLAFob3N0PXgBAQ=="], "anna@a.example"),
        ("XOAUTH2", [b"eA=="], "?"),
        ("LOGIN", [b"YQ1i"], "ab"),
    ],
)
def test_the_name_in_a_login(mechanism: str, told: list[bytes], name: str) -> None:
    assert sasl._name(mechanism, told) == name


def test_an_answer_cannot_write_a_line_of_its_own() -> None:
    assert bytes(Answer(550, ("5.7.1 a\r\n250 b", "\x1b[2Jc"))) == b"550-5.7.1 a??250 b\r\n550 ?[2Jc\r\n"
