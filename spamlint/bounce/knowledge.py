"""What is known about refusals: causes, providers and status codes, read from the TOML files in `data/`.

All problems of all files are told at once, each with file and key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from spamlint.errors import RuleFileError
from spamlint.toml_table import Table, read_toml, suggestion
from spamlint.verdict import LANGUAGES, Language

Actor: TypeAlias = Literal["sender", "administrator", "sending service", "recipient", "nobody"]
ACTORS: Final[tuple[Actor, ...]] = ("sender", "administrator", "sending service", "recipient", "nobody")

UNKNOWN: Final = "unknown"
_CAUSE_KEYS = ("title", "who", "order", "meaning", "fix", "rules", "page", "nl", "match")
_WORD_KEYS = ("title", "meaning", "fix")
_MATCH_KEYS = ("phrases", "regex")
_PROVIDER_KEYS = ("name", "hosts", "page", "pattern")
_PATTERN_KEYS = ("class", "page", "phrases", "regex", "unless", "scoped")
_STATUS_KEYS = ("class", "subject", "code", "reply")


@dataclass(frozen=True, slots=True)
class CauseWords:
    """A cause in one language."""

    title: str
    meaning: str
    fix: str


@dataclass(frozen=True, slots=True)
class Cause:
    """One named class of refusal."""

    name: str
    who: Actor
    order: int
    """Which of two causes counts where general patterns of both are found: the lower one."""
    words: Mapping[Language, CauseWords]
    rules: tuple[str, ...]
    """Ids of rules that could have warned."""
    page: str


@dataclass(frozen=True, slots=True)
class Provider:
    """Who words refusals in a way of its own."""

    name: str
    title: str
    hosts: tuple[str, ...]
    """Domains of its servers."""
    page: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """One regular expression (RE2) and what it means."""

    regex: str
    cause: str
    provider: str = ""
    page: str = ""
    unless: tuple[str, ...] = ()
    scoped: bool = False
    """Whether it counts only where a host of the provider is named as well."""


@dataclass(frozen=True, slots=True)
class Code:
    """One enhanced status code of the registry, without its first digit."""

    words: Mapping[Language, str]
    cause: str


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All of it. `patterns` stand in the order in which they count."""

    causes: Mapping[str, Cause]
    providers: Mapping[str, Provider]
    patterns: tuple[Pattern, ...]
    classes: Mapping[str, Mapping[Language, str]]
    subjects: Mapping[str, Mapping[Language, str]]
    codes: Mapping[str, Code]
    replies: Mapping[str, str]


def built_in_folder() -> Path:
    """The folder of the files that come with spamlint."""
    return Path(__file__).parent / "data"


def load(folder: Path | None = None) -> Knowledge:
    """What the files in `folder` say. RuleFileError lists every problem of every file."""
    folder = folder or built_in_folder()
    problems: list[str] = []
    causes, general = _causes(folder, problems)
    providers, special = _providers(folder, problems, causes)
    status = _table(folder / "status.toml", problems)
    status.known(_STATUS_KEYS)
    codes, replies = _codes(status, causes), _replies(status, causes)
    classes, subjects = _words_by_key(status, "class"), _words_by_key(status, "subject")
    problems += status.problems
    if UNKNOWN not in causes:
        problems.append(f"{folder}: causes/{UNKNOWN}.toml is missing")
    if problems:
        raise RuleFileError("\n".join(problems))
    ordered = sorted(general, key=lambda pattern: causes[pattern.cause].order)
    return Knowledge(causes, providers, (*special, *ordered), classes, subjects, codes, replies)


def _table(file: Path, problems: list[str]) -> Table:
    try:
        return Table(str(file), "", read_toml(file.read_bytes()))
    except (OSError, ValueError) as error:
        problems.append(f"{file}: {error}")
        return Table(str(file), "", {})


