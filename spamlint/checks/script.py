"""Checks on what runs, loads or redirects: scripts, frames, forms, outside style sheets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING

from spamlint.message import Message
from spamlint.rule import Hit

if TYPE_CHECKING:
    from spamlint.html import Attribute, Document, Element

DATA_SCRIPT_TYPES = ("application/ld+json", "application/json")
"""Types of script elements that hold data, not code: mail programs read JSON-LD for order and flight cards."""

EVENT_STEMS = (
    "abort", "after", "animation", "aux", "before", "begin", "blur", "bounce", "cancel", "can", "change", "click",
    "close", "context", "copy", "cue", "cut", "dbl", "drag", "drop", "duration", "emptied", "end", "error", "filter",
    "finish", "focus", "form", "full", "got", "hash", "input", "invalid", "key", "language", "layout", "load", "lost",
    "lose", "message", "mouse", "move", "offline", "online", "page", "paste", "pause", "play", "pointer", "pop",
    "progress", "property", "rate", "ready", "repeat", "reset", "resize", "row", "scroll", "search", "security", "seek",
    "select", "show", "slot", "stalled", "start", "stop", "storage", "submit", "suspend", "time", "toggle", "touch",
    "transition", "unload", "volume", "waiting", "webkit", "wheel",
)  # fmt: skip
"""How the names of events begin (HTML, SVG and what browsers add). Not every attribute with "on" is a handler: broken
quotes leave `one` and `only` behind."""

FRAMES = ("iframe", "frame", "frameset")
EMBEDDED = ("object", "embed", "applet")

WORDS_FOR_PEOPLE = frozenset(
    ("abbr", "alt", "aria-label", "class", "id", "label", "name", "placeholder", "style", "summary", "title", "value")
)
"""Attributes that hold words or names, never an address: "JavaScript: the good parts" is a fine `alt`."""

FONT_HOSTS = (
    "fonts.googleapis.com", "use.typekit.net", "use.typekit.com", "fonts.bunny.net", "cloud.typography.com",
    "fast.fonts.net", "rsms.me",
)  # fmt: skip
"""Services whose style sheets only bring fonts."""


SCRIPT_SCHEMES = ("javascript:", "vbscript:", "livescript:", "data:text/html", "data:application/xhtml+xml")
"""How an address that runs code begins."""

SKIPPED_IN_SCHEMES = "\0\t\n\r "
"""What browsers, old ones too, skip between the letters of an address."""

_SMALL_LETTERS = bytes.maketrans(ascii_uppercase.encode(), ascii_lowercase.encode())


def _loose(scheme: str) -> str:
    """A pattern for `scheme` with what is skipped between its letters."""
    return rf"[{SKIPPED_IN_SCHEMES}]*".join(map(re.escape, scheme))


_SCRIPT_URI = re.compile(rf"[\x00-\x20]*(?:{'|'.join(map(_loose, SCRIPT_SCHEMES))})", re.IGNORECASE)
_DISGUISE = re.compile(
    r"&(?:Tab;|NewLine;|colon;|#(?:0*(?:[09]|10|13|32|4[5-7]|5[89]|6[0-9]|[78]\d|9\d|1[01]\d|12[0-7])(?!\d)"
    r"|[xX]0*(?:[09aAdD]|20|2[d-fD-F]|3[a-fA-F]|[4-7][0-9a-fA-F])(?![0-9a-fA-F])))"
)
"""A reference to a letter, a sign of an address, or white space: what can disguise an address."""
_MAYBE_HANDLER = re.compile(r"on(?<=[ \t\n\f/\"']on)[a-z]{2,40}+\s*+=")
"""What stands before `on` is looked at behind it, since a search for plain letters is faster."""
_REFRESH = re.compile(r"\s*[\d.]+\s*[;,\s]\s*(?:url\s*=\s*)?['\"]?(?P<target>.*)", re.IGNORECASE | re.DOTALL)
_EVENT_HANDLER = re.compile(rf"on(?:{'|'.join(EVENT_STEMS)})[a-z]*", re.IGNORECASE)
_IMPORT = re.compile(
    r"/\*.*?(?:\*/|\Z)|@import\s+(?:url\s*\(\s*)?[\"']?(?P<address>[^\"')\s;]+)[^;{}]*;?", re.IGNORECASE | re.DOTALL
)


def script_element(message: Message) -> Iterator[Hit]:
    """Each script element that can run. Data islands (JSON-LD) are none, and what lies in SVG is judged there."""
    for document in message.documents:
        inside = _inside_svg(document)
        for element in document.all("script"):
            kind = element.attrs.get("type", "").partition(";")[0].strip().lower()
            if kind not in DATA_SCRIPT_TYPES and element not in inside:
                yield Hit(element.text)


def event_handler(message: Message) -> Iterator[Hit]:
    """Each attribute that runs code at an event, outside SVG."""
    for document in message.documents:
        if not _may_hold_handlers(document):
            continue
        inside = _inside_svg(document)
        for element in document.elements:
            if element not in inside:
                for handler in _handlers(element):
                    yield Hit(handler.text, {"name": handler.name})


def script_uri(message: Message) -> Iterator[Hit]:
    """Each attribute value that is an address which runs code, however it is disguised."""
    for document in message.documents:
        for element in document.elements if _may_hold_script_uris(document) else ():
            for name, value in element.attrs.items():
                if ":" in value and _runs(element.tag, name, value):
                    text = element.attribute(name)
                    yield Hit(text, {"name": name, "address": value.strip()})


def iframe(message: Message) -> Iterator[Hit]:
    """Each frame."""
    yield from _elements(message, FRAMES)


def embedded_object(message: Message) -> Iterator[Hit]:
    """Each object, embed and applet element. Outlook's own ones stand in conditional comments and are not seen."""
    yield from _elements(message, EMBEDDED)


