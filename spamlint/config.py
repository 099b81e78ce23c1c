"""spamlint.toml, or [tool.spamlint] in pyproject.toml -> a Config.

The file is looked for in the working directory, then in each folder above it; spamlint.toml goes before pyproject.toml.
Everything that is wrong in the file is told at once, with file, key and reason.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from spamlint.errors import ConfigError
from spamlint.rule import Rule
from spamlint.rule_file import checked_params, suggestion
from spamlint.verdict import LANGUAGES, PROFILES, SEVERITIES, Language, Policy, Profile

T = TypeVar("T", bound=str)

FailOn: TypeAlias = Literal["warn", "block"]
FAIL_ON: tuple[FailOn, ...] = ("warn", "block")
MOST_POINTS = 100.0
FILE_NAME = "spamlint.toml"

_KEYS = (
    "profile", "select", "ignore", "fail-on", "lang", "rule-packs", "warn-at", "block-at", "topic-cap", "rules",
    "per-file-ignores",
)  # fmt: skip
_RULE_KEYS = ("score", "severity", "params")


@dataclass(frozen=True, slots=True)
class Config:
    """How mail is judged, and the defaults of the command line."""

    policy: Policy = field(default_factory=Policy)
    fail_on: FailOn = "block"
    language: Language = "en"
    rule_packs: tuple[Path, ...] = ()
    file: Path | None = None
    """Where it was read from."""


def find(start: Path) -> Path | None:
    """The configuration file that holds for the folder `start`, or None."""
    for folder in (start.absolute(), *start.absolute().parents):
        own, shared = folder / FILE_NAME, folder / "pyproject.toml"
        if own.is_file():
            return own
        if shared.is_file() and "spamlint" in _tool(_toml(shared)):
            return shared
    return None


def load(file: Path | None, rules_of: Callable[[Sequence[Path]], tuple[Rule, ...]]) -> tuple[Config, tuple[Rule, ...]]:
    """The configuration in `file` (None: the defaults) and the rules with its packs, which `rules_of` loads.

    ConfigError lists every problem of the file.
    """
    if file is None:
        return Config(), rules_of(())
    data = _toml(file)
    if file.name == "pyproject.toml":
        data = _tool(data).get("spamlint", {})
    table = _Table(str(file), "", data)
    table.known(_KEYS)
    packs = tuple(file.parent / pack for pack in table.texts("rule-packs"))
    missing = [pack for pack in packs if not pack.is_dir()]
    for pack in missing:
        table.problem("rule-packs", f"{pack} is not a folder")
    rules = rules_of([pack for pack in packs if pack not in missing])
    config = Config(
        policy=_policy(table, rules),
        fail_on=table.choice("fail-on", FAIL_ON) or "block",
        language=table.choice("lang", LANGUAGES) or "en",
        rule_packs=packs,
        file=file,
    )
    if table.problems:
        raise ConfigError("\n".join(table.problems))
    return config, rules


def narrowed(
    policy: Policy,
    rules: Sequence[Rule],
    *,
    profile: Profile | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> Policy:
    """`policy` with the options of a command line: `select` replaces the policy's, `ignore` adds to it."""
    problems: list[str] = []
    for option, selectors in (("--select", select), ("--ignore", ignore)):
        problems += (f"{option}: {problem}" for problem in _unknown(selectors, rules))
    if problems:
        raise ConfigError("\n".join(problems))
    return replace(
        policy,
        profile=profile or policy.profile,
        select=tuple(select) or policy.select,
        ignore=(*policy.ignore, *ignore),
    )


def chosen(rules: Sequence[Rule], selectors: Sequence[str]) -> tuple[Rule, ...]:
    """Those of `rules` that the selectors (ids, topics, globs) name; all where there are none."""
    if problems := _unknown(selectors, rules):
        raise ConfigError("\n".join(problems))
    return tuple(rule for rule in rules if not selectors or any(_names(selector, rule) for selector in selectors))


