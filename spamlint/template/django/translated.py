"""Text that is marked for translation is put out in its own language, so that it leads to its place."""

from __future__ import annotations

import re
from typing import Any

from django.template import Node
from django.template.base import Token, TokenType, render_value_in_context
from django.template.context import Context
from django.templatetags.i18n import BlockTranslateNode, TranslateNode, do_block_translate, do_translate

from spamlint.template.django.notes import Notes
from spamlint.template.django.pieces import Placed, at, joined, static, trimmed
from spamlint.template.outcome import Span
from spamlint.template.runs import Condition

_LITERAL = re.compile(r"\w+\s+([\"'])(.*?)\1", re.DOTALL)


class _Translate(TranslateNode):  # type: ignore[misc]
    """The text of `{% translate %}`."""

    said: Placed = Placed()
    asvar: str | None

    def render(self, context: Context) -> str:
        """The text as it stands in the tag, where nothing was done to it."""
        name, self.asvar = self.asvar, None
        try:
            text: str = super().render(context)
        finally:
            self.asvar = name
        if text == self.said:
            text = self.said
        if name:
            context[name] = text
            return ""
        return text


def translate(parser: Any, token: Token) -> Node:
    """`{% translate "text" %}`."""
    node = do_translate(parser, token)
    made = _Translate(node.filter_expression, node.noop, node.asvar, node.message_context)
    literal = _LITERAL.match(token.contents)
    if literal is not None:
        file, start, _ = parser.place_of(token)
        made.said = static(literal[2], file, parser.source.index(token.contents, start) + literal.start(2))
    return made


class _BlockTranslate(BlockTranslateNode):  # type: ignore[misc]
    """The text of `{% blocktranslate %}`, with its values."""

    file: int = 0
    condition: Condition | None = None

    def render(self, context: Context, nested: bool = False) -> str:
        """The text for one, or that for many."""
        notes: Notes = context.template.engine.notes
        with context.push(**{name: value.resolve(context) for name, value in self.extra_context.items()}):
            tokens = self.singular
            if self.counter is not None:
                count = context[self.countervar] = self.counter.resolve(context)
                if self.condition is not None and not notes.run.decide(self.condition, found=_is_one(count)):
                    tokens = self.plural
            text = joined(self._piece(token, context, notes) for token in tokens)
        text = trimmed(text) if self.trimmed else text
        if self.asvar:
            context[self.asvar] = text
            return ""
        return text

    def _piece(self, token: Token, context: Context, notes: Notes) -> Placed:
        start, end = token.position
        if token.token_type == TokenType.TEXT:
            notes.grow(len(token.contents))
            return static(token.contents, self.file, start)
        place: Span = (self.file, start, end - start)
        try:
            value = context[token.contents]
        except KeyError:
            notes.run.undefined.setdefault(place, token.contents)
            value = ""
        made = at(render_value_in_context(value, context), place)
        notes.grow(len(made))
        return made


def _is_one(count: Any) -> bool:
    try:
        return float(count) == 1
    except (TypeError, ValueError):
        return False


def block_translate(parser: Any, token: Token) -> Node:
    """`{% blocktranslate %}` to its end."""
    place = parser.place_of(token)
    node = do_block_translate(parser, token)
    made = _BlockTranslate(
        node.extra_context, node.singular, node.plural, node.countervar, node.counter, node.message_context,
        trimmed=node.trimmed, asvar=node.asvar, tag_name=node.tag_name,
    )  # fmt: skip
    made.file = place[0]
    if node.plural:
        made.condition = parser.notes.condition(place, parser.around)
    return made
