"""spamlint.toml, or [tool.spamlint] in pyproject.toml -> a Config.

The file is looked for in the working directory, then in each folder above it; spamlint.toml goes before pyproject.toml.
Everything that is wrong in the file is told at once, with file, key and reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias

from spamlint.errors import ConfigError
from spamlint.rule import Rule
from spamlint.rule_file import checked_params
from spamlint.template.groups import PATTERNS, ROLES, Role, problem_with
from spamlint.template.languages import NAMES, NONE
from spamlint.toml_table import Table, read_toml, suggestion
from spamlint.verdict import LANGUAGES, PROFILES, SEVERITIES, Language, Policy, Profile

FailOn: TypeAlias = Literal["warn", "block"]
FAIL_ON: tuple[FailOn, ...] = ("warn", "block")
MOST_POINTS = 100.0
FILE_NAME = "spamlint.toml"

_KEYS = (
    "profile", "select", "ignore", "fail-on", "lang", "rule-packs", "warn-at", "block-at", "topic-cap", "rules",
    "per-file-ignores", "clients", "client-data", "lang-of-mail",
    "template-language", "template-files", "contexts", "search-path", "guard", "django-settings", "route", "sender",
)  # fmt: skip
POLICY_KEYS = ("profile", "select", "ignore", "warn-at", "block-at", "topic-cap", "rules", "clients")
"""Those that a route of the guard may have too."""
_RULE_KEYS = ("score", "severity", "params")


@dataclass(frozen=True, slots=True)
class Config:
    """How mail is judged, and the defaults of the command line."""

    policy: Policy = field(default_factory=Policy)
    fail_on: FailOn = "block"
    language: Language = "en"
    rule_packs: tuple[Path, ...] = ()
    mail_language: str = ""
    """The language tag that --fix declares."""
    file: Path | None = None
    """Where it was read from."""
    template_language: str | None = None
    template_files: Mapping[Role, tuple[str, ...]] = field(default_factory=lambda: PATTERNS)
    """What each file of a mail in several files is called."""
    contexts: tuple[Path, ...] = ()
    """JSON files with sample values for templates."""
    search_path: tuple[Path, ...] = ()
    """Folders from which templates may include files."""
    django_settings: str = ""
    """The module with the settings of that project."""


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
    table = opened(file)
    config, rules = read(table, file, rules_of)
    if table.problems:
        raise ConfigError("\n".join(table.problems))
    return config, rules


def opened(file: Path) -> Table:
    """The table of all keys in `file`; ConfigError where it cannot be read."""
    data = _toml(file)
    if file.name == "pyproject.toml":
        data = _tool(data).get("spamlint", {})
    return Table(str(file), "", data)


def read(
    table: Table, file: Path, rules_of: Callable[[Sequence[Path]], tuple[Rule, ...]]
) -> tuple[Config, tuple[Rule, ...]]:
    """The configuration and the rules as `load` gives them; what is wrong is added to the problems of `table`.

    The tables [guard], [route] and [sender] are left to those whose they are.
    """
    table.known(_KEYS)
    packs = _folders(table, "rule-packs", file.parent)
    rules = rules_of([pack for pack in packs if pack.is_dir()])
    config = Config(
        policy=policy_of(table, rules),
        fail_on=table.choice("fail-on", FAIL_ON) or "block",
        language=table.choice("lang", LANGUAGES) or "en",
        rule_packs=packs,
        mail_language=table.get("lang-of-mail", ""),
        file=file,
        template_language=table.choice("template-language", (*NAMES, NONE)),
        template_files=_template_files(table.inner("template-files")),
        contexts=tuple(file.parent / context for context in table.texts("contexts")),
        search_path=_folders(table, "search-path", file.parent),
        django_settings=table.get("django-settings", ""),
    )
    return config, rules


def _template_files(table: Table) -> Mapping[Role, tuple[str, ...]]:
    """The patterns of file names for each role; the usual ones where none are given."""
    table.known(ROLES)
    found = dict(PATTERNS)
    for role in ROLES:
        if role in table.data:
            found[role] = table.texts(role)
            for pattern in found[role]:
                if wrong := problem_with(pattern):
                    table.problem(role, wrong)
    return found


def _folders(table: Table, key: str, base: Path) -> tuple[Path, ...]:
    """The folders under `key`, seen from `base`; what is none is a problem."""
    folders = tuple(base / name for name in table.texts(key))
    for folder in folders:
        if not folder.is_dir():
            table.problem(key, f"{folder} is not a folder")
    return folders


def narrowed(
    policy: Policy,
    rules: Sequence[Rule],
    *,
    profile: Profile | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    clients: Sequence[str] = (),
) -> Policy:
    """`policy` with the options of a command line: `select` and `clients` replace the policy's, `ignore` adds to it."""
    problems: list[str] = []
    for option, selectors in (("--select", select), ("--ignore", ignore)):
        problems += (f"{option}: {problem}" for problem in _unknown(selectors, rules))
    if clients:
        policy = _for_clients(policy, rules, clients, "", lambda reason: problems.append(f"--clients: {reason}"))
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
    return tuple(rule for rule in rules if not selectors or any(rule.is_named(selector) for selector in selectors))


