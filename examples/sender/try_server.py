"""Would a server send mail on? Asked from Python, up to RCPT TO: nothing is sent.

python try_server.py mail.mill.example:587 ann@mill.example bo@clients.example
"""

from __future__ import annotations

import sys

from spamlint.smtp_probe.probe import Trial, tried
from spamlint.smtp_probe.target import target_of


def main() -> None:
    """Prints what the server does with the sender and the recipient."""
    server, sender, recipient = sys.argv[1:]
    probe = tried(Trial(target_of(server, 587), sender=sender, recipients=(recipient,), seconds=20))
    last = probe.steps[-1]
    said = last.reply.text if last.reply is not None else last.why
    print(f"{probe.outcome}: {last.name.upper()} {said}")


if __name__ == "__main__":
    main()
