"""The tags of Django that decide what is put out, or that would hide where it comes from, in a form that tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.template import Node, TemplateSyntaxError, VariableDoesNotExist, defaulttags
from django.template.base import Token
from django.template.context import Context
from django.template.defaultfilters import date
from django.template.defaulttags import ForNode, IfNode, NowNode, SpacelessNode, TemplateIfParser, URLNode
from django.templatetags.cache import CacheNode
from django.templatetags.cache import do_cache as read_cache
from django.urls import NoReverseMatch

from spamlint.template.django.included import extends, include
from spamlint.template.django.notes import Notes
from spamlint.template.django.pieces import Placed, at, joined, without_blanks_between_tags
from spamlint.template.django.translated import block_translate, translate
from spamlint.template.django.values import NOW
from spamlint.template.jinja.guess import Guess
from spamlint.template.outcome import Span
from spamlint.template.runs import Condition

ADDRESS: Final = "/read/4711"
"""What stands for the address of a page of the project: Django gives it without a host."""

_SPACES = re.compile(r"\s+")


class _If(IfNode):  # type: ignore[misc]
    """Conditions whose outcome is noted, and can be chosen."""

    conditions: tuple[Condition, ...] = ()

    def render(self, context: Context) -> str:
        """The first branch that holds."""
        notes: Notes = context.template.engine.notes
        for number, (condition, nodes) in enumerate(self.conditions_nodelists):
            if condition is None or notes.run.decide(self.conditions[number], found=_holds(condition, context)):
                text: str = nodes.render(context)
                return text
        return ""


def _holds(condition: Any, context: Context) -> bool:
    try:
        return bool(condition.eval(context))
    except VariableDoesNotExist:
        return False


def _if(parser: Any, token: Token) -> Node:
    """`{% if %}` to `{% endif %}`."""
    before = parser.around
    branches: list[tuple[Any, Any]] = []
    conditions: list[Condition] = []
    word, *bits = token.split_contents()
    while word in ("if", "elif"):
        test = TemplateIfParser(parser, bits).parse()
        condition = parser.notes.condition(parser.place_of(token), parser.around)
        outside, parser.around = parser.around, (*parser.around, (condition, True))
        branches.append((test, parser.parse(("elif", "else", "endif"))))
        conditions.append(condition)
        parser.around = (*outside, (condition, False))
        token = parser.next_token()
        word, *bits = token.split_contents()
    if word == "else":
        branches.append((None, parser.parse(("endif",))))
        token = parser.next_token()
    else:
        parser.notes.branches.bare.add(conditions[-1])
    parser.around = before
    if token.contents != "endif":
        raise TemplateSyntaxError(f"{{% {token.contents} %}} does not belong here")
    node = _If(branches)
    node.conditions = tuple(conditions)
    return node


class _For(ForNode):  # type: ignore[misc]
    """A loop: to have something to go through is its condition."""

    condition: Condition = (0, 0)
    tag: Span = (0, 0, 0)

    def render(self, context: Context) -> str:
        """The inside for each item."""
        notes: Notes = context.template.engine.notes
        values = self.sequence.resolve(context, ignore_failures=True)
        if values is None:
            notes.run.undefined.setdefault(self.tag, str(self.sequence.var))
            values = ()
        items = list(values)
        if not notes.run.decide(self.condition, found=bool(items)):
            items = []
        if not items:
            text: str = self.nodelist_empty.render(context)
            return text
        parent = context.get("forloop", {})
        if self.is_reversed:
            items.reverse()
        with context.push():
            return joined(self._once(context, items, number, parent) for number in range(len(items)))

    def _once(self, context: Context, items: list[Any], number: int, parent: Any) -> Placed:
        left = len(items) - number
        context["forloop"] = {
            "parentloop": parent, "counter0": number, "counter": number + 1, "revcounter": left,
            "revcounter0": left - 1, "first": number == 0, "last": left == 1, "length": len(items),
        }  # fmt: skip
        with context.push(**self._names(items[number])):
            made: Placed = self.nodelist_loop.render(context)
            return made

    def _names(self, item: Any) -> Mapping[str, Any]:
        if len(self.loopvars) == 1:
            return {self.loopvars[0]: item}
        if isinstance(item, Guess):
            return {name: item[name] for name in self.loopvars}
        values = list(item)
        if len(values) != len(self.loopvars):
            raise ValueError(f"Need {len(self.loopvars)} values to unpack in for loop; got {len(values)}.")
        return dict(zip(self.loopvars, values, strict=True))


def _for(parser: Any, token: Token) -> Node:
    """`{% for %}` to `{% endfor %}`."""
    words = _SPACES.sub(" ", token.contents.strip())
    found = re.fullmatch(r"for (.+?) in (.+?)( reversed)?", words)
    names = re.split(r" *, *", found[1]) if found else [""]
    if found is None or any(not name or " " in name or "|" in name for name in names):
        raise TemplateSyntaxError(f"a loop is written 'for x in y', not {words!r}")
    sequence = parser.compile_filter(_sequence(token, reverse=bool(found[3])))
    before, tag = parser.around, parser.place_of(token)
    condition = parser.notes.condition(tag, before)
    parser.around = (*before, (condition, True))
    inside = parser.parse(("empty", "endfor"))
    empty = None
    parser.around = (*before, (condition, False))
    if parser.next_token().contents == "empty":
        empty = parser.parse(("endfor",))
        parser.next_token()
    else:
        parser.notes.branches.bare.add(condition)
    parser.around = before
    node = _For(names, sequence, bool(found[3]), inside, empty)
    node.condition, node.tag = condition, tag
    return node


def _sequence(token: Token, *, reverse: bool) -> str:
    """What a loop goes through, with the blanks inside of texts as they are."""
    bits = token.split_contents()
    last: str = bits[-2] if reverse else bits[-1]
    return last


class _Spaceless(SpacelessNode):  # type: ignore[misc]
    """Blanks between tags are left out, and places kept."""

    def render(self, context: Context) -> str:
        """The inside without them."""
        return without_blanks_between_tags(at(self.nodelist.render(context), (0, 0, 0)))


def _spaceless(parser: Any, token: Token) -> Node:
    return _Spaceless(defaulttags.spaceless(parser, token).nodelist)


class _Now(NowNode):  # type: ignore[misc]
    """A time that is always the same."""

    def render(self, context: Context) -> str:
        """The time as the format says."""
        text: str = date(NOW, self.format_string)
        if self.asvar:
            context[self.asvar] = text
            return ""
        return text


def _now(parser: Any, token: Token) -> Node:
    node = defaulttags.now(parser, token)
    return _Now(node.format_string, node.asvar)


class _Url(URLNode):  # type: ignore[misc]
    """The address of a page: the real one where the project takes part and knows it."""

    def render(self, context: Context) -> str:
        """The address, without a host as Django gives it."""
        if context.template.engine.notes.project:
            try:
                found: str = super().render(context)
            except (NoReverseMatch, TypeError, ValueError, AttributeError):
                found = ""
            if found or (self.asvar and context.get(self.asvar)):
                return found
        if self.asvar:
            context[self.asvar] = ADDRESS
            return ""
        return ADDRESS


def _url(parser: Any, token: Token) -> Node:
    node = defaulttags.url(parser, token)
    return _Url(node.view_name, node.args, node.kwargs, node.asvar)


class _Cached(CacheNode):  # type: ignore[misc]
    """What is kept in a cache otherwise is made each time."""

    def render(self, context: Context) -> str:
        """The inside."""
        text: str = self.nodelist.render(context)
        return text


def _cache(parser: Any, token: Token) -> Node:
    node = read_cache(parser, token)
    return _Cached(node.nodelist, node.expire_time_var, node.fragment_name, node.vary_on, node.cache_name)


def _load(parser: Any, token: Token) -> Node:
    """`{% load %}`; libraries of a project are not there without its code, which shows where they are used."""
    names = token.contents.split()[1:]
    if len(names) >= 3 and names[-2] == "from":
        return defaulttags.load(parser, token) if names[-1] in parser.libraries else defaulttags.LoadNode()
    for name in names:
        if name in parser.libraries:
            parser.add_library(parser.libraries[name])
    return defaulttags.LoadNode()


TAGS: Final[Mapping[str, Callable[[Any, Token], Node]]] = {
    "blocktrans": block_translate, "blocktranslate": block_translate, "cache": _cache, "extends": extends,
    "for": _for, "if": _if, "include": include, "load": _load, "now": _now, "spaceless": _spaceless,
    "trans": translate, "translate": translate, "url": _url,
}  # fmt: skip
"""Name of a tag of Django's own -> what reads it here."""
