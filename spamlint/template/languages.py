"""Which template language a file is in: by the end of its name, else by what only that language writes."""

from __future__ import annotations

import re
from dataclasses import dataclass

NONE = "none"
"""What a person says for a file that is no template, whatever it looks like."""


@dataclass(frozen=True, slots=True)
class Language:
    """A template language: how its files are named, and a pattern for what tells it from the others."""

    name: str
    suffixes: tuple[str, ...]
    signs: str


LANGUAGES = (
    Language("erb", (".erb", ".ejs"), r"<%[=\-#]?\s"),
    Language("mjml", (".mjml",), r"<mjml[\s>]"),
    Language("handlebars", (".hbs", ".handlebars", ".mustache"), r"\{\{(?:\{|[#/^>!&]|else\b)"),
    Language("go", (".gohtml", ".gotmpl"), r"\{\{-?\s*(?:\.|\$|(?:end|define|template|range|with|if)\b)"),
    Language(
        "django",
        (),
        r"\{%\s*(?:load|url|static|csrf_token|blocktrans|blocktranslate|translate|trans\s*['\"]|now|comment|empty"
        r"|ifequal|firstof|cycle|spaceless|autoescape\s+o)\b|\{[{%][^}\n]{0,200}\|\w+:['\"\w]",
    ),
    Language(
        "liquid",
        (".liquid",),
        r"\{%-?\s*(?:assign|unless|case|when|capture|liquid|render)\b|\{[{%][^}\n]{0,200}\|\s*\w+:\s",
    ),
    Language("jinja2", (".j2", ".jinja", ".jinja2"), r"\{\{[-+]?\s*[\w\"'(\[~]|\{%[-+]?\s*\w"),
)
"""In the order in which they are looked for: what several languages write stands last."""

RENDERED = ("jinja2",)
"""Those that are rendered, and can be asked for."""
SUFFIXES = tuple(suffix for language in LANGUAGES if language.name in RENDERED for suffix in language.suffixes)
"""Ends of the names of files that are templates, whatever is in them."""

_HTML = re.compile(r"<(?:!doctype|!--|[a-z][a-z0-9]*[\s/>])", re.IGNORECASE)
_TYPES = {".html": "text/html", ".htm": "text/html", ".xhtml": "text/html", ".txt": "text/plain", ".text": "text/plain"}


def language_of(name: str, text: str) -> str | None:
    """The template language of a file, None for what is no template: one of `LANGUAGES`."""
    lower = name.lower()
    for language in LANGUAGES:
        if lower.endswith(language.suffixes):
            return language.name
    if "{{" not in text and "{%" not in text and "<" not in text:
        return None
    return next((language.name for language in LANGUAGES if re.search(language.signs, text)), None)


def content_type_of(name: str, text: str) -> str:
    """What a template makes: as its name says without the end for the language, else by what it holds."""
    lower = name.lower()
    for suffix in SUFFIXES:
        lower = lower.removesuffix(suffix)
    known = next((kind for suffix, kind in _TYPES.items() if lower.endswith(suffix)), None)
    return known or ("text/html" if _HTML.search(text) else "text/plain")
