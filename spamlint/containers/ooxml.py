"""What an Office document in XML (docx, xlsx, pptx) holds beside the text. The only user of an XML parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

from spamlint.containers.budget import Budget
from spamlint.containers.entry import Entry
from spamlint.containers.office import ole_traits

CONTENT_TYPES = "[Content_Types].xml"

ENDS = frozenset((
    "docx", "docm", "dotx", "dotm", "xlsx", "xlsm", "xlsb", "xltx", "xltm", "xlam", "pptx", "pptm", "potx", "potm",
    "ppsx", "ppsm", "ppam", "sldx", "sldm", "vsdx", "vsdm",
))  # fmt: skip
"""Ends of names of Office documents in XML, each of which holds `CONTENT_TYPES`."""

_FETCHED = ("attachedTemplate", "oleObject", "frame", "subDocument")
"""Types of relationship whose target Office fetches when it opens the document. A link is fetched when clicked."""
_REMOTE = re.compile(
    r"\s*(?:(?:mhtml:|!?x-usc:)?(?:https?|ftp)[:!]|(?:file:/*)?(?:\\\\|//)(?![a-z]:|/)[^/\\]+[/\\])", re.IGNORECASE
)
_DDE = re.compile(r"\s*DDE(?:AUTO)?\b", re.IGNORECASE)
_FIELD_HOLDERS = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml", re.IGNORECASE)
_DDE_LINK = re.compile(rb"<(?:\w+:)?ddeLink\b[^>]{0,300}")
_EMBEDDED = re.compile(r"(?:word|xl|ppt)/embeddings/[^/]+\.bin", re.IGNORECASE)
_PARSER_WORK = 4
"""Units of work for one byte of XML."""
_ELEMENT_WORK = 384
"""Units of work for one element."""
_SWEEP = 1_000
"""Elements after which those already seen are taken out of the tree, so that it stays small."""


def traits(entries: list[Entry], budget: Budget) -> list[tuple[str, str]]:
    """Code and detail of each thing noticed in the document whose zip holds `entries`."""
    found: list[tuple[str, str]] = []
    parts = 0
    for entry in entries:
        looker = _LOOKERS.get(_role(entry.name))
        if looker is None or entry.read is None:
            continue
        parts += 1
        if parts > budget.limits.document_parts:
            budget.reach("document-parts")
            break
        limit = budget.limits.document_xml
        data = entry.read(limit + 1)
        if len(data) > limit:
            budget.reach("document-xml")
            data = data[:limit]
        found += looker(data, budget)
    return list(dict.fromkeys(found))


def _role(name: str) -> str:
    path = name.replace("\\", "/").lstrip("/")
    low = path.lower()
    if low.endswith("vbaproject.bin") or low.startswith(("xl/macrosheets/", "xl/intlmacrosheets/")):
        return "macros"
    if low.endswith(".rels"):
        return "relationships"
    if low == CONTENT_TYPES.lower():
        return "types"
    if _FIELD_HOLDERS.fullmatch(path):
        return "fields"
    if low.startswith("xl/externallinks/") and low.endswith(".xml"):
        return "links"
    if _EMBEDDED.fullmatch(path):
        return "embedded"
    return ""


def _macros(data: bytes, _: Budget) -> list[tuple[str, str]]:
    return [("macros", "VBA" if data.startswith(b"\xd0\xcf\x11\xe0") else "")]


def _types(data: bytes, _: Budget) -> list[tuple[str, str]]:
    return [("macros", "VBA")] if b"vnd.ms-office.vbaProject" in data else []


def _relationships(data: bytes, budget: Budget) -> list[tuple[str, str]]:
    if b"External" not in data and b"\0" not in data:
        return []
    found = []
    for tag, attributes, _ in _elements(data, budget):
        target = attributes.get("Target", "")
        if tag == "Relationship" and attributes.get("TargetMode") == "External" and _REMOTE.match(target):
            kind = attributes.get("Type", "").rpartition("/")[2]
            if kind in _FETCHED:
                found.append(("template", target.strip()))
    return found


def _fields(data: bytes, budget: Budget) -> list[tuple[str, str]]:
    """DDE fields. The instruction of one field may be cut into many runs, to hide the word."""
    if b"instrText" not in data and b"fldSimple" not in data and b"\0" not in data:
        return []
    instruction = ""
    for tag, attributes, text in _elements(data, budget):
        if tag == "fldChar" and attributes.get("fldCharType") == "begin":
            instruction = ""
        elif tag == "instrText":
            instruction = (instruction + text)[:1000]
        elif tag == "fldSimple":
            instruction = attributes.get("instr", "")
        if instruction and _DDE.match(instruction):
            return [("dde", instruction.strip()[:80])]
    return []


def _links(data: bytes, _: Budget) -> list[tuple[str, str]]:
    found = _DDE_LINK.search(data)
    return [("dde", found[0].decode("utf-8", "replace"))] if found else []


def _embedded(data: bytes, budget: Budget) -> list[tuple[str, str]]:
    return [(code, detail) for code, detail in ole_traits(data, budget) if code in ("embedded", "macros")]


_LOOKERS = {
    "macros": _macros, "types": _types, "relationships": _relationships, "fields": _fields, "links": _links,
    "embedded": _embedded,
}  # fmt: skip


def _elements(data: bytes, budget: Budget) -> Iterator[tuple[str, dict[str, str], str]]:
    """Local name, attributes by local name, and text of each element, up to the first error.

    Entities stay as they are, nothing is fetched, and a document type, which Office forbids, ends the reading.
    """
    from lxml import etree

    if not budget.spend(len(data) * _PARSER_WORK):
        return
    try:
        walk = etree.iterparse(
            BytesIO(data),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        for count, (_, element) in enumerate(walk):
            if not budget.spend(_ELEMENT_WORK) or (not count and element.getroottree().docinfo.internalDTD is not None):
                return
            attributes = {key.rpartition("}")[2]: value for key, value in element.items()}
            yield element.tag.rpartition("}")[2], attributes, element.text or ""
            element.clear()
            if not count % _SWEEP and element.getparent() is not None:
                del element.getparent()[: element.getparent().index(element)]
    except (etree.LxmlError, ValueError):
        return
