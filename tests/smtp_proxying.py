"""The SMTP proxy between a client that says exactly what a test wants, and a mail server that does as it is told."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from spamlint.guard.decision import Decision, Reply
from spamlint.guard.envelope import Envelope
from spamlint.guard.guard import Guard
from spamlint.guard.settings import Settings
from spamlint.hooks.smtp_proxy.hop import Next
from spamlint.hooks.smtp_proxy.options import Options
from spamlint.hooks.smtp_proxy.server import serve

CERTIFICATE = Path(__file__).parent / "mail.example.pem"
"""A certificate for mail.example, localhost and 127.0.0.1, and its key. It is for these tests only."""
SECONDS = 30.0
FIELD = b"X-Spamlint-Verdict: pass\r\n"
"""What the judge of these tests adds to each message that it lets through."""
OFFERED = ("PIPELINING", "SIZE 50000000", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES")


@dataclass
class Judge:
    """In place of the guard: decides by a word in the message."""

    settings: Settings = field(default_factory=Settings)
    seen: list[Envelope] = field(default_factory=list)
    judged: list[bytes] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event | None = None
    """Where there is one, it is waited for before anything is decided."""

    async def decide(self, envelope: Envelope, data: bytes) -> Decision:
        self.seen.append(envelope)
        self.judged.append(data)
        self.asked.set()
        if self.go_on is not None:
            await self.go_on.wait()
        if b"BREAK" in data:
            raise RuntimeError("on purpose")
        if b"REJECT" in data:
            return Decision(
                "reject", "id", "reject", Reply(550, "5.7.1", ("It looks like spam:", "  two words", "100 %"))
            )
        if b"TEMPFAIL" in data:
            return Decision("tempfail", "id", "accept")
        if b"QUARANTINE" in data:
            return Decision("quarantine", "id", "quarantine", add=(("X-Spamlint-Verdict", "block"),), quarantine="bad")
        remove = (("X-Remove", 1),) if b"X-Remove" in data else ()
        return Decision("accept", "id", "accept", add=(("X-Spamlint-Verdict", "pass"),), remove=remove)


@dataclass
class Received:
    """A message that the next mail server has acknowledged."""

    commands: tuple[bytes, ...]
    """MAIL and RCPT, as they came."""
    data: bytes


@dataclass
class NextServer:
    """The next mail server. It refuses addresses that say so, and breaks off where it is told to."""

    port: int = 0
    extensions: tuple[str, ...] = OFFERED
    context: ssl.SSLContext | None = None
    breaks: str = ""
    """Where it breaks off: greeting, data, body or dot; or idle: after RCPT, once."""
    answers: dict[bytes, bytes] = field(default_factory=dict)
    """Start of a command -> what is answered to it, as it is sent."""
    said: list[bytes] = field(default_factory=list)
    """All commands that it was given."""
    received: list[Received] = field(default_factory=list)
    sessions: int = 0
    broke: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event | None = None
    """Where there is one, it is waited for before a message is acknowledged."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                await self._talk(reader, writer)
        finally:
            writer.close()
            self.broke.set()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.breaks == "greeting":
            writer.write(b"554 5.3.2 No mail today\r\n")
            return
        writer.write(b"220 next.example ESMTP\r\n")
        commands: list[bytes] = []
        while line := await reader.readuntil(b"\r\n"):
            self.said.append(line[:-2])
            verb = line[:4].upper()
            if verb == b"MAIL":
                commands = []
            if verb in {b"MAIL", b"RCPT"} and b"refused" not in line:
                commands.append(line[:-2])
            if verb == b"DATA":
                await self._take(reader, writer, commands)
            else:
                writer.write(self._answer(line))
            if line == b"STARTTLS\r\n" and self.context:
                await writer.start_tls(self.context)
            if verb == b"QUIT" or (self.breaks == "idle" and verb == b"RCPT"):
                self.breaks = ""
                return

    def _answer(self, line: bytes) -> bytes:
        own = next((self.answers[key] for key in self.answers if line.startswith(key)), None)
        if own is not None:
            return own
        if b"refused" in line:
            return b"550-5.1.1 Nobody of that name\r\n550-5.1.1  lives here\r\n550 5.1.1 (100%)\r\n"
        if line.startswith(b"EHLO"):
            lines = ["next.example", *self.extensions]
            return "".join(f"250{' ' if each is lines[-1] else '-'}{each}\r\n" for each in lines).encode()
        if line == b"STARTTLS\r\n":
            return b"220 go\r\n"
        return b"221 2.0.0 Bye\r\n" if line == b"QUIT\r\n" else b"250 2.1.0 Ok\r\n"

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, commands: list[bytes]) -> None:
        if self.breaks == "data":
            raise ConnectionError
        writer.write(b"354 go\r\n")
        if self.breaks == "body":
            await reader.readexactly(10)
            raise ConnectionError
        lines = [await reader.readuntil(b"\r\n")]
        while lines[-1] != b".\r\n":
            lines.append(await reader.readuntil(b"\r\n"))
        if self.breaks == "dot":
            raise ConnectionError
        data = b"".join(line.removeprefix(b".") for line in lines[:-1])
        if b"NEXT-REFUSES" in data:
            writer.write(b"550 5.6.0 Not that\r\n")
            return
        self.received.append(Received(tuple(commands), data))
        if self.go_on is not None:
            await self.go_on.wait()
        writer.write(b"250 2.0.0 Ok: queued as 7\r\n")


