"""Sample values for a template, from a JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spamlint.errors import ConfigError


def sample_values(file: Path) -> Mapping[str, Any]:
    """The values in a JSON file. ConfigError for what is unusable."""
    try:
        data = json.loads(file.read_bytes())
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file}: no valid JSON: {error}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{file}: must hold a JSON object, with a value for each name, not {_kind(data)}")
    return data


def _kind(data: object) -> str:
    if isinstance(data, list):
        return "a list"
    return "text" if isinstance(data, str) else repr(data)
