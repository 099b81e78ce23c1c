"""An SPF record (RFC 7208 section 4.6): read into its terms, and written again with others in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

VERSION = "v=spf1"
LOOKING_UP = frozenset({"include", "a", "mx", "ptr", "exists"})
"""The mechanisms that ask the DNS, and count (section 4.6.4)."""
_MECHANISMS = LOOKING_UP | {"all", "ip4", "ip6"}
_TERM = re.compile(r"([+?~-]?)([A-Za-z][A-Za-z0-9_.-]*)(?:([:=/])(.*))?", re.DOTALL)
_LENGTHS = re.compile(r"(.*?)(?:/(\d{1,3}))?(?://(\d{1,3}))?", re.DOTALL)
_MACROS = re.compile(r"%\{[slodiphcrtvSLODIPHCRTV]\d{0,3}[rR]?[.\-+,/_=]*\}|%%|%_|%-")
_ALL_STRICTNESS = ("-", "~", "?", "+")


@dataclass(frozen=True, slots=True)
class Term:
    """One mechanism, or a modifier (`is_modifier`)."""

    text: str
    qualifier: str
    name: str
    value: str = ""
    length4: int | None = None
    length6: int | None = None
    is_modifier: bool = False
    network: IPv4Network | IPv6Network | None = None
    """Of ip4 and ip6."""


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """A record and its terms; `wrong` is the first term that is none, and makes the record void."""

    text: str
    terms: tuple[Term, ...]
    wrong: str = ""

    @property
    def mechanisms(self) -> tuple[Term, ...]:
        """The mechanisms in their order."""
        return tuple(term for term in self.terms if not term.is_modifier)

    @property
    def redirect(self) -> str:
        """The domain whose record holds where nothing in this one matches; "" where there is none."""
        return next((term.value for term in self.terms if term.is_modifier and term.name == "redirect"), "")


def is_spf(text: str) -> bool:
    """Whether a TXT record is one of SPF."""
    return text.lower() == VERSION or text.lower().startswith(f"{VERSION} ")


@lru_cache(maxsize=512)
def parse(text: str) -> SpfRecord:
    """The terms of the record."""
    terms: list[Term] = []
    for piece in text.split(" ")[1:]:
        if not piece:
            continue
        term = _term(piece)
        again = term is not None and term.is_modifier and term.name in ("redirect", "exp")
        if term is None or (again and any(one.is_modifier and one.name == term.name for one in terms)):
            return SpfRecord(text, tuple(terms), piece)
        terms.append(term)
    return SpfRecord(text, tuple(terms))


def _term(piece: str) -> Term | None:
    found = _TERM.fullmatch(piece)
    if found is None or not piece.isascii() or not piece.isprintable():
        return None
    qualifier, name, separator, rest = found[1], found[2].lower(), found[3] or "", found[4] or ""
    if separator == "=":
        is_empty = name in ("redirect", "exp") and not rest
        if qualifier or is_empty or not _macros_hold(rest):
            return None
        return Term(piece, "", name, rest, is_modifier=True)
    if name not in _MECHANISMS:
        return None
    return _mechanism(piece, qualifier or "+", name, separator, rest)


def _mechanism(piece: str, qualifier: str, name: str, separator: str, rest: str) -> Term | None:
    if name == "all":
        return Term(piece, qualifier, name) if not separator else None
    if name in ("ip4", "ip6"):
        return _network(piece, qualifier, name, rest) if separator == ":" else None
    value, length4, length6 = rest, None, None
    if name in ("a", "mx"):
        found = _LENGTHS.fullmatch(separator + rest if separator == "/" else rest)
        assert found is not None
        value, length4, length6 = found[1], _number(found[2]), _number(found[3])
        if (length4 or 0) > 32 or (length6 or 0) > 128:
            return None
    elif separator == "/":
        return None
    needs_value = name in ("include", "exists") or separator == ":"
    if (needs_value and not value) or not _macros_hold(value) or not _ends_well(value):
        return None
    return Term(piece, qualifier, name, value, length4, length6)


def _network(piece: str, qualifier: str, name: str, rest: str) -> Term | None:
    address, slash, length = rest.partition("/")
    most = 32 if name == "ip4" else 128
    number = int(length[:4]) if slash and length.isdecimal() and length.isascii() else most
    if (slash and not (length.isdecimal() and length.isascii())) or number > most:
        return None
    try:
        network = ip_network(f"{address}/{number}", strict=False)
    except ValueError:
        return None
    if network.version != (4 if name == "ip4" else 6):
        return None
    return Term(piece, qualifier, name, address, number, number, network=network)


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _macros_hold(value: str) -> bool:
    return "%" not in _MACROS.sub("", value)


def _ends_well(value: str) -> bool:
    """Whether a domain ends in a label with a letter, or in a macro (section 7.1)."""
    if not value or value.endswith("}"):
        return True
    last = value.rstrip(".").rpartition(".")[2]
    return "." in value.rstrip(".") and re.fullmatch(r"[A-Za-z0-9-]*[A-Za-z-][A-Za-z0-9-]*", last) is not None


def inserted(text: str, terms: Sequence[str]) -> str:
    """The record with `terms` in it, before what ends it (`all`, `redirect=`); those that it has already are left out.

    An "all" that lets everybody send would make them senseless: it becomes "~all".
    """
    pieces = [piece for piece in text.split(" ") if piece]
    have = {piece.lower().removeprefix("+") for piece in pieces}
    fresh = [term for term in terms if term.lower() not in have]
    ends = [
        at
        for at, piece in enumerate(pieces)
        if _name(piece) == "all" or piece.lower().startswith(("redirect=", "exp="))
    ]
    at = ends[0] if ends else len(pieces)
    whole = [*pieces[:at], *fresh, *pieces[at:]]
    return " ".join("~all" if piece.lower() in ("all", "+all") else piece for piece in whole)


def merged(texts: Iterable[str]) -> str:
    """One record for several, as a domain may have one only: all terms once, and the mildest "all" at the end."""
    terms: dict[str, str] = {}
    last: list[str] = []
    redirects: list[str] = []
    for text in texts:
        for piece in text.split(" ")[1:]:
            if _name(piece) == "all":
                last.append(piece[0] if piece[0] in _ALL_STRICTNESS else "+")
            elif piece.lower().startswith("redirect="):
                redirects.append(piece)
            elif piece:
                terms.setdefault(piece.lower().removeprefix("+"), piece)
    if last:
        # "all" goes before "redirect", which would then say nothing.
        mildest = max(last, key=_ALL_STRICTNESS.index)
        return " ".join([VERSION, *terms.values(), ("~" if mildest == "+" else mildest) + "all"])
    included = [f"include:{piece.partition('=')[2]}" for piece in redirects[1:]]
    return " ".join([VERSION, *terms.values(), *included, *redirects[:1]])


def _name(piece: str) -> str:
    return piece.lower().lstrip("+-~?")
