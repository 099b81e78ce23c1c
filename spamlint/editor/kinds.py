"""What an open file stands for: a message, or a draft of HTML or text."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Literal, TypeAlias

from spamlint.inputs import DRAFT_TYPES
from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.message import Message

Kind: TypeAlias = Literal["message", "text/html", "text/plain"]

_MESSAGES = frozenset({".eml"})
_BY_LANGUAGE: dict[str, Kind] = {
    "eml": "message", "mail": "message", "email": "message", "html": "text/html", "xhtml": "text/html",
    "jinja-html": "text/html", "django-html": "text/html", "htmldjango": "text/html", "jinja.html": "text/html",
    "mjml": "text/html", "plaintext": "text/plain", "text": "text/plain", "django-txt": "text/plain",
}  # fmt: skip
_TEMPLATES = frozenset({".j2", ".jinja", ".jinja2", ".djt", ".hbs", ".handlebars", ".mustache", ".liquid", ".erb"})
_COMMENT_TAGS = ("jinja", "django")
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


def has_comment_tags(path: str, language: str) -> bool:
    """Whether {# #} is a comment in the file: one that is never sent, as it is in Jinja2 and Django."""
    return language.startswith((*_COMMENT_TAGS, "htmldjango")) or PurePath(path).suffix.lower() in (
        ".j2", ".jinja", ".jinja2", ".djt",
    )  # fmt: skip


def message_of(name: str, kind: Kind, text: str, limits: Limits = DEFAULT_LIMITS) -> Message:
    """The message that the file stands for. A template that is to be rendered or masked first, is so here."""
    raw = text.encode("utf-8", "replace")
    if kind == "message":
        return Message.from_bytes(raw, name, limits=limits)
    return Message.draft(raw, name, content_type=kind, limits=limits)
