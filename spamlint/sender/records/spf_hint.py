"""What somebody probably meant with a term that SPF does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from spamlint.sender.spf_record import VERSION, parse

_LONGEST = 300
_NAMES = {
    "ip": "ip4", "ipv4": "ip4", "ip4": "ip4", "ipv6": "ip6", "ip6": "ip6", "include": "include", "includes": "include",
    "inlcude": "include", "a": "a", "mx": "mx", "exists": "exists", "exist": "exists",
}  # fmt: skip
_PARTS = re.compile(r"([+?~-]?)([A-Za-z0-9]+)[:=]+(?:https?://)?([^/\s]+)(/\d{1,3})?/?")
_GLUED = re.compile(r"(?<=.)(?=(?:[+?~-]?(?:include:|ip4:|ip6:|exists:)|redirect=|[-~?+]all\Z))", re.IGNORECASE)
_HOST = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]")
_DASHES = str.maketrans({"–": "-", "—": "-", "−": "-", "‑": "-", "“": "", "”": "", '"': "", "'": ""})


def is_term(text: str) -> bool:
    """Whether SPF can read `text`, one term or several with blanks between them."""
    return not parse(f"{VERSION} {text}").wrong


def meant(term: str) -> str:
    """The term, or terms, that would be right in place of `term`; "" where nobody can tell."""
    if len(term) > _LONGEST:
        return ""
    return next((guess for guess in _guesses(term) if guess and guess != term and is_term(guess)), "")


def _guesses(term: str) -> Iterator[str]:
    plain = term.translate(_DASHES).strip(";,.")
    yield plain
    yield _GLUED.sub(" ", plain)
    address = _network(plain)
    if address:
        yield address
    if _HOST.fullmatch(plain):
        yield f"a:{plain}"
    if plain.lower().startswith("redirect:"):
        yield f"redirect={plain[9:]}"
    found = _PARTS.fullmatch(plain)
    if found is None:
        return
    qualifier, name, value, length = found[1], found[2].lower(), found[3], found[4] or ""
    network = _network(value + length)
    if network:
        yield qualifier + network
    elif name in ("ip4", "ip6", "ip", "ipv4", "ipv6"):
        yield f"{qualifier}a:{value}"
    elif name in _NAMES:
        yield f"{qualifier}{_NAMES[name]}:{value}{length}"


def _network(text: str) -> str:
    """`text` as ip4: or ip6:, if it is an address or network."""
    address, slash, length = text.partition("/")
    try:
        version = ip_address(address).version
    except ValueError:
        return ""
    return f"ip{version}:{address}{slash}{length}"
