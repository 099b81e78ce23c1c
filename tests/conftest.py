"""What all tests share."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest


def pytest_collection_finish() -> None:
    """What all tests have loaded stays out of every collection, which would cost those that measure time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real mail that SPAMLINT_CORPUS names; without it the test is skipped."""
    folder = os.environ.get("SPAMLINT_CORPUS")
    if not folder:
        pytest.skip("SPAMLINT_CORPUS is not set: no real mail to test on")
    return Path(folder)
