"""`spamlint sender`: would mail from an address be accepted on a route, and if not, what is to be published?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from spamlint.cli.parser import WRONG_USE, Parser, add_setting_options, settings, style
from spamlint.cli.routes import add_route_options, dns_of, route_of
from spamlint.config import FAIL_ON, Config, FailOn
from spamlint.errors import ConfigError
from spamlint.rule import Rule
from spamlint.verdict import Language

if TYPE_CHECKING:
    from spamlint.sender.examine import Examination
    from spamlint.sender.report import Judged

_ADDRESS = re.compile(r"[^\s@<>\x00-\x1f]+@[^\s@<>\x00-\x1f]+")

_EXAMPLES = """examples:
  spamlint sender ann@mill.example --route carrier        SPF, DKIM, DMARC, hosts and blocklists of this route
  spamlint sender ann@mill.example                        what the DNS says of the domain, whatever the route
  spamlint sender ann@mill.example --route carrier --letter --lang nl > letter.txt
  spamlint sender ann@mill.example --route carrier --dns-server 192.0.2.53 --dns-snapshot dns.json
  spamlint sender --records mill.example                  are its records right? the same as spamlint records

A route is described in spamlint.toml (docs/sender.md):

  [route.carrier]
  ips = ["192.0.2.7"]
  spf-include = "spf.carrier.example"

exit code: 0 accepted; 1 refused (with --fail-on warn also with reserve); 2 wrong use, or it could not be found out.
2 wins over 1, and 1 over 0.
"""


def run(arguments: Sequence[str]) -> int:
    """Prints what was found out about each address, and returns the exit code."""
    if "--records" in arguments:
        from spamlint.cli import records

        return records.run([one for one in arguments if one != "--records"])
    args = _parser().parse_args(arguments)
    for address in args.addresses:
        if not _ADDRESS.fullmatch(address):
            raise ConfigError(f"{address!r:.80} is no address: name@domain is wanted")
    config, rules = settings(args, whole=False)
    language: Language = args.lang or config.language
    route, chosen = route_of(args)
    from spamlint.sender.examine import examine

    with dns_of(args) as dns:
        judged = [
            _judged(examine(dns, route, address, lists=chosen.lists, is_bulk=args.bulk), config, rules)
            for address in args.addresses
        ]
    if args.format == "json":
        from spamlint.sender.report import as_data

        print(json.dumps({"senders": [as_data(one, language) for one in judged]}, indent=2, ensure_ascii=False))
    else:
        print("\n".join(_text(judged, language, letter_only=args.letter, colour=args.colour)))
    return max(_exit_code(one, args.fail_on or config.fail_on) for one in judged)


def _judged(examination: Examination, config: Config, rules: Sequence[Rule]) -> Judged:
    """The verdict of the rules about routes, on a message that has nothing but the sender."""
    from spamlint.linter import Linter
    from spamlint.message import Message
    from spamlint.sender.report import Judged

    message = Message.from_bytes(f"From: {examination.evidence.address}\r\n\r\n".encode())
    message.delivery = examination.delivery
    linter = Linter(config.policy, [rule for rule in rules if "route" in rule.needs])
    return Judged(examination, linter.check(message))


def _text(judged: Sequence[Judged], language: Language, *, letter_only: bool, colour: bool) -> Iterator[str]:
    from spamlint.report.escape import visible_line
    from spamlint.sender.letter import letter
    from spamlint.sender.report import as_text, letter_lines
    from spamlint.sender.words import words

    look = style(language, colour=colour)
    for number, one in enumerate(judged):
        if number:
            yield ""
        if letter_only:
            instead = "nothing" if one.examination.is_decided else "unknown"
            text = letter(one.examination, language) or words(language)[instead]
            yield from map(visible_line, text.split("\n"))
            continue
        yield from as_text(one, look)
        lines = list(letter_lines(one.examination, look))
        if lines:
            yield ""
            yield from lines


def _exit_code(judged: Judged, fail_on: FailOn) -> int:
    verdict = judged.verdict
    if verdict.incomplete:
        return WRONG_USE
    return int(verdict.outcome == "block" or (fail_on == "warn" and verdict.outcome == "warn"))


def _parser() -> Parser:
    parser = Parser(
        prog="spamlint sender",
        usage="spamlint sender [OPTION ...] ADDRESS ...",
        description="Says whether mail with an address in From would be accepted on a route, and what to publish.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("addresses", nargs="+", metavar="ADDRESS", help="the address in From")
    parser.add_argument("--bulk", action="store_true", help="mail to many: what Gmail, Yahoo and Outlook ask of it")
    parser.add_argument("--fail-on", choices=FAIL_ON, help="outcome from which on the exit code is 1 (default: block)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="(default: text)")
    parser.add_argument("--letter", action="store_true", help="print only the letter to the administrator")
    parser.add_argument(
        "--records", action="store_true", help="look at the records of a domain instead, see spamlint records --help"
    )
    parser.add_argument("--no-color", dest="colour", action="store_false", help="no colour; so does NO_COLOR=1")
    add_route_options(parser, of_sender=True)
    add_setting_options(parser)
    return parser
