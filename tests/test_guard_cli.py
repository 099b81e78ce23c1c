"""The commands of the mail path that need no server: pipe, override, stats."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.cli import main, pipe
from spamlint.cli.envelope import envelope_of
from spamlint.guard.log import parsed
from spamlint.guard.stats import Stats

ROOT = Path(__file__).parent.parent
BLOCKED = (ROOT / "examples" / "attachments.eml").read_bytes()
FINE = (ROOT / "examples" / "good-plain.eml").read_bytes()
SHOW = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"


def configured(folder: Path, toml: str) -> Path:
    file = folder / "spamlint.toml"
    file.write_text(f"[guard]\n{toml}\n", "utf-8")
    return file


def piped(config: Path, data: bytes, *options: str, command: Sequence[str] = ()) -> subprocess.CompletedProcess[bytes]:
    line = [
        sys.executable,
        "-m",
        "spamlint",
        "pipe",
        "--config",
        str(config),
        *options,
        *(["--", *command] * bool(command)),
    ]
    return subprocess.run(
        line, input=data, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )


# ---- pipe


def test_a_refused_message_is_not_handed_on_and_its_sender_is_told(tmp_path: Path) -> None:
    config = configured(tmp_path, 'action = "reject"')
    done = piped(config, BLOCKED, "-t", command=[sys.executable, "-c", SHOW])
    assert (done.returncode, done.stdout) == (77, b"")
    assert done.stderr.startswith(b"5.7.1 This message was not sent")
    assert b"(attachments/executable)" in done.stderr
    assert b"and it passes: " in done.stderr


def test_an_accepted_message_is_handed_on_byte_for_byte_without_fields_of_ours(tmp_path: Path) -> None:
    config = configured(tmp_path, 'action = "reject"\nlog = "guard.log"')
    show = [sys.executable, "-c", f"{SHOW}; sys.exit(4)"]
    done = piped(config, b"X-spamlint-Verdict: pass\n" + FINE, "-t", "--queue-id", "Q1", command=show)
    assert (done.returncode, done.stdout, done.stderr) == (4, FINE, b"")
    row = parsed((tmp_path / "guard.log").read_text())
    assert row is not None
    assert (row["hook"], row["verdict"], row["action"], row["queue_id"]) == ("pipe", "pass", "accept", "Q1")


def test_what_is_wrong_with_the_machine_is_tried_again(tmp_path: Path) -> None:
    config = configured(tmp_path, 'action = "reject"')
    missing = piped(config, FINE, "-t", command=["/nowhere/sendmail"])
    assert (missing.returncode, b"/nowhere/sendmail: cannot be run" in missing.stderr) == (75, True)
    wrong = piped(configured(tmp_path, 'acton = "reject"'), FINE)
    assert (wrong.returncode, b"guard.acton: unknown key" in wrong.stderr) == (75, True)


def test_a_message_that_takes_too_long_is_answered_by_the_settings(tmp_path: Path) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text(
        "import sys, threading\nfrom spamlint.guard import inline\n"
        "inline.judge_of = lambda *_: lambda *_: threading.Event().wait()\n"
        "from spamlint.cli import main\nsys.exit(main(sys.argv[1:]))\n"
    )
    for on_error, code in (("reject", 77), ("tempfail", 75), ("accept", 0)):
        config = configured(tmp_path, f'action = "reject"\non-error = "{on_error}"\nbudget = {{ seconds = 0.1 }}')
        line = [sys.executable, str(slow), "pipe", "--config", str(config), "--", sys.executable, "-c", SHOW]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(line, input=FINE, capture_output=True, env=env, check=False)
        assert done.returncode == code
        assert done.stdout == (FINE if on_error == "accept" else b"")
        assert (b"could not be checked in time" in done.stderr) == (on_error != "accept")


def test_wrong_use_is_tried_again_and_help_is_not_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert pipe.run(["--nonsense"]) == 75
    assert pipe.run(["--help"]) == 0
    assert "spamlint pipe" in capsys.readouterr().out


def test_the_envelope_stands_in_options_or_in_the_header() -> None:
    data = (
        b'From: Ann <ann@a.example>\nTo: bo@b.example,\n "Cy" <cy@c.example>\nCc: bo@b.example\nBcc: di@d.example\n\n'
    )
    parser = pipe._parser()
    of_header = envelope_of(parser.parse_args(["-t"]), data)
    assert (of_header.sender, of_header.recipients) == (
        "ann@a.example",
        ("bo@b.example", "cy@c.example", "di@d.example"),
    )
    given_too = envelope_of(parser.parse_args(["-t", "--sender", "", "--recipient", "x@y.example"]), data)
    assert (given_too.sender, given_too.recipients) == ("", ("x@y.example",))
    unknown = envelope_of(parser.parse_args([]), data)
    assert (unknown.sender, unknown.recipients, unknown.is_asked) == ("", (), True)


# ---- override


def test_an_override_lets_one_message_out_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key, mail = tmp_path / "key", tmp_path / "mail.eml"
    mail.write_bytes(BLOCKED)
    assert main(["override", "--new-key", str(key)]) == 0
    capsys.readouterr()
    reason = "the invoice is due – today"
    assert main(["override", "--key-file", str(key), "--reason", reason, "-t", str(mail)]) == 0
    field = capsys.readouterr().out.encode().replace(b"\n", b"\r\n" if b"\r\n" in BLOCKED else b"\n")
    config = configured(
        tmp_path, 'action = "reject"\nlog = "log"\noverride = { key-file = "key", used-file = "used", hours = 24 }'
    )
    show = [sys.executable, "-c", SHOW]
    first = piped(config, field + BLOCKED, "-t", command=show)
    assert (first.returncode, first.stdout) == (0, BLOCKED)
    assert piped(config, field + BLOCKED, "-t", command=show).returncode == 77
    rows = [parsed(line) or {} for line in (tmp_path / "log").read_text().splitlines()]
    assert rows[0]["override"] == "the invoice is due - today"
    assert rows[1]["override_refused"] == "used"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--reason", "x", "mail.eml"], "--key-file is missing"),
        (["--key-file", "key", "mail.eml"], "--reason is missing"),
        (["--key-file", "key", "--reason", "x", "-t"], "MESSAGE is missing"),
        (["--key-file", "key", "--reason", "x", "nowhere.eml"], "nowhere.eml: cannot be read"),
        (["--key-file", "key", "--reason", "x", str(ROOT / "README.md")], "a sender and recipients are missing"),
        (
            ["--key-file", "key", "--reason", "x", "--recipient", "a@b.example", str(ROOT / "README.md")],
            "needs --sender",
        ),
        (["--key-file", "nowhere", "--reason", "x", "-t", str(ROOT / "examples/good-plain.eml")], "nowhere: cannot be"),
        (["--hours", "0", "mail.eml"], "must be a number of hours"),
    ],
)
def test_what_an_override_lacks_is_told(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["override", *options]) == 2
    assert said in capsys.readouterr().err


# ---- stats


ROWS = [
    {"id": "1", "time": "2026-11-01T08:00:00.000Z", "action": "accept", "wanted": "accept", "ms": 1, "route": "default",
     "verdict": "pass", "rules": []},
    {"id": "2", "time": "2026-11-02T08:00:00.000Z", "action": "accept", "wanted": "reject", "ms": 3, "route": "default",
     "spared": "observe", "verdict": "block", "rules": ["text/prize", "subject/urgent", "text/prize"]},
    {"id": "3", "time": "2026-11-03T08:00:00.000Z", "action": "reject", "wanted": "reject", "ms": 2, "route": "news",
     "verdict": "block", "rules": ["text/prize"]},
    {"id": "4", "action": "accept", "wanted": "accept", "unjudged": "not-a-submission", "ms": 900},
    {"id": "5", "action": "tempfail", "wanted": "tempfail", "unjudged": "timeout", "ms": 5000},
]  # fmt: skip


def logged(folder: Path) -> Path:
    file = folder / "guard.log"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS) + "spamlint: stopped\n")
    return file


def test_a_log_is_summed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", str(logged(tmp_path))]) == 0
    assert capsys.readouterr().out == (
        "5 messages, 2026-11-01T08:00 to 2026-11-03T08:00\n"
        "1 lines are no lines of the log\n"
        "\n"
        "What became of them\n"
        "  accepted  3\n"
        "  refused   1\n"
        "  put off   1\n"
        "\n"
        "Accepted, though they were to be refused\n"
        "  the route only observes  1\n"
        "\n"
        "Without a verdict\n"
        "  not submitted here  1\n"
        "  the time was over   1\n"
        "\n"
        "Rules in what was refused, and in what was to be\n"
        "  text/prize      1  1\n"
        "  subject/urgent  0  1\n"
        "\n"
        "Routes: messages judged, refused, and to be refused\n"
        "  default  2  0  1\n"
        "  news     1  1  0\n"
        "\n"
        "Time to a decision: p50 2.0 ms, p95 5000.0 ms, p99 5000.0 ms\n"
    )


def test_the_summary_in_dutch_and_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(logged(tmp_path))
    assert main(["stats", "--lang", "nl", file]) == 0
    assert "Doorgelaten, hoewel ze geweigerd zouden worden" in capsys.readouterr().out
    assert main(["stats", "--format", "json", file, file]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["messages"], found["unreadable"], found["actions"]["accept"]) == (10, 2, 6)
    assert found["rules"]["text/prize"] == {"refused": 2, "spared": 2}
    assert found["routes"]["default"] == {"judged": 4, "refused": 0, "spared": 2}
    assert found["milliseconds"] == {"p50": 2.0, "p95": 5000.0, "p99": 5000.0}


def test_a_log_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "/nowhere.log"]) == 2
    assert capsys.readouterr().err == "spamlint: /nowhere.log: cannot be read: No such file or directory\n"


KEYS = ["id", "action", "wanted", "unjudged", "spared", "route", "rules", "ms", "time", "verdict"]
VALUES = st.one_of(
    st.none(), st.text(max_size=5), st.floats(), st.lists(st.text(max_size=3) | st.integers(), max_size=3)
)


@given(st.lists(st.dictionaries(st.sampled_from(KEYS), VALUES)))
def test_no_row_stops_the_count(rows: list[dict[str, object]]) -> None:
    stats = Stats()
    for row in rows:
        stats.add(parsed(json.dumps(row)))
    assert stats.messages + stats.unreadable == len(rows)
    assert (stats.percentile(99) is None) == (not stats.milliseconds)


def test_check_accepts_the_table_of_the_guard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = configured(tmp_path, 'action = "reject"\n[[guard.routes]]\nname = "a"\nuser = ["a"]')
    assert main(["check", "--config", str(config), str(ROOT / "examples" / "good-plain.eml")]) == 0
    assert capsys.readouterr().err == ""
