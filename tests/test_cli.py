"""The command line as a whole: exit codes, order, streams, and that no person's mistake ends in a traceback."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from spamlint.cli import COMMANDS, main
from spamlint.report import json as json_report

SCHEMA = json.loads((Path(json_report.__file__).parent / json_report.SCHEMA).read_text("utf-8"))
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}

GOOD = (
    b"From: Ann Bakker <ann@bakery.example>\r\nTo: Bo <bo@clients.example>\r\nSubject: Your bread\r\n"
    b"Date: Mon, 02 Nov 2026 09:30:00 +0100\r\nMessage-ID: <1@bakery.example>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nGood morning Bo,\r\n\r\nthe bread is ready.\r\n\r\nAnn\r\n"
)
NO_SUBJECT = GOOD.replace(b"Subject: Your bread\r\n", b"")

RULE = """
title = "The word bread"
severity = "SEVERITY"
score = SCORE
message = "{count} times bread"
why = "It is only a test."
fix = "Write cake."
blocks = BLOCKS
[match]
fields = ["body"]
phrases = ["bread"]
[nl]
title = "Het woord bread"
message = "{count} keer bread"
why = "Het is maar een test."
fix = "Schrijf cake."
[[example]]
text = 'bread'
finds = ["bread"]
[[example]]
text = 'cake'
finds = []
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test runs in an empty folder, without settings above it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, data: bytes | str = GOOD) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return name


