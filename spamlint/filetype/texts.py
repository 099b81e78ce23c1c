"""Files that are texts: pages, drawings, scripts, shortcuts, armoured data."""

from __future__ import annotations

import re

from spamlint.filetype.kind import Family, FileType

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_COMMENTS = re.compile(r"\s*(?:<!--(?:(?!-->).)*(?:-->|\Z)\s*|<\?(?:(?!\?>).)*(?:\?>|\Z)\s*)*", re.DOTALL)
_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|link|script|style|iframe|form|table|div|h[1-6]|p|a|br|center|font|"
    r"base|img|span)(?=[\s>/])",
    re.IGNORECASE,
)
_XML_ROOT = re.compile(r"(?:<!DOCTYPE(?:[^\[\]<>]|\[[^\]]*\])*>\s*)?<(?:\w+:)?(\w+)", re.IGNORECASE)
_SHEBANG = re.compile(r"#!\s*/\S*?([^/\s]+)(?:\s+(?:-S\s+)?([\w.+-]+))?")
_BATCH = re.compile(r"\s*(?:@echo\s+(?:off|on)\b|::[^\n]*\n\s*@?echo\b|setlocal\b)", re.IGNORECASE)
_LINK_FILE = re.compile(r"\s*\[(?:InternetShortcut|\{000214A0[^\]]*|Shell|Desktop Entry)[^\]]*\]", re.IGNORECASE)
_SCRIPTED = re.compile(
    r"\s*(?:(?:['/][^\n]*\n|rem\b[^\n]*\n)\s*){0,20}(?:"
    r"(?:dim|set)\s+\w+\s*=?\s*createobject\s*\(|option\s+explicit\s*\n|on\s+error\s+resume\s+next\b|"
    r"(?:var|let|const)\s+\w+\s*=\s*(?:new\s+activexobject|wscript\.|getobject)\b|"
    r"#@~\^|param\s*\([^)]*\)\s*\n[^\n]*\$|\$\w+\s*=\s*new-object\b|powershell(?:\.exe)?\s+-|"
    r"import-module\s|set-strictmode\s)",
    re.IGNORECASE,
)
_ARMOUR = re.compile(r"\s*-----BEGIN ([A-Z0-9 ]+)-----")


def of_text(head: bytes) -> FileType | None:
    """What a text is: a page, a drawing, a script, a shortcut, an armoured file."""
    text = _decoded(head)
    if text is None:
        return None
    marked = _COMMENTS.match(text)
    start = marked.end() if marked else 0
    if text.startswith("<", start):
        return _marked_up(text, start)
    shebang = _SHEBANG.match(text)
    if shebang:
        program = shebang[2] if shebang[1] == "env" and shebang[2] else shebang[1]
        return FileType(f"{program[:20]} script", "script")
    for pattern, name, family in _TEXTS:
        if pattern.match(text):
            return FileType(name, family)
    armour = _ARMOUR.match(text)
    return _armoured(armour[1]) if armour else None


_TEXTS: tuple[tuple[re.Pattern[str], str, Family], ...] = (
    (_BATCH, "batch script", "script"),
    (_SCRIPTED, "Windows script", "script"),
    (_LINK_FILE, "link file", "shortcut"),
    (re.compile(r"\s*BEGIN:VCALENDAR\b", re.IGNORECASE), "calendar", "calendar"),
    (re.compile(r"\s*BEGIN:VCARD\b", re.IGNORECASE), "contact", "contact"),
)


def _decoded(head: bytes) -> str | None:
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return head[len(mark) :].decode(codec, "replace")
    if head[1:2] == b"\0" and head[3:4] == b"\0" and head[:1] == b"<":
        return head.decode("utf-16-le", "replace")
    return None if b"\0" in head[:512] else head.decode("latin-1")


def _marked_up(text: str, start: int) -> FileType | None:
    if _HTML.match(text, start):
        return FileType("HTML", "html")
    root = _XML_ROOT.match(text, start)
    name = root[1].lower() if root else ""
    if name == "svg":
        return FileType("SVG", "svg")
    if name in ("html", "body"):
        return FileType("HTML", "html")
    if name in ("job", "package", "scriptlet", "component") and "<script" in text.lower():
        return FileType("Windows script file", "script")
    return FileType("XML", "xml") if name and text.lstrip().startswith("<?xml") else None


def _armoured(label: str) -> FileType | None:
    if label == "PGP MESSAGE" or label == "PKCS7":
        return FileType("PGP message" if label.startswith("PGP") else "PKCS #7 data", "encrypted")
    return FileType("signature or key", "signature")
