"""A Flask application whose mail is judged: `python flask_app.py HOST PORT [FILE ...]` sends a letter with files."""

from __future__ import annotations

import smtplib
import sys
from pathlib import Path

from flask import Flask
from flask_mail import Message

from spamlint.integrations.flask_mail import Mail
from spamlint.integrations.gate import reasons


def application(host: str, port: int) -> tuple[Flask, Mail]:
    """The application, and what it sends mail with."""
    app = Flask(__name__)
    app.config["MAIL_SERVER"] = host
    app.config["MAIL_PORT"] = port
    app.config["SPAMLINT_CONFIG"] = Path(__file__).parent / "spamlint.toml"
    return app, Mail(app)


def main() -> int:
    """Send the letter; 1 where it may not go out, with the reasons."""
    host, port, *files = sys.argv[1:]
    app, mail = application(host, int(port))
    message = Message(
        "Your library card is ready",
        sender=("Mill Lane Library", "desk@mill-lane-library.example"),
        recipients=["ada.brook@aldbury.example"],
        body="Your card lies at the desk, and we keep it there until the end of the month.\n",
    )
    for file in map(Path, files):
        message.attach(file.name, "application/octet-stream", file.read_bytes())
    try:
        with app.app_context():
            mail.send(message)
    except smtplib.SMTPDataError as refused:
        print(*reasons(refused), sep="\n")
        return 1
    print("sent")
    return 0


if __name__ == "__main__":
    sys.exit(main())
