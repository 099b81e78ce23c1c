"""`spamlint bounce`: what a refusal means, who has to act, and what to do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from spamlint import __version__
from spamlint.bounce.explain import Explainer
from spamlint.bounce.knowledge import UNKNOWN
from spamlint.bounce.notice import Notice
from spamlint.bounce.read import read as read_notice
from spamlint.bounce.sources import sources
from spamlint.cli.parser import WRONG_USE, Parser, add_setting_options, complain, settings, style
from spamlint.inputs import Input, Unreadable, read
from spamlint.limits import DEFAULT_LIMITS
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.report import bounce_json, bounce_text
from spamlint.report.bounce_data import BounceReport, BounceSummary
from spamlint.report.data import FileReport, file_report
from spamlint.rule import Rule
from spamlint.verdict import Language, Policy

_NOT_EXPLAINED = 1
_EXAMPLES = """examples:
  spamlint bounce returned.eml              a message that came back
  spamlint bounce Maildir/ mail.log         a folder, and a log of Postfix, Exim or Microsoft; with a summary
  echo "550 5.7.1 Unable to relay" | spamlint bounce -    a pasted reply
  spamlint bounce --lang nl returned.eml
  spamlint bounce --format json returned.eml
  spamlint bounce report.xml.gz             a DMARC report: who sends as your domain

exit code: 0 every input has a cause; 1 the cause of one could not be made out; 2 wrong use or an unreadable file.
"""


@dataclass(frozen=True)
class _Linters:
    """Made when the first returned message asks for one."""

    policy: Policy
    rules: Sequence[Rule]

    def of(self, *, as_bulk: bool) -> Linter:
        """The linter for mail to many, or for any mail: who complains about a message did not ask for it alone."""
        return self._bulk if as_bulk else self._plain

    @cached_property
    def _plain(self) -> Linter:
        return Linter(self.policy, self.rules)

    @cached_property
    def _bulk(self) -> Linter:
        return Linter(replace(self.policy, profile="bulk"), self.rules)


@dataclass(frozen=True, slots=True)
class _Task:
    """What explains one input after another."""

    explainer: Explainer
    linters: _Linters
    language: Language

    def report(self, item: Input, data: bytes) -> BounceReport:
        notice = read_notice(data, item.path, offset=item.offset, line=item.line)
        explained = self.explainer.explain(notice)
        codes = {one.status: self.explainer.status_words(one.status, self.language) for one in explained if one.status}
        return BounceReport(item.path, item.message_index, notice, explained, codes, self._original(item, notice))

    def _original(self, item: Input, notice: Notice) -> FileReport | None:
        if notice.original is None or not notice.original.data:
            return None
        message = Message.from_bytes(notice.original.data, item.path)
        return file_report(
            self.linters.of(as_bulk=notice.kind == "complaint").check(message),
            message.source,
            item.message_index,
            self.language,
        )


def run(arguments: Sequence[str]) -> int:
    """Explains what the arguments name, prints the report, and returns the exit code."""
    args = _parser().parse_args(arguments)
    config, rules = settings(args, whole=False)
    language: Language = args.lang or config.language
    titles = {rule.id: rule.words.get(language, rule.words["en"]).title for rule in rules}
    explainer = Explainer()
    task = _Task(explainer, _Linters(config.policy, rules), language)
    causes = {name: cause.words[language].title for name, cause in explainer.knowledge.causes.items()}
    return _written(args, task, titles, causes)


def _written(args: argparse.Namespace, task: _Task, titles: Mapping[str, str], causes: Mapping[str, str]) -> int:
    total, worst = BounceSummary(), 0
    as_json = args.format == "json"
    look = style(task.language, colour=args.colour)
    if as_json:
        sys.stdout.write(bounce_json.opening(__version__))
    for result in _reports(args.paths, task):
        if isinstance(result, Unreadable):
            complain(f"{result.path}: {result.reason}")
            total.unreadable.append((result.path, result.reason))
            worst = WRONG_USE
            continue
        first = not total.inputs
        total.add(result, causes)
        worst = max(worst, _NOT_EXPLAINED if any(one.cause.name == UNKNOWN for one in result.explained) else 0)
        if as_json:
            sys.stdout.write(bounce_json.entry(result, task.language, first=first))
        elif not args.summary:
            sys.stdout.write(bounce_text.file(result, titles, look))
    if as_json:
        sys.stdout.write(bounce_json.closing(total))
    elif args.summary or total.inputs + len(total.unreadable) > 1:
        sys.stdout.write(bounce_text.summary(total, look))
    return worst


def _reports(paths: Sequence[str], task: _Task) -> Iterator[BounceReport | Unreadable]:
    for item in sources(paths, getattr(sys.stdin, "buffer", None)):
        if isinstance(item, Unreadable):
            yield item
            continue
        data = read(item, DEFAULT_LIMITS.message)
        yield data if isinstance(data, Unreadable) else task.report(item, data)


def _parser() -> Parser:
    parser = Parser(
        prog="spamlint bounce",
        usage="spamlint bounce [OPTION ...] PATH ...",
        description="Explains refusals: the cause, who has to act, the cure, and the rules that could have warned.",
        epilog=_EXAMPLES,
    )
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="returned message, SMTP reply, log, ARF or DMARC report, mbox, Maildir, folder, or - ",
    )
    shown = parser.add_argument_group("report")
    shown.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    shown.add_argument("--summary", action="store_true", help="show the counts only: causes, and domains of recipients")
    shown.add_argument("--no-color", dest="colour", action="store_false", help="no colour; so does NO_COLOR=1")
    add_setting_options(parser)
    return parser
