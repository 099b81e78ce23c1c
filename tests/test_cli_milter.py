"""`spamlint milter` as an operator runs it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import milter_client as mta
import milter_process
import postfix
import pytest
import smtp_sink

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"

STRICT = 'block-at = 3.0\n[guard]\naction = "reject"\nworkers = 1\nbudget = { message-mb = 1 }\n'
LAX = STRICT.replace("3.0", "30.0")


def sent(port: int, name: str, user: str = "ann") -> mta.Reply:
    """What the milter says in the end about an example."""
    header, body = (EXAMPLES / name).read_bytes().replace(b"\r\n", b"\n").split(b"\n\n", 1)
    with mta.connected(port) as client:
        client.send(
            mta.macros(b"M", {"{auth_authen}": user} if user else {}),
            mta.packet(b"M", b"<a@client.example>\0"),
            mta.packet(b"R", b"<b@there.example>\0"),
            *(mta.packet(b"L", line.replace(b":", b"\0", 1) + b"\0") for line in _fields(header)),
            mta.packet(b"N"),
        )
        first = client.until(b"c", b"a")[-1]
        if first[0] == b"a":
            return first
        client.send(mta.packet(b"B", body.replace(b"\n", b"\r\n")), mta.packet(b"E"))
        return client.until(b"c", b"y", b"t", b"r")[-1]


def _fields(header: bytes) -> list[bytes]:
    found: list[bytes] = []
    for line in header.split(b"\n"):
        if line[:1] in b" \t":
            found[-1] += b"\n" + line
        else:
            found.append(line)
    return found


def test_settings_are_used_and_read_again_when_that_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "spamlint.toml"
    file.write_text(STRICT)
    (port,) = postfix.free_ports(1)
    with milter_process.running(port, ("--config", str(file))) as milter:
        command, text = sent(port, "deceptive-links.eml")
        assert command == b"y"
        assert text.startswith(b"550-5.7.1 ")
        assert b"(links/shown-domain-differs)" in text
        assert b"\r\n550 5.7.1 Report " in text
        assert sent(port, "good-plain.eml")[0] == b"c"
        assert sent(port, "deceptive-links.eml", user="")[0] == b"a"
        reload(milter, file, LAX, "new settings and rules are in use")
        assert sent(port, "deceptive-links.eml")[0] == b"c"
        reload(milter, file, "[guard]\naction = 7\n", "the old ones stay")
        assert sent(port, "deceptive-links.eml")[0] == b"c"
        assert milter.stop() == 0
        assert "guard.action" in milter.said()
        assert milter.said().count('"hook": "milter"') == 5


def reload(milter: milter_process.MilterProcess, file: Path, text: str, answer: str) -> None:
    """Changes the settings, and waits until the milter says what it makes of them."""
    file.write_text(text)
    assert milter.process is not None
    milter.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + milter_process.TIMEOUT
    while answer not in milter.said():
        assert time.monotonic() < end, milter.said()
        time.sleep(0.02)


def test_a_message_over_the_limit_is_put_off_and_not_kept(tmp_path: Path) -> None:
    file = tmp_path / "spamlint.toml"
    file.write_text(STRICT)
    (port,) = postfix.free_ports(1)
    with milter_process.running(port, ("--config", str(file))) as milter, mta.connected(port) as client:
        client.send(mta.message("good", body=b"x" * 1_500_000))
        assert client.until(b"c") == [(b"c", b"")]
        command, text = client.until(b"y", b"c")[-1]
        assert (command, text[:9]) == (b"y", b"451-4.7.1")
        assert '"unjudged": "over-limit"' in milter.said()


def test_a_unix_socket_has_the_permissions_that_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "milter.sock"
    command = [sys.executable, "-m", "spamlint", "milter", "--listen", f"unix:{path}", "--socket-mode", "660"]
    with subprocess.Popen([*command, "--no-config"], cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == f"spamlint: listening on unix:{path}\n"
        assert path.stat().st_mode & 0o777 == 0o660
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            connection.settimeout(mta.TIMEOUT)
            client = mta.Client(connection)
            client.send(mta.negotiation(), mta.message("good"))
            assert client.until(b"O")
            assert client.until(b"c")
            assert client.until(b"c")
        process.terminate()
        assert process.wait(mta.TIMEOUT) == 0
        process.stderr.read()
    assert not path.exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "--listen"),
        (["--listen", "nowhere"], "is no address"),
        (["--listen", "inet:8893@127.0.0.1", "--config", "missing.toml"], "missing.toml"),
    ],
)
def test_wrong_use_is_told_in_one_message(arguments: list[str], complaint: str) -> None:
    command = [sys.executable, "-m", "spamlint", "milter", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["main.cf", "master.cf"])
def test_the_lines_for_postfix_work(name: str, tmp_path: Path) -> None:
    (port,) = postfix.free_ports(1)
    lines = (EXAMPLES / "postfix" / name).read_text().splitlines()
    value = next(
        line.partition("smtpd_milters = ")[2] for line in lines if "smtpd_milters = " in line and line[0] != "#"
    )
    value = value.replace("127.0.0.1:8893", f"127.0.0.1:{port}")
    main, listener = ({"smtpd_milters": value}, {}) if name == "main.cf" else ({}, {"smtpd_milters": value[:-2]})
    file = tmp_path / "spamlint.toml"
    file.write_text(STRICT)
    with (
        smtp_sink.running() as sink,
        postfix.running(main, [listener], sink=sink.port) as server,
        milter_process.running(port, ("--config", str(file))) as milter,
    ):
        with server.login("ann") as client:
            client.sendmail("a@client.example", ["b@there.example"], (EXAMPLES / "good-plain.eml").read_bytes())
        assert sink.wait_for(b"Subject: ")
        milter.kill()
        with server.login("ann") as client:
            assert client.docmd("MAIL", "FROM:<a@client.example>")[0] == 451
