"""Fixes of what stands in the text and between tags: scripts, addresses, signs that nobody sees, idle white space."""

from __future__ import annotations

import re

from spamlint.fixes.draft import Draft
from spamlint.fixes.edit import Edit, Fix
from spamlint.source import Text

_CHARSETS = {"utf_8": ("utf-8", True), "cp1252": ("windows-1252", False), "latin_1": ("iso-8859-1", False)}
"""Codec -> the name for <meta>, and whether it is sure that the file is written in it."""
_UNSEEN = re.compile(r"[\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+")
_KEPT = re.compile(
    r"<(pre|textarea|script|style|title|xmp|listing|plaintext)\b.*?</\1\s*>|<!--.*?-->|<[!/?a-z][^>]*>",
    re.IGNORECASE | re.DOTALL,
)
"""What white space means something in, or is not worth touching."""
_RUN = re.compile(r"[ \t\n]{2,}")


def charset(draft: Draft, _: Text) -> Fix | None:
    """<meta charset> at the start of the head."""
    name, sure = _CHARSETS.get(draft.codec, ("", False))
    place = draft.document.first("head") or draft.document.first("html")
    if place is None or not name:
        return None
    at = place.start + len(place.text)
    indent = re.compile(r"\n[ \t]*(?=<)").match(draft.value, at)
    return Fix((draft.inserted(at, f'{indent[0] if indent else ""}<meta charset="{name}">'),), sure)


def script(draft: Draft, text: Text) -> Fix | None:
    """A script, start tag to end tag, is taken away."""
    start, end = text.range_in(draft.document.source)
    close = re.compile(r"</script[^>]*>", re.IGNORECASE).search(draft.value, end)
    return Fix((draft.replace(start, close.end() if close else end, ""),), safe=False)


def removed(_: Draft, text: Text) -> Fix | None:
    """It is taken away."""
    return Fix((Edit(text, ""),), safe=False)


def encrypted(_: Draft, text: Text) -> Fix | None:
    """Encryption (https for http): whether the site has it, only a person can tell."""
    blank = len(text.value) - len(text.value.lstrip())
    if text.value[blank : blank + 5].lower() != "http:":
        return None
    return Fix((Edit(text[blank : blank + 4], "https"),), safe=False)


def one_mark(_: Draft, text: Text) -> Fix | None:
    """One exclamation mark for many."""
    return Fix((Edit(text, "!"),), safe=False) if text.value != "!" else None


def without_unseen(_: Draft, text: Text) -> Fix | None:
    """A word without the signs in it that nobody sees."""
    edits = tuple(Edit(text[found.start() : found.end()], "") for found in _UNSEEN.finditer(text.value))
    return Fix(edits, safe=False) if edits else None


def forward_slashes(_: Draft, text: Text) -> Fix | None:
    """An address with slashes in place of backslashes, as browsers read it."""
    edits = tuple(Edit(text[found.start() : found.end()], "/") for found in re.finditer(r"\\", text.value))
    return Fix(edits, safe=False) if edits else None


def less_white_space(draft: Draft, _: Text) -> Fix | None:
    """One line end or blank for each run of white space between tags, where style sheets do not make it count."""
    value = draft.value
    edits: list[Edit] = []
    at = 0
    for start, end in (*(found.span() for found in _KEPT.finditer(value)), (len(value), len(value))):
        runs = _RUN.finditer(value, at, start)
        edits.extend(draft.replace(run.start(), run.end(), "\n" if "\n" in run[0] else " ") for run in runs)
        at = end
    counts = re.search(r"white-space\s*:\s*(?:pre|break-spaces)", value, re.IGNORECASE)
    return Fix(tuple(edits), counts is None and bool(draft.keeps_words(*edits))) if edits else None