@dataclass
class _Table:
    """One table of the file, with the problems found in the file so far."""

    file: str
    name: str
    data: Mapping[str, Any]
    problems: list[str] = field(default_factory=list)

    def problem(self, key: str, reason: str) -> None:
        where = ".".join(part for part in (self.name, _quoted(key)) if part)
        self.problems.append(f"{self.file}: {where}: {reason}" if where else f"{self.file}: {reason}")

    def known(self, keys: Iterable[str]) -> None:
        for key in sorted(self.data.keys() - set(keys)):
            self.problem(key, "unknown key" + (suggestion(key, keys) or f"; known are {', '.join(keys)}"))

    def inner(self, key: str) -> _Table:
        """The table under `key`, empty where there is none."""
        data = self.data.get(key, {})
        if not isinstance(data, dict):
            self.problem(key, "must be a table")
            data = {}
        name = ".".join(part for part in (self.name, _quoted(key)) if part)
        return _Table(self.file, name, data, self.problems)

    def choice(self, key: str, allowed: Sequence[T]) -> T | None:
        value = self.data.get(key)
        for one in allowed:
            if one == value:
                return one
        if key in self.data:
            near = suggestion(value, allowed) if isinstance(value, str) else ""
            self.problem(key, f"must be one of {', '.join(allowed)}, not {value!r:.40}{near}")
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.data.get(key, [])
        if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
            return tuple(value)
        self.problem(key, f"must be a list of strings, not {value!r:.40}")
        return ()

    def points(self, key: str) -> int | None:
        """Points as tenths."""
        if key not in self.data:
            return None
        value = self.data[key]
        # A comparison with NaN is false. Binary fractions are not exact, so tenths are compared with a tolerance.
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST_POINTS:
            tenths = round(value * 10)
            if abs(tenths - value * 10) < 1e-6:
                return tenths
        self.problem(key, f"must be points from 0 to {MOST_POINTS} with at most one decimal place, not {value!r:.40}")
        return None


def _policy(table: _Table, rules: Sequence[Rule]) -> Policy:
    scores, severities, params = _overrides(table.inner("rules"), {rule.id: rule for rule in rules})
    per_file = table.inner("per-file-ignores")
    warn_at, block_at, topic_cap = (table.points(key) for key in ("warn-at", "block-at", "topic-cap"))
    default = Policy()
    policy = Policy(
        profile=table.choice("profile", PROFILES),
        select=_selectors(table, "select", rules),
        ignore=_selectors(table, "ignore", rules),
        scores=scores,
        severities=severities,
        params=params,
        per_file_ignores={glob: _selectors(per_file, glob, rules) for glob in per_file.data},
        warn_at=default.warn_at if warn_at is None else warn_at,
        block_at=default.block_at if block_at is None else block_at,
        topic_cap=default.topic_cap if topic_cap is None else topic_cap,
    )
    if policy.warn_at > policy.block_at:
        table.problem("warn-at", f"{policy.warn_at / 10} is more than block-at, {policy.block_at / 10}")
    return policy


def _overrides(
    table: _Table, rules: Mapping[str, Rule]
) -> tuple[dict[str, int], dict[str, Any], dict[str, Mapping[str, object]]]:
    """Scores, severities and parameters by rule id."""
    scores: dict[str, int] = {}
    severities: dict[str, Any] = {}
    params: dict[str, Mapping[str, object]] = {}
    for rule_id in table.data:
        if rule_id not in rules:
            table.problem(rule_id, f"there is no such rule{suggestion(rule_id, rules)}")
            continue
        row = table.inner(rule_id)
        own = getattr(rules[rule_id].check, "__kwdefaults__", None) or {}
        for key in sorted(row.data.keys() & own.keys()):
            row.problem(key, f"is a parameter of the rule: write params = {{ {key} = ... }}")
        row.known((*_RULE_KEYS, *own))
        if (score := row.points("score")) is not None:
            scores[rule_id] = score
        if (severity := row.choice("severity", SEVERITIES)) is not None:
            severities[rule_id] = severity
        if given := row.inner("params").data:
            params[rule_id] = checked_params(rules[rule_id].check, given, row.problem)
    return scores, severities, params


def _selectors(table: _Table, key: str, rules: Sequence[Rule]) -> tuple[str, ...]:
    selectors = table.texts(key)
    for problem in _unknown(selectors, rules):
        table.problem(key, problem)
    return selectors


def _unknown(selectors: Iterable[str], rules: Sequence[Rule]) -> list[str]:
    """What is wrong with each of `selectors` that names no rule."""
    known = [*dict.fromkeys(rule.topic for rule in rules), *(rule.id for rule in rules)]
    return [
        f"{selector!r} is no rule, topic or glob of them{suggestion(selector, known)}"
        for selector in selectors
        if not any(_names(selector, rule) for rule in rules)
    ]


def _names(selector: str, rule: Rule) -> bool:
    """Whether the selector means the rule, as the linter understands it."""
    return selector in (rule.topic, "all") or fnmatchcase(rule.id, selector)


def _quoted(key: str) -> str:
    """A key as TOML has it. Keys with a dot are paths already."""
    return f'"{key}"' if "/" in key or "*" in key else key


def _toml(file: Path) -> Mapping[str, Any]:
    try:
        with file.open("rb") as opened:
            return tomllib.load(opened)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{file}: no valid TOML: {error}") from None


def _tool(data: Mapping[str, Any]) -> Mapping[str, Any]:
    tool = data.get("tool", {})
    return tool if isinstance(tool, dict) else {}
