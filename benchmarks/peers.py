"""SpamAssassin (spamd) and rspamd, where they run on this machine: asked over their own protocols, one mail at a time.

spamd is looked for on port 21783 (`spamd -L -x -p 21783 -m 1`), rspamd's normal worker on port 21333. The CPU time of
the server is read from /proc; its process id from $PEERS_DIR/run/spamd.pid and rspamd.pid.
"""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from measure import Cost

HOST = "127.0.0.1"
SEARCHED = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
TIMEOUT = 120


@dataclass(frozen=True, slots=True)
class Peer:
    """A filter that runs as a server."""

    name: str
    command: str
    port: int
    pid_file: str
    ask: Callable[[int, bytes], bytes]

    @property
    def absence(self) -> str:
        """Why it cannot be asked; "" where something answers on its port."""
        try:
            socket.create_connection((HOST, self.port), 1).close()
        except OSError:
            return "not running" if shutil.which(self.command, path=SEARCHED) else "not installed"
        return ""


def ask_spamd(port: int, raw: bytes) -> bytes:
    """The answer of spamd, with the score and the names of the rules."""
    with socket.create_connection((HOST, port), TIMEOUT) as connection:
        connection.sendall(b"SYMBOLS SPAMC/1.5\r\nContent-length: %d\r\n\r\n" % len(raw) + raw)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b"Spam:" in answer
    return answer


def ask_rspamd(port: int, raw: bytes) -> bytes:
    """The answer of rspamd: JSON with the score and the symbols."""
    connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT)
    connection.request("POST", "/checkv2", raw)
    answer = connection.getresponse().read()
    connection.close()
    assert b'"score"' in answer
    return answer


PEERS = (
    Peer("SpamAssassin (spamd -L)", "spamd", 21783, "spamd.pid", ask_spamd),
    Peer("rspamd", "rspamd", 21333, "rspamd.pid", ask_rspamd),
)


def measured(peer: Peer, messages: list[bytes], warm_up: int = 10) -> Cost:
    """What `messages` cost a running server: wall time of each, CPU time on average, memory at the end."""
    for raw in messages[:warm_up]:
        peer.ask(peer.port, raw)
    before = cpu_seconds(peer)
    wall = []
    for raw in messages:
        start = time.perf_counter()
        peer.ask(peer.port, raw)
        wall.append((time.perf_counter() - start) * 1000)
    after = cpu_seconds(peer)
    mean = None if before is None or after is None else (after - before) * 1000 / len(messages)
    return Cost([], wall, mean, memory(peer))


def processes(peer: Peer) -> list[Path]:
    """The /proc folders of the server and of its workers; empty where its process id is not known."""
    folder = os.environ.get("PEERS_DIR")
    pid_file = Path(folder, "run", peer.pid_file) if folder else None
    if pid_file is None or not pid_file.is_file():
        return []
    root = pid_file.read_text("ascii").strip()
    return [Path("/proc", root), *children(root)]


def children(parent: str) -> Iterator[Path]:
    """The /proc folders of the processes that `parent` started."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and stat(folder)[1:2] == [parent]:
            yield folder


def stat(folder: Path) -> list[str]:
    """The fields of a process's stat from its state on; empty where it has ended."""
    try:
        return (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return []


def cpu_seconds(peer: Peer) -> float | None:
    """CPU time that the server has used so far; None where its process id is not known."""
    rows = [row for folder in processes(peer) if (row := stat(folder))]
    return sum(int(row[11]) + int(row[12]) for row in rows) / os.sysconf("SC_CLK_TCK") if rows else None


def memory(peer: Peer) -> float | None:
    """Memory of the server in MB, pages that its processes share counted once; None where it is not known."""
    total = 0
    for folder in processes(peer):
        try:
            rollup = (folder / "smaps_rollup").read_text("ascii")
        except OSError:
            return None
        total += int(rollup.partition("Pss:")[2].split()[0])
    return total / 1024 if total else None
