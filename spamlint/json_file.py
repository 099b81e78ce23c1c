"""A JSON file that a person names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from spamlint.errors import ConfigError


def read_json(file: Path) -> Any:
    """What is in `file`. ConfigError where it cannot be read or is no JSON."""
    try:
        return json.loads(file.read_bytes())
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file}: no valid JSON: {error}") from None
