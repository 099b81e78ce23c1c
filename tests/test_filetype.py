"""File types by content, and the first bytes of a part without decoding all of it."""

from __future__ import annotations

import base64
import binascii
import time
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.filetype import HEAD, detail, file_type
from spamlint.limits import DEFAULT_LIMITS
from spamlint.message import Message
from spamlint.mime import parse
from spamlint.source import Source


def zipped(*names: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


TYPES: dict[str, tuple[bytes, str]] = {
    "exe": (b"MZ\x90\0\3\0\0\0" + bytes(60), "executable"),
    "exe stub": (b"MZ\0\0", "executable"),
    "elf": (b"\x7fELF\2\1\1" + bytes(9), "executable"),
    "mach-o": (b"\xcf\xfa\xed\xfe\7\0\0\1", "executable"),
    "mach-o fat": (b"\xca\xfe\xba\xbe\0\0\0\2", "executable"),
    "java": (b"\xca\xfe\xba\xbe\0\0\0\x34", "executable"),
    "jar": (zipped("META-INF/MANIFEST.MF", "A.class"), "executable"),
    "shell": (b"#!/bin/sh\necho x\n", "script"),
    "python": (b"#!/usr/bin/env python3\nprint()\n", "script"),
    "batch": (b"@echo off\r\nstart x\r\n", "script"),
    "vbs": (b'\' hello\r\nSet sh = CreateObject("WScript.Shell")\r\n', "script"),
    "lnk": (b"L\0\0\0\1\x14\2\0\0\0\0\0\xc0\0\0\0\0\0\0F" + bytes(40), "shortcut"),
    "url": (b"[InternetShortcut]\r\nURL=https://bakery.example/\r\n", "shortcut"),
    "vhd": (b"conectix" + bytes(20), "disk-image"),
    "vhdx": (b"vhdxfile" + bytes(20), "disk-image"),
    "apk": (zipped("AndroidManifest.xml", "classes.dex"), "installer"),
    "ole": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(20), "ole"),
    "msi": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + bytes.fromhex("84100c0000000000c000000000000046"),
        "installer",
    ),
    "cab": (b"MSCF\0\0\0\0" + bytes(20), "archive"),
    "chm": (b"ITSF\3\0\0\0" + bytes(20), "help"),
    "onenote": (bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3") + bytes(20), "onenote"),
    "rtf": (b"{\\rtf1 x}", "office"),
    "docx": (zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml"), "office"),
    "odt": (zipped("mimetype"), "archive"),
    "zip": (zipped("a.txt"), "archive"),
    "empty zip": (b"PK\5\6" + bytes(18), "archive"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "archive"),
    "rar": (b"Rar!\x1a\7\1\0", "archive"),
    "gz": (b"\x1f\x8b\x08\0", "archive"),
    "bz2": (b"BZh91AY&SY", "archive"),
    "xz": (b"\xfd7zXZ\0\0\4", "archive"),
    "tar": (b"a.txt".ljust(257, b"\0") + b"ustar\0", "archive"),
    "pdf": (b"%PDF-1.7\n", "pdf"),
    "html": (b"\xef\xbb\xbf\n<!-- x --><!DOCTYPE html><html>", "html"),
    "utf-16 html": ("\ufeff<html>".encode("utf-16-le"), "html"),
    "xhtml": (b'<?xml version="1.0"?><html xmlns="x">', "html"),
    "svg": (b'<?xml version="1.0"?>\n<!DOCTYPE svg [<!ENTITY a "b">]>\n<svg>', "svg"),
    "prefixed svg": (b"<s:svg xmlns:s='http://www.w3.org/2000/svg'>", "svg"),
    "wsf": (b"<job><script language='VBScript'>x</script></job>", "script"),
    "xml": (b'<?xml version="1.0"?><order/>', "xml"),
    "png": (b"\x89PNG\r\n\x1a\n", "image"),
    "jpeg": (b"\xff\xd8\xff\xe0", "image"),
    "webp": (b"RIFF\0\0\0\0WEBP", "image"),
    "wav": (b"RIFF\0\0\0\0WAVE", "audio"),
    "mp4": (b"\0\0\0\x18ftypisom", "video"),
    "heic": (b"\0\0\0\x18ftypheic", "image"),
    "p7s": (bytes.fromhex("308006092a864886f70d010702a080"), "signature"),
    "p7m": (bytes.fromhex("308006092a864886f70d010703a080"), "encrypted"),
    "pgp": (b"-----BEGIN PGP MESSAGE-----\n", "encrypted"),
    "pgp signature": (b"-----BEGIN PGP SIGNATURE-----\n", "signature"),
    "calendar": (b"BEGIN:VCALENDAR\r\n", "calendar"),
    "contact": (b"BEGIN:VCARD\r\n", "contact"),
    "tnef": (b"\x78\x9f\x3e\x22\1\0", "message"),
}

UNKNOWN = {
    "nothing": b"",
    "words that begin like a program": b"MZ is the abbreviation of the town that our bakery moved to in the spring.\n",
    "words that begin like a bitmap": b"BM bakers meet at noon in the shop; bring a loaf of bread.",
    "words that begin like an archive": b"PK is the owner's name",
    "words about HTML": b"We write <p> where a paragraph begins.\n",
    "a mail address in brackets": b"<ann@bakery.example> wrote\n",
    "a comment of C": b"// prints the price list\nint main(void) { return 0; }\n",
    "words that begin like a film": b"FWS stands for fresh white sourdough, as you know.",
    "zeros": bytes(64),
}


@pytest.mark.parametrize("name", TYPES)
def test_a_type_is_known_by_its_first_bytes(name: str) -> None:
    head, family = TYPES[name]
    found = file_type(head[:HEAD])
    assert found is not None
    assert found.family == family


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_only_looks_like_a_type_is_none(name: str) -> None:
    assert file_type(UNKNOWN[name]) is None


@given(st.binary(max_size=400), st.sampled_from([head for head, _ in TYPES.values()]))
def test_any_bytes_have_a_type_or_none(junk: bytes, head: bytes) -> None:
    for cut in range(0, len(head), 3):
        file_type(head[:cut] + junk)


@pytest.mark.parametrize(
    "unit", [b"<!--", b"<?", b"<!DOCTYPE [", b"' \n", b"rem\n", b"#!/a", b"PK\3\4", b"[", b"\n ", b"#!//", b"param("]
)
def test_no_head_is_slow(unit: bytes) -> None:
    began = time.process_time()
    file_type((unit * HEAD)[:HEAD])
    assert time.process_time() - began < 0.05


def test_libmagic_adds_words_only() -> None:
    pytest.importorskip("magic")
    assert "PDF" in detail(b"%PDF-1.4\n")


# ---- the first bytes of a part

PIECES = st.sampled_from(
    [b"=", b"==", b"\r", b"\n", b"\r\n", b"A", b"QUJD", b"=41", b"=4", b"=\r\n", b"=\n", b" ", b"_", b"\t", b"\xff",
     b"-", b"begin 644 a\n", b"#0V%T\n", b"end\n", b"QUJDRA==", b"QUJDRA==\r\nnot base64"]
)  # fmt: skip
ENCODINGS = st.sampled_from(["base64", "quoted-printable", "8bit", "7bit", "x-uuencode", "x-unknown"])


@given(st.lists(PIECES, max_size=400).map(b"".join), ENCODINGS, st.integers(0, 60))
def test_head_is_the_beginning_of_content(body: bytes, encoding: str, size: int) -> None:
    raw = b"Content-Transfer-Encoding: " + encoding.encode() + b"\n\n" + body
    early, whole = (parse(Source("", raw), DEFAULT_LIMITS) for _ in range(2))
    assert early.head(size) == whole.content[:size]


@given(st.binary(max_size=3000), st.sampled_from(["base64", "quoted-printable"]), st.integers(0, 600))
def test_head_of_what_is_encoded_well(content: bytes, encoding: str, size: int) -> None:
    body = base64.encodebytes(content) if encoding == "base64" else binascii.b2a_qp(content, istext=False)
    raw = b"Content-Transfer-Encoding: " + encoding.encode() + b"\n\n" + body
    assert parse(Source("", raw), DEFAULT_LIMITS).head(size) == content[:size]


def test_head_decodes_no_more_than_it_needs() -> None:
    body = base64.encodebytes(bytes(20_000_000))
    part = Message.from_bytes(b"Content-Transfer-Encoding: base64\n\n" + body).root
    began = time.process_time()
    assert part.head(HEAD) == bytes(HEAD)
    assert time.process_time() - began < 0.005
    assert "_transfer" not in vars(part)
