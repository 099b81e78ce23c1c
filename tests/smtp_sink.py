"""A mail server that keeps whatever it is given, byte for byte: the far end of a mail server under test."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

TIMEOUT = 60.0

_PATH = re.compile(rb"(?i)(?:FROM|TO):\s*<([^>]*)>")
_EXTENSIONS = (b"PIPELINING", b"8BITMIME", b"SMTPUTF8", b"SIZE 200000000")


@dataclass(frozen=True)
class Delivered:
    """One message as it arrived: the envelope, and the bytes between DATA and the dot."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes


@dataclass
class Sink:
    """The messages that have arrived, in order."""

    port: int
    messages: list[Delivered] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def add(self, message: Delivered) -> None:
        with self.arrived:
            self.messages.append(message)
            self.arrived.notify_all()

    def wait(self, wanted: Callable[[list[Delivered]], bool], timeout: float = TIMEOUT) -> list[Delivered]:
        """Everything that has arrived, as soon as `wanted` says that it is enough."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: wanted(self.messages), timeout), f"{len(self.messages)} arrived"
            return list(self.messages)

    def wait_for(self, mark: bytes, timeout: float = TIMEOUT) -> Delivered:
        """The first message that has `mark` in it, as soon as it arrives."""
        found = self.wait(lambda all_: any(mark in one.data for one in all_), timeout)
        return next(one for one in found if mark in one.data)


@contextmanager
def running() -> Iterator[Sink]:
    """A sink on a free port of the loopback interface."""
    sink = Sink(0)

    class Handler(socketserver.StreamRequestHandler):
        """Serves one client."""

        def handle(self) -> None:
            _serve(self, sink)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    sink.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join(TIMEOUT)


def _serve(peer: socketserver.StreamRequestHandler, sink: Sink) -> None:
    try:
        _talk(peer, sink)
    except ConnectionError:
        peer.close_connection = True  # type: ignore[attr-defined]


def _talk(peer: socketserver.StreamRequestHandler, sink: Sink) -> None:
    sender, recipients = "", list[str]()
    peer.wfile.write(b"220 sink.example ESMTP\r\n")
    while line := peer.rfile.readline():
        verb = line[:4].upper()
        reply = b"250 2.0.0 Ok\r\n"
        if verb == b"EHLO":
            extensions = [b"sink.example", *_EXTENSIONS]
            reply = b"".join(b"250-%s\r\n" % one for one in extensions[:-1]) + b"250 %s\r\n" % extensions[-1]
        elif verb == b"MAIL":
            sender, recipients = _path(line), []
        elif verb == b"RCPT":
            recipients.append(_path(line))
        elif verb == b"DATA":
            peer.wfile.write(b"354 go\r\n")
            sink.add(Delivered(sender, tuple(recipients), _data(peer)))
        elif verb == b"QUIT":
            peer.wfile.write(b"221 2.0.0 Bye\r\n")
            return
        peer.wfile.write(reply)


def _path(line: bytes) -> str:
    found = _PATH.search(line)
    return found[1].decode("utf-8", "replace") if found else ""


def _data(peer: socketserver.StreamRequestHandler) -> bytes:
    lines: list[bytes] = []
    for line in peer.rfile:
        if line == b".\r\n":
            break
        lines.append(line[1:] if line.startswith(b".") else line)
    else:
        raise ConnectionError("the client left within a message")
    return b"".join(lines)
