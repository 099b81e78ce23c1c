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
REPEATED: Final = 80
"""Percent of the words that stand elsewhere too, from which on hidden text is another version of it."""
_PREHEADER: Final = re.compile(r"max-height\s*:\s*0|mso-hide\s*:\s*all|pre-?(?:header|view)", re.IGNORECASE)


def without_honest(page: Page) -> Iterator[Spot]:
    """The hidden spots of a page that hide words, without the honest ones."""
    from spamlint.hidden.spots import HIDDEN

    preheader_at, room = -1, LONGEST_PREHEADER
    for spot in sorted((spot for spot in page.spots if spot.kind in HIDDEN), key=lambda spot: spot.position):
        words = spot.words
        if not words:
            continue
        if not spot.in_word:
            size = sum(map(len, words)) + len(words)
            if size <= room and preheader_at in (-1, spot.before) and _is_preheader(spot):
                preheader_at, room = spot.before, room - size
                continue
            if _is_shown_elsewhere(spot, page, words):
                continue
        yield spot


def _is_preheader(spot: Spot) -> bool:
    if spot.before <= FIRST:
        return True
    if spot.before > NEAR or spot.root < 0:
        return False
    tag = without_comments(spot.document.element(spot.root).text.value)
    return _PREHEADER.search(tag) is not None


def _is_shown_elsewhere(spot: Spot, page: Page, words: list[str]) -> bool:
    """Whether other screens show it, or the same words stand where they can be read."""
    different = set(words)
    if 100 * len(different & page.words) >= REPEATED * len(different):
        return True
    sometimes = page.painter.sheet.sometimes
    if not sometimes:
        return False
    for number, _ in path_of(spot.document, spot.runs[0][1]):
        look = page.painter.look(number)
        if look.unseen != spot.look.unseen and spot.look.unseen:
            break
        _, id_, classes = page.painter.names(number)
        if id_ in sometimes or not sometimes.isdisjoint(classes):
            return True
        if not spot.look.unseen:
            break
    return False
