"""Clients that send every message until it is taken, as mail programs do, and remember what was acknowledged."""

from __future__ import annotations

import smtplib
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

PAUSE = 0.05


@dataclass
class Sending:
    """What has become of the messages so far."""

    acknowledged: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    """Those that were sent to their end, and got no reply at least once: they may arrive twice."""
    put_off: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, count: int, timeout: float) -> None:
        """Returns when that many messages are acknowledged."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.acknowledged) >= count, timeout), len(self.acknowledged)


def send_all(
    sending: Sending,
    connect: Callable[[], smtplib.SMTP],
    marks: Sequence[str],
    mail: Callable[[str], bytes],
    clients: int,
) -> None:
    """Sends a message for each of `marks`, with several clients at a time, until all are acknowledged or refused."""
    with ThreadPoolExecutor(clients) as pool:
        jobs = [pool.submit(_send_each, sending, connect, marks[one::clients], mail) for one in range(clients)]
        for job in jobs:
            job.result()


def _send_each(
    sending: Sending, connect: Callable[[], smtplib.SMTP], marks: Sequence[str], mail: Callable[[str], bytes]
) -> None:
    left = list(marks)
    while left:
        with suppress(OSError, smtplib.SMTPException), connect() as client:
            while left and _is_done(sending, client, left[0], mail(left[0])):
                del left[0]
        if left:
            time.sleep(PAUSE)


def _is_done(sending: Sending, client: smtplib.SMTP, mark: str, data: bytes) -> bool:
    """Whether the message need not be sent again."""
    try:
        client.sendmail("a@client.example", ["b@there.example"], data)
    except smtplib.SMTPServerDisconnected:
        with sending.changed:
            sending.unsure.add(mark)
        return False
    except smtplib.SMTPRecipientsRefused as error:
        return _is_final(sending, mark, *next(iter(error.recipients.values())))
    except smtplib.SMTPResponseException as error:
        return _is_final(sending, mark, error.smtp_code, error.smtp_error)
    with sending.changed:
        sending.acknowledged.add(mark)
        sending.changed.notify_all()
    return True


def _is_final(sending: Sending, mark: str, code: int, text: bytes | str) -> bool:
    with sending.changed:
        if code < 500:
            sending.put_off += 1
            return False
        sending.refused.append((mark, str(text)))
    return True
