"""Which features the HTML of a message uses, and where.

One scan over the source tells which of the features may be there; only those are then looked for, in the elements and
styles as they are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from spamlint.clients.detect import Detector, detector_of
from spamlint.clients.sheet import joined_pieces
from spamlint.clients.support import Support
from spamlint.clients.values import effects, has_fallback, is_reset
from spamlint.html.walk import having
from spamlint.source import Range, Text

if TYPE_CHECKING:
    from spamlint.html import Document, Element

_MOST_NAMES: Final = 2_000
"""Names of properties that are kept with what they mean."""
_SET_MEMORY: Final = 16 * 1024 * 1024
_PICTURE_ATTRIBUTES: Final = (("img", "src"), ("input", "src"), ("source", "srcset"), ("td", "background"))


@dataclass(frozen=True, slots=True)
class Context:
    """What a mail program must understand to see the use at all, and where the use is written."""

    in_sheet: bool = False
    in_at_rule: bool = False
    """Inside @media or the like."""
    not_outlook: bool = False
    """Inside a conditional comment that hides it from Outlook for Windows."""


@dataclass(slots=True)
class Use:
    """One feature in one context: the first places, and how many there are."""

    slug: str
    context: Context
    texts: list[Text] = field(default_factory=list)
    count: int = 0


class Features:
    """The features of a table that are looked for, with the scan that tells which may be there."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self.detectors = detectors
        self.patterns: dict[str, re.Pattern[str]] = {}
        gated = [detector for detector in detectors if detector.gate]
        self._gated = gated
        self._properties = [detector for detector in detectors if detector.is_property]
        self._named: dict[str, tuple[Detector, ...]] = {}
        self._bulk = _bulk([detector.gate for detector in gated])

    def candidates(self, document: Document) -> list[Detector]:
        """Those that may be used in the document."""
        matched: Iterable[int] | None = self._bulk.Match(document.source.value) if self._gated else ()
        numbers = range(len(self._gated)) if matched is None else sorted(matched)
        found = [self._gated[number] for number in numbers if number < len(self._gated)]
        found += (one for one in self.detectors if one.where == "tag" and any(document.all(tag) for tag in one.tags))
        return found

    def named(self, name: str) -> tuple[Detector, ...]:
        """Those that a property of that name, in lower case, is a use of."""
        found = self._named.get(name)
        if found is None:
            found = tuple(one for one in self._properties if self.pattern(one).fullmatch(f"{name}:"))
            if len(self._named) < _MOST_NAMES:
                self._named[name] = found
        return found

    def pattern(self, detector: Detector) -> re.Pattern[str]:
        """The pattern of a detector, compiled on first use."""
        pattern = self.patterns.get(detector.slug)
        if pattern is None:
            pattern = self.patterns[detector.slug] = re.compile(detector.pattern, re.IGNORECASE)
        return pattern


def _bulk(gates: Sequence[str]) -> Any:
    import re2

    options = re2.Options()
    options.max_mem = _SET_MEMORY
    options.log_errors = False
    options.case_sensitive = False
    bulk = re2.Set.SearchSet(options)
    for gate in gates:
        bulk.Add(gate)
    # It matches every text: a scan that gives nothing at all ran out of memory, and decides nothing.
    bulk.Add("(?:)")
    bulk.Compile()
    return bulk


@cache
def features_of(support: Support, slugs: frozenset[str]) -> Features:
    """The features of those names that can be seen in HTML."""
    found = (detector_of(support.features[slug]) for slug in sorted(slugs) if slug in support.features)
    return Features([detector for detector in found if detector is not None])


def find_uses(document: Document, support: Support, slugs: frozenset[str], most_places: int) -> Sequence[Use]:
    """The uses of those features, by feature and context; each keeps its first `most_places` places."""
    features = features_of(support, slugs)
    candidates = features.candidates(document)
    if not candidates:
        return ()
    finder = _Finder(document, features, most_places)
    wanted: dict[str, list[Detector]] = {}
    for detector in candidates:
        wanted.setdefault(detector.where, []).append(detector)
    finder.tags(wanted.get("tag", ()))
    finder.attributes(wanted.get("attribute", ()))
    finder.pictures(wanted.get("picture", ()))
    finder.styles(wanted.get("declarations", ()))
    finder.sheets([one for one in candidates if one.where in ("declarations", "at", "selector", "nested")])
    return list(finder.uses.values())


