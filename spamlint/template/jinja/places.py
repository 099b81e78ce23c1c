"""Jinja2 with exact places: tokens carry offsets in place of lines, and all output says where it was written.

Jinja2 knows lines only. Its lexer yields the pieces of a template in order, so that an offset for each is easily had;
it is passed on in the field that is meant for the line, and parser and compiler hand it through to every node.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.lexer import Lexer, TokenStream
from jinja2.parser import Parser
from jinja2.visitor import NodeTransformer

from spamlint.template.outcome import Span
from spamlint.template.runs import Branches, Condition

_BEGINS = ("variable_begin", "block_begin")
_ENDS = ("variable_end", "block_end")
_BLOCKS = ("autoescape", "block", "call", "filter", "for", "if", "macro", "trans", "with")
"""Tags that need an end; that of `set` may have one."""
_DECIDE = "decide"
_LOOP = "loop_over"


@dataclass(slots=True)
class Tags:
    """Where the tags of one template are: `{{ ... }}` and `{% ... %}`, in order, with the name of a block tag."""

    file: int
    source: str = ""
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def around(self, offset: int) -> tuple[int, int]:
        """Start and length of the tag that the code at `offset` stands in."""
        index = bisect_right(self.starts, offset) - 1
        if index < 0 or index >= len(self.ends):
            return offset, 0
        return self.starts[index], self.ends[index] - self.starts[index]

    def broken(self, offset: int, *, at_end: bool) -> tuple[int, int]:
        """Start and length of the tag that a syntax error at `offset` is about; without its end to the line end.

        An error `at_end` of the template is about the last block that is open there.
        """
        if at_end and (unclosed := self._unclosed()) is not None:
            return self.around(unclosed)
        index = bisect_right(self.starts, offset) - 1
        is_inside = index >= 0 and (index >= len(self.ends) or offset < self.ends[index])
        start = self.starts[index] if is_inside else offset
        line_end = self.source.find("\n", start)
        end = len(self.source) if line_end < 0 else line_end
        closing = self.source.find("%}" if self.source.startswith("{%", start) else "}}", start, end)
        return start, (closing + 2 if closing >= 0 and is_inside else end) - start

    def _unclosed(self) -> int | None:
        """Where the last block begins that has no end."""
        waiting: list[tuple[str, int]] = []
        for name, start in zip(self.names, self.starts, strict=False):
            if name in _BLOCKS:
                waiting.append((name, start))
            elif waiting and name == f"end{waiting[-1][0]}":
                waiting.pop()
        return waiting[-1][1] if waiting else None


def offset_of(line: int) -> int:
    """The offset that stands in place of a line."""
    return max(line - 1, 0)


def placed_tokens(lexer: Lexer, source: str, name: str | None, tags: Tags) -> TokenStream:
    """The tokens of `source` with offsets, counted from 1, in place of lines. `tags` is filled on the way.

    A syntax error of the lexer has the offset at which reading stopped.
    """

    tags.source = source

    def pieces() -> Iterator[tuple[int, str, str]]:
        at = 0
        try:
            for _, kind, value in lexer.tokeniter(source, name):
                start = source.find(value, at)
                at = start + len(value)
                if kind in _BEGINS:
                    tags.starts.append(start)
                    tags.names.append("")
                elif kind in _ENDS:
                    # The end of a tag takes the white space behind it where it ends in -%}.
                    tags.ends.append(start + len(value.rstrip()))
                elif kind == "name" and tags.names and not tags.names[-1]:
                    tags.names[-1] = value
                yield start + 1, kind, value
        except TemplateSyntaxError as error:
            raise TemplateSyntaxError(str(error.message), at + 1, name) from None

    return TokenStream(lexer.wrap(pieces(), name), name, None)


def parsed(environment: Any, source: str, name: str | None, tags: Tags, branches: Branches) -> nodes.Template:
    """The syntax tree of `source`, in which all output says where it was written and each condition how it went.

    The tags that the environment skips, by file and start, are left out; it is told of unknown filters and tests.
    """
    tree = Parser(environment, source, name).parse()
    placed: nodes.Template = _Placer(environment, tags, source, branches).visit(tree)
    placed.set_environment(environment)
    return placed


def place_of(output: nodes.Output) -> Span:
    """The place of the one text or value that is put out here."""
    place: Span = vars(output)["place"]
    return place


class _Placer(NodeTransformer):
    """Wraps what is put out, and what decides, in calls of the environment."""

    def __init__(self, environment: Any, tags: Tags, source: str, branches: Branches) -> None:
        self.environment = environment
        self.tags = tags
        self.source = source
        self.branches = branches
        self.skipped: AbstractSet[Condition] = environment.skipped
        self.made = 0
        self.around: tuple[tuple[Condition, bool], ...] = ()

    def visit(self, node: nodes.Node, *given: Any, **named: Any) -> Any:
        """`node` with what is below it; None for a statement that is to be left out."""
        if isinstance(node, nodes.Stmt) and not isinstance(node, nodes.Output) and self.skipped:
            start, _ = self.tags.around(offset_of(node.lineno))
            if (self.tags.file, start) in self.skipped:
                return None
        return super().visit(node, *given, **named)

    def visit_Output(self, node: nodes.Output) -> list[nodes.Node]:
        """Static text and values, each with its place, and each put out by itself."""
        found: list[nodes.Node] = []
        for child in node.nodes:
            start = offset_of(child.lineno)
            if isinstance(child, nodes.TemplateData):
                found.append(self._output(child, start, len(child.data)))
                continue
            start, length = self.tags.around(start)
            if (self.tags.file, start) not in self.skipped:
                found.append(self._output(self.visit(child), start, length))
        return found

    def _output(self, what: nodes.Expr, start: int, length: int) -> nodes.Output:
        output = nodes.Output([what], lineno=what.lineno)
        vars(output)["place"] = (self.tags.file, start, length)
        return output

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:
        """A filter; one that is not known is noted."""
        return self._known(node, "filter", self.environment.filters)

    def visit_Test(self, node: nodes.Test) -> nodes.Node:
        """A test, likewise."""
        return self._known(node, "test", self.environment.tests)

    def _known(self, node: nodes.Filter | nodes.Test, kind: str, known: dict[str, Any]) -> nodes.Node:
        if not dict.__contains__(known, node.name):
            place = (self.tags.file, *self.tags.around(offset_of(node.lineno)))
            self.environment.note(f"unknown-{kind}", node.name, place)
        return self.generic_visit(node)

    def visit_If(self, node: nodes.If) -> nodes.Node:
        """A condition whose outcome is noted, and can be chosen; what stands in it is asked under that condition."""
        before = self.around
        for branch in (node, *node.elif_):
            condition = self._condition(branch.test)
            branch.test = self._decided(condition, branch.test)
            outside, self.around = self.around, (*self.around, (condition, True))
            branch.body = self._visited(branch.body)
            self.around = (*outside, (condition, False))
        if not node.else_:
            self.branches.bare.add(condition)
        node.else_ = self._visited(node.else_)
        self.around = before
        return node

    def visit_For(self, node: nodes.For) -> nodes.Node:
        """A loop: to have something to go through is its condition."""
        before = self.around
        condition = self._condition(node.iter)
        node.iter = self._call(_LOOP, node.iter.lineno or 1, nodes.Const(condition[1]), self.visit(node.iter))
        if node.test is not None:
            node.test = self.visit(node.test)
        self.around = (*before, (condition, True))
        node.body = self._visited(node.body)
        self.around = (*before, (condition, False))
        if not node.else_:
            self.branches.bare.add(condition)
        node.else_ = self._visited(node.else_)
        self.around = before
        return node

    def visit_CondExpr(self, node: nodes.CondExpr) -> nodes.Node:
        """The condition of `a if b else c`, in the same way."""
        condition = self._condition(node.test)
        inner = self.generic_visit(node)
        assert isinstance(inner, nodes.CondExpr)
        inner.test = self._decided(condition, inner.test)
        return inner

    def _condition(self, test: nodes.Node) -> Condition:
        condition = self.tags.file, offset_of(_first(test))
        self.branches.needs.setdefault(condition, self.around)
        return condition

    def _decided(self, condition: Condition, test: nodes.Node) -> nodes.Expr:
        return self._call(_DECIDE, test.lineno or 1, nodes.Const(condition[1]), self.visit(test))

    def visit_FilterBlock(self, node: nodes.FilterBlock) -> list[nodes.Node]:
        """What a filter makes of a block: its text first, then the filter as a value that stands for the block."""
        self.made += 1
        name = f"_filtered_{self.tags.file}_{self.made}"
        start = self.tags.around(offset_of(node.lineno))[0]
        length = self._end_of_block(start, "filter", "endfilter") - start
        inner = node.filter
        while isinstance(inner.node, nodes.Filter):
            inner = inner.node
        inner.node = nodes.Name(name, "load", lineno=node.lineno)
        kept = nodes.AssignBlock(nodes.Name(name, "store"), None, self._visited(node.body), lineno=node.lineno)
        return [kept, self._output(self.visit(node.filter), start, length)]

    def _visited(self, body: list[nodes.Node]) -> list[nodes.Node]:
        found: list[nodes.Node] = []
        for child in body:
            made = self.visit(child)
            found.extend(made if isinstance(made, list) else [made] if made is not None else [])
        return found

    def _end_of_block(self, start: int, begin: str, end: str) -> int:
        depth = 0
        for at, stop, name in zip(self.tags.starts, self.tags.ends, self.tags.names, strict=False):
            if at >= start:
                depth += (name == begin) - (name == end)
                if depth == 0:
                    return stop
        return len(self.source)

    def _call(self, name: str, line: int, *given: nodes.Expr) -> nodes.Call:
        target = nodes.EnvironmentAttribute(name)
        call = nodes.Call(target, [nodes.Const(self.tags.file), *given], [], None, None)
        call.set_lineno(line)
        return call


def _first(node: nodes.Node) -> int:
    """The smallest place in an expression: that of a filter is behind what it is applied to."""
    found = [inner.lineno for inner in node.find_all(nodes.Node) if inner.lineno is not None]
    return min([node.lineno, *found]) if node.lineno is not None else min(found, default=1)