@dataclass
class Client:
    """Says exactly what it is told to."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def answer(self) -> bytes:
        """One answer, with all its lines; empty where the connection is closed."""
        whole = b""
        async with asyncio.timeout(SECONDS):
            while line := await self.reader.readline():
                whole += line
                if line[3:4] != b"-":
                    break
        return whole

    async def say(self, line: bytes) -> bytes:
        """The answer to that command."""
        self.writer.write(line + b"\r\n")
        return await self.answer()

    async def hello(self) -> bytes:
        """Reads the greeting and says EHLO; what is offered."""
        assert (await self.answer()).startswith(b"220 ")
        return await self.say(b"EHLO client.example")

    async def begin(self, *recipients: bytes, options: bytes = b"") -> list[bytes]:
        """Says MAIL and RCPT; the answers."""
        answers = [await self.say(b"MAIL FROM:<anna@a.example>" + options)]
        answers += [await self.say(b"RCPT TO:<%s>" % each) for each in recipients or (b"bob@b.example",)]
        return answers

    async def send(self, data: bytes) -> bytes:
        """Says DATA, and sends `data` with the dots and the end that it needs; the answer."""
        assert (await self.say(b"DATA")).startswith(b"354 ")
        self.writer.write(re.sub(rb"(?m)^\.", b"..", data) + b".\r\n")
        return await self.answer()

    async def mail(self, data: bytes) -> bytes:
        """Sends one message; the answer at its end."""
        assert [answer[:3] for answer in await self.begin()] == [b"250", b"250"]
        return await self.send(data)

    async def start_tls(self) -> None:
        """Says STARTTLS, and begins TLS."""
        assert (await self.say(b"STARTTLS")).startswith(b"220 ")
        await self.writer.start_tls(ssl.create_default_context(cafile=CERTIFICATE), server_hostname="mail.example")


@dataclass
class Proxy:
    """A proxy that runs, with all that is around it."""

    next: NextServer
    judge: Judge
    port: int
    stopping: asyncio.Event
    task: asyncio.Task[None]
    _clients: list[Client] = field(default_factory=list)

    async def connect(self) -> Client:
        """A client that has said nothing yet."""
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20))
        self._clients.append(client)
        return client

    async def client(self) -> Client:
        """A client that has said EHLO."""
        client = await self.connect()
        await client.hello()
        return client

    async def end(self) -> None:
        """Ends it as a signal does."""
        for client in self._clients:
            client.writer.close()
        self.stopping.set()
        await asyncio.wait_for(self.task, SECONDS)


@asynccontextmanager
async def proxying(
    change: Callable[[Options], Options] = lambda options: options, next_server: NextServer | None = None
) -> AsyncIterator[Proxy]:
    """A proxy on a free port, whose options `change` has changed."""
    behind = next_server or NextServer()
    server = await asyncio.start_server(behind.talk, "127.0.0.1", 0, limit=1 << 27)
    behind.port = server.sockets[0].getsockname()[1]
    judge, stopping = Judge(), asyncio.Event()
    options = Options(Next("127.0.0.1", behind.port, seconds=SECONDS), hostname="proxy.example", seconds=SECONDS)
    options = change(options)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        task = asyncio.create_task(serve(cast("Guard", judge), [listening], stopping, options))
        proxy = Proxy(behind, judge, port, stopping, task)
        try:
            yield proxy
        finally:
            server.close()
            await proxy.end()


@contextmanager
def in_thread(port: int, next_port: int, **values: object) -> Iterator[Judge]:
    """A proxy on `port` in a thread of its own, for servers and clients that are not of asyncio."""
    loop, judge, stopping = asyncio.new_event_loop(), Judge(), asyncio.Event()
    options = changed(**values)(Options(Next("127.0.0.1", next_port, seconds=SECONDS), hostname="proxy.example"))
    with socket.create_server(("127.0.0.1", port)) as listening:
        serving = serve(cast("Guard", judge), [listening], stopping, options)
        thread = threading.Thread(target=loop.run_until_complete, args=(serving,), daemon=True)
        thread.start()
        try:
            yield judge
        finally:
            loop.call_soon_threadsafe(stopping.set)
            thread.join(SECONDS)
            assert not thread.is_alive()
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()


def changed(**values: object) -> Callable[[Options], Options]:
    """Sets those options."""
    return lambda options: replace(options, **values)  # type: ignore[arg-type]


def run(scenario: Callable[[], object]) -> None:
    """Runs a test that is a coroutine."""
    asyncio.run(scenario())  # type: ignore[arg-type]


def server_context() -> ssl.SSLContext:
    """TLS with the certificate of these tests."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    return context
