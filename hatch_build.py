"""Puts all rules into one file of the wheel, so that start-up need not read hundreds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class RuleIndex(BuildHookInterface):
    """Runs when a wheel is built; an editable install reads the rule files, which may change at any time."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Makes the index, and has it put into the wheel."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from spamlint import ruleset

        index = Path(self.directory) / ruleset.INDEX
        index.parent.mkdir(parents=True, exist_ok=True)
        index.write_bytes(ruleset.dump(ruleset.load(whole=False)))
        build_data["force_include"][str(index)] = f"spamlint/rules/{ruleset.INDEX}"
