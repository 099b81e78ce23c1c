"""Checks inside attached pages, drawings, calendar entries and contact cards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from spamlint.checks.attached import called, ending, name_of, place_of
from spamlint.checks.attachment_lists import GMAIL
from spamlint.message import Message
from spamlint.mime import Part
from spamlint.rule import Hit
from spamlint.source import Locate, Text, segmented

if TYPE_CHECKING:
    from spamlint.html import Document, Element

DATA_SCRIPTS = ("application/ld+json", "application/json")
ACTING = ("iframe", "frame", "object", "embed", "applet", "base")

_PAGES = ("html", "htm", "shtml", "xhtml", "xht")
# Long patterns are compiled where they are used: few messages need them.

_SMUGGLING = (
    r"\batob\s*\(|\bnew\s+Blob\s*\(|createObjectURL|msSaveOrOpenBlob|msSaveBlob|\bunescape\s*\(\s*['\"]|\beval\s*\(|"
    r"String\.fromCharCode|document\.write\s*\(\s*(?:atob|unescape|decodeURI)|(?<![A-Za-z0-9+/=])[A-Za-z0-9+/=]{5000,}"
)
_DATA_FILE = re.compile(r"\s*(?:data:(?!image/)[^,]{0,200},|blob:)", re.IGNORECASE)
_DOCTYPE = r"<!DOCTYPE[^\[>]*+(?:\[(?:[^\]\"']++|\"[^\"]*+\"|'[^']*+')*+\])?\s*>"
_XML_TAG = (
    r"<!--(?:.*?-->|.*)|<!\[CDATA\[(?:.*?\]\]>|.*)|<\?(?:.*?\?>|.*)|"
    r"<(?P<tag>[^\s<>/!?])(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+>"
)
_EVENT = re.compile(r"on[a-z]{2,40}")
_FOLD = re.compile(r"\r?\n[ \t]|\r[ \t]")
_ODD_LINK = (
    r"\b(?:javascript|vbscript):|\bdata:(?:text/html|application/(?!octet)[\w.+-]*(?:html|script|msdownload))|"
    r"\bfile:/{2,}|\bsearch-ms:|(?<![\w-])ms-(?:msdt|appinstaller|officecmd|search|cxh):|"
    r"\bhttps?:(?:/{2}|\\/\\/)(?P<rest>[^\s\"'<>;,\\]{1,2000})"
)
_NUMERIC_HOST = re.compile(r"(?:\d{1,3}(?:\.\d{1,3}){3}|0x[0-9a-f]{6,8}|\d{8,10}|\[[0-9a-f:.]+\])\Z", re.IGNORECASE)
_FILE_IN_PATH = re.compile(r"\.([a-z0-9_]{1,12})\Z", re.IGNORECASE)


def html_attachment(message: Message) -> Iterator[Hit]:
    """Each attached web page. `risk` is 1 for a plain one, 2 for one that acts, 3 for one that builds a file."""
    for part in message.attachments:
        if not _is_page(message, part):
            continue
        hits = list(_acts(message.html(part)))
        if not hits:
            yield Hit(place_of(part), {"name": called(part), "risk": 1})
        for text, risk in hits:
            yield Hit(text, {"name": called(part), "risk": risk})


def _is_page(message: Message, part: Part) -> bool:
    last = ending(name_of(part))
    if last in _PAGES or part.content_type in ("text/html", "application/xhtml+xml"):
        return True
    found = message.file_type(part) if part.content_type.startswith("application/") else None
    return found is not None and found.family == "html" and last in ("", "hta")


def _acts(document: Document) -> Iterator[tuple[Text, int]]:
    """What acts in a page, with its risk, in the order of the text as far as tags go."""
    passwords = any(element.attrs.get("type", "").strip().lower() == "password" for element in document.all("input"))
    for element in document.all("script", "form", "meta", "a", "body", *ACTING):
        risk = _risk(element, 3 if passwords else 2)
        if risk:
            yield element.text, risk
        if element.tag == "script" and risk:
            found = re.compile(_SMUGGLING, re.IGNORECASE).search(element.inner.value)
            if found:
                end = min(found.end(), found.start() + 80)
                yield element.inner[found.start() : end], 3


def _risk(element: Element, of_form: int) -> int:
    """0 for an element that is harmless in a page."""
    attrs = element.attrs
    if element.tag == "form":
        return of_form
    if element.tag == "meta":
        is_refresh = attrs.get("http-equiv", "").strip().lower() == "refresh"
        return 2 if is_refresh and "url" in attrs.get("content", "").lower() else 0
    if element.tag == "a":
        return 3 if "download" in attrs and _DATA_FILE.match(attrs.get("href", "")) else 0
    if element.tag == "script":
        return 0 if attrs.get("type", "").partition(";")[0].strip().lower() in DATA_SCRIPTS else 2
    if element.tag == "body":
        return 2 if attrs.get("onload", "").strip() else 0
    return 2 if element.tag != "base" or attrs.get("href", "").strip() else 0


# ---- drawings


def svg_attachment(message: Message) -> Iterator[Hit]:
    """What runs, redirects or links in an attached SVG. `risk` is 2, or 1 for a plain link to the web."""
    for part in message.attachments:
        last = ending(name_of(part))
        found = message.file_type(part)
        if (
            last not in ("svg", "svgz")
            and part.content_type != "image/svg+xml"
            and (found is None or found.family != "svg")
        ):
            continue
        limit = message.limits.drawing
        if part.end - part.body_start > 2 * limit:
            yield Hit(place_of(part), {"name": called(part), "what": f"> {limit} bytes", "risk": 1})
            continue
        size, findings = _drawn(_inflated(part.content, limit))
        tags = _start_tags(part.text) if findings else []
        for number, what, risk in findings:
            place = part.text[slice(*tags[number])] if len(tags) == size else place_of(part)
            yield Hit(place, {"name": called(part), "what": what, "risk": risk})


def _inflated(content: bytes, limit: int) -> bytes:
    """The first `limit` bytes of a drawing that is packed (SVGZ), or the drawing as it is."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    import zlib

    try:
        return zlib.decompressobj(31).decompress(content, limit)
    except zlib.error:
        return b""


