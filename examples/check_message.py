"""Check a message from Python before it is sent: `python examples/check_message.py [FILE.eml]`."""

from __future__ import annotations

import sys
from email.message import EmailMessage
from pathlib import Path

import spamlint


def letter() -> bytes:
    """A message as a program would build it, without a subject."""
    message = EmailMessage()
    message["From"] = "Mill Lane Library <desk@mill-lane-library.example>"
    message["To"] = "Ada Brook <ada.brook@aldbury.example>"
    message["Date"] = "Mon, 02 Mar 2026 09:30:00 +0100"
    message["Message-ID"] = "<20260302093000.115@mill-lane-library.example>"
    message.set_content("The library opens at nine; borrowed books may come back a week later than usual.\n")
    return message.as_bytes()


def main() -> int:
    """Print every finding with its place and cure; 1 where the message should not be sent."""
    verdict = spamlint.check(Path(sys.argv[1]) if len(sys.argv) > 1 else letter())
    print(f"{verdict.outcome}: {verdict.score / 10} points, blocked at {verdict.block_at / 10}")
    for finding in verdict.findings:
        place = finding.places[0]
        where = f"line {place.raw.line}" if place else "the whole message"
        print(f"{finding.rule} ({where}): {finding.say().message}. {finding.say().fix}")
    return 1 if verdict.outcome == "block" else 0


if __name__ == "__main__":
    sys.exit(main())
