"""How the use of a feature is seen: a pattern on styles, a tag, an attribute, or the address of a picture.

Patterns are in the dialect that RE2 and Python share; group 1 is the place. Most follow from caniemail's title of a
feature, so that one that is new to the table is seen too; the others are listed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from spamlint.clients.support import Feature

Where: TypeAlias = Literal["declarations", "at", "selector", "nested", "tag", "attribute", "picture"]

_BEFORE_VALUE: Final = r"\s*:"


@dataclass(frozen=True, slots=True)
class Detector:
    """How one feature is seen. For an attribute `pattern` is on its value, and `tags` are those that it counts on."""

    slug: str
    where: Where
    pattern: str = ""
    tags: tuple[str, ...] = ()
    attribute: str = ""

    @property
    def is_property(self) -> bool:
        """Whether the name of a property is all that the pattern asks for."""
        return self.where == "declarations" and self.pattern.endswith(_BEFORE_VALUE)

    @property
    def gate(self) -> str:
        """A pattern that the HTML around each use of the feature has, "" where only tags are looked for."""
        if self.where in ("declarations", "at"):
            return self.pattern
        if self.where == "picture":
            return rf"(?:{self.pattern})"
        if self.where == "attribute":
            return rf"[\s\"'/]{self.attribute}(?:[\s=>/])"
        return "<style" if self.where in ("selector", "nested") else ""


def _properties(*names: str) -> str:
    return rf"(?:^|[\s;\{{\"'=])({'|'.join(names)}){_BEFORE_VALUE}"


def _value(prop: str, value: str) -> str:
    return rf"(?:^|[\s;\{{\"'=])({prop}\s*:\s*{value})(?:[^\w-]|$)"


def _function(names: str) -> str:
    return rf"[^\w-]((?:{names})\()"


def _unit(name: str) -> str:
    return rf"[\s:,(+*/-][0-9.]*[0-9]({name})(?:[^\w%-]|$)"


_LOGICAL: Final = "(?:inline|block)"
_STYLES: Final[Mapping[str, str]] = {
    "css-block-inline-size": _properties("block-size", "inline-size"),
    "css-border-inline-block": _properties(f"border-{_LOGICAL}"),
    "css-border-inline-block-individual": _properties(f"border-{_LOGICAL}-(?:start|end)"),
    "css-border-inline-block-longhand": _properties(f"border-{_LOGICAL}(?:-start|-end)?-(?:width|style|color)"),
    "css-border-radius-logical": _properties("border-(?:start|end)-(?:start|end)-radius"),
    "css-column-layout-properties": _properties("columns", "column-(?:fill|rule|rule-[a-z]+|span|width)"),
    "css-color-scheme": _properties("color-scheme"),
    "css-display-flex": _value("display", "(?:inline-)?flex"),
    "css-display-grid": _value("display", "(?:inline-)?grid"),
    "css-flex-direction": _value("flex-direction", "column(?:-reverse)?"),
    "css-flex-wrap": _value("flex-wrap", "wrap(?:-reverse)?"),
    "css-font": _properties("font"),
    "css-function-light-dark": _function("light-dark"),
    "css-gap": _properties("(?:column-|row-|grid-)?gap"),
    "css-grid-template": _properties("grid-template(?:-[a-z]+)?"),
    "css-important": r"(!\s*important)",
    "css-intrinsic-size": r"[\s:]((?:fit|min|max)-content)(?:[^\w-]|$)",
    "css-left-right-top-bottom": _properties("left", "right", "top", "bottom"),
    "css-margin-block-start-end": _properties("margin-block-(?:start|end)"),
    "css-margin-inline-block": _properties(f"margin-{_LOGICAL}"),
    "css-margin-inline-start-end": _properties("margin-inline-(?:start|end)"),
    "css-modern-color": _function("(?:ok)?l(?:ch|ab)"),
    "css-padding-block-start-end": _properties("padding-block-(?:start|end)"),
    "css-padding-inline-block": _properties(f"padding-{_LOGICAL}"),
    "css-padding-inline-start-end": _properties("padding-inline-(?:start|end)"),
    "css-position": _value("position", "(?:absolute|fixed|sticky)"),
    "css-scroll-snap": _properties("scroll-snap-[a-z-]+"),
    "css-sytem-ui": r"[\s:,](system-ui|ui-(?:serif|sans-serif|monospace|rounded))(?:[^\w-]|$)",
    "css-unit-calc": _function("calc"),
    "css-unit-initial": r"[\s:](initial)(?:[^\w-]|$)",
    "css-unit-percent": r"[\s:,(][0-9.]*[0-9](%)",
    "css-variables": r"[^\w-](var\(\s*--)",
}
_AT_RULES: Final[Mapping[str, str]] = {
    "css-at-media-device-pixel-ratio": r"(@media[^{};]*?device-pixel-ratio)",
    "css-at-media-hover": r"(@media[^{};]*?\((?:any-)?hover)",
    "css-at-media-orientation": r"(@media[^{};]*?\(orientation)",
    "css-at-media-prefers-color-scheme": r"(@media[^{};]*?prefers-color-scheme)",
    "css-at-media-prefers-reduced-motion": r"(@media[^{};]*?prefers-reduced-motion)",
}
_SELECTORS: Final[Mapping[str, str]] = {
    "css-selector-adjacent-sibling": r"(\+)\s*[\w.#*:\[]",
    "css-selector-attribute": r"(\[[a-zA-Z])",
    "css-selector-chaining": r"(\.[a-zA-Z][\w-]*\.[a-zA-Z])",
    "css-selector-child": r"(>)",
    "css-selector-class": r"(\.[a-zA-Z_-][\w-]*)",
    "css-selector-descendant": r"([\w\])*]\s+[\w.#*:\[])",
    "css-selector-general-sibling": r"(~)\s*[\w.#*:\[]",
    "css-selector-grouping": r"(,)",
    "css-selector-id": r"(#[a-zA-Z_-][\w-]*)",
    "css-selector-type": r"(?:^|[\s,>+~])([a-zA-Z][\w-]*)",
    "css-selector-universal": r"(?:^|[\s,>+~])(\*)",
}
_TAGS: Final[Mapping[str, str]] = {
    "html-address": "address",
    "html-base": "base",
    "html-h1-h6": "h1 h2 h3 h4 h5 h6",
    "html-image-maps": "map",
    "html-lists": "ul ol dl",
    "html-semantics": "article aside details figcaption figure footer header main mark nav section summary time",
    "html-svg": "svg",
}
_ATTRIBUTES: Final[Mapping[str, tuple[str, str, str]]] = {
    "css-inert-attribute": ("", "inert", ""),
    "html-align": ("", "align", ""),
    "html-anchor-links": ("a", "href", r"^\s*#."),
    "html-link": ("link", "rel", r"(?i)^\s*stylesheet"),
    "html-mailto-links": ("a", "href", r"(?i)^\s*mailto:"),
    "html-meta-color-scheme": ("meta", "name", r"(?i)^\s*color-scheme\s*$"),
    "html-srcset": ("img", "srcset", ""),
}
_PICTURES: Final[Mapping[str, str]] = {
    "image-base64": r"data:image/",
    "image-heif": r"\.hei[cf](?:[?#\"'\s)]|$)",
    "image-jpg": r"\.jpe?g(?:[?#\"'\s)]|$)",
    "image-tiff": r"\.tiff?(?:[?#\"'\s)]|$)",
}
UNSEEN: Final = frozenset({"css-comments", "html-comments", "html-doctype"})
"""Features that are not looked for: nothing is lost where they do not work."""

_PROPERTY: Final = re.compile(r"([a-z]+(?:-[a-z]+)*)(?: property| shorthand)?")
_PSEUDO: Final = re.compile(r":{1,2}([a-z-]+)(?:\(\))?")
_CALL: Final = re.compile(r"([a-z-]+)\(\)")
_UNIT: Final = re.compile(r"([a-z]+) unit")
_AT: Final = re.compile(r"(@[a-z-]+)")
_TAG: Final = re.compile(r"<([a-z0-9]+)>(?: element)?")
_TYPED: Final = re.compile(r"<([a-z]+) type=\"([a-z]+)\"> element")
_ATTRIBUTE: Final = re.compile(r"([a-z-]+) attribute")
_FORMAT: Final = re.compile(r"image-([a-z0-9]+)")


def detector_of(feature: Feature) -> Detector | None:
    """How the use of the feature is seen; None where it cannot be."""
    slug = feature.slug
    if slug in UNSEEN:
        return None
    if slug in _ATTRIBUTES:
        tag, name, value = _ATTRIBUTES[slug]
        return Detector(slug, "attribute", value, (tag,) if tag else (), name)
    if slug == "css-nesting":
        return Detector(slug, "nested", r"(?:^|\})\s*([^{}\s](?:[^{}]*[^{}\s])?)")
    if feature.category == "css":
        return _css(feature)
    return _html(feature) if feature.category == "html" else _picture(feature)


def _css(feature: Feature) -> Detector | None:
    slug, title = feature.slug, feature.title.strip().lower()
    if slug in _SELECTORS:
        return Detector(slug, "selector", _SELECTORS[slug])
    if slug in _AT_RULES:
        return Detector(slug, "at", _AT_RULES[slug])
    if slug in _STYLES:
        return Detector(slug, "declarations", _STYLES[slug])
    if found := _PSEUDO.fullmatch(title):
        return Detector(slug, "selector", rf"(:{{1,2}}{found[1]})(?:[^\w-]|$)")
    if found := _AT.fullmatch(title):
        return Detector(slug, "at", rf"({found[1]})(?:[^\w-]|$)")
    if found := _UNIT.fullmatch(title):
        return Detector(slug, "declarations", _unit(found[1]))
    if found := _CALL.fullmatch(title):
        return Detector(slug, "declarations", _function(found[1]))
    if (found := _PROPERTY.fullmatch(title)) and slug == f"css-{found[1]}":
        return Detector(slug, "declarations", _properties(f"(?:-webkit-|-moz-)?{found[1]}"))
    return None


def _html(feature: Feature) -> Detector | None:
    slug, title = feature.slug, feature.title.strip().lower()
    if slug in _TAGS:
        return Detector(slug, "tag", tags=tuple(_TAGS[slug].split()))
    if found := _TYPED.fullmatch(title):
        return Detector(slug, "attribute", rf"(?i)^\s*{found[2]}\s*$", (found[1],), "type")
    if found := _TAG.fullmatch(title):
        return Detector(slug, "tag", tags=(found[1],))
    if found := _ATTRIBUTE.fullmatch(title):
        return Detector(slug, "attribute", attribute=found[1])
    return None


def _picture(feature: Feature) -> Detector | None:
    slug = feature.slug
    found = _FORMAT.fullmatch(slug)
    if slug in _PICTURES or found is None:
        return Detector(slug, "picture", _PICTURES[slug]) if slug in _PICTURES else None
    return Detector(slug, "picture", rf"\.{found[1]}(?:[?#\"'\s)]|$)")
