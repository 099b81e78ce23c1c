"""A baseline: the findings that drafts had when it was written. Only what is new since then counts.

A finding is known by its rule, its text and how many of the same came before it in the file, so that it stays known
when lines move. The file is JSON, sorted, for people to read in a diff.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from spamlint.errors import ConfigError
from spamlint.rule import Hit

VERSION = 1

_LONGEST_TEXT = 1_000

Prints: TypeAlias = Mapping[str, tuple[str, ...]]
"""Rule id -> the fingerprints of what it found in one file."""


def fingerprint(rule: str, text: str, occurrence: int) -> str:
    """What stands for a finding: the same wherever in its file it stands. `occurrence` counts from 0."""
    words = " ".join(text[:_LONGEST_TEXT].split())
    return hashlib.sha256(f"{rule}\0{words}\0{occurrence}".encode("utf-8", "replace")).hexdigest()[:16]


class Known:
    """The findings of one file as they come in, compared with those that are known."""

    def __init__(self, known: Prints) -> None:
        self._known = known
        self.found: dict[str, tuple[str, ...]] = {}
        """All findings of the file."""
        self.counts: Counter[str] = Counter()
        """Rule id -> how many were known."""

    def sieve(self, rule: str, hits: Sequence[Hit]) -> Sequence[Hit]:
        """Those of `hits`, all that the rule found in the file, that are new."""
        seen: Counter[str] = Counter()
        known = frozenset(self._known.get(rule, ()))
        new, prints = [], []
        for hit in hits:
            text = hit.text.value if hit.text is not None else ""
            own = fingerprint(rule, text, seen[text])
            seen[text] += 1
            prints.append(own)
            if own in known:
                self.counts[rule] += hit.count
            else:
                new.append(hit)
        if prints:
            self.found[rule] = tuple(sorted(prints))
        return new

    def gone(self, run: Collection[str]) -> Mapping[str, int]:
        """How many of the known findings of the rules that were `run` are there no longer."""
        left = {rule: len(set(self._known[rule]) - set(self.found.get(rule, ()))) for rule in self._known}
        return {rule: number for rule, number in left.items() if number and rule in run}


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is known of each file, by its path as seen from `folder`."""

    folder: Path
    files: Mapping[str, Prints] = field(default_factory=dict)

    def key(self, path: str, message_index: int | None = None) -> str:
        """The name of a file in the baseline: the same from whichever folder spamlint is run."""
        try:
            name = Path(os.path.relpath(path, self.folder)).as_posix()
        except ValueError:  # another drive
            name = Path(path).as_posix()
        return name if message_index is None else f"{name}#{message_index}"

    def of(self, path: str, message_index: int | None = None) -> Known:
        """Compares the findings of that file."""
        return Known(self.files.get(self.key(path, message_index), {}))

    def missing(self) -> Sequence[str]:
        """The files that are no longer there."""
        return [name for name in self.files if not (self.folder / name.partition("#")[0]).exists()]

    def updated(self, found: Mapping[str, Prints], run: Collection[str]) -> Baseline:
        """With what was `found` in the files that were checked by the rules that were `run`; the rest stays known."""
        missing = frozenset(self.missing())
        files = {name: prints for name, prints in self.files.items() if name not in missing}
        for name, prints in found.items():
            kept = {rule: own for rule, own in files.get(name, {}).items() if rule not in run}
            files[name] = {**kept, **prints}
        return Baseline(self.folder, files)

    def dumped(self) -> str:
        """The file."""
        files = {
            name: {rule: list(prints[rule]) for rule in sorted(prints)}
            for name, prints in sorted(self.files.items())
            if prints
        }
        return json.dumps({"version": VERSION, "files": files}, indent=2) + "\n"


def load(file: Path, *, must_exist: bool = True) -> Baseline:
    """The baseline in `file`; an empty one where it need not exist and does not. ConfigError where it is none."""
    folder = file.absolute().parent
    try:
        data: Any = json.loads(file.read_bytes())
    except FileNotFoundError:
        if must_exist:
            raise ConfigError(f"{file}: there is no such baseline; --update-baseline writes it") from None
        return Baseline(folder)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file}: is no JSON: {error}") from None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise ConfigError(f"{file}: version: must be {VERSION}: is this a baseline of spamlint?")
    return Baseline(folder, _files(file, data.get("files")))


def _files(file: Path, data: Any) -> dict[str, Prints]:
    files: dict[str, Prints] = {}
    for name, rules in data.items() if isinstance(data, dict) else ():
        if not isinstance(rules, dict):
            raise ConfigError(f"{file}: files: {name}: must be a table of rules")
        for rule, prints in rules.items():
            if not isinstance(prints, list) or not all(isinstance(one, str) for one in prints):
                raise ConfigError(f"{file}: files: {name}: {rule}: must be a list of fingerprints")
        files[name] = {rule: tuple(prints) for rule, prints in rules.items()}
    if not isinstance(data, dict):
        raise ConfigError(f"{file}: files: must be a table")
    return files
