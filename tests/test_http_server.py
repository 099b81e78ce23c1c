"""The HTTP service over sockets: TLS, time limits, stopping, and that no bytes end it."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
from functools import partial
from pathlib import Path

import httpx
import pytest
from hook_server import (
    BAD,
    EXAMPLES,
    ROOT,
    Hook,
    ScriptedGuard,
    Serve,
    complaint,
    program,
    received,
    running,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from service_thread import TIMEOUT

from spamlint.cli import serve as serve_command
from spamlint.errors import ConfigError
from spamlint.hooks.http.options import Options, read_token, tls_context
from spamlint.hooks.http.server import serve

SLOW = b"POST /checkv2 HTTP/1.1\r\nHost: x\r\nContent-Length: 17\r\n\r\nSubject: slow\r\n\r\n"
PING = b"GET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
PIECES = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from([
            b"POST /v1/check HTTP/1.1\r\n", b"GET /healthz HTTP/1.1\r\n", b"Host: x\r\n", b"Content-Length: 3\r\n",
            b"Content-Length: 99999999999999999999\r\n", b"Transfer-Encoding: chunked\r\n", b"\r\n", b"0\r\n\r\n",
            b"Content-Type: message/rfc822\r\n", b"Spamlint-Profile: \xff\r\n", b"Expect: 100-continue\r\n", b"abc",
            b"POST /v1/check?sender=%ff%00&recipient=%0a HTTP/1.1\r\n", b"Content-Encoding: br\r\n",
        ]),
    ),
    max_size=12,
).map(b"".join)  # fmt: skip


def service(options: Options | None = None) -> Serve:
    return partial(serve, options=options or Options())


def is_well(hook: Hook) -> bool:
    return b"pong" in hook.asked(PING)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that has signed itself, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    return files


def token_file(folder: Path, text: str = "a-token-of-some-length\n", mode: int = 0o600) -> Path:
    file = folder / "token"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_no_bytes_end_the_service() -> None:
    with running(serve) as hook:

        @settings(deadline=None, max_examples=200)
        @given(PIECES)
        def asked(data: bytes) -> None:
            reply = hook.asked(data)
            assert reply == b"" or reply.startswith(b"HTTP/1.1 ")
            assert not reply.startswith(b"HTTP/1.1 500")

        asked()
        assert is_well(hook)


def test_a_client_that_does_not_say_what_it_wants_is_let_go() -> None:
    with running(service(Options(head=0.05))) as hook:
        for start in (b"", b"POST /v1/ch", PING.replace(b"close", b"keep-alive") + b"GET /"):
            with hook.connect() as client:
                client.sendall(start)
                assert received(client).count(b"pong") == start.count(b"ping")
        assert is_well(hook)


def test_a_client_that_takes_no_answer_is_let_go() -> None:
    with running(service(Options(head=0.2))) as hook, hook.connect() as client:
        client.settimeout(TIMEOUT)
        with pytest.raises(OSError, match=r"reset|[Pp]ipe"):
            client.sendall(b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 1_000_000)
        assert is_well(hook)


def test_a_message_that_does_not_come_is_not_waited_for() -> None:
    with running(service(Options(body=0.05))) as hook:
        head = b"POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nSubject"
        assert hook.asked(head, ends=False).startswith(b"HTTP/1.1 408")
        assert is_well(hook)


def test_a_client_that_leaves_amid_its_message_leaves_nothing() -> None:
    with running(serve) as hook:
        with hook.connect() as client:
            client.sendall(b"POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nSubject")
        assert is_well(hook)
        assert not hook.guard.asked


def test_an_error_in_one_request_leaves_the_others() -> None:
    with running(serve) as hook:
        assert hook.asked(SLOW.replace(b"slow", b"fail")).startswith(b"HTTP/1.1 500")
        assert is_well(hook)


def test_more_connections_than_allowed_are_closed() -> None:
    with running(service(Options(connections=1))) as hook, hook.connect() as first:
        first.sendall(SLOW)
        assert hook.guard.waiting.wait(TIMEOUT)
        with hook.connect() as second:
            assert received(second) == b""
        hook.guard.release.set()
        assert first.recv(100).startswith(b"HTTP/1.1 200")


def test_what_has_begun_is_finished_when_it_stops() -> None:
    with running(serve) as hook, hook.connect() as busy, hook.connect() as idle:
        busy.sendall(SLOW)
        assert hook.guard.waiting.wait(TIMEOUT)
        hook.guard.release.set()
        hook.stop()
        assert received(busy).startswith(b"HTTP/1.1 200")
        assert received(idle) == b""


def test_tls_and_a_token_are_what_strangers_need(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    token = token_file(tmp_path)
    options = ["--listen", "0.0.0.0:0", "--no-config", "--workers", "1", "--token-file", str(token)]
    options += ["--tls-cert", str(certificate[0]), "--tls-key", str(certificate[1])]
    with program("serve", *options) as found:
        trust = ssl.create_default_context(cafile=certificate[0])
        with httpx.Client(base_url=f"https://127.0.0.1:{found.port}", verify=trust, timeout=TIMEOUT) as client:
            assert client.get("/healthz").json() == {"status": "ok"}
            assert client.post("/v1/check", content=BAD).status_code == 401
            shown = {"Authorization": "Bearer a-token-of-some-length"}
            answer = client.post("/v1/check", content=BAD, headers=shown)
            assert answer.json()["decision"]["spared"] == ""
            assert answer.json()["verdict"]["outcome"] == "warn"
        assert found.stopped() == 0


def test_strangers_are_not_listened_to_without_them() -> None:
    async def served(options: Options) -> None:
        with socket.create_server(("0.0.0.0", 0)) as listener:
            listener.setblocking(False)
            stopping = asyncio.Event()
            stopping.set()
            await serve(ScriptedGuard().guard, [listener], stopping, options)

    with pytest.raises(ConfigError, match="--tls-cert and --tls-key, and --token-file"):
        asyncio.run(served(Options()))
    asyncio.run(served(Options(b"token", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--listen", "0.0.0.0:0"], "--tls-cert and --tls-key, and --token-file"),
        (["--listen", "127.0.0.1:0", "--tls-cert", "cert.pem"], "belong together"),
        (["--listen", "127.0.0.1:0", "--tls-cert", "missing.pem", "--tls-key", "key.pem"], "--tls-cert missing.pem"),
        (["--listen", "127.0.0.1:0", "--token-file", "missing"], "--token-file missing: cannot be read"),
    ],
)
def test_wrong_use_is_told_in_one_message(arguments: list[str], said: str) -> None:
    assert said in complaint("serve", "--no-config", *arguments)


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve_command, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"spamlint\[server\]"):
        serve_command.run(["--listen", "127.0.0.1:0"])


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ("a-token-of-some-length\n", 0o644, "others can read it"),
        ("a-token-of-some-length\n", 0o660, "others can read it, or its group can write it"),
        ("short\n", 0o600, "holds no token"),
        ("two words that are long\n", 0o600, "holds no token"),
        ("x" * 2000, 0o600, "holds no token"),
    ],
)
def test_a_token_must_be_secret_and_long(tmp_path: Path, text: str, mode: int, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read_token(token_file(tmp_path, text, mode))
    assert read_token(token_file(tmp_path)) == b"a-token-of-some-length"


def test_a_certificate_must_fit_its_key(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    assert tls_context(*certificate).minimum_version >= ssl.TLSVersion.TLSv1_2
    (tmp_path / "bad.pem").write_text("no key")
    with pytest.raises(ConfigError, match="no certificate and its key"):
        tls_context(certificate[0], tmp_path / "bad.pem")


def test_the_example_for_curl_works(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    path = tmp_path / "http.sock"
    with program("serve", "--listen", f"unix:{path}", "--no-config", "--workers", "1"):
        script = EXAMPLES / "http" / "check.sh"
        environment = {"PATH": "/usr/bin:/bin", "SPAMLINT_SOCKET": str(path)}
        for mail, code in (("good-plain.eml", 0), ("missing.eml", 2)):
            done = subprocess.run(["sh", script, EXAMPLES / mail], env=environment, capture_output=True, check=False)
            assert done.returncode == code, done.stderr
            assert (b'"outcome": "pass"' in done.stdout) == (code == 0)


def test_workers_judge_by_the_profile_that_is_asked_for_and_are_seen_to_work() -> None:
    with program("serve", "--listen", "127.0.0.1:0", "--no-config", "--workers", "1") as found:
        with httpx.Client(base_url=f"http://127.0.0.1:{found.port}", timeout=TIMEOUT) as client:
            assert client.get("/healthz").status_code == 200
            answer = client.post("/v1/check?profile=bulk", content=BAD).json()
            assert (answer["verdict"]["profile"], answer["decision"]["wanted"]) == ("bulk", "reject")
            assert client.post("/v1/check", content=BAD).json()["verdict"]["profile"] == "message"
            assert 'spamlint_messages_total{action="accept"' in client.get("/metrics").text
        assert found.stopped() == 0


def test_rspamc_is_answered() -> None:
    if shutil.which("rspamc") is None:
        pytest.skip("rspamc is not installed")
    with running(serve) as hook:
        where = ["rspamc", "-h", f"127.0.0.1:{hook.port}"]
        said = [*where, "--from", "a@b.example", "--rcpt", "c@d.example", "--ip", "192.0.2.7", "symbols"]
        done = subprocess.run([*said, EXAMPLES / "deceptive-links.eml"], capture_output=True, text=True, check=True)
        assert "\nAction: reject\n" in done.stdout
        assert "Symbol: SPL_LINKS_SHOWN_DOMAIN_DIFFERS (2.00)[links/shown-domain-differs]" in done.stdout
        (envelope, data), *_ = hook.guard.asked
    assert (envelope.sender, envelope.recipients, envelope.client) == ("a@b.example", ("c@d.example",), "192.0.2.7")
    assert data == BAD


def test_the_example_in_python_works() -> None:
    with program("serve", "--listen", "127.0.0.1:0", "--no-config", "--workers", "1") as found:
        script = ROOT / "examples" / "http" / "check.py"
        command = ["python3", str(script), f"http://127.0.0.1:{found.port}", str(EXAMPLES / "deceptive-links.eml")]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("warn, 4.0 of 5.0 points\n- A link shows another domain than it opens\n")
