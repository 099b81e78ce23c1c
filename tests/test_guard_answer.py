"""What becomes of a message: routes, who is spared, refusals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.guard.answer import Failure, Heeded, decided, unjudged
from spamlint.guard.decision import Action, Decision
from spamlint.guard.envelope import Envelope
from spamlint.guard.fields import Incoming, applied, incoming
from spamlint.guard.judge import Judged, judge_of
from spamlint.guard.reply import LONGEST_LINE, MOST_LINES, ascii_text, refusal
from spamlint.guard.routes import holding, is_submission, never_refused
from spamlint.guard.settings import ENFORCEMENTS, Enforcement, Errors, OnError, Route, Settings
from spamlint.message import Message
from spamlint.report.data import FileReport, FindingReport
from spamlint.rule import Match, Rule
from spamlint.verdict import Language, Outcome, Policy, RuleError, Words

SAID: dict[Language, Words] = {"en": Words("Says it is urgent", "urgent", "Why.", "Take it out.")}
RULES = (
    Rule("subject/urgent", "warning", 30, SAID, match=Match(("subject",), ("(?i)urgent",))),
    Rule("text/prize", "warning", 40, SAID, match=Match(("shown",), ("(?i)prize",))),
)
ENVELOPE = Envelope("milter", "ann@bakery.example", ("bo@clients.example",), user="ann")
MAIL = b"From: ann@bakery.example\r\nSubject: Urgent\r\nX-Campaign: News-7\r\n\r\nA prize.\r\n"


def answer(settings: Settings, envelope: Envelope = ENVELOPE, data: bytes = MAIL) -> Decision:
    return decided(settings, envelope, judge_of(settings, RULES)(envelope, data), "id1")


def report(outcome: Outcome = "block", score: int = 70, findings: Sequence[FindingReport] = ()) -> FileReport:
    return FileReport("", None, outcome, False, score, 20, 50, "message", tuple(findings))


def finding(rule: str = "text/prize", title: str = "Title", fix: str = "Fix it.") -> FindingReport:
    return FindingReport(rule, title, "text", "warning", False, 40, 40, "message", "Why.", fix, 1, (None,))


# ---- whose mail is judged


@pytest.mark.parametrize(
    ("envelope", "is_judged"),
    [
        (Envelope("milter", client="203.0.113.9"), False),
        (Envelope("milter", user="ann"), True),
        (Envelope("http", is_asked=True), True),
        (Envelope("milter", client="10.1.2.3"), True),
        (Envelope("milter", client="::ffff:10.1.2.3"), True),
        (Envelope("milter", client="IPv6:2001:db8::5"), True),
        (Envelope("milter", client="2001:db9::5"), False),
        (Envelope("milter", client="unknown"), False),
        (Envelope("milter", client="10.1.2.3\r\n"), False),
    ],
)
def test_only_submissions_are_judged(envelope: Envelope, is_judged: bool) -> None:
    assert is_submission(Settings(submit_networks=("10.0.0.0/8", "2001:db8::/32")), envelope) is is_judged
    assert not is_submission(Settings(), replace(envelope, user="", is_asked=False))


@pytest.mark.parametrize(
    ("sender", "recipients", "reason"),
    [
        ("", ("bo@clients.example",), "null-sender"),
        ("<>", ("bo@clients.example",), "null-sender"),
        ("", (), ""),
        ("ann@bakery.example", ("Postmaster@clients.example", "abuse@b.example"), "role-address"),
        ("ann@bakery.example", ("postmaster",), "role-address"),
        ("ann@bakery.example", ("postmaster@clients.example", "bo@clients.example"), ""),
        ("ann@bakery.example", ("postmaster.bo@clients.example",), ""),
    ],
)
def test_bounces_and_role_addresses_are_never_refused(sender: str, recipients: tuple[str, ...], reason: str) -> None:
    envelope = Envelope("milter", sender, recipients, user="ann")
    assert never_refused(envelope) == reason
    decision = answer(Settings(enforcement="reject"), envelope)
    assert (decision.action, decision.wanted, decision.spared) == ("accept" if reason else "reject", "reject", reason)


# ---- what each enforcement does


@pytest.mark.parametrize(
    ("enforcement", "action", "spared", "added"),
    [
        ("observe", "accept", "observe", False),
        ("tag", "accept", "tag", True),
        ("quarantine", "quarantine", "", True),
        ("reject", "reject", "", False),
    ],
)
def test_every_enforcement_does_what_it_says(
    enforcement: Enforcement, action: Action, spared: str, added: bool
) -> None:
    decision = answer(Settings(enforcement=enforcement))
    assert (decision.action, decision.spared, bool(decision.add)) == (action, spared, added)
    assert decision.wanted == ("quarantine" if action == "quarantine" else "reject")
    assert decision.report is not None
    assert decision.report.outcome == "block"
    assert (decision.reply is not None) == (action != "accept")
    assert bool(decision.quarantine) == (action == "quarantine")


def test_a_pass_adds_nothing_and_a_warning_is_told() -> None:
    fine = answer(Settings(enforcement="tag"), data=b"Subject: Bread\r\n\r\nIt is ready.\r\n")
    assert (fine.action, fine.wanted, fine.add, fine.remove) == ("accept", "accept", (), ())
    told = answer(Settings(enforcement="reject"), data=b"Subject: Urgent\r\n\r\nIt is ready.\r\n")
    assert told.add == (
        ("X-Spamlint-Verdict", "warn"),
        ("X-Spamlint-Score", "3.0 of 5.0"),
        ("X-Spamlint-Rules", "subject/urgent"),
        ("X-Spamlint-Report", "id1"),
    )


def test_comments_in_a_finished_message_keep_nothing_out() -> None:
    data = (
        b"Subject: Urgent\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n"
        b"<!-- spamlint-ignore-file text, subject --><p>A prize.</p>\r\n"
    )
    assert answer(Settings(enforcement="reject"), data=data).action == "reject"


# ---- routes


def routed(*routes: Route, enforcement: Enforcement = "observe") -> Settings:
    return Settings(enforcement=enforcement, routes=routes)


def names(settings: Settings, envelope: Envelope = ENVELOPE, data: bytes = MAIL) -> list[str]:
    return [route.name for route in holding(settings, envelope, Message.from_bytes(data))]


def test_the_first_route_that_matches_holds() -> None:
    policy = Policy()
    settings = routed(
        Route("shop", policy, "tag", senders=("*@shop.example",)),
        Route("clients", policy, "reject", recipient_domains=("*.clients.example", "clients.example")),
        Route("ann", policy, "observe", users=("ann",)),
    )
    assert names(settings) == ["clients"]
    assert names(settings, replace(ENVELOPE, recipients=("x@other.example",))) == ["ann"]
    assert names(settings, replace(ENVELOPE, sender="News@SHOP.example")) == ["shop"]
    assert names(settings, replace(ENVELOPE, recipients=("x@other.example",), user="bo")) == ["default"]


def test_with_several_recipients_the_strictest_answer_counts() -> None:
    settings = routed(Route("strict", Policy(block_at=30), "reject", recipient_domains=("clients.example",)))
    data = b"Subject: Urgent\r\n\r\nBread.\r\n"
    both = replace(ENVELOPE, recipients=("x@other.example", "bo@clients.example"))
    assert names(settings, both) == ["strict", "default"]
    assert [answer(settings, one, data).action for one in (ENVELOPE, both)] == ["reject", "reject"]
    assert answer(settings, replace(ENVELOPE, recipients=("x@other.example",)), data).action == "accept"


def test_a_route_by_header_holds_beside_the_others() -> None:
    news = Route("news", Policy(block_at=30), "reject", headers=(("X-Campaign", "news-*"),))
    assert names(routed(news)) == ["news", "default"]
    assert names(routed(news), data=MAIL.replace(b"X-Campaign: News", b"X-CAMPAIGN:\r\n  News")) == ["news", "default"]
    assert names(routed(news), data=MAIL.replace(b"News", b"Notes")) == ["default"]
    mild = replace(news, policy=Policy(block_at=1000, select=("text",)), enforcement="observe")
    assert answer(routed(mild, enforcement="reject")).action == "reject"


POLICIES = st.builds(
    Policy,
    profile=st.sampled_from([None, "bulk", "personal"]),
    select=st.sampled_from([(), ("subject",), ("text",)]),
    ignore=st.sampled_from([(), ("subject",), ("all",)]),
    scores=st.sampled_from([{}, {"subject/urgent": 90}, {"text/prize": 0}]),
    warn_at=st.just(0),
    block_at=st.integers(1, 100),
)
ACTIONS: tuple[Action, ...] = ("accept", "quarantine", "tempfail", "reject")


@st.composite
def routes(draw: st.DrawFn) -> Route:
    domains = draw(st.sampled_from([(), ("clients.example",), ("other.example",)]))
    headers = draw(st.sampled_from([(), (("x-campaign", "news*"),), (("subject", "*"),)]))
    enforcement = draw(st.sampled_from(ENFORCEMENTS))
    return Route("", draw(POLICIES), enforcement, recipient_domains=domains, headers=headers)


@given(st.lists(routes(), max_size=4), st.sampled_from(ENFORCEMENTS))
def test_a_route_by_header_never_loosens(chosen: list[Route], enforcement: Enforcement) -> None:
    named = tuple(replace(route, name=str(number)) for number, route in enumerate(chosen))
    settings = Settings(enforcement=enforcement, routes=named)
    without = replace(settings, routes=tuple(route for route in named if not route.headers))
    envelope = replace(ENVELOPE, recipients=("bo@clients.example", "x@third.example"))
    with_headers, base = answer(settings, envelope), answer(without, envelope)
    assert ACTIONS.index(with_headers.action) >= ACTIONS.index(base.action)
    assert with_headers.action == "reject" or told(with_headers) >= told(base)


def told(decision: Decision) -> tuple[int, float]:
    """What the header fields say: how bad the verdict is, and the score."""
    fields = dict(decision.add)
    outcome = ("", "pass", "warn", "block").index(fields.get("X-Spamlint-Verdict", ""))
    return outcome, float(fields.get("X-Spamlint-Score", "0 of 0").partition(" ")[0])


# ---- what could not be judged


def _errors(failure: Failure, on_error: OnError) -> Errors:
    """What happens for that reason alone; the rest is as ever."""
    return Errors(*(on_error if name == failure else "tempfail" for name in ("timeout", "crash", "over-limit", "busy")))


@pytest.mark.parametrize("failure", ["timeout", "crash", "over-limit", "busy"])
def test_what_cannot_be_judged_is_answered_by_its_reason(failure: Failure) -> None:
    rejecting, accepting = _errors(failure, "reject"), _errors(failure, "accept")
    decision = unjudged(Settings(on_error=Errors()), ENVELOPE, MAIL, "id1", failure)
    assert (decision.action, decision.unjudged) == ("tempfail", failure)
    assert decision.reply is not None
    assert (decision.reply.code, decision.reply.status) == (451, "4.7.1")
    refused = unjudged(Settings(on_error=rejecting), ENVELOPE, MAIL, "id1", failure)
    assert refused.reply is not None
    assert (refused.action, refused.reply.code) == ("reject", 550)
    mail = b"X-SPAMLINT-Verdict: pass\n" + MAIL
    accepted = unjudged(Settings(on_error=accepting), ENVELOPE, mail, "id1", failure)
    assert (accepted.action, accepted.reply) == ("accept", None)
    assert accepted.remove == (("X-SPAMLINT-Verdict", 1),)
    spared = unjudged(Settings(), replace(ENVELOPE, sender=""), MAIL, "id1", failure)
    assert (spared.action, spared.wanted, spared.spared) == ("accept", "tempfail", "null-sender")


def test_who_only_looks_on_delays_nothing() -> None:
    shop = Route("shop", Policy(), "reject", senders=("*@shop.example",))
    settings = Settings(routes=(shop,), observed_on_error=Errors("accept", "accept", "accept", "accept"))
    observed = unjudged(settings, ENVELOPE, MAIL, "id1", "busy")
    assert (observed.action, observed.wanted, observed.spared, observed.reply) == (
        "accept",
        "tempfail",
        "observe",
        None,
    )
    enforced = unjudged(settings, replace(ENVELOPE, sender="ann@shop.example"), MAIL, "id1", "busy")
    assert (enforced.action, enforced.spared) == ("tempfail", "")
    assert unjudged(replace(settings, observed_on_error=None), ENVELOPE, MAIL, "id1", "busy").action == "tempfail"


@pytest.mark.parametrize(("enforcement", "action"), [("observe", "accept"), ("tag", "accept"), ("reject", "tempfail")])
def test_an_incomplete_verdict_is_no_pass(enforcement: Enforcement, action: Action) -> None:
    settings = Settings(enforcement=enforcement)
    crashed = replace(report("warn", 0), incomplete=True, errors=(RuleError("a/b", "ValueError", "x"),))
    decision = decided(settings, ENVELOPE, Judged(Incoming(), (("default", crashed),)), "id1")
    assert (decision.action, decision.wanted) == (action, "tempfail")
    many = Judged(Incoming(is_over_limit=True), (("default", report("pass", 0)),))
    assert decided(replace(settings, on_error=Errors(over_limit="reject")), ENVELOPE, many, "id1").wanted == "reject"
    blocked = Judged(Incoming(), (("default", replace(crashed, outcome="block")),))
    assert decided(settings, ENVELOPE, blocked, "id1").wanted == "reject"


def test_an_override_is_asked_for_only_where_a_message_is_refused() -> None:
    asked = []

    def heed(envelope: Envelope, incoming: Incoming) -> Heeded:
        asked.append(incoming)
        return Heeded(reason="the invoice is due")

    incoming = Incoming((("X-Spamlint-Override", 1),), ("token reason",), "digest")
    judged = Judged(incoming, (("default", report()),))
    decision = decided(Settings(enforcement="reject"), ENVELOPE, judged, "id1", heed)
    assert (decision.action, decision.spared, decision.override) == ("accept", "override", "the invoice is due")
    assert (decision.wanted, decision.remove, decision.add) == ("reject", incoming.remove, ())
    refused = decided(Settings(enforcement="reject"), ENVELOPE, judged, "id1")
    assert (refused.action, refused.override_refused) == ("reject", "not-allowed")
    assert refused.reply is not None
    assert refused.reply.lines[-2] == "The override does not count: there are none here."
    decided(Settings(), ENVELOPE, judged, "id1", heed)
    fine = Judged(incoming, (("default", report("pass", 0)),))
    decided(Settings(enforcement="reject"), ENVELOPE, fine, "id1", heed)
    assert asked == [incoming]


# ---- the words of a refusal


def test_a_refusal_names_the_worst_rules_the_cure_and_the_report() -> None:
    said = answer(Settings(enforcement="reject")).reply
    assert said is not None
    assert (said.code, said.status) == (550, "5.7.1")
    assert said.lines == (
        "This message was not sent: it looks like unwanted mail (7.0 points; the limit is 5.0).",
        "1. Says it is urgent (text/prize)",
        "   Take it out.",
        "2. Says it is urgent (subject/urgent)",
        "   Take it out.",
        "Fix these 2 and it passes: text/prize, subject/urgent",
        "Report id1. Quote it when you ask your mail administrator about this.",
    )
    dutch = refusal(report(findings=[finding(title="Eén vraag – “ja”")]), "id1", "nl").lines
    assert dutch[0] == "Dit bericht is niet verzonden: het lijkt op ongewenste mail (7,0 punten; de grens is 5,0)."
    assert dutch[1] == '1. Een vraag - "ja" (text/prize)'


@given(st.text(max_size=600), st.text(max_size=60), st.integers(0, 300), st.sampled_from(["en", "nl"]))
def test_no_message_writes_a_line_of_a_refusal(text: str, rule: str, number: int, language: Language) -> None:
    findings = [finding(rule or "x", text, f"{text}\r\n250 2.0.0 Ok\r\n{text * 5}")] * number
    hostile = replace(report(findings=findings), cure=tuple(one.rule for one in findings))
    lines = refusal(hostile, "id1", language).lines
    assert 2 <= len(lines) <= MOST_LINES
    assert all(line.isascii() and line.isprintable() and len(line) <= LONGEST_LINE for line in lines)
    assert not any(line.startswith("250") for line in lines)
    assert "id1" in lines[-1] or number > 100


@given(st.text())
def test_ascii_text_is_short_and_printable(text: str) -> None:
    said = ascii_text(text, 50)
    assert len(said) <= 50
    assert said.isascii()
    assert said.isprintable()


# ---- header fields of ours


FIELDS = [
    b"X-Spamlint-Verdict: pass\r\n",
    b"x-SPAMLINT-score : 0\r\n\tfolded\r\n",
    b"X-Spamlint-Override:\r\n  token\r\n  reason\r\n",
    b"X-Spamlint-New:\r\n",
]
OTHERS = [
    b"Subject: X-Spamlint-Verdict: pass\r\n",
    b"X-Spamlin: 1\r\n",
    b"To: a@b.example,\r\n X-Spamlint-Verdict: pass\r\n",
    b"X-Not-Spamlint-Verdict: 1\r\n",
    b"Received: by x;\n\tnow\n",
    b"A: caf\xe9\r\n",
]


@given(
    st.lists(st.sampled_from([*FIELDS, *OTHERS]), max_size=12),
    st.sampled_from([b"", b"From x@y.example Mon Nov 23 2026\r\n"]),
    st.binary(max_size=60),
    st.sampled_from(ENFORCEMENTS[:2]),
)
def test_our_fields_are_taken_out_and_every_other_byte_stays(
    pieces: list[bytes], first: bytes, body: bytes, enforcement: Enforcement
) -> None:
    data = first + b"".join(pieces) + b"\r\n" + body if pieces else first + body
    decision = answer(Settings(enforcement=enforcement), data=data)
    added = b"".join(f"{name}: {value}\r\n".encode() for name, value in decision.add)
    kept = [piece for piece in pieces if piece not in FIELDS]
    expected = first + b"".join(kept) + b"\r\n" + body if pieces else first + body
    if pieces:
        placeholder = b"" if first or kept else b"X-Spamlint-Report: id1\r\n"
        assert applied(data, replace(decision, add=())) == placeholder + expected
    assert applied(data, decision).replace(b"\r\n", b"\n").startswith(added.replace(b"\r\n", b"\n"))


PIECES = [
    b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b"-", b"From x@y", b"From: b", b"To", b"--", b"X-", b"x-spamlint-", b"1",
    b"Spamlint-Verdict", b"X-Spamlint-A: 1\r\n", b"\xe9",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(b"".join))
def test_no_field_of_ours_is_left_whatever_the_header_is_like(data: bytes) -> None:
    decision = Decision("accept", "id1", "accept", remove=incoming(data).remove)
    result = applied(data, decision)
    left = [field for field in incoming(result).remove if field != ("X-Spamlint-Report", 1)]
    assert left == []
    rest = iter(result.removeprefix(b"X-Spamlint-Report: id1\r\n").removeprefix(b"X-Spamlint-Report: id1\n"))
    original = iter(data)
    assert all(any(byte == other for other in original) for byte in rest), "only bytes of the message, in their order"


def test_a_header_of_our_fields_only_does_not_make_a_header_of_the_body() -> None:
    data = b"X-Spamlint-A: 1\r\n\r\nFrom: b@c.example\r\nX-Spamlint-Verdict: pass\r\n\r\nBody\r\n"
    result = applied(data, answer(Settings(), data=data))
    assert result == b"X-Spamlint-Report: id1\r\n" + data.removeprefix(b"X-Spamlint-A: 1\r\n")


def test_a_field_behind_a_lone_cr_takes_no_line_end_of_another() -> None:
    data = b"Subject: a\rX-Spamlint-Verdict: pass\r\nTo: b@c.example\r\n\r\nBody\r\n"
    decision = answer(Settings(), data=data)
    assert applied(data, decision) == b"Subject: a\r\nTo: b@c.example\r\n\r\nBody\r\n"


def test_more_fields_of_ours_than_anybody_needs_are_over_the_limit() -> None:
    data = b"X-Spamlint-A: 1\r\n" * 600 + MAIL.replace(b"Urgent", b"Bread").replace(b"prize", b"loaf")
    decision = answer(Settings(enforcement="reject"), data=data)
    assert (decision.action, decision.wanted) == ("tempfail", "tempfail")
    many = b"A: b\r\n" * 3000 + b"X-Spamlint-A: 1\r\n\r\n"
    assert answer(Settings(), data=many).remove == (("X-Spamlint-A", 1),)
