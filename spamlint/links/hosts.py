"""Hosts: numbers in place of names, names that lead nowhere, and names that no person thought of."""

from __future__ import annotations

import re

PRIVATE_ENDINGS = ("corp", "home", "internal", "intranet", "lan", "local", "localdomain", "localhost", "private")
"""Endings of names inside a house (RFC 6761, 6762, and names that ICANN keeps free for it)."""

_LONGEST_NUMBER = 48
_IP6 = r"\[[0-9a-f.:%]*:[0-9a-f.:%]*\]"
_NAME = r"[^\W_](?:[\w-]{0,61}\w)?"
_SERVER = r"(?:^|[^\d])(?:\d{1,3}[.-]){3}\d{1,3}(?=[.-])"
_MOST_BITS = 32


def number_of(host: str) -> tuple[str, bool] | None:
    """The IP address that `host` is, and whether it is disguised: octal, hexadecimal, fewer numbers than four."""
    if host.startswith("["):
        return (host[1:-1], False) if re.fullmatch(_IP6, host) else None
    last = host.rpartition(".")[2]
    if not last[:1].isdigit() or not host.isascii() or len(host) > _LONGEST_NUMBER:
        return None
    parts = host.split(".")
    numbers = [_number(part) for part in parts]
    if len(parts) > 4 or None in numbers:
        return None
    known = [number for number in numbers if number is not None]
    if any(number > 255 for number in known[:-1]) or known[-1] >= 1 << (_MOST_BITS - 8 * (len(known) - 1)):
        return None
    value = known[-1] + sum(number << (24 - 8 * place) for place, number in enumerate(known[:-1]))
    plain = ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))
    return plain, plain != host


def _number(part: str) -> int | None:
    if part.startswith("0x"):
        digits, base = part[2:] or "0", 16
    elif part.startswith("0") and len(part) > 1:
        digits, base = part, 8
    else:
        digits, base = part, 10
    try:
        return int(digits, base) if digits.isalnum() else None
    except ValueError:
        return None


def is_private_number(number: str) -> bool:
    """Whether nobody outside the sender's house reaches this IP address."""
    if ":" in number:
        return number == "::1" or number.startswith(("fc", "fd", "fe80:"))
    first, second = (int(part) for part in number.split(".")[:2])
    return (
        first in (0, 10, 127)
        or (first, second) in ((192, 168), (169, 254))
        or (first == 172 and 16 <= second < 32)
        or (first == 100 and 64 <= second < 128)
    )


def is_private_name(host: str) -> bool:
    """Whether `host` is a name that only the sender's own network knows."""
    return host.rpartition(".")[2] in PRIVATE_ENDINGS


def is_local(host: str) -> bool:
    """Whether nobody outside the sender's house reaches `host`, a number or a name."""
    number = number_of(host)
    return is_private_number(number[0]) if number is not None else is_private_name(host)


def is_possible(host: str) -> bool:
    """Whether `host` can be a name on the internet, as far as its characters say."""
    if host.startswith("["):
        return host.endswith("]")
    return len(host) <= 255 and all(re.fullmatch(_NAME, label) or label[:1] == "_" for label in host.split("."))


def is_server_name(host: str) -> bool:
    """Whether a provider made `host` up from the number of a machine, as in 7-100-51-198.customers.isp.example."""
    return re.search(_SERVER, host) is not None


def is_random(text: str, shortest: int, turns: int) -> bool:
    """Whether `text` looks thrown together: it has `shortest` letters and digits and goes `turns` times from small
    letter to capital or between letter and digit. Plain hexadecimal numbers, as programmers use them, are none."""
    if len(text) < shortest or len(text) > 2_000:
        return False
    signs = re.sub(r"[^A-Za-z0-9]+", "", text)
    if len(signs) < shortest or re.fullmatch(r"[0-9a-f]+|[0-9A-F]+", signs):
        return False
    return len(re.findall(r"[a-z](?=[A-Z0-9])|[A-Z](?=[0-9])|[0-9](?=[A-Za-z])", text)) >= turns
