"""The progress bar on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from spamlint.cli.judge import Result
from spamlint.inputs import Found, Unreadable, total_size

_PATIENCE = 1.0
"""Seconds of work after which the bar appears."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A bar that counts bytes. `clear` it before something is printed."""

    update: Callable[[int], object]
    clear: Callable[[], object]

    def told(self, results: Iterable[tuple[Found, Result]]) -> Iterator[Result]:
        """The results; the bar grows with each."""
        for item, result in results:
            self.update(_size(item))
            yield result


@contextmanager
def progress(paths: Sequence[str]) -> Iterator[Progress]:
    """A bar up to the size of all files that `paths` stand for."""
    tqdm.monitor_interval = 0  # its thread would stand in the way of starting processes
    total = total_size(paths) or None
    with tqdm(total=total, unit="B", unit_scale=True, delay=_PATIENCE, leave=False, file=sys.stderr) as bar:
        yield Progress(bar.update, bar.clear)


def _size(item: Found) -> int:
    if isinstance(item, Unreadable):
        return 0
    if item.size is not None:
        return item.size
    if item.data is not None:
        return len(item.data)
    try:
        return Path(item.path).stat().st_size
    except OSError:
        return 0
