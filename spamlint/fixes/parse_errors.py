"""Fixes of parse errors: the same page, written as the standard has it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from spamlint.fixes.draft import Draft
from spamlint.fixes.edit import Edit, Fix
from spamlint.html import Attribute
from spamlint.source import Text

_Write = Callable[[Draft, int, int], Edit | None]


def parse_error(draft: Draft, text: Text) -> Fix | None:
    """The fix of the parse errors at `text`: safe where every parser reads the same page after it."""
    start, end = text.range_in(draft.document.source)
    element = draft.tag_at(start)
    if element is not None and not draft.is_plain(element.text):
        return None  # quotes of the template language: the tag is not what it seems
    for problem in draft.errors.get(start, ()):
        write = _WRITERS.get(problem.code)
        edit = write(draft, start, end) if write is not None else None
        if edit is None:
            continue
        lone_quote = not edit.new and not edit.text.value.strip("\"'")
        if draft.keeps_words(edit) if lone_quote else draft.keeps_tree(edit):
            return Fix((edit,), same_page=not lone_quote)
        if draft.keeps_words(edit):
            return Fix((edit,), safe=False)
    return None


def _less_than(draft: Draft, start: int, _: int) -> Edit | None:
    at = draft.value.rfind("<", max(0, start - 2), start + 1)
    is_code = draft.value[at + 1 : at + 2] in ("%", "?")
    return None if at < 0 or is_code else draft.replace(at, at + 1, "&lt;")


def _blank(draft: Draft, start: int, _: int) -> Edit | None:
    attribute = _attribute_at(draft, start)
    if attribute is not None and not attribute.name.strip("\"'"):
        return _odd_name(draft, start, start)
    if draft.value[start - 2 : start - 1] == "=":
        return None  # the quote was meant to open a value: the one before it was never closed
    return draft.inserted(start, " ")


def _quoted(draft: Draft, start: int, _: int) -> Edit | None:
    """The value in quotes. A quote inside it shows that others are missing: which, nobody can tell."""
    attribute = _attribute_at(draft, start)
    if attribute is None or attribute.value is None:
        return None
    written = attribute.text.value
    value = written[written.index("=") + 1 :].strip()
    if not value or set(value) & set("\"'<`"):
        return None
    at = attribute.text.range_in(draft.document.source)[1] - len(value)
    return draft.replace(at, at + len(value), f'"{value}"')


def _odd_name(draft: Draft, start: int, _: int) -> Edit | None:
    """A quote too many, which makes an attribute of its own, is taken away."""
    attribute = _attribute_at(draft, start)
    if attribute is None or attribute.value is not None or attribute.name.strip("\"'"):
        return None
    return Edit(attribute.text, "")


def _no_slash(draft: Draft, start: int, _: int) -> Edit | None:
    at = draft.value.rfind("/", max(0, start - 2), start + 1)
    return draft.replace(at, at + 1, "") if at >= 0 else None


def _semicolon(draft: Draft, _: int, end: int) -> Edit | None:
    return draft.inserted(end, ";")


def _ampersand(draft: Draft, start: int, _: int) -> Edit | None:
    return draft.replace(start, start + 1, "&amp;") if draft.value.startswith("&", start) else None


def _control_reference(draft: Draft, start: int, end: int) -> Edit | None:
    from html import unescape

    shown = unescape(draft.value[start:end])
    return draft.replace(start, end, f"&#{ord(shown)};") if len(shown) == 1 and ord(shown) > 0x9F else None


def _nameless_end(draft: Draft, start: int, end: int) -> Edit | None:
    first = draft.value.rfind("</", 0, end)
    return draft.replace(first, end, "") if draft.value[first:end].strip() == "</>" and first <= start else None


def _plain_end(draft: Draft, start: int, end: int) -> Edit | None:
    found = re.match(r"</[^\s/>]+", draft.value[start:end])
    return draft.replace(start, end, f"{found[0]}>") if found else None


def _closed_comment(draft: Draft, _: int, end: int) -> Edit | None:
    return draft.replace(end - 4, end, "-->") if draft.value[end - 4 : end] == "--!>" else None


def _whole_comment(draft: Draft, start: int, end: int) -> Edit | None:
    inside = draft.value[start + 2 : end - 1].strip()
    if "--" in inside or not draft.value[start:end].startswith("<!") or "[" in inside:
        return None
    return draft.replace(start, end, f"<!-- {inside} -->")


def _empty_value(draft: Draft, start: int, _: int) -> Edit | None:
    return draft.inserted(start, '""')


def _removed(draft: Draft, start: int, end: int) -> Edit | None:
    return draft.replace(start, end, "")


def _attribute_at(draft: Draft, offset: int) -> Attribute | None:
    """The attribute that holds `offset`."""
    element = draft.tag_at(offset)
    for attribute in element.written_attributes() if element is not None else ():
        start, end = attribute.text.range_in(draft.document.source)
        if start <= offset < end:
            return attribute
    return None


_WRITERS: Mapping[str, _Write] = {
    "invalid-first-character-of-tag-name": _less_than,
    "eof-before-tag-name": _less_than,
    "missing-whitespace-between-attributes": _blank,
    "unexpected-character-in-unquoted-attribute-value": _quoted,
    "unexpected-character-in-attribute-name": _odd_name,
    "unexpected-solidus-in-tag": _no_slash,
    "missing-semicolon-after-character-reference": _semicolon,
    "unknown-named-character-reference": _ampersand,
    "control-character-reference": _control_reference,
    "missing-end-tag-name": _nameless_end,
    "end-tag-with-attributes": _plain_end,
    "end-tag-with-trailing-solidus": _plain_end,
    "incorrectly-closed-comment": _closed_comment,
    "incorrectly-opened-comment": _whole_comment,
    "abrupt-closing-of-empty-comment": _removed,
    "missing-attribute-value": _empty_value,
    "unexpected-null-character": _removed,
}
"""Code of a parse error -> what writes its place right, where it can be told."""
