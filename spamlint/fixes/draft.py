"""A draft that is being fixed: what the fixes ask of it, each worked out once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property

from spamlint.fixes.edit import Edit
from spamlint.fixes.files import Files
from spamlint.html import Document, Element, Problem
from spamlint.html.skeleton import skeleton
from spamlint.limits import Limits
from spamlint.message import Message
from spamlint.mime import draft_codec
from spamlint.source import Source, SourceSpan, Text, shifted
from spamlint.template.languages import RENDERED

_MOST_TRIALS = 200
_TRIAL_SIZE = 10_000_000
"""Code points that trying out fixes of one draft may parse."""


class Draft:
    """The HTML of a draft, and what is wrong with it by its place."""

    def __init__(self, message: Message, language: str = "", files: Files | None = None) -> None:
        self.message = message
        self.files = files or Files([message])
        self.document: Document = message.documents[0] if message.documents else _document("", message.limits)
        self.language = language
        """The language tag of the mail, where a person said it."""
        self._trials = min(_MOST_TRIALS, 1 + _TRIAL_SIZE // (1 + len(self.document.source)))

    @property
    def value(self) -> str:
        """The HTML."""
        return self.document.source.value

    @cached_property
    def codec(self) -> str:
        """The codec by which the file is read."""
        return draft_codec(self.message.source.data)

    @cached_property
    def is_whole(self) -> bool:
        """Whether this is a page by itself: what it leaves open, nothing else closes.

        A template is one where all that it can become was rendered. What a fix does to each of them is seen later.
        """
        if self.document.first("body") is None:
            return False
        template = self.message.template
        if template is not None and template.language in RENDERED:
            return not template.not_covered and not template.problems
        return not self.files.builds

    @cached_property
    def problems(self) -> Mapping[int, Problem]:
        """What is wrong with the nesting, by where it starts."""
        return self._by_start(self.document.structure)

    @cached_property
    def conditionals(self) -> Mapping[int, Problem]:
        """Conditional comments that are badly made, by where it shows."""
        return self._by_start(self.document.bad_conditionals)

    @cached_property
    def errors(self) -> Mapping[int, Sequence[Problem]]:
        """Parse errors, by where they start."""
        found: dict[int, list[Problem]] = {}
        for problem in self.document.errors:
            found.setdefault(self.start_of(problem.text), []).append(problem)
        return found

    def _by_start(self, problems: Sequence[Problem]) -> Mapping[int, Problem]:
        return {self.start_of(problem.text): problem for problem in problems}

    def start_of(self, text: Text) -> int:
        """Where `text`, a piece of the HTML, starts in it."""
        return text.range_in(self.document.source)[0]

    def tag_at(self, offset: int) -> Element | None:
        """The element whose start tag holds `offset`."""
        number = bisect_right(self._starts, offset) - 1
        if number < 0:
            return None
        element = self.document.element(number)
        return element if offset < element.start + len(element.text) else None

    @cached_property
    def _starts(self) -> Sequence[int]:
        return [self.document.start_of(token) for token, _, _ in self.document.starts]

    def is_plain(self, text: Text) -> bool:
        """Whether no template code in `text` decides what of it is written."""
        span = text.span
        file = self.files.of(span.source)
        return file is not None and not file.code.rules((span.start, span.end))

    @cached_property
    def icons(self) -> frozenset[int]:
        """The numbers of the elements that are icons."""
        pictures = self.message.pictures.every
        return frozenset(one.element.number for one in pictures if one.element is not None and one.role == "icon")

    def tags_like(self, element: Element) -> Sequence[Element]:
        """All elements that come from the same start tag in the file: a loop or a macro shows one many times."""
        return self._by_span[element.text.span] if self.message.template is not None else (element,)

    @cached_property
    def _by_span(self) -> Mapping[SourceSpan, Sequence[Element]]:
        found: dict[SourceSpan, list[Element]] = {}
        for element in self.document.elements:
            found.setdefault(element.text.span, []).append(element)
        return found

    def replace(self, start: int, end: int, new: str) -> Edit:
        """The edit that writes `new` in place of that range of the HTML."""
        return Edit(self.document.source[start:end], new)

    def inserted(self, at: int, new: str) -> Edit:
        """The edit that puts `new` in."""
        return self.replace(at, at, new)

    @cached_property
    def _tree(self) -> str:
        return skeleton(self.value)

    def keeps_tree(self, *edits: Edit) -> bool | None:
        """Whether a parser reads the same page after `edits`; None where enough has been tried on this draft."""
        if self._trials <= 0:
            return None
        self._trials -= 1
        return skeleton(self.after(*edits)) == self._tree

    def keeps_words(self, *edits: Edit) -> bool | None:
        """Whether a reader sees the same text after `edits`; None where enough has been tried on this draft."""
        if self._trials <= 0:
            return None
        self._trials -= 1
        return _document(self.after(*edits), self.message.limits).visible.value == self.document.visible.value

    def after(self, *edits: Edit) -> str:
        """The HTML with `edits`, which do not overlap."""
        value = self.value
        rows = sorted((*edit.text.range_in(self.document.source), edit.new) for edit in edits)
        for start, end, new in reversed(rows):
            value = value[:start] + new + value[end:]
        return value


def _document(value: str, limits: Limits) -> Document:
    return Document(Text(value, Source("", b""), lambda: shifted(0)), limits)
