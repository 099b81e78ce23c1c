"""The command line: `main` hands over to one module for each command.

A module is imported when its command is called; each offers `run(arguments) -> exit code`.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module

from spamlint import __version__
from spamlint.cli.parser import WRONG_USE, Parser, complain
from spamlint.errors import SpamlintError

COMMANDS = {
    "check": "check messages, folders, mailboxes and drafts",
    "bounce": "explain a refusal: cause, who has to act, and the cure",
    "records": "look at the SPF, DKIM, DMARC and other records of a domain",
    "smtp": "try a server as a way out for mail, without sending any",
    "explain": "show one rule in full",
    "rules": "list the rules",
    "lsp": "serve an editor: findings while a mail is being written",
    "text": "write the plain-text version of an HTML draft",
    "sender": "say whether mail from an address would be accepted on a route, and what to publish",
    "milter": "filter mail for Postfix and Sendmail before they accept it",
    "smtp-proxy": "judge mail between clients and a mail server",
    "spamd": "answer programs that ask SpamAssassin's spamd",
    "serve": "answer programs over HTTP",
    "pipe": "judge one message on standard input, and hand it on",
    "override": "let one message out that would be refused",
    "stats": "sum up the log of the mail path",
    "init": "write a spamlint.toml to start from",
    "update": "make reference data from a newer copy",
}

_INTERRUPTED = 130
_PIPE_CLOSED = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line and returns its exit code. Never a traceback for what a person did wrong."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except SpamlintError as error:
        complain(*str(error).splitlines())
        code = WRONG_USE
    except KeyboardInterrupt:
        code = _INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        code = _PIPE_CLOSED
    except OSError as error:  # files that cannot be read are data: what is left is the output, or the machine
        _silence_stdout()
        complain(str(error))
        code = WRONG_USE
    return code


def _run(arguments: list[str]) -> int:
    if arguments and arguments[0] in COMMANDS:
        command = import_module(f"spamlint.cli.{arguments[0].replace('-', '_')}")
        code: int = command.run(arguments[1:])
        return code
    if not arguments or arguments[0].startswith("-"):
        parser = _parser()
        parser.parse_args(arguments)
        parser.print_help()
        return WRONG_USE
    from difflib import get_close_matches

    named = arguments[0]
    near = get_close_matches(named, COMMANDS, 1)
    hint = f"did you mean spamlint {near[0]}?" if near else f"to check mail: spamlint check {named}"
    complain(f"{named!r} is no command; {hint}")
    return WRONG_USE


def _parser() -> Parser:
    listed = "\n".join(f"  {name:<12}{does}" for name, does in COMMANDS.items())
    parser = Parser(
        prog="spamlint",
        usage="spamlint COMMAND ...",
        description="The linter for e-mail: finds what makes a message look like spam before it is sent.",
        epilog=f"commands:\n{listed}\n\nspamlint COMMAND --help says more, with examples.",
    )
    parser.add_argument("--version", action="version", version=f"spamlint {__version__}")
    return parser


def _silence_stdout() -> None:
    """Nobody takes the output any more: what is still buffered is dropped, so that the exit makes no noise."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
