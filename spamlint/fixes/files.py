"""The files that a draft is made of, as fixes write into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from spamlint.fixes.template_code import TemplateCode
from spamlint.message import Message
from spamlint.mime import draft_codec
from spamlint.source import Source
from spamlint.template.rendering import Rendering


@dataclass(frozen=True, eq=False)
class File:
    """One file: its bytes, how they are read, and the template code in them."""

    source: Source
    is_read_as_template: bool = False
    """Whether its code was rendered or masked before anything else was read."""

    @cached_property
    def codec(self) -> str:
        """The codec by which the file is read."""
        return draft_codec(self.source.data)

    @cached_property
    def code(self) -> TemplateCode:
        """The template code in the file."""
        return TemplateCode(self.source, is_read_as_template=self.is_read_as_template)


class Files:
    """The files of one draft: its own, those that its template includes, and the others of the same mail."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._files: dict[int, File] = {}
        for message in messages:
            for source in _sources(message):
                self._files.setdefault(id(source), File(source, message.template is not None))

    def of(self, source: Source) -> File | None:
        """The file with that content; None where it is none: the subject that a command line gives."""
        return self._files.get(id(source))

    def named(self, name: str) -> File:
        """The file of that name."""
        return next(file for file in self._files.values() if file.source.name == name)

    @property
    def data(self) -> Mapping[str, bytes]:
        """The bytes of each file, by name."""
        return {file.source.name: file.source.data for file in self._files.values()}

    @property
    def translates(self) -> bool:
        """Whether code in any of them shows text in a language that the files do not tell."""
        return any(file.code.translates for file in self._files.values())

    @property
    def builds(self) -> bool:
        """Whether code in any of them may add tags or leave them out."""
        return any(file.code.builds for file in self._files.values())


def _sources(message: Message) -> Iterator[Source]:
    yield message.source
    if message.template is not None:
        yield from _included(message.template)
        return
    for part in message.leaves:
        yield part.text[:0].span.source


def _included(template: Rendering) -> Iterator[Source]:
    # Only what the renderer can be given anew is written: Django reads what it includes from the disk.
    for text in template.files if template.language == "jinja2" else template.files[:1]:
        yield text[:0].span.source  # the text of a companion lies behind that of the main file
    for one in template.companions:
        yield from _included(one)
