"""MJML -> HTML of the same length: each element becomes the HTML element that it is made into, with white space behind.

What MJML adds of its own, as tables around columns, is not there; what an author writes keeps its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_TAG = re.compile(r"<!--.*?(?:-->|\Z)|<(/?)(mj(?:ml|-[a-z]+(?:-[a-z]+)*))(?=[\s/>])", re.DOTALL)
_END = re.compile(r"(?:[^\"'<>]|\"[^\"<]*\"|'[^'<]*')*?(/?)>")

_HTML: Final[Mapping[str, str]] = {
    "mjml": "html",
    "mj-head": "head",
    "mj-body": "body",
    "mj-title": "title",
    "mj-style": "style",
    "mj-button": "a",
    "mj-navbar-link": "a",
    "mj-social-element": "a",
    "mj-table": "table",
    "mj-image": "img",
    "mj-carousel-image": "img",
    "mj-divider": "hr",
    "mj-spacer": "hr",
    "mj-include": "br",
}
_VOID: Final = frozenset(["br", "hr", "img", "meta"])
_SETTINGS: Final = frozenset(["mj-all", "mj-attributes", "mj-breakpoint", "mj-class", "mj-font", "mj-html-attributes"])
"""Elements of the head that say how others look."""


def as_html(value: str) -> str:
    """`value` with the elements of MJML as elements of HTML."""
    out: list[str] = []
    at, in_settings = 0, False
    for tag in _TAG.finditer(value):
        if tag[2] is None or tag.start() < at:
            continue
        name, is_end = tag[2], bool(tag[1])
        in_settings = in_settings or name == "mj-attributes"
        if in_settings or name in _SETTINGS or (is_end and _HTML.get(name, "div") in _VOID):
            # Settings are attributes for others: nothing is shown of them.
            end = _END.match(value, tag.end())
            stop = end.end() if end else tag.end()
            out += (value[at : tag.start()], _blank(value[tag.start() : stop]))
            at = stop
            in_settings = in_settings and not (is_end and name == "mj-attributes")
            continue
        html = _HTML.get(name, "div")
        start, width = tag.start(2), len(name)
        if html == "div" and not is_end and _closes_itself(value, tag.end()):
            html = "br"
        out += (value[at:start], html.ljust(width))
        at = start + width
    return "".join((*out, value[at:]))


def _closes_itself(value: str, at: int) -> bool:
    end = _END.match(value, at)
    return end is not None and end[1] == "/"


def _blank(written: str) -> str:
    return re.sub(r"[^\r\n]", " ", written)
