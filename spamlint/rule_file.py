"""Loads and validates one TOML rule file. All problems of a file are reported at once, each with file and key."""

from __future__ import annotations

import importlib
import inspect
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from spamlint.errors import RuleFileError
from spamlint.fields import FIELDS, NEEDS
from spamlint.rule import Check, Example, Grade, Match, Rule
from spamlint.verdict import PROFILES, SEVERITIES, Language, Words

T = TypeVar("T")

EXAMPLE_KINDS = ("html", "text", "subject", "headers", "eml")
HIGHEST_SCORE = 10.0

_KEYS = (
    "title", "severity", "score", "message", "why", "fix", "refs", "peers", "check", "match", "params", "needs",
    "profiles", "blocks", "grade_by", "grade", "nl", "example",
)  # fmt: skip
_MATCH_KEYS = ("fields", "phrases", "regex", "unless", "words")
_WORD_KEYS = ("title", "message", "why", "fix")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*")


@dataclass
class _Table:
    """One table of the file, with the problems found in it so far."""

    file: str
    name: str
    data: Mapping[str, Any]
    problems: list[str] = field(default_factory=list)

    def problem(self, key: str, reason: str) -> None:
        where = ".".join(filter(None, (self.name, key)))
        self.problems.append(f"{self.file}: {where}: {reason}" if where else f"{self.file}: {reason}")

    def inner(self, name: str, data: Any) -> _Table:
        if not isinstance(data, dict):
            self.problem(name, "must be a table")
            data = {}
        return _Table(self.file, name, data, self.problems)

    def known(self, keys: Iterable[str]) -> None:
        """Every key that is not one of `keys` is a problem, with the nearest name suggested."""
        for key in self.data.keys() - set(keys):
            self.problem(key, "unknown key" + suggestion(key, keys))

    def get(self, key: str, kind: type[T], default: T) -> T:
        value = self.data.get(key, default)
        if isinstance(value, kind) and not (kind is not bool and isinstance(value, bool)):
            return value
        self.problem(key, f"must be a {kind.__name__}, not {value!r:.40}")
        return default

    def text(self, key: str) -> str:
        value = self.get(key, str, "")
        if not value.strip():
            self.problem(key, "is missing or empty")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.data.get(key, [])
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self.problem(key, "must be a list of strings")
        return ()

    def choices(self, key: str, allowed: Iterable[str]) -> tuple[str, ...]:
        found = self.texts(key)
        for name in found:
            if name not in allowed:
                self.problem(key, f"{name!r} is not one of {', '.join(allowed)}")
        return found

    def points(self, key: str) -> int:
        """A score in points, one decimal, as tenths."""
        value = self.data.get(key)
        tenths = tenths_of(value)
        if tenths is None:
            self.problem(key, f"must be a number from 0 to {HIGHEST_SCORE} with one decimal, not {value!r:.40}")
            return 0
        return tenths


def tenths_of(value: object) -> int | None:
    """`value` points as tenths, or None where it is no number from 0 to 10 with at most one decimal."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= HIGHEST_SCORE:
        return None
    tenths = round(value * 10)
    return tenths if abs(tenths - value * 10) < 1e-6 else None  # binary fractions are not exact


def suggestion(word: str, known: Iterable[str]) -> str:
    """ ", did you mean ...?" with the nearest of `known`, or nothing."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), 1)
    return f", did you mean {near[0]!r}?" if near else ""


def parse_rule(rule_id: str, toml: str, file: str, modules: Mapping[str, str]) -> Rule:
    """The rule in `toml`; `modules` maps topics of Python checks to module names. RuleFileError lists all problems."""
    try:
        data = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise RuleFileError(f"{file}: no valid TOML: {error}") from None
    table = _Table(file, "", data)
    if not _ID.fullmatch(rule_id):
        table.problem("", f"the path must be topic/name in lower-case words, not {rule_id}")
    table.known(_KEYS)
    check_name, check = _check(table, modules)
    words = _words(table)
    rule = Rule(
        id=rule_id,
        severity=_one_of(table, "severity", SEVERITIES),
        score=table.points("score"),
        words=words,
        refs=table.texts("refs"),
        peers=table.texts("peers"),
        match=_match(table),
        check=check,
        check_name=check_name,
        params=checked_params(check, table.get("params", dict, {}), table.problem),
        needs=table.choices("needs", NEEDS),
        profiles=tuple(name for name in PROFILES if name in table.choices("profiles", PROFILES)) or PROFILES,
        blocks=table.get("blocks", bool, False),
        grade_by=table.get("grade_by", str, "count"),
        grades=_grades(table),
        examples=_examples(table, check),
    )
    if (rule.match is None) == (rule.check_name is None):
        table.problem("", "needs either check or [match]")
    if table.problems:
        raise RuleFileError("\n".join(table.problems))
    return rule


