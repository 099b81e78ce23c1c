"""Pictures that were cut into slices and laid edge to edge."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from spamlint.html import Document
from spamlint.html.walk import text_before
from spamlint.pictures.picture import Picture

_NUMBER: Final = re.compile(r"(\d{1,6})(?=[^\d/]{0,12}\.\w{3,4}(?:$|[?#]))")
_LONGEST: Final = 1_000


def sliced(document: Document, pictures: Sequence[Picture], least: int) -> Iterator[Sequence[Picture]]:
    """Each run of at least `least` of `pictures`, all of `document`, that looks like one picture cut in slices."""
    run: list[Picture] = []
    for picture in pictures:
        if run and not _touch(document, run[-1], picture):
            yield from _if_sliced(run, least)
            run = []
        run.append(picture)
    yield from _if_sliced(run, least)


def _touch(document: Document, one: Picture, other: Picture) -> bool:
    """Whether nothing to read stands between two pictures that have a side of the same length."""
    assert one.element is not None
    assert other.element is not None
    if text_before(document, one.element.number) != text_before(document, other.element.number):
        return False
    return one.height == other.height or one.width == other.width


def _if_sliced(run: Sequence[Picture], least: int) -> Iterator[Sequence[Picture]]:
    """The run where it is no row of equal pictures such as products: sizes differ, or the files are numbered."""
    if len(run) >= least and (len({(one.width, one.height) for one in run}) > 1 or _numbered(run)):
        yield run


def _numbered(run: Sequence[Picture]) -> bool:
    """Whether each file is named after the one before: part_01.png, part_02.png."""
    numbers = [_number(picture.address) for picture in run]
    return all(one and other and int(other) == int(one) + 1 for one, other in pairwise(numbers))


def _number(address: str) -> str:
    found = _NUMBER.search(address) if len(address) <= _LONGEST else None
    return found[1] if found else ""
