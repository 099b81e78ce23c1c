"""A file of an editor -> the messages that it can become, and the verdicts on them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from spamlint.editor.jobs import Job
from spamlint.editor.kinds import kind_of
from spamlint.editor.settings import LIMITS, Ready
from spamlint.limits import Limits
from spamlint.message import Message
from spamlint.verdict import Verdict


@dataclass(frozen=True, slots=True, eq=False)
class Linted:
    """One version of a file with all that was found in it."""

    job: Job
    ready: Ready
    messages: Sequence[Message]
    verdicts: Sequence[Verdict]


def linted(job: Job, ready: Ready) -> Linted:
    """The file of `job` with the verdicts on it."""
    messages = messages_of(job, ready)
    return Linted(job, ready, messages, [ready.linter.check(message) for message in messages])


def messages_of(
    job: Job, ready: Ready, changed: Mapping[str, bytes] | None = None, limits: Limits = LIMITS
) -> Sequence[Message]:
    """The messages that the file can become; `changed` holds other bytes of it, by its name."""
    name = name_of(job, ready)
    raw = (changed or {}).get(name, job.text.encode("utf-8", "replace"))
    kind = kind_of(job.path, job.language, job.text)
    drafts = ready.drafts
    drafts.limits = limits
    if kind == "message":
        return (Message.from_bytes(raw, name, limits=limits),)
    folder = Path(job.path).parent if job.path else Path(job.folder or ".")
    drafts.templates = replace(drafts.templates, search_path=ready.search_path or (folder,))
    newer = {os.path.realpath(path): text.encode("utf-8", "replace") for path, text in job.others}
    return drafts.messages(raw, name, content_type=kind, newer=newer)


def name_of(job: Job, ready: Ready) -> str:
    """The name that globs of the settings are compared with: from the folder of the settings, where it is inside."""
    file, root = Path(job.path), ready.root
    return str(file.relative_to(root)) if root is not None and file.is_relative_to(root) else job.path
