"""The fields of machine-readable reports: message/delivery-status (RFC 3464) and message/feedback-report (RFC 5965)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from spamlint.bounce.notice import Action, Refusal
from spamlint.bounce.reply import LONGEST, one_line, status_code, without_type

MOST = 2_000
"""Recipients of one report that are looked at."""

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,60})[ \t]{0,9}:[ \t]{0,9}(.*)")
_ACTIONS: Mapping[str, Action] = {
    "failed": "failed", "delayed": "delayed", "delivered": "delivered", "relayed": "delivered",
    "expanded": "delivered",
}  # fmt: skip
_ADDRESS = re.compile(r"[^\s<>\"(),;:@]{1,128}@[^\s<>\"(),;:@]{1,255}")
_OF_STATUS = frozenset(("final-recipient", "original-recipient", "diagnostic-code", "action", "status"))


def groups(text: str) -> Iterator[dict[str, str]]:
    """The groups of fields, parted by blank lines; names in small letters, folded lines as one."""
    group: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if not line.strip():
            if group:
                yield group
            group, name = {}, ""
        elif line[0] in " \t":
            if name and len(group[name]) < LONGEST:
                group[name] += f" {line.strip()}"
        else:
            found = _FIELD.match(line[:LONGEST])
            name = found[1].lower() if found else ""
            if found and name not in group:
                group[name] = found[2].strip()
            elif name:
                name = ""
    if group:
        yield group


def is_status(group: Mapping[str, str]) -> bool:
    """Whether these are fields about a recipient."""
    return len(_OF_STATUS & group.keys()) > 1 or "final-recipient" in group or "diagnostic-code" in group


def refusals(found: Sequence[Mapping[str, str]], more: tuple[str, ...] = ()) -> tuple[Refusal, ...]:
    """What the groups of a delivery status say, a refusal for each recipient."""
    server = next((group["reporting-mta"] for group in found if "reporting-mta" in group), "")
    return tuple(_refusal(group, server, more) for group in found[: MOST + 1] if is_status(group))[:MOST]


def _refusal(group: Mapping[str, str], server: str, more: tuple[str, ...]) -> Refusal:
    text = one_line(without_type(group.get("diagnostic-code", "")))
    word = re.match(r"[a-z]*", group.get("action", "").lower())
    return Refusal(
        text=text,
        recipient=address(group.get("original-recipient", "")) or address(group.get("final-recipient", "")),
        status=status_code(group.get("status", "")) or status_code(text),
        server=_name(group.get("remote-mta", "")) or _name(server),
        action=_ACTIONS.get(word[0] if word else "", "failed"),
        more=more,
    )


def address(value: str) -> str:
    """The address in a field such as "rfc822; jo@x.example", or ""."""
    found = _ADDRESS.search(value[:LONGEST])
    return found[0].strip("'.{}[]=") if found else ""


def refused_address(reply: str) -> str:
    """The address in a reply, unless it may be that of the sender."""
    return "" if "sender" in reply.lower() else address(reply)


def _name(value: str) -> str:
    """The host in a field such as "dns; mx.x.example (192.0.2.1)"."""
    return value.rpartition(";")[2].strip().split(" ", 1)[0][:255]
