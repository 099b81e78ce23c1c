"""A TOML file that a person wrote, read with care: every problem is kept, with file, key and reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import tomli

T = TypeVar("T")
Word = TypeVar("Word", bound=str)


@dataclass
class Table:
    """One table of the file, with the problems found in the file so far."""

    file: str
    name: str
    data: Mapping[str, Any]
    problems: list[str] = field(default_factory=list)

    def problem(self, key: str, reason: str) -> None:
        """Keep that something is wrong with `key`; "" is the table itself."""
        where = self._path(key)
        self.problems.append(f"{self.file}: {where}: {reason}" if where else f"{self.file}: {reason}")

    def known(self, keys: Iterable[str]) -> None:
        """Every key that is not one of `keys` is a problem; the nearest of them is suggested."""
        for key in sorted(self.data.keys() - set(keys)):
            self.problem(key, "unknown key" + (suggestion(key, keys) or f"; known are {', '.join(keys)}"))

    def inner(self, key: str) -> Table:
        """The table under `key`, empty where there is none."""
        return self._table(key, self.data.get(key, {}))

    def rows(self, key: str) -> list[Table]:
        """The tables of the array under `key`, empty where there is none."""
        return [self._table(f"{key}[{number}]", row) for number, row in enumerate(self.get(key, list[Any]()))]

    def get(self, key: str, default: T) -> T:
        """The value under `key`, of the type of `default`."""
        value = self.data.get(key, default)
        if type(value) is type(default):
            return value
        self.problem(key, f"must be a {type(default).__name__}, not {value!r:.40}")
        return default

    def text(self, key: str) -> str:
        """The string under `key`, which must be there."""
        value = self.get(key, "")
        if not value.strip():
            self.problem(key, "is missing or empty")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """The strings under `key`."""
        value = self.data.get(key, [])
        if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
            return tuple(value)
        self.problem(key, f"must be a list of strings, not {value!r:.40}")
        return ()

    def choice(self, key: str, allowed: Sequence[Word]) -> Word | None:
        """The one of `allowed` under `key`, or None where there is none."""
        value = self.data.get(key)
        for one in allowed:
            if one == value:
                return one
        if key in self.data:
            near = suggestion(value, allowed) if isinstance(value, str) else ""
            self.problem(key, f"must be one of {', '.join(allowed)}, not {value!r:.40}{near}")
        return None

    def choices(self, key: str, allowed: Iterable[str]) -> tuple[str, ...]:
        """Those of `allowed` that the list under `key` names."""
        found = self.texts(key)
        for name in found:
            if name not in allowed:
                self.problem(key, f"{name!r} is not one of {', '.join(allowed)}{suggestion(name, allowed)}")
        return found

    def points(self, key: str, most: float) -> int | None:
        """The points under `key` as tenths, or None where there are none."""
        if key not in self.data:
            return None
        value = self.data[key]
        # A comparison with NaN is false. Binary fractions are not exact, so tenths are compared with a tolerance.
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most:
            tenths = round(value * 10)
            if abs(tenths - value * 10) < 1e-6:
                return tenths
        self.problem(key, f"must be points from 0 to {most} with at most one decimal place, not {value!r:.40}")
        return None

    def _table(self, key: str, data: Any) -> Table:
        if not isinstance(data, dict):
            self.problem(key, "must be a table")
            data = {}
        return Table(self.file, self._path(key), data, self.problems)

    def _path(self, key: str) -> str:
        quoted = f'"{key}"' if "/" in key or "*" in key else key
        return ".".join(filter(None, (self.name, quoted)))


def read_toml(toml: bytes) -> Mapping[str, Any]:
    """The data in `toml`. ValueError says why it is none."""
    try:
        return tomli.loads(toml.decode("utf-8"))
    except (tomli.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"no valid TOML: {error}") from None


def suggestion(word: str, known: Iterable[str]) -> str:
    """ ", did you mean ...?" with the nearest of `known`, or nothing."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), 1)
    return f", did you mean {near[0]!r}?" if near else ""
