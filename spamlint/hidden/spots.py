"""The places where text cannot be seen, or only with difficulty, found in one walk over the text of each HTML part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal, TypeAlias

from spamlint.css.look import NONE, Look
from spamlint.css.painter import Painter
from spamlint.html import Document
from spamlint.html.runs import Position, Run, hidden_runs, position_of, shown_runs, text_of
from spamlint.html.walk import parent_number, text_before
from spamlint.message import Message
from spamlint.source import Text

Kind: TypeAlias = Literal["none", "away", "zero", "same", "faint", "small", ""]
"""Why text is hard to read: not shown; beyond the edge; of no size; in the colour of its background; of little
contrast; small. "": it is not."""

LEAST_SIZE: Final = 2.0
"""Pixels below which letters are not to be seen."""
SMALL_SIZE: Final = 9.0
LEAST_CONTRAST: Final = 1.3
"""The contrast below which nobody sees that there is text."""
CONTRAST: Final = 4.5
CONTRAST_OF_LARGE: Final = 3.0
LARGE: Final = 24.0
LARGE_BOLD: Final = 18.66
"""Pixels from which text counts as large by WCAG: 18 points, or 14 where it is bold."""

PADDING: Final = re.compile("[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2007\u2028-\u202f"
                            "\u2060-\u206f\u2800\u3164\ufeff\uffa0]+")  # fmt: skip
"""White space and what else shows nothing."""

_CODE: Final = re.compile(r"\{\{[^{}]{0,300}\}\}|\{%[^{}]{0,300}%\}|<%[^<>]{0,300}%>")
_WORD: Final = re.compile(r"[^\W_]+")

HIDDEN: Final = frozenset({"none", "away", "zero", "same"})
HARD: Final = frozenset({"faint", "small"})


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """Pieces of text that stand together and are hard to read for the same reason."""

    kind: Kind
    document: Document
    runs: tuple[Run, ...]
    look: Look
    root: int
    """The element that hides it, or the innermost one around it."""
    before: int
    """How many letters can be read before it."""
    in_word: bool
    """Whether letters of one word stand before and behind it."""

    @property
    def words(self) -> list[str]:
        """Its words in small letters; what a template puts other words in place of is none."""
        return words_of(_CODE.sub(" ", " ".join(data for data, _, _ in self.runs)))

    @property
    def position(self) -> Position:
        """Where it starts, to tell which of two comes first."""
        token = self.runs[0][2]
        return position_of(token) if token is not None else (0, 0)

    @property
    def text(self) -> Text:
        """Where it stands."""
        return text_of(self.document, self.runs)


@dataclass
class Page:
    """What the walk over one HTML part has found."""

    document: Document
    painter: Painter
    spots: list[Spot] = field(default_factory=list)
    letters: int = 0
    """Code points that can be read."""
    readable: list[str] = field(default_factory=list)
    """The pieces that can be read."""
    cuts: list[Run] = field(default_factory=list)
    """Pieces that go on inside a word and look like the piece before them."""

    @cached_property
    def words(self) -> frozenset[str]:
        """The words that can be read, in small letters."""
        return frozenset(words_of(" ".join(self.readable)))


@dataclass(frozen=True)
class Seen:
    """The pages of a message."""

    pages: Sequence[Page]

    def spots(self, *kinds: Kind) -> Iterator[Spot]:
        """The spots of those kinds, in order."""
        return (spot for page in self.pages for spot in page.spots if spot.kind in kinds)

    @cached_property
    def letters(self) -> int:
        """Code points that can be read."""
        return sum(page.letters for page in self.pages)

    @cached_property
    def hidden(self) -> Sequence[Spot]:
        """The spots that hide words for no honest reason."""
        from spamlint.hidden.honest import without_honest

        return [spot for page in self.pages for spot in without_honest(page)]


def seen(message: Message) -> Seen:
    """What can be seen of the HTML of a message, and what cannot. Ask for it with `message.fact`."""
    return Seen([_Walk(document, message).page for document in message.documents])


class _Walk:
    """The walk over one HTML part."""

    def __init__(self, document: Document, message: Message) -> None:
        self.document = document
        self.painter = Painter(document, message.limits)
        self.page = Page(document, self.painter)
        # A style sheet of another place may colour everything.
        self.is_open = self.painter.sheet.is_open or any(
            "stylesheet" in (link.get("rel") or "").lower() for link in document.all("link")
        )
        self._kinds: dict[int, Kind] = {}
        self._sums: list[int] = []
        self._shown()
        if len(document.outline.hidden) > 1:
            self._hidden()

    def _shown(self) -> None:  # noqa: C901 - one loop: a call for each piece would cost more than the work
        page, look_of, kinds = self.page, self.painter.look, self._kinds
        count_up = len(self.document.outline.hidden) > 1
        held: list[Run] = []
        kept: tuple[Kind, Look | None] = "", None
        last, above, letters = "", None, 0
        latest, look, kind = -2, self.painter.look(-1), self._kind(self.painter.look(-1))
        for run in shown_runs(self.document):
            if count_up:
                self._sums.append(letters)
            data, number, token = run
            if token is None or not data or data.isspace():
                if held and token is None:
                    self._keep(kept, held, letters, inside=False)
                    held, kept = [], ("", None)
                elif held:
                    held.append(run)
                last = " "
                continue
            if number != latest:
                latest, look = number, look_of(number)
                known = kinds.get(id(look))
                kind = kinds[id(look)] = self._kind(look) if known is None else known
            if kind != kept[0] or (kind in HARD and look is not kept[1]):
                if held:
                    self._keep(kept, held, letters, inside=kind not in HIDDEN and _goes_on(last, data))
                    held = []
                kept = kind, look
            if kind:
                held.append(run)
            if kind in HIDDEN:
                continue
            if look is above and _goes_on(last, data):
                page.cuts.append(run)
            letters += len(data)
            page.readable.append(data)
            last, above = data, look
        if held:
            self._keep(kept, held, letters, inside=False)
        page.letters = letters

    def _keep(self, kept: tuple[Kind, Look | None], held: list[Run], before: int, *, inside: bool) -> None:
        kind, look = kept
        if look is not None:
            self.page.spots.append(Spot(kind, self.document, tuple(held), look, held[0][1], before, inside))

    def _kind(self, look: Look) -> Kind:
        if look.unseen:
            return "none" if look.unseen == NONE else "away"
        if look.size < LEAST_SIZE:
            return "zero"
        contrast = None if self.is_open else look.contrast
        if contrast is not None:
            if contrast < LEAST_CONTRAST:
                return "same"
            large = look.size >= LARGE or (look.bold and look.size >= LARGE_BOLD)
            if contrast < (CONTRAST_OF_LARGE if large else CONTRAST):
                return "faint"
        return "small" if look.size < SMALL_SIZE else ""

    def _hidden(self) -> None:
        """The text that style attributes hide: one spot for each outermost element that hides."""
        held: dict[int, list[Run]] = {}
        roots: dict[int, int] = {}
        for run in hidden_runs(self.document):
            data, number, _ = run
            if data and not data.isspace() and _WORD.search(data):
                held.setdefault(self._root(number, roots), []).append(run)
        spots = [spot for root, runs in held.items() if (spot := self._spot(root, runs)) is not None]
        self.page.spots.extend(spots)

    def _root(self, number: int, known: dict[int, int]) -> int:
        """The outermost of the hidden elements around element `number`."""
        path, root = [], number
        while number not in known and self.document.is_hidden(number):
            path.append(number)
            root, number = number, parent_number(self.document, number)
        root = known.get(number, root)
        known.update(dict.fromkeys(path, root))
        return root

    def _spot(self, root: int, runs: list[Run]) -> Spot | None:
        look = self.painter.look(runs[0][1])
        kind: Kind = self._kind(look)
        if kind not in HIDDEN:
            return None
        at = text_before(self.document, root) if root >= 0 else 0
        pieces = self.document.outline.visible
        around = [piece.data or "" for piece in pieces[max(0, at - 1) : at + 1]]
        in_word = len(around) == 2 and _goes_on(*around)
        before = self._sums[at] if at < len(self._sums) else self.page.letters
        return Spot(kind, self.document, tuple(runs), look, root, before, in_word)


def words_of(value: str) -> list[str]:
    """The words of a text in small letters; what shows nothing is gone."""
    return _WORD.findall((value if value.isascii() else PADDING.sub(" ", value)).casefold())


def _goes_on(before: str, after: str) -> bool:
    """Whether a word that `before` ends with goes on in `after`."""
    first, second = before[-1:], after[:1]
    return first.isalpha() and second.isalpha() and not (first.islower() and second.isupper())
