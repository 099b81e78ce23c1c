"""Send a message with smtplib, if it may go out: `python smtplib_send.py HOST PORT [FILE ...]`, with files attached."""

from __future__ import annotations

import smtplib
import sys
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

from spamlint.integrations.gate import reasons
from spamlint.integrations.smtplib import checked


def letter(files: list[Path]) -> EmailMessage:
    """What a library writes to a reader."""
    message = EmailMessage()
    message["From"] = "Mill Lane Library <desk@mill-lane-library.example>"
    message["To"] = "Ada Brook <ada.brook@aldbury.example>"
    message["Subject"] = "Your library card is ready"
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain="mill-lane-library.example")
    message.set_content("Your card lies at the desk, and we keep it there until the end of the month.\n")
    for file in files:
        message.add_attachment(file.read_bytes(), maintype="application", subtype="octet-stream", filename=file.name)
    return message


def main() -> int:
    """Send the letter; 1 where it may not go out, with the reasons."""
    host, port, *files = sys.argv[1:]
    settings = Path(__file__).parent / "spamlint.toml"
    try:
        with checked(smtplib.SMTP(host, int(port)), settings) as smtp:
            smtp.send_message(letter([Path(file) for file in files]))
    except smtplib.SMTPDataError as refused:
        print(*reasons(refused), sep="\n")
        return 1
    print("sent")
    return 0


if __name__ == "__main__":
    sys.exit(main())
