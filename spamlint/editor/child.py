"""The process that lints for the server: it answers one job after the other, and ends with its input.

It is a process of its own so that neither a slow check nor a crash of a library holds up or ends the server.
"""

from __future__ import annotations

import gc
import os
import signal
import sys

from spamlint.editor.frames import packed, received
from spamlint.editor.lint import Desk, answer


def main() -> None:
    """Answers jobs until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server decides what an interrupt means
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a check of a rule pack prints is no answer
    desk, made = Desk(), 0
    while (job := received(jobs)) is not None:
        answers.write(packed(answer(job, desk)))
        answers.flush()
        if desk.linters.made != made:
            # The new linter stays, and collecting need not walk over it; what was linted does not.
            made, desk.last = desk.linters.made, None
            gc.collect()
            gc.freeze()


if __name__ == "__main__":
    main()
