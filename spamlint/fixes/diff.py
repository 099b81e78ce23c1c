"""Two states of a file as a unified diff, which `patch -p0` takes."""

from __future__ import annotations

from difflib import unified_diff

from spamlint.mime import draft_codec


def unified(name: str, before: bytes, after: bytes) -> str:
    """The diff from `before` to `after`, read by the charset of the file; "" where they are the same."""
    old, new = _lines(before), _lines(after)
    lines = unified_diff(old, new, name, name)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(data: bytes) -> list[str]:
    """The lines with their ends; a lone CR ends none, as for `patch`."""
    text = data.decode(draft_codec(data), "backslashreplace")
    lines = text.split("\n")
    return [*(f"{line}\n" for line in lines[:-1]), *lines[-1:]] if lines[-1] else [f"{line}\n" for line in lines[:-1]]
