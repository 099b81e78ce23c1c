"""Django's template engine with exact places: each node knows where it stands, and all output where it was written.

Files come from the folders that are given only, and what a tag or value cannot do costs only itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from django.template import Engine, Origin, Template, TemplateDoesNotExist, TemplateSyntaxError
from django.template.base import (
    DebugLexer,
    FilterExpression,
    Node,
    NodeList,
    Parser,
    TextNode,
    Token,
    VariableDoesNotExist,
    VariableNode,
    render_value_in_context,
)
from django.template.context import Context
from django.template.library import Library
from django.template.loaders.base import Loader

from spamlint.source import Source
from spamlint.template.django.notes import FAILURES, NotedError, Notes, OutputTooLongError, UnknownTagError
from spamlint.template.django.pieces import Placed, at, joined, static
from spamlint.template.django.tags import TAGS
from spamlint.template.django.values import fitted, passed
from spamlint.template.files import find_file, template_text
from spamlint.template.outcome import Span
from spamlint.template.runs import Condition

_MIDDLES = ("elif", "else", "empty", "plural")


class PlacedEngine(Engine):  # type: ignore[misc]
    """Django's engine. `libraries` are those that `{% load %}` finds, `builtins` those that are always there."""

    def __init__(
        self, folders: Sequence[Path], notes: Notes, libraries: Mapping[str, str], builtins: Sequence[str] = ()
    ) -> None:
        self.notes = notes
        self.folders = folders
        super().__init__(libraries=dict(libraries), builtins=list(builtins))

    @cached_property
    def template_loaders(self) -> list[Loader]:
        """The one loader."""
        return [_Files(self)]

    def placed(self, name: str, raw: bytes) -> Template:
        """The template `raw`, in the file `name`."""
        (loader,) = self.template_loaders
        path = Path(name).resolve()
        inside = [path.relative_to(root) for folder in self.folders if path.is_relative_to(root := folder.resolve())]
        seen = max(inside, key=lambda one: len(one.parts), default=Path(path.name))
        return PlacedTemplate(self, Origin(str(path), seen.as_posix(), loader), name, raw)


class PlacedTemplate(Template):  # type: ignore[misc]
    """A template that knows its number among the files."""

    def __init__(self, engine: PlacedEngine, origin: Origin, shown: str, raw: bytes) -> None:
        self.file = len(engine.notes.files)
        engine.notes.files.append((shown, raw))
        super().__init__(template_text(Source(shown, raw)).value, origin, origin.template_name, engine)

    def compile_nodelist(self) -> NodeList:
        """The nodes; NotedError where there are none."""
        parser = PlacedParser(self)
        self.extra_data = parser.extra_data
        try:
            return parser.parse()
        except RecursionError:
            raise
        except FAILURES as error:
            self.engine.notes.failed(error, parser.place_of(getattr(error, "token", None)))
            raise NotedError from None


class _Files(Loader):  # type: ignore[misc]
    """Loads what lies inside the folders, symbolic links followed, and nothing else."""

    def __init__(self, engine: PlacedEngine) -> None:
        super().__init__(engine)
        self.known: dict[str, Template] = {}

    def get_template(self, template_name: str, skip: Sequence[Origin] | None = None) -> Template:
        """The template of that name, read once; that of the next folder where one is to be skipped."""
        name = str(template_name)[:]  # a plain string: safe text of Django's is no path
        for folder in self.engine.folders:
            found = find_file(name, [folder])
            if found is None:
                continue
            shown, path = found
            origin = Origin(str(path), name, self)
            if origin in (skip or ()):
                continue
            if str(path) not in self.known:
                self.known[str(path)] = PlacedTemplate(self.engine, origin, shown, _read(path, self.engine.notes.left))
            return self.known[str(path)]
        raise TemplateDoesNotExist(name)


def _read(path: Path, most: int) -> bytes:
    """The bytes of a file; OutputTooLongError where there are more than `most`."""
    with path.open("rb") as file:
        raw = file.read(most + 1)
    if len(raw) > most:
        raise OutputTooLongError
    return raw


