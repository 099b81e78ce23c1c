"""SMTP servers on loopback: aiosmtpd with TLS and AUTH, and a script that answers as badly as a test wants."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "ann", "très secret"


@dataclass
class Relay:
    """Takes mail to send on from those who logged in, and notes every recipient and message."""

    open: bool = False
    seen: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - as aiosmtpd calls it
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.seen.append(address)
        if not (self.open or session.authenticated):
            return "550 5.7.1 Unable to relay"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.messages.append(envelope.content)
        return "250 OK"


def authenticated(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword | object
) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


@dataclass(frozen=True)
class Authority:
    """Issues certificates; `file` is what trusts them."""

    ca: trustme.CA
    file: Path

    def context(self, *names: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*names).configure_cert(context)
        return context


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    ca = trustme.CA()
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    ca.cert_pem.write_to_path(str(file))
    return Authority(ca, file)


@contextmanager
def aiosmtpd_server(relay: Relay, *, implicit: ssl.SSLContext | None = None, **options: Any) -> Iterator[int]:
    """The port of a server, as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
    controller = Controller(
        relay, hostname="127.0.0.1", port=port, ssl_context=implicit, authenticator=authenticated, **options
    )
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@contextmanager
def scripted(answer: Callable[[socket.socket], None], listening: socket.socket | None = None) -> Iterator[int]:
    """The port of a server that does `answer` with each connection, and then closes it."""
    listening = listening or socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()

    def serve() -> None:
        while True:
            client, _ = listening.accept()
            with client:
                if stopping.is_set():
                    return
                with suppress(OSError):
                    answer(client)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        stopping.set()
        with suppress(OSError):
            socket.create_connection(listening.getsockname()[:2], timeout=5).close()
        thread.join()
        listening.close()
