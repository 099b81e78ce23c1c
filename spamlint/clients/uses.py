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
from spamlint.source import Range, Text

if TYPE_CHECKING:
    from spamlint.html import Document, Element

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
        self._bulk = _bulk([detector.gate for detector in gated])

    def candidates(self, document: Document) -> list[Detector]:
        """Those that may be used in the document."""
        matched: Iterable[int] | None = self._bulk.Match(document.source.value) if self._gated else ()
        numbers = range(len(self._gated)) if matched is None else sorted(matched)
        found = [self._gated[number] for number in numbers if number < len(self._gated)]
        found += (one for one in self.detectors if one.where == "tag" and any(document.all(tag) for tag in one.tags))
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
            for element in self.document.all(*detector.tags):
                self.found(detector, element)

    def attributes(self, detectors: Sequence[Detector]) -> None:
        """The wanted attributes, in one walk over the elements."""
        by_name: dict[str, list[Detector]] = {}
        for detector in detectors:
            by_name.setdefault(detector.attribute, []).append(detector)
        for number, (token, _, _) in enumerate(self.document.starts) if by_name else ():
            for name, value in token.attrs or ():
                for detector in by_name.get(name, ()):
                    if (not detector.tags or token.tag in detector.tags) and (
                        not detector.pattern or self.features.pattern(detector).search(value or "")
                    ):
                        self.found(detector, self.document.element(number))

    def pictures(self, detectors: Sequence[Detector]) -> None:
        """The pictures of the wanted formats, by their addresses."""
        for tag, name in _PICTURE_ATTRIBUTES if detectors else ():
            for element in self.document.all(tag):
                address = (element.get(name) or "")[:2_000].strip()
                for detector in detectors:
                    if self.features.pattern(detector).search(address):
                        self.found(detector, element)

    def styles(self, detectors: Sequence[Detector]) -> None:
        """The declarations in style attributes; equal ones are read once."""
        if not detectors:
            return
        numbers: dict[str, list[int]] = {}
        for number, (token, _, _) in enumerate(self.document.starts):
            style = token.attr("style")
            if style:
                numbers.setdefault(style, []).append(number)
        for style, elements in numbers.items():
            for detector in detectors:
                place = next(_effects(self.features.pattern(detector), style), None)
                if place is None or _has_fallback(style, place[0]):
                    continue
                for element in map(self.document.element, elements):
                    if not element.hidden:  # what hides a preheader is there for the clients that know it
                        self.found(detector, element, place)

    def sheets(self, detectors: Sequence[Detector]) -> None:
        """The conditions, selectors and declarations in <style> elements."""
        for element in self.document.all("style") if detectors else ():
            inner = element.inner
            not_outlook = self._is_hidden_from_outlook(element.start)
            for (where, in_at_rule), joined in joined_pieces(inner.value).items():
                context = Context(True, in_at_rule, not_outlook)
                text = joined.text
                for detector in detectors:
                    if detector.where == where:
                        for place in _effects(self.features.pattern(detector), text):
                            self._add(detector.slug, context, inner, joined.outward(place))

    def found(self, detector: Detector, element: Element, place: Range | None = None) -> None:
        """One more use at an element: its tag, the attribute, or a place in its style."""
        context = Context(not_outlook=self._is_hidden_from_outlook(element.start))
        use = self.uses.get((detector.slug, context))
        if use is not None and len(use.texts) >= self.most_places:
            use.count += 1
            return
        if place is not None:
            text = element.attribute("style")
        else:
            text = element.attribute(detector.attribute) if detector.attribute else element.text
        assert text is not None
        self._add(detector.slug, context, text, place or (0, len(text)))

    def _add(self, slug: str, context: Context, text: Text, place: Range) -> None:
        use = self.uses.setdefault((slug, context), Use(slug, context))
        use.count += 1
        if len(use.texts) < self.most_places:
            use.texts.append(text[place[0] : place[1]])

    def _is_hidden_from_outlook(self, offset: int) -> bool:
        return any(start <= offset < end for start, end in self.hidden_from_outlook)


def _effects(pattern: re.Pattern[str], css: str) -> Iterator[Range]:
    """The places of the matches that are no declarations of what holds anyway, such as border-radius:0."""
    for found in pattern.finditer(css):
        if css[found.end() - 1] != ":" or not _is_reset(found[1], css[found.end() : found.end() + _LONGEST_RESET]):
            yield found.span(1)


def _is_reset(name: str, behind: str) -> bool:
    value = behind.partition(";")[0].partition("}")[0].partition("!")[0].strip().lower()
    return value in _RESETS or (value in ("0", "0px") and any(word in name.lower() for word in _EMPTY_AT_ZERO))


_RESETS: Final = frozenset({"auto", "inherit", "initial", "none", "normal", "unset", "visible"})
_EMPTY_AT_ZERO: Final = ("border", "gap", "indent", "margin", "padding", "radius", "shadow", "spacing")
_LONGEST_RESET: Final = 40


def _has_fallback(style: str, at: int) -> bool:
    """Whether the declaration at `at` follows one of the same property, for those who do not know its value."""
    start = style.rfind(";", 0, at) + 1
    name = style[start : max(at, style.find(":", start))].partition(":")[0].strip().lower()
    before = style[max(start - _LONGEST_FALLBACK, 0) : start].lower()
    return any(declaration.partition(":")[0].strip() == name for declaration in before.split(";")[:-1])


_LONGEST_FALLBACK: Final = 1_000
"""Code points before a declaration in which one of the same property is looked for."""
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
