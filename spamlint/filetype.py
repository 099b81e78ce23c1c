"""What a file is, by its first bytes: a table of signatures of our own, so that every machine gives the same answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Family: TypeAlias = Literal[
    "archive", "audio", "calendar", "contact", "disk-image", "encrypted", "executable", "help", "html", "image",
    "installer", "message", "office", "ole", "onenote", "pdf", "script", "shortcut", "signature", "svg", "video", "xml",
]  # fmt: skip
"""What kinds of files are told apart. `ole` is the container of old Office files, installers and Outlook messages."""

HEAD = 4096
"""Bytes of a file that are enough to tell what it is."""


@dataclass(frozen=True, slots=True)
class FileType:
    """A type of file: its name for people, and its family."""

    name: str
    family: Family


_AT: tuple[tuple[int, bytes, str, Family], ...] = (
    (0, b"\x7fELF", "ELF program", "executable"),
    (0, b"\xfe\xed\xfa\xce", "Mach-O program", "executable"),
    (0, b"\xfe\xed\xfa\xcf", "Mach-O program", "executable"),
    (0, b"\xce\xfa\xed\xfe", "Mach-O program", "executable"),
    (0, b"\xcf\xfa\xed\xfe", "Mach-O program", "executable"),
    (0, b"dex\n03", "Android program", "executable"),
    (0, b"\0asm\1\0\0\0", "WebAssembly program", "executable"),
    (0, b"L\0\0\0\1\x14\2\0\0\0\0\0\xc0\0\0\0\0\0\0F", "Windows shortcut", "shortcut"),
    (0, b"conectix", "VHD disk", "disk-image"),
    (0, b"vhdxfile", "VHDX disk", "disk-image"),
    (0, b"QFI\xfb", "QCOW disk", "disk-image"),
    (0, b"KDMV", "VMDK disk", "disk-image"),
    (0, b"MSWIM\0\0\0", "WIM disk", "disk-image"),
    (0, b"xar!", "macOS package", "installer"),
    (0, b"\xed\xab\xee\xdb", "RPM package", "installer"),
    (0, b"!<arch>\ndebian", "Debian package", "installer"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE file", "ole"),
    (0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3", "OneNote file", "onenote"),
    (0, b"\xa1\x2f\xff\x43\xd9\xef\x76\x4c\x9e\xe2\x10\xea\x57\x22\x76\x5f", "OneNote file", "onenote"),
    (0, b"ITSF\3\0\0\0", "Windows help", "help"),
    (0, b"?_\3\0", "Windows help", "help"),
    (0, b"{\\rtf", "RTF", "office"),
    (0, b"Rar!\x1a\7", "RAR", "archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z", "archive"),
    (0, b"\xfd7zXZ\0", "xz", "archive"),
    (0, b"\x1f\x8b\x08", "gzip", "archive"),
    (0, b"\x1f\x9d", "compress", "archive"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard", "archive"),
    (0, b"\x04\x22\x4d\x18", "LZ4", "archive"),
    (0, b"LZIP\1", "lzip", "archive"),
    (0, b"MSCF\0\0\0\0", "CAB", "archive"),
    (7, b"**ACE**", "ACE", "archive"),
    (257, b"ustar", "tar", "archive"),
    (0, b"\x78\x9f\x3e\x22", "TNEF (winmail.dat)", "message"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG", "image"),
    (0, b"\xff\xd8\xff", "JPEG", "image"),
    (0, b"GIF87a", "GIF", "image"),
    (0, b"GIF89a", "GIF", "image"),
    (0, b"II*\0", "TIFF", "image"),
    (0, b"MM\0*", "TIFF", "image"),
    (0, b"\0\0\1\0", "icon", "image"),
    (0, b"8BPS\0\1", "Photoshop picture", "image"),
    (0, b"\xd7\xcd\xc6\x9a\0\0", "WMF", "image"),
    (0, b"\0\0\0\x0cjP  \r\n", "JPEG 2000", "image"),
    (0, b"OggS\0", "Ogg", "audio"),
    (0, b"fLaC\0", "FLAC", "audio"),
    (0, b"ID3\2", "MP3", "audio"),
    (0, b"ID3\3", "MP3", "audio"),
    (0, b"ID3\4", "MP3", "audio"),
    (0, b"#!AMR\n", "AMR", "audio"),
    (0, b"MThd\0\0\0\6", "MIDI", "audio"),
    (0, b"\x1aE\xdf\xa3", "Matroska", "video"),
    (0, b"FLV\1", "Flash video", "video"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "Windows Media", "video"),
    (0, b"FWS", "Flash program", "executable"),
    (0, b"CWS", "Flash program", "executable"),
    (0, b"ZWS", "Flash program", "executable"),
)
"""Offset, bytes, name and family of what has a signature at a fixed place."""


def _table() -> dict[int, list[tuple[int, bytes, FileType]]]:
    """The rows of `_AT` by their first byte; under -1 those that do not begin at the first byte."""
    table: dict[int, list[tuple[int, bytes, FileType]]] = {}
    for offset, signature, name, family in _AT:
        key = signature[0] if offset == 0 else -1
        table.setdefault(key, []).append((offset, signature, FileType(name, family)))
    return table


_BY_BYTE = _table()

_BRANDS: tuple[tuple[bytes, str, Family], ...] = (
    (b"avif", "AVIF", "image"),
    (b"heic", "HEIC", "image"),
    (b"heix", "HEIC", "image"),
    (b"mif1", "HEIF", "image"),
    (b"msf1", "HEIF", "image"),
    (b"M4A ", "M4A", "audio"),
    (b"M4B ", "M4A", "audio"),
)
_RIFF: tuple[tuple[bytes, str, Family], ...] = (
    (b"WEBP", "WebP", "image"),
    (b"WAVE", "WAV", "audio"),
    (b"AVI ", "AVI", "video"),
    (b"RMID", "MIDI", "audio"),
)

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
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
_ZIP_NAME = re.compile(rb"PK\x03\x04.{22}(..)..", re.DOTALL)


def file_type(head: bytes) -> FileType | None:
    """What the file is that begins with `head` (its first `HEAD` bytes); None for plain text and what is unknown."""
    if not head:
        return None
    return _binary(head) or _of_text(head)


def _binary(head: bytes) -> FileType | None:
    for offset, signature, found in _BY_BYTE.get(head[0], []) + _BY_BYTE[-1]:
        if head.startswith(signature, offset) and (found.name != "Flash program" or b"\0" in head[3:21]):
            return _ole(head) if found.family == "ole" else found
    return _program(head) or _zip(head) or _media(head) or _der(head)


def _ole(head: bytes) -> FileType:
    """What an OLE file holds, where its root directory lies within `head`."""
    return next((found for mark, found in _OLE_CLASSES if mark in head), FileType("OLE file", "ole"))


_OLE_CLASSES = tuple(
    (bytes.fromhex(number) + b"\0\0\0\0\xc0\0\0\0\0\0\0F", found)
    for number, found in (
        ("84100c00", FileType("Windows Installer", "installer")),
        ("86100c00", FileType("Windows Installer patch", "installer")),
        ("0b0d0200", FileType("Outlook message", "message")),
    )
)
"""Class numbers of OLE files that are no documents."""


def _program(head: bytes) -> FileType | None:
    """A program that begins with letters or a number which other files begin with too."""
    if head.startswith(b"MZ") and (len(head) < 64 or b"\0" in head[:64] or b"\x90" in head[2:4]):
        return FileType("Windows program", "executable")
    if head.startswith(b"\xca\xfe\xba\xbe") and len(head) >= 8:
        is_java = int.from_bytes(head[4:8], "big") >= 45
        return FileType("Java class" if is_java else "Mach-O program", "executable")
    return None


def _media(head: bytes) -> FileType | None:
    if head.startswith(b"BZh") and head[3:4] in b"123456789" and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return FileType("bzip2", "archive")
    if head.startswith(b"BM") and len(head) >= 26 and head[6:10] == b"\0\0\0\0":
        return FileType("BMP", "image")
    if head.startswith(b"RIFF"):
        return _branded(head[8:12], _RIFF)
    if head[4:8] == b"ftyp":
        return _branded(head[8:12], _BRANDS) or FileType("MP4", "video")
    if b"%PDF-" in head[:1024]:
        return FileType("PDF", "pdf")
    return None


def _branded(brand: bytes, table: tuple[tuple[bytes, str, Family], ...]) -> FileType | None:
    return next((FileType(name, family) for known, name, family in table if brand == known), None)


def _der(head: bytes) -> FileType | None:
    """A PKCS #7 structure: SEQUENCE, then the object identifier of signed or enveloped data."""
    if head[:1] == b"\x30" and b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07" in head[:16]:
        if b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03" in head[:16]:
            return FileType("PKCS #7 encrypted data", "encrypted")
        return FileType("PKCS #7 signed data", "signature")
    is_pgp = (head[:1] == b"\x84" and head[2:3] == b"\3") or (head[:1] == b"\x85" and head[3:4] == b"\3")
    return FileType("PGP data", "encrypted") if is_pgp else None


