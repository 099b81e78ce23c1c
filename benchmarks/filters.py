"""The filters that `pipeline.py` compares, each a milter on a port: `filters.py full PORT` serves one of ours."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from spamlint.guard.decision import Decision
from spamlint.guard.envelope import Envelope
from spamlint.guard.guard import Guard
from spamlint.guard.settings import Settings

SEARCHED = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
START_SECONDS = 90.0
ALL_NETWORKS = ("0.0.0.0/0",)
"""The mail of these is judged: smtp-source cannot authenticate."""


class AcceptingGuard:
    """Takes every message as it is, after all of it has come."""

    def __init__(self) -> None:
        self.settings = Settings(submit_networks=ALL_NETWORKS)

    async def decide(self, envelope: Envelope, data: bytes) -> Decision:
        """That the message is accepted."""
        assert data
        assert envelope.hook == "milter"
        return Decision("accept", "0", "accept")


def accept(port: int) -> None:
    """Serves the milter with a guard that accepts everything, until it is killed."""
    import asyncio

    from spamlint.hooks.milter.server import serve

    listener = socket.create_server(("127.0.0.1", port), backlog=256)
    asyncio.run(serve(cast(Guard, AcceptingGuard()), [listener], asyncio.Event()))


def full(port: int) -> None:
    """Serves the milter with all rules, until it is asked to stop."""
    from spamlint.hooks.milter.server import serve
    from spamlint.hooks.service import run

    run(serve, [f"inet:{port}@127.0.0.1"], lambda: Settings(submit_networks=ALL_NETWORKS))


def why_no_rspamd() -> str:
    """Why rspamd cannot be compared; "" where it can."""
    if not shutil.which("rspamd", path=SEARCHED):
        return "not installed"
    folder = os.environ.get("PEERS_DIR")
    if not folder or not Path(folder, "rspamd", "override.d").is_dir():
        return "PEERS_DIR does not name a folder with a local configuration of it in rspamd/override.d"
    return ""


@contextmanager
def ours(kind: str, port: int) -> Iterator[None]:
    """One of our milters in a process of its own."""
    with _process([sys.executable, __file__, kind, str(port)], port):
        yield


@contextmanager
def rspamd(port: int, workers: int) -> Iterator[None]:
    """The proxy of rspamd in milter mode, which scans by itself, with the local rules that PEERS_DIR names."""
    with tempfile.TemporaryDirectory(prefix="spamlint-rspamd-") as scratch:
        folder = Path(scratch)
        shutil.copytree(Path(os.environ["PEERS_DIR"], "rspamd"), folder / "rspamd")
        own = folder / "rspamd" / "override.d"
        (own / "worker-normal.inc").write_text("enabled = false; count = -1;\n")
        (own / "worker-proxy.inc").write_text(
            f'bind_socket = "127.0.0.1:{port}"; milter = yes; timeout = 120s; count = {workers};\n'
            'upstream "local" { default = yes; self_scan = yes; }\n'
        )
        options = (own / "options.inc").read_text()
        (own / "options.inc").write_text(options + f'control_socket = "{folder}/rspamd.sock mode=0600";\n')
        places = {"LOCAL_CONFDIR": folder / "rspamd", "DBDIR": folder, "RUNDIR": folder, "LOGDIR": folder}
        variables = [f"--var={name}={value}" for name, value in places.items()]
        program = shutil.which("rspamd", path=SEARCHED)
        assert program
        with _process([program, "-f", "-i", "-c", "/etc/rspamd/rspamd.conf", *variables], port):
            yield


@contextmanager
def _process(command: list[str], port: int) -> Iterator[None]:
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            end = time.monotonic() + START_SECONDS
            while not _listens(port):
                if process.poll() is not None or time.monotonic() > end:
                    output.seek(0)
                    raise SystemExit(f"{command[0]} does not start: {output.read().decode('utf-8', 'replace')}")
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    {"full": full, "accept": accept}[sys.argv[1]](int(sys.argv[2]))
