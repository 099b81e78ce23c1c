"""Which template language a file is in: by the end of its name, else by what only that language writes."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

NONE: Final = "none"
"""What a person says for a file that is no template, whatever it looks like."""
RENDERED: Final = ("jinja2",)
"""Those that are rendered; all others are masked."""


class Language(NamedTuple):
    """A template language: how its files are named, and the patterns that tell it, each with its weight."""

    name: str
    suffixes: tuple[str, ...]
    signs: tuple[tuple[int, str], ...]


_PIPE = r"\{[{%][^}\n]{0,200}\|"

LANGUAGES: Final = (
    Language("mjml", (".mjml",), ((100, r"<mjml[\s>]"),)),
    Language(
        "freemarker",
        (".ftl", ".ftlh"),
        ((20, r"</?#(?:if|elseif|list|assign|macro|include|function|import|ftl)\b"), (10, r"<@\w"), (1, r"\$\{")),
    ),
    Language(
        "velocity",
        (".vm", ".vtl"),
        ((20, r"(?m)^\s*#(?:foreach|set|parse|macro|if|elseif)\s*\("), (8, r"\$!\{?[a-z]\w*"), (3, r"(?m)#end\s*$")),
    ),
    Language(
        "ejs",
        (".ejs",),
        ((20, r"<%[-_]?\s*\}"), (20, r"\{\s*[-_]?%>"), (12, r"<%-\s*[\w.]+\(?[^%\n]*(?<!-)%>"), (4, r"<%=")),
    ),
    Language(
        "erb",
        (".erb", ".rhtml"),
        (
            (20, r"<%-?\s*(?:end|elsif|unless)\b"),
            (12, r"<%=?\s*@\w"),
            (8, r"<%[^%\n]*(?::\w+\s*=>|\bdo\b)"),
            (5, r"<%"),
        ),
    ),
    Language(
        "handlebars",
        (".hbs", ".handlebars", ".mustache"),
        (
            (12, r"\{\{~?[#/^]\s*[*>]?\s*[\w@.]"),
            (12, r"\{\{~?>\s*[\w.\"'(]"),
            (8, r"\{\{\{"),
            (5, r"\{\{~?else\b"),
            (5, r"\{\{!(?:--|\s)"),
        ),
    ),
    Language(
        "go",
        (".gohtml", ".gotmpl", ".tmpl"),
        (
            (12, r"\{\{-?\s*(?:\.[A-Z]\w*|\.\s*(?:\}|\|)|\$\w*\.?\w*\s)"),
            (12, r"\{\{-?\s*(?:range|define|template|with|if)\s"),
            (3, r"\{\{-?\s*end\s*-?\}\}"),
            (5, r"\{\{(?:- )?/\*"),
        ),
    ),
    Language(
        "django",
        (),
        (
            (
                12,
                (
                    r"\{%\s*(?:load|static|csrf_token|blocktrans|blocktranslate|translate|trans\s+['\"_]|now|ifequal"
                    r"|firstof|spaceless|autoescape\s+o|comment|empty)\b"
                ),
            ),
            (12, r"\{%\s*url\s+['\"]"),
            (10, _PIPE + r"\w+:['\"\w]"),
        ),
    ),
    Language(
        "liquid",
        (".liquid",),
        (
            (14, r"\{%-?\s*(?:assign|unless|case|when|capture|liquid|render|elsif|tablerow|layout)\b"),
            (11, _PIPE + r"\s*\w+:\s"),
            (4, r"\{%-?\s*comment\b"),
        ),
    ),
    Language(
        "twig",
        (".twig",),
        (
            (14, r"\{%-?\s*(?:apply|embed|elseif|verbatim|use|endset)\b"),
            (10, r"\{\{[^}\n]{1,100}\s\?{1,2}:?\s"),
            (10, r"\{\{-?\s*(?:path|asset|absolute_url|email\.image)\("),
            (8, _PIPE + r"\s*(?:trans|raw|nl2br)\b"),
            (8, r"\{%-?\s*include\s[^%\n]{1,100}\swith\s*\{"),
        ),
    ),
    Language(
        "jinja2",
        (".j2", ".jinja", ".jinja2"),
        (
            (12, r"\{%[-+]?\s*(?:macro|call|import|from|raw|trans\s*-?%|trans\s+\w+\s*=|do)\b"),
            (5, r"\{%[-+]?\s*(?:set|elif)\b"),
            (8, r"\{\{[-+]?\s*[\w.]+\([^}\n]*\)"),
            (2, r"\{\{[-+]?\s*[\w\"'(\[~]"),
            (2, r"\{%[-+]?\s*\w"),
        ),
    ),
    Language(
        "merge-tags",
        (),
        (
            (8, r"\*\|[A-Z][\w:]*[^|\n]{0,100}\|\*"),
            (6, r"%%(?:\[|=?\s?[A-Za-z_{][^%\n]{0,100}%%)"),
            (4, r"\[\[\s?[A-Za-z_]\w{1,40}\s?\]\]"),
            (6, r"\{!\s?[A-Za-z_$][\w.$]{0,100}\}"),
            (6, r"\[%[\w.:| -]{1,100}%\]"),
            (6, r"\[\w{1,60},\s?fallback="),
            (6, r"%(?:recipient[._]|[a-z_]{0,40}unsubscribe_url%)"),
            (3, r"\$\{[A-Za-z_][\w.]{0,100}\}"),
        ),
    ),
)
"""Where two weigh the same, the first counts. What several languages write weighs little."""

SUFFIXES: Final = tuple(suffix for language in LANGUAGES for suffix in language.suffixes)
"""Ends of the names of files that are templates, whatever is in them."""
NAMES: Final = tuple(sorted(language.name for language in LANGUAGES))
"""The languages that can be asked for."""

_ANY: Final = (
    "{{", "{%", "<%", "<#", "<@", "<mjml", "*|", "%%", "[[", "{!", "[%", "${", "$!", "#set", "#if", "fallback=",
    "%recipient", "unsubscribe_url%",
)  # fmt: skip
_HTML = re.compile(r"<(?:!doctype|!--|[a-z][a-z0-9]*[\s/>])", re.IGNORECASE)
_TYPES: Final = {
    ".html": "text/html", ".htm": "text/html", ".xhtml": "text/html", ".gohtml": "text/html", ".mjml": "text/html",
    ".txt": "text/plain", ".text": "text/plain", ".plain": "text/plain",
}  # fmt: skip


@cache
def _compiled(name: str) -> tuple[tuple[int, re.Pattern[str]], ...]:
    language = next(language for language in LANGUAGES if language.name == name)
    return tuple((weight, re.compile(sign)) for weight, sign in language.signs)


def language_of(name: str, text: str) -> str | None:
    """The template language of a file, None for what is no template: the name of one of `LANGUAGES`."""
    lower = name.lower()
    for language in LANGUAGES:
        if lower.endswith(language.suffixes):
            return language.name
    if not any(sign in text for sign in _ANY):
        return None
    best, found = 0, None
    for language in LANGUAGES:
        weight = sum(weight for weight, sign in _compiled(language.name) if sign.search(text))
        if weight > best:
            best, found = weight, language.name
    return found


def content_type_of(name: str, text: str) -> str:
    """What a template makes: as its name says without the end for the language, else by what it holds."""
    lower = name.lower()
    for suffix in SUFFIXES:
        if suffix not in _TYPES:
            lower = lower.removesuffix(suffix)
    known = next((kind for suffix, kind in _TYPES.items() if lower.endswith(suffix)), None)
    return known or ("text/html" if _HTML.search(text) else "text/plain")
