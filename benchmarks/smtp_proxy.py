"""The SMTP proxy with 10 KB mails in 20 sessions: throughput beside a guard that accepts everything, and no proxy.

`python benchmarks/smtp_proxy.py [--rounds N] [--messages N]` prints messages a second: straight from smtp-source to
smtp-sink of Postfix, and as the before-queue filter between two SMTP servers of a Postfix that throws mail away.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import cast

from filters import SEARCHED
from newsletter import newsletter

from spamlint.guard.decision import Decision
from spamlint.guard.envelope import Envelope
from spamlint.guard.guard import Guard
from spamlint.guard.settings import LogSettings, Settings

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tests"))  # the Postfix of the tests

SESSIONS = 20
START_SECONDS = 90.0
NONE, ACCEPT, FULL = "no proxy", "accepts everything", "all rules"


class Accepting:
    """Takes every message as it is."""

    def __init__(self) -> None:
        self.settings = Settings()

    async def decide(self, envelope: Envelope, data: bytes) -> Decision:
        """That the message is accepted."""
        assert envelope.is_asked
        assert data
        return Decision("accept", "0", "accept")


def serve(kind: str, port: int, next_port: int) -> None:
    """Serves one proxy until it is asked to stop."""
    from spamlint.hooks.reach import LOOPBACK
    from spamlint.hooks.service import run
    from spamlint.hooks.smtp_proxy.hop import Next
    from spamlint.hooks.smtp_proxy.options import Options
    from spamlint.hooks.smtp_proxy.server import serve as serving

    options = Options(Next("127.0.0.1", next_port), trust=LOOPBACK, is_submission=True)
    if kind == FULL:
        nowhere = LogSettings(Path(os.devnull))
        run(partial(serving, options=options), [f"127.0.0.1:{port}"], lambda: Settings(log=nowhere))
        return
    listener = socket.create_server(("127.0.0.1", port), backlog=256)
    asyncio.run(serving(cast(Guard, Accepting()), [listener], asyncio.Event(), options))


@contextmanager
def running(command: Sequence[str | Path], port: int) -> Iterator[None]:
    """A program that listens on `port`."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        end = time.monotonic() + START_SECONDS
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{command[0]} does not start")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def program(name: str) -> str:
    """Where that program of Postfix is."""
    found = shutil.which(name, path=SEARCHED)
    if not found:
        raise SystemExit(f"This benchmark needs {name} of Postfix")
    return found


def throughput(port: int, mail: str, count: int) -> float:
    """Messages a second that are accepted there."""
    start = time.perf_counter()
    command = [program("smtp-source"), "-s", str(SESSIONS), "-m", str(count), "-F", mail, "-f", "a@client.example"]
    subprocess.run([*command, "-t", "b@there.example", f"127.0.0.1:{port}"], check=True)
    return count / (time.perf_counter() - start)


@contextmanager
def straight() -> Iterator[dict[str, int]]:
    """smtp-sink, and proxies in front of it: their ports."""
    import postfix

    sink, *ports = postfix.free_ports(3)
    with ExitStack() as stack:
        command = [program("smtp-sink"), "-u", "nobody", f"127.0.0.1:{sink}", "256"]
        stack.enter_context(running(command, sink))
        for kind, port in zip((ACCEPT, FULL), ports, strict=True):
            stack.enter_context(running([sys.executable, __file__, kind, str(port), str(sink)], port))
        yield {NONE: sink, ACCEPT: ports[0], FULL: ports[1]}


@contextmanager
def before_queue() -> Iterator[dict[str, int]]:
    """A Postfix with a server for each proxy and one behind them: the ports of the servers."""
    import postfix

    if reason := postfix.missing():
        raise SystemExit(f"This benchmark needs Postfix: {reason}")
    settings = {"default_transport": "discard:", "relay_transport": "discard:"}
    own = postfix.free_ports(2)
    fronts = [{"smtpd_proxy_filter": f"127.0.0.1:{port}"} for port in own]
    behind = {"smtpd_authorized_xforward_hosts": "127.0.0.1"}
    with ExitStack() as stack:
        instance = stack.enter_context(postfix.running(settings, [*fronts, behind], sink=1))
        for kind, port in zip((ACCEPT, FULL), own, strict=True):
            command = [sys.executable, __file__, kind, str(port), str(instance.ports[2])]
            stack.enter_context(running(command, port))
        yield {NONE: instance.ports[2], ACCEPT: instance.ports[0], FULL: instance.ports[1]}


def compare(title: str, ports: dict[str, int], mail: bytes, rounds: int, count: int) -> None:
    """Prints the throughput of each, in turn so that other work on the machine meets all of them."""
    rates: dict[str, list[float]] = {name: [] for name in ports}
    with tempfile.NamedTemporaryFile() as file:
        file.write(mail)
        file.flush()
        for port in ports.values():
            throughput(port, file.name, SESSIONS * 2)
        for _ in range(rounds):
            for name, port in ports.items():
                rates[name].append(throughput(port, file.name, count))
    print(f"\n{title}: {len(mail)} octets, {SESSIONS} sessions, {rounds} rounds of {count} messages")
    for name, each in rates.items():
        share = median(ours / other for ours, other in zip(rates[FULL], each, strict=True))
        rate = f"{median(each):6.0f} msg/s ({min(each):.0f} to {max(each):.0f})"
        print(f"  {name:<18} {rate}, all rules against it {share:.0%}")


def main() -> None:
    """Measures and prints, or serves one of the proxies."""
    if len(sys.argv) == 4 and sys.argv[1] in {ACCEPT, FULL}:
        serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=400, help="messages of one round")
    args = parser.parse_args()
    print(f"Load average at the start: {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores")
    mail = newsletter(6_500).replace(b"\r\n", b"\n")
    for title, places in (("Straight to smtp-sink", straight), ("Between two servers of Postfix", before_queue)):
        with places() as ports:
            compare(title, ports, mail, args.rounds, args.messages)


if __name__ == "__main__":
    main()
