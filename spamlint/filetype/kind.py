"""Types of files and their families."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Family: TypeAlias = Literal[
    "archive", "audio", "calendar", "contact", "disk-image", "encrypted", "executable", "help", "html", "image",
    "installer", "message", "office", "ole", "onenote", "pdf", "script", "shortcut", "signature", "svg", "video", "xml",
]  # fmt: skip
"""What kinds of files are told apart. `ole` is the container of old Office files, installers and Outlook messages."""

HEAD = 4096
"""Bytes of a file that are enough to tell what it is."""


@dataclass(frozen=True, slots=True)
class FileType:
    """A type of file: its name for people, and its family."""

    name: str
    family: Family
