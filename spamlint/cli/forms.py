"""How each format of `spamlint check` is written, piece by piece. A format is imported when it is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spamlint import __version__, ruleset
from spamlint.report.data import Ending, FileReport
from spamlint.report.style import Style
from spamlint.rule import Rule
from spamlint.verdict import Language


@dataclass(frozen=True, slots=True)
class Setting:
    """What the formats are told of the run."""

    rules: Sequence[Rule]
    language: Language
    fail_on: str
    quiet: bool = False

    @property
    def version(self) -> str:
        """The version of the rules."""
        return ruleset.version(self.rules)


@dataclass(frozen=True, slots=True)
class Form:
    """The pieces of one report. A form may remember what it has written, so each run needs its own."""

    file: Callable[[FileReport], str]
    """The piece for one more file."""
    closing: Callable[[Ending], str]
    opening: str = ""
    head: Callable[[Ending], str] | None = None
    """What stands before all else though it is known last; the files are set aside until then."""


def form_of(name: str, setting: Setting, look: Style) -> Form:
    """The form of that name, from `FORMS`; `look` is the layout for a terminal."""
    return _text(setting, look) if name == "text" else FORMS[name](setting)


def _text(setting: Setting, look: Style) -> Form:
    from spamlint.report import text

    def end(ending: Ending) -> str:
        several = sum(ending.total.outcomes.values()) + len(ending.unreadable) > 1
        return text.summary(ending.total, look) if several and not setting.quiet else ""

    return Form(lambda report: text.file(report, look), end)


def _json(setting: Setting) -> Form:
    from spamlint.report import json

    rows = _Rows()

    def file(report: FileReport) -> str:
        first, rows.started = not rows.started, True
        return json.entry(report, first=first)

    return Form(file, lambda ending: json.closing(ending.unreadable), json.opening(__version__, setting.version))


def _jsonl(setting: Setting) -> Form:
    from spamlint.report import json

    version = setting.version
    return Form(lambda report: json.line(report, __version__, version), lambda _: "")


def _sarif(setting: Setting) -> Form:
    from spamlint.report import sarif
    from spamlint.report.fingerprint import Occurrences, offending

    rows, occurrences, path_of = _Rows(), Occurrences(), _path_of()
    told: list[Mapping[str, Any]] = []
    rules = {rule.id: rule for rule in setting.rules}
    numbers: dict[str, int] = {}
    """The rules that found something or failed, as they came."""

    def file(report: FileReport) -> str:
        path = path_of(report.path)
        for rule in (*(one.rule for one in report.findings), *(error.rule for error in report.errors)):
            if rule in rules:
                numbers.setdefault(rule, len(numbers))
        told.extend(sarif.notices(report, path, numbers, setting.language))
        marks = [occurrences.fingerprint(path, one.rule, offending(one)) for one in report.findings]
        return rows.more(sarif.entry(report, path, numbers, marks, setting.language))

    def end(ending: Ending) -> str:
        return sarif.closing(ending, told, [path_of(path) for path, _ in ending.unreadable])

    def head(_: Ending) -> str:
        return sarif.head([rules[rule] for rule in numbers], __version__, setting.version, setting.language)

    return Form(file, end, head=head)


def _junit(setting: Setting) -> Form:
    from spamlint.report import junit

    path_of = _path_of()
    failed: list[int] = [0]

    def file(report: FileReport) -> str:
        fails = report.fails(setting.fail_on)
        failed[0] += fails and not report.incomplete
        return junit.entry(report, path_of(report.path), setting.language, fails=fails)

    return Form(file, junit.closing, head=lambda ending: junit.head(ending, failed[0]))


def _github(setting: Setting) -> Form:
    from spamlint.report import github

    dearest, path_of = github.Dearest(), _path_of()

    def file(report: FileReport) -> str:
        fails = report.fails(setting.fail_on)
        for one in github.annotated(report, path_of(report.path), setting.language, fails=fails):
            dearest.add(one)
        return github.entry(report, setting.language)

    def end(ending: Ending) -> str:
        return github.closing(ending, dearest, [path_of(path) for path, _ in ending.unreadable], setting.language)

    return Form(file, end)


def _gitlab(setting: Setting) -> Form:
    from spamlint.report import gitlab
    from spamlint.report.fingerprint import Occurrences

    rows, occurrences, path_of = _Rows(), Occurrences(), _path_of()

    def file(report: FileReport) -> str:
        fails = report.fails(setting.fail_on)
        return rows.more(gitlab.entries(report, path_of(report.path), occurrences, setting.language, fails=fails))

    def end(ending: Ending) -> str:
        paths = [path_of(path) for path, _ in ending.unreadable]
        return rows.more(gitlab.unreadable(ending, paths)) + "\n]\n"

    return Form(file, end, "[")


def _html(setting: Setting) -> Form:
    from spamlint.report import html

    templates = html.environment()
    index: list[html.IndexRow] = []
    refs = {rule.id: rule.refs for rule in setting.rules}

    def file(report: FileReport) -> str:
        index.append(html.index_row(report, setting.language))
        return html.entry(templates, report, len(index), refs, setting.language)

    return Form(
        file,
        lambda _: html.foot(templates, __version__, setting.version, setting.language),
        head=lambda ending: html.head(templates, index, ending, setting.language),
    )


@dataclass(slots=True)
class _Rows:
    """The entries of a JSON list, each on a line of its own, with a comma between them."""

    started: bool = False

    def more(self, entries: Iterable[str]) -> str:
        """Further entries."""
        pieces = []
        for entry in entries:
            pieces += [",\n" if self.started else "\n", entry]
            self.started = True
        return "".join(pieces)


def _path_of() -> Callable[[str], str]:
    """Paths as they are in the repository: servers say where it is, and a step may run in a folder of it."""
    from spamlint.report.paths import relative

    folder = os.getcwd()  # noqa: PTH109 - a string is what is wanted
    tops = (os.environ.get(name) for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"))
    root = next((top for top in tops if top and f"{folder}/".startswith(top.rstrip("/") + "/")), folder)
    return lambda path: relative(path, folder, root)


FORMS: Mapping[str, Callable[[Setting], Form]] = {
    "json": _json, "jsonl": _jsonl, "sarif": _sarif, "junit": _junit, "github": _github, "gitlab": _gitlab,
    "html": _html,
}  # fmt: skip
FORMATS = ("text", *FORMS)
