"""One HTML text, parsed once: elements, what a reader sees, and what is wrong with the mark-up."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from spamlint.html.attributes import duplicates
from spamlint.html.charset import declared_charset
from spamlint.html.conditional import Conditional, read_conditionals
from spamlint.html.element import Element, Elements
from spamlint.html.layers import LineIndex, end_tag_at, has_hidden_attribute, marks_in, masked, plain_lines, unmasked
from spamlint.html.outline import Piece, Start, doubtful, outline_of
from spamlint.html.parse_errors import DUPLICATE, found_errors, parse_errors
from spamlint.html.problem import Problem
from spamlint.html.references import decoded
from spamlint.html.structure import structure_problems
from spamlint.html.tags import VOID_TAGS
from spamlint.html.tree import is_affordable, nodes_of
from spamlint.html.visible import shown
from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.source import Text

if TYPE_CHECKING:
    from turbohtml import Document as Tree
    from turbohtml import Token


class Document:
    """One HTML text. The tokens are read at once; whatever else is asked for is made then."""

    def __init__(self, text: Text, limits: Limits = DEFAULT_LIMITS) -> None:
        self.source = plain_lines(text)
        """`text` with line ends as "\\n": all other Texts are slices or layers of it."""
        self.limits = limits
        """How much of it is read."""
        value = self.source.value
        lower = self.lower = value.lower()
        """The value of `source` in small letters, for those who ask whether a word is anywhere in the mark-up."""
        self.is_masked = "<noscript" in lower
        self.marks = marks_in(lower)
        self._has_nul = "\0" in value
        tokens = _tokens(masked(value) if self.is_masked else value)
        self.outline = outline_of(tokens, limits.elements, with_hidden=has_hidden_attribute(lower))
        """What the loop over the tokens has found; for this package (see `walk` and `runs`)."""
        if self.is_masked:
            by_tag = self.outline.by_tag
            for tag in [tag for tag in by_tag if unmasked(tag) != tag]:
                by_tag[unmasked(tag)] = list(heapq.merge(by_tag.get(unmasked(tag), ()), by_tag.pop(tag)))
        self._lines = LineIndex(self.source.value)
        self._made: dict[int, Element] = {}
        self._having: dict[str, list[tuple[int, str]]] = {}

    # Elements

    @property
    def elements(self) -> Sequence[Element]:
        """One element for each start tag, in the order of the text."""
        return Elements(self, range(len(self.outline.starts)))

    def attribute_values(self, name: str | None = None) -> Iterator[str]:
        """The decoded values of that attribute, or of all, in order: cheaper than asking each element."""
        if name is not None:
            return (value for _, value in self.having(name))
        found = (value for token, _, _ in self.outline.starts for _, value in token.attrs or ())
        return map(unmasked, found) if self.is_masked else found

    def having(self, name: str) -> Sequence[tuple[int, str]]:
        """The elements with that attribute by their numbers, each with its decoded value; looked for once."""
        found = self._having.get(name)
        if found is None:
            values = ((number, start[0].attr(name)) for number, start in enumerate(self.outline.starts))
            found = [(number, value) for number, value in values if value is not None]
            if self.is_masked:
                found = [(number, unmasked(value)) for number, value in found]
            self._having[name] = found
        return found

    @property
    def starts(self) -> Sequence[Start]:
        """The start tag of each element, for those who walk over all of them (see `walk`)."""
        return self.outline.starts

    @property
    def has_markup(self) -> bool:
        """Whether there is any start tag at all."""
        return bool(self.outline.starts)

    def first(self, tag: str) -> Element | None:
        """The first element of that name."""
        numbers = self.outline.by_tag.get(tag)
        return self.element(numbers[0]) if numbers else None

    def all(self, *tags: str) -> Sequence[Element]:
        """All elements of those names, in the order of the text."""
        by_tag = self.outline.by_tag
        found = [by_tag[tag] for tag in set(tags) if tag in by_tag]
        if len(found) < 2:
            return Elements(self, found[0] if found else ())
        return Elements(self, list(heapq.merge(*found)))

    def element(self, number: int) -> Element:
        """The element of that number in `elements`."""
        element = self._made.get(number)
        if element is None:
            element = self._made[number] = Element(self, number, self.outline.starts[number][0])
        return element

    def parent_of(self, number: int) -> Element | None:
        """The element around element `number`."""
        around = self.outline.starts[number][1]
        return self.element(around) if around >= 0 else None

    def is_hidden(self, number: int) -> bool:
        """Whether no text of element `number` is shown."""
        return number in self.outline.concealed

    def content_of(self, number: int) -> Text:
        """The visible text inside element `number`."""
        token, _, first = self.outline.starts[number]
        last = self.outline.closed.get(number, len(self.outline.visible))
        if token.tag == "a":
            last = min(last, self._next_link(number))
        if token.tag in VOID_TAGS or last <= first:
            end = self.start_of(token) + len(token.source or "")
            return self.source[end:end]
        return shown(self.source, self.outline.visible[first:last], self.start_of, with_nul=self._has_nul)

    def inner_of(self, number: int) -> Text:
        """What element `number`, which holds no other elements, encloses, as written."""
        token = self.outline.starts[number][0]
        start = self.start_of(token) + len(token.source or "")
        return self.source[start : end_tag_at(self.source.value, token.tag or "", start)]

    def _next_link(self, number: int) -> int:
        """How many visible pieces come before the next <a>, which ends a link that is not closed."""
        links = self.outline.by_tag["a"]
        following = bisect_right(links, number)
        return self.outline.starts[links[following]][2] if following < len(links) else len(self.outline.visible)

    # Text

    @cached_property
    def visible(self) -> Text:
        """What a reader sees: white space is one blank, "\\n" stands at block boundaries and <br>."""
        return self.shown(self.outline.visible)

    @cached_property
    def hidden(self) -> Text:
        """The text that style or attribute hides, in the form of `visible`."""
        return self.shown(self.outline.hidden)

    def shown(self, pieces: Sequence[Piece]) -> Text:
        """The text of some of the pieces of `visible` or `hidden`."""
        return shown(self.source, pieces, self.start_of, with_nul=self._has_nul, masked=self.is_masked)

    @cached_property
    def comments(self) -> Sequence[Text]:
        """All comments, whole."""
        return [self.source_of(token) for token in self.outline.comments]

    @cached_property
    def style_texts(self) -> Sequence[Text]:
        """The contents of <style> elements, then the values of style attributes."""
        attributes = (self.element(number).attribute("style") for number, _ in self.having("style"))
        return [*(element.inner for element in self.all("style")), *(text for text in attributes if text is not None)]

    @cached_property
    def title(self) -> Text | None:
        """The content of the first <title>."""
        element = self.first("title")
        return decoded(element.inner) if element else None

    @cached_property
    def declared_charset(self) -> Text | None:
        """The name of the charset that the first <meta> about it gives."""
        return declared_charset(self.all("meta"))

    # What is wrong

    @cached_property
    def _conditionals(self) -> tuple[Sequence[Conditional], Sequence[Problem]]:
        return read_conditionals(self.source, self.outline.comments, self.start_of)

    @property
    def conditionals(self) -> Sequence[Conditional]:
        """Outlook's conditional comments."""
        return self._conditionals[0]

    @property
    def bad_conditionals(self) -> Sequence[Problem]:
        """Conditional comments that are badly opened or closed."""
        return self._conditionals[1]

    @cached_property
    def errors(self) -> Sequence[Problem]:
        """Parse errors by their WHATWG codes, in the order of the text; what is practice in e-mail is none."""
        return tuple(parse_errors(self.source, self._found_errors, self._end))

    @cached_property
    def _found_errors(self) -> Sequence[tuple[str, int]]:
        return found_errors(self._tree, self._lines, self.limits.problems) if self._tree is not None else ()

    @cached_property
    def duplicate_attributes(self) -> Sequence[Problem]:
        """Attributes that their tag has already; values: `tag` and `attribute`."""
        places = sorted({offset for code, offset in self._found_errors if code == DUPLICATE})
        starts = [self.start_of(token) for token, _, _ in self.outline.starts] if places else []
        numbers = sorted({bisect_right(starts, place) - 1 for place in places} - {-1})
        found = (
            Problem(DUPLICATE, text, {"tag": element.tag, "attribute": name})
            for element in map(self.element, numbers)
            for name, text in duplicates(element.text)
        )
        return tuple(islice(found, self.limits.problems))

    @cached_property
    def structure(self) -> Sequence[Problem]:
        """Stray, unclosed and misnested tags and content out of place, in the order of the text."""
        return self._structure or ()

    @cached_property
    def _structure(self) -> Sequence[Problem] | None:
        """None where the tree says nothing: too large to be built, or too deep."""
        starts, doubts = self.outline.starts, doubtful(self.outline)
        if not self.outline.doubts:
            return ()
        if self._tree is None:
            return None
        wanted = {(token.line, token.col) for token, around, _ in starts if around < 0 or around in doubts}
        nodes = nodes_of(self._tree, wanted)
        problems = (
            structure_problems(self.source, self._lines, nodes, self._tokens(), doubts, self.limits.problems)
            if nodes is not None
            else None
        )
        if problems is not None:
            return problems
        nodes = nodes_of(self._tree, None)
        return (
            structure_problems(self.source, self._lines, nodes, self._tokens(), None, self.limits.problems)
            if nodes is not None
            else None
        )

    @cached_property
    def _tree(self) -> Tree | None:
        """The parser's tree; None where it would grow out of proportion."""
        from turbohtml import parse

        if self.outline.doubts and not is_affordable(self.outline, self._tokens, self.limits):
            return None
        # Only what asks how elements lie in one another needs their places; errors have their own.
        return parse(self.source.value[: self._end], source_locations=bool(self.outline.doubts))

    def _tokens(self) -> Iterable[Token]:
        """The tokens once more, up to the limit: keeping them would cost more memory than reading them again costs."""
        value = self.source.value[: self._end]
        return _tokens(masked(value) if self.is_masked else value)

    @cached_property
    def limits_reached(self) -> Sequence[Problem]:
        """Limits that were reached, each at the place from which on something was not read."""
        found = []
        if self.outline.cut is not None:
            found.append(Problem("limit-elements", self.source[self._end : self._end]))
        if self._structure is None:
            found.append(Problem("limit-tree", self.source[:0]))
        if self.limits.problems in (len(self._found_errors), len(self.structure)):
            found.append(Problem("limit-problems", self.source[:0]))
        return found

    # Places

    @property
    def _end(self) -> int:
        """Where reading ended: at the end, or where a limit was reached."""
        cut = self.outline.cut
        return len(self.source) if cut is None else self.start_of(cut)

    def start_of(self, token: Token) -> int:
        """Where `token` starts in `source`."""
        return self._lines.offset(token.line, token.col)

    def source_of(self, token: Token) -> Text:
        """`token`, which is no text, as written."""
        start = self.start_of(token)
        return self.source[start : start + len(token.source or "")]


def _tokens(source: str) -> Iterable[Token]:
    from turbohtml import tokenize

    return tokenize(source, resolve_references=True, capture_source=True)
