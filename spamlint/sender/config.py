"""The tables [route.NAME] and [sender] of spamlint.toml -> routes, and the blocklists to ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from spamlint.config import opened
from spamlint.errors import ConfigError
from spamlint.sender.blocklists import Blocklists
from spamlint.sender.route import Route, is_host, routes_of
from spamlint.toml_table import Table, suggestion

_KEYS = ("ip-lists", "domain-lists")


@dataclass(frozen=True, slots=True)
class SenderSettings:
    """The routes by their names, and the blocklists."""

    routes: dict[str, Route] = field(default_factory=dict)
    lists: Blocklists = field(default_factory=Blocklists)

    def route(self, name: str) -> Route:
        """The route of that name; ConfigError where there is none."""
        if name in self.routes:
            return self.routes[name]
        if not self.routes:
            raise ConfigError(f"there is no route {name!r}: describe it in spamlint.toml as [route.{name}]")
        near = suggestion(name, self.routes) or f"; there are {', '.join(self.routes)}"
        raise ConfigError(f"there is no route {name!r}{near}")


def load(file: Path | None) -> SenderSettings:
    """The settings in `file` (None: none). ConfigError lists every problem of these tables."""
    if file is None:
        return SenderSettings()
    table = opened(file)
    settings = SenderSettings(routes_of(table.inner("route")), _lists(table.inner("sender")))
    if table.problems:
        raise ConfigError("\n".join(table.problems))
    return settings


def _lists(table: Table) -> Blocklists:
    table.known(_KEYS)
    default = Blocklists()
    return Blocklists(_zones(table, "ip-lists", default.ips), _zones(table, "domain-lists", default.domains))


def _zones(table: Table, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """The lists under `key`; an empty list asks none."""
    if key not in table.data:
        return default
    zones = table.texts(key)
    for zone in zones:
        if not is_host(zone):
            table.problem(key, f"{zone!r:.60} is no name of a list such as zen.spamhaus.org")
    return tuple(zone.lower().rstrip(".") for zone in zones)
