"""Text that is hidden for a good reason: preview lines, and versions for other screens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from spamlint.css.declarations import without_comments
from spamlint.html.walk import path_of

if TYPE_CHECKING:
    from spamlint.hidden.spots import Page, Spot

LONGEST_PREHEADER: Final = 250
"""Code points of the words of a preview line."""
FIRST: Final = 20
"""Letters before which anything short that is hidden is a preview line."""
NEAR: Final = 500
"""Letters before which a preview line is one by its style: behind the heads of a forwarded message, say."""
LONGEST_TAG: Final = 2_000
"""Code points of a start tag in which the style of a preview line is looked for."""
REPEATED: Final = 80
"""Percent of the words that stand elsewhere too, from which on hidden text is another version of it."""
_PREHEADER: Final = re.compile(r"max-height\s*:\s*0|mso-hide\s*:\s*all|pre-?(?:header|view)", re.IGNORECASE)


def without_honest(page: Page) -> Iterator[Spot]:
    """The hidden spots of a page that hide words, without the honest ones."""
    from spamlint.hidden.spots import HIDDEN

    preheader_at, room = -1, LONGEST_PREHEADER
    known: dict[int, bool] = {}
    tags: dict[int, bool] = {}
    for spot in sorted((spot for spot in page.spots if spot.kind in HIDDEN), key=lambda spot: spot.position):
        words = spot.words
        if not words:
            continue
        if not spot.in_word:
            size = sum(map(len, words)) + len(words)
            if size <= room and preheader_at in (-1, spot.before) and _is_preheader(spot, tags):
                preheader_at, room = spot.before, room - size
                continue
            if _is_shown_elsewhere(spot, page, words, known):
                continue
        yield spot


def _is_preheader(spot: Spot, tags: dict[int, bool]) -> bool:
    """Whether a short spot is a preview line. `tags` holds what was found out of start tags."""
    if spot.before <= FIRST:
        return True
    if spot.before > NEAR or spot.root < 0:
        return False
    found = tags.get(spot.root)
    if found is None:
        start = spot.document.element(spot.root).start
        tag = spot.document.source.value[start : start + LONGEST_TAG].partition(">")[0]
        found = tags[spot.root] = _PREHEADER.search(without_comments(tag)) is not None
    return found


def _is_shown_elsewhere(spot: Spot, page: Page, words: list[str], known: dict[int, bool]) -> bool:
    """Whether other screens show it, or the same words stand where they can be read."""
    different = set(words)
    if 100 * len(different & page.words) >= REPEATED * len(different):
        return True
    return bool(page.painter.sheet.sometimes) and _is_for_other_screens(spot, page, known)


def _is_for_other_screens(spot: Spot, page: Page, known: dict[int, bool]) -> bool:
    """Whether a rule for some screens names what hides the text. `known` holds what was found out of elements."""
    sometimes, unseen = page.painter.sheet.sometimes, spot.look.unseen
    path: list[int] = []
    found = False
    for number, _ in path_of(spot.document, spot.runs[0][1]):
        if number in known or (unseen and not page.painter.look(number).unseen):
            found = known.get(number, False)
            break
        path.append(number)
        _, id_, classes = page.painter.names(number)
        found = id_ in sometimes or not sometimes.isdisjoint(classes)
        if found or not unseen:
            break
    if unseen:
        known.update(dict.fromkeys(path, found))
    return found
