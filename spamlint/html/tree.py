"""The parser's tree: built only where it stays small, and reduced to where each element starts and ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from spamlint.html.tags import FORMATTING, MARKERS
from spamlint.limits import Limits

if TYPE_CHECKING:
    from turbohtml import Document as Tree
    from turbohtml import Token

    from spamlint.html.outline import Outline

_ROOTS: Final = frozenset({"html", "body"})
_DEEPEST: Final = 512
"""From this depth on the parser no longer nests elements, so the tree says nothing of them."""


class Node(NamedTuple):
    """An element of the tree that a start tag made."""

    end: int | None
    """Where the end tag that closed it starts."""
    around: int
    """Where the nearest such element around it starts; -1 where there is none."""
    parent: str
    """The name of the element directly around it, which may be implied."""
    foreign: bool
    """Part of an SVG or MathML drawing."""


def is_affordable(outline: Outline, tokens: Callable[[], Iterable[Token]], limits: Limits) -> bool:
    """Whether the tree cannot get much larger than the text. The tokens are read where the outline leaves it open."""
    by_tag, tags = outline.by_tag, 2 * len(outline.starts)
    formatting = sum(len(by_tag.get(tag, ())) for tag in FORMATTING)
    pages = len(by_tag.get("body", ())) + len(by_tag.get("html", ()))
    return (formatting * tags < limits.clones and pages < limits.pages) or _stays_small(tokens(), limits)


def _stays_small(tokens: Iterable[Token], limits: Limits) -> bool:
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
        if clones > limits.clones or roots > limits.pages:
            return False
    return True


def nodes_of(tree: Tree, wanted: Container[tuple[int, int] | None] | None) -> Mapping[int, Node] | None:
    """Offset of the start tag -> the element that it made; None where the text nests too deep for the tree.

    `wanted` holds line and column of the start tags to tell of, and of those of all elements around them; None: all.
    """
    from turbohtml import Namespace

    root = tree.root
    if root is None:
        return {}
    html = Namespace.HTML
    nodes: dict[int, Node] = {}
    known: dict[object, tuple[int, int, str]] = {None: (0, -1, "")}
    """Element -> its depth, its start or that of the nearest one around it that has one, and its name."""
    # A list, since an element is only the same object as long as somebody holds it.
    for element in list(root.iter_elements(include_self=True)):
        position = element.position
        if wanted is not None and position is not None and position not in wanted:
            continue
        depth, around, parent = known.get(element.parent) or known[None]
        if depth >= _DEEPEST:
            return None
        location = element.source_location
        if location is None:
            known[element] = depth + 1, around, element.tag
            continue
        start_tag, end_tag, _ = location
        start = start_tag[2]
        known[element] = depth + 1, start, element.tag
        nodes[start] = Node(end_tag[2] if end_tag else None, around, parent, element.namespace is not html)
    return nodes
