"""The progress bar on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from spamlint.inputs import Found, Unreadable, total_size

_PATIENCE = 1.0
"""Seconds of work after which the bar appears."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`advance` after each input; `clear` before something is printed."""

    advance: Callable[[Found], None]
    clear: Callable[[], None]


@contextmanager
def progress(paths: Sequence[str], *, wanted: bool) -> Iterator[Progress]:
    """A bar that counts the bytes of `paths`, where one is wanted and standard error is a terminal."""
    if not (wanted and sys.stderr.isatty()):
        yield Progress(lambda _: None, lambda: None)
        return
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # its thread would stand in the way of starting processes
    total = total_size(paths)
    with tqdm(total=total or None, unit="B", unit_scale=True, delay=_PATIENCE, leave=False, file=sys.stderr) as bar:
        yield Progress(lambda item: _advance(bar.update, item), bar.clear)


def _advance(update: Callable[[int], object], item: Found) -> None:
    if isinstance(item, Unreadable):
        return
    size = item.size
    if size is None:
        try:
            size = len(item.data) if item.data is not None else Path(item.path).stat().st_size
        except OSError:
            return
    update(size)
