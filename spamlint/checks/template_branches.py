"""Checks on the branches of a template: one of them leads to a mail without what the other has."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from spamlint.checks.template_values import files_of
from spamlint.message import Message
from spamlint.rule import Hit
from spamlint.subscription import OFFERS
from spamlint.template.blocks import Condition
from spamlint.template.names import last_of, may_bring_html
from spamlint.template.roles import Part
from spamlint.template.uses import Sheet, Use

_LINK = re.compile(r"<(?:a|area|mj-[a-z-]+)\b[^<>]*?\bhref\s*=(?!\s*[\"']?#)", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://|www\.\w", re.IGNORECASE)
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(style|script|title|head)\b.*?(?:</\1\s*>|\Z)|<[^<>]*>", re.DOTALL | re.IGNORECASE
)
_OFFER = re.compile("|".join(map(re.escape, OFFERS)) + r"|unsub|opt_?out", re.IGNORECASE)
_LEADS = re.compile(r"(?:^|_)(?:ur[li]|link|href|path|website|domain)s?(?:$|_)|_url|^url")
_PIECE = re.compile(
    r"(?i)(?:^|[/_])(?:includes?|partials?|parts?|components?|snippets?|fragments?|macros?|widgets?|layouts?|modules?"
    r"|blocks?)(?:/|__)[^/]*\Z|(?:^|/|__)_[^/_][^/]*\Z"
)
"""Names of files that are put into others."""
_ELSE = re.compile(r"[-+~\s}#<{%]*(?:else|empty|default|plural|pluralize|\^)[-+~\s{:>%}]*\Z", re.IGNORECASE)
_IF: Final = re.compile(
    r"[-+~\s#<{%*|]*(?:if|unless|ifequal|ifnotequal|ifchanged|ifnot|ifversion|date_if)\b", re.IGNORECASE
)

Marks: TypeAlias = Callable[[Sheet], list[int]]


def branch_without(message: Message, *, what: str = "link") -> Iterator[Hit]:
    """Each branch that leads to a mail without something, where another branch of the same condition has it."""
    for file in message.fact(files_of):
        yield from file.once(_branches_without, what)


def _branches_without(file: Sheet, what: str) -> list[Hit]:
    roles, marks, is_needed = _KINDS[what]
    is_asked = file.role in roles and file.conditions and not _is_piece(file.file.home.name)
    places = sorted(marks(file)) if is_asked else []
    stays = _staying(file, places) if places else []
    found = []
    for condition, is_there in zip(file.conditions, stays, strict=False):
        if is_there or (len(condition.marks) == 1 and not _asks(file, condition)):
            continue
        for mark, words in _lacking(file, condition, places, is_needed=is_needed):
            written = file.file[mark.directive.start : mark.directive.end]
            found.append(Hit(written, {"branch": " ".join(written.value.split()) + words}))
    return found


def _lacking(
    file: Sheet, condition: Condition, places: Sequence[int], *, is_needed: bool
) -> Iterator[tuple[Part, str]]:
    """The directive that begins each branch without any of `places`; none where no branch has one.

    Where that is the branch of an `else` that is not written, it is that of the condition.
    """
    has = [_count(places, start, end) > 0 for start, end in condition.branches]
    if not any(has):
        return
    for mark, is_there in zip(condition.marks, has, strict=True):
        if not is_there and mark.name != "case":
            yield mark, ""
    if is_needed and all(has) and _asks(file, condition) and not _is_exhaustive(file, condition):
        yield condition.marks[0], " … else"


def _staying(file: Sheet, places: Sequence[int]) -> list[bool]:
    """For each condition, whether one of `places` is in the mail whichever of its branches is taken.

    What stands in another branch of a condition around it is never in the same mail.
    """
    found: list[bool] = []
    for condition, number in zip(file.conditions, file.parents, strict=True):
        start, end = condition.marks[0].directive.start, condition.end.directive.end
        outer, stays = (-1, len(file.masked)), False
        if number >= 0:
            branches = file.conditions[number].branches
            outer = next((branch for branch in branches if branch[0] <= start < branch[1]), outer)
            stays = found[number]
        found.append(stays or _count(places, *outer) > _count(places, start, end))
    return found


def _count(places: Sequence[int], start: int, end: int) -> int:
    return bisect_left(places, end) - bisect_left(places, start)


def _is_piece(name: str) -> bool:
    """Whether a file of that name is put into others, and is no mail by itself."""
    return _PIECE.search(name.replace("\\", "/")) is not None


def _asks(file: Sheet, condition: Condition) -> bool:
    first = condition.marks[0].directive
    return _IF.match(file.file.value, first.start, first.end) is not None


def _is_exhaustive(file: Sheet, condition: Condition) -> bool:
    last = condition.marks[-1].directive
    return len(condition.marks) > 1 and _ELSE.match(file.file.value[last.inner_start : last.inner_end]) is not None


def _links(file: Sheet) -> list[int]:
    if file.role == "html":
        bare = re.sub(r"<!--.*?(?:-->|\Z)", lambda found: " " * len(found[0]), file.masked, flags=re.DOTALL)
        places = [found.start() for found in _LINK.finditer(bare)]
    else:
        places = [found.start() for found in _ADDRESS.finditer(file.masked)]
        places += [use.start for use in file.uses if use.is_value and _leads(use)]
    places += _brought(file)
    if any(_LINK.search(text) or _ADDRESS.search(text) for text in file.beside):
        places.append(-1)
    return places


def _leads(use: Use) -> bool:
    return use.part.name == "url" or any(_LEADS.search(last_of(name)) for name in use.names) or "url" in use.code[:4]


def _unsubscribe(file: Sheet) -> list[int]:
    lower = "\n".join((file.file.value, *file.beside)).lower()
    if not any(word in lower for word in (*OFFERS, "unsub", "optout", "opt_out")):
        return []
    places = [found.start() for found in _OFFER.finditer(file.masked)]
    places += [use.start for use in file.uses if use.is_value and _OFFER.search(use.written)]
    if any(_OFFER.search(text) for text in file.beside):
        places.append(-1)
    return places + _brought(file) if places else []


def _brought(file: Sheet) -> list[int]:
    """The places of directives that may bring anything: what is included, and HTML that is put in."""
    return [
        use.start
        for use in file.uses
        if (use.brings_a_file and not (file.beside and use.extends)) or (use.is_value and may_bring_html(use.code))
    ]


def _words(file: Sheet) -> list[int]:
    shown = file.masked
    if file.role == "html":
        shown = _UNSEEN.sub(lambda found: " " * len(found[0]), shown)
        pictures = [found.start() for found in re.finditer(r"(?i)<(?:img|mj-image)\b", file.masked)]
    else:
        pictures = []
    places = [found.start() for found in re.finditer(r"\S+", shown)]
    return places + pictures + [use.start for use in file.uses if use.brings_a_file]


_KINDS: Final[dict[str, tuple[tuple[str, ...], Marks, bool]]] = {
    "link": (("html", "text"), _links, False),
    "unsubscribe": (("html", "text"), _unsubscribe, False),
    "subject": (("subject",), _words, True),
    "text": (("html", "text"), _words, True),
}
"""What a mail has -> the files it is in, where they have it, and whether it is missed where a condition has no else."""
