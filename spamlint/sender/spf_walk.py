"""What an SPF record costs and allows as a whole, whoever sends."""

from __future__ import annotations

from dataclasses import dataclass, field

from spamlint.sender.dns import Answer, Dns
from spamlint.sender.spf_record import LOOKING_UP, is_spf, parse

_MOST_RECORDS = 50
"""Records that are asked for; a record that needs more is far over the limit of ten."""


@dataclass(slots=True)
class Walk:
    """The lookups that the record needs at most, and the networks that it allows by their numbers."""

    lookups: int = 0
    networks: list[str] = field(default_factory=list)
    failed: Answer | None = None
    """A question that nobody answered: then it may be more."""


def walked(dns: Dns, record: str) -> Walk:
    """All terms of `record` and of those that it includes, each record as often as it is asked for."""
    walk, waiting, asked = Walk(), [record], 0
    while waiting:
        parsed = parse(waiting.pop(0))
        targets = []
        for term in parsed.mechanisms:
            walk.lookups += term.name in LOOKING_UP
            if term.name in ("ip4", "ip6") and term.qualifier == "+":
                walk.networks.append(f"{term.value}/{term.length4}")
            elif term.name == "include":
                targets.append(term.value)
        if parsed.redirect and not any(term.name == "all" for term in parsed.mechanisms):
            walk.lookups += 1
            targets.append(parsed.redirect)
        names = [target.rstrip(".") for target in targets if "%" not in target][: _MOST_RECORDS - asked]
        asked += len(names)
        for answer in dns.ask_all((name, "TXT") for name in names):
            if not answer.is_known and answer.status != "bad-name":
                walk.failed = walk.failed or answer
            waiting += [text for text in answer.records if is_spf(text)][:1]
    return walk
