"""Whatever the DNS says and whatever the message is: an examination ends, and its report can be written."""

from __future__ import annotations

import random
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from routes import MAIL

from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.report.style import Style
from spamlint.sender.blocklists import Blocklists
from spamlint.sender.dns import Answer, Dns, Question, Status
from spamlint.sender.examine import examine
from spamlint.sender.letter import letter
from spamlint.sender.report import Judged, as_data, as_text
from spamlint.sender.route import Route

STATUSES: tuple[Status, ...] = (
    "ok",
    "ok",
    "ok",
    "ok",
    "no-data",
    "no-such-name",
    "server-failure",
    "timeout",
    "bad-name",
)
PIECES = (
    "v=spf1", "v=DMARC1", "v=DKIM1", "p=", "p=reject", "p=none", "sp=quarantine", "pct=", "pct=-1", "pct=²", "k=rsa",
    "k=ed25519", "MIGf", "AAAA", "t=y", "include:", "include:a.example", "include:client.example", "redirect=",
    "redirect=b.example", "redirect=client.example", "-all", "+all", "?", "~", "ip4:192.0.2.0/24", "ip4:1", "ip4:1/²",
    "ip6:::1", "ip6:::1/", "a", "a/", "a//", "a/99", "mx", "mx:%{", "ptr", "exists:%{i}.%{p}", "exists:%{l99r-}", "%",
    "\x00", "\x1b[31m", "ü", " ", ";", "=", ":", "/", "10 mx.client.example.", "0 .", "10", "192.0.2.1", "::1",
    "127.0.0.2", "127.255.255.254", "client.example", "x" * 300,
)  # fmt: skip
SIGNATURES = (
    "", "v=1", "a=rsa-sha256", "a=ed25519-sha256", "a=x", "c=relaxed/relaxed", "c=/", "d=client.example", "d=", "s=s1",
    "s=..", "h=from", "h=", "h=:::", "bh=AAAA", "b=AAAA", "b=", "t=x", "x=1", "l=", "l=9", "i=@x", "q=dns/txt", "q",
)  # fmt: skip


class Random(dict[Question, Answer]):
    """Answers that the seed makes up, each question always the same one."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.seed = seed

    def __missing__(self, key: Question) -> Answer:
        chance = random.Random(f"{self.seed} {key}")
        status = chance.choice(STATUSES)
        if status != "ok":
            return Answer(*key, status)
        made = ["".join(chance.choice((" ", ";", "")) + chance.choice(PIECES) for _ in range(chance.randint(0, 8)))
                for _ in range(chance.randint(1, 3))]  # fmt: skip
        known = [chance.choice(PIECES), f"v=spf1 {chance.choice(PIECES)}", *made]
        return Answer(*key, "ok", tuple(chance.sample(known, chance.randint(1, len(known)))))

    get = __missing__  # type: ignore[assignment]


ROUTES = (
    Route(""),
    Route("a", ips=("192.0.2.1", "2001:db8::/120"), envelope="x@b.client.example", spf_include="a.example"),
    Route("b", hosts=("h.example",), dkim_domain="client.example", dkim_selector="s1", helo="h.example"),
    Route("c", spf_include="a.example", envelope="vendor.example", dkim_domain="vendor.example", dkim_selector="s"),
)


@cache
def _linter() -> Linter:
    return Linter()


@settings(max_examples=120, deadline=None, database=None)
@given(st.integers(0, 10**9), st.sampled_from(ROUTES), st.text(max_size=12), st.lists(st.sampled_from(SIGNATURES)))
def test_nothing_raises(seed: int, route: Route, local: str, tags: list[str]) -> None:
    mail = f"DKIM-Signature: {'; '.join(tags)}\r\n".encode() + MAIL
    message = Message.from_bytes(mail)
    dns = Dns(recorded=Random(seed))
    lists = Blocklists(("ip.example",), ("name.example",))
    address = f"{local}@client.example" if seed % 3 else f"ann@{local}"
    found = examine(dns, route, address, message=message if seed % 2 else None, lists=lists, is_bulk=None)
    message.delivery = found.delivery
    verdict = _linter().check(message)
    assert verdict.errors == ()
    judged = Judged(found, verdict)
    for language in ("en", "nl"):
        text = "\n".join(as_text(judged, Style(language)))
        assert "\x1b" not in text
        assert as_data(judged, language)["address"] == address
        assert isinstance(letter(found, language), str)
