"""`spamlint pipe`: judges the message on standard input, and hands it on where it may go out.

Whoever calls it knows exit codes of sysexits.h only, and gives mail up for good on most of them. So whatever is wrong
with the settings or the machine is 75: the message is kept and tried again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import FrameType

from spamlint.cli.envelope import add_envelope_options, envelope_of, read_message
from spamlint.cli.parser import Parser, add_config_options, complain
from spamlint.errors import SpamlintError
from spamlint.guard import answer
from spamlint.guard.decision import Decision
from spamlint.guard.envelope import Envelope
from spamlint.guard.fields import applied
from spamlint.guard.settings import Settings

ACCEPTED = 0
RETRY = 75
REFUSED = 77
_REPLY_CODES = {"reject": REFUSED, "quarantine": REFUSED, "tempfail": RETRY}

_EXAMPLES = """examples:
  spamlint pipe -t < mail.eml; echo $?                   judge only
  spamlint pipe -t -- /usr/sbin/sendmail -t -i           in place of sendmail: sendmail_path of PHP
  spamlint pipe --sender "$from" --recipient "$to" -- /usr/sbin/sendmail -G -i -f "$from" -- "$to"

The message goes to COMMAND with the header fields that the settings ask for, and without X-Spamlint fields that it came
with. What is to be held is refused, as there is no quarantine here.

exit code: 0 accepted, or that of COMMAND; 77 refused, with the reasons on standard error; 75 try again later, also
where settings cannot be used or COMMAND cannot be run, so that no mail is given up for it.
"""


def run(arguments: Sequence[str]) -> int:
    """Judges the message, hands it on, and returns the exit code."""
    try:
        return _run(arguments)
    except SystemExit as end:
        return RETRY if end.code else ACCEPTED
    except SpamlintError as error:
        complain(*str(error).splitlines())
    except OSError as error:
        complain(str(error))
    return RETRY


def _run(arguments: Sequence[str]) -> int:
    parser = _parser()
    own, command = _split(arguments)
    args = parser.parse_args(own)
    from spamlint.cli.guarding import settings_of

    settings = settings_of(args)
    data = read_message("-")
    envelope = replace(envelope_of(args, data), user=args.user, client=args.client, queue_id=args.queue_id)

    def finish(decision: Decision) -> int:
        return _handed_on(data, decision, command)

    return finish(_decision(settings, envelope, data, finish))


def _decision(settings: Settings, envelope: Envelope, data: bytes, finish: Callable[[Decision], int]) -> Decision:
    """What becomes of the message. When the time is over, `finish` is called with what the settings say of that, and
    this process ends: what hangs cannot be asked to stop."""
    from spamlint.guard.inline import inline

    deciding = inline(settings)

    def late(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as signal calls it
        report_id = os.urandom(6).hex()
        decision = answer.unjudged(settings, envelope, data, report_id, "timeout")
        deciding.tell(decision, envelope, settings.budget.seconds)
        code = finish(decision)
        sys.stderr.flush()
        os._exit(code)

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, settings.budget.seconds)
    try:
        return deciding.decide(envelope, data)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        deciding.close()


def _handed_on(data: bytes, decision: Decision, command: Sequence[str]) -> int:
    if decision.action != "accept":
        reply = decision.reply
        # A mail server that runs this takes the status in front for its own answer.
        for number, line in enumerate(reply.lines if reply is not None else ()):
            status = f"{reply.status} " if reply is not None and not number else ""
            sys.stderr.write(f"{status}{line}\n")
        return _REPLY_CODES[decision.action]
    if not command:
        return ACCEPTED
    try:
        done = subprocess.run(list(command), input=applied(data, decision), check=False)  # noqa: S603 - the caller's own
    except OSError as error:
        complain(f"{command[0]}: cannot be run: {error.strerror}")
        return RETRY
    return done.returncode if done.returncode >= 0 else RETRY


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The options, and the command behind the first "--"."""
    if "--" not in arguments:
        return list(arguments), []
    at = list(arguments).index("--")
    return list(arguments[:at]), list(arguments[at + 1 :])


def _parser() -> Parser:
    parser = Parser(
        prog="spamlint pipe",
        usage="spamlint pipe [OPTION ...] [-- COMMAND ARGUMENT ...] < MESSAGE",
        description="Judges one message by the table [guard] of the settings, and hands it on where it may go out.",
        epilog=_EXAMPLES,
    )
    add_envelope_options(parser)
    parser.add_argument("--user", default="", metavar="NAME", help="name that the sender has authenticated as")
    parser.add_argument("--client", default="", metavar="ADDRESS", help="IP address of the client")
    parser.add_argument("--queue-id", default="", metavar="ID", help="stands in the log")
    add_config_options(parser)
    return parser