class _Finder:
    """The uses found so far in one document."""

    def __init__(self, document: Document, features: Features, most_places: int) -> None:
        self.document = document
        self.features = features
        self.most_places = most_places
        self.uses: dict[tuple[str, Context], Use] = {}
        self.hidden_from_outlook = list(_hidden_from_outlook(document))

    def tags(self, detectors: Iterable[Detector]) -> None:
        """The elements of the wanted names."""
        for detector in detectors:
            self.found(detector, [element.number for element in self.document.all(*detector.tags)])

    def attributes(self, detectors: Iterable[Detector]) -> None:
        """The elements with the wanted attributes."""
        for detector in detectors:
            name = detector.attribute
            elements = self.document.all(*detector.tags) if detector.tags else having(self.document, name)
            pattern = self.features.pattern(detector) if detector.pattern else None
            values = ((element.number, element.get(name)) for element in elements)
            self.found(
                detector,
                [number for number, value in values if value is not None and (not pattern or pattern.search(value))],
            )

    def pictures(self, detectors: Sequence[Detector]) -> None:
        """The pictures of the wanted formats, by their addresses."""
        for tag, name in _PICTURE_ATTRIBUTES if detectors else ():
            for element in self.document.all(tag):
                address = (element.get(name) or "")[:2_000].strip()
                for detector in detectors:
                    if self.features.pattern(detector).search(address):
                        self.found(detector, [element.number])

    def styles(self, detectors: Sequence[Detector]) -> None:
        """The declarations in style attributes; equal ones are read once."""
        if not detectors:
            return
        numbers: dict[str, list[int]] = {}
        for number, style in self.document.having("style"):
            # What hides a preheader is there for the clients that know it.
            if style and not self.document.is_hidden(number):
                numbers.setdefault(style, []).append(number)
        by_value = [detector for detector in detectors if not detector.is_property]
        for style, elements in numbers.items():
            for detector, place in self._by_name(style).items():
                self.found(detector, elements, place)
            for detector in by_value:
                found = next(effects(self.features.pattern(detector), style), None)
                if found is not None and not has_fallback(style, found[0]):
                    self.found(detector, elements, found)

    def _by_name(self, style: str) -> dict[Detector, Range]:
        """The wanted properties that a style declares, each at its first place."""
        places: dict[Detector, Range] = {}
        at = 0
        for declaration in style.split(";"):
            name, colon, value = declaration.partition(":")
            bare = name.strip()
            for detector in self.features.named(bare.lower()) if colon else ():
                if detector not in places and not is_reset(bare, value):
                    start = at + len(name) - len(name.lstrip())
                    places[detector] = (start, start + len(bare))
            at += len(declaration) + 1
        return places

    def sheets(self, detectors: Sequence[Detector]) -> None:
        """The conditions, selectors and declarations in <style> elements."""
        for element in self.document.all("style") if detectors else ():
            inner = element.inner
            not_outlook = self._is_hidden_from_outlook(element.number)
            for (where, in_at_rule), joined in joined_pieces(inner.value).items():
                context = Context(True, in_at_rule, not_outlook)
                text = joined.text
                for detector in detectors:
                    if detector.where != where:
                        continue
                    for place in effects(self.features.pattern(detector), text):
                        use = self._use(detector, context, 1)
                        if len(use.texts) < self.most_places:
                            start, end = joined.outward(place)
                            use.texts.append(inner[start:end])

    def found(self, detector: Detector, numbers: Sequence[int], place: Range | None = None) -> None:
        """More uses at elements: at their tags, attributes, or a place in their styles."""
        told = [number for number in numbers if self._is_hidden_from_outlook(number)]
        hidden = frozenset(told)
        shown = [number for number in numbers if number not in hidden] if told else numbers
        for context, elements in ((_PLAIN, shown), (_NOT_OUTLOOK, told)):
            if elements:
                use = self._use(detector, context, len(elements))
                for number in elements[: self.most_places - len(use.texts)]:
                    use.texts.append(_text_at(self.document.element(number), detector, place))

    def _use(self, detector: Detector, context: Context, count: int) -> Use:
        use = self.uses.get((detector.slug, context))
        if use is None:
            use = self.uses[detector.slug, context] = Use(detector.slug, context)
        use.count += count
        return use

    def _is_hidden_from_outlook(self, number: int) -> bool:
        if not self.hidden_from_outlook:
            return False
        at = self.document.element(number).start
        return any(start <= at < end for start, end in self.hidden_from_outlook)


_PLAIN: Final = Context()
_NOT_OUTLOOK: Final = Context(not_outlook=True)


def _text_at(element: Element, detector: Detector, place: Range | None) -> Text:
    name = "style" if place is not None else detector.attribute
    text = element.attribute(name) if name else None
    if text is None:
        return element.text
    return text if place is None else text[place[0] : place[1]]


_MOST_CONDITIONALS: Final = 200
"""Conditional comments of one document that are told apart."""


def _hidden_from_outlook(document: Document) -> Iterator[Range]:
    """Where what Outlook for Windows does not see stands: `<!--[if !mso]><!--> ... <!--<![endif]-->`."""
    if "!mso" not in document.source.value:
        return
    for conditional in document.conditionals[:_MOST_CONDITIONALS]:
        if not conditional.hidden and conditional.expression.value.strip().startswith("!mso"):
            yield conditional.content.range_in(document.source)


def blind(support: Support, context: Context, outlook: frozenset[str]) -> frozenset[str]:
    """The clients that never see a use in that context, so that it does them no harm."""
    unaware = support.clients_with("html-style", "n") if context.in_sheet else frozenset()
    if context.in_at_rule:
        unaware |= support.clients_with("css-at-media", "n")
    return unaware | outlook if context.not_outlook else unaware