def form(message: Message) -> Iterator[Hit]:
    """Each form. `passwords` counts the password fields of the whole message."""
    passwords = sum(
        element.attrs.get("type", "").strip().lower() == "password"
        for document in message.documents
        for element in document.all("input")
    )
    for hit in _elements(message, ("form",)):
        yield Hit(hit.text, {"passwords": passwords})


def base_href(message: Message) -> Iterator[Hit]:
    """Each base element that moves the addresses of the message. One that only sets a target is harmless."""
    for document in message.documents:
        for element in document.all("base"):
            if element.attrs.get("href", "").strip():
                yield Hit(element.text)


def meta_refresh(message: Message) -> Iterator[Hit]:
    """Each meta element that reloads the message (`redirects` is 0) or opens another page (1)."""
    for document in message.documents:
        for element in document.all("meta"):
            if element.attrs.get("http-equiv", "").strip().lower() == "refresh":
                target = _refresh_target(element.attrs.get("content", ""))
                yield Hit(element.text, {"redirects": int(bool(target.strip()))})


def external_stylesheet(message: Message) -> Iterator[Hit]:
    """Each style sheet that would be loaded from outside. `sheets` is 0 for one that a font service serves, else 1."""
    for document in message.documents:
        for element in document.all("link"):
            address = element.attrs.get("href", "")
            if "stylesheet" in element.attrs.get("rel", "").lower().split() and address.strip():
                yield Hit(element.text, _sheet(address))
        for style in (element.inner for element in document.all("style")):
            for found in _IMPORT.finditer(style.value) if "@import" in style.value.lower() else ():
                if found["address"]:
                    yield Hit(style[found.start() : found.end()], _sheet(found["address"]))


def svg_script(message: Message) -> Iterator[Hit]:
    """What could run inside an inline SVG: script elements, event attributes, and foreign content."""
    for document in message.documents:
        inside = _inside_svg(document)
        for element in document.elements if inside else ():
            if element not in inside:
                continue
            if element.tag in ("script", "foreignobject"):
                yield Hit(element.text)
            for handler in _handlers(element):
                yield Hit(handler.text)


def _may_hold_handlers(document: Document) -> bool:
    """Whether the source has anything like ` onclick=`. False is certain: names of attributes are never encoded."""
    return _MAYBE_HANDLER.search(document.lower) is not None


def _may_hold_script_uris(document: Document) -> bool:
    """Whether the decoded source holds the letters of a script address. False is certain."""
    source = document.source.value
    if _DISGUISE.search(source):
        source = unescape(source)
    # Bytes lose signs in a fraction of the time that a string takes.
    letters = source.encode("utf-8", "replace").translate(_SMALL_LETTERS, SKIPPED_IN_SCHEMES.encode())
    return any(scheme in letters for scheme in (b"script:", b"data:text/html", b"data:application/xhtml"))


def _elements(message: Message, tags: tuple[str, ...]) -> Iterator[Hit]:
    for document in message.documents:
        for element in document.all(*tags):
            yield Hit(element.text, {"tag": element.tag})


def _handlers(element: Element) -> Iterator[Attribute]:
    """The event handlers of a tag that hold code. Few tags have one, so the attributes are first asked for by name."""
    if any(name.startswith("on") and _EVENT_HANDLER.fullmatch(name) for name in element.attrs):
        for written in element.written_attributes():
            code = written.value.value if written.value is not None and not written.duplicate else ""
            if _EVENT_HANDLER.fullmatch(written.name) and code.strip():
                yield written


def _runs(tag: str, name: str, value: str) -> bool:
    if tag == "meta" and name == "content":
        value = _refresh_target(value)
    elif name in WORDS_FOR_PEOPLE:
        return False
    return _SCRIPT_URI.match(value) is not None


def _refresh_target(content: str) -> str:
    """The address in "0; url=address", or nothing."""
    found = _REFRESH.match(content)
    return found["target"] if found else ""


def _sheet(address: str) -> dict[str, str | int]:
    from spamlint.links import host_of

    return {"address": address.strip(), "sheets": int(host_of(address) not in FONT_HOSTS)}


def _inside_svg(document: Document) -> set[Element]:
    """The elements inside of inline SVG, the svg elements included."""
    inside: set[Element] = set()
    if document.first("svg") is not None:
        for element in document.elements:  # a parent comes before its children
            if element.tag == "svg" or element.parent in inside:
                inside.add(element)
    return inside
