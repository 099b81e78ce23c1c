"""Template files: their text, and which of them a template may include."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from spamlint import mime
from spamlint.html.layers import plain_lines
from spamlint.limits import DEFAULT_LIMITS
from spamlint.source import Source, Text


def template_text(source: Source) -> Text:
    """The text of a template file, with line feeds as its line ends."""
    return plain_lines(mime.draft(source, "text/html", DEFAULT_LIMITS).text)


def find_file(name: str, folders: Sequence[Path]) -> tuple[str, Path] | None:
    """The file that a template means by `name`, as people find it, and as it is with symbolic links followed.

    None where there is none inside `folders`: what a link leads to counts, not where the link is.
    """
    for folder in folders:
        try:
            root = folder.resolve()
            path = (root / name).resolve()
            if path.is_relative_to(root) and path.is_file():
                return str(folder / name), path
        except (OSError, RuntimeError, ValueError):  # a name that is no path, or links that lead in circles
            continue
    return None
