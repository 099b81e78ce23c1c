"""Address lists: what is read of them, where it stands, and that nothing makes reading slow or fail."""

from __future__ import annotations

import gc
import time
from email.headerregistry import Address
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint import addresses
from spamlint.addresses import AddressList, parse_addresses
from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.message import Message
from spamlint.source import Source, Text, shifted
from spamlint.unread import limits_reached


def read(value: str, limits: Limits = DEFAULT_LIMITS) -> AddressList:
    source = Source("field", value.encode("latin-1", "replace"))
    return parse_addresses(Text(value, source, lambda: shifted(0)), limits)


def boxes(value: str) -> list[tuple[str | None, str, str]]:
    return [(box.name.value if box.name else None, box.local, box.domain) for box in read(value).mailboxes]


def codes(value: str) -> list[str]:
    return [problem.code for problem in read(value).problems]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("ann@bakery.example", [(None, "ann", "bakery.example")]),
        ("Ann <ann@Bakery.Example>", [("Ann", "ann", "bakery.example")]),
        ("ann@bakery.example (Ann B)", [("Ann B", "ann", "bakery.example")]),
        ('"Bakker, \\"A\\" b" <a@b.c>, c@d.e', [('Bakker, "A" b', "a", "b.c"), (None, "c", "d.e")]),
        ('"ann b"@b.c', [(None, "ann b", "b.c")]),
        ('Ann (the "baker") B <a@[192.0.2.1]>', [("Ann B", "a", "[192.0.2.1]")]),
        ("Bakers: a@b.c, Bo <d@e.f>;, g@h.i", [(None, "a", "b.c"), ("Bo", "d", "e.f"), (None, "g", "h.i")]),
        ("<@x.example,@y.example:a@b.c>", [(None, "a", "b.c")]),
        ("=?utf-8?q?Bakker=2C_Ann=C3=A9?= <a@b.c>", [("Bakker, Anné", "a", "b.c")]),
        ("=?utf-8?q?Bakker,_Ann?= <a@b.c>", [("Bakker, Ann", "a", "b.c")]),
        ('"=?utf-8?q?Ann?=" <a@b.c>', [("Ann", "a", "b.c")]),
        ("undisclosed-recipients:;", []),
        ("", []),
    ],
)
def test_what_is_well_formed_is_read(value: str, wanted: list[tuple[str | None, str, str]]) -> None:
    assert boxes(value) == wanted


@pytest.mark.parametrize(
    ("value", "wanted", "problems"),
    [
        ("Bakker, Ann <a@b.c>", [(None, "Bakker", ""), ("Ann", "a", "b.c")], ["no-domain"]),
        ("Bank: help <a@b.c>", [("Bank: help", "a", "b.c")], ["unquoted-special"]),
        ("x@y.z <a@b.c>", [("x@y.z", "a", "b.c")], ["unquoted-special"]),
        ("[News] Ann <a@b.c>", [("[News] Ann", "a", "b.c")], ["unquoted-special"]),
        ('Ann "B <a@b.c>', [('Ann "B', "a", "b.c")], ["unclosed-quote"]),
        ("Ann (B <a@b.c>", [("Ann (B", "a", "b.c")], ["unclosed-comment"]),
        ("Ann <a@b.c", [("Ann", "a", "b.c")], ["stray-bracket"]),
        ("<a@b.c> Ann", [(None, "a", "b.c")], ["text-after-address"]),
        ("a@b@c.d", [(None, "a@b", "c.d")], ["several-at-signs"]),
        ("a b@c.d", [(None, "ab", "c.d")], ["space-in-address"]),
        ("a..b@c.d", [(None, "a..b", "c.d")], ["misplaced-dot"]),
        ("@b.c", [(None, "", "b.c")], ["incomplete-address"]),
        ("Ann <>", [("Ann", "", "")], ["empty-address"]),
        ("<>", [], ["empty-address"]),
        ("a@b.c,,d@e.f", [(None, "a", "b.c"), (None, "d", "e.f")], ["empty-address"]),
        ("a@b.c; d@e.f", [(None, "a", "b.c"), (None, "d", "e.f")], ["semicolon"]),
        ("Nobody:", [], ["unclosed-group"]),
        ("<@x:a@b.c>", [(None, "a", "b.c")], ["route"]),
    ],
)
def test_what_is_malformed_is_read_and_named(
    value: str, wanted: list[tuple[str | None, str, str]], problems: list[str]
) -> None:
    assert boxes(value) == wanted
    assert codes(value) == problems


