"""The environment that templates are rendered in: sandboxed, forgiving, and aware of places and branches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Sized
from pathlib import Path
from typing import Any

from jinja2 import Template, TemplateError, TemplateNotFound, TemplateSyntaxError, Undefined, nodes
from jinja2.lexer import TokenStream
from jinja2.loaders import BaseLoader
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from spamlint.source import Source
from spamlint.template.files import find_file, template_text
from spamlint.template.jinja.code import PlacedCode
from spamlint.template.jinja.guess import Guess
from spamlint.template.jinja.pieces import Piece, Value, joined, piece
from spamlint.template.jinja.places import Tags, offset_of, parsed, placed_tokens
from spamlint.template.jinja.translated import Translated
from spamlint.template.outcome import Span, Trouble
from spamlint.template.runs import Branches, Condition, Run

_EXTENSIONS = ("jinja2.ext.do", "jinja2.ext.loopcontrols", Translated)
_HTML = (".html", ".htm", ".xhtml", ".xml", ".mjml", ".svg")
_TEMPLATES = (".j2", ".jinja", ".jinja2")

FAILURES = (
    TemplateError, ArithmeticError, AssertionError, AttributeError, LookupError, NameError, RuntimeError, SyntaxError,
    TypeError, ValueError,
)  # fmt: skip
"""What the code of a template can raise."""


class OutputTooLongError(Exception):
    """The renderings together are longer than the limit."""


class PlacedEnvironment(SandboxedEnvironment):
    """Jinja2's sandbox; all output is made of pieces with places (see `places`)."""

    concat = staticmethod(joined)
    code_generator_class = PlacedCode
    failures = FAILURES

    def __init__(self, folders: Sequence[Path], most: int, newer: Mapping[str, bytes]) -> None:
        self.folders = folders
        self.newer = newer
        self.left = most
        self.run = Run()
        self.troubles: dict[Trouble, None] = {}
        self.raws: list[tuple[str, bytes]] = []
        self.tags: list[Tags] = []
        self.branches = Branches()
        self.skipped: set[Condition] = set()
        self._template: Template | None = None
        self._numbers: dict[str, int] = {}
        super().__init__(
            extensions=_EXTENSIONS,
            loader=_Files(self),
            autoescape=_escapes,
            keep_trailing_newline=True,
            cache_size=400,
            optimized=False,
        )
        self.filters = _Forgiving(self.filters, lambda value, *_, **__: value)
        self.tests = _Forgiving(self.tests, lambda value, *_, **__: bool(value))
        self.context_class = _context_class(self)
        self.policies["json.dumps_kwargs"] = {"sort_keys": True, "default": str}

    def number_of(self, name: str, shown: str = "", raw: bytes = b"") -> int:
        """The number of a template; a new one for a name that is new, with the name of its file and its bytes."""
        if name not in self._numbers:
            self._numbers[name] = len(self.raws)
            self.raws.append((shown or name, raw))
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
        return parsed(self, source, name, self.tags[file], self.branches)

    def compiled(self, name: str, source: str) -> Template:
        """The template as it is now, without what is skipped; compiled once."""
        if self._template is None:
            code = self.compile(source, name, name)
            self._template = Template.from_code(self, code, self.make_globals(None))
        return self._template

    def note(self, code: str, words: str, place: Span) -> bool:
        """Keeps what is wrong; True where it is known already."""
        trouble = Trouble(code, words, place)
        known = trouble in self.troubles
        self.troubles[trouble] = None
        return known

    def skip(self, place: Span) -> bool:
        """Leaves out the tag at that place from now on; False where that is no help."""
        if place[:2] in self.skipped or not place[2]:
            return False
        self.skipped.add(place[:2])
        self._template = None
        if self.cache is not None:
            self.cache.clear()
        return True

    def place_of(self, error: BaseException) -> Span:
        """The code that an error comes from: a syntax error has its place, others their traceback."""
        if isinstance(error, TemplateSyntaxError):
            file = self.number_of(error.name or "")
            at_end = str(error.message).startswith("Unexpected end of template")
            return (file, *self.tags[file].broken(offset_of(error.lineno), at_end=at_end))
        found = (0, 0, 0)
        step = error.__traceback__
        while step is not None:
            template = step.tb_frame.f_globals.get("__jinja_template__")
            if template is not None:
                file = self.number_of(template.name or "")
                line = template.get_corresponding_lineno(step.tb_lineno)
                found = (file, *self.tags[file].around(offset_of(line)))
            step = step.tb_next
        return found

    def call(self, context: Context, function: Any, /, *given: Any, **named: Any) -> Any:
        """What a function gives. Methods of text take invented values as text."""
        if isinstance(getattr(function, "__self__", None), str):
            as_list = getattr(function, "__name__", "") == "join"
            given = tuple(_as_text(value, as_list=as_list) for value in given)
        return super().call(context, function, *given, **named)

    # What the code of templates calls

    def failed(self, error: Exception, place: Span) -> None:
        """An expression that failed. Endless recursion is not caught at each of its levels."""
        if isinstance(error, RecursionError):
            raise error
        self.note(*code_and_words(error), place)

    def static_piece(self, file: int, start: int, text: str) -> Piece:
        """Static text of a template."""
        self.grow(len(text))
        return piece(text, ((len(text), file, start, len(text)),)) if text else piece("", ())

    def value_piece(self, file: int, start: int, length: int, value: Any) -> Value:
        """The value of an expression."""
        if isinstance(value, Undefined):
            self.run.undefined.setdefault((file, start, length), str(value._undefined_name or ""))
        return Value(value, file, start, length, self.grow)

    def decide(self, file: int, start: int, outcome: Any) -> bool:
        """The outcome of a condition: as it is, or as this run wants it."""
        return self.run.decide((file, start), bool(outcome))

    def loop_over(self, file: int, start: int, items: Any) -> Any:
        """What a loop goes through: as it is, or nothing where this run wants that."""
        if isinstance(items, Undefined):
            place = (file, *self.tags[file].around(start))
            self.run.undefined.setdefault(place, str(items._undefined_name or ""))
        if not isinstance(items, Sized | Undefined):
            items = list(items)
        if not self.run.chosen.get((file, start), True):
            items = ()
        self.run.taken.add((file, start, bool(items)))
        return items

    def grow(self, size: int) -> None:
        """Counts what is put out; OutputTooLongError where it is too much."""
        self.left -= size + 1
        if self.left < 0:
            raise OutputTooLongError


