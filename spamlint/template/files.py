"""Template files: their text, and which of them a template may include."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from spamlint import mime
from spamlint.html.layers import plain_lines
from spamlint.limits import DEFAULT_LIMITS
from spamlint.source import Source, Text


def template_text(name: str, raw: bytes) -> Text:
    """The text of a template file, with line ends as "\\n"."""
    return plain_lines(mime.draft(Source(name, raw), "text/html", DEFAULT_LIMITS).text)


def find_file(name: str, folders: Sequence[Path]) -> Path | None:
    """The file that a template means by `name`; None where there is none inside `folders`, symbolic links followed."""
    for folder in folders:
        try:
            root = folder.resolve()
            path = (root / name).resolve()
            if path.is_relative_to(root) and path.is_file():
                return path
        except (OSError, RuntimeError, ValueError):  # a name that is no path, or links that lead in circles
            continue
    return None