def _zip(head: bytes) -> FileType | None:
    if not head.startswith((b"PK\3\4", b"PK\5\6", b"PK\7\x08", b"PK00PK\3\4")):
        return None
    for names, name, family in _ZIPS:
        if any(member.startswith(names) for member in _members(head)):
            return FileType(name, family)
    if b"mimetypeapplication/" in head[:60]:
        return FileType("OpenDocument or EPUB file", "office")
    return FileType("ZIP", "archive")


_ZIPS: tuple[tuple[tuple[bytes, ...], str, Family], ...] = (
    ((b"AndroidManifest.xml", b"classes.dex"), "Android package", "installer"),
    ((b"AppxManifest.xml", b"AppxBlockMap.xml"), "Windows app package", "installer"),
    ((b"META-INF/MANIFEST.MF",), "Java archive", "executable"),
    ((b"[Content_Types].xml", b"_rels/.rels", b"word/", b"xl/", b"ppt/", b"docProps/"), "Office file", "office"),
)
"""How the first members of a ZIP file are named, and what it then is."""


def _members(head: bytes) -> list[bytes]:
    found: list[bytes] = []
    at = head.find(b"PK\3\4")
    while at >= 0 and len(found) < 20:
        header = _ZIP_NAME.match(head, at)
        if header:
            found.append(head[header.end() : header.end() + int.from_bytes(header[1], "little")])
        at = head.find(b"PK\3\4", at + 4)
    return found


def _of_text(head: bytes) -> FileType | None:
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


def detail(head: bytes) -> str:
    """What libmagic says of `head`, for people to read; "" where it is not installed. No verdict depends on it."""
    import importlib

    try:
        magic = importlib.import_module("magic")
    except (ImportError, OSError):
        try:
            importlib.import_module("pylibmagic")  # lends its library to `magic` where the system has none
            magic = importlib.import_module("magic")
        except (ImportError, OSError):
            return ""
    try:
        return str(magic.from_buffer(head))[:80]
    except magic.MagicException:
        return ""
