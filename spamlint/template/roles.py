"""What each directive of a template does: whether it opens, divides or closes a block, and under which name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from spamlint.template.directives import Directive
from spamlint.template.syntax import Syntax

Role: TypeAlias = Literal["value", "nothing", "open", "middle", "close"]

LONGEST = 2_000
"""Code points of a directive that are looked at."""

_WORD = re.compile(r"[-+~_\s]*([#/^>*=&]?)\s*([>*]?)\s*([\w.@/$-]*)")
_TAG_WORD = re.compile(r"[-+~]?\s*(\w*)\s*(.{0,80})", re.DOTALL)
_RUBY_OPEN = re.compile(r"(?:if|unless|case|while|until|for|begin)\b|.*\bdo(?:\s*\|[^|]*\|)?\s*$", re.DOTALL)
_RUBY_BRACE = re.compile(r"\{\s*(?:\|[^|]*\|)?\s*$")
_RUBY_MIDDLE = re.compile(r"(?:else|elsif|when|in|rescue|ensure)\b")
_RUBY_END = re.compile(r"(?:.*[\s;])?end\b[\s)\]]*$|end\b", re.DOTALL)
_QUOTED = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|//[^\n]*|/\*.*?\*/", re.DOTALL)
_ELEMENT = re.compile(r"(/?)[@#]?([\w.]*)(.*)", re.DOTALL)
_MARK = re.compile(r"\*\|/?(\w+)(?::(\w*))?")


@dataclass(frozen=True, slots=True)
class Part:
    """A directive and what it does. `name` is that of the block."""

    directive: Directive
    role: Role
    name: str = ""


def parts_of(value: str, directives: tuple[Directive, ...], syntax: Syntax) -> tuple[Part, ...]:
    """What each of `directives` does."""
    reader = _READERS[syntax.style]
    ended = _ended_names(value, directives) if syntax.style in ("ended", "elements") else frozenset()
    found = []
    for one in directives:
        if one.kind in ("comment", "raw") or (syntax.style != "marks" and value.startswith("*|", one.start)):
            found.append(Part(one, "value" if one.kind == "value" else "nothing"))
            continue
        inner = value[one.inner_start : min(one.inner_end, one.inner_start + LONGEST)]
        written = value[one.start : min(one.end, one.start + LONGEST)]
        role, name = reader(one.kind, inner, written, syntax, ended)
        found.append(Part(one, role, name))
    return tuple(found)


def _ended_names(value: str, directives: tuple[Directive, ...]) -> frozenset[str]:
    """The names of blocks that some directive closes: what `{% endname %}` stands for is a block, known or not."""
    found = set()
    for one in directives:
        if one.kind == "tag":
            word = _TAG_WORD.match(value[one.inner_start : one.inner_start + 100])
            if word and word[1].startswith("end"):
                found.add(word[1].removeprefix("end"))
            if value.startswith("</", one.start):
                found.add(_element_name(value[one.inner_start : min(one.inner_end, one.inner_start + 100)]))
    return frozenset(found)


_Read: TypeAlias = Callable[[str, str, str, Syntax, frozenset[str]], tuple[Role, str]]


def _ended(kind: str, inner: str, _: str, syntax: Syntax, ended: frozenset[str]) -> tuple[Role, str]:
    """`{% name %} ... {% endname %}`."""
    word = _TAG_WORD.match(inner)
    name, rest = (word[1], word[2].strip()) if word else ("", "")
    if kind == "value":
        return "value", ""
    if name.startswith("end") and name != "end":
        return "close", name.removeprefix("end")
    if name in syntax.middles:
        return "middle", name
    if name in ("set", "block", "assign") and (name in ended or name == "block"):
        # These have a form without an end: {% set a = 1 %}, {% block title "Hello" %}.
        is_short = "=" in rest if name != "block" else re.search(r"^\w+\s+[^\s%+-]", rest) is not None
        is_short = is_short and not rest.endswith(("scoped", "required"))
        return ("nothing", "") if is_short else ("open", name)
    if name in syntax.blocks or name in ended:
        return "open", name
    return ("value" if name in syntax.values else "nothing"), name


def _sections(kind: str, inner: str, _: str, __: Syntax, ___: frozenset[str]) -> tuple[Role, str]:
    """`{{#name}} ... {{else}} ... {{/name}}` and `{{^name}} ... {{/name}}`."""
    word = _WORD.match(inner)
    sign, second, name = (word[1], word[2], word[3]) if word else ("", "", "")
    if sign == "/" or (not sign and name.startswith("/")):
        return "close", name.removeprefix("/")
    if sign in ("#", "^"):
        if not name:
            return "middle", "else"
        if second == "*":  # {{#*inline "name"}} is closed by {{/inline}}
            return "open", name
        return "open", name
    if kind == "value":
        return "value", ""
    return ("middle", "else") if name == "else" else ("nothing", "")


def _end(_kind: str, inner: str, _: str, syntax: Syntax, __: frozenset[str]) -> tuple[Role, str]:
    """Go: `{{if}} ... {{else}} ... {{end}}`."""
    word = _TAG_WORD.match(inner)
    name, rest = (word[1], word[2]) if word else ("", "")
    if name == "end":
        return "close", ""
    if name in syntax.middles:
        return "middle", name
    if name in syntax.blocks:
        return "open", name
    if name in ("template", "break", "continue") or rest.lstrip().startswith((":=", "=")):
        return "nothing", ""
    return ("nothing" if re.match(r"-?\s*\$\w+\s*:?=", inner) else "value"), ""


def _ruby(kind: str, inner: str, _: str, __: Syntax, ___: frozenset[str]) -> tuple[Role, str]:
    """Ruby: `<% if a %> ... <% else %> ... <% end %>`."""
    code = _QUOTED.sub('""', inner).strip().removesuffix("-").strip()
    if _RUBY_MIDDLE.match(code) and not _RUBY_END.match(code):
        return "middle", "else"
    if code.startswith("}"):
        return "close", "{"
    opens = _RUBY_OPEN.match(code) if kind == "tag" else re.match(r".*\bdo(?:\s*\|[^|]*\|)?\s*$", code, re.DOTALL)
    if opens:
        return ("nothing", "") if _RUBY_END.match(code) else ("open", "do" if kind == "value" else code[:12].split()[0])
    if _RUBY_BRACE.search(code):
        return "open", "{"
    if kind == "tag" and _RUBY_END.match(code):
        return "close", ""
    return ("value" if kind == "value" else "nothing"), ""


def _braces(kind: str, inner: str, _: str, __: Syntax, ___: frozenset[str]) -> tuple[Role, str]:
    """JavaScript: `<% if (a) { %> ... <% } else { %> ... <% } %>`."""
    if kind == "value":
        return "value", ""
    depth = lowest = 0
    for sign in re.findall(r"[{}]", _QUOTED.sub("", inner)):
        depth += 1 if sign == "{" else -1
        lowest = min(lowest, depth)
    if lowest < 0:
        return ("middle", "else") if depth == 0 else ("close", "{") if depth < 0 else ("nothing", "")
    return ("open", "{") if depth > 0 else ("nothing", "")


def _element_name(inner: str) -> str:
    found = _ELEMENT.match(inner.lstrip("</"))
    return found[2] if found else ""


def _elements(kind: str, inner: str, written: str, syntax: Syntax, ended: frozenset[str]) -> tuple[Role, str]:
    """FreeMarker: `<#if a> ... <#else> ... </#if>`; `<@name/>` has no end."""
    if kind == "value":
        return "value", ""
    name = _element_name(inner)
    if written.startswith("</"):
        return "close", name
    if written.endswith("/>"):
        return "nothing", ""
    if name in syntax.middles:
        return "middle", name
    if name in ("assign", "local", "global") and "=" in inner:
        return "nothing", ""
    return ("open", name) if name in syntax.blocks or name in ended else ("nothing", "")


def _lines(kind: str, _: str, written: str, syntax: Syntax, __: frozenset[str]) -> tuple[Role, str]:
    """Velocity: `#if(a) ... #else ... #end`."""
    if kind == "value":
        return "value", ""
    name = re.sub(r"[#{}]|\s*\(.*", "", written, flags=re.DOTALL)
    if name == "end":
        return "close", ""
    if name in syntax.middles:
        return "middle", name
    return ("open", name) if name in syntax.blocks else ("nothing", "")


def _marks(kind: str, inner: str, _: str, __: Syntax, ___: frozenset[str]) -> tuple[Role, str]:
    """Mailchimp: `*|IF:NAME|* ... *|ELSE:|* ... *|END:IF|*`."""
    if kind == "value":
        return "value", ""
    found = _MARK.match(inner)
    name, rest = (found[1], found[2] or "") if found else ("", "")
    if name == "END":
        return "close", "IF" if rest in ("IF", "IFNOT", "") else rest
    if name in ("ELSE", "ELSEIF"):
        return "middle", name
    return "open", "IF" if name in ("IF", "IFNOT", "DATE_IF") else name


_READERS: Mapping[str, _Read] = {
    "ended": _ended, "sections": _sections, "end": _end, "ruby": _ruby, "braces": _braces, "elements": _elements,
    "lines": _lines, "marks": _marks,
}  # fmt: skip
