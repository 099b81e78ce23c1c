"""Paths -> the inputs behind them: unlike `inputs`, a folder here also holds pasted replies, logs and reports."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from spamlint.inputs import STDIN, Found, Input, Unreadable, find

IN_FOLDERS: Final = frozenset(("", ".csv", ".eml", ".gz", ".json", ".log", ".mbox", ".mbx", ".txt", ".xml", ".zip"))
"""Ends of the names of files that are looked for in folders."""
_MAY_BE_MBOX: Final = frozenset(("", ".eml", ".mbox", ".mbx"))


def sources(paths: Sequence[str], stdin: BinaryIO | None) -> Iterator[Found]:
    """The inputs that `paths` stand for, in order; every file of a Maildir counts, whatever its name."""
    for path in paths:
        if path == STDIN:
            yield from find([STDIN], stdin=stdin)
            stdin = None
        elif Path(path).is_dir():
            yield from _in_folder(path)
        else:
            yield from _file(path)


def _in_folder(folder: str) -> Iterator[Found]:
    refused: list[OSError] = []
    empty = True
    for root, folders, names in os.walk(folder, onerror=refused.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        is_mail = Path(root).name in ("cur", "new")
        for name in sorted(names):
            if not name.startswith(".") and (is_mail or Path(name).suffix.lower() in IN_FOLDERS):
                empty = False
                yield from _file(os.path.join(root, name))  # noqa: PTH118 - keeps the path as it was given
    for error in refused:
        yield Unreadable(str(error.filename), error.strerror or str(error))
    if empty and not refused:
        yield Unreadable(folder, f"the folder holds no file that ends in {', '.join(sorted(IN_FOLDERS - {''}))}")


def _file(path: str) -> Iterator[Found]:
    if Path(path).suffix.lower() in _MAY_BE_MBOX and Path(path).is_file():
        yield from find([path])
    elif Path(path).exists():
        yield Input(path)
    else:
        yield Unreadable(path, "No such file or directory")
