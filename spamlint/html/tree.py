"""The parser's tree: built only where it stays small, and reduced to where each element starts and ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spamlint.html.tags import FORMATTING, MARKERS

if TYPE_CHECKING:
    from turbohtml import Document as Tree
    from turbohtml import Token

_ROOTS: Final = frozenset({"html", "body"})
_MOST_CLONES: Final = 500_000
_MOST_ROOTS: Final = 100
_DEEPEST: Final = 512
"""From this depth on the parser no longer nests elements, so the tree says nothing of them."""


@dataclass(frozen=True, slots=True)
class Node:
    """An element of the tree that a start tag made."""

    end: int | None
    """Where the end tag that closed it starts."""
    around: int
    """Where the nearest such element around it starts; -1 where there is none."""
    parent: str
    """The name of the element directly around it, which may be implied."""
    foreign: bool
    """Part of an SVG or MathML drawing."""


def is_affordable(tokens: Iterable[Token]) -> bool:
    """Whether the tree of `tokens` cannot get much larger than they are.

    A formatting element that is not closed is made again in every block that follows, so that the tree can grow with
    the square of the text. This counts the most that this can come to; a cell hides those outside it.
    """
    from turbohtml import TokenType

    scopes: list[Counter[str]] = []
    here: Counter[str] = Counter()
    open_here = open_outside = clones = roots = 0
    for token in tokens:
        tag = token.tag
        if tag is None:
            continue
        starts = token.type is TokenType.START_TAG
        if tag in FORMATTING:
            if starts or here[tag]:
                here[tag] += 1 if starts else -1
                open_here += 1 if starts else -1
            continue
        clones += open_here + open_outside
        if tag in MARKERS:
            if starts:
                scopes.append(here)
                open_outside += open_here
                here, open_here = Counter(), 0
            elif scopes:
                here = scopes.pop()
                open_here = here.total()
                open_outside -= open_here
        roots += starts and tag in _ROOTS
        if clones > _MOST_CLONES or roots > _MOST_ROOTS:
            return False
    return True


def nodes_of(tree: Tree) -> Mapping[int, Node] | None:
    """Offset of the start tag -> the element that it made; None where the text nests too deep for the tree."""
    from turbohtml import Element, Namespace

    root = tree.root
    if root is None:
        return {}
    nodes: dict[int, Node] = {}
    nearest: dict[object, int] = {}
    depths: dict[object, int] = {}
    # A list, since an element is only the same object as long as somebody holds it.
    for element in list(root.iter_elements(include_self=True)):
        parent = element.parent
        around = nearest.get(parent, -1)
        depths[element] = depth = depths.get(parent, 0) + 1
        if depth >= _DEEPEST:
            return None
        location = element.source_location
        if location is None:
            nearest[element] = around
            continue
        nearest[element] = start = location.start_tag.start_offset
        end = location.end_tag.start_offset if location.end_tag else None
        name = parent.tag if isinstance(parent, Element) else ""
        nodes[start] = Node(end, around, name, element.namespace is not Namespace.HTML)
    return nodes
