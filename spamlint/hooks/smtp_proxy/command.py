"""Commands and their arguments (RFC 5321 section 4.1, RFC 3461, Postfix's XFORWARD)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

XFORWARD = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE")
"""The attributes of XFORWARD that are known."""
UNAVAILABLE = "[UNAVAILABLE]"

OPTIONS = {
    "MAIL": {
        b"SIZE": "SIZE",
        b"BODY": "8BITMIME",
        b"SMTPUTF8": "SMTPUTF8",
        b"RET": "DSN",
        b"ENVID": "DSN",
        b"AUTH": "AUTH",
    },
    "RCPT": {b"NOTIFY": "DSN", b"ORCPT": "DSN"},
}
"""Command -> the parameters that it may have -> the extension that each belongs to."""

_PATH = re.compile(rb' *+(?:<((?:"(?:\\.|[^"\\])*+"|[^">])*+)>|([^ <>]++))((?: ++[^ ]++)*+) *+')
_ROUTE = re.compile(r"@[^:<>]*:")
_ATTRIBUTE = re.compile(rb"([A-Za-z]+)=([!-~]+)")
_ENCODED = re.compile(rb"\+([0-9A-F]{2})")
_UNSAFE = re.compile(rb"[^!-*,-<>-~]")
_MOST_VALUE = 255


@dataclass(frozen=True, slots=True)
class Path:
    """The argument of MAIL or RCPT."""

    raw: bytes
    """What stands between the brackets."""
    options: tuple[bytes, ...] = ()
    """The parameters, as they were written."""

    @property
    def address(self) -> str:
        """The address, without a source route."""
        return _ROUTE.sub("", self.raw.decode("utf-8", "replace"), count=1)

    def option(self, name: bytes) -> bytes | None:
        """The value of that parameter, empty where it has none; None where it is not there."""
        for each in self.options:
            key, _, value = each.partition(b"=")
            if key.upper() == name:
                return value
        return None


def words(line: bytes) -> tuple[str, bytes]:
    """The verb of a line in capitals, and its argument."""
    verb, _, argument = line.partition(b" ")
    return verb.decode("ascii", "replace").upper(), argument.strip(b" ")


def path(argument: bytes, keyword: bytes) -> Path | None:
    """The path and the parameters behind `keyword`, as `FROM:`; None where the argument has another form."""
    if argument[: len(keyword)].upper() != keyword:
        return None
    found = _PATH.fullmatch(argument, len(keyword))
    if found is None:
        return None
    raw = found[1] if found[1] is not None else found[2]
    return Path(raw, tuple(found[3].split()))


def is_text(raw: bytes) -> bool:
    """Whether the octets are UTF-8."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def attributes(argument: bytes) -> Mapping[str, str] | None:
    """What a front server says of its client with XFORWARD; None where it has another form."""
    found: dict[str, str] = {}
    for each in argument.split():
        pair = _ATTRIBUTE.fullmatch(each)
        if pair is None or len(pair[2]) > _MOST_VALUE:
            return None
        name = pair[1].decode("ascii").upper()
        value = _ENCODED.sub(lambda code: bytes([int(code[1], 16)]), pair[2])
        if name not in XFORWARD or any(octet < ord(" ") or octet == 0x7F for octet in value):
            return None
        found[name] = value.decode("utf-8", "replace")
    address = found.get("ADDR", UNAVAILABLE)
    return found if found and (address.startswith("[") or plain(address)) else None


def plain(address: str) -> str:
    """The IP address in the value of ADDR; empty where there is none."""
    bare = address[5:] if address[:5].upper() == "IPV6:" else address
    try:
        return str(ip_address(bare))
    except ValueError:
        return ""


def encoded(value: str) -> bytes:
    """`value` as xtext (RFC 3461 section 4)."""
    return _UNSAFE.sub(lambda octet: b"+%02X" % octet[0][0], value.encode("utf-8", "replace"))
