"""Renders files of a template, and looks whether a text of it leads to the place where it was written."""

from __future__ import annotations

import re
from pathlib import Path

from spamlint.drafts import Drafts, Templates
from spamlint.source import Text
from spamlint.template.rendering import Rendering


def rendered(files: dict[str, str], folder: Path, drafts: Drafts, language: str) -> list[Rendering]:
    """Everything that main.html becomes, beside the other files in `folder`."""
    for name, content in files.items():
        (folder / name).write_bytes(content.encode())
    drafts.templates = Templates(language=language, search_path=(folder,))
    messages = drafts.messages(files["main.html"].encode(), str(folder / "main.html"))
    return [message.template for message in messages if message.template is not None]


def position(content: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, counted the plain way."""
    before = re.split(r"\r\n|\r|\n", content[:offset])
    return len(before), len(before[-1]) + 1


def assert_place(text: Text, files: dict[str, str], word: str) -> None:
    """The place of `text` is that of `word`, which stands in one of the files, once."""
    (name,) = (name for name, content in files.items() if word in content)
    start = files[name].index(word)
    place = text.place
    assert (Path(place.file).name if place.file else "main.html") == name
    assert (place.line, place.column) == position(files[name], start)
    assert (place.end_line, place.end_column) == position(files[name], start + len(word))
    assert text.span.raw.decode() == word
