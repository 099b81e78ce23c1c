"""What the HTTP service answers: verdicts, decisions, rspamd's form, figures, and who may ask."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from hook_server import BAD, GOOD, MOST, STRICT, Hook, ScriptedGuard, running
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from service_thread import TIMEOUT

from spamlint.guard.form import schemas
from spamlint.guard.settings import Route
from spamlint.hooks.http.openapi import description
from spamlint.hooks.http.options import Options
from spamlint.hooks.http.server import serve
from spamlint.verdict import Policy

TOKEN = b"a-token-of-some-length"
RFC822 = {"Content-Type": "message/rfc822"}


@contextmanager
def service(options: Options | None = None, guard: ScriptedGuard | None = None) -> Iterator[tuple[Hook, httpx.Client]]:
    """A service, and a client of it."""
    with (
        running(partial(serve, options=options or Options()), guard) as hook,
        httpx.Client(base_url=f"http://127.0.0.1:{hook.port}", timeout=TIMEOUT) as client,
    ):
        yield hook, client


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Hook, httpx.Client]]:
    """A service that several tests ask."""
    with service() as found:
        yield found


def described(name: str, value: object) -> None:
    """Checks that `value` is as the description of the service says."""
    whole = {"$ref": f"#/components/schemas/{name}", "components": description()["components"]}
    Draft202012Validator(whole).validate(value)


def checked(http: httpx.Client, mail: bytes, /, **query: Any) -> dict[str, Any]:
    answer = http.post("/v1/check", content=mail, headers=RFC822, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, Any] = answer.json()
    described("checked", found)
    return found


def test_a_message_that_blocks_is_refused_with_the_reasons(shared: tuple[Hook, httpx.Client]) -> None:
    found = checked(shared[1], BAD)
    assert found["decision"]["action"] == "reject"
    assert found["decision"]["reply"]["code"] == 550
    assert found["verdict"]["outcome"] == "block"
    first = found["verdict"]["findings"][0]
    assert first["rule"] == "links/shown-domain-differs"
    assert first["line"] is not None
    assert found["id"] in found["decision"]["reply"]["lines"][-1]
    assert found["ruleset"].startswith(found["version"])


def test_a_good_message_is_accepted(shared: tuple[Hook, httpx.Client]) -> None:
    found = checked(shared[1], GOOD)
    assert (found["decision"]["action"], found["verdict"]["outcome"]) == ("accept", "pass")
    assert found["decision"]["reply"] is None


@pytest.mark.parametrize("mail", [b"", b"\0\xff\r\n\r\n", b"Subject: held\r\n\r\n", b"Subject: tempfail\r\n\r\n"])
def test_whatever_is_posted_has_an_answer_as_described(shared: tuple[Hook, httpx.Client], mail: bytes) -> None:
    assert checked(shared[1], mail)["id"]


def test_the_envelope_comes_from_the_query_or_from_header_fields() -> None:
    with service() as (hook, client):
        query = {"sender": "<a@b.example>", "recipient": ["c@d.example", "<e@f.example>"], "client": "192.0.2.7"}
        checked(client, GOOD, **query, helo="h", user="ann", **{"queue-id": "Q1", "profile": "bulk"})
        fields = [("Spamlint-Sender", "a@b.example"), ("Spamlint-Recipient", "c@d.example")]
        fields += [("Spamlint-Recipient", "e@f.example"), ("Spamlint-Profile", "personal"), *RFC822.items()]
        answer = client.post("/v1/check", content=GOOD, headers=fields)
        assert answer.json()["verdict"]["profile"] == "personal"
    (first, _), (second, _) = hook.guard.asked
    assert first.recipients == second.recipients == ("c@d.example", "e@f.example")
    assert (first.sender, first.client, first.helo, first.user) == ("a@b.example", "192.0.2.7", "h", "ann")
    assert (first.queue_id, first.profile, first.is_asked, first.hook) == ("Q1", "bulk", True, "http")
    assert (second.sender, second.profile) == ("a@b.example", "personal")


def test_a_route_and_a_bounce_are_treated_as_in_a_mail_server() -> None:
    observed = Route("seen", Policy(), "observe", senders=("*@b.example",))
    with service(guard=ScriptedGuard(replace(STRICT, routes=(observed,)))) as (_, client):
        assert checked(client, BAD, sender="a@b.example")["decision"]["route"] == "seen"
        assert checked(client, BAD, sender="", recipient="x@y.example")["decision"]["spared"] == "null-sender"


@pytest.mark.parametrize(
    ("query", "headers", "status", "said"),
    [
        ("?colour=red", RFC822, 400, "'colour' is no parameter"),
        ("?profile=huge", RFC822, 400, "'huge' is no profile"),
        ("?user=a&user=b", RFC822, 400, "user is given 2 times"),
        ("", {"Content-Type": "text/plain"}, 415, "message/rfc822"),
        ("", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "message/rfc822"),
        ("", {**RFC822, "Content-Encoding": "gzip"}, 415, "packed"),
    ],
)
def test_wrong_requests_are_told_what_is_wrong(
    shared: tuple[Hook, httpx.Client], query: str, headers: dict[str, str], status: int, said: str
) -> None:
    answer = shared[1].post("/v1/check" + query, content=GOOD, headers=headers)
    assert answer.status_code == status
    assert said in answer.json()["error"]
    described("error", answer.json())


def test_a_message_over_the_limit_is_refused_and_not_kept(shared: tuple[Hook, httpx.Client]) -> None:
    hook, client = shared
    before = len(hook.guard.asked)
    for headers in (RFC822, {**RFC822, "Expect": "100-continue"}):
        answer = client.post("/v1/check", content=b"x" * (MOST + 1), headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (413, f"the message is longer than {MOST} bytes")
    streamed = client.post("/v1/check", content=(b"x" * 1000 for _ in range(MOST // 1000 + 1)), headers=RFC822)
    assert streamed.status_code == 413
    assert len(hook.guard.asked) == before
    assert checked(client, b"Subject: x\r\n\r\n" + b"x" * (MOST - 14))["id"]


def test_messages_beyond_what_may_be_on_its_way_come_later() -> None:
    with service(Options(held=1000)) as (_, client):
        answer = client.post("/v1/check", content=b"x" * 2000, headers=RFC822)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert client.post("/v1/check", content=b"x" * 500, headers=RFC822).status_code == 200


def test_messages_that_come_slowly_are_held_too() -> None:
    head = b"POST /checkv2 HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\nExpect: 100-continue\r\n\r\n"
    with service(Options(held=1000)) as (_, client):
        with _connected(client) as first:
            first.sendall(head)
            assert first.recv(100).startswith(b"HTTP/1.1 100")
            first.sendall(b"x" * 800)
            while client.post("/v1/check", content=b"x" * 500, headers=RFC822).status_code == 200:
                pass  # until those octets have come
            first.sendall(b"x" * 100)
            assert first.recv(100).startswith(b"HTTP/1.1 200")
        assert client.post("/v1/check", content=b"x" * 500, headers=RFC822).status_code == 200


def _connected(client: httpx.Client) -> socket.socket:
    return socket.create_connection(("127.0.0.1", client.base_url.port), TIMEOUT)


def test_more_requests_than_allowed_come_later() -> None:
    with service(Options(requests=1)) as (hook, client), hook.connect() as first:
        first.sendall(b"POST /checkv2 HTTP/1.0\r\nContent-Length: 17\r\n\r\nSubject: slow\r\n\r\n")
        assert hook.guard.waiting.wait(TIMEOUT)
        assert client.post("/v1/check", content=GOOD, headers=RFC822).status_code == 503
        hook.guard.release.set()
        assert first.recv(100).startswith(b"HTTP/1.1 200")


def test_clients_of_rspamd_are_answered_as_they_are_used_to(shared: tuple[Hook, httpx.Client]) -> None:
    hook, client = shared
    fields = [("From", "<a@b.example>"), ("Rcpt", "<c@d.example>"), ("Rcpt", "e@f.example"), ("Ip", "192.0.2.7")]
    fields += [("Helo", "h.example"), ("User", "ann"), ("Queue-Id", "Q1"), ("Content-Type", "text/plain")]
    found = client.post("/checkv2", content=BAD, headers=fields).json()
    described("rspamd", found)
    assert (found["action"], found["required_score"], found["is_skipped"]) == ("reject", 3.0, False)
    assert found["score"] >= 3.0
    symbol = found["symbols"]["SPL_LINKS_SHOWN_DOMAIN_DIFFERS"]
    assert (symbol["score"], symbol["options"]) == (2.0, ["links/shown-domain-differs"])
    assert "Report " in found["messages"]["smtp_message"]
    envelope = hook.guard.asked[-1][0]
    assert (envelope.sender, envelope.recipients) == ("a@b.example", ("c@d.example", "e@f.example"))
    assert (envelope.client, envelope.helo, envelope.user, envelope.queue_id) == ("192.0.2.7", "h.example", "ann", "Q1")


@pytest.mark.parametrize(
    ("mail", "action"),
    [
        (GOOD, "no action"),
        (b"Subject: tempfail\r\n\r\n", "soft reject"),
        (b"Subject: held\r\n\r\n", "quarantine"),
        (b"Subject: passed\r\n\r\n", "no action"),
    ],
)
def test_each_decision_has_an_action_of_rspamd(shared: tuple[Hook, httpx.Client], mail: bytes, action: str) -> None:
    found = shared[1].post("/checkv2", content=mail).json()
    described("rspamd", found)
    assert found["action"] == action


def test_tagged_mail_is_told_which_fields_to_add_and_to_take_out() -> None:
    with service(guard=ScriptedGuard(replace(STRICT, enforcement="tag"))) as (_, client):
        found = client.post("/checkv2", content=b"X-Spamlint-Verdict: pass\r\n" + BAD).json()
    assert found["action"] == "add header"
    assert found["milter"]["add_headers"]["X-Spamlint-Verdict"] == {"value": "block", "order": 0}
    assert found["milter"]["remove_headers"] == {"X-Spamlint-Verdict": 0}


def test_health_is_that_of_the_workers() -> None:
    ill = ScriptedGuard(is_well=False)
    with service() as (_, client), service(guard=ill) as (_, other):
        assert (client.get("/healthz").status_code, client.get("/healthz").json()) == (200, {"status": "ok"})
        assert other.get("/healthz").status_code == 503
        assert client.get("/ping").text == "pong\r\n"


def test_figures_are_those_of_the_guard() -> None:
    with service() as (_, client):
        checked(client, BAD)
        answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'spamlint_messages_total{action="reject",hook="http",wanted="reject",why=""} 1.0' in answer.text
    assert 'spamlint_rule_findings_total{rule="links/shown-domain-differs"} 1.0' in answer.text


def test_only_who_shows_the_token_is_answered() -> None:
    with service(Options(token=TOKEN)) as (hook, client):
        right = {"Authorization": f"Bearer {TOKEN.decode()}"}
        for wrong in (
            {},
            {"Authorization": "Bearer x"},
            {"Authorization": "Basic " + TOKEN.decode()},
            {"Password": "x"},
        ):
            for path in ("/v1/check", "/checkv2"):
                answer = client.post(path, content=GOOD, headers={**RFC822, **wrong})
                assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert client.post("/v1/check", content=b"x" * 900_000, headers=wrong).status_code == 401
            assert client.get("/metrics", headers=wrong).status_code == 401
            assert client.get("/v1/openapi.json", headers=wrong).status_code == 401
        assert not hook.guard.asked
        assert client.get("/healthz").status_code == 200
        assert client.get("/metrics", headers=right).status_code == 200
        assert client.post("/checkv2", content=GOOD, headers={"Password": TOKEN.decode()}).status_code == 200


def test_the_description_is_openapi_and_names_every_address(shared: tuple[Hook, httpx.Client]) -> None:
    found = shared[1].get("/v1/openapi.json").json()
    validate(found)
    assert found["openapi"] == "3.1.0"
    for path, methods in found["paths"].items():
        for method in ("get", "post", "put"):
            status = shared[1].request(method, path, content=GOOD if method == "post" else None).status_code
            assert (status == 405) == (method not in methods), (path, method)


def test_the_schema_of_a_verdict_is_that_of_the_command_line() -> None:
    file = Path(__file__).parent.parent / "spamlint" / "report" / "verdict.schema.json"
    known = json.loads(file.read_text("utf-8"))["$defs"]
    found = schemas("#/$defs/")
    assert found["file"] == known["file"]
    assert {"finding", "place", "raw", "topic"} <= {*found}
    assert "report" not in found
