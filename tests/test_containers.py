"""What is seen inside archives, and what is said not to be looked at."""

from __future__ import annotations

import gzip
import lzma
import struct
import tarfile
import zipfile
import zlib

import pytest
from container_samples import (
    MZ,
    all_kinds,
    cab_of,
    docx_of,
    iso_of,
    locked_zip,
    message_with,
    rar4_of,
    rar5_of,
    raw_zip,
    seven_of,
    tar_of,
    zip_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from spamlint.containers.entry import Contents
from spamlint.containers.kinds import ending, kind_of
from spamlint.coverage import REASONS, NotCovered
from spamlint.limits import Limits
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.unread import limits_reached, not_covered
from spamlint.verdict import LANGUAGES

LINTER = Linter()
KINDS = all_kinds()


def look(data: bytes, name: str = "a.bin") -> Contents:
    (found,) = message_with(data, name).containers
    return found


def paths(data: bytes) -> list[str]:
    return [member.path for member in look(data).members]


def codes(data: bytes) -> set[str]:
    return {trait.code for trait in look(data).traits}


@pytest.mark.parametrize(
    "name", [name for name in KINDS if name.startswith("a") and not name.endswith(("f", "c", "x"))]
)
def test_every_kind_of_archive_is_listed(name: str) -> None:
    if not name.endswith((".rtf", ".pdf", ".doc", ".docx")):
        assert paths(KINDS[name]) == ["bread.txt", "run.exe"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_is_read_whatever_its_method(method: int) -> None:
    inner = zip_of({"deep.txt": b"bread"}, method)
    found = look(zip_of({"inner.bin": inner, "run.bin": MZ + bytes(900)}, method))
    assert [(member.path, member.kind) for member in found.members] == [
        ("inner.bin", "zip"),
        ("inner.bin > deep.txt", ""),
        ("run.bin", "exe"),
    ]


def test_a_zip_is_read_behind_a_program_and_with_a_comment() -> None:
    data = bytearray(zip_of({"inner.zip": zip_of({"a.txt": b"x"})}))
    data[-2:] = struct.pack("<H", 5)
    assert paths(b"PK\3\4 is no file" * 9 + bytes(data) + b"hello") == ["inner.zip", "inner.zip > a.txt"]


def test_a_zip_with_64_bit_sizes_is_read() -> None:
    plain = raw_zip([("a.txt", 0, 0, b"bread", 5, None)])
    at, end = plain.index(b"PK\1\2"), plain.index(b"PK\5\6")
    record = bytearray(plain[at:end])
    record[20:28], record[42:46], record[30:32] = b"\xff" * 8, b"\xff" * 4, struct.pack("<H", 28)
    directory = bytes(record) + struct.pack("<2H3Q", 1, 24, 5, 5, 0)
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(directory), at)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, at + len(directory), 1)
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    (member,) = look(plain[:at] + directory + end64 + locator + tail).members
    assert (member.name, member.size, member.packed) == ("a.txt", 5, 5)
    cut = directory[:-5]
    last = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(cut), at, 0)
    assert look(plain[:at] + cut + last).members[0].name == "a.txt"


def test_names_in_every_script_are_read() -> None:
    name = "日本/грамота ß.txt"
    for data in (zip_of({name: b""}), tar_of({name: b""}), tar_of({name: b""}, tarfile.GNU_FORMAT), rar5_of([name])):
        assert paths(data) == [name]
    assert paths(seven_of([name])) == [name]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_in_a_tar_archive_are_read(form: int) -> None:
    name = "/".join(["folder" * 5] * 5) + "/" + "a" * 60 + ".txt"
    assert paths(tar_of({name: b"bread" * 500, "b.txt": b""}, form)) == [name, "b.txt"]


def test_archives_inside_archives_are_opened() -> None:
    inner = {
        "iso": iso_of({"A.TXT": b"x"}),
        "tgz": gzip.compress(tar_of({"a.txt": b"x"})),
        "zip": zip_of({"a.txt": b"x"}),
    }
    for end, data in inner.items():
        assert len(paths(zip_of({f"inner.{end}": data}))) == 2
        assert len(paths(lzma.compress(tar_of({f"inner.{end}": data})))) == 2


@pytest.mark.parametrize(
    "data",
    [
        locked_zip("a.txt", b"bread", b"pw"), rar4_of(["a.txt"], locked=True), rar4_of(["a.txt"], locked_list=True),
        rar5_of(["a.txt"], locked=True), rar5_of(["a.txt"], locked_list=True), seven_of(["a.txt"], locked=True),
        seven_of(["a.txt"], locked_list=True),
    ],
)  # fmt: skip
def test_a_locked_archive_warns_and_is_not_covered(data: bytes) -> None:
    verdict = LINTER.check(message_with(data, "a.zip"))
    assert verdict.outcome in ("warn", "block")
    assert "archives/encrypted" in [finding.rule for finding in verdict.findings]
    assert [row.reason for row in verdict.not_covered] == ["encrypted-archive"]


def test_the_name_of_a_document_does_not_hide_an_archive() -> None:
    assert len(look(zip_of({"run.exe": MZ}), "menu.docx").members) == 1
    assert len(look(zip_of({"run.exe": MZ, "[Content_Types].xml": b"<Types/>"}), "menu.zip").members) == 2
    for name in ("menu.docx", "menu.odt", "program.jar"):
        assert look(docx_of(), name).members == ()


def test_what_is_only_listed_is_said() -> None:
    for data in (rar5_of(["order.docm"]), cab_of(["order.docm"]), seven_of(["order.docm"])):
        assert look(data).not_covered == ("listed-only",)
    assert look(rar5_of(["menu.txt"])).not_covered == ()


