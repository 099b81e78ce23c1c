"""The settings of the guard that a command line asks for."""

from __future__ import annotations

import argparse
from pathlib import Path

from spamlint.guard.settings import Settings


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings that --config and --no-config lead to; ConfigError where they cannot be used."""
    from spamlint import config
    from spamlint.guard.config import load

    file = args.config
    if file is None and not args.no_config:
        file = config.find(Path.cwd())
    return load(file)
