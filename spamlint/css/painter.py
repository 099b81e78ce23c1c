"""How each element of a document makes its text look: style sheets, style attributes and old attributes together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from spamlint.css.declarations import Declared, declarations, names
from spamlint.css.look import PLAIN, Look, Pairs, changes_nothing, look_inside
from spamlint.css.sheet import Compound, Selector, Sheet, fits
from spamlint.html import Document
from spamlint.html.layers import unmasked
from spamlint.limits import Limits

_Named = tuple[str, str, tuple[str, ...]]
_Key = tuple[int, str]

_OLD: Final = names("bgcolor background color text link size hidden href")
_ONLY_ON: Final[Mapping[str, tuple[str, ...]]] = {
    "href": ("a",), "color": ("font",), "size": ("font",), "text": ("body",), "link": ("body",),
}  # fmt: skip
"""Old attributes that mean something else, or nothing, on other tags."""
_SPEAKING_TAGS: Final = names("a b strong th h1 h2 h3 h4 h5 h6 small big sub sup button input select textarea")
"""Tags that change how text looks by themselves."""
_NOTHING: Final[Mapping[str, str]] = {}
_Fitting = tuple[Sequence[Selector], bool]
_NO_RULES: Final[_Fitting] = ((), True)
_NO_ATTRIBUTES: Final[tuple[str, str, str, Pairs]] = ("", "", "", ())


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
        self._fitting: dict[_Named, _Fitting] = {}
        self._read: dict[str, Declared] = {}
        self._wanted: set[str] = set()
        self._met: set[str] = {""}
        self._made: dict[_Key, Look] = {}
        self._standing: dict[Selector, dict[int, bool]] = {}
        """Selector -> whether what it wants around something stands there for what is directly in an element."""
        self._equal: dict[tuple[int, str, Pairs, Pairs], Look] = {}
        self._known: dict[Look, Look] = {PLAIN: PLAIN}
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
        path: list[int] = []
        while found is None:
            path.append(number)
            number = self._starts[number][1]
            found = self._looks.get(number)
        for one in reversed(path):
            found = self._looks[one] = self._inside(found, one)
        return found

    def of_sheets(self, number: int) -> Mapping[str, str]:
        """What the style sheets alone declare for an element, the strongest of each property."""
        rules = self._fit(self.names(number))[0] if self.sheet else ()
        return self._styles("", [one for one in rules if not one.around or self._stands_inside(number, one)])

    def _page_look(self) -> Look:
        """How text looks in the body of a document that does not write its tag."""
        rules = [
            one for tag in ("html", "body") for one in self.sheet.possible(tag, "", ()) if fits(one.last, tag, "", ())
        ]
        styles: dict[str, str] = {}
        for rule in rules if len(rules) < self.work_left else ():
            plain, important = self._declared(rule.block)
            styles |= {**plain, **important}
        return look_inside(PLAIN, "body", styles, {}) if styles else PLAIN

    def names(self, number: int) -> _Named:
        """Tag, id and classes of element `number`, in lower case."""
        found = self._named.get(number)
        if found is None:
            token = self._starts[number][0]
            found = _named(token.tag or "", token.attr("id") or "", token.attr("class") or "")
            self._named[number] = found
        return found

    def _inside(self, around: Look, number: int) -> Look:
        token = self._starts[number][0]
        written = token.source or ""
        key = (id(around), written)
        made = self._made.get(key)
        if made is not None:
            return made
        tag = token.tag or ""
        # A tag without attributes is no longer than its name and the two signs around it.
        attrs = token.attrs if len(written) > len(tag) + 2 else None
        style, classes, id_, old = _own(tag, attrs) if attrs else _NO_ATTRIBUTES
        rules: Sequence[Selector] = ()
        is_lasting = True
        if self.sheet:
            named = self._named[number] = _named(tag, id_, classes)
            self._meet(named)
            rules, is_lasting = self._fit(named)
            if not is_lasting:
                rules = [one for one in rules if not one.around or self._can_stand(one)]
                is_lasting = not any(one.around for one in rules)
                rules = [one for one in rules if not one.around or self._stands_inside(number, one)]
        made = self._make(around, tag, self._styles(style, rules), old)
        if is_lasting:
            self._made[key] = made
        return made

    def _make(self, around: Look, tag: str, styles: Mapping[str, str], old: Pairs) -> Look:
        """One look for all elements with the same tag and declarations inside the same look."""
        if not old and tag not in _SPEAKING_TAGS and (not styles or changes_nothing(styles)):
            return around
        key = (id(around), tag, tuple(styles.items()), old)
        made = self._equal.get(key)
        if made is None:
            made = look_inside(around, tag, styles, dict(reversed(old)))
            made = self._equal[key] = self._known.setdefault(made, made)
        return made

    def _styles(self, style: str, rules: Iterable[Selector]) -> Mapping[str, str]:
        """What rules, the weakest first, and a style attribute declare, the strongest of each property."""
        plain, important = self._declared(style) if style else (_NOTHING, _NOTHING)
        if not rules:
            return {**plain, **important} if important else plain
        found: dict[str, str] = {}
        strong: dict[str, str] = {}
        for rule in rules:
            first, last = self._declared(rule.block)
            found |= first
            strong |= last
        return {**found, **plain, **strong, **important}

    def _fit(self, named: _Named) -> _Fitting:
        """The rules whose last part fits an element of that name, the weakest first, and whether that is all they want.

        Rules that declare nothing that is read are left out.
        """
        if self.work_left <= 0:
            return _NO_RULES
        found = self._fitting.get(named)
        if found is None:
            possible = self.sheet.possible(*named)
            self.work_left -= len(possible)
            fitting = [one for one in possible if fits(one.last, *named) and any(self._declared(one.block))]
            fitting.sort(key=lambda selector: selector.weight)
            found = self._fitting[named] = fitting, not any(one.around for one in fitting)
            self._wanted.update(name for one in fitting for name in one.names)
        self.work_left -= len(found[0])
        return found

    def _meet(self, named: _Named) -> None:
        """Note classes and id. Where selectors want one of them around, looks that were made without it do not hold."""
        _, id_, classes = named
        if not id_ and not classes:
            return
        new = {id_, *classes} - self._met
        if new:
            self._met |= new
            if not new.isdisjoint(self._wanted):
                self._made.clear()

    def _can_stand(self, selector: Selector) -> bool:
        """Whether what a selector wants around an element was met so far: elements come after those around them."""
        return self._met.issuperset(selector.names)

    def _stands_inside(self, number: int, selector: Selector) -> bool:
        """Whether what a selector wants around an element is there; the nearest that fits is taken."""
        known = self._standing.setdefault(selector, {})
        (part, directly), *others = selector.around
        # Those on the way to the nearest that fits, and that one, hold elements of which the same is true.
        way: list[int] = []
        number = self._starts[number][1]
        while number >= 0 and number not in known and self.work_left > 0:
            way.append(number)
            self.work_left -= 1
            if fits(part, *self.names(number)):
                known[number] = self._stand_around(number, others)
            elif directly:
                known[number] = False
            else:
                number = self._starts[number][1]
        found = known.get(number, False)
        known.update(dict.fromkeys(way, found))
        return found

    def _stand_around(self, number: int, parts: Iterable[tuple[Compound, bool]]) -> bool:
        """Whether those parts of a selector stand around element `number`."""
        for part, directly in parts:
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

    def _declared(self, style: str) -> Declared:
        found = self._read.get(style)
        if found is None:
            found = self._read[style] = declarations(style)
        return found


def _named(tag: str, id_: str, classes: str) -> _Named:
    return unmasked(tag), id_ and id_.strip().lower(), tuple(classes.lower().split()) if classes else ()


def _own(tag: str, attrs: Iterable[tuple[str, str | None]]) -> tuple[str, str, str, Pairs]:
    """Style attribute, class and id, and old attributes of a start tag, as they are written."""
    style = classes = id_ = ""
    old: Pairs = ()
    for name, value in attrs:
        if name == "style":
            style = style or value or ""
        elif name == "class":
            classes = value or ""
        elif name == "id":
            id_ = value or ""
        elif name in _OLD and (name not in _ONLY_ON or tag in _ONLY_ON[name]):
            old = (*old, (name, "" if name == "href" else value or ""))
    return style, classes, id_, old
