"""What is noted while one template is rendered: its files, what is wrong with them, and how much was put out."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist, SuspiciousOperation, ValidationError
from django.db import Error
from django.template import TemplateDoesNotExist, TemplateSyntaxError, VariableDoesNotExist
from django.urls import NoReverseMatch

from spamlint.template.outcome import Span, Trouble
from spamlint.template.runs import Branches, Condition, Run

FAILURES = (
    ArithmeticError, AssertionError, AttributeError, ImportError, LookupError, NameError, OSError, RuntimeError,
    SyntaxError, TypeError, ValueError, Error, ImproperlyConfigured, NoReverseMatch, ObjectDoesNotExist,
    SuspiciousOperation, TemplateDoesNotExist, TemplateSyntaxError, ValidationError, VariableDoesNotExist,
)  # fmt: skip
"""What a tag or a filter can raise."""


class OutputTooLongError(Exception):
    """The renderings together are longer than the limit."""


class NotedError(Exception):
    """A template cannot be read, and that is noted."""


class UnknownTagError(TemplateSyntaxError):  # type: ignore[misc]
    """A tag that Django does not have."""


@dataclass(slots=True)
class Notes:
    """Everything about one template and the files that it includes."""

    left: int
    """Code points that may be put out."""
    project: bool = False
    """Whether the code of a project takes part."""
    run: Run = field(default_factory=Run)
    branches: Branches = field(default_factory=Branches)
    troubles: dict[Trouble, None] = field(default_factory=dict)
    files: list[tuple[str, bytes]] = field(default_factory=list)
    tags: dict[Condition, int] = field(default_factory=dict)
    """File and offset of a tag with a condition -> its length."""

    def grow(self, size: int) -> None:
        """Counts what is put out; OutputTooLongError where it is too much."""
        self.left -= size + 1
        if self.left < 0:
            raise OutputTooLongError

    def note(self, code: str, words: str, place: Span) -> None:
        """Keeps what is wrong."""
        self.troubles[Trouble(code, words, place)] = None

    def failed(self, error: BaseException, place: Span) -> None:
        """Keeps what an error says."""
        if isinstance(error, TemplateDoesNotExist):
            self.note("missing-include", str(error.args[0] if error.args else ""), place)
        elif isinstance(error, UnknownTagError):
            self.note("unknown-tag", str(error), place)
        elif isinstance(error, TemplateSyntaxError):
            self.note("template-syntax", str(error), place)
        else:
            self.note("template-failed", str(error) or type(error).__name__, place)

    def condition(self, place: Span, around: tuple[tuple[Condition, bool], ...]) -> Condition:
        """A condition in the tag at `place`, which is asked where `around` holds."""
        found = place[:2]
        self.branches.needs.setdefault(found, around)
        self.tags[found] = place[2]
        return found
