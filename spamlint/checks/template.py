"""Checks on templates: what the template language refuses, and values that end up where they do harm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from spamlint.message import Message
from spamlint.rule import Hit
from spamlint.source import Text

if TYPE_CHECKING:
    from spamlint.template.rendering import Rendering

LINKS = ("a", "area")

_STRAY = re.compile(
    r"\{[ \t]{1,3}[{%][^{}\n]{0,80}(?:[}%]?[ \t]{0,3}\})?"  # { {name}} and { % if name %}
    r"|(?<!\{)\{[ \t]{0,3}[\w.|]{1,80}[ \t]{0,3}\}[ \t]{0,3}\}"  # {name}} and {name} }
    r"|(?<![{\w])%[ \t]{0,3}[a-z]{2,12}[^{}%\n]{0,80}%\}"  # % if name %}
)
_SIGNS_OF_STRAYS = ("{ ", "{\t", "} ", "}\t", "}}", "%}")
"""Without any of these there is none; most mail has none."""
_SAFE = re.compile(r"\|\s*safe\b")
_AUTOESCAPE = re.compile(r"\{%[-+]?\s*(?:(?P<off>autoescape\s+false)|(?P<end>endautoescape))\b", re.IGNORECASE)
_NO_CONTENT = ("style", "script", "title")
"""Elements whose braces are not shown."""


def problem(message: Message, *, codes: tuple[str, ...] = ()) -> Iterator[Hit]:
    """Each problem of the template with one of these codes."""
    if message.template is not None:
        for found in message.template.problems:
            if found.code in codes:
                yield Hit(found.text, {"detail": found.detail or found.text.value, "code": found.code})


def stray_brace(message: Message) -> Iterator[Hit]:
    """Tags with a blank or a brace too much or too few, which go out as text; in the text and in attributes."""
    if message.template is None or not any(sign in message.template.text.value for sign in _SIGNS_OF_STRAYS):
        return
    for text in message.body:
        yield from _strays(text)
    for document in message.documents:
        for element in document.elements:
            for name, value in element.attrs.items():
                if name != "style" and ("}" in value or "{" in value):
                    attribute = element.attribute(name)
                    if attribute is not None:
                        yield from _strays(attribute)


def _strays(text: Text) -> Iterator[Hit]:
    if "}" in text.value:
        for found in _STRAY.finditer(text.value):
            yield Hit(text[slice(*found.span())])


def unescaped_attribute(message: Message) -> Iterator[Hit]:
    """Each expression inside an attribute whose value is not escaped: marked safe, or where escaping is off."""
    for template, name, value in _values_in_attributes(message):
        written = template.written(value)
        if _SAFE.search(written.value) or _is_unescaped(template, written):
            yield Hit(written, {"name": name, "expression": written.value})


def variable_alone_in_href(message: Message) -> Iterator[Hit]:
    """The expression of each link whose whole address is one value."""
    template = message.template
    if template is None:
        return
    for document in message.documents:
        for element in document.all(*LINKS):
            address = element.attribute("href")
            if address is None or not address.lies_in(template.text):
                continue
            values, has_more = template.values_in(address)
            if values and not has_more:
                places = {template.written(value).span for value in values}
                if len(places) == 1:
                    yield Hit(template.written(values[0]), {"expression": template.written(values[0]).value})


def _values_in_attributes(message: Message) -> Iterator[tuple[Rendering, str, Text]]:
    """Each value that stands in an attribute, with the name of the attribute, where some values are not escaped."""
    template = message.template
    if template is None or not any(
        _SAFE.search(file.value) or _AUTOESCAPE.search(file.value) for file in template.files
    ):
        return
    for document in message.documents:
        for element in document.elements:
            for name in element.attrs:
                text = element.attribute(name)
                if text is not None and text.value and text.lies_in(template.text):
                    for value in template.values_in(text)[0]:
                        yield template, name, value


def _is_unescaped(template: Rendering, written: Text) -> bool:
    """Whether an expression stands in a block in which escaping is switched off."""
    for file in template.files:
        if written.lies_in(file):
            start, _ = written.range_in(file)
            before = list(_AUTOESCAPE.finditer(file.value, 0, start))
            return bool(before) and before[-1]["off"] is not None
    return False
