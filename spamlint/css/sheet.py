"""Style sheets: the rules that hold on every screen, found by what the last part of their selectors names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

from spamlint.css.declarations import without_comments

Compound: TypeAlias = tuple[str, str, tuple[str, ...]]
"""Tag ("" for any), id ("" for any) and classes of one part of a selector."""

Weight: TypeAlias = tuple[int, int, int, int]
"""What decides between two rules: ids, classes and tags of the selector, then which one comes later."""


@dataclass(frozen=True, slots=True, eq=False)
class Selector:
    """One selector with the declarations of its rule, which are read when it first fits something."""

    last: Compound
    around: tuple[tuple[Compound, bool], ...]
    """What must stand around, from the inside out; True: directly around."""
    names: frozenset[str]
    """The classes and ids among that."""
    weight: Weight
    block: str


# Beyond this many parts, a selector is no work of a person.
_MOST_PARTS: Final = 20
_LEAF: Final = re.compile(r"([^{}]*+)(?:\{([^{}]*+)\}|([{}]))")
_STRING: Final = re.compile(r"(\"[^\"\\\n{};,]*+\"|'[^'\\\n{};,]*+')|\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'")
"""A string; the first group is one that can stay, since it holds no sign that means something outside."""
_NAME: Final = re.compile(r"[.#]?[\w-]+|\*").fullmatch
_SIMPLE: Final = re.compile(r"([\w-]*+)(?:([.#])([\w-]++))?+(?<=[\w-])").fullmatch
_STATES: Final = frozenset(":[+~>")
"""What makes a selector more than names one inside the other."""
_COMPOUND: Final = re.compile(r"(\*|[\w-]*+)([.#\w-]*+)").fullmatch
_NAMED: Final = re.compile(r"([.#])([\w-]++)")
_NAMES: Final = re.compile(r"[.#=]\s*[\"']?([\w-]+)")
_ON_EVERY_SCREEN: Final = frozenset({"", "all", "screen", "only screen", "only all"})


class Sheet:
    """The rules of all style sheets of one HTML text, each given with its media; `limit` selectors are kept."""

    def __init__(self, sheets: Iterable[tuple[str, str]], limit: int) -> None:
        # "tag", ".class", "#id" or "*" -> order, selector and block of the rules whose last part names it.
        self._by_name: dict[str, list[tuple[int, str, str]]] = {}
        self._read_already: dict[str, list[Selector]] = {}
        self._sometimes: list[str] = []
        self.reached = False
        """Whether the limit was reached; the selectors behind it are not kept."""
        self.is_open = False
        """Whether it takes in other sheets, which are not known."""
        self._count = 0
        self._limit = limit
        for media, text in sheets:
            self._read(text, everywhere=not media or _holds_everywhere(f"@media {media.lower()}"))

    def __bool__(self) -> bool:
        return bool(self._by_name)

    @cached_property
    def sometimes(self) -> frozenset[str]:
        """Classes and ids in the selectors that hold on some screens or in some states only."""
        return frozenset(name for selectors in self._sometimes for name in _NAMES.findall(selectors))

    def _read(self, text: str, *, everywhere: bool) -> None:
        text = without_comments(text)
        if '"' in text or "'" in text:
            text = _STRING.sub(r"\1", text)
        self.is_open = self.is_open or "@import" in text
        # For each open at-rule, whether what it holds counts on every screen.
        open_rules = [everywhere]
        scanner = _LEAF.scanner(text)  # type: ignore[attr-defined]
        for prelude, block, brace in map(re.Match.groups, iter(scanner.match, None)):
            if brace == "}":
                if len(open_rules) > 1:
                    open_rules.pop()
                continue
            selectors = prelude[prelude.rfind(";") + 1 :].strip() if ";" in prelude else prelude.strip()
            if brace == "{":
                open_rules.append(selectors[:1] == "@" and _holds_everywhere(selectors))
            elif selectors[:1] != "@":
                if all(open_rules):
                    self._add(selectors, block)
                else:
                    self._sometimes.append(selectors)

    def _add(self, selectors: str, block: str) -> None:
        if not block or block.isspace():
            return
        if "<!--" in selectors or "-->" in selectors:
            selectors = selectors.replace("<!--", " ").replace("-->", " ")
        for selector in selectors.split(","):
            words = selector.split()
            if not words:
                continue
            if self._count >= self._limit:
                self.reached = True
                return
            last = words[-1]
            if not _NAME(last) or not _STATES.isdisjoint(selector):
                parts = parts_of(selector)
                if parts is None:
                    self._sometimes.append(selector)
                    continue
                tag, id_, classes = parts[0][0]
                last = f"#{id_}" if id_ else f".{classes[0]}" if classes else tag or "*"
            self._count += 1
            self._by_name.setdefault(last, []).append((self._count, selector, block))

    def possible(self, tag: str, id_: str, classes: Iterable[str]) -> list[Selector]:
        """The selectors whose last part names something of an element of that tag, id and classes."""
        names = {tag, "*", f"#{id_}", *(f".{name}" for name in classes)}
        return [found for name in names if name in self._by_name for found in self._named(name)]

    def _named(self, name: str) -> list[Selector]:
        """The selectors whose last part names that, read when they are first asked for."""
        found = self._read_already.get(name)
        if found is None:
            found = self._read_already[name] = [
                _selector(parts, order, block)
                for order, written, block in self._by_name[name]
                if (parts := parts_of(written)) is not None
            ]
        return found


def _selector(parts: list[tuple[Compound, bool]], order: int, block: str) -> Selector:
    ids = sum(bool(part[1]) for part, _ in parts)
    classes = sum(len(part[2]) for part, _ in parts)
    tags = sum(bool(part[0]) for part, _ in parts)
    names = frozenset(name for (_, id_, others), _ in parts[1:] for name in (id_, *others) if name)
    return Selector(parts[0][0], tuple(parts[1:]), names, (ids, classes, tags, order), block)


def fits(part: Compound, tag: str, id_: str, classes: Iterable[str]) -> bool:
    """Whether one part of a selector fits an element."""
    return (
        (not part[0] or part[0] == tag)
        and (not part[1] or part[1] == id_)
        and (not part[2] or set(part[2]).issubset(classes))
    )


def _holds_everywhere(prelude: str) -> bool:
    """Whether an at-rule in lower case holds on every screen: @media without any condition."""
    if not prelude.startswith("@media"):
        return False
    queries = prelude.removeprefix("@media").split(",")
    return any(" ".join(query.split()) in _ON_EVERY_SCREEN for query in queries)


def parts_of(selector: str) -> list[tuple[Compound, bool]] | None:
    """The parts of a selector from the inside out, each with whether it stands directly around the one before.

    None where it has what is not read here: states, attributes, neighbours.
    """
    if ">" in selector:
        selector = selector.replace(">", " > ")
    words = selector.split()
    parts: list[tuple[Compound, bool]] = []
    directly = False
    for word in reversed(words):
        if word == ">":
            if directly or not parts:
                return None
            directly = True
            continue
        part = _compound(word)
        if part is None:
            return None
        parts.append((part, directly))
        directly = False
    return None if directly or not 0 < len(parts) <= _MOST_PARTS else parts


def _compound(word: str) -> Compound | None:
    """Tag, id and classes of one part of a selector."""
    word = word.removesuffix(":link")
    simple = _SIMPLE(word)
    if simple:
        tag, sign, name = simple.groups()
        return tag, name if sign == "#" else "", (name,) if sign == "." else ()
    found = _COMPOUND(word)
    if found is None or not word:
        return None
    ids, classes = "", []
    for sign, name in _NAMED.findall(found[2]):
        if sign == "#":
            ids = name
        else:
            classes.append(name)
    return found[1].removeprefix("*"), ids, tuple(classes)