def _one_of(table: _Table, key: str, allowed: tuple[T, ...]) -> T:
    value = table.data.get(key)
    for choice in allowed:
        if choice == value:
            return choice
    table.problem(key, f"must be one of {', '.join(map(str, allowed))}, not {value!r:.40}")
    return allowed[0]


def _words(table: _Table) -> dict[Language, Words]:
    languages: dict[Language, Words] = {"en": Words(*(table.text(key) for key in _WORD_KEYS))}
    if "nl" in table.data:
        dutch = table.inner("nl", table.data["nl"])
        dutch.known(_WORD_KEYS)
        languages["nl"] = Words(*(dutch.text(key) for key in _WORD_KEYS))
    return languages


def _check(table: _Table, modules: Mapping[str, str]) -> tuple[str | None, Check | None]:
    if "check" not in table.data:
        return None, None
    name = table.text("check")
    topic, _, function = name.partition(".")
    if topic not in modules:
        table.problem("check", f"there is no module of checks named {topic!r}" + suggestion(topic, modules))
        return name, None
    module = importlib.import_module(modules[topic])
    check = getattr(module, function, None)
    if function.startswith("_") or not inspect.isgeneratorfunction(check):
        table.problem("check", f"{topic} has no check named {function!r}" + suggestion(function, vars(module)))
        return name, None
    return name, check


def checked_params(
    check: Check | None, given: Mapping[str, Any], problem: Callable[[str, str], None]
) -> dict[str, object]:
    """`given` as keyword arguments of `check`; a name or a type that its signature has not is told to `problem`."""
    if check is None:
        if given:
            problem("params", "only a check has parameters")
        return {}
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(check).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }
    params: dict[str, object] = {}
    for name, value in given.items():
        if name not in defaults:
            problem(f"params.{name}", "unknown parameter" + suggestion(name, defaults))
            continue
        wanted = type(defaults[name])
        plain = tuple(value) if isinstance(value, list) and wanted is tuple else value
        if wanted is float and type(plain) is int:
            plain = float(plain)
        if type(plain) is wanted:
            params[name] = plain
        else:
            problem(f"params.{name}", f"must be a {'list' if wanted is tuple else wanted.__name__}, not {value!r:.40}")
    return params


def _match(table: _Table) -> Match | None:
    if "match" not in table.data:
        return None
    match = table.inner("match", table.data["match"])
    match.known(_MATCH_KEYS)
    phrases, regex = match.texts("phrases"), match.texts("regex")
    fields = match.choices("fields", FIELDS)
    if not fields:
        match.problem("fields", "is missing or empty")
    if not phrases and not regex:
        match.problem("regex", "or phrases is needed")
    from spamlint.matcher import refusal

    for key, patterns in (("regex", regex), ("unless", match.texts("unless"))):
        for index, pattern in enumerate(patterns):
            reason = refusal(pattern)
            if reason:
                match.problem(f"{key}[{index}]", f"{reason} (in {pattern!r:.80})")
    return Match(
        fields,
        (*map(_phrase, phrases), *regex),
        match.texts("unless"),
        match.get("words", bool, bool(phrases)),
    )


def _phrase(phrase: str) -> str:
    """A literal, blind to case, in which a blank stands for any white space, as a pattern."""
    return "(?i:" + r"\s+".join(re.escape(word) for word in phrase.split()) + ")"


def _grades(table: _Table) -> tuple[Grade, ...]:
    grades = []
    for row in table.get("grade", list, []):
        grade = table.inner("grade", row)
        grade.known(("at", "score", "severity"))
        grades.append(Grade(grade.get("at", int, 0), grade.points("score"), _one_of(grade, "severity", SEVERITIES)))
    if [grade.at for grade in grades] != sorted({grade.at for grade in grades}):
        table.problem("grade", "the grades must rise")
    return tuple(grades)


def _examples(table: _Table, check: Check | None) -> tuple[Example, ...]:
    examples = []
    for number, row in enumerate(table.get("example", list, [])):
        example = table.inner(f"example[{number}]", row)
        example.known((*EXAMPLE_KINDS, "finds", "profile", "params"))
        kinds = [kind for kind in EXAMPLE_KINDS if kind in example.data]
        if len(kinds) != 1:
            example.problem("", f"needs exactly one of {', '.join(EXAMPLE_KINDS)}")
            continue
        if "finds" not in example.data:
            example.problem("finds", "is missing")
        profile = _one_of(example, "profile", PROFILES) if "profile" in example.data else None
        given = example.get("params", dict, {})
        params = checked_params(check, given, example.problem) if given else {}
        examples.append(Example(kinds[0], example.get(kinds[0], str, ""), example.texts("finds"), profile, params))
    if not any(example.finds for example in examples):
        table.problem("example", "a hit is missing: an example that finds something")
    if all(example.finds for example in examples):
        table.problem("example", "a near miss is missing: an example with finds = []")
    return tuple(examples)
