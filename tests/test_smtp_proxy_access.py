"""Who may use the SMTP proxy, how passwords travel, and what cannot be smuggled past it."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from smtp_proxying import CERTIFICATE, OFFERED, NextServer, changed, proxying, run, server_context
from test_smtp_lines import NOT_AN_END

from spamlint.errors import ConfigError
from spamlint.hooks.reach import networks
from spamlint.hooks.smtp_proxy import access, users
from spamlint.hooks.smtp_proxy.hop import Next
from spamlint.hooks.smtp_proxy.options import Options

DATA = b"Subject: hello\r\n\r\nHello.\r\n"
PLAIN = base64.b64encode(b"\0anna\0secret")
WRONG = base64.b64encode(b"\0anna\0wrong")


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("users") / "users"
    file.write_text("# people\n\n" + users.line("anna", b"secret") + "\n")
    file.chmod(0o600)
    return file


@pytest.mark.parametrize("form", NOT_AN_END)
def test_no_message_is_smuggled_within_another(form: bytes) -> None:
    smuggled = b"MAIL FROM:<smuggler@a.example>\r\nRCPT TO:<x@b.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n"

    async def scenario() -> None:
        async with proxying() as proxy:
            client = await proxy.client()
            await client.begin()
            await client.say(b"DATA")
            client.writer.write(b"Subject: x\r\n\r\ntext" + form + smuggled)
            answer = await client.answer()
            assert answer[:9] in {b"550-5.5.2", b"550 5.6.0"}
            assert proxy.next.received == []
            assert not any(b"smuggler" in line for line in proxy.next.said)
            assert (await client.mail(DATA)).startswith(b"250 ")

    run(scenario)


def test_what_came_in_before_tls_is_not_heard_in_it() -> None:
    async def scenario() -> None:
        async with proxying(changed(tls=server_context())) as proxy:
            client = await proxy.connect()
            assert b"250 STARTTLS\r\n" in await client.hello()
            client.writer.write(b"STARTTLS\r\nMAIL FROM:<smuggler@a.example>\r\nNOOP\r\n")
            assert (await client.answer()).startswith(b"220 ")
            await client.writer.start_tls(
                ssl.create_default_context(cafile=CERTIFICATE), server_hostname="mail.example"
            )
            assert await client.say(b"MAIL FROM:<a@a.example>") == b"503 5.5.1 Say EHLO first\r\n"
            assert b"STARTTLS" not in await client.say(b"EHLO c.example")
            assert (await client.mail(DATA)).startswith(b"250 ")
            assert (await client.say(b"STARTTLS")).startswith(b"503 ")
            assert not any(b"smuggler" in line for line in proxy.next.said)

    run(scenario)


def test_a_client_that_breaks_the_handshake_ends_nobody_else() -> None:
    async def scenario() -> None:
        async with proxying(changed(tls=server_context())) as proxy:
            broken, other = await proxy.client(), await proxy.client()
            assert (await broken.say(b"STARTTLS")).startswith(b"220 ")
            broken.writer.write(b"MAIL FROM:<a@a.example>\r\n" * 100)
            await broken.reader.read()
            assert (await other.mail(DATA)).startswith(b"250 ")

    run(scenario)


def test_tls_may_come_first() -> None:
    async def scenario() -> None:
        async with proxying(changed(tls=server_context(), is_tls_first=True)) as proxy:
            context = ssl.create_default_context(cafile=CERTIFICATE)
            reader, writer = await asyncio.open_connection("localhost", proxy.port, ssl=context, family=socket.AF_INET)
            client = type(await proxy.connect())(reader, writer)
            assert b"STARTTLS" not in await client.hello()
            assert (await client.mail(DATA)).startswith(b"250 ")
            writer.close()

    run(scenario)


def test_a_stranger_has_to_log_in(people: Path) -> None:
    async def scenario() -> None:
        async with proxying(changed(allow=(), auth="file", users=people, tls=server_context())) as proxy:
            client = await proxy.client()
            assert (await client.say(b"MAIL FROM:<a@a.example>")).startswith(b"530 5.7.0")
            await client.start_tls()
            assert b"250 AUTH PLAIN LOGIN\r\n" in await client.say(b"EHLO c.example")
            assert (await client.say(b"AUTH PLAIN " + WRONG)).startswith(b"535 5.7.8")
            assert (await client.say(b"AUTH PLAIN " + PLAIN)).startswith(b"235 2.7.0")
            assert (await client.say(b"AUTH PLAIN " + PLAIN)).startswith(b"503 ")
            assert (await client.mail(DATA)).startswith(b"250 ")
            assert proxy.judge.seen[0].user == "anna"
            assert not any(line.startswith(b"AUTH") for line in proxy.next.said)

    run(scenario)


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        ([b"AUTH PLAIN", PLAIN], [b"334", b"235"]),
        ([b"AUTH LOGIN", base64.b64encode(b"anna"), base64.b64encode(b"secret")], [b"334", b"334", b"235"]),
        ([b"AUTH LOGIN " + base64.b64encode(b"anna"), base64.b64encode(b"wrong")], [b"334", b"535"]),
        ([b"AUTH PLAIN " + base64.b64encode(b"cleo\0anna\0secret")], [b"535"]),
        ([b"AUTH PLAIN " + base64.b64encode(b"\0bob\0secret")], [b"535"]),
        ([b"AUTH PLAIN", b"*"], [b"334", b"501"]),
        ([b"AUTH PLAIN ???"], [b"501"]),
        ([b"AUTH CRAM-MD5"], [b"504"]),
        ([b"AUTH"], [b"501"]),
        ([b"AUTH PLAIN " + WRONG] * 3, [b"535", b"535", b"421"]),
    ],
)
def test_logins_by_file(
    people: Path, lines: list[bytes], codes: list[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    async def scenario() -> None:
        async with proxying(changed(auth="file", users=people)) as proxy:
            client = await proxy.client()
            assert [(await client.say(line))[:3] for line in lines] == codes

    run(scenario)
    assert ("a login from 127.0.0.1 has failed" in capsys.readouterr().err) is (
        codes[-1] not in {b"235", b"501", b"504"}
    )


def test_a_client_that_is_not_listed_is_sent_away_where_nobody_can_log_in() -> None:
    async def scenario() -> None:
        async with proxying(changed(allow=())) as proxy:
            client = await proxy.connect()
            assert (await client.answer()).startswith(b"554 5.7.1")
            assert await client.answer() == b""

    run(scenario)


CRAM = {b"AUTH CRAM-MD5": b"334 PDEyQGEuZXhhbXBsZT4=\r\n", b"YW5uYSA": b"235 2.7.0 Welcome\r\n"}


@pytest.mark.parametrize(
    ("answers", "lines", "codes", "user"),
    [
        ({b"AUTH PLAIN " + PLAIN: b"235 ok\r\n"}, [b"AUTH PLAIN " + PLAIN], [b"235"], "anna"),
        ({b"AUTH PLAIN": b"334 \r\n", PLAIN: b"235 ok\r\n"}, [b"AUTH PLAIN", PLAIN], [b"334", b"235"], "anna"),
        (CRAM, [b"AUTH CRAM-MD5", base64.b64encode(b"anna 0123")], [b"334", b"235"], "anna"),
        ({b"AUTH": b"535-5.7.8 No\r\n535 5.7.8 see x\r\n"}, [b"AUTH PLAIN " + WRONG], [b"535"], ""),
        (
            {b"AUTH XOAUTH2": b"235 ok\r\n"},
            [b"AUTH XOAUTH2 " + base64.b64encode(b"user=anna@a.example\x01auth=Bearer x\x01\x01")],
            [b"235"],
            "anna@a.example",
        ),
        ({b"AUTH": b"334 \r\n", b"*": b"501 5.7.0 cancelled\r\n"}, [b"AUTH PLAIN", b"*"], [b"334", b"501"], ""),
        ({}, [b"AUTH GSSAPI"], [b"504"], ""),
    ],
    ids=["plain", "plain, asked", "cram-md5", "wrong", "xoauth2", "given up", "bound to the connection"],
)
def test_logins_by_the_next_server(
    answers: dict[bytes, bytes], lines: list[bytes], codes: list[bytes], user: str
) -> None:
    async def scenario() -> None:
        offered = (*OFFERED, "AUTH PLAIN CRAM-MD5 GSSAPI XOAUTH2")
        async with proxying(changed(allow=(), auth="next"), NextServer(extensions=offered, answers=answers)) as proxy:
            client = await proxy.connect()
            assert b"AUTH PLAIN CRAM-MD5 XOAUTH2\r\n" in await client.hello()
            assert [(await client.say(line))[:3] for line in lines] == codes
            answer = await client.say(b"MAIL FROM:<a@a.example> AUTH=<>")
            assert answer[:3] == (b"250" if user else b"530")
            if user:
                await client.say(b"RCPT TO:<b@b.example>")
                await client.send(DATA)
                assert proxy.judge.seen[0].user == user
                assert proxy.next.received[0].commands[0] == b"MAIL FROM:<a@a.example> AUTH=<>"

    run(scenario)


def test_a_login_is_not_known_any_more_after_starttls() -> None:
    async def scenario() -> None:
        server = NextServer(extensions=(*OFFERED, "AUTH PLAIN"), answers={b"AUTH": b"235 ok\r\n"})
        async with proxying(changed(allow=(), auth="next", tls=server_context()), server) as proxy:
            client = await proxy.client()
            assert (await client.say(b"AUTH PLAIN " + PLAIN)).startswith(b"235")
            await client.start_tls()
            await client.say(b"EHLO c.example")
            assert (await client.say(b"MAIL FROM:<a@a.example>")).startswith(b"530 ")
            assert proxy.next.sessions == 2

    run(scenario)


def test_a_password_never_goes_to_a_distant_server_in_plain_text() -> None:
    distant = Next("mail.example", 25)
    assert not Options(distant).can_relay_passwords
    assert Options(distant, insecure=True).can_relay_passwords
    assert Options(Next("127.0.0.1", 25)).can_relay_passwords
    assert Options(Next("localhost", 25)).can_relay_passwords
    assert Options(Next(path="/run/x")).can_relay_passwords
    assert Options(Next("mail.example", 25, tls="starttls")).can_relay_passwords
    blind = ssl.create_default_context()
    blind.check_hostname = False
    assert not Options(Next("mail.example", 25, tls="starttls", context=blind)).can_relay_passwords


@pytest.mark.parametrize(("insecure", "code"), [(False, b"538"), (True, b"235")])
def test_a_password_from_afar_is_taken_in_plain_text_only_on_request(
    people: Path, monkeypatch: pytest.MonkeyPatch, insecure: bool, code: bytes
) -> None:
    monkeypatch.setattr(access, "LOOPBACK", networks(["192.0.2.0/24"], "--allow"))

    async def scenario() -> None:
        async with proxying(changed(allow=(), auth="file", users=people, insecure=insecure)) as proxy:
            client = await proxy.connect()
            assert (b"AUTH" in await client.hello()) is insecure
            assert (await client.say(b"AUTH PLAIN " + PLAIN))[:3] == code

    run(scenario)


@pytest.mark.parametrize("name", ["mail.example", "other.example"])
def test_the_next_server_has_to_prove_its_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        context = ssl.create_default_context(cafile=CERTIFICATE)
        server = NextServer(extensions=(*OFFERED, "STARTTLS"), context=server_context())
        loop = asyncio.get_running_loop()
        look_up = loop.getaddrinfo
        monkeypatch.setattr(loop, "getaddrinfo", lambda _, *rest, **more: look_up("127.0.0.1", *rest, **more))

        def change(options: Options) -> Options:
            to = Next(name, options.next.port, tls="starttls", context=context, hostname="proxy.example")
            return changed(next=to)(options)

        async with proxying(change, server) as proxy:
            client = await proxy.connect()
            answer = await client.hello()
            assert answer[:3] == (b"250" if name == "mail.example" else b"421")
            if name == "mail.example":
                assert (await client.mail(DATA)).startswith(b"250 ")

    run(scenario)


def listening(address: str) -> socket.socket:
    return socket.create_server((address, 0))


@pytest.mark.parametrize(
    ("allow", "authenticates", "problem"),
    [
        ([], False, "others than this machine"),
        (["127.0.0.0/8"], False, "others than this machine"),
        (["192.0.2.0/24"], False, ""),
        ([], True, ""),
        (["0.0.0.0/0"], True, "lists everybody"),
        (["::/0"], False, "lists everybody"),
    ],
)
def test_nobody_listens_to_the_world_by_mistake(allow: list[str], authenticates: bool, problem: str) -> None:
    listed = networks(allow, "--allow")
    with listening("0.0.0.0") as world, listening("127.0.0.1") as here:
        if problem:
            with pytest.raises(ConfigError, match=problem):
                access.check([here, world], listed, authenticates=authenticates)
        else:
            access.check([here, world], listed, authenticates=authenticates)
        if "everybody" not in problem:
            access.check([here], listed, authenticates=authenticates)


def test_the_proxy_does_not_send_mail_to_itself() -> None:
    async def scenario() -> None:
        async with proxying() as proxy:
            pass
        to = Next("localhost", proxy.port)
        with socket.create_server(("127.0.0.1", proxy.port)) as own:
            from smtp_proxying import Judge

            from spamlint.hooks.smtp_proxy.server import serve

            with pytest.raises(ConfigError, match="is where the proxy itself listens"):
                await serve(Judge(), [own], asyncio.Event(), Options(to))  # type: ignore[arg-type]

    run(scenario)


@pytest.mark.parametrize(
    ("text", "mode", "problem"),
    [
        ("anna:scrypt:1:2:3", 0o600, ":1: is no line of a user"),
        ("anna:scrypt:16385:8:1:AA==:AA==", 0o600, ":1: is no line of a user"),
        ("anna:scrypt:1048576:8:1:AA==:AA==", 0o600, ":1: is no line of a user"),
        ("\nanna:plain:16384:8:1:AA==:AA==", 0o600, ":2: is no line of a user"),
        ("# nobody\n", 0o600, "has no users"),
        (lambda: users.line("anna", b"x"), 0o644, "chmod 640"),
    ],
)
def test_a_file_of_users_that_cannot_be_used(
    tmp_path: Path, text: str | Callable[[], str], mode: int, problem: str
) -> None:
    file = tmp_path / "users"
    file.write_text(text if isinstance(text, str) else text())
    file.chmod(mode)
    with pytest.raises(ConfigError, match=problem):
        users.load(file)


def test_a_password_is_kept_as_a_salted_hash(people: Path) -> None:
    known = users.load(people)
    assert users.is_known(known, "anna", b"secret")
    assert not users.is_known(known, "anna", b"Secret")
    assert not users.is_known(known, "bob", b"secret")
    assert users.line("anna", b"secret") != users.line("anna", b"secret")
    assert "secret" not in people.read_text()
    with pytest.raises(ConfigError, match="no name of a user"):
        users.line("a:b", b"secret")
