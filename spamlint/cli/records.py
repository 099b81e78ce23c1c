"""`spamlint records`: are the SPF, DKIM, DMARC, MTA-STS, TLS-RPT and BIMI records of a domain right?"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spamlint.cli.parser import WRONG_USE, Parser, add_setting_options, settings, style
from spamlint.cli.routes import add_route_options, dns_of, route_of
from spamlint.errors import ConfigError
from spamlint.verdict import Language

if TYPE_CHECKING:
    from spamlint.sender.records.policy_file import Https
    from spamlint.sender.records.report import Report

_DOMAIN: Final = re.compile(r"(?i)(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}\.?")
_SELECTOR: Final = re.compile(r"(?i)(?=.{1,120}\Z)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")

_EXAMPLES = """examples:
  spamlint records mill.example                            SPF, DMARC, MTA-STS, TLS-RPT and BIMI
  spamlint records mill.example --selector post            and this DKIM key
  spamlint records mill.example --route carrier            and the key of this route of the settings
  spamlint records mill.example --https                    fetches the MTA-STS policy as well
  spamlint records mill.example --dns-server 192.0.2.53 --dns-snapshot dns.json --format json

exit code: 0 no faults; 1 a record is void or harmful (with --fail-on warning also for lesser faults); 2 wrong use, or
something could not be asked. 2 wins over 1.
"""


def run(arguments: Sequence[str]) -> int:
    """Prints what is wrong with the records of each domain, and returns the exit code."""
    args = _parser().parse_args(arguments)
    domains = [_ascii(one.rpartition("@")[2]) for one in args.domains]
    config, rules = settings(args, whole=False)
    language: Language = args.lang or config.language
    route, _ = route_of(args)
    from spamlint.linter import Linter
    from spamlint.sender.records.lint import record_notes
    from spamlint.sender.records.report import as_data, as_text, report_of

    wanted = Linter(config.policy, rules).rules
    reports = []
    with dns_of(args) as dns:
        for domain in domains:
            dns.renew()
            selectors = _selectors(args, domain, route.dkim_domain, route.dkim_selector)
            reports.append(report_of(domain, record_notes(dns, domain, selectors, _https(args)), wanted))
    if args.format == "json":
        print(json.dumps({"domains": [as_data(one, language) for one in reports]}, indent=2, ensure_ascii=False))
        return max(_exit_code(one, args.fail_on) for one in reports)
    look = style(language, colour=args.colour)
    for number, one in enumerate(reports):
        if number:
            print()
        for line in as_text(one, look, has_selectors=bool(args.selector or route.dkim_selector)):
            print(line)
    return max(_exit_code(one, args.fail_on) for one in reports)


def _selectors(args: argparse.Namespace, domain: str, route_domain: str, route_selector: str) -> list[str]:
    """The DKIM keys to look at: those that are named, and that of the route where it signs for this domain."""
    for one in args.selector:
        if not _SELECTOR.fullmatch(one):
            raise ConfigError(f"--selector: {one!r:.80} is no selector: letters, digits, - and . are")
    own = [route_selector] if route_selector and route_domain == domain else []
    return list(dict.fromkeys([*args.selector, *own]))


def _https(args: argparse.Namespace) -> Https | None:
    if not args.https:
        return None
    from spamlint.sender.records.policy_file import Https

    return Https(ca_file=args.ca_file)


def _ascii(domain: str) -> str:
    """The domain as the DNS has it. ConfigError where it is none."""
    try:
        name = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not _DOMAIN.fullmatch(name):
        raise ConfigError(f"{domain!r:.80} is no domain: mill.example is wanted, or an address of it")
    return name.lower().rstrip(".")


def _exit_code(report: Report, fail_on: str) -> int:
    if report.result == "unknown":
        return WRONG_USE
    return int(report.has_error or (fail_on == "warning" and report.result == "wrong"))


def _parser() -> Parser:
    parser = Parser(
        prog="spamlint records",
        usage="spamlint records [OPTION ...] DOMAIN ...",
        description="Looks at what a domain publishes about its mail: SPF, DKIM, DMARC, MTA-STS, TLS-RPT, BIMI.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("domains", nargs="+", metavar="DOMAIN", help="the domain behind the @ of From, or the address")
    parser.add_argument(
        "--selector", action="append", default=[], metavar="NAME", help="DKIM key to look at; repeatable"
    )
    parser.add_argument("--https", action="store_true", help="fetch the policy of MTA-STS from the web server")
    parser.add_argument("--ca-file", type=Path, metavar="FILE", help="authorities to trust with --https")
    parser.add_argument(
        "--fail-on", choices=("error", "warning"), default="error", help="from when the exit code is 1 (default: error)"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="(default: text)")
    parser.add_argument("--no-color", dest="colour", action="store_false", help="no colour; so does NO_COLOR=1")
    add_route_options(parser, of_sender=True)
    add_setting_options(parser)
    return parser
