"""The names of values in the code of directives, in any language: which they are, and what they promise."""

from __future__ import annotations

import re
from typing import Final


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_STRINGS = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`", re.DOTALL)
_MARKUP = re.compile(r"</?[A-Za-z]\w{0,10}/?>|&(?:nbsp|quot|amp|lt|gt|apos);")
_FILTER = re.compile(r"(?<!\|)\|(?!\|)\s*[\w.]+:?")
_HELPER = re.compile(r"(?:^|[(=])\s*[\w.]+(?=\s+(?!(?:if|else|and|or|in|is|not|do|unless|as|with)\b)[A-Za-z_@:\"'\[])")
"""A function of the program that is given what follows."""
_NAME = re.compile(
    r"(?<![\w.?])(?<!(?<!\w):)[@$.]{0,2}([A-Za-z_]\w*+(?:(?:\.|\?\.|&\.|->)[A-Za-z_]\w*+)*+)"
    r"(?!\w|\s*\(|\s*=(?!=)|:(?!:))"
)
_KEYWORDS: Final = _words(
    """
    and as blocktrans blocktranslate by do else elif elseif elsif end empty eq false for from ge gt if in include is
    le let len lt ne nil none not null only or plural raw range safe set static then this trans translate trimmed
    true undefined unless when where while with without asvar noop const var defined typeof
    """
)
_BINDINGS = (
    re.compile(r"\bfor\s*\(?\s*(?:const|let|var)?\s*([\w$]+(?:\s*,\s*[\w$]+)*)\s*\)?\s+(?:in|of)\b"),
    re.compile(r"(?<![\w.|=!<>])[$@]?(\w+)\s*:?=(?!=|>)"),
    re.compile(r"\bas\s+\|?\s*(\w+(?:[\s,]+\w+)*?)\s*\|?\s*[-~%}/>]"),
    re.compile(r"\|\s*(\w+(?:\s*,\s*\w+)*)\s*\|"),
    re.compile(r"\b(?:capture|block|macro|increment|decrement|foreach\s*\()\s*\$?(\w+)"),
    re.compile(r"\bfunction\s*\(([\w\s,]*)\)|\(([\w\s,]*)\)\s*=>|(\w+)\s*=>"),
    re.compile(r"\bmacro\s+\w+\s*\(([^)]*)\)"),
    re.compile(r"\$(\w+)(?:\s*,\s*\$(\w+))?\s*:="),
)
_SAME = re.compile(r"\b(\w+)\s*=\s*\1\b(?!\s*\.)")
"""What is handed on under its own name."""
_READ: Final = 300
"""Characters of a directive in which names are given."""
_SERVICE: Final = _words(
    """
    unsub unsubscribe unsubscribe_url unsubscribelink archive forward update_profile mc_preview_text
    mc_subject current_year view_in_browser_url viewinbrowser webversion
    """
)

OTHERWISE: Final = re.compile(
    r"\bor\b|\|\||\?|\bif\b|\belse\b|firstof|presence|fallback|coalesce|(?<!\w)(?:default\w*|d)\s*[(:=\s]|yesno|\bany\b"
)
"""What says in a directive what comes where a value is missing."""
GIVEN: Final = _words(
    """
    forloop loop tablerowloop this self super caller varargs kwargs root index first last key parent block request
    csrf_token csrf_input now today site messages perms debug locale include_context content_for_layout
    content_for_index yield true false none null nil empty blank lang forloop_parent range
    """
)
"""Names that a language or a framework gives by itself."""


def names_in(code: str) -> tuple[str, ...]:
    """The names of values in `code`, each once: without texts, filters, functions and words of the language."""
    bare = _HELPER.sub(" ", _FILTER.sub(" | ", _MARKUP.sub(" ", _STRINGS.sub('""', code))))
    found = (re.sub(r"\?\.|&\.|->", ".", one[1]) for one in _NAME.finditer(bare))
    return tuple(dict.fromkeys(name for name in found if name.partition(".")[0].lower() not in _KEYWORDS))


def bound_in(written: str) -> tuple[str, ...]:
    """The names that a directive gives to something: those of loops, of `with`, of `set`."""
    bare = _STRINGS.sub('""', written[:_READ])
    found = (group for pattern in _BINDINGS for one in pattern.finditer(bare) for group in one.groups() if group)
    itself = {one[1] for one in _SAME.finditer(bare)}
    names = (name for group in found for name in re.findall(r"\w+", group))
    return tuple(dict.fromkeys(name for name in names if name not in itself))


def is_known_word(name: str) -> bool:
    """Whether a mail service fills in a value of that name by itself."""
    return name.lower() in _SERVICE


def last_of(name: str) -> str:
    """The last part of a name in small letters, with underscores: `user.firstName` is first_name."""
    last = name.rpartition(".")[2]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last).lower()


_CONTENT: Final = re.compile(
    r"(?i)\|\s*(?:safe|raw)\b|html_safe|\braw\b|(?:^|[\W_])(?:html|content|body|footer|button|cta|signature|block|yield|"
    r"link_to|mail_to|render)\b|\w\s*\(|\blink_to\b"
)


def may_bring_html(code: str) -> bool:
    """Whether a value may bring elements of its own, links among them: HTML, or what a function gives."""
    return _CONTENT.search(code) is not None
