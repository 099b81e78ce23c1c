"""What is found wrong with the records of a domain, as a DNS server on loopback has them."""

from __future__ import annotations

import re

from dns_server import Zone, dns_server

from spamlint import ruleset
from spamlint.sender.dns import Dns, Server
from spamlint.sender.records.lint import remarks

NAME = "mill.example"
QUIET = {"_dmarc.mill.example TXT": "v=DMARC1; p=reject; rua=mailto:post@mill.example"}
KINDS = {str(rule.params.get("kind")): rule for rule in ruleset.load() if rule.check_name == "route.remarked"}


def found(zone: Zone, *selectors: str, seconds: float = 5.0) -> dict[str, list[dict[str, str | int]]]:
    """The remarks on the records of `NAME`, by their kinds."""
    with dns_server(zone) as server:
        said = remarks(Dns([Server("127.0.0.1", server.port)], seconds, 30.0), NAME, selectors)
    kinds: dict[str, list[dict[str, str | int]]] = {}
    for remark in said:
        for words in KINDS[remark.kind].words.values():
            assert set(re.findall(r"\{(\w+)\}", words.message + words.fix)) <= set(remark.values), remark
        kinds.setdefault(remark.kind, []).append(dict(remark.values))
    return kinds
