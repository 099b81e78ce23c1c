"""The log has one line of JSON for each message; metrics count what it says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.guard import metrics as figures
from spamlint.guard.decision import Decision
from spamlint.guard.envelope import Envelope
from spamlint.guard.log import Log, line, parsed
from spamlint.guard.metrics import Metrics, NoMetrics, metrics
from spamlint.guard.settings import LogSettings
from spamlint.report.data import FileReport, FindingReport

FINDING = FindingReport("text/prize", "A prize", "text", "warning", False, 40, 40, "m", "w", "f", 1, (None,))
REPORT = FileReport("secret-name", None, "block", False, 73, 20, 50, "message", (FINDING, FINDING))
DECISION = Decision("accept", "4f1c", "reject", report=REPORT, route="default", spared="observe")
ENVELOPE = Envelope("milter", "ann@bakery.example", ("bo@clients.example",), "192.0.2.1", user="ann", queue_id="AB12")


def row(decision: Decision, envelope: Envelope = ENVELOPE, *, addresses: bool = False) -> Mapping[str, Any]:
    found = parsed(line(decision, envelope, at=1_700_000_000.5, seconds=0.01234, addresses=addresses))
    assert found is not None
    return found


def test_a_line_says_what_became_of_a_message() -> None:
    assert row(DECISION) == {
        "time": "2023-11-14T22:13:20.500Z",
        "id": "4f1c",
        "hook": "milter",
        "queue_id": "AB12",
        "action": "accept",
        "wanted": "reject",
        "spared": "observe",
        "route": "default",
        "ms": 12.3,
        "verdict": "block",
        "score": 7.3,
        "incomplete": False,
        "rules": ["text/prize", "text/prize"],
    }
    assert row(Decision("accept", "1", "accept", unjudged="not-a-submission"))["unjudged"] == "not-a-submission"


def test_addresses_stand_in_it_only_where_that_is_asked_for() -> None:
    private = ("ann@bakery.example", "bo@clients.example", "192.0.2.1")
    assert not any(word in line(DECISION, ENVELOPE, at=0, seconds=0) for word in private)
    asked = row(DECISION, addresses=True)
    assert (asked["sender"], asked["recipients"], asked["client"], asked["user"]) == (
        "ann@bakery.example",
        ["bo@clients.example"],
        "192.0.2.1",
        "ann",
    )


@given(st.text(max_size=400), st.text(max_size=400), st.lists(st.text(max_size=20), max_size=60))
def test_a_line_is_one_line_of_json_whatever_a_message_holds(text: str, name: str, recipients: list[str]) -> None:
    envelope = Envelope("pipe", text, tuple(recipients), name, user=text, queue_id=name)
    rule = replace(FINDING, rule=name)
    decision = replace(
        DECISION, override=text, override_refused=name, route=name, report=replace(REPORT, findings=(rule,) * 90)
    )
    said = line(decision, envelope, at=0, seconds=1, addresses=True)
    assert said.endswith("\n")
    assert said[:-1].isascii()
    assert said[:-1].isprintable()
    assert json.loads(said)["id"] == "4f1c"


@pytest.mark.parametrize("bad", ["", "x", "[]", "{}", '{"id": 1}', "[" * 10_000, "\x00"])
def test_what_is_no_line_of_ours_is_told(bad: str) -> None:
    assert parsed(bad) is None


def test_a_file_is_opened_again_where_it_was_moved(tmp_path: Path) -> None:
    file = tmp_path / "guard.log"
    log = Log(LogSettings(file))
    log.reopen()
    log.told(DECISION, ENVELOPE, at=0, seconds=0)
    file.rename(tmp_path / "old.log")
    log.told(DECISION, ENVELOPE, at=0, seconds=0)
    log.reopen()
    log.told(DECISION, ENVELOPE, at=0, seconds=0)
    log.close()
    assert [len(path.read_text().splitlines()) for path in (tmp_path / "old.log", file)] == [2, 1]
    assert file.stat().st_mode & 0o007 == 0


def test_a_log_that_cannot_be_written_stops_no_mail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = Log(LogSettings(tmp_path / "guard.log"))
    for _ in range(3):
        log.told(DECISION, ENVELOPE, at=0, seconds=0)
    assert log.lost == 3
    assert capsys.readouterr().err.count("the log cannot be written") == 1
    Log(LogSettings()).told(DECISION, ENVELOPE, at=0, seconds=0)
    assert parsed(capsys.readouterr().err) is not None


def test_metrics_count_messages_verdicts_rules_and_failures() -> None:
    pytest.importorskip("prometheus_client")
    told, other = metrics(), metrics()
    assert isinstance(told, Metrics)
    told.judged(DECISION, ENVELOPE, 0.02)
    told.judged(Decision("tempfail", "2", "tempfail", unjudged="timeout"), ENVELOPE, 5)
    told.judged(Decision("accept", "3", "accept", unjudged="not-a-submission"), ENVELOPE, 0)
    told.waiting(3)
    told.restarted("timeout")
    page = told.page().decode()
    for expected in (
        'spamlint_messages_total{action="accept",hook="milter",wanted="reject",why="observe"} 1.0',
        'spamlint_verdicts_total{outcome="block"} 1.0',
        'spamlint_rule_findings_total{rule="text/prize"} 1.0',
        'spamlint_seconds_bucket{le="0.025"} 1.0',
        "spamlint_seconds_count 2.0",
        "spamlint_queue 3.0",
        'spamlint_worker_restarts_total{reason="timeout"} 1.0',
        'spamlint_unjudged_total{reason="timeout"} 1.0',
    ):
        assert expected in page
    assert b'hook="milter"' not in other.page()


def test_without_the_extra_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "find_spec", lambda _: None)
    told = metrics()
    assert isinstance(told, NoMetrics)
    told.judged(DECISION, ENVELOPE, 1)
    told.waiting(1)
    told.restarted("crash")
    assert b"spamlint[server]" in told.page()
