"""`spamlint rules`: lists them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from spamlint.cli.parser import Parser, add_setting_options, settings, style
from spamlint.config import chosen
from spamlint.report.escape import visible, width
from spamlint.report.style import BOLD
from spamlint.report.words import points
from spamlint.rule import Rule
from spamlint.verdict import PROFILES, Language

_EXAMPLES = """examples:
  spamlint rules                     all of them
  spamlint rules subject html        those of two topics
  spamlint rules --format json       for a program to read
"""


def run(arguments: Sequence[str]) -> int:
    """Prints the rules that the arguments name."""
    args = _parser().parse_args(arguments)
    config, rules = settings(args)
    language = args.lang or config.language
    named = chosen(rules, args.rules)
    if args.format == "json":
        print(json.dumps([_object(rule, language) for rule in named], indent=2))
        return 0
    head = style(language, colour=args.colour)
    rows = [("rule", "severity", "score", "profiles", "title"), *(_row(rule, language) for rule in named)]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        line = "  ".join(visible(cell) + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=True))
        print(head.paint(line.rstrip(), BOLD) if number == 0 else line.rstrip())
    return 0


def parameters(rule: Rule) -> dict[str, object]:
    """The parameters of the rule's check with the values it runs with."""
    return {**rule.defaults, **rule.params}


def _row(rule: Rule, language: Language) -> tuple[str, ...]:
    scores = sorted({rule.score, *(grade.score for grade in rule.grades)})
    score = "-".join(points(language, tenths) for tenths in dict.fromkeys((scores[0], scores[-1])))
    profiles = "all" if rule.profiles == PROFILES else ",".join(rule.profiles)
    severity = f"{rule.severity}, blocks" + _where(rule) if rule.blocks else rule.severity
    return rule.id, severity, score, profiles, rule.words.get(language, rule.words["en"]).title


def _where(rule: Rule) -> str:
    return "" if rule.blocks_in == PROFILES else f" in {'/'.join(rule.blocks_in)}"


def _object(rule: Rule, language: Language) -> dict[str, Any]:
    said = rule.words.get(language, rule.words["en"])
    return {
        "id": rule.id,
        "topic": rule.topic,
        "title": said.title,
        "severity": rule.severity,
        "score": rule.score / 10,
        "blocks": rule.blocks,
        "blocks_in": list(rule.blocks_in) if rule.blocks else [],
        "grades": [
            {"by": rule.grade_by, "at": grade.at, "score": grade.score / 10, "severity": grade.severity}
            for grade in rule.grades
        ],
        "when": _combined(rule),
        "profiles": list(rule.profiles),
        "params": parameters(rule),
        "why": said.why,
        "fix": said.fix,
        "refs": list(rule.refs),
        "peers": list(rule.peers),
    }


def _combined(rule: Rule) -> dict[str, Any] | None:
    """What a combination asks of other rules."""
    when = rule.when
    if when is None:
        return None
    return {"all": list(when.all), "any": list(when.any), "none": list(when.none), "at_least": when.at_least}


def _parser() -> Parser:
    parser = Parser(
        prog="spamlint rules",
        usage="spamlint rules [OPTION ...] [TOPIC ...]",
        description="Lists the rules: id, severity, points, the profiles they apply in, and what they find.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("rules", nargs="*", metavar="TOPIC", help="only these topics, rules or globs")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="(default: text)")
    parser.add_argument("--no-color", dest="colour", action="store_false", help="no colour; so does NO_COLOR=1")
    add_setting_options(parser)
    return parser
