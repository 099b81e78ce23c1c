"""A mail in several files -> one draft: subject, text and HTML, in which each finding keeps its own file.

The HTML (or the text where there is none) is the file of the message. The texts of the others are laid behind it in a
`Bundle`, as those of included files are, so that their places name their file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from spamlint import mime
from spamlint.limits import Limits
from spamlint.message import Message
from spamlint.source import Bundle, Text
from spamlint.template.groups import Role
from spamlint.template.rendering import Rendering

Read: TypeAlias = tuple[str, Sequence[Rendering]]
"""The content type of a file, and what it becomes."""


def joined(
    main: Read, others: Sequence[tuple[Role, str, Sequence[Rendering]]], subject: str | None, limits: Limits
) -> tuple[Message, ...]:
    """The messages that the files can become together: as many as that of them has renderings which has most."""
    kind, found = main
    count = max(len(found), *(len(renderings) for _, _, renderings in others))
    messages = []
    for number in range(count):
        first = found[min(number, len(found) - 1)]
        rows = [(role, kind, _fitting(renderings, first, number)) for role, kind, renderings in others]
        messages.append(_message((kind, first), rows, subject, limits))
    return tuple(messages)


def _fitting(renderings: Sequence[Rendering], main: Rendering, number: int) -> Rendering:
    """The rendering with the context of the main one, else the one of the same number."""
    same = (one for one in renderings if one.context is not None and one.context == main.context)
    return next(same, renderings[min(number, len(renderings) - 1)])


def _message(
    main: tuple[str, Rendering], others: Sequence[tuple[Role, str, Rendering]], subject: str | None, limits: Limits
) -> Message:
    kind, first = main
    home = first.text.home
    base = first.files[0]
    moved = [(role, kind, one.text.home, _moved(one, base, role)) for role, kind, one in others]
    parts = [(kind, source, one.text) for role, kind, source, one in moved if role != "subject"]
    parts.append((kind, home, first.text))
    given = next((_stripped(one.text) for role, _, _, one in moved if role == "subject"), None)
    if subject is not None:
        given = Message.draft(b"", subject=subject, limits=limits).subject
    root = mime.alternative(home, parts, limits) if len(parts) > 1 else mime.draft(home, kind, limits, first.text)
    renderings = [one for *_, one in moved]
    template = replace(
        first,
        problems=(*first.problems, *(problem for one in renderings for problem in one.problems)),
        not_covered=(*first.not_covered, *(row for one in renderings for row in one.not_covered)),
        companions=tuple(renderings),
    )
    is_template = any(one.files[0] is not one.text for one in (first, *(one for _, _, one in others)))
    message = Message(home, root, "draft", limits, given)
    message.template = template if is_template else None
    return message


def _moved(one: Rendering, base: Text, role: Role) -> Rendering:
    """What a companion becomes, with its texts laid behind `base`, the text of the main file."""
    name = one.text.home.name
    return replace(
        one,
        text=_behind(base, one.text),
        problems=tuple(replace(problem, text=_behind(base, problem.text)) for problem in one.problems),
        not_covered=tuple(
            replace(row, line=(row.line[0] or name, *row.line[1:])) if row.line is not None else row
            for row in one.not_covered
        ),
        files=tuple(_behind(base, text) for text in one.files),
        role=role,
    )


def _behind(base: Text, text: Text) -> Text:
    """`text` as a piece of a whole that begins with `base`."""
    return Bundle((base, text)).cut(1, 0, len(text))


def _stripped(text: Text) -> Text:
    start = len(text.value) - len(text.value.lstrip())
    return text[start : max(len(text.value.rstrip()), start)]
