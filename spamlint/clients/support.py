"""The table of support: features, mail programs, and what each does with each. Read from one JSON file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from spamlint.errors import ConfigError

FORMAT: Final = 1
"""The version of the file's layout."""
BUILT_IN: Final = Path(__file__).parent / "data" / "caniemail.json"
MOST_BYTES: Final = 8 * 1024 * 1024
"""A larger file is no table of support."""

NO: Final = "n"
PARTLY: Final = "a"
YES: Final = "y"

FAMILIES: Final[Mapping[str, str]] = {
    "aol": "AOL",
    "apple-mail": "Apple Mail",
    "fastmail": "Fastmail",
    "free-fr": "Free.fr",
    "gmail": "Gmail",
    "gmx": "GMX",
    "hey": "HEY",
    "ionos-1and1": "IONOS",
    "laposte": "La Poste",
    "mail-ru": "Mail.ru",
    "orange": "Orange",
    "outlook": "Outlook",
    "protonmail": "Proton Mail",
    "samsung-email": "Samsung Email",
    "sfr": "SFR",
    "t-online-de": "T-Online",
    "thunderbird": "Thunderbird",
    "web-de": "WEB.DE",
    "wp-pl": "WP.pl",
    "yahoo": "Yahoo",
}
"""Family of mail programs -> its name; one that is not here goes by its key."""
PLATFORMS: Final[Mapping[str, str]] = {
    "android": "Android",
    "desktop-app": "desktop",
    "desktop-webmail": "web",
    "ios": "iOS",
    "macos": "macOS",
    "mobile-webmail": "mobile web",
    "outlook-com": "outlook.com",
    "windows": "Windows",
    "windows-mail": "Windows Mail",
}


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of HTML, CSS or pictures. `support` has a letter for each client: y, a (partly), n, u (unknown)."""

    slug: str
    title: str
    support: str
    notes: Mapping[str, str] = field(default_factory=dict)
    """Number -> what caniemail notes there."""
    cited: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Client -> the numbers of the notes on it."""

    @property
    def category(self) -> str:
        """css, html or image."""
        return self.slug.partition("-")[0]


@dataclass(frozen=True, eq=False)
class Support:
    """The table. A client is "family.platform", as "outlook.windows"."""

    date: str
    """The day of the youngest test in it."""
    clients: tuple[str, ...]
    features: Mapping[str, Feature]

    def resolved(self, names: Iterable[str]) -> tuple[str, ...]:
        """The clients that `names`, families and clients, mean. ConfigError lists each that is unknown."""
        found: dict[str, None] = {}
        problems = []
        for name in names:
            wanted = [client for client in self.clients if name in (client, client.partition(".")[0])]
            found.update(dict.fromkeys(wanted))
            if not wanted:
                problems.append(f"{name!r} is no mail program{self._near(name)}")
        if problems:
            raise ConfigError("\n".join(problems))
        return tuple(found)

    def _near(self, name: str) -> str:
        from difflib import get_close_matches

        families = sorted({client.partition(".")[0] for client in self.clients})
        near = get_close_matches(name.lower(), [*families, *self.clients], 1)
        return f", did you mean {near[0]!r}?" if near else f"; known are {', '.join(families)}"

    def clients_with(self, slug: str, letter: str) -> frozenset[str]:
        """The clients of which the table says `letter` for a feature."""
        feature = self.features.get(slug)
        if feature is None:
            return frozenset()
        return frozenset(client for client, own in zip(self.clients, feature.support, strict=True) if own == letter)

    def said(self, clients: Iterable[str]) -> str:
        """The clients for people: "Gmail, Outlook (Windows, iOS)". A family of which all are meant stands alone."""
        wanted = set(clients)
        return ", ".join(self._families(wanted))

    def _families(self, wanted: set[str]) -> Iterator[str]:
        platforms: dict[str, list[str]] = {}
        for client in self.clients:
            family, _, platform = client.partition(".")
            platforms.setdefault(family, []).append(platform)
        for family, all_of_it in platforms.items():
            meant = [platform for platform in all_of_it if f"{family}.{platform}" in wanted]
            name = FAMILIES.get(family, family)
            if len(meant) == len(all_of_it):
                yield name
            elif meant:
                yield f"{name} ({', '.join(PLATFORMS.get(platform, platform) for platform in meant)})"


@cache
def load_support(file: Path = BUILT_IN) -> Support:
    """The table in `file`. ConfigError where it cannot be read or is none."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise ConfigError(f"{file}: is too large for a table of support")
        data = json.loads(file.read_bytes())
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise ConfigError(f"{file}: is no JSON") from None
    try:
        return _support(data)
    except (KeyError, TypeError, ValueError, AttributeError):
        reason = "is no table of support; `spamlint update caniemail` makes one"
        raise ConfigError(f"{file}: {reason}") from None


def _support(data: Any) -> Support:
    if data["format"] != FORMAT:
        raise ValueError("another layout")
    clients = tuple(map(str, data["clients"]))
    features = {}
    for slug, row in data["features"].items():
        support = str(row["support"])
        if len(support) != len(clients):
            raise ValueError("a letter for each client")
        features[slug] = Feature(
            slug, str(row["title"]), support, dict(row.get("notes", {})), dict(row.get("cited", {}))
        )
    return Support(str(data["date"]), clients, features)
