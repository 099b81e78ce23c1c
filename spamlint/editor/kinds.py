"""What an open file stands for: a message, or a draft of HTML or text."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Literal, TypeAlias

from spamlint.inputs import DRAFT_TYPES

Kind: TypeAlias = Literal["message", "text/html", "text/plain"]

_MESSAGES = frozenset({".eml"})
_BY_LANGUAGE: dict[str, Kind] = {
    "eml": "message", "mail": "message", "email": "message", "html": "text/html", "xhtml": "text/html",
    "jinja-html": "text/html", "django-html": "text/html", "htmldjango": "text/html", "jinja.html": "text/html",
    "mjml": "text/html", "plaintext": "text/plain", "text": "text/plain", "django-txt": "text/plain",
}  # fmt: skip
_TEMPLATES = frozenset({".j2", ".jinja", ".jinja2", ".djt", ".hbs", ".handlebars", ".mustache", ".liquid", ".erb"})
_COMMENT_TAGS = ("jinja", "django")
_COMMENTS = {
    "jinja2": "{{# {} #}}", "django": "{{# {} #}}", "twig": "{{# {} #}}",
    "liquid": "{{% comment %}} {} {{% endcomment %}}", "handlebars": "{{{{!-- {} --}}}}", "go": "{{{{/* {} */}}}}",
    "erb": "<%# {} %>", "ejs": "<%# {} %>",
}  # fmt: skip
"""Template language -> its comment, where `suppression` reads it."""
_FIELD = re.compile(r"(?:From|To|Subject|Date|Received|Return-Path|MIME-Version|Message-ID):", re.IGNORECASE)
_HTML = re.compile(
    r"<(?:!doctype|html|head|body|table|div|p|a|img|h[1-6]|br|span|td|mjml|style|title)\b", re.IGNORECASE
)


def kind_of(path: str, language: str, text: str) -> Kind:
    """What the file is by its name, else by the language that the editor names, else by its text."""
    name = PurePath(path)
    suffix = name.suffix.lower()
    if suffix in _TEMPLATES:
        suffix = PurePath(name.stem).suffix.lower()
    if suffix in _MESSAGES:
        return "message"
    by_name = DRAFT_TYPES.get(suffix)
    if by_name is not None:
        return "text/html" if by_name == "text/html" else "text/plain"
    if language in _BY_LANGUAGE:
        return _BY_LANGUAGE[language]
    if _FIELD.match(text):
        return "message"
    return "text/html" if _HTML.search(text) else "text/plain"


def comment_form(language: str | None, path: str, editor_language: str, kind: Kind) -> str:
    """How a comment is written in the file, with a gap for what it says; "" where there is none.

    A comment of the template language (`language`, None for no template) is never sent; one of HTML is.
    """
    if language is None and editor_language.startswith((*_COMMENT_TAGS, "htmldjango")):
        language = "django"
    if language is None and PurePath(path).suffix.lower() in (".j2", ".jinja", ".jinja2", ".djt"):
        language = "jinja2"
    return _COMMENTS.get(language or "", "" if kind == "text/plain" else "<!-- {} -->")
