"""Checks on the pictures of a message: against its words, in place of words, and how they are brought along."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from spamlint.message import Message
from spamlint.rule import Hit

if TYPE_CHECKING:
    from spamlint.pictures import Picture
    from spamlint.pictures.balance import Cause

PLACEHOLDERS = (
    "image", "images", "img", "picture", "pic", "photo", "graphic", "icon", "alt", "alt text", "alt tag", "alttext",
    "alternative text", "alternate text", "image alt text", "your alt text", "image description", "description",
    "placeholder", "placeholder image", "untitled", "no alt", "inline image", "embedded image", "image here",
    "insert alt text here", "afbeelding", "foto", "plaatje", "plaatje hier", "beeld", "alternatieve tekst",
    "omschrijving", "beschrijving", "tijdelijke aanduiding", "naamloos",
)  # fmt: skip
"""Texts in place of a picture that say nothing of it, in English and Dutch."""

# Patterns are compiled on first use: few messages need them, and start-up is short.
_EXTENSION = r"(?i)[^\r\n]{0,120}[^\s.]\.(?:png|jpe?g|gif|webp|bmp|svg|tiff?|heic|avif)"
_CAMERA = r"(?i)(?:img|dsc[nf]?|image|photo|foto|pict?|screenshot|pxl)[ _-]?\d{2,20}(?:[ _-]\d{1,20}){0,5}"
_GENERATED = ("automatically generated", "automatisch gegenereerd", "automatisch gegenereerde beschrijving")
_EXPRESSIONS = r"\{\{|\{%|<%|&lt;%|\*\||%%|\[\[|\$\{"


def little_text(message: Message, *, pixels_per_word: int = 3_000, least: int = 100_000) -> Iterator[Hit]:
    """The largest picture of a message that has fewer than a word for each `pixels_per_word` pixels of pictures.

    `least` pixels of pictures are not judged, and one with as good as no text is left to the checks below.
    """
    from spamlint.pictures.balance import largest, pictures_too_many, weighs, words_missing

    pictures = message.pictures
    if not pictures.shown or _words_unknown(message):
        return
    if not weighs(pictures, per_word=pixels_per_word, least=least) or message.fact(_cause) not in (None, "little-text"):
        return
    words, area, shown = pictures.words, pictures.area, pictures.shown
    yield Hit(
        largest(shown).src,
        {
            "words": words,
            "shown": len(shown),
            "area": area,
            "per_word": area // max(words, 1),
            "more": words_missing(words, area, per_word=pixels_per_word, least=least),
            "fewer": pictures_too_many(words, shown, per_word=pixels_per_word, least=least),
        },
    )


def image_only(message: Message) -> Iterator[Hit]:
    """The largest picture of a message that shows pictures in place of words.

    `weight` is 0 for pictures that are only attached, 1 for those in the HTML, 2 for linked or remote ones that are
    large, or may be.
    """
    for picture, values in _instead_of_words(message, "image-only"):
        shown = message.pictures.shown
        weight = 0 if all(one.kind == "attached" for one in shown) else 1
        outward = [one for one in shown if one.linked or one.origin == "web"]
        if outward and (message.pictures.area >= 150_000 or any(not one.sized and one.linked for one in outward)):
            weight = 2
        yield Hit(picture.src, {**values, "weight": weight})


def single_linked_image(message: Message) -> Iterator[Hit]:
    """The one picture of a message that is a link with next to no text. `bare` is 1 below ten words."""
    for picture, values in _instead_of_words(message, "single-linked-image"):
        yield Hit(picture.src, values)


def logo_only(message: Message) -> Iterator[Hit]:
    """The largest of small pictures that are all that there is. `bare` is 1 where not even a name stands beside it."""
    for picture, values in _instead_of_words(message, "logo-only"):
        yield Hit(picture.src, {**values, "bare": int(not message.pictures.words)})


def _instead_of_words(message: Message, cause: Cause) -> Iterator[tuple[Picture, dict[str, int | str]]]:
    """The largest picture and the numbers, where the words are too few in that way."""
    pictures = message.pictures
    if not pictures.every or message.fact(_cause) != cause or _words_unknown(message):
        return
    from spamlint.pictures.balance import FEW, LOGO_AREA, largest, words_missing

    shown = pictures.shown or [picture for picture in pictures.every if picture.role == "icon"]
    words, area = pictures.words, pictures.area
    values: dict[str, int | str] = {"words": words, "shown": len(shown), "area": area, "bare": int(words < FEW)}
    yield largest(shown), values | {"more": words_missing(words, area, least=LOGO_AREA)}


def _cause(message: Message) -> Cause | None:
    from spamlint.pictures.balance import cause_of

    return cause_of(message.pictures)


def _words_unknown(message: Message) -> bool:
    """Whether the text comes from elsewhere later: a draft with template expressions."""
    if message.kind != "draft":
        return False
    return any(re.search(_EXPRESSIONS, part.text.value) is not None for part in message.body_parts)


def many_images(message: Message, *, most: int = 25) -> Iterator[Hit]:
    """The first picture beyond `most`; icons, spacers and tracking pixels do not count."""
    shown = message.pictures.shown
    if len(shown) > most:
        yield Hit(shown[most].src, {"shown": len(shown), "fewer": len(shown) - most, "most": most})


def sliced_image(message: Message, *, least: int = 3) -> Iterator[Hit]:
    """The first slice of each picture that was cut into at least `least` pieces, laid edge to edge."""
    from spamlint.pictures.slices import sliced

    for document, pictures in message.pictures.by_document:
        tags = [one for one in pictures if one.kind == "img" and one.sized and one.role in ("shown", "icon")]
        for run in sliced(document, tags, least) if len(tags) >= least else ():
            if sum(picture.area for picture in run) >= 60_000:
                yield Hit(run[0].src, {"slices": len(run)})


def empty_text_beside_image(message: Message, *, words: int = 3) -> Iterator[Hit]:
    """The Content-Type of a text part of fewer than `words` words beside HTML whose content is pictures."""
    from spamlint.pictures.balance import LEAST_AREA
    from spamlint.pictures.collection import count_words

    pictures = message.pictures
    if pictures.area < LEAST_AREA and (not pictures.every or message.fact(_cause) is None):
        return
    for text, _ in message.alternatives:
        if count_words(text.text.value) < words:
            header = text.header("content-type")
            yield Hit(header.field if header is not None else None, {"shown": len(pictures.shown)})


def missing_alt(message: Message) -> Iterator[Hit]:
    """Each picture to look at without an alt attribute; one that is marked as decoration needs none."""
    for picture in message.pictures.every:
        if picture.alt is not None or picture.element is None or not _has_meaning(picture):
            continue
        attrs = picture.element.attrs
        if attrs.get("aria-label") or attrs.get("aria-hidden") == "true":
            continue
        if attrs.get("role") not in ("presentation", "none"):
            yield Hit(picture.element.text)


def file_name_alt(message: Message) -> Iterator[Hit]:
    """Each alt text that is the name of a file."""
    for picture in message.pictures.every:
        if picture.alt and _has_meaning(picture) and _is_file_name(picture.alt, picture.address):
            yield _alt_of(picture)


def _is_file_name(alt: str, address: str) -> bool:
    if re.fullmatch(_EXTENSION, alt) or re.fullmatch(_CAMERA, alt):
        return True
    name = address[-300:].partition("?")[0].rpartition("/")[2].rpartition(".")[0]
    return alt.lower() == name.lower() and " " not in alt and any(sign in "_0123456789" for sign in alt)


def placeholder_alt(message: Message, *, placeholders: tuple[str, ...] = PLACEHOLDERS) -> Iterator[Hit]:
    """Each alt text that was never filled in."""
    for picture in message.pictures.every:
        if picture.alt and _has_meaning(picture):
            alt = picture.alt.lower().strip(" .:[]()<>*")
            if alt in placeholders or alt.endswith(_GENERATED):
                yield _alt_of(picture)


def _has_meaning(picture: Picture) -> bool:
    """Whether it is a tag whose picture a reader sees."""
    return picture.kind == "img" and picture.role in ("shown", "icon")


def _alt_of(picture: Picture) -> Hit:
    assert picture.element is not None
    return Hit(picture.element.attribute("alt"), {"alt": picture.alt or ""})
