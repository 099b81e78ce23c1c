"""Nothing that was acknowledged is lost, however often the milter is killed."""

from __future__ import annotations

import threading
from collections import Counter

import milter_process
import postfix
import smtp_sink
from retrying_client import Sending, send_all

MESSAGES = 500
KILLS = 10
CLIENTS = 8
TIMEOUT = 120.0


def mail(mark: str) -> bytes:
    lines = "".join(f"Line {number} of a letter that says nothing in particular.\r\n" for number in range(60))
    return f"From: a@client.example\r\nTo: b@there.example\r\nSubject: {mark}\r\n\r\n{lines}".encode()


def test_no_message_that_was_acknowledged_is_lost_when_the_milter_is_killed() -> None:
    marks = [f"mark-{number:05}" for number in range(MESSAGES)]
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
        for number in range(1, KILLS + 1):
            sending.wait(MESSAGES * number // (KILLS + 1), TIMEOUT)
            milter.kill()
            milter.start()
        client.join(TIMEOUT)
        assert not client.is_alive()
        sink.wait(lambda found: len(found) >= MESSAGES, TIMEOUT)
        arrived = Counter(line for one in sink.messages for line in one.data.split(b"\r\n") if line[:9] == b"Subject: ")
    assert milter.killed >= KILLS
    assert sending.acknowledged == set(marks)
    assert sending.refused == []
    assert sending.put_off > 0
    assert arrived == Counter(f"Subject: {mark}".encode() for mark in marks)
