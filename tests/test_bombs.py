"""Archives and documents made to use up time or memory: each costs little, and the verdict says what was not read."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import subprocess
import sys
import tarfile
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from container_samples import docx_of, message_with, pdf_of, raw_zip, tar_of, zip_of

from spamlint.linter import Linter

MOST_SECONDS = 0.5
MOST_MEMORY = 50 * 1024 * 1024
ZEROS = 1 << 20


def nested_zip() -> bytes:
    """Ten levels of sixteen archives each; the innermost files are a gigabyte in all."""
    data = zip_of({"zeros": bytes(ZEROS)})
    for level in range(10):
        data = zip_of({f"{level}-{number}.zip": data for number in range(16)})
    return data


def self_covering_zip() -> bytes:
    """A stored file that reaches over the list of files to the end, so that it holds that list again."""
    archive = bytearray(raw_zip([("inner.zip", 0, 0, b"", 400, None)]))
    at = archive.index(b"PK\1\2")
    archive[at + 20 : at + 24] = archive[18:22] = struct.pack("<L", len(archive) - at)
    return bytes(archive)


def deep_zip() -> bytes:
    """An archive in an archive, three hundred deep."""
    data = b"bread"
    for number in range(300):
        data = zip_of({f"{number}.zip": data}, 0)
    return data


def overlapping_zip() -> bytes:
    """Three thousand files that share one kernel of eight megabytes."""
    maker = zlib.compressobj(9, zlib.DEFLATED, -15)
    kernel = maker.compress(bytes(8 * ZEROS)) + maker.flush()
    rows = [("kernel", 0, 8, kernel, 8 * ZEROS, None)]
    return raw_zip(rows + [(f"{number}.zip", 0, 8, kernel, 8 * ZEROS, 0) for number in range(3000)])


def bz2_bomb() -> bytes:
    return bz2.compress(bytes(32 * ZEROS))


def xz_bomb() -> bytes:
    return lzma.compress(bytes(64 * ZEROS), preset=1)


def gzip_chain() -> bytes:
    """Gzip in gzip, twenty times, around zeros."""
    data = gzip.compress(bytes(128 * ZEROS), mtime=0)
    for _ in range(20):
        data = gzip.compress(data, mtime=0)
    return data


def gzip_streams() -> bytes:
    """A hundred thousand empty streams one behind the other."""
    return gzip.compress(b"", mtime=0) * 100_000


def crowded_tar() -> bytes:
    """Two hundred thousand empty files; gzip makes little of them."""
    header = tar_of({"a": b""}, tarfile.USTAR_FORMAT)[:512]
    return gzip.compress(header * 200_000, compresslevel=6, mtime=0)


def deep_xml() -> bytes:
    """A Word document whose elements lie a million deep."""
    return docx_of("<w:p>" * 1_000_000 + "<w:instrText>")


def wide_xml() -> bytes:
    """A Word document with a million fields, and entities that would multiply."""
    laughs = (
        b'<!DOCTYPE x [<!ENTITY a "'
        + b"a" * 1000
        + b'">'
        + b"".join(b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 20) for letter in range(98, 108))
    )
    evil = laughs + b']><x Type="a/oleObject" TargetMode="External">&k;</x>'
    fields = "".join(f'<w:instrText id="{number * 7919 % 1_000_003}"/>' for number in range(250_000))
    return docx_of(fields, {"word/_rels/a.rels": evil})


def deep_unlike_xml() -> bytes:
    """A Word document a hundred thousand elements deep, none like the other."""
    return docx_of("".join(f'<w:p a{number * 7919 % 1_000_003}="x">' for number in range(100_000)) + "<w:instrText>")


def pdf_streams() -> bytes:
    """A PDF with thousands of object streams of megabytes each."""
    data = zlib.compress(bytes(4 * ZEROS), 9)
    head = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >>\nstream\n"
    return b"%PDF-1.7\n" + (b"1 0 obj\n" + head + data + b"\nendstream\nendobj\n") * 2000


def pdf_names() -> bytes:
    """A PDF of half-written names and strings, which are slow to look for in a careless way."""
    return pdf_of() + b"/F(" * 500_000 + b"/S /S /S" * 200_000 + b">> " * 500_000 + b"/JS#" * 200_000


def pdf_empty_streams() -> bytes:
    """A PDF of half a million empty streams."""
    return b"%PDF-1.7\n" + b"#41>>stream\nendstream\n" * 500_000


def damaged_zips() -> bytes:
    """Five thousand archives that cannot be read, in one archive."""
    return zip_of({f"{number}.zip": b"PK\3\4 bread" for number in range(4_900)}, 0)


def huge_directory() -> bytes:
    """A central directory of a quarter million files."""
    record = raw_zip([("a.txt", 0, 0, b"", 0, 0)])
    one = record[: record.index(b"PK\5\6")]
    directory = one * 250_000
    return directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, len(directory), 0, 0)


def many_small_zips() -> bytes:
    """Thousands of documents in one archive."""
    inner = docx_of()
    return zip_of({f"{number}.docx": inner for number in range(4000)})


def ole_loops() -> bytes:
    """An OLE file of four megabytes whose chains of sectors run in circles."""
    header = struct.pack(
        "<8s16s5H6x9L", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, 0, 60000, 1, 0, 0, 1, 60000, 1,
        60000,
    )  # fmt: skip
    return header + struct.pack("<109L", *[1] * 109) + struct.pack("<128L", *range(2, 129), 0) * 8000


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "nested.zip": (nested_zip, "bomb"),
    "deep.zip": (deep_zip, "limit"),
    "self.zip": (self_covering_zip, ""),
    "overlap.zip": (overlapping_zip, "bomb"),
    "zeros.bz2": (bz2_bomb, "bomb"),
    "zeros.xz": (xz_bomb, "bomb"),
    "chain.gz": (gzip_chain, "limit"),
    "streams.gz": (gzip_streams, ""),
    "crowd.tar.gz": (crowded_tar, "limit"),
    "deep.docx": (deep_xml, ""),
    "wide.docx": (wide_xml, ""),
    "deep2.docx": (deep_unlike_xml, ""),
    "streams.pdf": (pdf_streams, "limit"),
    "names.pdf": (pdf_names, ""),
    "empty.pdf": (pdf_empty_streams, "limit"),
    "damaged.zip": (damaged_zips, ""),
    "directory.zip": (huge_directory, "limit"),
    "many.zip": (many_small_zips, ""),
    "loops.doc": (ole_loops, ""),
}
LINTER = Linter()


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_little_and_is_told(name: str) -> None:
    make, sign = BOMBS[name]
    message = message_with(make(), name)
    _ = [part.content for part in message.attachments]
    started = time.process_time()
    verdict = LINTER.check(message)
    seconds = time.process_time() - started
    assert verdict.errors == ()
    assert seconds < MOST_SECONDS
    rules = {finding.rule for finding in verdict.findings}
    if sign == "bomb":
        assert "archives/bomb" in rules
    elif sign == "limit":
        assert {"structure/limit-reached", "archives/bomb"} & rules
        assert verdict.incomplete or "archives/bomb" in rules


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_little_memory(name: str) -> None:
    make, _ = BOMBS[name]
    message = message_with(make(), name)
    _ = [part.content for part in message.attachments]
    tracemalloc.start()
    try:
        _ = message.containers
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MOST_MEMORY


def test_what_a_parser_allocates_by_itself_stays_small_too() -> None:
    """Memory that Python does not count, of the XML parser and the decompressors: the growth of the whole process."""
    code = (
        "import resource, test_bombs as t\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "messages = [t.message_with(t.BOMBS[name][0](), name) for name in ('wide.docx', 'deep2.docx', 'zeros.xz')]\n"
        "[part.content for message in messages for part in message.attachments]\n"
        "t.LINTER.check(t.message_with(t.docx_of(), 'a.docx'))\n"
        "before = peak()\n"
        "[message.containers for message in messages]\n"
        "print(peak() - before)\n"
    )
    here = Path(__file__).parent
    grown = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=here,
        env={"PYTHONPATH": f"{here.parent}"},
    )
    assert int(grown.stdout) * 1024 < MOST_MEMORY
