"""Whatever is given as a bounce: no reader raises, and cost grows in proportion."""

from __future__ import annotations

import gzip

import pytest
from growth import assert_in_proportion
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spamlint.bounce import dmarc, fields, logs, prose, reply, ses
from spamlint.bounce.explain import Explainer
from spamlint.bounce.read import read
from spamlint.containers.budget import Budget
from spamlint.limits import DEFAULT_LIMITS

EXPLAINER = Explainer()
SCRAPS = [
    "550", "550-", "5.1.1", " ", "\n", "\r", "\r\n\r\n", "<a@b.example>", "<", ">", "@", "\x00", "\ud800",
    "host x said: ",
    "Final-Recipient: rfc822; ", "Action: failed\n", "Status: ", "Diagnostic-Code: smtp; ", "From: MAILER-DAEMON\n",
    "Subject: Undelivered\n", "Content-Type: multipart/report; boundary=b\n\n", "--b\n", "--b--\n",
    "Content-Type: message/delivery-status\n\n", "Content-Type: message/rfc822\n\n", "Feedback-Type: abuse\n",
    "Content-Type: message/feedback-report\n\n", "to=<a@b.example>, relay=x, dsn=5.1.1, status=bounced (", ")",
    "2026-11-02 09:30:01 1tAbCd-000000004Xy-1aBc ** ", "R=a T=b: ", "LED=550 5.7.1 x};", ",FAIL,",
    "delivery 1: failure: ",
    "--- Below this line is a copy of the message.\n", "<feedback>", "<record>", "</record>", "<count>", "&lol;",
    '{"notificationType":"Bounce",', '"diagnosticCode":"', '"', "\\", '{"organization-name": 1, "policies": [',
    "é", "\u202e",
]  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(SCRAPS), st.text(max_size=8)), max_size=40).map("".join)
ANY = settings(max_examples=150, deadline=None, database=None)


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@ANY
@given(TEXTS)
@example("From: a\nSubject: b\nContent-Type: message/rfc822\n\n")
def test_any_text_is_explained(text: str) -> None:
    found = EXPLAINER.explain(read(encoded(text)))
    assert found
    assert all("\n" not in one.text for one in found)


@ANY
@given(
    st.binary(max_size=400), st.sampled_from([b"", b"\x1f\x8b", b"PK\x03\x04", b"<feedback>", b"From: a\nTo: b\n\n"])
)
def test_any_bytes_are_explained(data: bytes, start: bytes) -> None:
    assert EXPLAINER.explain(read(start + data))


@ANY
@given(TEXTS)
def test_fields_give_one_refusal_for_each_group_at_most(text: str) -> None:
    groups = list(fields.groups(text))
    assert len(fields.refusals(groups)) <= len(groups)


@ANY
@given(TEXTS)
def test_a_log_gives_one_refusal_for_each_line_at_most(text: str) -> None:
    lines = text.splitlines()
    assert len(logs.refusals(lines)) <= len(lines)


@ANY
@given(TEXTS)
def test_prose_always_gives_a_refusal(text: str) -> None:
    said, behind = prose.told(text)
    assert prose.refusals(said)
    assert len(said) + len(behind) <= len(text)


@ANY
@given(TEXTS)
def test_replies_start_with_a_code(text: str) -> None:
    assert all(found[:3].isdigit() for _, found in reply.replies(text.splitlines()))
    assert "\n" not in reply.one_line(text)


@ANY
@given(TEXTS)
def test_reports_are_read_packed_as_plain(text: str) -> None:
    data = encoded(text)
    plain = dmarc.report(data, Budget(DEFAULT_LIMITS))
    if not data.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        assert dmarc.report(gzip.compress(data, mtime=0), Budget(DEFAULT_LIMITS)) == plain


@ANY
@given(TEXTS)
def test_notices_of_amazon_name_a_kind(text: str) -> None:
    found = ses.notice(text)
    assert found is None or found.refusals


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ("", "550 5.1.1 <a@b.example> user unknown\n"),
        ("", "550-5.1.1 more\n"),
        ("", "a@"),
        ("", "<" * 40),
        ("", "5.1.1."),
        ("", "to=<a@b.example>, relay=x, "),
        ("", "1tAbCd-000000004Xy-1aBc ** a@b.example R=a T=b: no\n"),
        ("", "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.0.0\n\n"),
        ("From: MAILER-DAEMON\nSubject: failure\n\n", "<a@b.example>:\n550 no such user\n"),
        ("From: MAILER-DAEMON\nSubject: failure\n\n", "Received: x\n"),
        ("<feedback>", "<record><row><count>1</count><source_ip>1</source_ip></row></record>"),
        ("<feedback><record>", "<policy_evaluated>"),
        ('{"notificationType":"Bounce",', '"diagnosticCode":"\\\\550'),
    ],
)
def test_cost_grows_in_proportion(head: str, unit: str) -> None:
    small = head + unit * (20_000 // len(unit))
    large = head + unit * (200_000 // len(unit))
    assert_in_proportion(lambda text: Explainer.explain(EXPLAINER, read(text.encode())), small, large)
