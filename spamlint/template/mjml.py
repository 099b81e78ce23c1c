"""MJML -> HTML: each element becomes the HTML element that it is made into, with the look that its settings give it.

What MJML adds of its own, as the tables around columns, is not there; what an author writes keeps its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Final, TypeAlias

Replaced: TypeAlias = tuple[str, int, int]
"""New text, and start and length of what it stands for."""

TAG = re.compile(r"<!--.*?(?:-->|\Z)|<(/?)(mj(?:ml|-[a-z]+(?:-[a-z]+)*))(?=[\s/>])", re.DOTALL)
REST = re.compile(r"(?:[^\"'<>]|\"[^\"<]*\"|'[^'<]*')*?(/?)>")
ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"<]*)\"|'([^'<]*)')")

_HTML: Final[Mapping[str, str]] = {
    "mjml": "html",
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
_VOID: Final = frozenset(["br", "hr", "img"])
_UNSEEN: Final = frozenset(
    ["mj-all", "mj-attributes", "mj-breakpoint", "mj-class", "mj-font", "mj-head", "mj-html-attributes", "mj-raw"]
)
"""Elements of which nothing is shown, or nothing but what is inside."""
_LOOKS: Final[Mapping[str, Mapping[str, str]]] = {
    "mj-button": {"background-color": "#414141", "color": "#ffffff"},
    "mj-text": {"color": "#000000"},
}
_STYLES: Final = ("background-color", "color", "font-size", "font-weight")


PAGE: Final = 600
"""Pixels of the width of a mail."""


def as_html(value: str) -> Iterator[Replaced]:
    """What the tags of MJML in `value` become, in order."""
    given: dict[str, dict[str, str]] = {}
    in_settings = False
    columns, width = _columns(value), PAGE
    for tag in TAG.finditer(value):
        name, is_end = tag[2], bool(tag[1])
        if name is None:
            continue
        rest = REST.match(value, tag.end())
        end = rest.end() if rest else tag.end()
        if name == "mj-attributes":
            in_settings = not is_end
        attributes = _attributes(value, tag.end(), end)
        html = _HTML.get(name, "div")
        if name == "mj-section":
            width = PAGE if is_end else PAGE // columns.get(tag.start(), 1)
        if in_settings and not is_end:
            key = "." + attributes.get("name", "") if name == "mj-class" else name
            given.setdefault(key, {}).update(attributes)
        if in_settings or name in _UNSEEN or (is_end and html in _VOID):
            yield _blank(value[tag.start() : end]), tag.start(), end - tag.start()
            continue
        if is_end:
            yield html, tag.start(2), len(name)
            continue
        if html in ("a", "div") and rest is not None and rest[1]:
            html = "br"
        yield html + _more(name, html, attributes, given, width), tag.start(2), len(name)


def _attributes(value: str, start: int, end: int) -> dict[str, str]:
    return {found[1]: found[2] or found[3] or "" for found in ATTRIBUTE.finditer(value, start, end)}


def _columns(value: str) -> Mapping[int, int]:
    """How many columns each section has, by the place of its tag."""
    found: dict[int, int] = {}
    section = -1
    for tag in TAG.finditer(value):
        if tag[2] == "mj-section":
            section = -1 if tag[1] else tag.start()
        elif tag[2] == "mj-column" and not tag[1] and section >= 0:
            found[section] = found.get(section, 0) + 1
    return found


def _more(name: str, html: str, own: Mapping[str, str], given: Mapping[str, Mapping[str, str]], width: int) -> str:
    """The attributes that MJML adds to an element."""
    look: dict[str, str] = {**_LOOKS.get(name, {}), **given.get("mj-all", {}), **given.get(name, {})}
    for one in own.get("mj-class", "").split():
        look |= given.get("." + one, {})
    look |= own
    added: list[tuple[str, str]] = []
    if html == "img":
        added += ((key, usual) for key, usual in (("alt", ""), ("width", str(width))) if key not in own)
    styles = [f"{key}: {look[key]}" for key in _STYLES if key in look]
    if look.get("background-url"):
        styles.append(f"background-image: url({look['background-url']})")
    if styles and "style" not in own:
        added.append(("style", "; ".join(styles)))
    if "css-class" in look and "class" not in own:
        added.append(("class", look["css-class"]))
    return "".join(f' {key}="{escape(text)}"' for key, text in added)


def _blank(written: str) -> str:
    return re.sub(r"[^\r\n]", " ", written)
