"""`spamlint smtp` at the command line: servers and options, languages, the prompt for the password."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from smtp_servers import PASSWORD, USER, Relay, aiosmtpd_server

from spamlint.cli import main
from spamlint.errors import ConfigError
from spamlint.report.smtp_words import SMTP_WORDS
from spamlint.smtp_probe.target import Target, target_of

MAIL = ("--from", "ann@mill.example", "--to", "bo@clients.example")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROBE_PASSWORD", PASSWORD)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("mail.example", Target("mail.example", 25)),
        ("mail.example:587", Target("mail.example", 587)),
        ("192.0.2.7:2525", Target("192.0.2.7", 2525)),
        ("[192.0.2.7]:587", Target("192.0.2.7", 587)),
        ("[192.0.2.7]", Target("192.0.2.7", 25)),
        ("[2001:db8::1]", Target("2001:db8::1", 25)),
        ("[IPv6:2001:db8::1]:465", Target("2001:db8::1", 465)),
        ("2001:db8::1", Target("2001:db8::1", 25)),
        ("mail.example.", Target("mail.example", 25)),
    ],
)
def test_a_server_is_named_in_every_usual_way(text: str, target: Target) -> None:
    assert target_of(text, 25) == target


@pytest.mark.parametrize(
    "text", ["", ":25", "a b", "mail.example:", "mail.example:0", "x:99999", "[mail.example]", "[192.0.2.7", "[::1]x",
             "mail.example:²", "-x.example", "smtp://mail.example", "a" * 300]
)  # fmt: skip
def test_what_names_no_server_is_told(text: str) -> None:
    with pytest.raises(ConfigError):
        target_of(text, 25)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("mail.example", "--to", "bo@clients.example"), "--to needs --from"),
        (("mail.example", "--from", "a@b.example\r\nDATA", "--to", "bo@clients.example"), "--from"),
        (("mail.example", "--from", "", "--to", "Bo <bo@clients.example>"), "--to"),
        (("mail.example", "--helo", "a b"), "--helo"),
        (("mail.example", "--user", "ann", "--password-env", "NO_SUCH_VARIABLE"), "NO_SUCH_VARIABLE"),
        (("mail.example", "--password-env", "PROBE_PASSWORD"), "--user"),
        (("mail.example", "--user", "ann"), "--password-env"),
        (("mail.example", "--timeout", "0"), "--timeout"),
        (("mail.example", "--timeout", "nan"), "--timeout"),
        (("mail example",), "is no server"),
        (("localhost:1", "--ca-file", "nowhere.pem"), "nowhere.pem"),
    ],
)
def test_wrong_use_is_told_in_one_line(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["smtp", *arguments, "--no-config"]) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert len(shown.err.splitlines()) == 1
    assert shown.out == ""


def test_the_report_speaks_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert {name: set(words) for name, words in SMTP_WORDS.items()}["en"] == set(SMTP_WORDS["nl"])
    with aiosmtpd_server(Relay()) as port:
        for language, words in (("en", ("refused: the server", "means")), ("nl", ("geweigerd: de server", "betekent"))):
            assert main(["smtp", f"localhost:{port}", *MAIL, "--lang", language, "--no-config"]) == 1
            shown = capsys.readouterr().out
            assert all(word in shown for word in words)
            assert "550 5.7.1 Unable to relay" in shown


def test_the_example_in_python() -> None:
    script = Path(__file__).parent.parent / "examples" / "sender" / "try_server.py"
    with aiosmtpd_server(Relay()) as port:
        command = [sys.executable, str(script), f"127.0.0.1:{port}", "ann@mill.example", "bo@clients.example"]
        path = {**os.environ, "PYTHONPATH": str(script.parents[2])}
        done = subprocess.run(command, env=path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("refused: RCPT 550 5.7.1 Unable to relay\n", "")


def test_the_password_is_asked_for_and_not_shown() -> None:
    pty = pytest.importorskip("pty")
    keyboard, terminal = pty.openpty()
    with aiosmtpd_server(Relay(), auth_require_tls=False) as port:
        command = [
            sys.executable,
            "-m",
            "spamlint",
            "smtp",
            f"localhost:{port}",
            "--user",
            USER,
            "--insecure",
            "--no-config",
        ]
        root = str(Path(__file__).parent.parent)
        with subprocess.Popen(
            command, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, cwd=root
        ) as process:
            os.close(terminal)
            assert process.stderr is not None
            assert process.stderr.read(10) == b"Password: "
            os.write(keyboard, PASSWORD.encode() + b"\n")
            out, err = process.communicate(timeout=60)
    os.close(keyboard)
    assert (process.returncode, err.strip()) == (0, b"")
    assert b"235 2.7.0" in out
    assert PASSWORD.encode() not in out
