"""A file of an editor -> the messages that it can become, and the verdicts on them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from spamlint.drafts import Companion
from spamlint.editor.jobs import Job
from spamlint.editor.kinds import kind_of
from spamlint.editor.settings import LIMITS, Ready
from spamlint.limits import Limits
from spamlint.message import Message
from spamlint.source import Source
from spamlint.template.groups import Groups
from spamlint.verdict import Verdict


@dataclass(frozen=True, slots=True, eq=False)
class Linted:
    """One version of a file with all that was found in it."""

    job: Job
    ready: Ready
    messages: Sequence[Message]
    verdicts: Sequence[Verdict]

    @property
    def name(self) -> str:
        """What the file is called in its messages."""
        return name_of(self.job.path, self.ready)

    @property
    def is_main(self) -> bool:
        """Whether the messages are those of the file itself, and not of a mail that it is the text of."""
        return self.messages[0].source.name == self.name


def linted(job: Job, ready: Ready) -> Linted:
    """The file of `job` with the verdicts on it."""
    messages = messages_of(job, ready)
    return Linted(job, ready, messages, [ready.linter.check(message) for message in messages])


def messages_of(
    job: Job, ready: Ready, changed: Mapping[str, bytes] | None = None, limits: Limits = LIMITS
) -> Sequence[Message]:
    """The messages that the file can become, with the other files of its mail; `changed` holds other bytes of it."""
    name = name_of(job.path, ready)
    raw = (changed or {}).get(name, _bytes(job.text))
    kind = kind_of(job.path, job.language, job.text)
    if kind == "message":
        return (Message.from_bytes(raw, name, limits=limits),)
    drafts = ready.drafts
    drafts.limits = limits
    folder = Path(job.path).parent if job.path else Path(job.folder or ".")
    drafts.templates = replace(drafts.templates, search_path=ready.search_path or (folder,))
    newer = {os.path.realpath(path): _bytes(text) for path, text in job.others}
    main, companions = _mail_of(job, ready, newer, raw)
    if main is not None:
        raw, name, kind = main.data, main.name, kind_of(main.name, "", main.data.decode("utf-8", "replace"))
    return drafts.messages(raw, name, content_type=kind, companions=companions, newer=newer)


def _mail_of(
    job: Job, ready: Ready, newer: Mapping[str, bytes], raw: bytes
) -> tuple[Source | None, Sequence[Companion]]:
    """The main file of the mail that the file belongs to, None for the file itself, and the others."""
    file = Path(job.path)
    group = Groups(ready.template_files).of(file.parent).get(file.name) if job.path else None
    if group is None or ("subject", file.name) in group.companions:
        return None, ()  # a subject is short: it is looked at by itself

    def source(name: str) -> Source | None:
        path = file.with_name(name)
        data = raw if name == file.name else newer.get(os.path.realpath(path))
        try:
            data = path.read_bytes() if data is None else data
        except OSError:  # it was there a moment ago
            return None
        return Source(name_of(str(path), ready), data)

    main = source(group.main)
    rows = [(role, source(name)) for role, name in group.companions]
    companions = tuple(Companion(role, found) for role, found in rows if found is not None)
    if main is None:
        return None, ()
    return (None if group.main == file.name else main), companions


def name_of(path: str, ready: Ready) -> str:
    """The name that globs of the settings are compared with: from the folder of the settings, where it is inside."""
    file, root = Path(path), ready.root
    return str(file.relative_to(root)) if root is not None and file.is_relative_to(root) else path


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
