"""How each element of a document makes its text look: style sheets, style attributes and old attributes together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import chain
from typing import Final

from spamlint.css.declarations import declared, names, without_comments
from spamlint.css.look import PLAIN, Look, look_inside
from spamlint.css.sheet import Selector, Sheet, fits
from spamlint.html import Document
from spamlint.html.layers import unmasked
from spamlint.limits import Limits

_Named = tuple[str, str, tuple[str, ...]]
_Old = tuple[tuple[str, str], ...]
_Key = tuple[int, str, str, tuple[str, str], _Old]

_OLD: Final = frozenset({"bgcolor", "background", "color", "text", "link", "size", "hidden"})
_MATTERS: Final = _OLD | {"style", "class", "id", "href"}
_SPEAKING_TAGS: Final = names("a b strong th h1 h2 h3 h4 h5 h6 small big sub sup button input select textarea")
"""Tags that change how text looks by themselves."""
_NOTHING: Final[Mapping[str, str]] = {}
_UNNAMED: Final = ("", "")
_NO_ATTRIBUTES: Final[tuple[str, tuple[str, str], _Old]] = ("", _UNNAMED, ())


class Painter:
    """The looks of one document, each made when it is asked for."""

    def __init__(self, document: Document, limits: Limits) -> None:
        sheets = ((element.get("media") or "", element.inner.value) for element in document.all("style"))
        self.sheet = Sheet(sheets, limits.style_rules)
        self.work_left = limits.style_work
        """How many times a selector may still be compared with an element."""
        self._document = document
        self._starts = document.starts
        self._looks: dict[int, Look] = {-1: PLAIN}
        self._named: dict[int, _Named] = {}
        self._fitting: dict[_Named, list[Selector]] = {}
        self._styles: dict[str, tuple[dict[str, str], dict[str, str]]] = {}
        self._made: dict[_Key, Look] = {}
        self._equal: dict[tuple[int, str, _Old, _Old], Look] = {}
        if self.sheet and document.first("body") is None:
            self._looks[-1] = self._page_look()

    @property
    def reached(self) -> bool:
        """Whether a limit was reached, so that some rules of the style sheets were left out."""
        return self.sheet.reached or self.work_left <= 0

    def look(self, number: int) -> Look:
        """How text looks directly inside element `number`; -1: outside of all."""
        found = self._looks.get(number)
        if found is not None:
            return found
        path = []
        while found is None:
            path.append(number)
            number = self._starts[number][1]
            found = self._looks.get(number)
        for one in reversed(path):
            found = self._looks[one] = self._inside(found, one)
        return found

    def _page_look(self) -> Look:
        """How text looks in the body of a document that does not write its tag."""
        rules = [
            one for tag in ("html", "body") for one in self.sheet.possible(tag, "", ()) if fits(one.last, tag, "", ())
        ]
        styles: dict[str, str] = {}
        for rule in rules if len(rules) < self.work_left else ():
            plain, important = self._declared(rule.block)
            styles |= plain | important
        return look_inside(PLAIN, "body", styles, {}) if styles else PLAIN

    def names(self, number: int) -> _Named:
        """Tag, id and classes of element `number`, in lower case."""
        found = self._named.get(number)
        if found is None:
            token = self._starts[number][0]
            classes, id_ = token.attr("class") or "", token.attr("id") or ""
            found = unmasked(token.tag or ""), id_.strip().lower(), tuple(classes.lower().split())
            self._named[number] = found
        return found

    def _inside(self, around: Look, number: int) -> Look:
        token = self._starts[number][0]
        tag = token.tag or ""
        attrs = token.attrs
        style, named, old = _own(tag, attrs) if attrs else _NO_ATTRIBUTES
        if not self.sheet:
            if not style and not old and tag not in _SPEAKING_TAGS:
                return around
            named = _UNNAMED
        elif self.sheet.has_parents:
            return self._make(around, tag, self.styles(number, style), old)
        key = (id(around), tag, style, named, old)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(around, tag, self.styles(number, style), old)
        return made

    def _make(self, around: Look, tag: str, styles: Mapping[str, str], old: _Old) -> Look:
        """One look for all elements with the same tag and declarations inside the same look."""
        if not styles and not old and tag not in _SPEAKING_TAGS:
            return around
        key = (id(around), tag, tuple(styles.items()), old)
        made = self._equal.get(key)
        if made is None:
            made = self._equal[key] = look_inside(around, tag, styles, dict(reversed(old)))
        return made

    def styles(self, number: int, style: str) -> Mapping[str, str]:
        """What style sheets and the style attribute declare for an element, the strongest of each property."""
        plain, important = self._declared(style) if style else (_NOTHING, _NOTHING)
        rules = self._rules(number) if self.sheet else ()
        if not rules:
            return {**plain, **important} if important else plain
        found: dict[str, str] = {}
        strong: dict[str, str] = {}
        for rule in rules:
            first, last = self._declared(rule.block)
            found |= first
            strong |= last
        return {**found, **plain, **strong, **important}

    def _rules(self, number: int) -> Iterable[Selector]:
        """The rules that fit an element, the weakest first."""
        named = self.names(number)
        candidates = self._fitting.get(named)
        if candidates is None:
            if self.work_left <= 0:
                return ()
            possible = self.sheet.possible(*named)
            self.work_left -= len(possible)
            candidates = [one for one in possible if fits(one.last, *named) and self._can_stand(one)]
            candidates.sort(key=lambda selector: selector.weight)
            self._fitting[named] = candidates
        self.work_left -= len(candidates)
        if not any(one.around for one in candidates):
            return candidates
        return [one for one in candidates if not one.around or self._stands_inside(number, one)]

    def _can_stand(self, selector: Selector) -> bool:
        """Whether the document has the classes and ids that a selector wants around an element."""
        for (_, id_, classes), _ in selector.around:
            if (id_ and id_ not in self._present) or (classes and not self._present.issuperset(classes)):
                return False
        return True

    @cached_property
    def _present(self) -> frozenset[str]:
        """All classes and ids of the document."""
        values = chain(self._document.attribute_values("class"), self._document.attribute_values("id"))
        return frozenset(" ".join(values).lower().split())

    def _stands_inside(self, number: int, selector: Selector) -> bool:
        """Whether what a selector wants around an element is there; the nearest that fits is taken."""
        for part, directly in selector.around:
            while True:
                number = self._starts[number][1]
                self.work_left -= 1
                if number < 0 or self.work_left <= 0:
                    return False
                if fits(part, *self.names(number)):
                    break
                if directly:
                    return False
        return True

    def _declared(self, style: str) -> tuple[dict[str, str], dict[str, str]]:
        found = self._styles.get(style)
        if found is None:
            found = self._styles[style] = declared(without_comments(style))
        return found


def _own(tag: str, attrs: Iterable[tuple[str, str | None]]) -> tuple[str, tuple[str, str], _Old]:
    """Style attribute, class and id, and old attributes of a start tag, as they are written."""
    style = classes = id_ = ""
    old: _Old = ()
    for name, value in attrs:
        if name not in _MATTERS:
            continue
        if name == "style":
            style = style or value or ""
        elif name == "class":
            classes = value or ""
        elif name == "id":
            id_ = value or ""
        elif name != "href" or tag == "a":
            old = (*old, (name, "" if name == "href" else value or ""))
    return style, (classes, id_), old
