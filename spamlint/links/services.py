"""Hosts that many people share, by what they do: shorteners, click trackers, free sites, storage, forms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

from spamlint.links import service_names
from spamlint.names.domains import LONGEST_DOMAIN

KINDS: Final = ("shortener", "tracker", "storage", "site", "form")


@cache
def _kinds() -> Mapping[str, str]:
    lists = (
        service_names.SHORTENERS,
        service_names.TRACKERS,
        service_names.STORAGE,
        service_names.SITES,
        service_names.FORMS,
    )
    return {domain: kind for kind, lines in zip(KINDS, lists, strict=True) for domain in lines.split()}


@cache
def _shares() -> frozenset[str]:
    return frozenset(service_names.SHARES.split())


@cache
def _redirectors() -> Mapping[str, tuple[str, ...]]:
    """Domain -> how the paths begin that send on."""
    found: dict[str, tuple[str, ...]] = {}
    for line in service_names.REDIRECTORS.split():
        domain, _, path = line.partition("/")
        found[domain] = (*found.get(domain, ()), "/" + path)
    return found


@lru_cache(maxsize=2_000)
def kind_of(host: str) -> str:
    """What the service does that `host` belongs to, one of `KINDS`; empty where it is none that is known."""
    kinds = _kinds()
    return next((kinds[domain] for domain in _around(host) if domain in kinds), "")


@cache
def _well_known() -> frozenset[str]:
    return frozenset(service_names.WELL_KNOWN.split())


@lru_cache(maxsize=2_000)
def is_well_known(host: str) -> bool:
    """Whether `host` is a site that anybody links to, and none of the services that keep the pages of others."""
    return not kind_of(host) and any(domain in _well_known() for domain in _around(host))


def sends_on(host: str, path: str, query: str) -> bool:
    """Whether this page sends on to whatever address it is given."""
    ways = ways_on(host)
    return bool(ways) and f"{path}?{query}".lower().startswith(ways)


def is_form(host: str, path: str) -> bool:
    """Whether the page is a form of a service that has other pages as well."""
    return host == "docs.google.com" and path.startswith("/forms")


def is_share(host: str) -> bool:
    """Whether pages are recommended there."""
    return any(domain in _shares() for domain in _around(host))


@lru_cache(maxsize=2_000)
def ways_on(host: str) -> tuple[str, ...]:
    """How the paths begin of those pages at `host` that send on to any address they are given."""
    known = _redirectors()
    name = "google" if host.startswith(("google.", "www.google.")) else ""
    return next((known[domain] for domain in (name, *_around(host)) if domain in known), ())


@cache
def _risky_endings() -> frozenset[str]:
    return frozenset(service_names.RISKY_ENDINGS.split())


def has_risky_ending(host: str) -> bool:
    """Whether many of the names with the ending of `host` are abused."""
    labels = host.rsplit(".", 3)
    return len(labels) > 1 and (labels[-1] in _risky_endings() or ".".join(labels[-2:]) in _risky_endings())


def _around(host: str) -> list[str]:
    """`host`, and each domain that it lies in."""
    if len(host) > LONGEST_DOMAIN:
        return []
    found = [host]
    at = host.find(".")
    while at >= 0:
        found.append(host[at + 1 :])
        at = host.find(".", at + 1)
    return found
