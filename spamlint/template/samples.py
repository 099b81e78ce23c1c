"""Sample values for a template, from a JSON file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spamlint.errors import ConfigError
from spamlint.json_file import read_json


def sample_values(file: Path) -> Mapping[str, Any]:
    """The values in a JSON file. ConfigError for what is unusable."""
    data = read_json(file)
    if not isinstance(data, dict):
        raise ConfigError(f"{file}: must hold a JSON object, with a value for each name, not {_kind(data)}")
    return data


def _kind(data: object) -> str:
    if isinstance(data, list):
        return "a list"
    return "text" if isinstance(data, str) else repr(data)
