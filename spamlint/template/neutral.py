"""What stands for a directive: neutral text of the same length, with the same line ends, that fits its spot."""

from __future__ import annotations

import re
from itertools import cycle

from spamlint.template.spots import Spot

ADDRESSES = frozenset(["action", "background", "cite", "href", "poster", "src", "data-src"])
NUMBERS = frozenset(
    [
        "border",
        "cellpadding",
        "cellspacing",
        "colspan",
        "height",
        "hspace",
        "maxlength",
        "rowspan",
        "size",
        "span",
        "start",
        "tabindex",
        "vspace",
        "width",
    ]
)
COLOURS = frozenset(["alink", "bgcolor", "bordercolor", "color", "link", "text", "vlink"])
WORDS = frozenset(["abbr", "alt", "aria-label", "content", "label", "placeholder", "summary", "title", "value"])

_FILLERS = ("what", "each", "reader", "gets", "here", "stands", "as", "usual", "in", "its", "place")
_BY_LENGTH = (
    "a", "it", "our", "name", "value", "reader", "content", "customer", "recipient", "individual", "information",
    "subscription",
)  # fmt: skip
_TOKEN = re.compile(r"[\w%#.-]")
_TOUCHES = re.compile(r"[\w/@=&?#%+~.:_-]\Z")
_COLOUR = re.compile(r"(?:color|background)\s*:[^;:]*\Z")

_IN_DECLARATION = re.compile(r":[^;{}]*$")
_LINE_ENDS = re.compile(r"[^\r\n]+")
_HOST = "mail-link.eu"
_MAIL_HOST = "@" + _HOST
_TRANSLATED = re.compile(
    r"(?:\{\{|\{%|<%=)[-~+]?\s*(?:trans|translate|t|_|gettext)\b\s*\(?\s*([\"'])([^\"'<>{}%\n]{1,500})\1"
)


def blank(written: str) -> str:
    """White space as long as `written`."""
    return _LINE_ENDS.sub(lambda piece: " " * len(piece[0]), written)


def nothing(written: str, before: str, after: str, spot: Spot) -> str:
    """What stands for a directive that leaves no text behind; `before` and `after` are what stands around it."""
    if spot.where == "value" and not spot.quote:
        return _letters(written)
    if spot.where == "value" and spot.attribute in ADDRESSES:
        return blank(written) if not before.strip() or after == spot.quote else _letters(written)
    return blank(written)


def filled(written: str, before: str, after: str, spot: Spot) -> str:
    """What stands for a directive that leaves text behind."""
    if spot.where == "tag":
        is_name = before.endswith(("<", "</")) and spot.tag in ("?", "/")
        return _letters(written) if is_name else blank(written)
    if spot.where == "sheet":
        return _in_style(written, before, after)
    if spot.where == "script":
        return _letters(written)
    if spot.where == "value":
        return _in_attribute(written, before, after, spot)
    return _in_prose(written, before)


def said(written: str, spot: Spot) -> str | None:
    """A directive whose text is known, as that of `{% trans "Hello" %}`, with white space around the text."""
    found = _TRANSLATED.match(written)
    if found is None or not (spot.where == "text" or spot.attribute in WORDS):
        return None
    start, end = found.span(2)
    return blank(written[:start]) + written[start:end] + blank(written[end:])


def _in_attribute(written: str, before: str, after: str, spot: Spot) -> str:
    if spot.attribute in ADDRESSES:
        return _in_address(written, before.strip().lower())
    if spot.attribute in NUMBERS:
        return _digits(written)
    if not spot.quote:
        return _letters(written)
    if spot.attribute == "style":
        return _in_style(written, before, after)
    if spot.attribute == "lang":
        return _laid("en", written, " ") if not before else _letters(written)
    if spot.attribute in COLOURS:
        return _unknown_colour(written) if not before else _letters(written)
    return _words(written) if spot.attribute in WORDS else _letters(written)


def _in_prose(written: str, before: str) -> str:
    """Words; letters, or part of an address, where a word goes on."""
    if not _TOUCHES.search(before):
        return _words(written)
    word = re.split(r"[\s<>\"'()]", before)[-1].lower()
    return (
        _in_address(written, word[max(word.find("http"), 0) :]) if "://" in word or "@" in word else _letters(written)
    )


def _in_address(written: str, before: str) -> str:
    """An address where the value begins, else a piece of one."""
    length = len(written)
    if before in ("tel:", "sms:"):
        return _digits(written)
    if before == "mailto:" and length >= 6:
        domain = _MAIL_HOST if length > len(_MAIL_HOST) + 1 else "@a.eu"
        return _laid(domain.rjust(length, "a"), written)
    if before in ("http://", "https://") and length >= 4:
        return _laid(("." + _HOST if length > len(_HOST) + 1 else ".eu").rjust(length, "a"), written)
    if before:
        return _letters(written)
    return _laid(f"https://{_HOST}/" if length > len(_HOST) + 9 else "?", written, "a")


def _in_style(written: str, before: str, after: str) -> str:
    """Inside a style: a value that every property takes, or a piece of one."""
    if not _IN_DECLARATION.search(before):
        return blank(written)
    if _COLOUR.search(before):
        return _unknown_colour(written)
    if before.endswith(("url(", "url('", 'url("')):
        return _in_address(written, "")
    if _TOKEN.match(after) or _TOKEN.match(before[-1:]):
        return _digits(written)
    return _laid("inherit" if len(written) >= 7 else "0", written, " ")


def _unknown_colour(written: str) -> str:
    """A colour of which the checks on contrast know that they do not know it."""
    return _laid("$", written, " ")


def _words(written: str) -> str:
    """Whole words that fill the place."""
    left, words = len(written), []
    for word in cycle(_FILLERS):
        if left <= len(_BY_LENGTH):
            break
        words.append(word)
        left -= len(word) + 1
    words.append(_BY_LENGTH[left - 1])
    return _laid(" ".join(words), written)


def _letters(written: str) -> str:
    return _laid("", written, "a")


def _digits(written: str) -> str:
    return _laid("12".rjust(len(written), "0")[-len(written) :], written)


def _laid(text: str, written: str, rest: str = "a") -> str:
    """`text`, then `rest`, with the length and the line ends of `written`."""
    text = text[: len(written)].ljust(len(written), rest)
    if "\n" not in written and "\r" not in written:
        return text
    return "".join(new if old not in "\r\n" else old for new, old in zip(text, written, strict=True))
