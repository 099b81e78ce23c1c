"""Checks on templates: what the template language refuses, and values that end up where they do harm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from spamlint.message import Message
from spamlint.rule import Hit
from spamlint.source import Text
from spamlint.template.names import is_known_word, names_in

if TYPE_CHECKING:
    from spamlint.template.rendering import Rendering

LINKS = ("a", "area")

_STRAY = re.compile(
    r"\{[ \t]{1,3}[{%][^{}\n]{0,80}(?:[}%]?[ \t]{0,3}\})?"  # { {name}} and { % if name %}
    r"|(?<!\{)\{[ \t]{0,3}[\w.|]{1,80}[ \t]{0,3}\}[ \t]{0,3}\}"  # {name}} and {name} }
    r"|(?<![{\w])%[ \t]{0,3}[a-z]{2,12}[^{}%\n]{0,80}%\}"  # % if name %}
)
_ANGLES = re.compile(r"<[ \t]{0,2}%[=-]?[ \t]{0,3}@?[\w.]{1,80}[ \t]{0,3}-?%[ \t]{0,2}>")
_MORE_STRAYS = {
    "erb": _ANGLES,
    "ejs": _ANGLES,
    "merge-tags": re.compile(
        r"\*[ \t]?\|[ \t]?[A-Z][A-Z0-9_]{1,40}[ \t]?\|[ \t]?\*|\|\*[ \t]?[A-Z][A-Z0-9_]{1,40}[ \t]?\*\|"
        r"|\*\|[A-Z][A-Z0-9_]{1,40}(?:\||\*)(?![*|])|(?<!\*)\|[A-Z][A-Z0-9_]{1,40}\|\*"
    ),
}
"""Language -> its tags with a blank or a sign too much or too few."""
_SPLIT = re.compile(r"\{\{[ \t]{0,3}[\w.]{1,80}[ \t]{0,3}\}\}")
_SIGNS_OF_STRAYS = ("{ ", "{\t", "} ", "}\t", "}}", "%}", "< %", "% >", "%&gt;", "|*", "*|")
"""Without any of these there is none; most mail has none."""
_UNSUBSCRIBE = re.compile(r"unsub", re.IGNORECASE)
_MADE = re.compile(r"\w\s*\(|[\"'][^\"']*/|^\{%|^\*\|\w+:|unsub|^<%=?-?\s*\w+_(?:url|path)\b", re.IGNORECASE)
"""An address that is made: by a function, of a piece of one, by a tag of its own."""
_PIPED = re.compile(r"\|\s*(?:safe|safeseq|raw|html_safe)\b")
_SAFE = {
    "erb": re.compile(r"<%==|<%=-?\s*raw[\s(]|\.html_safe\b"),
    "ejs": re.compile(r"<%-"),
    "freemarker": re.compile(r"\?no_?esc\b"),
    "go": re.compile(r"\bsafe_?(?:HTML|HTMLAttr|URL|Html|Url)\b"),
    "handlebars": re.compile(r"\{\{~?\s*[{&]"),
}
"""Language -> how a value says that it is to be put out as it is; `_PIPED` in all others."""
_AUTOESCAPE = re.compile(
    r"\{%[-+]?\s*(?:(?P<off>autoescape\s+(?:false|off))|(?P<end>endautoescape|autoescape\s+(?:true|on)))\b",
    re.IGNORECASE,
)
_NO_CONTENT = ("style", "script", "title")
"""Elements whose braces are not shown."""


def problem(message: Message, *, codes: tuple[str, ...] = ()) -> Iterator[Hit]:
    """Each problem of the template with one of these codes."""
    if message.template is not None:
        for found in message.template.problems:
            if found.code in codes:
                detail = found.detail or found.text.value
                yield Hit(found.text, {"detail": detail, "code": found.code}, group=detail)


def stray_brace(message: Message) -> Iterator[Hit]:
    """Tags with a blank or a brace too much or too few, which go out as text; in the text and in attributes."""
    if message.template is None or not any(sign in message.template.text.value for sign in _SIGNS_OF_STRAYS):
        return
    more = _MORE_STRAYS.get(message.template.language)
    for text in message.body:
        yield from _strays(text, more)
        for found in _SPLIT.finditer(text.value) if "{{" in text.value else ():
            whole = text[slice(*found.span())]
            if b"<" in whole.span.raw:  # {<b>{name}}</b>
                yield Hit(whole)
    for document in message.documents:
        for element in document.elements:
            for name, value in element.attrs.items():
                if name != "style" and any(sign in value for sign in "}{%*"):
                    attribute = element.attribute(name)
                    if attribute is not None:
                        yield from _strays(attribute, more)


def _strays(text: Text, more: re.Pattern[str] | None) -> Iterator[Hit]:
    if "}" in text.value:
        for found in _STRAY.finditer(text.value):
            yield Hit(text[slice(*found.span())])
    if more is not None:
        for found in more.finditer(text.value):
            yield Hit(text[slice(*found.span())])


def unescaped_attribute(message: Message) -> Iterator[Hit]:
    """Each expression inside an attribute whose value is not escaped: marked safe, or where escaping is off."""
    for template, name, value in _values_in_attributes(message):
        written = template.written(value)
        safe = _SAFE.get(template.language, _PIPED)
        if not safe.search(written.value) and not _is_unescaped(template, written):
            continue
        if _UNSUBSCRIBE.search(written.value) is None:  # services ask for {{{unsubscribe}}}
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
                written = template.written(values[0])
                if len({template.written(value).span for value in values}) == 1 and _is_the_authors(written.value):
                    yield Hit(written, {"expression": written.value})


def _is_the_authors(written: str) -> bool:
    """Whether an address comes of a value of the program: not of a function that makes it, of words with a path in
    them, or of the mail service itself."""
    if _MADE.search(written):
        return False
    return not any(is_known_word(name) for name in names_in(written.strip("{}%|*[]<>=-~ ")))


def _values_in_attributes(message: Message) -> Iterator[tuple[Rendering, str, Text]]:
    """Each value that stands in an attribute, with the name of the attribute, where some values are not escaped."""
    template = message.template
    if template is None:
        return
    safe = _SAFE.get(template.language, _PIPED)
    if not any(safe.search(file.value) or _AUTOESCAPE.search(file.value) for file in template.files):
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
