"""The tree of a text as a string: two texts that agree in it are the same page to every reader of HTML."""

from __future__ import annotations

import re
from typing import Final

_SPACE: Final = re.compile(r"\s+")
_AROUND_TAG: Final = re.compile(r" ?(<[^<>]*>) ?")


def skeleton(value: str) -> str:
    """All elements, attributes, comments and words of `value`, as the parser reads them, without idle white space."""
    from turbohtml import parse

    return _AROUND_TAG.sub(r"\1", _SPACE.sub(" ", parse(value).serialize()))
