"""Fixes inside one start tag: an attribute that is added, written anew or taken away."""

from __future__ import annotations

import re

from spamlint.fixes.draft import Draft
from spamlint.fixes.edit import Edit, Fix
from spamlint.fixes.language import language_of
from spamlint.html import Element
from spamlint.source import Text

_TAG = re.compile(r"(?i)[a-z]{2,3}(?:-[a-z\d]{1,8}){0,3}")


def page_language(draft: Draft, text: Text) -> Fix | None:
    """`lang` on the <html> tag: as the person said it, or as the text is plainly written."""
    element = draft.tag_at(draft.start_of(text))
    if element is None:
        return None
    tag, sure = (draft.language, True) if draft.language else language_of(draft.document.visible.value)
    if not tag:
        return None
    sure = sure and bool(draft.language or not draft.files.translates)
    empty = next((one for one in element.written_attributes() if one.name == "lang"), None)
    edit = _added(draft, element, f'lang="{tag}"') if empty is None else Edit(empty.text, f'lang="{tag}"')
    return Fix((edit,), sure and draft.is_plain(element.text))


def malformed_language(_: Draft, text: Text) -> Fix | None:
    """A language tag with a hyphen where it has an underscore or a blank."""
    tag = re.sub(r"[_\s]+", "-", text.value.strip())
    return Fix((Edit(text, tag),)) if _TAG.fullmatch(tag) and tag != text.value else None


def layout_role(draft: Draft, text: Text) -> Fix | None:
    """role="presentation" on a table that is there for the layout."""
    element = draft.tag_at(draft.start_of(text))
    if element is None:
        return None
    return Fix((_added(draft, element, 'role="presentation"'),), draft.is_plain(element.text))


def false_role(draft: Draft, text: Text) -> Fix | None:
    """The role is taken from a table of data."""
    return _without(draft, text, "role", safe=True)


def empty_alt(draft: Draft, text: Text) -> Fix | None:
    """alt="": safe for a sign beside the words of its own link, which say what it means."""
    element = draft.tag_at(draft.start_of(text))
    if element is None:
        return None
    safe = draft.is_plain(element.text)
    for one in draft.tags_like(element):
        link = one.parent
        while link is not None and link.tag != "a":
            link = link.parent
        if link is not None and not link.content.value.strip():
            return None  # the picture is all that the link says: only a person can tell what that is
        safe = safe and link is not None and one.number in draft.icons
    return Fix((_added(draft, element, 'alt=""'),), safe)


def duplicate(draft: Draft, text: Text) -> Fix | None:
    """The second attribute of one name, which has no effect, is taken away."""
    element = draft.tag_at(draft.start_of(text))
    if element is None or not draft.is_plain(element.text):
        return None
    edit = _removal(draft, element, text)
    same = bool(draft.keeps_tree(edit))
    return Fix((edit,), same, same_page=same)


def tab_order(draft: Draft, text: Text) -> Fix | None:
    """The tabindex is taken away."""
    return _without(draft, text, "tabindex", safe=False)


def event_handler(draft: Draft, text: Text) -> Fix | None:
    """The attribute that would run code is taken away."""
    element = draft.tag_at(draft.start_of(text))
    return Fix((_removal(draft, element, text),), safe=False) if element is not None else None


def blocked_zoom(draft: Draft, text: Text) -> Fix | None:
    """The part of the viewport that keeps people from zooming is taken away, with the comma beside it."""
    start, end = text.range_in(draft.document.source)
    before = re.search(r"[\s,;]*\Z", draft.value[max(0, start - 50) : start])
    after = re.compile(r"[\s,;]*").match(draft.value, end)
    assert before is not None
    assert after is not None
    left, right = start - len(before[0]), after.end()
    if draft.value[left - 1 : left] in "\"'":
        return Fix((draft.replace(left, right, ""),), safe=False)
    return Fix((draft.replace(left, end, ""),), safe=False)


def _added(draft: Draft, element: Element, attribute: str) -> Edit:
    return draft.inserted(element.start + 1 + len(element.tag), f" {attribute}")


def _without(draft: Draft, text: Text, name: str, *, safe: bool) -> Fix | None:
    element = draft.tag_at(draft.start_of(text))
    if element is None:
        return None
    whole = next((one.text for one in element.written_attributes() if one.name == name), None)
    if whole is None:
        return None
    return Fix((_removal(draft, element, whole),), safe and draft.is_plain(element.text))


def _removal(draft: Draft, element: Element, attribute: Text) -> Edit:
    """The edit that takes `attribute` away, with the white space before it."""
    start, end = attribute.range_in(draft.document.source)
    head = draft.value[element.start : start]
    blank = len(head) - len(head.rstrip())
    # Without white space behind it, what follows would grow together with what stands before.
    keeps = draft.value[end : end + 1] not in " \t\n/>"
    return draft.replace(start - blank + (1 if blank and keeps else 0), end, "")
