"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real mail that SPAMLINT_CORPUS names; without it the test is skipped."""
    folder = os.environ.get("SPAMLINT_CORPUS")
    if not folder:
        pytest.skip("SPAMLINT_CORPUS is not set: no real mail to test on")
    return Path(folder)