def _drawn(content: bytes) -> tuple[int, list[tuple[int, str, int]]]:
    """The number of elements, and of each that acts its number among them, what it does, and the risk.

    The XML parser follows no entity and opens no address: what they would bring is not drawn either.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return 0, []
    elements = list(root.iter(etree.Element)) if root is not None else []
    findings: list[tuple[int, str, int]] = []
    for number, element in enumerate(elements):
        tag = str(element.tag).rpartition("}")[2].lower()
        attributes = {str(name).rpartition("}")[2].lower(): str(value) for name, value in element.attrib.items()}
        findings.extend((number, what, risk) for what, risk in _svg_risks(tag, attributes))
    return len(elements), findings


def _start_tags(text: Text) -> list[tuple[int, int]]:
    """Where each start tag of well-formed XML begins and ends."""
    first = text.value.find("<!DOCTYPE")
    doctype = re.compile(_DOCTYPE).match(text.value, first) if first >= 0 else None
    tags = re.compile(_XML_TAG, re.DOTALL).finditer(text.value, doctype.end() if doctype else 0)
    return [found.span() for found in tags if found["tag"]]


def _svg_risks(tag: str, attributes: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    if tag in ("script", "foreignobject", "iframe", "embed", "object", "handler", "listener"):
        yield f"<{tag}>", 2
    for name, value in attributes.items():
        if _EVENT.fullmatch(name) and value.strip():
            yield name, 2
    address = attributes.get("href", "").strip().lower()
    if tag == "a" and address and not address.startswith("#"):
        yield address[:80], 1 if address.startswith(("http", "mailto:")) else 2
    elif address.startswith(("javascript:", "data:text/html", "data:image/svg")):
        yield address[:80], 2


# ---- calendar entries and contact cards


def calendar_link(message: Message) -> Iterator[Hit]:
    """Each odd address in a calendar entry."""
    yield from _odd_links(message, ("text/calendar", "application/ics"), ("ics", "ical", "vcs"))


def contact_file_link(message: Message) -> Iterator[Hit]:
    """Each odd address in a contact card."""
    yield from _odd_links(message, ("text/vcard", "text/x-vcard", "text/directory"), ("vcf", "vcard"))


def _odd_links(message: Message, types: tuple[str, ...], endings: tuple[str, ...]) -> Iterator[Hit]:
    for part in message.files:
        if part.content_type in types or ending(name_of(part)) in endings:
            text = unfolded(part.text)
            for found in re.compile(_ODD_LINK, re.IGNORECASE).finditer(text.value):
                if found["rest"] is None or _is_odd(found["rest"]):
                    yield Hit(text[found.start() : found.end()], {"name": called(part), "address": found[0]})


def _is_odd(rest: str) -> bool:
    """Whether an address without its scheme has a number or a user for a host, or names a program."""
    authority, _, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    host = host if host.startswith("[") else host.partition(":")[0]
    if _NUMERIC_HOST.match(host) or (at and user):
        return True
    named = _FILE_IN_PATH.search(re.split(r"[?#]", path, maxsplit=1)[0])
    return named is not None and named[1].lower() in GMAIL and named[1].lower() != "com"


def unfolded(text: Text) -> Text:
    """The text with its folded lines joined (RFC 5545 3.1): a line end and one blank are nothing."""
    value = text.value
    folds = [found.span() for found in _FOLD.finditer(value)]
    if not folds:
        return text

    def trace() -> Locate:
        starts = [0, *(end for _, end in folds)]
        ends = [*(start for start, _ in folds), len(value)]
        return segmented((end - start, start, end - start) for start, end in zip(starts, ends, strict=True))

    return Text(_FOLD.sub("", value), text, trace)
