"""The names of rules for programs that know those of other filters."""

from __future__ import annotations

import re

PREFIX = "SPL_"
NOT_CHECKED = PREFIX + "NOT_CHECKED"
"""Of a message without a verdict."""

_NO_NAME = re.compile(r"[^A-Za-z0-9]")


def symbol(rule: str) -> str:
    """The name of a rule, of ASCII letters, digits and underscores: `links/odd-port` is `SPL_LINKS_ODD_PORT`."""
    return PREFIX + _NO_NAME.sub("_", rule).upper()
