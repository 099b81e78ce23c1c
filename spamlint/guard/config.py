"""The table [guard] of spamlint.toml, or [tool.spamlint.guard] of pyproject.toml -> Settings.

Everything that is wrong in the file, inside the table or not, is told at once, with file, key and reason.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from spamlint import ruleset
from spamlint.config import POLICY_KEYS, Config, opened, policy_of, read
from spamlint.errors import ConfigError
from spamlint.guard.key import read_key
from spamlint.guard.settings import (
    DEFAULT_ROUTE,
    ENFORCEMENTS,
    ON_ERROR,
    OVERRIDE_HOURS,
    Budget,
    Enforcement,
    Errors,
    LogSettings,
    OverrideSettings,
    Route,
    Settings,
)
from spamlint.rule import Rule
from spamlint.toml_table import Table
from spamlint.verdict import LANGUAGES

_KEYS = (
    "action", "submit-networks", "lang", "workers", "queue", "budget", "on-error", "log", "log-addresses", "override",
    "routes",
)  # fmt: skip
_ROUTE_KEYS = ("name", "sender", "recipient-domain", "user", "header", "action", *POLICY_KEYS)
_BUDGET_KEYS = ("seconds", "memory-mb", "message-mb")
_ERROR_KEYS = ("timeout", "crash", "over-limit", "busy")
_OVERRIDE_KEYS = ("key-file", "used-file", "hours")
_MB = 1024 * 1024
_MOST_WORKERS = 1_000
_MOST_QUEUED = 100_000
_MOST_SECONDS = 280.0
"""Postfix waits five minutes for a milter."""
_LEAST_MEMORY = 64
_MOST_MB = 1024 * 1024
_MOST_HOURS = 24 * 30
_MOST_ROUTES = 200
STANDARD_ERROR = "-"


def load(
    file: Path | None,
    rules_of: Callable[[Sequence[Path]], tuple[Rule, ...]] | None = None,
    *,
    enforcement: Enforcement | None = None,
) -> Settings:
    """The settings in `file` (None: the defaults). ConfigError lists every problem of the file.

    `rules_of` loads the rules with those of packs. `enforcement` goes before what the file says for mail that no route
    is for.
    """
    if file is None:
        chosen: Enforcement = enforcement or "observe"
        return Settings(enforcement=chosen, observed_on_error=_errors(Table("", "", {}))[1])
    table = opened(file)
    config, rules = read(table, file, rules_of or partial(ruleset.load, whole=False))
    settings = _settings(table.inner("guard"), config, rules, enforcement)
    if table.problems:
        raise ConfigError("\n".join(table.problems))
    return settings


def _settings(table: Table, config: Config, rules: Sequence[Rule], enforcement: Enforcement | None) -> Settings:
    """The settings that the table [guard] asks for."""
    table.known(_KEYS)
    asked = table.choice("action", ENFORCEMENTS) or "observe"
    enforcement = enforcement or asked
    routes = _routes(table, config, rules, enforcement)
    base, default = Path(table.file).parent, Settings()
    on_error, observed_on_error = _errors(table)
    return Settings(
        policy=config.policy,
        rule_packs=config.rule_packs,
        enforcement=enforcement,
        submit_networks=_networks(table),
        workers=_whole(table, "workers", default.workers, _Range(0, _MOST_WORKERS)),
        queue=_whole(table, "queue", default.queue, _Range(0, _MOST_QUEUED)),
        budget=_budget(table.inner("budget")),
        on_error=on_error,
        language=table.choice("lang", LANGUAGES) or config.language,
        routes=routes,
        log=_log(table, base),
        override=_override(table.inner("override"), base) if "override" in table.data else None,
        observed_on_error=observed_on_error,
    )


@dataclass(frozen=True, slots=True)
class _Range:
    """What a number may be."""

    least: float
    most: float


def _whole(table: Table, key: str, default: int, allowed: _Range) -> int:
    value = table.get(key, default)
    if allowed.least <= value <= allowed.most:
        return value
    table.problem(key, f"must be a whole number from {allowed.least} to {allowed.most}, not {value}")
    return default


def _budget(table: Table) -> Budget:
    table.known(_BUDGET_KEYS)
    default = Budget()
    seconds = table.data.get("seconds", default.seconds)
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0.1 <= seconds <= _MOST_SECONDS:
        table.problem("seconds", f"must be a number from 0.1 to {_MOST_SECONDS}, not {seconds!r:.40}")
        seconds = default.seconds
    memory = _whole(table, "memory-mb", default.memory // _MB, _Range(_LEAST_MEMORY, _MOST_MB))
    message = _whole(table, "message-mb", default.message // _MB, _Range(1, _MOST_MB))
    return Budget(float(seconds), memory * _MB, message * _MB)


def _errors(table: Table) -> tuple[Errors, Errors]:
    """What happens to mail that cannot be judged; and to that which is only observed or tagged: whoever looks on delays
    nothing, unless the file says so."""
    if isinstance(table.data.get("on-error"), dict):
        inner = table.inner("on-error")
        inner.known(_ERROR_KEYS)
        found = [inner.choice(key, ON_ERROR) for key in _ERROR_KEYS]
    else:
        found = [table.choice("on-error", ON_ERROR)] * len(_ERROR_KEYS)
    return Errors(*(said or "tempfail" for said in found)), Errors(*(said or "accept" for said in found))


def _networks(table: Table) -> tuple[str, ...]:
    networks = table.texts("submit-networks")
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            table.problem("submit-networks", f"{error}: write it as 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32")
    return networks


def _log(table: Table, base: Path) -> LogSettings:
    name = table.get("log", STANDARD_ERROR)
    file = None if name == STANDARD_ERROR else base / name
    if file is not None and (not file.parent.is_dir() or file.is_dir()):
        table.problem("log", f"{file.parent} is not a folder" if not file.parent.is_dir() else f"{file} is a folder")
    return LogSettings(file, table.get("log-addresses", False))


def _override(table: Table, base: Path) -> OverrideSettings | None:
    table.known(_OVERRIDE_KEYS)
    hours = _whole(table, "hours", OVERRIDE_HOURS, _Range(1, _MOST_HOURS))
    used = table.get("used-file", "")
    if used and not (base / used).parent.is_dir():
        table.problem("used-file", f"{(base / used).parent} is not a folder")
    if not (name := table.text("key-file")):
        return None
    try:
        return OverrideSettings(read_key(base / name), base / used if used else None, hours)
    except ConfigError as error:
        table.problem("key-file", str(error))
        return None


def _routes(table: Table, config: Config, rules: Sequence[Rule], enforcement: Enforcement) -> tuple[Route, ...]:
    rows = table.rows("routes")
    if len(rows) > _MOST_ROUTES:
        table.problem("routes", f"there are {len(rows)}, and at most {_MOST_ROUTES} are allowed")
    routes: list[Route] = []
    for row in rows[:_MOST_ROUTES]:
        route = _route(row, config, rules, enforcement)
        if route.name in (DEFAULT_ROUTE, *(other.name for other in routes)):
            row.problem("name", f"{route.name!r} is taken: every route has a name of its own")
        routes.append(route)
    return tuple(routes)


def _route(row: Table, config: Config, rules: Sequence[Rule], enforcement: Enforcement) -> Route:
    row.known(_ROUTE_KEYS)
    policy = policy_of(row, rules, config.policy)
    route = Route(
        name=row.text("name"),
        policy=policy if policy != config.policy else config.policy,
        enforcement=row.choice("action", ENFORCEMENTS) or enforcement,
        senders=_globs(row, "sender"),
        recipient_domains=_globs(row, "recipient-domain"),
        users=_globs(row, "user"),
        headers=_headers(row),
    )
    if not (route.senders or route.recipient_domains or route.users or route.headers):
        row.problem("", "needs a condition: sender, recipient-domain, user or header")
    for domain in route.recipient_domains:
        if "@" in domain:
            row.problem("recipient-domain", f"{domain!r} is an address: write what stands behind its @")
    return replace(route, name=route.name.strip())


def _globs(row: Table, key: str) -> tuple[str, ...]:
    globs = tuple(text.lower() for text in row.texts(key))
    if key in row.data and not globs:
        row.problem(key, "is empty: leave it out where it does not matter")
    return globs


def _headers(row: Table) -> tuple[tuple[str, str], ...]:
    found = []
    for name, glob in row.inner("header").data.items():
        if not isinstance(glob, str) or not glob:
            row.problem("header", f"{name} needs a glob that its value matches, not {glob!r:.40}")
        elif not name.isascii() or not name.isprintable() or ":" in name or " " in name:
            row.problem("header", f"{name!r} is no name of a header field")
        else:
            found.append((name, glob.lower()))
    if "header" in row.data and isinstance(row.data["header"], dict) and not row.data["header"]:
        row.problem("header", "is empty: leave it out where it does not matter")
    return tuple(found)
