"""A Django site whose mail is judged: `python django_site.py HOST PORT [FILE ...]` sends one, with files attached."""

from __future__ import annotations

import smtplib
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.mail import EmailMessage

from spamlint.integrations.gate import reasons


def configure(host: str, port: int) -> None:
    """What stands in the settings of a site."""
    settings.configure(
        EMAIL_BACKEND="spamlint.integrations.django.EmailBackend",
        EMAIL_HOST=host,
        EMAIL_PORT=port,
        SPAMLINT={
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "CONFIG": Path(__file__).parent / "spamlint.toml",
        },
    )
    django.setup()


def main() -> int:
    """Send the letter; 1 where it may not go out, with the reasons."""
    host, port, *files = sys.argv[1:]
    configure(host, int(port))
    message = EmailMessage(
        "Your library card is ready",
        "Your card lies at the desk, and we keep it there until the end of the month.\n",
        "Mill Lane Library <desk@mill-lane-library.example>",
        ["Ada Brook <ada.brook@aldbury.example>"],
    )
    for file in files:
        message.attach_file(file)
    try:
        message.send()
    except smtplib.SMTPDataError as refused:
        print(*reasons(refused), sep="\n")
        return 1
    print("sent")
    return 0


if __name__ == "__main__":
    sys.exit(main())
