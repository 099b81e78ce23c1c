"""`spamlint explain`: one rule in full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from spamlint.cli.parser import Parser, add_setting_options, settings, style
from spamlint.cli.rules import parameters
from spamlint.errors import ConfigError
from spamlint.report.escape import visible
from spamlint.report.style import BOLD, Style, label_column, labelled, wrapped
from spamlint.report.words import points, say
from spamlint.rule import Example, Rule, When
from spamlint.verdict import PROFILES

_EXAMPLES = """examples:
  spamlint explain subject/missing
  spamlint explain missing              a name without its topic, where only one rule has it
  spamlint explain --lang nl subject/missing
"""


def run(arguments: Sequence[str]) -> int:
    """Prints the rule that the arguments name."""
    parser = Parser(
        prog="spamlint explain",
        usage="spamlint explain [OPTION ...] RULE",
        description="Shows one rule: what it finds, how it counts, why, the cure, its sources and examples.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("rule", metavar="RULE", help="id of the rule, as topic/name or its name alone")
    parser.add_argument("--no-color", dest="colour", action="store_false", help="no colour; so does NO_COLOR=1")
    add_setting_options(parser)
    args = parser.parse_args(arguments)
    config, rules = settings(args)
    print(explained(named(rules, args.rule), style(args.lang or config.language, colour=args.colour)), end="")
    return 0


def named(rules: Sequence[Rule], name: str) -> Rule:
    """The rule with that id, or the only one of that name. ConfigError with a suggestion where there is none."""
    found = [rule for rule in rules if name in (rule.id, rule.id.partition("/")[2])]
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigError(f"{name!r} is the name of several rules: {', '.join(rule.id for rule in found)}")
    from spamlint.toml_table import suggestion

    ids = [rule.id for rule in rules]
    near = suggestion(name, ids) or suggestion(name, [rule_id.partition("/")[2] for rule_id in ids])
    raise ConfigError(f"there is no rule {name!r}{near or '; spamlint rules lists all'}")


def explained(rule: Rule, look: Style) -> str:
    """Everything there is to say about the rule."""
    said = rule.words.get(look.language, rule.words["en"])
    rows = [
        ("severity", [say(look.language, rule.severity) + _blocking(rule, look)]),
        ("score", _scores(rule, look)),
        ("profiles", ["all" if rule.profiles == PROFILES else ", ".join(rule.profiles)]),
        *_parts(rule, look),
        ("why", [said.why]),
        ("fix", [said.fix]),
        ("params", [f"{name} = {_value(value)}" for name, value in parameters(rule).items()]),
        ("sources", rule.refs),
        ("peers", rule.peers),
    ]
    table = [(say(look.language, key), lines) for key, lines in rows if lines]
    room = look.room(label_column(table, 2))
    wrapped_table = [(label, [part for line in lines for part in wrapped(line, room)]) for label, lines in table]
    lines = [
        look.paint(visible(rule.id), BOLD),
        *wrapped(said.title, look.columns),
        "",
        *labelled(wrapped_table, 2, look),
        *_example("hit", (one for one in rule.examples if one.finds), look),
        *_example("near miss", (one for one in rule.examples if not one.finds), look),
    ]
    return "\n".join(lines) + "\n"


def _parts(rule: Rule, look: Style) -> list[tuple[str, list[str]]]:
    """What a combination asks of other rules: the key of the words for it, and the rules."""
    when = rule.when or When()
    either = ", ".join(when.any)
    if when.at_least > 1:
        either = say(look.language, "at least", number=when.at_least, rules=either)
    rows = [("all of", ", ".join(when.all)), ("any of", either), ("none of", ", ".join(when.none))]
    return [(key, [line]) for key, line in rows if line]


def _blocking(rule: Rule, look: Style) -> str:
    if not rule.blocks:
        return ""
    where = "" if rule.blocks_in == PROFILES else f" ({', '.join(rule.blocks_in)})"
    return ", " + say(look.language, "blocks") + where


def _scores(rule: Rule, look: Style) -> list[str]:
    language = look.language
    lines = [say(language, "points", score=points(language, rule.score))]
    for grade in rule.grades:
        key = "graded" if rule.grade_by == "count" else "graded by"
        lines.append(
            say(
                language,
                key,
                score=points(language, grade.score),
                severity=say(language, grade.severity),
                at=grade.at,
                name=rule.grade_by,
            )
        )
    return lines


def _value(value: object) -> str:
    """A parameter as a TOML file has it, nearly."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(list(value) if isinstance(value, tuple) else repr(value) if isinstance(value, str) else value)


def _example(key: str, examples: Iterable[Example], look: Style) -> list[str]:
    example = next(iter(examples), None)
    if example is None:
        return []
    head = f"  {say(look.language, key)} ({example.kind}):"
    return ["", head, *(f"    {visible(line)}".rstrip() for line in example.sample.strip("\r\n").splitlines())]
