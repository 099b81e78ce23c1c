"""What is odd about hosts, whatever stands around them in an address."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from spamlint.links import hosts, services
from spamlint.links.targets import Found, is_placeholder_host

MOST_LABELS: Final = 6
"""Labels of a host that is not worth a word: load balancers and countries need five."""

_SHORTEST_RANDOM = 12
_FEWEST_TURNS = 4


@lru_cache(maxsize=10_000)
def odd_host(host: str) -> tuple[Found, ...]:
    """What is odd about the host of a web page. Hosts recur, so the last ones are remembered."""
    return tuple(_of_host(host))


def _of_host(host: str) -> Iterator[Found]:
    number = hosts.number_of(host)
    if number is not None:
        plain, disguised = number
        if hosts.is_private_number(plain):
            yield "local-target", {"host": host, "strength": 1 + plain.startswith(("127.", "::1"))}
        else:
            yield "numeric-host", {"host": host, "number": plain, "strength": 1 + disguised}
        return
    yield from _of_name(host)
    labels = host.split(".")
    if len(labels) > MOST_LABELS:
        yield "many-labels", {"host": host, "labels": len(labels)}
    if hosts.is_server_name(host):
        yield "server-name", {"host": host}
    elif any(hosts.is_random(label, _SHORTEST_RANDOM, _FEWEST_TURNS) for label in labels[:-1]):
        yield "random-host", {"host": host}
    if services.has_risky_ending(host):
        yield "risky-ending", {"host": host, "ending": labels[-1]}
    kind = services.kind_of(host)
    if kind and kind != "tracker":
        yield kind, {"host": host}
    yield from _of_letters(host)


def _of_name(host: str) -> Iterator[Found]:
    if is_placeholder_host(host):
        yield "placeholder-target", {"address": host}
    elif hosts.is_private_name(host):
        yield "local-target", {"host": host, "strength": 1 + (host == "localhost")}
    elif not hosts.is_possible(host):
        yield "impossible-host", {"host": host}
    elif "." not in host and host not in ("http", "https"):
        yield "no-ending", {"host": host}


def _of_letters(host: str) -> Iterator[Found]:
    from spamlint.names.brands import imitated_by
    from spamlint.names.domains import readable
    from spamlint.names.lookalikes import is_dressed_up, mixes_scripts, plain

    shown = readable(host)
    if shown != host or not host.isascii():
        yield "punycode-host", {"host": host, "shown": shown}
    imitated = imitated_by(shown)
    if imitated is not None:
        yield "look-alike-host", {"brand": imitated[0], "host": shown, "strength": 1 + (imitated[1] != "inside")}
    elif any(mixes_scripts(label) or is_dressed_up(label) for label in shown.split(".")):
        yield "look-alike-host", {"brand": plain(shown), "host": shown, "strength": 2}