def policy_of(table: Table, rules: Sequence[Rule], base: Policy | None = None) -> Policy:
    """The policy that `table` asks for; where it says nothing, `base` holds."""
    scores, severities, params = _overrides(table.inner("rules"), {rule.id: rule for rule in rules})
    per_file = table.inner("per-file-ignores")
    warn_at, block_at, topic_cap = (table.points(key, MOST_POINTS) for key in ("warn-at", "block-at", "topic-cap"))
    base = base or Policy()
    ignores = {glob: _selectors(per_file, glob, rules) for glob in per_file.data}
    policy = Policy(
        profile=table.choice("profile", PROFILES) or base.profile,
        select=_selectors(table, "select", rules) or base.select,
        ignore=_selectors(table, "ignore", rules) if "ignore" in table.data else base.ignore,
        scores={**base.scores, **scores},
        severities={**base.severities, **severities},
        params={**base.params, **{rule: {**base.params.get(rule, {}), **own} for rule, own in params.items()}},
        per_file_ignores={**base.per_file_ignores, **ignores},
        warn_at=base.warn_at if warn_at is None else warn_at,
        block_at=base.block_at if block_at is None else block_at,
        topic_cap=base.topic_cap if topic_cap is None else topic_cap,
    )
    if policy.warn_at > policy.block_at:
        table.problem("warn-at", f"{policy.warn_at / 10} is more than block-at, {policy.block_at / 10}")
    return _clients(table, policy, rules)


def _clients(table: Table, policy: Policy, rules: Sequence[Rule]) -> Policy:
    """The policy for the mail programs, and with the table of support, that the file names."""
    names, data = table.texts("clients"), table.get("client-data", "")
    if not names and not data:
        return policy
    file = str((Path(table.file).parent / data).absolute()) if data else ""
    return _for_clients(policy, rules, names, file, partial(table.problem, "clients"))


def _for_clients(
    policy: Policy, rules: Sequence[Rule], names: Sequence[str], data: str, problem: Callable[[str], None]
) -> Policy:
    """The policy with those mail programs, and that table of support, for all checks that ask for them."""
    from spamlint.clients.support import load_support

    data = data or next((str(own["data"]) for own in policy.params.values() if "data" in own), "")
    try:
        support = load_support(Path(data)) if data else load_support()
        support.resolved(names)
    except ConfigError as error:
        for reason in str(error).splitlines():
            problem(reason)
        return policy
    given: dict[str, object] = {"clients": tuple(names), "data": data}
    params = dict(policy.params)
    for rule in rules:
        asked = rule.defaults
        if "clients" in asked:
            own = {key: value for key, value in given.items() if key in asked and value}
            params[rule.id] = {**params.get(rule.id, {}), **own}
    return replace(policy, params=params)


def _overrides(
    table: Table, rules: Mapping[str, Rule]
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
        own = rules[rule_id].defaults
        for key in sorted(row.data.keys() & own.keys()):
            row.problem(key, f"is a parameter of the rule: write params = {{ {key} = ... }}")
        row.known((*_RULE_KEYS, *own))
        if (score := row.points("score", MOST_POINTS)) is not None:
            scores[rule_id] = score
        if (severity := row.choice("severity", SEVERITIES)) is not None:
            severities[rule_id] = severity
        if given := row.inner("params").data:
            params[rule_id] = checked_params(rules[rule_id].check, given, row.problem)
    return scores, severities, params


def _selectors(table: Table, key: str, rules: Sequence[Rule]) -> tuple[str, ...]:
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
        if not any(rule.is_named(selector) for rule in rules)
    ]


def _toml(file: Path) -> Mapping[str, Any]:
    try:
        return read_toml(file.read_bytes())
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"{file}: {error}") from None


def _tool(data: Mapping[str, Any]) -> Mapping[str, Any]:
    tool = data.get("tool", {})
    return tool if isinstance(tool, dict) else {}
