"""A proxy between a program and a mail server, all on this machine: one message passes, one is refused and told why.

python examples/smtp-proxy/try_it.py
"""

import smtplib
import socket
import subprocess
import sys
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HERE = Path(__file__).parent


class Shown:
    """A mail server that prints which messages it takes."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        """Takes every message."""
        content = envelope.content
        fields = (content.decode("latin-1") if isinstance(content, bytes) else content or "").split("\r\n\r\n")[0]
        print("arrived:", next(line for line in fields.splitlines() if line.startswith("Subject:")))
        return "250 2.0.0 It is here"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
    return port


def send(port: int, file: Path) -> None:
    """Sends one message, as any program does, and prints what comes back."""
    with smtplib.SMTP("127.0.0.1", port) as client:
        try:
            message = file.read_text("utf-8")  # as text, so that smtplib ends each line as SMTP wants it
            client.sendmail("office@tern-ferry.example", ["anna@mill-lane.example"], message)
        except smtplib.SMTPDataError as error:
            answer = error.smtp_error
            print("refused:", error.smtp_code, answer.decode() if isinstance(answer, bytes) else answer)


def main() -> None:
    """Starts the mail server and the proxy, and sends two messages."""
    server = Controller(Shown(), hostname="127.0.0.1", port=free_port())
    port = free_port()
    command = [sys.executable, "-m", "spamlint", "smtp-proxy", "--config", f"{HERE}/spamlint.toml", "--submission"]
    places = ["--listen", f"127.0.0.1:{port}", "--next", f"127.0.0.1:{server.port}"]
    server.start()
    proxy = subprocess.Popen([*command, *places], stderr=subprocess.PIPE, text=True)  # noqa: S603
    try:
        assert proxy.stderr is not None
        print(proxy.stderr.readline().split(" on ")[0])
        send(port, HERE.parent / "good-newsletter.eml")
        send(port, HERE.parent / "attachments.eml")
    finally:
        proxy.terminate()
        proxy.communicate()
        server.stop()


if __name__ == "__main__":
    main()
