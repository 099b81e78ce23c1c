"""The milter behind Postfix: throughput beside no milter, an accepting one and rspamd; added latency; losses.

    PEERS_DIR=... python benchmarks/pipeline.py [--rounds N] [--messages N] [--lost N]

All are SMTP servers of one Postfix, which throws the mail away, and are measured in turn, so that other work on the
machine meets all of them. Every figure is the median of the rounds; a share is the median of the shares of each round.
"""

from __future__ import annotations

import argparse
import os
import shutil
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import filters
from measure import percentile_95
from newsletter import newsletter

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tests"))  # the Postfix of the tests

SESSIONS = 20
LATENCY_CLIENTS = 8
LOAD = 0.5
"""Share of the throughput of the full rule set at which latency is measured."""
LATENCY_SECONDS = 8.0
KILLS = 10
NONE, ACCEPT, FULL, RSPAMD = "no milter", "accepts everything", "all rules", "rspamd"
AIMS = {ACCEPT: 0.85, RSPAMD: 1.0}
ADDED_P95 = 15.0


@dataclass(frozen=True, slots=True)
class Server:
    """An SMTP server of the Postfix, and the filter behind it."""

    name: str
    port: int


def mails() -> dict[str, bytes]:
    """The mails that are sent, with the line ends of a file."""
    line = b"The library is open on weekdays from nine to six, and the garden behind it until dark.\n"
    plain = newsletter().split(b"MIME-Version", 1)[0].replace(b"\r\n", b"\n") + b"\n" + line * (10_000 // len(line))
    found = {"10 KB of plain text": plain}
    for name, size in (("10 KB newsletter", 6_500), ("52 KB newsletter", 39_000)):
        found[name] = newsletter(size).replace(b"\r\n", b"\n")
    return found


@contextmanager
def servers(*, with_rspamd: bool) -> Iterator[list[Server]]:
    """A Postfix with a server for each filter."""
    import postfix

    if reason := postfix.missing():
        raise SystemExit(f"This benchmark needs Postfix: {reason}")
    names = [NONE, ACCEPT, FULL, *([RSPAMD] if with_rspamd else [])]
    ports = postfix.free_ports(len(names))
    cores = len(os.sched_getaffinity(0))
    settings = {"default_transport": "discard:", "relay_transport": "discard:", "milter_default_action": "tempfail"}
    listeners = [
        {} if name == NONE else {"smtpd_milters": f"inet:127.0.0.1:{port}"}
        for name, port in zip(names, ports, strict=True)
    ]
    with ExitStack() as stack:
        for name, port in zip(names, ports, strict=True):
            if name in {ACCEPT, FULL}:
                stack.enter_context(filters.ours("accept" if name == ACCEPT else "full", port))
            elif name == RSPAMD:
                stack.enter_context(filters.rspamd(port, cores))
        instance = stack.enter_context(postfix.running(settings, listeners, sink=1))
        yield [Server(name, port) for name, port in zip(names, instance.ports, strict=True)]


def throughput(server: Server, mail: Path, count: int) -> float:
    """Messages a second through `server` with smtp-source."""
    program = shutil.which("smtp-source", path=filters.SEARCHED)
    assert program
    command = [program, "-s", str(SESSIONS), "-m", str(count), "-F", str(mail), "-f", "a@client.example"]
    start = time.perf_counter()
    subprocess.run([*command, "-t", "b@there.example", f"127.0.0.1:{server.port}"], check=True)
    return count / (time.perf_counter() - start)


def latency(server: Server, data: bytes, rate: float, seconds: float) -> list[float]:
    """Milliseconds from the end of a message to its reply, for messages that are sent at a steady rate."""
    begin, found, lock = time.perf_counter() + 0.1, list[float](), threading.Lock()

    def client(first: int) -> None:
        with smtplib.SMTP("127.0.0.1", server.port, "client.example", 60) as smtp:
            smtp.ehlo()
            for number in range(first, int(rate * seconds), LATENCY_CLIENTS):
                time.sleep(max(begin + number / rate - time.perf_counter(), 0))
                taken = _timed(smtp, data)
                with lock:
                    found.append(taken)

    with ThreadPoolExecutor(LATENCY_CLIENTS) as pool:
        for job in [pool.submit(client, first) for first in range(LATENCY_CLIENTS)]:
            job.result()
    return found


def _timed(smtp: smtplib.SMTP, data: bytes) -> float:
    smtp.mail("a@client.example")
    smtp.rcpt("b@there.example")
    smtp.docmd("DATA")
    assert smtp.sock is not None
    start = time.perf_counter()
    smtp.sock.sendall(data)
    code, answer = smtp.getreply()
    assert code == 250, answer
    return (time.perf_counter() - start) * 1000


def compare(found: Sequence[Server], name: str, mail: bytes, rounds: int, count: int) -> float:
    """Prints the throughput of each server; that of the full rule set comes back."""
    rates: dict[str, list[float]] = {server.name: [] for server in found}
    with tempfile.NamedTemporaryFile() as file:
        file.write(mail)
        file.flush()
        for server in found:
            throughput(server, Path(file.name), SESSIONS * 2)
        for number in range(rounds):
            for server in found if number % 2 == 0 else reversed(found):
                rates[server.name].append(throughput(server, Path(file.name), count))
    print(f"\n{name} ({len(mail)} octets), {SESSIONS} sessions, {rounds} rounds of {count} messages")
    print("                      msg/s   lowest to highest   all rules against it")
    for one, each in rates.items():
        share = median(ours / other for ours, other in zip(rates[FULL], each, strict=True))
        aim = f"   aim {AIMS[one]:.0%}: {'reached' if share >= AIMS[one] else 'missed'}" if one in AIMS else ""
        print(f"  {one:<18} {median(each):7.0f}   {min(each):7.0f} to {max(each):<7.0f} {share:10.0%}{aim}")
    return median(rates[FULL])


def delay(found: Sequence[Server], name: str, mail: bytes, rounds: int, rate: float) -> None:
    """Prints the latency of each server at a steady rate, and how much more it is than without a milter."""
    data = mail.replace(b"\n", b"\r\n") + b".\r\n"
    taken: dict[str, list[float]] = {server.name: [] for server in found}
    for _ in range(rounds):
        for server in found:
            taken[server.name] += latency(server, data, rate, LATENCY_SECONDS / rounds)
    print(f"\n{name}: milliseconds from the end of a message to the reply, at {rate:.0f} messages a second")
    print("                        p50     p95   added p50   added p95")
    base = taken[NONE]
    for one, each in taken.items():
        p50, p95 = median(each), percentile_95(each)
        more = p95 - percentile_95(base)
        aim = f"   aim under {ADDED_P95:.0f}: {'reached' if more < ADDED_P95 else 'missed'}" if one == FULL else ""
        print(f"  {one:<18} {p50:7.1f} {p95:7.1f} {p50 - median(base):11.1f} {more:11.1f}{aim}")


def nothing_lost(messages: int, kills: int) -> None:
    """Prints what has become of messages while the milter was killed, and ends with an error where one is missing."""
    import milter_lost

    outcome = milter_lost.sent(messages, kills)
    acknowledged = outcome.sending.acknowledged
    lost = sorted(acknowledged - set(outcome.arrived))
    twice = sum(count - 1 for count in outcome.arrived.values())
    print(f"\nThe milter was killed {outcome.killed} times during {messages} messages (default_action=tempfail):")
    print(f"  acknowledged {len(acknowledged)}, lost {len(lost)}, arrived twice {twice}, ", end="")
    print(f"refused {len(outcome.sending.refused)}, put off and sent again {outcome.sending.put_off} times")
    if lost:
        raise SystemExit(f"lost: {', '.join(lost)}")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=300, help="messages of one round")
    parser.add_argument("--lost", type=int, default=2000, help="messages during which the milter is killed; 0: none")
    args = parser.parse_args()
    reason = filters.why_no_rspamd()
    print(f"Load average at the start: {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores")
    if reason:
        print(f"rspamd is left out: {reason}")
    with servers(with_rspamd=not reason) as found:
        for name, mail in mails().items():
            rate = compare(found, name, mail, args.rounds, args.messages)
            delay(found, name, mail, args.rounds, rate * LOAD)
    if args.lost:
        nothing_lost(args.lost, KILLS)
    print(f"\nLoad average at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
