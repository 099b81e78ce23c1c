"""Which container a file is, by its first bytes, and what the ends of names say."""

from __future__ import annotations

from spamlint.mime import Part
from spamlint.mime.transfer import decode

HEAD = 1024
"""Bytes from the start of a file that tell what it is."""

ISO_HEAD = 32774
"""Bytes from the start of a disk image that tell that it is one."""
_MAGIC = (
    (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"), (b"PK00PK\x03\x04", "zip"), (b"Rar!\x1a\x07\x00", "rar"),
    (b"Rar!\x1a\x07\x01\x00", "rar"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"\x1f\x8b", "gz"), (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"), (b"MSCF", "cab"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\x78\x9f\x3e\x22", "tnef"), (b"{\\rt", "rtf"), (b"L\x00\x00\x00\x01\x14\x02\x00", "lnk"),
)  # fmt: skip

MULTIPLE = frozenset(("zip", "rar", "7z", "cab", "iso", "tar"))
"""Kinds that hold any number of files."""

ARCHIVE_ENDS = frozenset((
    "zip", "zipx", "rar", "7z", "tar", "tgz", "tbz", "tbz2", "txz", "tlz", "taz", "gz", "bz2", "xz", "lzma", "cab",
    "iso", "img", "arj", "ace", "lzh", "lha", "z", "zst", "arc",
))  # fmt: skip
"""Ends of names that mean an archive or a disk image."""

SEVERAL_ENDS = frozenset((
    "zip", "zipx", "rar", "7z", "tar", "tgz", "tbz", "tbz2", "txz", "cab", "iso", "arj", "ace", "lzh", "lha",
))  # fmt: skip
"""Those of them that hold any number of files."""

PACKED_DOCUMENT_ENDS = frozenset((
    "docx", "docm", "dotx", "dotm", "xlsx", "xlsm", "xlsb", "xltx", "xltm", "xlam", "pptx", "pptm", "potx", "potm",
    "ppsx", "ppsm", "ppam", "sldx", "sldm", "vsdx", "vsdm", "thmx", "oxps", "xps", "odt", "ods", "odp", "odg",
    "odf", "odb", "ott", "ots", "otp", "epub", "pages", "numbers", "key", "jar", "war", "ear", "apk", "aar", "ipa",
    "xpi", "crx", "kmz", "3mf", "nupkg", "whl", "usdz", "sketch", "idml", "oxt", "vsix", "pbix", "twbx", "mscz",
    "gpkg",
))  # fmt: skip
"""Ends of names of documents and programs that are zip files by design: their files are not the sender's."""

OTHER_ENDS = frozenset((
    "jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp", "heic", "svg", "ico", "pdf", "txt", "csv", "log",
    "md", "htm", "html", "xml", "json", "rtf", "mp3", "mp4", "m4a", "wav", "avi", "mov", "mkv", "ogg", "flac",
    "eml", "ics", "vcf",
))  # fmt: skip
"""Ends of names that are certainly no archive, nor any other container than the one they name."""

LURE_ENDS = frozenset((
    "doc", "docx", "xls", "xlsx", "ppt", "pptx", "pdf", "txt", "rtf", "csv", "jpg", "jpeg", "png", "gif", "bmp",
    "mp3", "mp4", "avi", "htm", "html", "zip",
))  # fmt: skip
"""Ends of names that people trust, before the real one."""

_LOOKS_LIKE_ISO = ("iso", "img", "udf", "bin")


def ending(name: str) -> str:
    """What stands behind the last dot of a file name, in lower case; blanks and dots behind it do not count."""
    stem, dot, end = name.rstrip(" .\t\r\n\0\u00a0").rpartition(".")
    return end.strip().lower() if dot and stem and "/" not in end else ""


def kind_of(head: bytes) -> str:
    """The kind of container that begins with `head`, "exe" for a Windows program, or "" for anything else."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind if kind != "bz2" or head[3:4].isdigit() else ""
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head[257:262] == b"ustar":
        return "tar"
    if head[:2] == b"MZ" and len(head) >= 64:
        at = int.from_bytes(head[60:64], "little")
        return "exe" if head[at : at + 4] == b"PE\0\0" or at + 4 > len(head) else ""
    return ""


def is_iso(data: bytes | memoryview) -> bool:
    """Whether `data` begins a disk image in the ISO 9660 format."""
    return bytes(data[ISO_HEAD - 5 : ISO_HEAD]) == b"CD001"


def may_be_iso(name: str) -> bool:
    """Whether the end of a name is one that disk images have; their first bytes are far behind the start."""
    return ending(name) in _LOOKS_LIKE_ISO


def part_kind(part: Part) -> str:
    """The kind of container that a leaf is, by its first bytes; the rest is not decoded for it."""
    if part.children:
        return ""
    kind = kind_of(_head(part, HEAD))
    if kind:
        return kind
    name = part.filename.value if part.filename else ""
    if (may_be_iso(name) or "iso9660" in part.content_type) and is_iso(_head(part, ISO_HEAD)):
        return "iso"
    end = ending(name)
    return end if end in ("zip", "tar") and part.end > part.body_start else ""


def _head(part: Part, size: int) -> bytes:
    """The first bytes of a leaf, without its transfer encoding."""
    stop = min(part.end, part.body_start + size * 3 // 2 + 256)
    return decode(part.source.data[part.body_start : stop], part.encoding).content[:size]
