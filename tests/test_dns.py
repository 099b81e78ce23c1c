"""Questions to a real DNS server on loopback: what it says, every way in which it fails, and recorded answers."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from dns_server import dns_server

from spamlint.errors import ConfigError
from spamlint.sender.dns import Answer, Dns, Server, Status, server_of
from spamlint.sender.snapshot import read, write

ZONE = {
    "mill.example TXT": ["v=spf1 include:carrier.example -all", "another record"],
    "mill.example MX": ["10 mx.mill.example."],
    "mill.example A": ["192.0.2.1", "192.0.2.2"],
    "key.mill.example CNAME": "key.carrier.example.",
    "key.carrier.example TXT": ["v=DKIM1; p=" + "A" * 600],
    "1.2.0.192.in-addr.arpa PTR": ["mx.mill.example."],
    "broken.example TXT": "SERVFAIL",
    "refused.example TXT": "REFUSED",
    "silent.example TXT": "DROP",
    "garbage.example TXT": "GARBAGE",
    "wrong-id.example TXT": "WRONG-ID",
    "loop.example TXT": "LOOP",
    "long.example TXT": "TRUNCATED",
    "huge.example TXT": ["x" * 200 + str(number) for number in range(290)],
    "many.example TXT": [str(number) for number in range(150)],
}


def asked(port: int, seconds: float = 3.0, budget: float = 15.0) -> Dns:
    return Dns([Server("127.0.0.1", port)], seconds, budget)


def test_records_come_in_text_form_and_each_question_is_asked_once() -> None:
    with dns_server(ZONE) as server:
        dns = asked(server.port)
        assert dns.ask("Mill.example.", "TXT").records == ("another record", "v=spf1 include:carrier.example -all")
        assert dns.ask("mill.example", "TXT").status == "ok"
        assert dns.ask("mill.example", "MX").records == ("10 mx.mill.example.",)
        assert dns.ask("1.2.0.192.in-addr.arpa", "PTR").records == ("mx.mill.example",)
        assert server.asked.count("mill.example TXT") == 1


def test_the_strings_of_a_long_record_are_joined_and_an_alias_is_followed() -> None:
    with dns_server(ZONE) as server:
        answer = asked(server.port).ask("key.mill.example", "TXT")
    assert answer.records == ("v=DKIM1; p=" + "A" * 600,)
    assert answer.canonical == "key.carrier.example"


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("nowhere.test", {"no-such-name"}),
        ("mill.example AAAA", {"no-data"}),
        ("broken.example", {"server-failure"}),
        ("refused.example", {"refused"}),
        ("silent.example", {"timeout"}),
        ("garbage.example", {"malformed", "timeout"}),
        ("wrong-id.example", {"malformed", "timeout"}),
        ("loop.example", {"malformed", "no-data"}),
        ("huge.example", {"too-large"}),
        ("many.example", {"too-large"}),
        ("a" * 64 + ".example", {"bad-name"}),
        ("a..example", {"bad-name"}),
        ("", {"bad-name", "no-data", "no-such-name"}),
        ("\udc80.example", {"bad-name"}),
    ],
)
def test_a_question_that_fails_is_an_answer_that_says_so(name: str, statuses: set[Status]) -> None:
    host, _, kind = name.partition(" ")
    with dns_server(ZONE) as server:
        answer = asked(server.port, seconds=0.6).ask(host, "AAAA" if kind else "TXT")
    assert answer.status in statuses
    assert answer.records == ()


def test_a_truncated_answer_is_asked_for_again_over_tcp() -> None:
    with dns_server(ZONE) as server:
        assert asked(server.port).ask("long.example", "TXT").records == ("over TCP",)


def test_a_server_that_is_down_costs_no_more_than_the_budget() -> None:
    with dns_server({"x.example TXT": "DROP"}) as server:
        dns = asked(server.port, seconds=0.3, budget=0.5)
        start = time.monotonic()
        answers = dns.ask_all((f"{number}.x.example", "TXT") for number in range(40))
        while time.monotonic() - start < 0.5:
            answers.append(dns.ask("x.example", "TXT"))
        answers.append(dns.ask("late.example", "A"))
        took = time.monotonic() - start
    assert not any(answer.status == "ok" for answer in answers)
    assert answers[-1].status == "timeout"
    assert took < 3


def test_nobody_listens() -> None:
    with dns_server({}) as server:
        port = server.port
    assert asked(port, seconds=0.4).ask("mill.example", "TXT").status in ("timeout", "unreachable", "malformed")


def test_questions_at_the_same_time_are_answered_in_order() -> None:
    with dns_server({f"n{number}.example A": f"192.0.2.{number}" for number in range(50)}) as server:
        answers = asked(server.port).ask_all((f"n{number}.example", "A") for number in range(50))
    assert [answer.records for answer in answers] == [(f"192.0.2.{number}",) for number in range(50)]


def test_a_snapshot_gives_the_same_answers_without_a_server(tmp_path: Path) -> None:
    file = tmp_path / "dns.json"
    with dns_server(ZONE) as server:
        dns = asked(server.port, seconds=0.4)
        dns.ask_all([("mill.example", "TXT"), ("key.mill.example", "TXT"), ("silent.example", "TXT")])
        write(file, dns.answers.values())
    replayed = Dns(recorded=read(file))
    assert [replayed.ask(*question) for question in dns.answers] == list(dns.answers.values())
    assert replayed.ask("else.example", "TXT").status == "not-recorded"
    before = file.read_bytes()
    write(file, replayed.recorded.values() if replayed.recorded else ())
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "no valid JSON"),
        ("[]", "is no DNS snapshot"),
        ('{"version": 2, "answers": []}', "is no DNS snapshot"),
        ('{"version": 1, "answers": [1]}', "answers[0]: must be an object"),
        ('{"version": 1, "answers": [{"name": "a", "type": "TXT"}]}', "answers[0]: needs a name"),
        (
            json.dumps({"version": 1, "answers": [{"name": "a", "type": "A", "status": "ok", "records": [1]}]}),
            "strings",
        ),
    ],
)
def test_a_snapshot_that_cannot_be_read_is_told(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "dns.json"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"dns\.json") as caught:
        read(file)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.1", Server("192.0.2.1")),
        ("192.0.2.1:", Server("192.0.2.1")),
        ("192.0.2.1:5353", Server("192.0.2.1", 5353)),
        ("2001:db8::1", Server("2001:db8::1")),
        ("[2001:db8::1]:5353", Server("2001:db8::1", 5353)),
        ("[2001:db8::1]", Server("2001:db8::1")),
    ],
)
def test_a_server_is_an_address_with_or_without_a_port(text: str, server: Server) -> None:
    assert server_of(text) == server


@pytest.mark.parametrize("text", ["dns.example", "192.0.2.1:x", "192.0.2.1:70000", "", "[::1]x"])
def test_what_is_no_server_is_told(text: str) -> None:
    with pytest.raises(ConfigError, match=r"DNS server|a port"):
        server_of(text)


def test_answers_say_whether_they_are_known() -> None:
    assert Answer("a", "A", "no-data").is_known
    assert not Answer("a", "A", "timeout").is_known
