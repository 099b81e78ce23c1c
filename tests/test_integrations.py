"""Programs that send mail: what may go out arrives, what may not is told, and every example does so."""

from __future__ import annotations

import asyncio
import base64
import importlib.util
import os
import re
import smtplib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from email.message import EmailMessage, Message
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from spamlint.errors import ConfigError
from spamlint.integrations.gate import gate, reasons
from spamlint.integrations.smtplib import CheckedSMTP, checked

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "integrations"
SETTINGS = EXAMPLES / "spamlint.toml"
PROGRAM = b"MZ" + bytes(200)
GOOD = (ROOT / "examples" / "good-plain.eml").read_bytes()
BLOCKED = (ROOT / "examples" / "attachments.eml").read_bytes()


class Inbox:
    """What a mail server on loopback was given."""

    def __init__(self) -> None:
        self.mail: list[tuple[str, list[str], bytes]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as aiosmtpd has it
        self.mail.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"


@pytest.fixture
def server() -> Iterator[tuple[Inbox, str, int]]:
    """A mail server, and where it listens: on a port that was free when it was bound."""
    smtp = pytest.importorskip("aiosmtpd.smtp")
    inbox, loop = Inbox(), asyncio.new_event_loop()
    listening = socket.create_server(("127.0.0.1", 0))

    async def serve(stopping: asyncio.Event) -> None:
        async with await loop.create_server(lambda: smtp.SMTP(inbox, loop=loop), sock=listening):
            await stopping.wait()

    stopping = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(stopping),))
    thread.start()
    yield inbox, *listening.getsockname()[:2]
    loop.call_soon_threadsafe(stopping.set)
    thread.join()
    loop.close()


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "needs"), [("smtplib_send", "smtplib"), ("flask_app", "flask_mail"), ("django_site", "django")]
)
def test_an_example_sends_a_letter_and_keeps_back_a_program(
    name: str, needs: str, server: tuple[Inbox, str, int], tmp_path: Path
) -> None:
    pytest.importorskip(needs)
    inbox, host, port = server
    attached = tmp_path / "invoice.pdf.exe"
    attached.write_bytes(PROGRAM)
    line = [sys.executable, str(EXAMPLES / f"{name}.py"), host, str(port)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(line, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "sent\n", "")
    ((sender, recipients, content),) = inbox.mail
    assert (sender, recipients) == ("desk@mill-lane-library.example", ["ada.brook@aldbury.example"])
    assert b"Your card lies at the desk" in content
    assert b"X-Spamlint" not in content
    refused = subprocess.run([*line, str(attached)], env=env, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stderr, len(inbox.mail)) == (1, "", 1)
    assert refused.stdout.startswith("This message was not sent: ")
    assert "(attachments/executable)" in refused.stdout


def test_the_example_for_ses_sends_or_says_why_not() -> None:
    calls = []

    class Client:
        def send_email(self, **named: Any) -> dict[str, str]:
            calls.append(named)
            return {"MessageId": "0102"}

    handler = script("ses_lambda").handler
    event = {"to": "ada.brook@aldbury.example", "subject": "Your card is ready", "text": "It lies at the desk.\n"}
    assert handler(event, None, Client()) == {"sent": "0102"}
    assert calls[0]["Destination"] == {"ToAddresses": ["ada.brook@aldbury.example"]}
    assert b"It lies at the desk." in calls[0]["Content"]["Raw"]["Data"]
    attached = {"name": "invoice.pdf.exe", "base64": base64.b64encode(PROGRAM).decode()}
    refused = handler({**event, "attachments": [attached]}, None, Client())
    assert refused["refused"][0].startswith("This message was not sent: ")
    assert len(calls) == 1


def test_the_sendmail_wrapper_hands_on_or_refuses(tmp_path: Path) -> None:
    spamlint = tmp_path / "spamlint"
    spamlint.write_text(f'#!/bin/sh\nexec {sys.executable} -m spamlint "$@"\n')
    sendmail = tmp_path / "sendmail"
    sendmail.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\ncat > {tmp_path}/sent\n')
    for program in (spamlint, sendmail):
        program.chmod(0o755)
    own = {"SPAMLINT": str(spamlint), "SENDMAIL": str(sendmail), "SPAMLINT_CONFIG": str(SETTINGS)}
    env = {**os.environ, "PYTHONPATH": str(ROOT), **own}
    line = [str(EXAMPLES / "sendmail-wrapper.sh"), "-t", "-i"]
    done = subprocess.run(line, input=GOOD, env=env, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "arguments").read_text() == "-t -i\n"
    assert (tmp_path / "sent").read_bytes() == GOOD
    (tmp_path / "sent").unlink()
    assert subprocess.run(line, input=BLOCKED, env=env, capture_output=True, check=False).returncode == 77
    assert not (tmp_path / "sent").exists()


# ---- smtplib


class FakeSMTP:
    """Keeps what it is asked to send."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, list[str], bytes]] = []
        self.esmtp_features: dict[str, str] = {}

    def sendmail(self, sender: str, recipients: list[str], data: bytes, *_options: Any) -> dict[str, Any]:
        self.sent.append((sender, recipients, data))
        return {}

    def ehlo_or_helo_if_needed(self) -> None:
        """As smtplib calls it."""

    def has_extn(self, name: str) -> bool:
        return name == "smtputf8"


def wrapped(action: str | None = "reject") -> tuple[FakeSMTP, CheckedSMTP]:
    fake = FakeSMTP()
    return fake, CheckedSMTP(fake, gate(None, action))  # type: ignore[arg-type]


def test_bytes_go_out_as_they_are_without_fields_of_ours() -> None:
    fake, smtp = wrapped()
    data = GOOD.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    smtp.sendmail("ann@a.example", "bo@b.example", b"X-SPAMLINT-Verdict : pass\r\n" + data)
    assert fake.sent == [("ann@a.example", ["bo@b.example"], data)]


def test_the_standard_library_works_out_the_envelope() -> None:
    fake, smtp = wrapped()
    message = EmailMessage()
    message["From"] = "Ann <ann@a.example>"
    message["Sender"] = "Cy <cy@a.example>"
    message["To"], message["Bcc"] = "bö@b.example", "di@d.example"
    message["Subject"] = "Bread"
    message.set_content("It is ready.\n")
    smtp.send_message(message)
    ((sender, recipients, data),) = fake.sent
    assert (sender, recipients) == ("cy@a.example", ["bö@b.example", "di@d.example"])
    assert b"di@d.example" not in data
    assert "bö@b.example".encode() in data


def test_a_refusal_is_an_error_of_smtplib_with_its_reasons() -> None:
    fake, smtp = wrapped()
    with pytest.raises(smtplib.SMTPDataError) as caught:
        smtp.sendmail("ann@a.example", ["bo@b.example"], BLOCKED)
    assert caught.value.smtp_code == 550
    assert isinstance(caught.value.smtp_error, bytes)
    assert all(line.startswith(b"5.7.1 ") for line in caught.value.smtp_error.split(b"\n"))
    assert reasons(caught.value)[1] == "1. Program inside an archive (archives/executable-inside)"
    assert fake.sent == []
    observing, smtp = wrapped(None)
    smtp.sendmail("ann@a.example", ["bo@b.example"], BLOCKED.decode("ascii"))
    assert observing.sent[0][2] == re.sub(rb"\r?\n", b"\r\n", BLOCKED)


def test_settings_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="action: must be one of observe, tag, quarantine, reject, not 'deny'"):
        gate(None, "deny")
    with pytest.raises(ConfigError, match="cannot be read"):
        checked(smtplib.SMTP(), tmp_path / "nowhere.toml")


def test_settings_are_loaded_once_until_they_change(tmp_path: Path) -> None:
    file = tmp_path / "spamlint.toml"
    file.write_text('[guard]\naction = "reject"\n')
    first = gate(file)
    assert gate(str(file)) is first
    file.write_text('[guard]\naction = "quarantine"\n')
    os.utime(file, ns=(1, 1))
    assert gate(file).deciding.settings.enforcement == "quarantine"
    with pytest.raises(smtplib.SMTPDataError, match="This message was not sent"):
        gate(file).passed("ann@a.example", ["bo@b.example"], BLOCKED)


# ---- Django


DJANGO = """
import smtplib, sys
from django.conf import settings
settings.configure(
    EMAIL_BACKEND="spamlint.integrations.django.EmailBackend",
    SPAMLINT={"BACKEND": "django.core.mail.backends.locmem.EmailBackend", "ACTION": sys.argv[1]},
)
import django
django.setup()
from django.core import mail
def message(name, **headers):
    text = "Your card lies at the desk."
    made = mail.EmailMessage("Card", text, "Ann <ann@a.example>", ["bo@b.example"], headers=headers)
    if name:
        made.attach(name, b"MZ" + bytes(200), "application/octet-stream")
    return made
connection = mail.get_connection()
messages = [message("a.pdf.exe"), message("", **{"x-spamlint-verdict": "pass", "X-Own": "1"}), message("")]
try:
    print(connection.send_messages(messages))
except smtplib.SMTPDataError as error:
    print("refused", error.smtp_code)
print(mail.get_connection(fail_silently=True).send_messages(messages))
for sent in mail.outbox:
    print(sorted(name for name in sent.message().keys() if name.lower().startswith("x-")))
print(messages[1].extra_headers)
"""


def django(action: str) -> list[str]:
    pytest.importorskip("django")
    line = [sys.executable, "-c", DJANGO, action]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(line, env=env, capture_output=True, text=True, check=True).stdout.splitlines()


def test_django_sends_what_may_go_out_and_tells_of_the_rest() -> None:
    kept = "{'x-spamlint-verdict': 'pass', 'X-Own': '1'}"
    assert django("reject") == ["refused 550", "2", *["['X-Own']", "[]"] * 2, kept]


def test_django_adds_what_the_settings_ask_for() -> None:
    said = django("tag")
    own = "['X-Spamlint-Report', 'X-Spamlint-Rules', 'X-Spamlint-Score', 'X-Spamlint-Verdict']"
    assert said[:3] == ["3", "3", own]


def test_a_message_of_the_standard_library_is_not_changed() -> None:
    _, smtp = wrapped("tag")
    message = Message()
    message["X-Spamlint-Verdict"] = "pass"
    message["From"], message["To"] = "ann@a.example", "bo@b.example"
    smtp.send_message(message)
    assert message["X-Spamlint-Verdict"] == "pass"
