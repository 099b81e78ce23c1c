"""A service with the smallest hook there is: a message up to the end of the stream in, the decision out.

Its settings are those of the file that is its first argument, which holds a warn-at; the others are addresses.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from spamlint.errors import ConfigError
from spamlint.guard.envelope import Envelope
from spamlint.guard.guard import Guard
from spamlint.guard.settings import Settings
from spamlint.hooks import service
from spamlint.verdict import Policy


async def serve(guard: Guard, sockets: Sequence[socket.socket], stopping: asyncio.Event) -> None:
    """Serves until it is told to stop, and finishes what was accepted."""
    open_: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await reader.read()
        decision = await guard.decide(Envelope("library", is_asked=True), data)
        report = decision.report
        writer.write(f"{decision.action} {report.outcome if report else decision.unjudged}\n".encode())
        await writer.drain()
        writer.close()

    def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(answer(reader, writer))
        open_.add(task)
        task.add_done_callback(open_.discard)

    servers = [await asyncio.start_server(accepted, sock=one) for one in sockets]
    await stopping.wait()
    for server in servers:
        server.close()
    await asyncio.gather(*open_)


def settings() -> Settings:
    """The settings of the file; ConfigError where it holds no number."""
    text = Path(sys.argv[1]).read_text()
    if not text.isdecimal():
        raise ConfigError(f"{sys.argv[1]}: warn-at: must be a number, not {text!r}")
    return Settings(Policy(warn_at=int(text)), workers=1)


if __name__ == "__main__":
    try:
        raise SystemExit(service.run(serve, sys.argv[2:], settings, mode=0o640))
    except ConfigError as error:
        sys.stderr.write(f"spamlint: {error}\n")
        raise SystemExit(2) from None
