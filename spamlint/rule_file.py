"""Loads and validates one TOML rule file. All problems of a file are reported at once, each with file and key."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from spamlint.errors import RuleFileError
from spamlint.fields import FIELDS
from spamlint.needs import FAMILIES, NEEDS, is_known
from spamlint.rule import Check, Example, Grade, Hit, Match, Rule, When
from spamlint.template.languages import NAMES
from spamlint.toml_table import Table, read_toml, suggestion
from spamlint.verdict import PROFILES, SEVERITIES, Language, Profile, Severity, Words

EXAMPLE_KINDS = ("html", "text", "subject", "headers", "eml", "template", "draft")
HIGHEST_SCORE = 10.0

_KEYS = (
    "title", "severity", "score", "message", "why", "fix", "refs", "peers", "check", "match", "when", "params", "needs",
    "profiles", "blocks", "blocks_in", "calibrated", "grade_by", "grade", "nl", "example",
)  # fmt: skip
_MATCH_KEYS = ("fields", "phrases", "regex", "unless", "words")
_WHEN_KEYS = ("all", "any", "none", "at_least")
_WORD_KEYS = ("title", "message", "why", "fix")
_EXAMPLES = b"\n[[example]]"
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*")


class _Later:
    """A check whose module is imported when somebody calls it, or asks for its parameters."""

    __slots__ = ("_found", "_module", "_name")

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name
        self._found: Check | None = None

    def __call__(self, *given: object, **params: object) -> Iterable[Hit]:
        return self.__wrapped__(*given, **params)

    @property
    def __wrapped__(self) -> Check:
        """The check itself; `inspect.signature` asks for it by this name."""
        if self._found is None:
            found: Check = getattr(importlib.import_module(self._module), self._name)
            self._found = found
        return self._found


def parse_rule(rule_id: str, toml: bytes, file: str, modules: Mapping[str, str], *, is_checked: bool = False) -> Rule:
    """The rule in `toml`; `modules` maps topics of Python checks to module names. RuleFileError lists all problems.

    Where a test has shown before that the file `is_checked`, start-up is shorter: checks are imported when they are
    called, patterns and parameters are not looked at again, and the examples, which come last, are not read.
    """
    try:
        data = read_toml(toml.partition(_EXAMPLES)[0] if is_checked else toml)
    except ValueError as error:
        raise RuleFileError(f"{file}: {error}") from None
    table = Table(file, "", data)
    if not _ID.fullmatch(rule_id):
        table.problem("", f"the path must be topic/name in lower-case words, not {rule_id}")
    table.known(_KEYS)
    check_name, check = _check(table, modules, is_checked=is_checked)
    params = table.inner("params").data
    words = _words(table)
    rule = Rule(
        id=rule_id,
        severity=_severity(table),
        score=_score(table),
        words=words,
        refs=table.texts("refs"),
        peers=table.texts("peers"),
        match=_match(table, is_checked=is_checked),
        check=check,
        check_name=check_name,
        when=_when(table),
        params=_plain_params(params)
        if is_checked or (check_name and not check)
        else checked_params(check, params, table.problem),
        needs=_needs(table),
        profiles=_profiles(table, "profiles"),
        blocks=table.get("blocks", default=False),
        blocks_in=_profiles(table, "blocks_in"),
        calibrated=table.get("calibrated", default=True),
        grade_by=table.get("grade_by", "count"),
        grades=_grades(table),
        examples=() if is_checked else _examples(table, check),
    )
    if [rule.match, rule.check_name, rule.when].count(None) != 2:
        table.problem("", "needs either check, [match] or [when]")
    if table.problems:
        raise RuleFileError("\n".join(table.problems))
    return rule


def _needs(table: Table) -> tuple[str, ...]:
    needs = table.texts("needs")
    for need in needs:
        if not is_known(need):
            known = ", ".join((*NEEDS, *(f"{family}:..." for family in FAMILIES)))
            table.problem("needs", f"{need!r} is not one of {known}{suggestion(need, NEEDS)}")
        elif ":" in need and "check" not in table.data:
            table.problem("needs", f"{need!r} is for checks: patterns and combinations find out by themselves")
    return needs


def _profiles(table: Table, key: str) -> tuple[Profile, ...]:
    """The profiles that `key` names, all where it is missing."""
    named = table.choices(key, PROFILES)
    return tuple(name for name in PROFILES if name in named) or PROFILES


def _severity(table: Table) -> Severity:
    found = table.choice("severity", SEVERITIES)
    if "severity" not in table.data:
        table.problem("severity", "is missing")
    return found or "note"


def _score(table: Table) -> int:
    if "score" not in table.data:
        table.problem("score", "is missing")
    return table.points("score", HIGHEST_SCORE) or 0


def _words(table: Table) -> dict[Language, Words]:
    languages: dict[Language, Words] = {"en": Words(*(table.text(key) for key in _WORD_KEYS))}
    if "nl" in table.data:
        dutch = table.inner("nl")
        dutch.known(_WORD_KEYS)
        languages["nl"] = Words(*(dutch.text(key) for key in _WORD_KEYS))
    return languages


def _check(table: Table, modules: Mapping[str, str], *, is_checked: bool) -> tuple[str | None, Check | None]:
    if "check" not in table.data:
        return None, None
    name = table.text("check")
    topic, _, function = name.partition(".")
    if topic not in modules:
        table.problem("check", f"there is no module of checks named {topic!r}" + suggestion(topic, modules))
        return name, None
    if is_checked:
        return name, _Later(modules[topic], function)
    module = importlib.import_module(modules[topic])
    check = getattr(module, function, None)
    if function.startswith("_") or not inspect.isgeneratorfunction(check):
        table.problem("check", f"{topic} has no check named {function!r}" + suggestion(function, vars(module)))
        return name, None
    return name, check


def _plain_params(given: Mapping[str, Any]) -> dict[str, object]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


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


def _match(table: Table, *, is_checked: bool) -> Match | None:
    if "match" not in table.data:
        return None
    match = table.inner("match")
    match.known(_MATCH_KEYS)
    phrases, regex = match.texts("phrases"), match.texts("regex")
    fields = match.choices("fields", FIELDS)
    if not fields:
        match.problem("fields", "is missing or empty")
    if not phrases and not regex:
        match.problem("regex", "or phrases is needed")
    unless = match.texts("unless")
    if not is_checked:
        _refuse(match, regex=regex, unless=unless)
    return Match(fields, (*map(_phrase, phrases), *regex), unless, match.get("words", bool(phrases)))


def _refuse(match: Table, **patterns: tuple[str, ...]) -> None:
    """Tell which of the patterns are outside the dialect."""
    from spamlint.matcher import refusal

    for key, given in patterns.items():
        for index, pattern in enumerate(given):
            reason = refusal(pattern)
            if reason:
                match.problem(f"{key}[{index}]", f"{reason} (in {pattern!r:.80})")


def _when(table: Table) -> When | None:
    if "when" not in table.data:
        return None
    when = table.inner("when")
    when.known(_WHEN_KEYS)
    found = When(when.texts("all"), when.texts("any"), when.texts("none"), when.get("at_least", 1))
    if len(found.all) + found.at_least * bool(found.any) < 2:
        when.problem("all", "and any must ask for two findings at least")
    if found.any and not 1 <= found.at_least <= len(found.any):
        when.problem("at_least", f"must be from 1 to {len(found.any)}, as many as any names")
    for twice in sorted({rule for rule in found.rules if found.rules.count(rule) > 1}):
        when.problem("", f"names {twice} more than once")
    return found


def _phrase(phrase: str) -> str:
    """A literal, blind to case, in which a blank stands for any white space, as a pattern."""
    return "(?i:" + r"\s+".join(re.escape(word) for word in phrase.split()) + ")"


def _grades(table: Table) -> tuple[Grade, ...]:
    grades = []
    for grade in table.rows("grade"):
        grade.known(("at", "score", "severity"))
        grades.append(Grade(grade.get("at", 0), _score(grade), _severity(grade)))
    if [grade.at for grade in grades] != sorted({grade.at for grade in grades}):
        table.problem("grade", "the grades must rise")
    return tuple(grades)


def _examples(table: Table, check: Check | None) -> tuple[Example, ...]:
    examples = []
    for example in table.rows("example"):
        example.known((*EXAMPLE_KINDS, "finds", "profile", "params", "context", "language", "beside", "delivery"))
        kinds = [kind for kind in EXAMPLE_KINDS if kind in example.data]
        if len(kinds) != 1:
            example.problem("", f"needs exactly one of {', '.join(EXAMPLE_KINDS)}")
            continue
        if "finds" not in example.data:
            example.problem("finds", "is missing")
        given = example.inner("params").data
        params = checked_params(check, given, example.problem) if given else {}
        profile = example.choice("profile", PROFILES)
        finds = tuple(map(str, example.get("finds", list[Any]())))
        context = example.inner("context").data if "context" in example.data else None
        language = example.choice("language", NAMES) or ""
        sample, beside = example.get(kinds[0], ""), _beside(example, kinds[0])
        delivery = tuple(row.data for row in example.rows("delivery"))
        examples.append(Example(kinds[0], sample, finds, profile, params, context, language, beside, delivery))
    if not any(example.finds for example in examples):
        table.problem("example", "a hit is missing: an example that finds something")
    if all(example.finds for example in examples):
        table.problem("example", "a near miss is missing: an example with finds = []")
    return tuple(examples)


def _beside(example: Table, kind: str) -> dict[str, str]:
    """The other files of a template's mail."""
    if "beside" not in example.data:
        return {}
    if kind != "template":
        example.problem("beside", "is for a template only")
    table = example.inner("beside")
    table.known(("subject", "text"))
    return {role: table.text(role) for role in ("subject", "text") if role in table.data}
