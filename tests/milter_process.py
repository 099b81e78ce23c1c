"""`spamlint milter` as a process of its own, which can be killed and started again on the same port."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
TIMEOUT = 60.0


@dataclass
class MilterProcess:
    """The process that listens on `port` at this moment."""

    port: int
    options: Sequence[str]
    output: Path
    process: subprocess.Popen[bytes] | None = None
    killed: int = 0
    """How often it was killed."""

    def start(self) -> None:
        """Starts it, and returns when it takes connections."""
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "spamlint", "milter", "--listen", f"inet:{self.port}@127.0.0.1", *self.options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=ROOT,
            )
        end = time.monotonic() + TIMEOUT
        while True:
            assert self.process.poll() is None, self.said()
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert time.monotonic() < end, self.said()
                time.sleep(0.01)
            else:
                return

    def kill(self) -> None:
        """Ends it as the system does when memory runs out."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(TIMEOUT)
        self.killed += 1

    def stop(self) -> int:
        """Asks it to stop; its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(TIMEOUT)

    def said(self) -> str:
        """What it has written, in all its lives."""
        return self.output.read_text("utf-8", "replace")


@contextmanager
def running(port: int, options: Sequence[str] = ("--no-config",)) -> Iterator[MilterProcess]:
    """A process that takes connections; it is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="spamlint-milter-") as folder:
        found = MilterProcess(port, options, Path(folder) / "output")
        found.start()
        try:
            yield found
        finally:
            assert found.process is not None
            found.process.kill()
            found.process.wait(TIMEOUT)
