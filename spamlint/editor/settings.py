"""Which linter holds for a file: the settings above it and those of the editor, read again when a file changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias, cast

from spamlint import config, ruleset
from spamlint.drafts import Drafts, Templates
from spamlint.editor.jobs import Options
from spamlint.limits import DEFAULT_LIMITS
from spamlint.linter import Linter
from spamlint.rule import Rule
from spamlint.template.groups import Role
from spamlint.template.jinja.patch import LastRendering
from spamlint.template.samples import sample_values
from spamlint.verdict import Language, Profile

Stamp: TypeAlias = tuple[tuple[str, int, int], ...]
"""Files with the time and the size that they had."""

LIMITS = replace(DEFAULT_LIMITS, template_seconds=DEFAULT_LIMITS.editor_seconds // 2)
"""A template that takes too long to render is linted as it stands, before the editor gives up on it."""
_MOST = 8


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A linter, and what is needed beside it."""

    linter: Linter
    language: Language
    rules: Mapping[str, Rule]
    root: Path | None
    """The folder of the settings file: names of files in it start there."""
    stamp: Stamp
    files: tuple[Path, ...]
    drafts: Drafts
    search_path: tuple[Path, ...]
    """Folders from which templates may include; none: the folder of the template."""
    mail_language: str
    template_files: Mapping[Role, tuple[str, ...]]
    """How the files of one mail are named."""


@dataclass(slots=True)
class Linters:
    """The linters in use, the last one used at the end."""

    _kept: dict[tuple[Path | None, Options], Ready] = field(default_factory=dict)
    _built_in: tuple[Rule, ...] = ()
    made: int = 0
    """How many linters were made."""

    def for_file(self, folder: Path, options: Options) -> Ready:
        """The linter for the files of a folder. SpamlintError where the settings cannot be used."""
        file = (folder / options.config) if options.config else config.find(folder)
        key = (file, options)
        ready = self._kept.pop(key, None)
        if ready is None or ready.stamp != _stamp(ready.files):
            if ready is not None:
                ready.drafts.close()
            ready = self._made(file, options)
        self._kept[key] = ready
        if len(self._kept) > _MOST:
            self._kept.pop(next(iter(self._kept))).drafts.close()
        return ready

    def _made(self, file: Path | None, options: Options) -> Ready:
        self.made += 1
        settings, rules = config.load(file, self._rules)
        policy = config.narrowed(
            settings.policy,
            rules,
            profile=cast("Profile | None", options.profile or None),
            select=options.select,
            ignore=options.ignore,
            clients=options.clients,
        )
        contexts = {str(context): sample_values(context) for context in settings.contexts}
        templates = Templates(settings.template_language, contexts or None, settings.search_path)
        files = (
            *([file] if file else []),
            *settings.contexts,
            *(rule for pack in settings.rule_packs for rule in pack.glob("*/*.toml")),
        )
        return Ready(
            linter=Linter(policy, rules),
            language=cast("Language", options.lang or settings.language),
            rules={rule.id: rule for rule in rules},
            root=file.parent.absolute() if file else None,
            stamp=_stamp(files),
            files=files,
            drafts=Drafts(templates, LIMITS, LastRendering()),
            search_path=settings.search_path,
            mail_language=settings.mail_language,
            template_files=settings.template_files,
        )

    def _rules(self, packs: Sequence[Path]) -> tuple[Rule, ...]:
        if packs:
            return ruleset.load(packs, whole=False)
        self._built_in = self._built_in or ruleset.load(whole=False)
        return self._built_in


def _stamp(files: Iterable[Path]) -> Stamp:
    rows = []
    for file in files:
        try:
            status = file.stat()
        except OSError:  # it is gone, which is a change as well
            continue
        rows.append((str(file), status.st_mtime_ns, status.st_size))
    return tuple(rows)