class _Files(BaseLoader):
    """Loads what lies inside the folders, symbolic links followed, and nothing else."""

    def __init__(self, owner: PlacedEnvironment) -> None:
        self.owner = owner

    def get_source(self, environment: Any, template: str) -> tuple[str, str | None, Callable[[], bool]]:
        """The text of the template of that name."""
        found = find_file(template, self.owner.folders)
        if found is None:
            raise TemplateNotFound(template)
        shown, path = found
        newer = self.owner.newer.get(str(path))
        raw = _read(path, self.owner.left) if newer is None else newer
        self.owner.number_of(template, shown, raw)
        return template_text(Source(template, raw)).value, None, lambda: True


def _read(path: Path, most: int) -> bytes:
    """The bytes of a file; OutputTooLongError where there are more than `most`."""
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise TemplateNotFound(path.name, f"{path.name}: {error.strerror}") from None
    if len(raw) > most:
        raise OutputTooLongError
    return raw


class _Forgiving(dict[str, Any]):
    """Filters or tests; one that is not known lets values through. `places` notes it."""

    def __init__(self, known: Mapping[str, Any], default: Callable[..., Any]) -> None:
        super().__init__(known)
        self._default = default

    def __missing__(self, name: str) -> Any:
        return self._default

    def __contains__(self, name: object) -> bool:
        return True

    def get(self, name: str, default: Any = None) -> Any:
        """Always something: what is known, or what lets values through."""
        return self[name]


def _as_text(value: Any, *, as_list: bool) -> Any:
    """An invented value as text, or as a list of it, and those in a list too; others as they are."""
    if isinstance(value, Guess) and not as_list:
        return str(value)
    if isinstance(value, Guess | list | tuple):
        return [str(item) if isinstance(item, Guess) else item for item in value]
    return value


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


def code_and_words(error: BaseException) -> tuple[str, str]:
    """What kind of trouble an error is, and what it says."""
    if isinstance(error, TemplateSyntaxError):
        return "template-syntax", str(error.message)
    if isinstance(error, TemplateNotFound):
        return "missing-include", str(error.name)
    return "template-failed", str(error) or type(error).__name__
