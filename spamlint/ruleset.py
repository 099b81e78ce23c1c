"""All rules: those that come with spamlint, and the user's own rule packs."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from spamlint import __version__
from spamlint.errors import RuleFileError
from spamlint.rule import Rule
from spamlint.rule_file import parse_rule

INDEX = "index.pickle"
"""The built-in rules in one file, which the build of the package puts beside them."""


def built_in_folder() -> Path:
    """The folder of the rules that come with spamlint: in the package, or beside it in an editable install."""
    package = Path(__file__).parent
    inside = package / "rules"
    return inside if inside.is_dir() else package.parent / "rules"


def dump(rules: Iterable[Rule]) -> bytes:
    """The rules as `load` reads them from INDEX, with what else start-up would work out."""
    listed = tuple(rules)
    for rule in listed:
        _ = rule.match and rule.match.pieces
    return pickle.dumps(listed, protocol=5)


def load(packs: Sequence[Path] = (), *, whole: bool = True) -> tuple[Rule, ...]:
    """All rules, sorted by id. A rule of a pack replaces a built-in one of the same id.

    RuleFileError lists every problem of every file. Not `whole`: built-in rules come without their examples and are
    not checked again, which halves the time; an installed package has them in one file, which takes a tenth.
    """
    modules = _check_modules(outside=bool(packs))
    index = built_in_folder() / INDEX
    indexed = not whole and index.is_file()
    # It is a file of the package itself, to be trusted as much as this one.
    known: tuple[Rule, ...] = pickle.loads(index.read_bytes()) if indexed else ()  # noqa: S301
    rules = {rule.id: rule for rule in known}
    problems: list[str] = []
    for folder in packs if indexed else (built_in_folder(), *packs):
        files = sorted(folder.glob("*/*.toml"))
        is_checked = not whole and folder not in packs
        if not files:
            problems.append(f"{folder}: there are no rules here: topic/name.toml is expected")
        for file in files:
            rule_id = file.relative_to(folder).with_suffix("").as_posix()
            try:
                rules[rule_id] = parse_rule(rule_id, file.read_bytes(), str(file), modules, is_checked=is_checked)
            except RuleFileError as error:
                problems.append(str(error))
            except OSError as error:
                problems.append(f"{file}: cannot be read: {error}")
    if not problems:
        problems = [problem for rule in rules.values() for problem in combination_problems(rule, rules)]
    if problems:
        raise RuleFileError("\n".join(problems))
    return tuple(rules[rule_id] for rule_id in sorted(rules))


def combination_problems(rule: Rule, rules: Mapping[str, Rule]) -> Iterator[str]:
    """What is wrong with the rules that a combination names: they find something themselves, in all its profiles."""
    from spamlint.toml_table import suggestion

    for part in rule.when.rules if rule.when is not None else ():
        if part not in rules:
            yield f"{rule.id}: when: there is no rule {part!r}{suggestion(part, rules)}"
            continue
        if rules[part].when is not None:
            yield f"{rule.id}: when: {part} is a combination itself: name the rules that it combines"
        missing = [profile for profile in rule.profiles if profile not in rules[part].profiles]
        if missing:
            yield f"{rule.id}: profiles: {part} is not run in {', '.join(missing)}"


def version(rules: Iterable[Rule]) -> str:
    """The version of spamlint and a digest of all that decides a verdict: the same ruleset gives the same verdicts."""
    import hashlib

    digest = hashlib.sha256()
    for rule in rules:
        digest.update(repr(_deciding(rule)).encode())
    return f"{__version__}-{digest.hexdigest()[:12]}"


def _deciding(rule: Rule) -> Iterator[object] | tuple[object, ...]:
    return (
        rule.id, rule.severity, rule.score, rule.match, rule.check_name, sorted(rule.params.items()), rule.profiles,
        rule.when, rule.blocks, rule.blocks_in, rule.grade_by, rule.grades,
    )  # fmt: skip


def _check_modules(*, outside: bool) -> Mapping[str, str]:
    """Topic -> module of Python checks: the built-in ones and, with `outside`, those that installed packages offer."""
    files = (Path(__file__).parent / "checks").glob("[a-z]*.py")
    modules = {file.stem: f"spamlint.checks.{file.stem}" for file in files}
    if outside:
        from importlib.metadata import entry_points

        modules = {entry.name: entry.value for entry in entry_points(group="spamlint.checks")} | modules
    return modules
