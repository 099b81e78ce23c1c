"""`{% trans %}`: what stands in it is put out as it is, so that it has its places."""

from __future__ import annotations

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser


class Translated(Extension):
    """`{% trans %}` as text in its own language: what stands in it is put out, with its values."""

    tags = {"trans"}  # noqa: RUF012 - as Jinja2 declares it

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        """A `with` of the assignments, and for a plural a condition on the first of them."""
        line = next(parser.stream).lineno
        targets: list[nodes.Expr] = []
        values: list[nodes.Expr] = []
        while parser.stream.current.type != "block_end":
            if targets:
                parser.stream.skip_if("comma")
            if parser.stream.current.type == "string":
                next(parser.stream)  # the context of the translation
                continue
            name = parser.stream.expect("name")
            if parser.stream.skip_if("assign"):
                targets.append(nodes.Name(name.value, "param", lineno=name.lineno))
                values.append(parser.parse_expression())
            elif name.value not in ("trimmed", "notrimmed"):
                targets.append(nodes.Name(name.value, "param", lineno=name.lineno))
                values.append(nodes.Name(name.value, "load", lineno=name.lineno))
        body = parser.parse_statements(("name:pluralize", "name:endtrans"))
        if parser.stream.current.test("name:pluralize"):
            next(parser.stream)
            counted: nodes.Expr = values[0] if values else nodes.Const(2)
            if parser.stream.current.type != "block_end":
                counted = nodes.Name(next(parser.stream).value, "load", lineno=line)
            many = parser.parse_statements(("name:endtrans",))
            one = nodes.Compare(counted, [nodes.Operand("eq", nodes.Const(1))]).set_lineno(line)
            body = [nodes.If(one, body, [], many, lineno=line)]
        next(parser.stream)
        return nodes.With(targets, values, body, lineno=line) if targets else body
