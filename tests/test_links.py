"""Links: how addresses are read, where links stand, and what is odd about them."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.limits import Limits
from spamlint.links import Address, host_of, read_address
from spamlint.links.collect import links
from spamlint.links.hosts import is_local, is_possible, is_random, is_server_name, number_of
from spamlint.links.marks import marks
from spamlint.links.services import KINDS, has_risky_ending, kind_of, ways_on
from spamlint.links.strangers import strangers
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.unread import limits_reached
from spamlint.verdict import Policy

HEAD = b"From: Ann <ann@bakery.example>\r\nTo: bo@clients.example\r\nMIME-Version: 1.0\r\n"


def html(body: str, limits: Limits | None = None, head: bytes = HEAD) -> Message:
    raw = head + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + body.encode()
    return Message.from_bytes(raw, limits=limits or Limits())


def anchor(address: str, words: str = "Cakes") -> str:
    return f'<a href="{address}">{words}</a>'


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("https://bakery.example", Address("https", "bakery.example")),
        ("http://Bakery.EXAMPLE/a?b=c#d", Address("http", "bakery.example", "/a", "b=c", "d")),
        (" \n https://bak\nery.example/\t", Address("https", "bakery.example", "/")),
        ("//bakery.example/a", Address("", "bakery.example", "/a")),
        ("https:bakery.example/a", Address("https", "bakery.example", "/a")),
        ("https:////bakery.example/a", Address("https", "bakery.example", "/a")),
        ("https:\\\\bakery.example\\a", Address("https", "bakery.example", "\\a", backslashes=True)),
        (
            "https://bakery.example\\@bank.example/",
            Address("https", "bakery.example", "\\@bank.example/", backslashes=True),
        ),
        ("http://a:b@c@bakery.example:81/", Address("http", "bakery.example", "/", user="a:b@c", port="81")),
        ("https://bakery.example/@ann", Address("https", "bakery.example", "/@ann")),
        ("https://bakery.example?q@r", Address("https", "bakery.example", "", "q@r")),
        ("https://%62akery.example/", Address("https", "bakery.example", "/", written_host="%62akery.example")),
        ("https://bakery。example/", Address("https", "bakery.example", "/", written_host="bakery。example")),
        ("https://bak\u200bery.example/", Address("https", "bakery.example", "/", written_host="bak\u200bery.example")),
        ("https://[2001:db8::7]:8080/", Address("https", "[2001:db8::7]", "/", port="8080")),
        ("https://bakery.example./", Address("https", "bakery.example", "/")),
        ("mailto:ann@bakery.example?subject=x", Address("mailto", "", "ann@bakery.example", "subject=x")),
        ("tel:+31201234567", Address("tel", "", "+31201234567")),
        ("file:///C:/cakes", Address("file", "", "/C:/cakes")),
        ("#top", Address("", "", "", "", "top")),
        ("cakes.html", Address("", "", "cakes.html")),
        ("", Address("", "")),
    ],
)
def test_an_address_is_read_as_a_browser_reads_it(written: str, wanted: Address) -> None:
    assert read_address(written) == wanted


@given(st.text(st.sampled_from("htps:/\\@.?#%62ab0[] \n\t。"), max_size=60) | st.text(max_size=40))
def test_whatever_is_written_can_be_read(written: str) -> None:
    for address in (read_address(written), read_address("https://" + written)):
        assert address.host == address.host.lower()
        assert number_of(address.host) is None or is_local(address.host) in (True, False)
        assert is_possible(address.host) in (True, False)
    assert host_of(written) in ("", read_address(written).host)
    assert read_address(f"\n {written} ") == read_address(written)


@given(
    st.from_regex(r"[a-z0-9]{1,5}(\.[a-z]{1,5}){1,3}", fullmatch=True),
    st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\\"), max_size=20),
)
def test_the_short_way_of_reading_gives_what_the_long_one_does(host: str, rest: str) -> None:
    usual = read_address(f"https://{host}/{rest}")
    assert usual == read_address(f"HTTPS://{host}/{rest}")
    assert usual.host == host_of(f"https://{host}/{rest}") == host


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("198.51.100.7", ("198.51.100.7", False)),
        ("0xC6336407".lower(), ("198.51.100.7", True)),
        ("3325256711", ("198.51.100.7", True)),
        ("0306.063.0144.7", ("198.51.100.7", True)),
        ("198.3367943", ("198.51.100.7", True)),
        ("[::1]", ("::1", False)),
        ("256.1.1.1", None),
        ("1.2.3.4.5", None),
        ("4294967296", None),
        ("08.1.1.1", None),
        ("7.bakery.example", None),
        ("0x", ("0.0.0.0", True)),
        ("", None),
        ("9" * 5_000, None),
    ],
)
def test_numbers_in_place_of_a_host(host: str, wanted: tuple[str, bool] | None) -> None:
    assert number_of(host) == wanted


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "0x7f000001", "10.1.2.3", "172.31.0.1", "a.local", "[fe80::1]"]
)
def test_hosts_of_an_own_network(host: str) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["bakery.example", "172.32.0.1", "198.51.100.7", "local.example", "[2001:db8::7]", ""])
def test_hosts_that_are_not(host: str) -> None:
    assert not is_local(host)


def test_names_that_providers_make_up() -> None:
    assert is_server_name("33.132.167.72.host.provider.example")
    assert is_server_name("ec2-3-138-125-44.provider.example")
    assert not is_server_name("1.2.3.bakery.example")
    assert not is_server_name("2026-11-02.bakery.example")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("4rdDuH3759gmIM1669jupgclaaod4488EZJGMOKZ", True),
        ("UDLfhtTB_5vXP2xbYsQkmzNY_mbYLockezb-JBwm", True),
        ("how-we-bake-our-bread-in-2026-and-beyond", False),
        ("0644d59b-2c8c-4a7d-9ccd-0903b5ab3a20", False),
        ("TheBestBreadOfTheYear2026", False),
        ("a1", False),
        ("", False),
    ],
)
def test_what_looks_thrown_together(text: str, wanted: bool) -> None:
    assert is_random(text, 24, 7) is wanted


def test_services_by_what_they_do() -> None:
    hosts = ("bit.ly", "bakery.us1.list-manage.com", "cakes.r2.dev", "cakes.pages.dev", "form.jotform.com")
    assert tuple(map(kind_of, hosts)) == KINDS
    assert kind_of("rabbit.ly") == kind_of("bakery.example") == kind_of("") == ""
    assert ways_on("www.google.nl") == ways_on("google.com") != ()
    assert ways_on("docs.google.com") == ()
    assert has_risky_ending("cakes.icu")
    assert has_risky_ending("cakes.za.com")
    assert not has_risky_ending("icu")
    assert not has_risky_ending("za.bakery.example")


def test_links_of_html_and_of_text() -> None:
    message = html(anchor("https://a.example") + "<map><area href='https://b.example'></map><a name=x>No</a>")
    assert [link.address.host for link in message.fact(links)] == ["a.example", "b.example"]
    assert message.fact(links)[0].shown.value == "Cakes"
    bare = html("<p>See https://a.example/x.</p>")
    assert [link.written for link in bare.fact(links)] == ["https://a.example/x"]
    text = Message.from_bytes(
        HEAD + b"\r\nSee (HTTP://A.example/b(c)), http:// and <https://b.example/>; foo://c.example.\r\n"
    )
    assert [link.written for link in text.fact(links)] == ["HTTP://A.example/b(c)", "https://b.example/"]
    assert text.fact(links)[0].target.span.raw == b"HTTP://A.example/b(c)"


def test_a_text_part_beside_html_is_not_read_twice() -> None:
    raw = HEAD + (
        b"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n\r\nhttps://a.example\r\n"
        b"--x\r\nContent-Type: text/html\r\n\r\n<a href='https://a.example'>a</a>\r\n--x--\r\n"
    )
    assert len(Message.from_bytes(raw).fact(links)) == 1


def test_whose_links_they_are() -> None:
    known = "https://bakery.us1.list-manage.com/x"
    found = html("".join(map(anchor, ("https://www.bakery.example", "https://shop.example", known)))).fact(strangers)
    assert (found.sender, found.domains, found.is_all) == ("bakery.example", ("shop.example",), False)
    for field in (b"Return-Path: <b@shop.example>", b"List-Unsubscribe: <https://stop.shop.example/1>",
                  b"DKIM-Signature: v=1; d=shop.example; b=x", b"Sender: a@shop.example"):  # fmt: skip
        assert html(anchor("https://shop.example"), head=field + b"\r\n" + HEAD).fact(strangers).strange == ()
    nobody = html(anchor("https://shop.example"), head=b"Subject: x\r\n").fact(strangers)
    assert not nobody.is_all


def test_oddities_are_found_once_for_all_rules() -> None:
    found = html(anchor("http://198.51.100.7:81/") * 2).fact(marks)
    assert {kind: len(marked) for kind, marked in found.items()} == {"plain-http": 2, "odd-port": 2, "numeric-host": 2}


def test_a_finding_counts_all_links_and_keeps_some() -> None:
    linter = Linter(Policy(select=("links/plain-http", "links/numeric-host")))
    body = "".join(anchor(f"http://198.51.100.{n}/") for n in range(30)) + anchor("http://0xC6336407/")
    found = {finding.rule: finding for finding in linter.check(html(body)).findings}
    assert (found["links/plain-http"].count, len(found["links/plain-http"].texts)) == (31, 10)
    assert found["links/numeric-host"].score == max(grade.score for grade in linter.rules[0].grades)


def test_hosts_that_a_policy_allows() -> None:
    policy = Policy(select=("links/shortener",), params={"links/shortener": {"allowed": ("bit.ly",)}})
    assert Linter(policy).check(html(anchor("https://bit.ly/1"))).findings == ()
    assert Linter(policy).check(html(anchor("https://is.gd/1"))).findings != ()


def test_trackers_that_a_policy_knows() -> None:
    body = anchor("https://go.other.example/1", "www.shop.example")
    rule = "links/shown-domain-differs"
    assert Linter(Policy(select=(rule,))).check(html(body)).findings != ()
    known = Policy(select=(rule,), params={rule: {"trackers": ("other.example",)}})
    assert Linter(known).check(html(body)).findings == ()


def test_services_that_a_policy_knows() -> None:
    body = anchor("https://mail.service.example/1") * 2
    rule = "links/one-stranger"
    assert Linter(Policy(select=(rule,))).check(html(body)).findings != ()
    known = Policy(select=(rule,), params={rule: {"services": ("service.example",)}})
    assert Linter(known).check(html(body)).findings == ()


def test_too_many_links_are_told() -> None:
    message = html(anchor("https://a.example") * 6, Limits(links=5))
    assert len(message.fact(links)) == 5
    assert [defect.code for defect in limits_reached(message)] == ["limit-links"]
    text = Message.from_bytes(HEAD + b"\r\n" + b"https://a.example\r\n" * 6, limits=Limits(links=5))
    assert len(text.fact(links)) == 5
    assert [defect.code for defect in limits_reached(text)] == ["limit-links"]


HOSTILE: list[Callable[[int], str]] = [
    lambda size: anchor("https://" + "a." * size),
    lambda size: anchor("https://" + "@" * size),
    lambda size: anchor("https://a.example/" + "https%3A%2F%2F" * size),
    lambda size: anchor("https://a.example/" + "aB3" * size),
    lambda size: anchor("https://" + "%41" * size + ".example"),
    lambda size: anchor("mailto:" + "a@b," * size),
    lambda size: anchor("https://a.example/", "www." + "a-" * size + ".example"),
    lambda size: anchor("https:" + "/" * size),
    lambda size: "https://a.example/" + ")" * size,
    lambda size: anchor("#a") * size,
    lambda size: "".join(anchor(f"https://h{n}.example/") for n in range(size // 20)),
]


@pytest.mark.parametrize("make", HOSTILE)
def test_the_time_grows_with_the_size(make: Callable[[int], str]) -> None:
    linter = Linter(Policy(select=("links",)))

    def seconds(size: int) -> float:
        best = 9.0
        for _ in range(3):
            message = html(make(size))
            start = time.process_time()
            assert linter.check(message).errors == ()
            best = min(best, time.process_time() - start)
        return best

    seconds(200)
    assert seconds(40_000) < 12 * seconds(10_000) + 0.05