class PlacedParser(Parser):  # type: ignore[misc]
    """Django's parser. Each node gets its place: that of its tag, or of its block from beginning to end."""

    def __init__(self, template: PlacedTemplate) -> None:
        self.source = template.source
        self.file = template.file
        self.notes: Notes = template.engine.notes
        self.around: tuple[tuple[Condition, bool], ...] = ()
        """What has to hold for what is read now to be put out."""
        self.read_to = 0
        self.current: Token | None = None
        engine = template.engine
        tokens = DebugLexer(self.source).tokenize()
        super().__init__(tokens, engine.template_libraries, engine.template_builtins, template.origin)

    def add_library(self, lib: Library) -> None:
        """The tags and filters of a library. For tags of Django's own there are those that keep places."""
        super().add_library(lib)
        for name in TAGS.keys() & lib.tags.keys():
            if lib.tags[name].__module__.startswith("django."):
                self.tags[name] = TAGS[name]

    def parse(self, parse_until: Sequence[str] | None = None) -> PlacedNodes:
        """The nodes up to one of these tags."""
        return PlacedNodes(super().parse(parse_until))

    def next_token(self) -> Token:
        """The next token, which is where reading stands."""
        self.current = super().next_token()
        self.read_to = self.current.position[1]
        return self.current

    def extend_nodelist(self, nodelist: NodeList, node: Node, token: Token) -> None:
        """Adds a node with its place."""
        super().extend_nodelist(nodelist, node, token)
        start = token.position[0]
        node.place = (self.file, start, self.read_to - start)

    def place_of(self, token: Token | None) -> Span:
        """The place of a token; of the one that was read last where there is none."""
        token = token or self.current
        if token is None:
            return self.file, 0, 0
        start, end = token.position
        return self.file, start, end - start

    def find_filter(self, filter_name: str) -> Any:
        """The filter of that name; one that is not known lets values through."""
        if filter_name in self.filters:
            return fitted(filter_name, self.filters[filter_name])
        self.notes.note("unknown-filter", filter_name, self.place_of(None))
        return passed

    def invalid_block_tag(self, token: Token, command: str, parse_until: Sequence[str] | None = None) -> None:
        """Told apart: a tag that is not known, and one that does not belong here."""
        if command.startswith("end") or command in _MIDDLES:
            raise self.error(token, TemplateSyntaxError(f"{{% {command} %}} does not belong here"))
        raise self.error(token, UnknownTagError(command))


class PlacedNodes(NodeList):  # type: ignore[misc]
    """Nodes whose output keeps its places; what fails is noted and puts out nothing."""

    def render(self, context: Context) -> Placed:
        """All that they put out."""
        return joined(_put_out(node, context) for node in self)


def _put_out(node: Node, context: Context) -> Placed:
    place: Span = getattr(node, "place", (0, 0, 0))
    if isinstance(node, TextNode):
        if context.template is not None:  # none where a tag renders while it is read
            context.template.engine.notes.grow(len(node.s))
        return static(node.s, place[0], place[1])
    notes: Notes = context.template.engine.notes
    try:
        text = _value(node, context, notes) if isinstance(node, VariableNode) else node.render(context)
    except NotedError:
        return Placed()
    except RecursionError:
        raise  # not caught at each of its levels
    except FAILURES as error:
        notes.failed(error, tag_of(node))
        return Placed()
    made = at(text if isinstance(text, str) else str(text), place)
    if made is not text:
        notes.grow(len(made))
    return made


def _value(node: VariableNode, context: Context, notes: Notes) -> str:
    """The value of an expression as text. One that has none is noted."""
    expression = node.filter_expression
    value = expression.resolve(context)
    if isinstance(value, str) and not value and notes.run.items is None and _is_bare(expression):
        try:
            expression.var.resolve(context)
        except VariableDoesNotExist:
            notes.run.undefined.setdefault(node.place, str(expression.var))
    text: str = render_value_in_context(value, context)
    return text


def _is_bare(expression: FilterExpression) -> bool:
    """Whether this is a name for which nothing stands in where it has no value."""
    return expression.is_var and not any(work.__name__.startswith("default") for work, _ in expression.filters)


def tag_of(node: Node) -> Span:
    """The place of the tag of a node, without the block that it opens."""
    file, start, length = getattr(node, "place", (0, 0, 0))
    token = node.token
    return (file, start, token.position[1] - token.position[0]) if token is not None else (file, start, length)


def deepest(error: BaseException) -> Iterator[Span]:
    """The tags on the way to an error, the outermost first."""
    step = error.__traceback__
    while step is not None:
        node = step.tb_frame.f_locals.get("node") if step.tb_frame.f_code is _put_out.__code__ else None
        if isinstance(node, Node):
            yield tag_of(node)
        step = step.tb_next
