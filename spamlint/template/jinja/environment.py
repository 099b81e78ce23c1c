"""The environment that templates are rendered in: sandboxed, forgiving, and aware of places and branches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import TemplateNotFound, TemplateSyntaxError, Undefined, nodes
from jinja2.lexer import TokenStream
from jinja2.loaders import BaseLoader
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from spamlint.template.files import find_file, template_text
from spamlint.template.jinja.guess import Guess
from spamlint.template.jinja.pieces import Piece, Value, joined, piece
from spamlint.template.jinja.places import Branches, Condition, Tags, Translated, offset_of, parsed, placed_tokens

_EXTENSIONS = ("jinja2.ext.do", "jinja2.ext.loopcontrols", Translated)
_HTML = (".html", ".htm", ".xhtml", ".xml", ".mjml", ".svg")
_TEMPLATES = (".j2", ".jinja", ".jinja2")


@dataclass(slots=True)
class Run:
    """What one rendering is to do, and what it noted."""

    items: int | None = None
    """Length of invented lists; None where nothing is invented."""
    chosen: dict[Condition, bool] = field(default_factory=dict)
    """File and offset of a condition -> the outcome that it is to have."""
    taken: set[tuple[int, int, bool]] = field(default_factory=set)
    """File and offset of each condition that was asked, with its outcome."""
    undefined: dict[tuple[int, int, int], str] = field(default_factory=dict)
    """File, start and length of each expression that had no value, with its name."""
    size: int = 0


class OutputTooLong(Exception):
    """A rendering that is longer than the limit."""


class PlacedEnvironment(SandboxedEnvironment):
    """Jinja2's sandbox; all output is made of pieces with places (see `places`)."""

    concat = staticmethod(joined)

    def __init__(self, folders: Sequence[Path], most: int) -> None:
        self.folders = folders
        self.most = most
        self.run = Run()
        self.raws: list[tuple[str, bytes]] = []
        self.tags: list[Tags] = []
        self.branches = Branches()
        self.skipped: set[Condition] = set()
        self.taken: set[tuple[int, int, bool]] = set()
        self.unknown: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        super().__init__(
            extensions=_EXTENSIONS, loader=_Files(self), autoescape=_escapes, keep_trailing_newline=True, cache_size=400
        )
        self.filters = _Forgiving(self.filters, self.unknown, "filter", lambda value, *_, **__: value)
        self.tests = _Forgiving(self.tests, self.unknown, "test", lambda value, *_, **__: bool(value))
        self.context_class = _context_class(self)
        self.policies["json.dumps_kwargs"] = {"sort_keys": True, "default": str}

    def number_of(self, name: str, raw: bytes | None = None) -> int:
        """The number of a file; a new one where `raw` is given for the first time."""
        if name not in self._numbers:
            self._numbers[name] = len(self.raws)
            self.raws.append((name, raw or b""))
            self.tags.append(Tags(len(self.tags)))
        return self._numbers[name]

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        stream = placed_tokens(self.lexer, source, name, self.tags[self.number_of(name or "")])
        for extension in self.iter_extensions():
            filtered = extension.filter_stream(stream)
            stream = filtered if isinstance(filtered, TokenStream) else TokenStream(filtered, name, None)
        return stream

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        file = self.number_of(name or "")
        self.tags[file] = Tags(file)
        return parsed(self, source, name, self.tags[file], self.branches, self.skipped)

    # What the calls that `places` puts into templates lead to

    def static_piece(self, file: int, start: int, text: str) -> Piece:
        """Static text of a template."""
        self._grow(len(text))
        return piece(text, ((len(text), file, start, len(text)),)) if text else piece("", ())

    def value_piece(self, file: int, start: int, length: int, value: Any) -> Value:
        """The value of an expression."""
        if isinstance(value, Undefined):
            self.run.undefined.setdefault((file, start, length), str(value._undefined_name or ""))
        self._grow(16)
        return Value(value, file, start, length)

    def decide(self, file: int, start: int, outcome: Any) -> bool:
        """The outcome of a condition: as it is, or as this run wants it."""
        found = self.run.chosen.get((file, start), bool(outcome))
        self.run.taken.add((file, start, found))
        return found

    def _grow(self, size: int) -> None:
        self.run.size += size
        if self.run.size > self.most:
            raise OutputTooLong


class _Files(BaseLoader):
    """Loads what lies inside the folders, symbolic links followed, and nothing else."""

    def __init__(self, owner: PlacedEnvironment) -> None:
        self.owner = owner

    def get_source(self, environment: Any, template: str) -> tuple[str, str | None, Callable[[], bool]]:
        """The text of the template of that name."""
        path = find_file(template, self.owner.folders)
        if path is None:
            raise TemplateNotFound(template)
        raw = path.read_bytes()
        self.owner.number_of(template, raw)
        return template_text(template, raw).value, None, lambda: True


class _Forgiving(dict[str, Any]):
    """Filters or tests; one that is not known lets values through, and is noted."""

    def __init__(
        self, known: Mapping[str, Any], unknown: dict[str, str], kind: str, default: Callable[..., Any]
    ) -> None:
        super().__init__(known)
        self._unknown = unknown
        self._kind = kind
        self._default = default

    def __missing__(self, name: str) -> Any:
        self._unknown[name] = self._kind
        return self._default

    def __contains__(self, name: object) -> bool:
        return True

    def get(self, name: str, default: Any = None) -> Any:
        """Always something: what is known, or what lets values through."""
        return self[name]


def _context_class(environment: PlacedEnvironment) -> type[Context]:
    """A context in which names that nobody gave are guessed, where the run wants it."""

    class Guessing(Context):
        def resolve_or_missing(self, key: str) -> Any:
            found = super().resolve_or_missing(key)
            items = environment.run.items
            return Guess(key, items) if items is not None and found is _MISSING else found

    return Guessing


_MISSING = Context.resolve_or_missing.__globals__["missing"]


def _escapes(name: str | None) -> bool:
    """Whether values in a template of that name are escaped: in HTML they are."""
    lower = (name or "").lower()
    for end in _TEMPLATES:
        lower = lower.removesuffix(end)
    return lower.endswith(_HTML) or "." not in lower.rpartition("/")[2]


def place_of_error(error: BaseException, environment: PlacedEnvironment) -> tuple[int, int, int]:
    """File, start and length of the code that an error comes from; a syntax error has its place, others their traceback."""
    if isinstance(error, TemplateSyntaxError):
        file = environment.number_of(error.name or "")
        return file, offset_of(error.lineno), 0
    found = (0, 0, 0)
    step = error.__traceback__
    while step is not None:
        template = step.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            file = environment.number_of(template.name or "")
            start, length = environment.tags[file].around(offset_of(template.get_corresponding_lineno(step.tb_lineno)))
            found = (file, start, length)
        step = step.tb_next
    return found
