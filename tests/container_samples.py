"""Builds archives and documents for the tests: valid ones, and bombs."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence

from spamlint.message import Message

MZ = b"MZ" + b"\0" * 58 + struct.pack("<L", 64) + b"PE\0\0" + b"\0" * 20
"""The first bytes of a Windows program."""

WHEN = (2026, 11, 2, 9, 30, 0)


def message_with(data: bytes, name: str, content_type: str = "application/octet-stream") -> Message:
    """A message with `data` attached under `name`."""
    from base64 import encodebytes

    head = (
        "From: Ann Bakker <ann@bakery.example>\r\nTo: Bo Jansen <bo@clients.example>\r\n"
        "Date: Mon, 02 Nov 2026 09:30:00 +0100\r\nMessage-ID: <20261102093000.4711@bakery.example>\r\n"
        "Subject: Your bread\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=cut\r\n\r\n"
        "--cut\r\nContent-Type: text/plain\r\n\r\nThe bread is ready.\r\n"
        f"--cut\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    )
    return Message.from_bytes(head.encode() + encodebytes(data) + b"\r\n--cut--\r\n", "mail.eml")


# ---- archives


def zip_of(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = method
            archive.writestr(info, data)
    return held.getvalue()


def locked_zip(name: str, data: bytes, password: bytes) -> bytes:
    """A zip archive with one file, encrypted as PKZIP 2.0 does."""
    keys = [0x12345678, 0x23456789, 0x34567890]

    def step(byte: int) -> None:
        keys[0] = ~zlib.crc32(bytes((byte,)), ~keys[0] & 0xFFFFFFFF) & 0xFFFFFFFF
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = ~zlib.crc32(bytes((keys[1] >> 24,)), ~keys[2] & 0xFFFFFFFF) & 0xFFFFFFFF

    for byte in password:
        step(byte)
    packed = bytearray()
    checksum = zlib.crc32(data)
    for byte in bytes(11) + bytes((checksum >> 24,)) + data:
        mask = (keys[2] & 0xFFFF) | 2
        packed.append(byte ^ (mask * (mask ^ 1) >> 8 & 0xFF))
        step(byte)
    return raw_zip([(name, 1, 0, bytes(packed), len(data), None)], checksum)


def raw_zip(files: Sequence[tuple[str, int, int, bytes, int, int | None]], checksum: int = 0) -> bytes:
    """A zip archive of (name, flags, method, packed bytes, size, local offset to use instead of the real one)."""
    body, directory = bytearray(), bytearray()
    for name, flags, method, packed, size, elsewhere in files:
        raw = name.encode()
        offset = len(body) if elsewhere is None else elsewhere
        common = struct.pack(
            "<5H3L2H", 20, flags | 0x800, method, 0x4BC0, 0x5B62, checksum, len(packed), size, len(raw), 0
        )
        if elsewhere is None:
            body += b"PK\3\4" + common + raw + packed
        directory += b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<3H2L", 0, 0, 0, 0, offset) + raw
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, len(files) & 0xFFFF, len(files) & 0xFFFF, len(directory), len(body), 0
    )
    return bytes(body + directory + end)


def tar_of(files: Mapping[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=form) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return held.getvalue()


def _vint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*found, value))


def rar5_of(names: Sequence[str], *, locked: bool = False, locked_list: bool = False) -> bytes:
    """A RAR 5 archive of small stored files."""

    def block(header: bytes, data: bytes = b"") -> bytes:
        sized = _vint(len(header)) + header
        return struct.pack("<L", zlib.crc32(sized)) + sized + data

    found = b"Rar!\x1a\x07\x01\x00"
    if locked_list:
        return found + block(b"\4\0\0\0\x0f" + bytes(16)) + bytes(64)
    found += block(b"\1\0\0")
    for name in names:
        raw, data = name.encode(), b"bread"
        extra = _vint(36) + b"\1\0\0\x0f" + bytes(32) if locked else b""
        flags = b"\3" + _vint(len(extra)) if locked else b"\2"
        file = _vint(0) + _vint(len(data)) + _vint(0) + _vint(0) + _vint(1) + _vint(len(raw)) + raw
        found += block(b"\2" + flags + _vint(len(data)) + file + extra, data)
    return found + block(b"\5\0\0")


def rar4_of(names: Sequence[str], *, locked: bool = False, locked_list: bool = False) -> bytes:
    """A RAR 4 archive of small stored files."""

    def block(kind: int, flags: int, rest: bytes, data: bytes = b"") -> bytes:
        header = struct.pack("<BHH", kind, flags, len(rest) + 7) + rest
        return struct.pack("<H", zlib.crc32(header) & 0xFFFF) + header + data

    found = b"Rar!\x1a\x07\x00" + block(0x73, 0x80 if locked_list else 0, bytes(6))
    for name in () if locked_list else names:
        raw, data = name.encode("latin-1"), b"bread"
        rest = struct.pack("<2LB2L2BHL", 5, 5, 2, zlib.crc32(data), 0x5B624BC0, 29, 0x30, len(raw), 0x20) + raw
        found += block(0x74, 0x8000 | 4 * locked, rest, data)
    return found + block(0x7B, 0x4000, b"")


def cab_of(names: Sequence[str]) -> bytes:
    """A cabinet of small files that are not compressed."""
    data = b"bread" * len(names)
    files = b""
    for index, name in enumerate(names):
        files += struct.pack("<2L4H", 5, 5 * index, 0, 0x5B62, 0x4BC0, 0x20) + name.encode("cp1252") + b"\0"
    first, folder_at = 36 + 8, 36 + 8 + len(files)
    header = struct.pack("<4s5L2B5H", b"MSCF", 0, folder_at + 8 + len(data), 0, first, 0, 3, 1, 1, len(names), 0, 0, 0)
    return header + struct.pack("<LHH", folder_at, 1, 0) + files + struct.pack("<LHH", 0, len(data), len(data)) + data


def _number7(value: int) -> bytes:
    return bytes((value,)) if value < 0x80 else bytes((0xC0, value & 0xFF, value >> 8))


def seven_of(names: Sequence[str], *, locked: bool = False, locked_list: bool = False, packed: bool = True) -> bytes:
    """A 7z archive of small stored files, its header packed with LZMA (or stored, or said to be encrypted)."""
    count, body = len(names), b"bread" * len(names)
    raw_names = b"\0" + b"".join(name.encode("utf-16-le") + b"\0\0" for name in names)
    coder = b"\x24\6\xf1\7\1\x01\0" if locked else b"\1\0"
    header = (
        b"\1\4\6\0\1\x09" + _number7(len(body)) + b"\0\7\x0b\1\0\1" + coder + b"\x0c" + _number7(len(body)) + b"\0"
        b"\x08\x0d" + _number7(count) + b"\x09" + b"\5" * (count - 1) + b"\0\0"
        b"\5" + _number7(count) + b"\x11" + _number7(len(raw_names)) + raw_names + b"\0\0"
    )
    if packed or locked_list:
        size = len(header)
        filters = [{"id": lzma.FILTER_LZMA1, "dict_size": 65536, "lc": 3, "lp": 0, "pb": 2}]
        coded = header if locked_list else lzma.compress(header, lzma.FORMAT_RAW, filters=filters)
        method = b"\x24\6\xf1\7\1\x01\0" if locked_list else b"\x23\3\1\1\5\x5d\0\0\1\0"
        start = _number7(len(body))
        header = b"\x17\6" + start + b"\1\x09" + _number7(len(coded)) + b"\0\7\x0b\1\0\1" + method
        header += b"\x0c" + _number7(size) + b"\0\0"
        body += coded
    start_header = struct.pack("<QQL", len(body), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<L", zlib.crc32(start_header)) + start_header + body + header


def iso_of(files: Mapping[str, bytes]) -> bytes:
    """A disk image with all files in its root."""

    def both(value: int) -> bytes:
        return struct.pack("<L", value) + struct.pack(">L", value)

    def record(name: bytes, at: int, size: int, flags: int) -> bytes:
        pad = b"" if len(name) % 2 else b"\0"
        rest = both(at) + both(size) + bytes(7) + bytes((flags, 0, 0)) + b"\1\0\0\1" + bytes((len(name),)) + name + pad
        return bytes((len(rest) + 2, 0)) + rest

    folder = record(b"\0", 18, 2048, 2) + record(b"\1", 18, 2048, 2)
    data = b""
    for name, content in files.items():
        folder += record(name.encode() + b";1", 19 + len(data) // 2048, len(content), 0)
        data += content + bytes(-len(content) % 2048)
    primary = b"\1CD001\1" + bytes(149) + record(b"\0", 18, 2048, 2)
    return (
        bytes(32768) + primary.ljust(2048, b"\0") + b"\xffCD001\1".ljust(2048, b"\0") + folder.ljust(2048, b"\0") + data
    )


# ---- documents


def ole_of(streams: Mapping[str, bytes], storages: Sequence[str] = ()) -> bytes:
    """An OLE compound file whose streams all lie in the mini stream."""
    mini, table = bytearray(), []
    rows = [("Root Entry", 5, 0, 0)]
    for name, data in streams.items():
        first = len(mini) // 64
        mini += data + bytes(-len(data) % 64)
        last = len(mini) // 64
        table += [*range(first + 1, last), 0xFFFFFFFE]
        rows.append((name, 2, first, len(data)))
    rows += [(name, 1, 0, 0) for name in storages]
    rows[0] = ("Root Entry", 5, 1, len(mini))

    def sectors(data: bytes) -> bytes:
        return data + bytes(-len(data) % 512)

    directory = b"".join(
        struct.pack(
            "<64sHBB3L16sL8s8sLQ", name.encode("utf-16-le") + b"\0\0", 2 * len(name) + 2, kind, 1, 0xFFFFFFFF,
            number + 1 if 0 < number < len(rows) - 1 else 0xFFFFFFFF, 0xFFFFFFFF if number else 1, b"", 0, b"", b"",
            start, size,
        )
        for number, (name, kind, start, size) in enumerate(rows)
    )  # fmt: skip
    blocks = [
        sectors(bytes(mini) or b"\0"),
        sectors(struct.pack(f"<{len(table)}L", *table) or b"\0"),
        sectors(directory),
    ]
    fat, starts = [0xFFFFFFFD], []
    for block in blocks:
        starts.append(len(fat))
        fat += [*range(len(fat) + 1, len(fat) + len(block) // 512), 0xFFFFFFFE]
    fat += [0xFFFFFFFF] * (128 - len(fat))
    header = struct.pack(
        "<8s16s5H6x9L", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, starts[2], 0, 4096,
        starts[1], len(blocks[1]) // 512, 0xFFFFFFFE, 0,
    )  # fmt: skip
    header += struct.pack("<109L", 0, *[0xFFFFFFFF] * 108)
    return header + struct.pack("<128L", *fat) + b"".join(blocks)


VBA = ole_of({"_VBA_PROJECT": b"\xcc\x61\xff\xff", "dir": b"x"}, ["VBA"])


def native(name: str, data: bytes) -> bytes:
    """An Ole10Native stream that packs a file."""
    raw = name.encode() + b"\0"
    inner = b"\2\0" + raw + raw + b"\0\0\3\0" + struct.pack("<L", len(raw)) + raw + struct.pack("<L", len(data)) + data
    return struct.pack("<L", len(inner)) + inner


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def docx_of(body: str = "<w:p><w:r><w:t>Bread</w:t></w:r></w:p>", extra: Mapping[str, bytes] | None = None) -> bytes:
    """A Word document with that body, and `extra` files."""
    types = (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="{MAIN_TYPE}"/></Types>'
    )
    files = {
        "[Content_Types].xml": types.encode(),
        "_rels/.rels": relationships(("officeDocument", "word/document.xml", False)),
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'.encode(),
    }
    return zip_of(files | dict(extra or {}))


def relationships(*rows: tuple[str, str, bool]) -> bytes:
    """A file of relationships: type, target, and whether it is external."""
    outside = ' TargetMode="External"'
    inner = "".join(
        f'<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{target}"{outside if external else ""}/>'
        for number, (kind, target, external) in enumerate(rows)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'.encode()


def pdf_of(catalog: str = "", objects: Sequence[str] = (), trailer: str = "", packed: str = "") -> bytes:
    """A PDF with one empty page, further objects from number 4 on, and `packed` objects in an object stream."""
    bodies = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>",
        *objects,
    ]
    found, places = bytearray(b"%PDF-1.7\n"), []
    raw = [body.encode("latin-1") for body in bodies]
    if packed:
        data = zlib.compress(f"9 0 {packed}".encode("latin-1"))
        head = f"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length {len(data)} >>"
        raw.append(head.encode() + b"\nstream\n" + data + b"\nendstream")
    for number, body in enumerate(raw, 1):
        places.append(len(found))
        found += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    at = len(found)
    found += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    found += b"".join(b"%010d 00000 n \n" % place for place in places)
    found += f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{at}\n%%EOF\n".encode()
    return bytes(found)


def all_kinds() -> dict[str, bytes]:
    """One small sample of each kind of container, by file name."""
    files = {"bread.txt": b"bread " * 20, "run.exe": MZ}
    return {
        "a.zip": zip_of(files),
        "a.tar": tar_of(files),
        "a.tar.gz": gzip.compress(tar_of(files), mtime=0),
        "a.tar.bz2": bz2.compress(tar_of(files)),
        "a.tar.xz": lzma.compress(tar_of(files)),
        "a.7z": seven_of(["bread.txt", "run.exe"]),
        "b.7z": seven_of(["bread.txt"], packed=False),
        "a4.rar": rar4_of(["bread.txt", "run.exe"]),
        "a5.rar": rar5_of(["bread.txt", "run.exe"]),
        "a.cab": cab_of(["bread.txt", "run.exe"]),
        "a.iso": iso_of(files),
        "a.doc": ole_of({"WordDocument": b"\xec\xa5" + bytes(40), "\x01Ole10Native": native("a.exe", MZ)}, ["VBA"]),
        "a.docx": docx_of(extra={"word/vbaProject.bin": VBA}),
        "a.pdf": pdf_of("/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>", packed="<< /S /Launch >>"),
        "a.rtf": b"{\\rtf1 {\\field{\\*\\fldinst DDEAUTO cmd x}}{\\object{\\objdata 0105}}}",
    }
