"""Files that make one mail together: the HTML, the text beside it, and the subject, told by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

from spamlint.template.languages import SUFFIXES

Role: TypeAlias = Literal["html", "text", "subject"]
ROLES: Final[tuple[Role, ...]] = ("html", "text", "subject")

NAME: Final = "{name}"
"""In a pattern: what the files of one mail have in common."""

PATTERNS: Final[Mapping[Role, tuple[str, ...]]] = {
    "html": (
        "{name}.html", "{name}.htm", "{name}.body.html", "{name}_body.html", "{name}_message.html", "{name}-body-html",
        "{name}_email.html", "{name}_email_body.html", "body.html", "message.html",
    ),
    "text": (
        "{name}.txt", "{name}.text", "{name}.body.txt", "{name}_body.txt", "{name}_message.txt", "{name}-body-text",
        "{name}_email.txt", "{name}_email_body.txt", "body.txt", "message.txt",
    ),
    "subject": (
        "{name}.subject.txt", "{name}_subject.txt", "{name}-subject.txt", "{name}.subject", "{name}_subject",
        "{name}-subject", "{name}_email_subject.txt", "{name}_email.subject.txt", "subject.txt", "subject",
    ),
}  # fmt: skip
"""File names by what they hold, without the end that names a template language. The longest that fits counts."""

_AS_HTML: Final = (".mjml", ".gohtml")
_NO_LANGUAGE: Final = (".tmpl",)


@dataclass(frozen=True, slots=True)
class Group:
    """The files of one mail, by name. `main` is the HTML, or the text where there is none."""

    main: str
    companions: tuple[tuple[Role, str], ...]


class Groups:
    """The mails that lie in folders in several files. Each folder is listed once."""

    def __init__(self, patterns: Mapping[Role, tuple[str, ...]] = PATTERNS) -> None:
        self._patterns = tuple((role, pattern) for role in ROLES for pattern in patterns.get(role, ()))
        self._folders: dict[Path, Mapping[str, Group]] = {}

    def of(self, folder: Path) -> Mapping[str, Group]:
        """The groups in `folder`, by the name of each of their files; none where it cannot be listed."""
        found = self._folders.get(folder)
        if found is None:
            try:
                names = sorted(path.name for path in folder.iterdir())
            except (OSError, ValueError):  # told where the folder itself is read
                names = []
            found = self._folders[folder] = grouped(names, self._patterns)
        return found


def grouped(names: Iterable[str], patterns: tuple[tuple[Role, str], ...]) -> Mapping[str, Group]:
    """The groups that `names`, all of one folder, make up, by the name of each of their files."""
    members: dict[str, dict[Role, str]] = {}
    for name in names:
        known = _role_of(name, patterns)
        if known is not None and not name.startswith("."):
            members.setdefault(known[1], {}).setdefault(known[0], name)
    found: dict[str, Group] = {}
    for files in members.values():
        main = files.get("html", files.get("text"))
        if main is not None and len(files) > 1:
            group = Group(main, tuple((role, files[role]) for role in ROLES if files.get(role, main) != main))
            found.update(dict.fromkeys(files.values(), group))
    return found


def _role_of(name: str, patterns: tuple[tuple[Role, str], ...]) -> tuple[Role, str] | None:
    """What a file holds, and what it has in common with the other files of its mail."""
    bare = _bare(name)
    found: tuple[int, Role, str] | None = None
    for role, pattern in patterns:
        fits = _compiled(pattern).fullmatch(bare)
        if fits is not None and (found is None or len(pattern.replace(NAME, "")) > found[0]):
            common = fits[1] if fits.re.groups else ""
            found = len(pattern.replace(NAME, "")), role, common
    if found is None and bare != name and "html" in (role for role, _ in patterns):
        return "html", bare  # welcome.hbs
    return found[1:] if found is not None else None


def _bare(name: str) -> str:
    """The name without the end for the template language."""
    lower = name.lower()
    for suffix in (*SUFFIXES, *_NO_LANGUAGE):
        if lower.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)] + (".html" if suffix in _AS_HTML else "")
    return name


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("(.+)".join(re.escape(piece) for piece in pattern.split(NAME)), re.IGNORECASE)


def problem_with(pattern: str) -> str | None:
    """What is wrong with a pattern that somebody wrote; None: nothing."""
    if not pattern or "/" in pattern or "\\" in pattern:
        return f"{pattern!r} is no file name"
    if pattern.count(NAME) > 1:
        return f"{pattern!r} holds {NAME} more than once"
    return None
