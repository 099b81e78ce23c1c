"""How the pictures of a message weigh against its words, and what would mend it, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from spamlint.pictures.collection import Pictures
from spamlint.pictures.picture import Picture

Cause: TypeAlias = Literal["little-text", "image-only", "single-linked-image", "logo-only"]

PIXELS_PER_WORD: Final = 3_000
"""Pixels of pictures for each word up to which a message is in balance: about SpamAssassin's lowest band, two letters
for each thousand pixels. A picture as wide as the mail and half as high (600 x 300) asks for 60 words."""
LEAST_AREA: Final = 100_000
"""Pixels up to which pictures need no more than a few words beside them: half a screen of a phone."""
LOGO_AREA: Final = 40_000
"""Pixels up to which a picture may be no more than a logo (200 x 200)."""
BARE: Final = 3
"""Words up to which a message has as good as no text."""
FEW: Final = 10
"""Words from which on there is text worth reading."""
CAPTION: Final = 20
"""Words up to which a text is no more than the caption of one linked picture."""


def is_heavy(words: int, area: int, *, per_word: int = PIXELS_PER_WORD, least: int = LEAST_AREA) -> bool:
    """Whether pictures of that area are out of balance with that many words."""
    return area >= least and words < words_wanted(area, per_word)


def weighs(pictures: Pictures, *, per_word: int = PIXELS_PER_WORD, least: int = LEAST_AREA) -> bool:
    """The same of the pictures and words of a message, whose words are counted no further than needed."""
    area = pictures.area
    return area >= least and not pictures.has_words(words_wanted(area, per_word))


def words_wanted(area: int, per_word: int = PIXELS_PER_WORD) -> int:
    """The least number of words that balances pictures of that area."""
    return -(-area // per_word)


def cause_of(pictures: Pictures) -> Cause | None:
    """The one way in which the words are too few for the pictures, or None."""
    if not pictures.shown:
        lonely = any(picture.role == "icon" for picture in pictures.every)
        return "logo-only" if lonely and not pictures.has_words(1) else None
    bare = not pictures.has_words(BARE + 1)
    if pictures.area < LOGO_AREA:
        return "logo-only" if bare else None
    if not bare and not weighs(pictures) and not _may_weigh(pictures):
        return None
    if pictures.words <= CAPTION and only_large(pictures.shown) is not None:
        return "single-linked-image"
    if pictures.words < FEW:
        return "image-only"
    return "little-text" if weighs(pictures) else None


def _may_weigh(pictures: Pictures) -> bool:
    """Whether there is no more than a caption beside pictures from the web of which nobody knows how large they are."""
    unknown = any(not picture.sized and picture.origin == "web" for picture in pictures.shown)
    return unknown and not pictures.has_words(CAPTION + 1) and weighs(pictures, least=LOGO_AREA)


def only_large(shown: Sequence[Picture]) -> Picture | None:
    """The one picture that is more than a logo, where it is a link."""
    large = [picture for picture in shown if picture.area >= LOGO_AREA]
    return large[0] if len(large) == 1 and large[0].linked else None


def largest(shown: Sequence[Picture]) -> Picture:
    """The picture that covers most, the first of several."""
    return max(shown, key=lambda picture: picture.area)


def words_missing(words: int, area: int, *, per_word: int = PIXELS_PER_WORD, least: int = LEAST_AREA) -> int:
    """How many words more bring pictures of that area into balance."""
    balanced = words_wanted(area, per_word) if area >= least else 0
    return max(balanced, FEW) - words


def pictures_too_many(
    words: int, shown: Sequence[Picture], *, per_word: int = PIXELS_PER_WORD, least: int = LEAST_AREA
) -> int:
    """How many of the pictures, the largest first, would have to go to bring the others into balance."""
    areas = sorted((picture.area for picture in shown), reverse=True)
    left = sum(areas)
    for number, area in enumerate(areas):
        if not is_heavy(words, left, per_word=per_word, least=least):
            return number
        left -= area
    return len(areas)