def _causes(folder: Path, problems: list[str]) -> tuple[dict[str, Cause], list[Pattern]]:
    causes: dict[str, Cause] = {}
    patterns: list[Pattern] = []
    for file in sorted((folder / "causes").glob("*.toml")):
        table = _table(file, problems)
        table.known(_CAUSE_KEYS)
        who = table.choice("who", ACTORS)
        if who is None and "who" not in table.data:
            table.problem("who", "is missing")
        dutch = table.inner("nl")
        dutch.known(_WORD_KEYS)
        causes[file.stem] = Cause(
            file.stem, who or "nobody", table.get("order", 0), {"en": _words(table), "nl": _words(dutch)},
            table.texts("rules"), table.get("page", ""),
        )  # fmt: skip
        match = table.inner("match")
        match.known(_MATCH_KEYS)
        patterns += [Pattern(regex, file.stem) for regex in _regexes(match)]
        problems += table.problems
    return causes, patterns


def _words(table: Table) -> CauseWords:
    return CauseWords(*(table.text(key) for key in _WORD_KEYS))


def _providers(
    folder: Path, problems: list[str], causes: Mapping[str, Cause]
) -> tuple[dict[str, Provider], list[Pattern]]:
    providers: dict[str, Provider] = {}
    patterns: list[Pattern] = []
    for file in sorted((folder / "providers").glob("*.toml")):
        table = _table(file, problems)
        table.known(_PROVIDER_KEYS)
        providers[file.stem] = Provider(file.stem, table.text("name"), table.texts("hosts"), table.text("page"))
        for row in table.rows("pattern"):
            patterns += _patterns(row, providers[file.stem], causes)
        problems += table.problems
    return providers, patterns


def _patterns(row: Table, provider: Provider, causes: Mapping[str, Cause]) -> Iterator[Pattern]:
    row.known(_PATTERN_KEYS)
    cause = _cause(row, "class", row.get("class", ""), causes)
    unless = tuple(phrase.lower() for phrase in row.texts("unless"))
    regexes = _regexes(row)
    if not regexes:
        row.problem("regex", "or phrases is needed")
    for regex in regexes:
        yield Pattern(
            regex, cause, provider.name, row.get("page", provider.page), unless, row.get("scoped", default=False)
        )


def _cause(table: Table, key: str, named: str, causes: Mapping[str, Cause]) -> str:
    if named not in causes:
        table.problem(key, f"there is no class {named!r}{suggestion(named, causes)}")
    return named


def _regexes(table: Table) -> Sequence[str]:
    """The phrases and expressions of a table as RE2; those that RE2 refuses are problems."""
    import re2

    found = []
    for key in ("phrases", "regex"):
        for number, given in enumerate(table.texts(key)):
            regex = r"\s+".join(map(re.escape, given.split())) if key == "phrases" else given
            try:
                re2.compile(f"(?i){regex}", quiet())
            except re2.error as error:
                table.problem(f"{key}[{number}]", f"{error} (in {given!r:.80})")
                continue
            found.append(regex)
    return found


def quiet() -> object:
    """Options of RE2 that keep it from writing about refused expressions itself."""
    import re2

    options = re2.Options()
    options.log_errors = False
    return options


def _words_by_key(table: Table, key: str) -> dict[str, Mapping[Language, str]]:
    inner = table.inner(key)
    return {digit: _both(inner.inner(digit)) for digit in inner.data}


def _both(table: Table) -> Mapping[Language, str]:
    return {language: table.text(language) for language in LANGUAGES}


def _codes(table: Table, causes: Mapping[str, Cause]) -> dict[str, Code]:
    inner, codes = table.inner("code"), {}
    for code in inner.data:
        row = inner.inner(code)
        row.known((*LANGUAGES, "class"))
        cause = _cause(row, "class", row.get("class", UNKNOWN), causes)
        codes[code] = Code(_both(row), cause)
    return codes


def _replies(table: Table, causes: Mapping[str, Cause]) -> dict[str, str]:
    inner = table.inner("reply")
    return {code: _cause(inner, code, inner.get(code, ""), causes) for code in inner.data}
