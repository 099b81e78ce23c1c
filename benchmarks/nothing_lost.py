"""Whether mail is lost when the SMTP proxy dies: messages pass it while it is killed (SIGKILL) and started again.

`python benchmarks/nothing_lost.py` sends 2,000 messages by 20 clients and kills the proxy ten times. A client that is
told nothing sends its message again, as every mail program does. A message that was acknowledged must have arrived. It
may have arrived twice only where a client was told nothing after it had sent the end of the message.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
MESSAGES, KILLS, CLIENTS = 2_000, 10, 20
SECONDS = 60.0

_MARK = re.compile(rb"^X-Mark: (\d+)\r\n", re.MULTILINE)
_BODY = b"The bees of Mill Lane have had a good summer, and there is honey for everybody who helped.\r\n" * 20


@dataclass
class Course:
    """What has happened."""

    messages: int
    left: list[int] = field(default_factory=list)
    acknowledged: set[int] = field(default_factory=set)
    arrived: Counter[int] = field(default_factory=Counter)
    unanswered: Counter[int] = field(default_factory=Counter)
    """Times that a client was told nothing after the end of that message."""
    refused: int = 0
    """Times that a client was told to try again later."""
    broken: int = 0
    """Times that a connection broke before the end of a message, or could not be made."""
    kills: int = 0
    progress: asyncio.Condition = field(default_factory=asyncio.Condition)
    running: asyncio.Event = field(default_factory=asyncio.Event)
    """Whether there is a proxy at this moment."""

    @property
    def lost(self) -> set[int]:
        """Messages that were acknowledged and have not arrived."""
        return {mark for mark in self.acknowledged if not self.arrived[mark]}

    @property
    def doubled(self) -> int:
        """Arrivals beyond the first of each message."""
        return sum(count - 1 for count in self.arrived.values())

    @property
    def unexplained(self) -> set[int]:
        """Messages that have arrived more often than clients were told nothing allows."""
        return {mark for mark, count in self.arrived.items() if count - 1 > self.unanswered[mark]}


async def course(messages: int = MESSAGES, kills: int = KILLS, clients: int = CLIENTS) -> Course:
    """Sends that many messages while the proxy is killed so often, evenly spread over them."""
    found = Course(messages, list(range(messages, 0, -1)))
    server = await asyncio.start_server(lambda reader, writer: _sink(found, reader, writer), "127.0.0.1", 0)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with server:
        killer = asyncio.create_task(_killer(found, port, server.sockets[0].getsockname()[1], kills))
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(clients):
                    group.create_task(_client(found, port))
        finally:
            killer.cancel()
            with suppress(asyncio.CancelledError):
                await killer
    return found


async def _killer(found: Course, port: int, next_port: int, kills: int) -> None:
    """Keeps a proxy running, and kills it each time that another share of the messages has passed."""
    for number in range(1, kills + 1):
        async with _proxy(found, port, next_port) as process, found.progress:
            share = found.messages * number // (kills + 1)
            await found.progress.wait_for(lambda share=share: len(found.acknowledged) >= share)  # type: ignore[misc]
            found.running.clear()
            process.send_signal(signal.SIGKILL)
            found.kills += 1
    async with _proxy(found, port, next_port):
        await asyncio.Event().wait()


@asynccontextmanager
async def _proxy(found: Course, port: int, next_port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "spamlint", "smtp-proxy", "--no-config", "--submission"),
        *("--listen", f"127.0.0.1:{port}", "--next", f"127.0.0.1:{next_port}"),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stderr is not None
    while b"listening" not in (line := await process.stderr.readline()):
        assert line, "the proxy did not start"
    drain = asyncio.create_task(process.stderr.read())
    found.running.set()
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        await drain


async def _client(found: Course, port: int) -> None:
    """Sends one message after the other, each until it is acknowledged."""
    while found.left:
        mark = found.left.pop()
        await found.running.wait()
        while not await _sent(found, port, mark):
            await found.running.wait()
        async with found.progress:
            found.acknowledged.add(mark)
            found.progress.notify_all()


async def _sent(found: Course, port: int, mark: int) -> bool:
    """Whether the message was acknowledged."""
    has_ended = False
    writer = None
    try:
        async with asyncio.timeout(SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await _told(reader)
            for line in (
                b"EHLO client.example",
                b"MAIL FROM:<a@client.example>",
                b"RCPT TO:<b@there.example>",
                b"DATA",
            ):
                writer.write(line + b"\r\n")
                await _told(reader)
            writer.write(b"Subject: Honey\r\nX-Mark: %d\r\n\r\n" % mark + _BODY + b".\r\n")
            has_ended = True
            await _told(reader)
    except ValueError:
        found.refused += 1
        return False
    except (OSError, EOFError):
        if has_ended:
            found.unanswered[mark] += 1
        else:
            found.broken += 1
        return False
    finally:
        if writer is not None:
            writer.close()
    return True


async def _told(reader: asyncio.StreamReader) -> None:
    """Reads one answer; ValueError where it is a refusal, EOFError where there is none."""
    while (line := await reader.readuntil(b"\r\n"))[3:4] == b"-":
        pass
    if line[:1] not in b"23":
        raise ValueError(line.decode("utf-8", "replace"))


async def _sink(found: Course, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The next mail server: what it acknowledges has arrived."""
    with suppress(OSError, EOFError):
        writer.write(b"220 sink.example\r\n")
        while line := await reader.readuntil(b"\r\n"):
            if line == b"DATA\r\n":
                writer.write(b"354 go\r\n")
                data = await reader.readuntil(b"\r\n.\r\n")
                mark = _MARK.search(data)
                assert mark is not None
                found.arrived[int(mark[1])] += 1
                await asyncio.sleep(0)  # the proxy may be killed between the arrival and the answer
            writer.write(b"221 bye\r\n" if line == b"QUIT\r\n" else b"250 2.0.0 Ok\r\n")
    writer.close()


def report(found: Course) -> str:
    """What has happened, in words."""
    unanswered = sum(found.unanswered.values())
    return "\n".join(
        (
            f"{found.messages} messages, the proxy was killed {found.kills} times",
            f"acknowledged {len(found.acknowledged)}, of these lost {len(found.lost)}",
            f"arrived {len(found.arrived)}, and {found.doubled} of them once more",
            f"unanswered ends of messages {unanswered}, duplicates without one {len(found.unexplained)}",
            f"told to try again {found.refused}, connections broken or refused {found.broken}",
        )
    )


def main() -> int:
    """Runs it as the command line says; 1 where something was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--kills", type=int, default=KILLS)
    args = parser.parse_args()
    found = asyncio.run(course(args.messages, args.kills))
    print(report(found))
    return int(bool(found.lost or found.unexplained))


if __name__ == "__main__":
    sys.exit(main())
