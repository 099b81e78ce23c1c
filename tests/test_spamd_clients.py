"""`spamlint spamd` as an operator runs it, asked by real clients: spamc, aiospamc and Exim."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import aiospamc
import exim
import postfix
import pytest
from hook_server import BAD, EXAMPLES, GOOD, Program, complaint, program
from service_thread import TIMEOUT

STRICT = 'block-at = 3.0\n[guard]\naction = "reject"\nworkers = 1\nbudget = { message-mb = 1 }\n'
NAME = "SPL_LINKS_SHOWN_DOMAIN_DIFFERS"


@pytest.fixture(scope="module")
def spamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A service that blocks at three points."""
    file = tmp_path_factory.mktemp("spamd") / "spamlint.toml"
    file.write_text(STRICT)
    with program("spamd", "--listen", "127.0.0.1:0", "--config", str(file)) as found:
        yield found


def spamc(spamd: Program, mail: bytes, *options: str) -> tuple[int, bytes]:
    """The exit code and the output of spamc."""
    if shutil.which("spamc") is None:
        pytest.skip("spamc is not installed")
    command = ["spamc", "-F", "/dev/null", "-d", "127.0.0.1", "-p", str(spamd.port), "-s", "5000000", *options]
    done = subprocess.run(command, input=mail, capture_output=True, check=False, timeout=TIMEOUT)
    return done.returncode, done.stdout


def test_spamc_checks(spamd: Program) -> None:
    code, said = spamc(spamd, BAD, "-c")
    assert code == 1
    assert re.fullmatch(rb"([5-9]|\d\d)\.\d/5\.0\n", said)
    assert spamc(spamd, GOOD, "-c") == (0, b"0.0/5.0\n")
    assert spamc(spamd, GOOD, "-K") == (0, b"SPAMD/1.5 0\n")


def test_spamc_tells_rules_and_reports(spamd: Program) -> None:
    code, said = spamc(spamd, BAD, "-y")
    assert code == 0
    assert NAME.encode() in said.split(b",")
    code, said = spamc(spamd, BAD, "-R")
    assert re.match(rb"\d+\.\d/5\.0\nspamlint finds that this message looks like unwanted mail\.\nReport \w+\n", said)
    assert f" {NAME} ".encode() in said
    assert b"\nspamlint finds that" in spamc(spamd, BAD, "-r")[1]
    assert spamc(spamd, GOOD, "-r") == (0, b"")


@pytest.mark.parametrize("options", [(), ("--headers",), ("-E",)])
def test_spamc_gives_the_message_with_its_verdict(spamd: Program, options: tuple[str, ...]) -> None:
    code, said = spamc(spamd, BAD, *options)
    assert code == (1 if "-E" in options else 0)
    assert b"X-Spam-Flag: YES" in said
    assert b"X-Spam-Status: Yes, score=" in said
    assert said.endswith(BAD)
    assert b"X-Spam-Flag" not in spamc(spamd, GOOD, *options)[1]


def test_spamc_is_told_what_cannot_be_done(spamd: Program) -> None:
    large = b"x" * 2_000_000
    assert spamc(spamd, large, "-x", "-c")[0] == 74  # an error, whatever the code is
    assert spamc(spamd, large) == (0, large)  # without -x the message goes on as it is
    assert spamc(spamd, large, "-c") == (0, b"0/0\n")
    assert spamc(spamd, GOOD, "-L", "spam")[0] == 74


def test_aiospamc_checks_reports_and_asks(spamd: Program) -> None:
    async def asked() -> None:
        where = {"host": "127.0.0.1", "port": spamd.port}
        assert (await aiospamc.ping(**where)).message == "PONG"
        checked = await aiospamc.check(BAD, **where)
        assert checked.headers.spam.value is True
        assert checked.headers.spam.score >= checked.headers.spam.threshold == 5.0
        assert NAME.encode() in (await aiospamc.symbols(BAD, **where)).body
        assert b"Content analysis details" in (await aiospamc.report(BAD, **where)).body
        assert (await aiospamc.report_if_spam(GOOD, **where)).body == b""
        assert (await aiospamc.process(GOOD, **where)).body.endswith(GOOD)
        assert b"X-Spam-Status: No" in (await aiospamc.headers(GOOD, **where)).body
        assert (await aiospamc.check(BAD, compress=True, user="ann", **where)).headers.spam.value is True

    asyncio.run(asked())


def lines(name: str) -> str:
    """The lines of an example for Exim, without what is said about them."""
    text = (EXAMPLES / "exim" / name).read_text()
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


def test_exim_refuses_with_the_report(spamd: Program) -> None:
    main = lines("main").replace("127.0.0.1 783", f"127.0.0.1 {spamd.port}")
    # Clients of the test do not authenticate.
    acl = lines("acl_check_data").replace("authenticated = *", "hosts = 127.0.0.1")
    with exim.running(acl, main) as server:
        code, text = server.sent(BAD)
        assert code == 550
        assert NAME in text
        assert "Report " in text
        assert server.sent(GOOD)[0] == 250
        assert server.sent(b"Subject: long\r\n\r\n" + b"x" * 70 * 1000 + (b"\r\n" + b"y" * 70) * 15_000)[0] == 451


def test_exim_that_looks_on_lets_mail_go_and_writes_it_down(spamd: Program) -> None:
    main = lines("main").replace("127.0.0.1 783", f"127.0.0.1 {spamd.port}")
    acl = lines("acl_check_data_observe").replace("authenticated = *", "hosts = 127.0.0.1")
    with exim.running(acl, main) as server:
        assert server.sent(BAD)[0] == 250
        assert re.search(r"spamlint: would refuse, \d+\.\d points", server.log)
        assert server.sent(GOOD)[0] == 250
        assert server.log.count("would refuse") == 1


def test_exim_goes_on_without_the_service_where_it_is_told_to() -> None:
    (port,) = postfix.free_ports(1)
    main = lines("main").replace("127.0.0.1 783", f"127.0.0.1 {port}")
    acl = lines("acl_check_data").replace("authenticated = *", "hosts = 127.0.0.1")
    with exim.running(acl, main) as server:
        assert server.sent(BAD)[0] == 451
    with exim.running(acl.replace("= nobody", "= nobody/defer_ok"), main) as server:
        assert server.sent(BAD)[0] == 250


def test_a_unix_socket_serves_too(tmp_path: Path) -> None:
    path = tmp_path / "spamd.sock"
    with program("spamd", "--listen", f"unix:{path}", "--no-config", "--workers", "1") as found:
        assert found.address == f"unix:{path}"
        if shutil.which("spamc") is not None:
            done = subprocess.run(["spamc", "-U", str(path), "-c"], input=GOOD, capture_output=True, check=False)
            assert (done.returncode, done.stdout) == (0, b"0.0/5.0\n")
        assert found.stopped() == 0
    assert not path.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--listen", "0.0.0.0:0"], "--allow-ips"),
        (["--listen", "inet6:0@::"], "--allow-ips"),
        (["--listen", "127.0.0.1:0", "--allow-ips", "10.0.0.0/33"], "--allow-ips 10.0.0.0/33"),
        ([], "--listen"),
    ],
)
def test_wrong_use_is_told_in_one_message(arguments: list[str], said: str) -> None:
    assert said in complaint("spamd", "--no-config", *arguments)
