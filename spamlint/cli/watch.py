"""`spamlint check --watch`: judges files again when they are saved."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from spamlint import inputs
from spamlint.cli.judge import Judge, Result
from spamlint.inputs import Unreadable
from spamlint.report import text
from spamlint.report.data import Summary
from spamlint.report.escape import visible
from spamlint.report.style import Style
from spamlint.report.words import say

INTERVAL = 0.1
"""Seconds between two looks at the files."""
CLEAR = "\x1b[2J\x1b[3J\x1b[H"

Results: TypeAlias = Mapping[str, Sequence[Result]]
"""Path -> the results on what lies in that file."""
Show: TypeAlias = Callable[[Sequence[str], Results], None]
"""Shows the results; the paths are those of the files that changed."""
_Stamp: TypeAlias = tuple[int, int, int]


def watch(paths: Sequence[str], judge: Judge, show: Show, pause: Callable[[], None] | None = None) -> Results:
    """Judges what changed, over and over, until somebody presses Ctrl-C; then the last results.

    `pause` lets time pass between two looks.
    """
    wait = pause or (lambda: time.sleep(INTERVAL))
    seen: Mapping[str, _Stamp | None] | None = None
    results: dict[str, Sequence[Result]] = {}
    try:
        while True:
            now = _stamps(paths)
            if now != seen:
                # The state is taken before the files are read: what is saved meanwhile is seen at the next look.
                changed = [path for path, stamp in now.items() if seen is None or seen.get(path, 0) != stamp]
                seen = now
                results = {path: results[path] for path in now if path in results and path not in changed}
                for path, found in _judged(paths, changed, judge):
                    results[path] = [*results.get(path, ()), found]
                show(changed, results)
            wait()
    except KeyboardInterrupt:
        return results


def _judged(paths: Sequence[str], changed: Sequence[str], judge: Judge) -> Iterator[tuple[str, Result]]:
    wanted = frozenset(changed)
    for item in inputs.find(paths):
        if item.path in wanted:
            yield item.path, item if isinstance(item, Unreadable) else judge(item)


def _stamps(paths: Sequence[str]) -> Mapping[str, _Stamp | None]:
    """Each file that is watched, with what changes when it is saved; None for what cannot be read."""
    found: dict[str, _Stamp | None] = {}
    for file in inputs.files(paths):
        path = file.path if isinstance(file, Unreadable) else file
        try:
            status = Path(path).stat()
            found[path] = status.st_mtime_ns, status.st_size, status.st_ino
        except (OSError, ValueError):
            found[path] = None
    return found


def shown_on(style: Style) -> Show:
    """Shows the reports on standard output: on a terminal alone, elsewhere one after the other."""

    def show(changed: Sequence[str], results: Results) -> None:
        out = sys.stdout
        if out.isatty():
            out.write(CLEAR)
        total = Summary()
        for path, found in results.items():
            for result in found:
                if isinstance(result, Unreadable):
                    total.unreadable += 1
                    out.write(f"{visible(result.path)}: {visible(result.reason)}\n")
                else:
                    total.add(result)
                    if path in changed:
                        out.write(text.file(result, style))
        if sum(total.outcomes.values()) + total.unreadable > 1:
            out.write(text.summary(total, style))
        out.write(say(style.language, "watching", number=len(results)) + "\n")
        out.flush()

    return show
