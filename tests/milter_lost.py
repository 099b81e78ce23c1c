"""Many messages through a Postfix whose milter is killed again and again: what was acknowledged, and what arrived."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass

import milter_process
import postfix
import smtp_sink
from retrying_client import Sending, send_all

CLIENTS = 8
TIMEOUT = 300.0


@dataclass(frozen=True)
class Outcome:
    """What has become of the messages."""

    marks: frozenset[str]
    """Those that were to be sent."""
    sending: Sending
    arrived: Counter[str]
    killed: int


def mail(mark: str) -> bytes:
    lines = "".join(f"Line {number} of a letter that says nothing in particular.\r\n" for number in range(60))
    return f"From: a@client.example\r\nTo: b@there.example\r\nSubject: {mark}\r\n\r\n{lines}".encode()


def sent(messages: int, kills: int) -> Outcome:
    """Sends that many messages while the milter is killed that often, at even distances."""
    marks = [f"mark-{number:05}" for number in range(messages)]
    sending = Sending()
    (port,) = postfix.free_ports(1)
    filters = {"smtpd_milters": f"{{ inet:127.0.0.1:{port}, default_action=tempfail }}"}
    with (
        smtp_sink.running() as sink,
        postfix.running(filters, sink=sink.port) as server,
        milter_process.running(port) as milter,
    ):
        client = threading.Thread(target=send_all, args=(sending, lambda: server.login("ann"), marks, mail, CLIENTS))
        client.start()
        for number in range(1, kills + 1):
            sending.wait(messages * number // (kills + 1), TIMEOUT)
            milter.kill()
            milter.start()
        client.join(TIMEOUT)
        assert not client.is_alive()
        sink.wait(lambda found: len(found) >= len(sending.acknowledged), TIMEOUT)
        found = Counter(one.data.partition(b"Subject: ")[2].partition(b"\r\n")[0].decode() for one in sink.messages)
        return Outcome(frozenset(marks), sending, found, milter.killed)