def pack(*, severity: str = "warning", score: str = "2.5", blocks: bool = False) -> None:
    """Settings with one rule, which finds the bread in the good message."""
    rule = RULE.replace("SEVERITY", severity).replace("SCORE", score).replace("BLOCKS", str(blocks).lower())
    write("pack/words/bread.toml", rule)
    write("spamlint.toml", 'rule-packs = ["pack"]\nselect = ["words"]\n')


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, the JSON report (which follows its schema), and what was complained about."""
    code = main(["check", "--format", "json", *arguments])
    out, err = capsys.readouterr()
    report: dict[str, Any] = json.loads(out)
    jsonschema.validate(report, SCHEMA)
    return code, report, err


def spamlint(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "spamlint", *arguments]
    return subprocess.run(command, capture_output=True, timeout=60, check=False, env=ENVIRONMENT, **options)


def test_a_good_message_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", write("a.eml")]) == 0
    assert capsys.readouterr() == ("a.eml: pass, 0.0 of 5.0 points (profile message)\n", "")


def test_a_finding_is_shown_with_place_reason_and_cure(capsys: pytest.CaptureFixture[str]) -> None:
    pack()
    assert main(["check", write("a.eml")]) == 0
    assert capsys.readouterr().out == (
        "a.eml: warning, 2.5 of 5.0 points (profile message, a warning from 2.0)\n"
        "\n"
        "  warning  2.5  The word bread\n"
        "                1 times bread\n"
        "    where    part 1, line 3:5 (file line 11)\n"
        "             | the bread is ready.\n"
        "             |     ^^^^^\n"
        "    why      It is only a test.\n"
        "    fix      Write cake.\n"
        "    rule     words/bread, regains 2.5 points\n"
        "\n"
    )


def test_the_report_speaks_dutch(capsys: pytest.CaptureFixture[str]) -> None:
    pack()
    assert main(["check", "--lang", "nl", write("a.eml")]) == 0
    out = capsys.readouterr().out
    assert "2,5 van 5,0 punten" in out
    assert "Schrijf cake." in out
    with Path("spamlint.toml").open("a") as file:
        file.write('lang = "nl"\n')
    main(["check", "a.eml"])
    assert capsys.readouterr().out == out


@pytest.mark.parametrize(
    ("rule", "options", "code"),
    [
        ({}, [], 0),
        ({}, ["--fail-on", "warn"], 1),
        ({"score": "5.0"}, [], 0),  # one topic adds 4.0 at most
        ({"blocks": True}, [], 1),
        ({"blocks": True}, ["--ignore", "words/*"], 0),
        ({"blocks": True}, ["--select", "subject,html", "--select", "script"], 0),
        ({"severity": "error", "score": "0.0"}, ["--fail-on", "warn"], 1),
        ({"severity": "note", "score": "0.1"}, ["--fail-on", "warn"], 0),
    ],
)
def test_exit_codes(rule: dict[str, Any], options: list[str], code: int) -> None:
    pack(**rule)
    assert main(["check", *options, write("a.eml")]) == code


def test_fail_on_may_stand_in_the_settings() -> None:
    pack()
    with Path("spamlint.toml").open("a") as file:
        file.write('fail-on = "warn"\n')
    assert main(["check", write("a.eml")]) == 1
    assert main(["check", "--fail-on", "block", "a.eml"]) == 0


def test_an_unreadable_file_hides_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    pack(blocks=True)
    code, report, err = checked(capsys, "absent.eml", write("a.eml"), "gone/", write("b.eml"))
    assert code == 2
    assert [(file["path"], file["outcome"]) for file in report["files"]] == [("a.eml", "block"), ("b.eml", "block")]
    assert report["unreadable"] == [
        {"path": "absent.eml", "reason": "No such file or directory"},
        {"path": "gone/", "reason": "No such file or directory"},
    ]
    assert err == ("spamlint: absent.eml: No such file or directory\nspamlint: gone/: No such file or directory\n")


def test_an_incomplete_verdict_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(60))
    code, report, _ = checked(capsys, write("deep.eml", b"Subject: x\r\n" + deep))
    assert report["files"][0]["incomplete"] is True
    assert code == 2


def test_json_has_the_places_of_an_mbox(capsys: pytest.CaptureFixture[str]) -> None:
    pack()
    envelope = b"From ann@bakery.example Mon Nov  2 09:30:00 2026\r\n"
    whole = (envelope + GOOD + b"\r\n") * 3
    code, report, _ = checked(capsys, write("box.mbox", whole))
    assert code == 0
    assert [file["message_index"] for file in report["files"]] == [0, 1, 2]
    for number, file in enumerate(report["files"]):
        (found,) = file["findings"]
        raw = found["raw"]
        assert whole[raw["start"] : raw["end"]] == b"bread"
        assert raw["line"] == whole[: raw["start"]].count(b"\n") + 1
        assert raw["start"] > number * (len(whole) // 3)
        assert (found["part"], found["line"], found["column"], found["end_column"]) == ("1", 3, 5, 10)
        assert found["excerpt"] == "the bread is ready."


def test_jsonl_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--format", "jsonl", write("a.eml"), "absent", write("b.eml", NO_SUBJECT)]) == 2
    out, err = capsys.readouterr()
    rows = [json.loads(line) for line in out.splitlines()]
    for row in rows:
        jsonschema.validate(row, SCHEMA)
    assert [row["path"] for row in rows] == ["a.eml", "b.eml"]
    assert [found["rule"] for found in rows[1]["findings"]] == ["subject/missing"]
    assert err == "spamlint: absent: No such file or directory\n"


def test_a_draft_gets_the_subject_that_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    html = (
        "<!DOCTYPE html><html><head><meta charset=utf-8><title>x</title></head><body><p>Good morning</p></body></html>"
    )
    write("draft.html", html)
    _, bare, _ = checked(capsys, "--select", "subject", "draft.html")
    _, shouting, _ = checked(capsys, "--select", "subject", "--subject", "BUY OUR BREAD AND CAKES NOW", "draft.html")
    assert bare["files"][0]["profile"] == "draft"
    assert bare["files"][0]["findings"] != shouting["files"][0]["findings"]
    assert [found["rule"] for found in shouting["files"][0]["findings"]] == ["subject/all-capitals"]
    assert [found["raw"] for found in shouting["files"][0]["findings"]] == [None]


def test_quiet_shows_only_what_fails(capsys: pytest.CaptureFixture[str]) -> None:
    pack(blocks=True)
    cake = GOOD.replace(b"bread", b"cake")
    paths = [write("a.eml", cake), write("b.eml"), write("c.eml", cake)]
    assert main(["check", "--quiet", *paths]) == 1
    out = capsys.readouterr().out
    assert out.startswith("b.eml: block")
    assert "a.eml" not in out
    assert "checked" not in out
    assert [file["path"] for file in checked(capsys, "--quiet", *paths)[1]["files"]] == ["b.eml"]
    assert main(["check", "--quiet", "a.eml"]) == 0
    assert capsys.readouterr() == ("", "")


def test_many_files_get_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    pack()
    assert main(["check", write("a.eml"), write("b.eml"), "absent"]) == 2
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "2 messages checked: 0 pass, 2 warning, 0 block, 1 unreadable",
        "Most frequent rules:",
        "  2  words/bread  The word bread",
    ]


def test_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, profile in ((None, "message"), ("page.html", "draft")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GOOD)))
        _, report, _ = checked(capsys, *(["--stdin-filename", name] if name else []), "-")
        assert [(file["path"], file["profile"]) for file in report["files"]] == [(name or "-", profile)]


def test_per_file_ignores_hold_for_paths(capsys: pytest.CaptureFixture[str]) -> None:
    pack()
    with Path("spamlint.toml").open("a") as file:
        file.write('[per-file-ignores]\n"archive/*" = ["words"]\n')
    _, report, _ = checked(capsys, write("archive/a.eml"), write("b.eml"))
    assert [len(file["findings"]) for file in report["files"]] == [0, 1]


def test_several_processes_say_the_same_in_the_same_order(capsys: pytest.CaptureFixture[str]) -> None:
    pack()
    for number in range(30):
        write(f"many/{number:02}.eml", GOOD.replace(b"bread is", b"bread " * (number % 7) + b"is"))

    one = checked(capsys, "-j", "1", "many", "absent", "many/03.eml")
    assert checked(capsys, "-j", "3", "many", "absent", "many/03.eml") == one
    assert checked(capsys, "many", "absent", "many/03.eml") == one
    assert [file["path"] for file in one[1]["files"]] == [*(f"many/{n:02}.eml" for n in range(30)), "many/03.eml"]


def test_several_processes_share_an_mbox_from_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    envelope = b"From ann@bakery.example Mon Nov  2 09:30:00 2026\n"
    large = GOOD + b"more bread\r\n" * 20_000
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((envelope + large + b"\n") * 12)))
    _, report, _ = checked(capsys, "-j", "2", "-")
    assert [file["message_index"] for file in report["files"]] == list(range(12))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chekc", "a.eml"], "spamlint: 'chekc' is no command; did you mean spamlint check?\n"),
        (["a.eml"], "spamlint: 'a.eml' is no command; to check mail: spamlint check a.eml\n"),
        (["check"], "spamlint: the following arguments are required: PATH\n"),
        (["check", "--formt", "json", "a.eml"], "unrecognized arguments: --formt"),
        (["check", "--format", "xml", "a.eml"], "argument --format: there is no format 'xml': choose from text, json"),
        (["check", "-j", "0", "a.eml"], "argument -j: must be a number of processes, not '0'"),
        (
            ["check", "--select", "subjekt", "a.eml"],
            "--select: 'subjekt' is no rule, topic or glob of them, did you mean",
        ),
        (["check", "--config", "absent.toml", "a.eml"], "spamlint: absent.toml: cannot be read: No such file"),
        (["check", "--config", "a.toml", "--no-config", "a.eml"], "not allowed with argument"),
        (["explain", "subject/mising"], "there is no rule 'subject/mising', did you mean 'subject/missing'?"),
        (["explain", "mising"], "there is no rule 'mising', did you mean 'missing'?"),
        (["explain", "qqq"], "there is no rule 'qqq'; spamlint rules lists all"),
        (["rules", "subjects"], "'subjects' is no rule, topic or glob of them, did you mean 'subject'?"),
        (["init", "absent/spamlint.toml"], "spamlint: absent/spamlint.toml: cannot be written: No such file"),
    ],
)
def test_mistakes_are_told_in_plain_words(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    write("a.eml")
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert all(line.startswith("spamlint: ") for line in err.splitlines())
    assert out == ""


def test_everything_wrong_with_the_settings_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    write("spamlint.toml", "warn-at = -1\nprofle = 1\n")
    assert main(["check", write("a.eml")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert main(["check", "--no-config", "a.eml"]) == 0


def test_settings_are_found_from_a_folder_below(monkeypatch: pytest.MonkeyPatch) -> None:
    pack(blocks=True)
    write("deep/er/a.eml")
    monkeypatch.chdir("deep/er")
    assert main(["check", "a.eml"]) == 1


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("spamlint 0.")
    for command in COMMANDS:
        assert main([command, "--help"]) == 0
        out = capsys.readouterr().out
        assert "examples:" in out
        assert all(len(line) <= 120 for line in out.splitlines())
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {command} " in out for command in COMMANDS)
    assert main([]) == 2


def test_hostile_names_reach_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", write("\x1b[31m\u202e.eml"), "\x1b[2Jabsent"]) == 2
    out, err = capsys.readouterr()
    assert out.startswith("\\x1b[31m\\u202e.eml: pass")
    assert err == "spamlint: \\x1b[2Jabsent: No such file or directory\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "options", "coloured"),
    [({}, [], True), ({"NO_COLOR": "1"}, [], False), ({"TERM": "dumb"}, [], False), ({}, ["--no-color"], False)],
)
def test_colour_is_for_terminals(
    environment: dict[str, str], options: list[str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    main(["check", *options, write("a.eml")])
    assert ("\x1b[" in terminal.getvalue()) is coloured


def test_a_progress_bar_shows_long_work_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spamlint.cli.progress._PATIENCE", 0.0)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    for number in range(25):
        write(f"many/{number}.eml")
    assert main(["check", "-j", "1", "many"]) == 0
    assert "100%" in terminal.getvalue() or "B/s" in terminal.getvalue()
    assert capsys.readouterr().out.count("pass") == 26


def test_the_program_as_a_whole() -> None:
    write("a.eml", NO_SUBJECT)
    ran = spamlint("check", "a.eml", "-", input=GOOD)
    assert ran.returncode == 0
    assert ran.stderr == b""
    assert b"subject/missing" in ran.stdout
    assert b"-: pass" in ran.stdout
    assert b"\x1b" not in ran.stdout


def test_one_plain_message_needs_no_heavy_library() -> None:
    write("a.eml")
    code = "import sys; from spamlint.cli import main; main(['check', 'a.eml']); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=ENVIRONMENT)
    assert not {"turbohtml", "tqdm", "multiprocessing", "shutil", "email"} & set(ran.stdout.split())
    assert "a.eml: pass" in ran.stdout


def test_a_reader_that_leaves_makes_no_noise() -> None:
    for number in range(60):
        write(f"many/{number}.eml", NO_SUBJECT)
    with subprocess.Popen(
        [sys.executable, "-m", "spamlint", "check", "many"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_report_that_cannot_be_written_is_told() -> None:
    write("a.eml")
    command = [sys.executable, "-m", "spamlint", "check", "a.eml"]
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, env=ENVIRONMENT)
    assert (ran.returncode, ran.stderr) == (2, b"spamlint: [Errno 28] No space left on device\n")


def test_an_interrupt_ends_at_once_and_without_a_traceback() -> None:

    for number in range(400):
        write(f"many/{number}.eml")
    with subprocess.Popen(
        [sys.executable, "-m", "spamlint", "check", "--format", "jsonl", "-j", "2", *["many"] * 50],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        process.stdout.read()
        assert process.stderr.read() == b""
    assert process.returncode == 130
