"""The tags of Django that bring in other files."""

from __future__ import annotations

from typing import Any

from django.template import Node, TemplateDoesNotExist, TemplateSyntaxError
from django.template.base import Token
from django.template.context import Context
from django.template.loader_tags import BlockNode, ExtendsNode, IncludeNode, do_extends, do_include

from spamlint.template.django.notes import NotedError
from spamlint.template.django.pieces import at, joined
from spamlint.template.jinja.guess import Guess
from spamlint.template.outcome import Span


class _Include(IncludeNode):  # type: ignore[misc]
    """An included file; which one it is must be known."""

    def render(self, context: Context) -> str:
        """What the file puts out."""
        _refuse_guess(self.template.resolve(context))
        text: str = super().render(context)
        return text


def include(parser: Any, token: Token) -> Node:
    """`{% include %}`."""
    node = do_include(parser, token)
    return _Include(node.template, extra_context=node.extra_context, isolated_context=node.isolated_context)


class _NoParentError(Exception):
    """The parent of a template cannot be had."""


class _Extends(ExtendsNode):  # type: ignore[misc]
    """A template with a parent. Where that cannot be had, its blocks go out by themselves."""

    tag: Span = (0, 0, 0)

    def get_parent(self, context: Context) -> Any:
        """The parent; _NoParentError where there is none, which is noted then."""
        try:
            _refuse_guess(self.parent_name.resolve(context))
            return super().get_parent(context)
        except (TemplateDoesNotExist, TemplateSyntaxError, TypeError, ValueError) as error:
            context.template.engine.notes.failed(error, self.tag)
            raise _NoParentError from None
        except NotedError:
            raise _NoParentError from None

    def render(self, context: Context) -> str:
        """The parent with the blocks."""
        try:
            text: str = super().render(context)
        except _NoParentError:
            blocks = (node for node in self.nodelist if isinstance(node, BlockNode))
            return joined(at(node.render(context), node.place) for node in blocks)
        return text


def extends(parser: Any, token: Token) -> Node:
    """`{% extends %}`."""
    tag = parser.place_of(token)
    node = do_extends(parser, token)
    made = _Extends(node.nodelist, node.parent_name)
    made.tag = tag
    return made


def _refuse_guess(name: Any) -> None:
    if isinstance(name, Guess):
        raise TypeError("which file this is, a value says")
