"""The charset that HTML says it is in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from spamlint.html.element import Element
from spamlint.source import Text

_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.IGNORECASE)


def declared_charset(metas: Iterable[Element]) -> Text | None:
    """The name of the charset that the first of those <meta> elements about it gives."""
    for element in metas:
        charset = element.attribute("charset")
        if charset is not None:
            return charset
        if (element.get("http-equiv") or "").strip().lower() == "content-type":
            content = element.attribute("content")
            found = _CHARSET.search(content.value) if content is not None else None
            if content is not None and found:
                return content[found.start(1) : found.end(1)]
    return None
