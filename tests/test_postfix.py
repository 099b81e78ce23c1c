"""The Postfix that tests use delivers what it is given, unchanged."""

from __future__ import annotations

import postfix
import smtp_sink


def test_mail_passes_unchanged() -> None:
    mail = (
        b"Subject: mark\r\nFrom: a@client.example\r\nTo: b@there.example\r\n\r\nHello \xe9\r\n.dot\r\n"
        + b"x" * 5000
        + b"\r\n"
    )
    with smtp_sink.running() as sink, postfix.running(sink=sink.port) as server:
        with server.login("ann", ADDR="192.0.2.7") as client:
            client.sendmail("a@client.example", ["b@there.example", "c@there.example"], mail, ["BODY=8BITMIME"])
        got = sink.wait_for(b"Subject: mark")
    assert got.sender == "a@client.example"
    assert got.recipients == ("b@there.example", "c@there.example")
    assert got.data.endswith(mail[mail.index(b"\r\n\r\n") :])
    assert b"[192.0.2.7]" in got.data
