"""Files that are no text: signatures at fixed places, and what can be told from a few bytes behind them."""

from __future__ import annotations

import re

from spamlint.filetype.kind import Family, FileType

_AT: tuple[tuple[int, tuple[bytes, ...], str, Family], ...] = (
    (0, (b"\x7fELF",), "ELF program", "executable"),
    (
        0,
        (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"),
        "Mach-O program",
        "executable",
    ),
    (0, (b"dex\n03",), "Android program", "executable"),
    (0, (b"\0asm\1\0\0\0",), "WebAssembly program", "executable"),
    (0, (b"L\0\0\0\1\x14\2\0\0\0\0\0\xc0\0\0\0\0\0\0F",), "Windows shortcut", "shortcut"),
    (0, (b"conectix",), "VHD disk", "disk-image"),
    (0, (b"vhdxfile",), "VHDX disk", "disk-image"),
    (0, (b"QFI\xfb",), "QCOW disk", "disk-image"),
    (0, (b"KDMV",), "VMDK disk", "disk-image"),
    (0, (b"MSWIM\0\0\0",), "WIM disk", "disk-image"),
    (0, (b"xar!",), "macOS package", "installer"),
    (0, (b"\xed\xab\xee\xdb",), "RPM package", "installer"),
    (0, (b"!<arch>\ndebian",), "Debian package", "installer"),
    (0, (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",), "OLE file", "ole"),
    (
        0,
        (
            b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3",
            b"\xa1\x2f\xff\x43\xd9\xef\x76\x4c\x9e\xe2\x10\xea\x57\x22\x76\x5f",
        ),
        "OneNote file",
        "onenote",
    ),
    (0, (b"ITSF\3\0\0\0", b"?_\3\0"), "Windows help", "help"),
    (0, (b"{\\rtf",), "RTF", "office"),
    (0, (b"Rar!\x1a\7",), "RAR", "archive"),
    (0, (b"7z\xbc\xaf\x27\x1c",), "7z", "archive"),
    (0, (b"\xfd7zXZ\0",), "xz", "archive"),
    (0, (b"\x1f\x8b\x08",), "gzip", "archive"),
    (0, (b"\x1f\x9d",), "compress", "archive"),
    (0, (b"\x28\xb5\x2f\xfd",), "Zstandard", "archive"),
    (0, (b"\x04\x22\x4d\x18",), "LZ4", "archive"),
    (0, (b"LZIP\1",), "lzip", "archive"),
    (0, (b"MSCF\0\0\0\0",), "CAB", "archive"),
    (7, (b"**ACE**",), "ACE", "archive"),
    (257, (b"ustar",), "tar", "archive"),
    (0, (b"\x78\x9f\x3e\x22",), "TNEF (winmail.dat)", "message"),
    (0, (b"\x89PNG\r\n\x1a\n",), "PNG", "image"),
    (0, (b"\xff\xd8\xff",), "JPEG", "image"),
    (0, (b"GIF87a", b"GIF89a"), "GIF", "image"),
    (0, (b"II*\0", b"MM\0*"), "TIFF", "image"),
    (0, (b"\0\0\1\0",), "icon", "image"),
    (0, (b"8BPS\0\1",), "Photoshop picture", "image"),
    (0, (b"\xd7\xcd\xc6\x9a\0\0",), "WMF", "image"),
    (0, (b"\0\0\0\x0cjP  \r\n",), "JPEG 2000", "image"),
    (0, (b"OggS\0",), "Ogg", "audio"),
    (0, (b"fLaC\0",), "FLAC", "audio"),
    (0, (b"ID3\2", b"ID3\3", b"ID3\4"), "MP3", "audio"),
    (0, (b"#!AMR\n",), "AMR", "audio"),
    (0, (b"MThd\0\0\0\6",), "MIDI", "audio"),
    (0, (b"\x1aE\xdf\xa3",), "Matroska", "video"),
    (0, (b"FLV\1",), "Flash video", "video"),
    (0, (b"0&\xb2u\x8ef\xcf\x11",), "Windows Media", "video"),
    (0, (b"FWS", b"CWS", b"ZWS"), "Flash program", "executable"),
)
"""Offset, bytes, name and family of what has a signature at a fixed place."""


def _table() -> dict[int, list[tuple[int, bytes, FileType]]]:
    """The rows of `_AT` by their first byte; under -1 those that do not begin at the first byte."""
    table: dict[int, list[tuple[int, bytes, FileType]]] = {}
    for offset, signatures, name, family in _AT:
        for signature in signatures:
            key = signature[0] if offset == 0 else -1
            table.setdefault(key, []).append((offset, signature, FileType(name, family)))
    return table


_BY_BYTE = _table()

_BRANDS: tuple[tuple[tuple[bytes, ...], str, Family], ...] = (
    ((b"avif",), "AVIF", "image"),
    ((b"heic", b"heix"), "HEIC", "image"),
    ((b"mif1", b"msf1"), "HEIF", "image"),
    ((b"M4A ", b"M4B "), "M4A", "audio"),
)
_RIFF: tuple[tuple[tuple[bytes, ...], str, Family], ...] = (
    ((b"WEBP",), "WebP", "image"),
    ((b"WAVE",), "WAV", "audio"),
    ((b"AVI ",), "AVI", "video"),
    ((b"RMID",), "MIDI", "audio"),
)
_ZIP_NAME = re.compile(rb"PK\x03\x04.{22}(..)..", re.DOTALL)


def of_binary(head: bytes) -> FileType | None:
    """What a file is that begins with `head`, as far as signatures tell."""
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


def _branded(brand: bytes, table: tuple[tuple[tuple[bytes, ...], str, Family], ...]) -> FileType | None:
    return next((FileType(name, family) for known, name, family in table if brand in known), None)


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
