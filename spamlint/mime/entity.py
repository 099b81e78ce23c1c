"""The walker: one linear pass over the bytes of a message finds every part, with offsets. Nothing raises."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from spamlint.limits import Limits
from spamlint.mime import declared
from spamlint.mime.block import Block, read_block
from spamlint.mime.defect import Defect
from spamlint.mime.header import Header
from spamlint.mime.part import Part
from spamlint.source import Source, source_text

_MESSAGES = ("message/rfc822", "message/global")
_PREFIX = 70
_LINE_END = re.compile(rb"[\r\n]|\Z")
_BLANK_START = re.compile(
    rb"[\r\n]{1,40}(?=(?:date|from|message-id|mime-version|received|return-path|subject|to):)", re.IGNORECASE
)
_DELIMITER_ANY_LINE_END = re.compile(rb"[\r\n]--")


@dataclass(slots=True, eq=False)
class _Node:
    """A part while it is open. `boundary` is set while delimiters for it are expected."""

    path: str
    leaf_path: str
    start: int
    content_type: str
    headers: tuple[Header, ...]
    headers_end: int
    body_start: int
    defects: list[Defect]
    end: int = 0
    boundary: bytes | None = None
    shadowed: int | None = None
    children: list[_Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Delimiter:
    """A delimiter line: the depth of its multipart, whether it closes it, its start, the start of the next line."""

    level: int
    closes: bool
    start: int
    after: int


def parse(source: Source, limits: Limits) -> Part:
    """The message that `source` holds, as a tree of parts."""
    return _Walk(source, limits).run()


def top_block(source: Source, limits: Limits) -> Block:
    """The header block of the message itself; the rest of it is not read."""
    blank = _BLANK_START.match(source.data)
    return read_block(source, blank.end() if blank else 0, len(source.data), limits, lambda _: False)


class _Walk:
    """The state of one pass: the parts that are open, outermost first, and the boundaries of the multiparts in it."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source = source
        self.data = source.data
        self.stop = min(len(source.data), limits.message)
        self.is_cut = self.stop < len(source.data)
        self.limits = limits
        self.nodes: list[_Node] = []
        self.open: list[_Node] = []
        self.levels: dict[bytes, int] = {}
        self.needle = b"\n--"
        self.position = 0
        self.bare_cr: bool | None = None

    def run(self) -> Part:
        blank = _BLANK_START.match(self.data)
        self._begin(blank.end() if blank else 0)
        if blank:
            self._note(self.nodes[0], "blank-line-before-header", 0)
        if self.is_cut:
            self._note(self.nodes[0], "limit-message", self.stop)
        found = self._next(self.position - 1)
        while found:
            self._end_below(found)
            if found.closes:
                self._close(self.open[found.level])
            else:
                again = self._delimiter(found.after)
                if again:
                    found = again
                    continue
                if len(self.nodes) >= self.limits.parts:
                    self._note(self.nodes[0], "limit-parts", found.after)
                    self.is_cut = True
                    break
                if found.after < self.stop:
                    self._begin(found.after)
                    found = self._next(self.position - 1)
                    continue
            found = self._next(found.after - 1)
        self._end_all()
        return self._tree()

    # ---- opening and closing parts

    def _begin(self, position: int) -> None:
        """Open the part that starts at `position`, and the message inside it where it is one."""
        while True:
            node = self._read(position)
            self.position = node.body_start
            kind, _, _ = node.content_type.partition("/")
            if kind == "multipart":
                self._begin_multipart(node)
                return
            if node.content_type not in _MESSAGES or not self._may_nest(node):
                return
            if len(self.nodes) >= self.limits.parts:
                self._note(node, "limit-parts", node.body_start)
                return
            position = node.body_start

    def _read(self, position: int) -> _Node:
        block = read_block(self.source, position, self.stop, self.limits, self._is_delimiter)
        parent = self.open[-1] if self.open else None
        default = "message/rfc822" if parent and parent.content_type == "multipart/digest" else "text/plain"
        headers = tuple(block.headers)
        content_type = declared.content_type(headers, default, block.defects)
        path, leaf_path = _paths(parent, content_type)
        node = _Node(path, leaf_path, position, content_type, headers, block.end, block.body, block.defects)
        if parent:
            parent.children.append(node)
        self.nodes.append(node)
        self.open.append(node)
        return node

    def _begin_multipart(self, node: _Node) -> None:
        if not declared.is_plain(node.headers):
            self._note(node, "encoded-multipart", node.headers_end)
        boundary = declared.boundary(node.headers, self.limits)
        if not boundary:
            self._note(node, "missing-boundary", node.headers_end)
        elif len(self.open) > self.limits.depth:
            self._note(node, "limit-depth", node.body_start)
        else:
            node.boundary = boundary
            node.shadowed = self.levels.get(boundary)
            self.levels[boundary] = len(self.open) - 1
            self._aim()

    def _may_nest(self, node: _Node) -> bool:
        if not declared.is_plain(node.headers):
            self._note(node, "encoded-message", node.headers_end)
            return False
        if len(self.open) > self.limits.depth:
            self._note(node, "limit-depth", node.body_start)
            return False
        return True

    def _close(self, node: _Node) -> None:
        """Expect no more delimiters for `node`."""
        if node.boundary is None:
            return
        if node.shadowed is None:
            del self.levels[node.boundary]
        else:
            self.levels[node.boundary] = node.shadowed
        node.boundary = None
        self._aim()

    def _end_below(self, found: _Delimiter) -> None:
        """End the parts inside the multipart that the delimiter belongs to."""
        end = self._before_line_end(found.start)
        while len(self.open) > found.level + 1:
            end = self._end(self.open.pop(), end, end)

    def _end_all(self) -> None:
        """End everything where the message ends; the last line end belongs to the delimiter that is missing there."""
        end = self.stop if self.is_cut or not self.levels else self._before_line_end(self.stop)
        while self.open:
            end = self._end(self.open.pop(), end, self.stop)

    def _before_line_end(self, end: int) -> int:
        """`end`, or where the line end right before it starts."""
        if self.data.endswith(b"\r\n", 0, end):
            return end - 2
        return end - 1 if self.data.endswith((b"\r", b"\n"), 0, end) else end

    def _end(self, node: _Node, end: int, missing_at: int) -> int:
        """Set the end of `node`, which contains the parts ended before it, and give it back."""
        node.end = max(end, node.body_start)
        if node.boundary is not None:
            if not (self.is_cut and missing_at == self.stop):
                code = "missing-end-boundary" if node.children else "missing-start-boundary"
                self._note(node, code, max(missing_at, node.body_start))
            self._close(node)
        return node.end

    def _note(self, node: _Node, code: str, at: int) -> None:
        node.defects.append(Defect(code, source_text(self.source, at, at)))

    # ---- delimiters

    def _aim(self) -> None:
        """What every delimiter that counts now starts with."""
        self.needle = b"\n--" + _common_prefix(self.levels)

    def _next(self, position: int) -> _Delimiter | None:
        """The first delimiter whose line starts behind the line end at `position` or later."""
        if not self.levels:
            return None
        if self.bare_cr is None:
            self.bare_cr = b"\r--" in self.data
        at = max(position, 0)
        while True:
            if self.bare_cr:
                match = _DELIMITER_ANY_LINE_END.search(self.data, at, self.stop)
                at = match.start() if match else -1
            else:
                at = self.data.find(self.needle, at, self.stop)
            if at < 0:
                return None
            found = self._delimiter(at + 1)
            if found:
                return found
            at += 3

    def _delimiter(self, start: int) -> _Delimiter | None:
        """The delimiter whose line starts at `start`, if there is one."""
        data = self.data
        if not self.levels or not data.startswith(b"--", start) or start + 2 > self.stop:
            return None
        if self.bare_cr:
            match = _LINE_END.search(data, start, self.stop)
            end = match.start() if match else self.stop
        else:
            end = data.find(b"\n", start, self.stop)
            end = self.stop if end < 0 else end
        line = data[start + 2 : end].rstrip(b" \t\r")
        level = self.levels.get(line)
        closes = False
        if level is None and line.endswith(b"--"):
            level, closes = self.levels.get(line[:-2]), True
        if level is None:
            return None
        after = end + (2 if data.startswith(b"\r\n", end) else 1)
        return _Delimiter(level, closes, start, min(after, self.stop))

    def _is_delimiter(self, start: int) -> bool:
        return self._delimiter(start) is not None

    # ---- the result

    def _tree(self) -> Part:
        parts: dict[int, Part] = {}
        for node in reversed(self.nodes):
            parts[id(node)] = Part(
                self.source,
                path=node.path if node.children else node.leaf_path,
                content_type=node.content_type,
                headers=node.headers,
                start=node.start,
                headers_end=node.headers_end,
                body_start=node.body_start,
                end=node.end,
                children=tuple(parts.pop(id(child)) for child in node.children),
                structure=tuple(node.defects),
                limits=self.limits,
            )
        return parts[id(self.nodes[0])]


def _paths(parent: _Node | None, content_type: str) -> tuple[str, str]:
    """The path of a part, and the one it has if it turns out to be a leaf: a multipart without parts is one."""
    is_multipart = content_type.startswith("multipart/")
    if parent is None:
        return ("" if is_multipart else "1"), "1"
    if parent.content_type in _MESSAGES:
        leaf = f"{parent.path}.1"
        return (parent.path if is_multipart else leaf), leaf
    number = len(parent.children) + 1
    path = f"{parent.path}.{number}" if parent.path else str(number)
    return path, path


def _common_prefix(boundaries: Collection[bytes]) -> bytes:
    if not boundaries:
        return b""
    low, high = min(boundaries)[:_PREFIX], max(boundaries)
    for index, byte in enumerate(low):
        if index == len(high) or high[index] != byte:
            return low[:index]
    return low
