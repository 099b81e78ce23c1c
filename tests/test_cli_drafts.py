"""`spamlint check` for those who write drafts: --fix, --diff, --baseline, --watch.

`SPAMLINT_UPDATE_GOLDEN=1 pytest tests/test_cli_drafts.py` writes the golden files again.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from spamlint.cli import main
from spamlint.cli.judge import Task, judge_of
from spamlint.cli.watch import CLEAR, Results, shown_on, watch
from spamlint.inputs import Unreadable
from spamlint.report.data import FileReport
from spamlint.report.style import Style
from spamlint.verdict import Policy

GOLDEN = Path(__file__).parent / "golden"
DRAFT = (GOLDEN / "fix.html").read_bytes()
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test runs in an empty folder, without settings above it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def draft(data: bytes = DRAFT, name: str = "draft.html") -> Path:
    path = Path(name)
    path.write_bytes(data)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err


def assert_golden(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("SPAMLINT_UPDATE_GOLDEN"):
        file.write_bytes(text.encode())
    assert text == file.read_bytes().decode()


@pytest.mark.parametrize(("name", "options"), [("fix.diff", ()), ("fix.unsafe.diff", ("--unsafe-fixes",))])
def test_a_diff_shows_what_would_be_written_and_writes_nothing(
    capsys: pytest.CaptureFixture[str], name: str, options: Sequence[str]
) -> None:
    path = draft()
    code, out, err = run(capsys, "check", "--diff", *options, "draft.html")
    assert code == 1
    assert_golden(name, out)
    assert "can be fixed" in err
    assert ("--unsafe-fixes" in err) is (not options)
    assert path.read_bytes() == DRAFT


def test_a_diff_without_anything_to_fix_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    draft(b'<html lang="en"><title>Bees</title><p>Good morning</p></html>')
    assert run(capsys, "check", "--diff", "draft.html")[:2] == (0, "")
    assert run(capsys, "check", "--diff", "none.html")[0] == 2


def test_fix_writes_reports_what_is_left_and_is_done_then(capsys: pytest.CaptureFixture[str]) -> None:
    path = draft()
    path.chmod(0o640)
    code, out, err = run(capsys, "check", "--fix", "--format", "json", "draft.html")
    assert code == 0
    assert "draft.html: fixed 6: " in err
    rules = {finding["rule"] for finding in json.loads(out)["files"][0]["findings"]}
    assert "script/event-handler" in rules
    assert not {rule for rule in rules if rule.startswith("html/")}
    assert path.stat().st_mode & 0o777 == 0o640
    written = path.read_bytes()
    assert written != DRAFT
    _, _, err = run(capsys, "check", "--fix", "draft.html")
    assert "fixed" not in err.replace("--unsafe-fixes", "")
    assert path.read_bytes() == written
    assert [one.name for one in Path().iterdir()] == ["draft.html"]


def test_fix_writes_through_a_symbolic_link(capsys: pytest.CaptureFixture[str]) -> None:
    path = draft(name="real.html")
    Path("draft.html").symlink_to("real.html")
    run(capsys, "check", "--fix", "draft.html")
    assert Path("draft.html").is_symlink()
    assert path.read_bytes() != DRAFT


def test_unsafe_fixes_of_some_rules(capsys: pytest.CaptureFixture[str]) -> None:
    path = draft()
    run(capsys, "check", "--fix", "--allow-fixes", "links/plain-http", "draft.html")
    assert b'href="https://www.library.example/bees" onclick' in path.read_bytes()
    run(capsys, "check", "--fix", "--unsafe-fixes", "draft.html")
    assert b"onclick" not in path.read_bytes()


def test_the_language_comes_from_the_command_line_or_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    path = draft(b"<html><p>Hi</p>")
    Path("spamlint.toml").write_text('lang-of-mail = "nl"\n')
    run(capsys, "check", "--fix", "draft.html")
    assert path.read_bytes() == b'<html lang="nl"><p>Hi</p>'
    draft(b"<html><p>Hi</p>")
    run(capsys, "check", "--fix", "--lang-of-mail", "fr", "draft.html")
    assert path.read_bytes() == b'<html lang="fr"><p>Hi</p>'


def test_a_finished_message_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    data = b"Subject: x\nContent-Type: text/html\n\n" + DRAFT
    path = draft(data, "mail.eml")
    _, _, err = run(capsys, "check", "--fix", "mail.eml")
    assert "is a finished message" in err
    assert path.read_bytes() == data


def test_what_cannot_be_written_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, data: bytes) -> int:
        raise PermissionError(13, "Permission denied")

    path = draft()
    monkeypatch.setattr(Path, "write_bytes", refuse)
    code, _, err = run(capsys, "check", "--fix", "draft.html")
    assert code == 2
    assert "draft.html: cannot be written: Permission denied" in err
    assert path.read_bytes() == DRAFT


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--fix", "-"), "--fix needs files"),
        (("--fix", "--lang-of-mail", "english!", "draft.html"), "--lang-of-mail must be"),
        (("--fix", "--allow-fixes", "nothing", "draft.html"), "'nothing' is no rule"),
        (("--update-baseline", "draft.html"), "--update-baseline needs --baseline"),
        (("--baseline", "none.json", "draft.html"), "there is no such baseline"),
        (("--watch", "-"), "--watch needs files"),
        (("--watch", "--fix", "draft.html"), "--watch only looks"),
        (("--watch", "--format", "json", "draft.html"), "--watch is for people"),
    ],
)
def test_wrong_use_is_told(capsys: pytest.CaptureFixture[str], options: Sequence[str], reason: str) -> None:
    draft()
    code, _, err = run(capsys, "check", *options)
    assert code == 2
    assert reason in err


def test_only_what_is_new_since_the_baseline_fails(capsys: pytest.CaptureFixture[str]) -> None:
    draft()
    code, out, _ = run(capsys, "check", "--baseline", "known.json", "--update-baseline", "draft.html")
    assert (code, out) == (0, "")
    first = Path("known.json").read_bytes()
    code, out, _ = run(capsys, "check", "--fail-on", "warn", "--baseline", "known.json", "draft.html")
    assert code == 0
    assert "known from the baseline" in out
    draft(DRAFT.replace(b"</h1>", b"</h1><iframe></iframe>").replace(b"</div>", b""))
    arguments = ("check", "--fail-on", "warn", "--baseline", "known.json", "--format", "json", "draft.html")
    code, out, _ = run(capsys, *arguments)
    (report,) = json.loads(out)["files"]
    assert code == 1
    assert [finding["rule"] for finding in report["findings"]] == ["script/iframe"]
    assert {"rule": "html/stray-end-tag", "count": 1} in report["gone"]
    assert {"rule": "script/event-handler", "count": 1} in report["known"]
    run(capsys, "check", "--baseline", "known.json", "--update-baseline", "draft.html")
    assert run(capsys, *arguments)[0] == 0
    draft()
    run(capsys, "check", "--baseline", "known.json", "--update-baseline", "draft.html")
    assert Path("known.json").read_bytes() == first


def test_files_that_are_gone_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    draft()
    draft(name="old.html")
    run(capsys, "check", "--baseline", "known.json", "--update-baseline", "draft.html", "old.html")
    Path("old.html").unlink()
    _, _, err = run(capsys, "check", "--baseline", "known.json", "draft.html")
    assert "old.html is gone" in err


def test_suppressed_findings_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    draft(DRAFT.replace(b"<p>Doors", b"<!-- spamlint-ignore script/event-handler ours -->\n<p>Doors"))
    assert "1 suppressed by comments: script/event-handler" in run(capsys, "check", "draft.html")[1]
    _, out, _ = run(capsys, "check", "--format", "jsonl", "draft.html")
    assert json.loads(out)["suppressed"] == [{"rule": "script/event-handler", "count": 1}]
    assert "suppressed" not in run(capsys, "check", "--no-suppressions", "draft.html")[1]


def watched(paths: Sequence[str], *steps: Callable[[], object]) -> tuple[list[list[str]], Results]:
    """What `watch` shows as changed, with one of `steps` between two looks, and its last results."""
    seen: list[list[str]] = []
    waiting = iter(steps)

    def pause() -> None:
        step = next(waiting, None)
        if step is None:
            raise KeyboardInterrupt
        step()

    last = watch(paths, judge_of(Task(Policy(), "en")), lambda changed, _: seen.append(list(changed)), pause)
    return seen, last


def test_watch_judges_what_was_saved_and_nothing_else() -> None:
    one, two = draft(name="one.html"), draft(name="two.html")
    seen, last = watched(
        ["one.html", "two.html"],
        lambda: None,
        lambda: two.write_bytes(DRAFT + b"<iframe></iframe>"),
        lambda: None,
        one.unlink,
        lambda: draft(name="one.html"),
    )
    assert seen == [["one.html", "two.html"], ["two.html"], ["one.html"], ["one.html"]]
    (result,) = last["two.html"]
    assert isinstance(result, FileReport)
    assert "script/iframe" in {finding.rule for finding in result.findings}


def test_watch_sees_new_files_of_a_folder_and_forgets_deleted_ones() -> None:
    Path("mail").mkdir()
    draft(name="mail/a.html")
    seen, last = watched(["mail"], lambda: draft(name="mail/b.html"), lambda: Path("mail/a.html").unlink())
    assert seen == [["mail/a.html"], ["mail/b.html"], []]
    assert list(last) == ["mail/b.html"]


def test_watch_waits_for_a_file_that_is_not_there() -> None:
    seen, last = watched(["a.html"], lambda: draft(name="a.html"))
    assert seen == [["a.html"], ["a.html"]]
    assert all(isinstance(result, FileReport) for result in last["a.html"])
    _, last = watched(["b.html"])
    assert [type(result) for result in last["b.html"]] == [Unreadable]


def test_watch_shows_the_changed_ones_and_the_counts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft(name="a.html")
    draft(name="b.html")
    _, last = watched(["a.html", "b.html", "c.html"])
    shown_on(Style())(["b.html"], last)
    out = capsys.readouterr().out
    assert "a.html: " not in out
    assert "b.html: " in out
    assert "c.html: No such file" in out
    assert "2 messages checked" in out
    assert CLEAR not in out
    written: list[str] = []
    screen = SimpleNamespace(isatty=lambda: True, write=written.append, flush=lambda: None)
    monkeypatch.setattr(sys, "stdout", screen)
    shown_on(Style())(["b.html"], last)
    assert written[0] == CLEAR


def test_watch_as_a_program_ends_with_the_last_code() -> None:
    path = draft(b"<p>Good morning</p>")
    command = [sys.executable, "-m", "spamlint", "check", "--watch", "--fail-on", "warn", "--no-color", "draft.html"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=ENVIRONMENT, text=True) as process:
        assert process.stdout is not None
        while "watching" not in process.stdout.readline():
            pass
        saved = time.monotonic()
        path.write_bytes(b"<p>Good morning</p><iframe></iframe><form></form>")
        report = ""
        while "watching" not in report:
            report += process.stdout.readline()
        took = time.monotonic() - saved
        process.send_signal(signal.SIGINT)
        assert process.wait() == 1
    assert "script/iframe" in report
    assert took < 5  # on an idle machine 0.2 s