def test_names_of_groups_are_kept() -> None:
    found = read("The bakers: a@b.c;, Nobody:;")
    assert [group.value for group in found.groups] == ["The bakers", "Nobody"]


def test_places_are_exact_through_folding_escapes_and_encoded_words() -> None:
    raw = b'From: =?utf-8?q?Caf=C3=A9?=\r\n "de \\"Bak\\" x"\r\n <ann@bakery.example>\r\n\r\n'
    (box,) = Message.from_bytes(raw).senders
    assert box.name is not None
    assert box.name.value == 'Café de "Bak" x'
    at = box.name.value.index('"Bak"')
    assert box.name[at : at + 5].span.raw == b'\\"Bak\\"'
    assert box.name[:4].span.raw == b"Caf=C3=A9"
    assert box.address.span.raw == b"ann@bakery.example"


def test_a_list_is_read_up_to_the_limit() -> None:
    found = read("a@b.c, d@e.f, g@h.i", Limits(addresses=2))
    assert len(found.mailboxes) == 2
    assert [problem.code for problem in found.problems] == ["limit-addresses"]
    message = Message.from_bytes(b"To: a@b.c, d@e.f, g@h.i\r\n\r\n", limits=Limits(addresses=2))
    assert [defect.code for defect in limits_reached(message)] == ["limit-addresses"]


PIECES = st.sampled_from(
    [*'<>,:;@()"[]\\. \t', "a", "b.c", "=?utf-8?q?=C3=A9?=", "=?utf-8?b?w6k=?=", "é", "\x00", "x@y.z"]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_nothing_raises_and_every_address_lies_where_it_was(value: str) -> None:
    found = read(value)
    data = value.encode("latin-1", "replace")
    for box in found.mailboxes:
        assert data[box.address.span.start : box.address.span.end].decode("latin-1") == box.address.value
        if box.name is not None:
            assert 0 <= box.name.span.start <= box.name.span.end <= len(data)
    for problem in found.problems:
        assert problem.text is not None
        assert problem.text.span.raw in data


@given(st.lists(PIECES, max_size=12).map("".join))
def test_the_short_cut_says_what_the_reader_says(value: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        short = read(value)
        patch.setattr(addresses, "plain_address", lambda *_: None)
        long = read(value)
    for one, other in zip(short.mailboxes, long.mailboxes, strict=True):
        assert (one.local, one.domain, one.address.value) == (other.local, other.domain, other.address.value)
        assert str(one.name) == str(other.name)
        assert (one.address.span.start, one.address.span.end) == (other.address.span.start, other.address.span.end)
    assert [problem.code for problem in short.problems] == [problem.code for problem in long.problems]


ATOMS = st.text("abcxyz0189-+_", min_size=1, max_size=8)
DOMAINS = st.lists(st.text("abcxyz089", min_size=1, max_size=6), min_size=2, max_size=4).map(".".join)
NAMES = st.text("abc XYZ,;:<>@()'\\\".-", max_size=20).map(lambda name: " ".join(name.split()))


@given(st.lists(st.tuples(NAMES, ATOMS, DOMAINS), min_size=1, max_size=5))
def test_what_the_standard_library_writes_is_read_as_it_reads_it(parts: list[tuple[str, str, str]]) -> None:
    value = ", ".join(str(Address(name, local, domain)) for name, local, domain in parts)
    assert codes(value) == []
    ours = [(name or "", f"{local}@{domain}") for name, local, domain in boxes(value)]
    assert ours == [(name, f"{local}@{domain}") for name, local, domain in parts]
    assert ours == getaddresses([value])


@pytest.mark.parametrize(
    "piece",
    [
        "(",
        "()",
        '"\\',
        "<",
        "<>",
        "a@b.c, ",
        ":",
        "a:;",
        "[a",
        "=?x?q?",
        "=?x?q?a?= ",
        '"a" ',
        "\\",
        "a b ",
        "@",
        "<@a:",
        "(a)",
    ],
)
def test_reading_stays_in_proportion(piece: str) -> None:
    def seconds(length: int) -> float:
        value = (piece * length)[:length]
        start = time.process_time()
        read(value)
        return time.process_time() - start

    # A collection walks over all that the tests have loaded, and comes with the number of objects made.
    gc.disable()
    try:
        small = max(min(seconds(5_000) for _ in range(3)), 0.002)
        large = min(seconds(50_000) for _ in range(3))
    finally:
        gc.enable()
    assert large < 25 * small


def test_five_thousand_parentheses_are_nothing() -> None:
    start = time.process_time()
    assert codes("(" * 5000) == ["unclosed-comment", "no-domain"]
    assert time.process_time() - start < 0.5
