"""Macros in the domains of an SPF record (RFC 7208 section 7)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

_MACRO = re.compile(r"%\{([a-zA-Z])(\d{0,3})([rR]?)([.\-+,/_=]*)\}|%([%_\-])")
_LONGEST = 253


@dataclass(frozen=True, slots=True)
class Sending:
    """Who is sending: what SPF is about."""

    ip: IPv4Address | IPv6Address
    sender: str
    """The address of MAIL FROM."""
    helo: str


def expanded(spec: str, domain: str, sending: Sending, host_name: Callable[[], str]) -> str:
    """`spec` with its macros replaced; `domain` is the one whose record it is, `host_name` gives a checked name."""
    if "%" not in spec:
        return spec.rstrip(".")

    def value_of(found: re.Match[str]) -> str:
        if found[5]:
            return {"%": "%", "_": " ", "-": "%20"}[found[5]]
        value = _value(found[1].lower(), domain, sending, host_name)
        pieces = re.split(f"[{re.escape(found[4])}]", value) if found[4] else value.split(".")
        if found[3]:
            pieces.reverse()
        if found[2]:
            pieces = pieces[-int(found[2]) :] if int(found[2]) else pieces
        text = ".".join(pieces)
        return quote(text, safe="-._~") if found[1].isupper() else text

    name = _MACRO.sub(value_of, spec).rstrip(".")
    while len(name) > _LONGEST and "." in name:
        name = name.partition(".")[2]
    return name


def _value(letter: str, domain: str, sending: Sending, host_name: Callable[[], str]) -> str:
    local, _, host = sending.sender.rpartition("@")
    match letter:
        case "s":
            return f"{local or 'postmaster'}@{host}"
        case "l":
            return local or "postmaster"
        case "o":
            return host
        case "d":
            return domain
        case "h":
            return sending.helo
        case "v":
            return "in-addr" if sending.ip.version == 4 else "ip6"
        case "i":
            return str(sending.ip) if sending.ip.version == 4 else ".".join(sending.ip.exploded.replace(":", ""))
        case "p":
            return host_name()
        case _:  # c, r and t have a meaning in explanations only
            return "unknown"
