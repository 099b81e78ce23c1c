"""The policy file of MTA-STS, fetched from a server on loopback that may do anything."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest
from dns_server import dns_server
from smtp_servers import Authority, authority, scripted

from spamlint.errors import ConfigError
from spamlint.sender.dns import Dns, Server
from spamlint.sender.records.lint import remarks
from spamlint.sender.records.policy_file import LARGEST, Fetched, Https, fetched

assert authority  # the fixture

POLICY = "version: STSv1\nmode: enforce\nmx: mx.mill.example\nmax_age: 1209600\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
ZONE = {
    "mta-sts.mill.example A": "127.0.0.1",
    "mill.example TXT": "v=spf1 -all",
    "mill.example MX": "10 mx.mill.example.",
    "_dmarc.mill.example TXT": "v=DMARC1; p=reject; rua=mailto:post@mill.example",
    "_mta-sts.mill.example TXT": "v=STSv1; id=1;",
}
SECONDS = 1.0
SLACK = 4.0


def got(
    authority: Authority,
    answer: Callable[[socket.socket], None],
    name: str = "mta-sts.mill.example",
    seconds: float = 30.0,
) -> Fetched:
    """What is fetched from a server with a certificate for `name` that does `answer`."""
    context = authority.context(name)

    def serve(client: socket.socket) -> None:
        with context.wrap_socket(client, server_side=True) as secured:
            secured.recv(4096)
            answer(secured)

    with dns_server(ZONE) as server, scripted(serve) as port:
        dns = Dns([Server("127.0.0.1", server.port)], 5.0, 30.0)
        return fetched(dns, "mill.example", Https(seconds, authority.file, port))


def sends(data: bytes) -> Callable[[socket.socket], None]:
    return lambda client: client.sendall(data)


def dripping(client: socket.socket) -> None:
    client.settimeout(0.05)
    client.sendall(HEAD)
    for _ in range(200):
        client.sendall(b"v")
        try:
            if not client.recv(10):
                return
        except TimeoutError:
            continue


def test_a_policy_is_fetched(authority: Authority) -> None:
    assert got(authority, sends(HEAD + POLICY.encode())) == Fetched(POLICY)


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (sends(b"HTTP/1.1 404 Not Found\r\n\r\n"), "HTTP 404"),
        (sends(b"HTTP/1.1 301 Moved\r\nLocation: https://elsewhere.example/\r\n\r\n"), "HTTP 301"),
        (sends(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>"), "Content-Type: text/html"),
        (sends(HEAD + b"x" * (LARGEST + 1)), f"more than {LARGEST} octets"),
        (sends(b"220 mail.example ESMTP\r\n"), "no HTTP"),
        (sends(b""), "no HTTP"),
        (dripping, "time-out"),
    ],
)
def test_what_is_no_policy(answer: Callable[[socket.socket], None], failure: str, authority: Authority) -> None:
    seconds = SECONDS if answer is dripping else 30.0
    start = time.monotonic()
    assert got(authority, answer, seconds=seconds) == Fetched(failure=failure)
    assert time.monotonic() - start < seconds + SLACK


def test_a_certificate_of_another_name(authority: Authority) -> None:
    found = got(authority, sends(HEAD + POLICY.encode()), "other.mill.example")
    assert found == Fetched(failure="CERTIFICATE_VERIFY_FAILED")


def test_a_host_without_an_address_and_a_file_without_authorities(authority: Authority) -> None:
    with dns_server({"mill.example A": "192.0.2.1"}) as server:
        dns = Dns([Server("127.0.0.1", server.port)], 5.0, 30.0)
        assert fetched(dns, "mill.example", Https()).failure == "no-such-name"
    with dns_server(ZONE) as server:
        dns = Dns([Server("127.0.0.1", server.port)], 5.0, 30.0)
        with pytest.raises(ConfigError):
            fetched(dns, "mill.example", Https(ca_file=authority.file.with_name("nowhere.pem")))


def test_the_lint_fetches_only_when_it_is_told_to(authority: Authority) -> None:
    asked: list[str] = []

    def serve(client: socket.socket) -> None:
        asked.append("connection")

    with dns_server(ZONE) as server, scripted(serve) as port:
        dns = Dns([Server("127.0.0.1", server.port)], 5.0, 30.0)
        assert remarks(dns, "mill.example") == []
        assert asked == []
        (remark,) = remarks(dns, "mill.example", https=Https(30.0, authority.file, port))
        assert remark.kind == "mta-sts-no-policy"
        assert asked == ["connection"]