def test_an_archive_in_itself_is_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    data = zip_of({"again.zip": b"x" * 600})
    monkeypatch.setattr("spamlint.containers.zip_archive.unpack", lambda *args: data[: args[3]])
    assert codes(data) == {"bomb"}


def test_sizes_and_offsets_that_are_lies_do_no_harm() -> None:
    assert codes(raw_zip([("a", 0, 0, b"x", 0xFFFFFFF0, None)])) == {"bomb"}
    assert look(raw_zip([("a.zip", 0, 8, b"x", 5, 0x7FFFFFFF)]), "a.zip").members[0].kind == ""
    header = bytearray(tar_of({"a": b""})[:512])
    header[124:136] = b"\x80" + b"\xff" * 11
    header[148:156] = b"%06o\0 " % (sum(header) - sum(header[148:156]) + 256)
    assert paths(bytes(header) + bytes(1024)) == ["a"]


def test_each_limit_is_told_where_the_attachment_is() -> None:
    many = zip_of({f"{number}.txt": b"" for number in range(9)})
    deep = zip_of({"1.zip": zip_of({"2.zip": zip_of({"a.txt": b"x"})})})
    large = zip_of({"a.zip": zip_of({"a.bin": bytes(range(256)) * 40}, 0)}, 0)
    for data, limits, code in (
        (many, Limits(archive_members=5), "limit-archive-members"),
        (deep, Limits(archive_depth=2), "limit-archive-depth"),
        (large, Limits(archive_held=9_000), "limit-archive-held"),
        (large, Limits(archive_work=5_000), "limit-archive-work"),
    ):
        sample = message_with(data, "a.zip")
        message = Message.from_bytes(sample.source.data, "mail.eml", limits=limits)
        assert not limits_reached(message)
        assert len(message.containers) == 1
        reached = limits_reached(message)
        assert [(defect.code, str(defect.text)) for defect in reached] == [(code, "a.zip")]
        verdict = LINTER.check(message)
        assert verdict.incomplete
        assert "structure/limit-reached" in [finding.rule for finding in verdict.findings]


def test_an_attachment_that_is_no_container_is_not_decoded() -> None:
    message = message_with(b"\xff\xd8\xff" + bytes(100_000), "photo.jpg")
    assert message.containers == ()
    assert "_transfer" not in vars(message.attachments[0])


def test_what_is_encrypted_or_of_one_program_is_not_covered() -> None:
    armour = "-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----\n"
    for head, body, reason in (
        ("application/pkcs7-mime; smime-type=enveloped-data", "MIA=", "smime"),
        ('multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b', "--b\n\nVersion: 1\n--b--", "pgp"),
        ("text/plain", armour, "pgp"),
        ("application/ms-tnef; name=winmail.dat", "x", "winmail"),
    ):
        message = Message.from_bytes(f"From: a@bakery.example\nContent-Type: {head}\n\n{body}".encode())
        assert [row.reason for row in not_covered(message)] == [reason]
        for row in LINTER.check(message).not_covered:
            assert len({row.say("en"), row.say("nl")}) == 2
    quoted = Message.from_bytes(b"Subject: x\n\nTo write PGP, begin with -----BEGIN PGP MESSAGE----- and so on.")
    assert not_covered(quoted) == ()


def test_the_ends_of_names_and_first_bytes_are_known() -> None:
    assert [ending(name) for name in ("a.EXE. ", "a.exe", "a", ".bashrc", "x.y/z", "a.tar.gz")] == [
        "exe", "exe", "", "", "", "gz",
    ]  # fmt: skip
    assert kind_of(b"BZh9") == "bz2"
    assert kind_of(b"BZhello") == kind_of(b"MZ is what it begins with") == kind_of(b"") == ""
    assert kind_of(b"junk\n%PDF-1.4") == "pdf"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_containers_never_raise(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(KINDS)))
    raw = bytearray(KINDS[name])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, min(len(raw), 45_000) - 1))
        how = data.draw(st.sampled_from(("set", "cut", "insert", "full")))
        if how == "set":
            raw[at] = data.draw(st.integers(0, 255))
        elif how == "cut":
            del raw[at : at + data.draw(st.integers(1, 40))]
        elif how == "insert":
            raw[at:at] = data.draw(st.binary(max_size=20))
        else:
            raw[at : at + 4] = b"\xff" * 4
        raw = raw or bytearray(b"x")
    verdict = LINTER.check(message_with(bytes(raw), name))
    assert verdict.errors == ()


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.binary(max_size=300))
def test_noise_behind_the_first_bytes_never_raises(name: str, noise: bytes) -> None:
    for keep in (8, 32, 64):
        message = message_with(KINDS[name][:keep] + noise, name)
        assert LINTER.check(message).errors == ()


def test_damage_inside_packed_content_never_raises() -> None:
    packed = zlib.compress(b"<w:document>" * 50)
    for at in range(0, len(packed), 3):
        damaged = packed[:at] + b"\xff" + packed[at + 1 :]
        assert look(docx_of(extra={"word/_rels/a.rels": b"External" + damaged})).kind == "zip"


def test_every_reason_has_words_in_every_language() -> None:
    assert {language: set(words) for language, words in REASONS.items()} == {
        language: set(REASONS["en"]) for language in LANGUAGES
    }
    assert NotCovered("", "pgp").say("nl") == "een met PGP versleuteld bericht"
    assert NotCovered("1.2", "pgp").say() == "part 1.2: a message encrypted with PGP"


def test_nothing_is_written_to_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = [message_with(data, name) for name, data in KINDS.items()]
    assert all(LINTER.check(message_with(data, name)).errors == () for name, data in KINDS.items())

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError(args)

    for place in ("builtins.open", "io.open", "os.open", "os.mkdir"):
        monkeypatch.setattr(place, refuse)
    assert all(message.containers for message in samples)
