"""Paths -> messages and drafts, in order, with exact offsets."""

from __future__ import annotations

import io
import os
import socket
from pathlib import Path

import pytest

from spamlint.inputs import Found, Input, Unreadable, find, read, total_size

LETTER = b"From: a@b.example\nSubject: Hello\n\nGood morning,\n\nFrom now on we bake at night.\n"
ENVELOPE = b"From ann@b.example Mon Nov  2 09:30:00 2026\n"
LIMIT = 1000


def found(*paths: Path | str, **options: str) -> list[Found]:
    return list(find([str(path) for path in paths], **options))  # type: ignore[arg-type]


def names(items: list[Found], folder: Path) -> list[str]:
    assert all(isinstance(item, Input) for item in items), items
    return [Path(item.path).relative_to(folder).as_posix() for item in items]


def reasons(items: list[Found]) -> list[str]:
    return [item.reason for item in items if isinstance(item, Unreadable)]


def content(item: Found, limit: int = LIMIT) -> bytes:
    assert isinstance(item, Input)
    data = read(item, limit)
    assert isinstance(data, bytes)
    return data


def write(path: Path, data: bytes = LETTER) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_file_is_one_message_whatever_its_name(tmp_path: Path) -> None:
    for name in ("a.eml", "b.msg", "c"):
        path = write(tmp_path / name)
        (item,) = found(path)
        assert item == Input(str(path))
        assert content(item) == LETTER


def test_html_and_text_files_are_drafts(tmp_path: Path) -> None:
    items = found(*(write(tmp_path / name) for name in ("a.html", "b.HTM", "c.txt")))
    assert [(item.kind, item.content_type) for item in items if isinstance(item, Input)] == [
        ("draft", "text/html"),
        ("draft", "text/html"),
        ("draft", "text/plain"),
    ]


def test_a_folder_is_read_by_name_and_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.eml", "a.htm", "c/z.eml", "c/d/y.html", "x.mbox", ".hidden.eml", ".git/k.eml", "note.txt", "a.pdf"):
        write(tmp_path / name)
    assert names(found(tmp_path), tmp_path) == ["a.htm", "b.eml", "c/d/y.html", "c/z.eml", "x.mbox"]


def test_arguments_keep_their_order(tmp_path: Path) -> None:
    for name in ("one/b.eml", "one/a.eml", "two.eml"):
        write(tmp_path / name)
    paths = (tmp_path / "two.eml", tmp_path / "one", tmp_path / "two.eml")
    assert names(found(*paths), tmp_path) == ["two.eml", "one/a.eml", "one/b.eml", "two.eml"]


def test_a_folder_without_mail_is_told(tmp_path: Path) -> None:
    write(tmp_path / "note.txt")
    assert "holds no .eml" in reasons(found(tmp_path))[0]


def test_links_that_lead_in_circles_end(tmp_path: Path) -> None:
    write(tmp_path / "a" / "m.eml")
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "again.eml").symlink_to(tmp_path / "a" / "m.eml")
    assert names(found(tmp_path), tmp_path) == ["a/m.eml", "again.eml"]


def test_a_maildir_is_read_without_tmp(tmp_path: Path) -> None:
    for name in ("cur/1.host:2,S", "new/2.host", "tmp/3.host", "cur/.hidden"):
        write(tmp_path / "box" / name)
    assert names(found(tmp_path / "box"), tmp_path) == ["box/cur/1.host:2,S", "box/new/2.host"]
    assert names(found(tmp_path), tmp_path) == ["box/cur/1.host:2,S", "box/new/2.host"]
    assert names(found(tmp_path / "box" / "new"), tmp_path) == ["box/new/2.host"]


def test_an_empty_maildir_is_nothing_to_complain_about(tmp_path: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    assert found(tmp_path) == []


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_the_messages_of_an_mbox_keep_their_offsets_and_lines(tmp_path: Path, ends: bytes) -> None:
    letters = [LETTER, b"Subject: Two\n\nBody\rwith a bare CR\n", b"Subject: Three\n\nBody\n\n"]
    whole = b"\n".join(ENVELOPE + letter for letter in letters).replace(b"\n", ends)
    path = write(tmp_path / "archive", whole)
    items = [item for item in found(path) if isinstance(item, Input)]
    assert [item.message_index for item in items] == [0, 1, 2]
    expected = [LETTER, letters[1], b"Subject: Three\n\nBody\n"]
    assert [content(item) for item in items] == [letter.replace(b"\n", ends) for letter in expected]
    for item in items:
        assert whole[item.offset :].startswith(content(item))
        before = whole[: item.offset].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        assert item.line == before.count(b"\n") + 1


def test_a_sentence_that_starts_with_from_does_not_divide_a_message(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mbox", ENVELOPE + LETTER)
    assert [item.message_index for item in found(path) if isinstance(item, Input)] == [0]


def test_an_envelope_without_a_date_divides_where_a_header_follows(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mbox", b"From x\nSubject: 1\n\nBody\n\nFrom y\nSubject: 2\n\nBody\n")
    assert [content(item) for item in found(path)] == [b"Subject: 1\n\nBody\n", b"Subject: 2\n\nBody\n"]


def test_one_message_behind_an_envelope_is_no_mbox_unless_named_so(tmp_path: Path) -> None:
    (plain,) = found(write(tmp_path / "a.eml", ENVELOPE + LETTER))
    (named,) = found(write(tmp_path / "a.mbox", ENVELOPE + LETTER))
    assert isinstance(plain, Input)
    assert isinstance(named, Input)
    assert (plain.message_index, named.message_index) == (None, 0)
    assert (plain.offset, plain.line) == (named.offset, named.line) == (len(ENVELOPE), 2)
    assert content(plain) == content(named) == LETTER


def test_an_mbox_by_name_without_an_envelope_is_one_message(tmp_path: Path) -> None:
    assert found(write(tmp_path / "a.mbox")) == [Input(str(tmp_path / "a.mbox"))]


def test_lines_are_counted_across_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spamlint.inputs._PIECE", 3)
    data = ENVELOPE + b"Subject: 1\r\n\r\r\n\nBody\r\n\n" + ENVELOPE + b"Subject: 2\n\nBody\n"
    first, second = found(write(tmp_path / "a.mbox", data))
    assert isinstance(second, Input)
    assert second.line == 2 + 6 + 1
    assert isinstance(first, Input)


def test_hostile_mailboxes_take_linear_time(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mbox", ENVELOPE + b"\n\nFrom 1:1" * 100_000 + b"\n\nFrom 1:11 2026 " + b"x" * 1_000_000)
    assert len(found(path)) == 2


def test_a_long_file_is_read_to_a_byte_after_the_limit(tmp_path: Path) -> None:
    (item,) = found(write(tmp_path / "a.eml"))
    assert content(item, 10) == LETTER[:11]
    (inside,) = found(write(tmp_path / "a.mbox", ENVELOPE + LETTER))
    assert content(inside, 10) == LETTER[:11]


def test_what_cannot_be_read_is_told_and_hides_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.eml")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "socket.eml"))
    listening.close()
    (tmp_path / "gone.eml").symlink_to(tmp_path / "nowhere")
    write(tmp_path / "good.eml")
    items = found(tmp_path / "absent.eml", tmp_path, "/dev/null", "with\0null")
    assert reasons(items) == [
        "No such file or directory",
        "No such file or directory",
        "not a regular file",
        "not a regular file",
        "not a regular file",
        "not a usable path: it holds a NUL or cannot be encoded",
    ]
    assert [item.path for item in items if isinstance(item, Input)] == [str(tmp_path / "good.eml")]


def test_a_draft_that_cannot_be_read_is_told_when_it_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.html")
    (item,) = found(tmp_path / "pipe.html")
    assert isinstance(item, Input)
    assert read(item, LIMIT) == Unreadable(str(tmp_path / "pipe.html"), "not a regular file")


def from_stdin(data: bytes, name: str | None = None, limit: int = LIMIT) -> list[Found]:
    return list(find(["-"], stdin=io.BytesIO(data), stdin_filename=name, limit=limit))


def test_standard_input_is_a_message() -> None:
    assert from_stdin(LETTER) == [Input("-", data=LETTER)]
    assert from_stdin(b"") == [Input("-", data=b"")]


def test_standard_input_goes_by_the_name_it_is_given() -> None:
    assert from_stdin(b"<p>", "a.html") == [Input("a.html", "draft", "text/html", data=b"<p>")]


def test_an_mbox_on_standard_input_is_divided() -> None:
    items = from_stdin(ENVELOPE + LETTER + b"\n" + ENVELOPE + LETTER)
    assert [(item.message_index, item.line) for item in items if isinstance(item, Input)] == [(0, 2), (1, 10)]
    assert [content(item) for item in items] == [LETTER, LETTER]


def test_standard_input_is_bounded() -> None:
    (item,) = from_stdin(LETTER, limit=10)
    assert content(item) == LETTER[:11]
    *_, told = from_stdin((ENVELOPE + LETTER + b"\n") * 3, limit=200)
    assert isinstance(told, Unreadable)


def test_standard_input_is_read_once() -> None:
    items = list(find(["-", "-"], stdin=io.BytesIO(LETTER)))
    assert reasons(items) == ["standard input is closed or was read already"]
    assert len(items) == 2


def test_sizes_are_added_up_without_reading(tmp_path: Path) -> None:
    write(tmp_path / "a.eml")
    write(tmp_path / "b" / "c.html")
    assert total_size([str(tmp_path), str(tmp_path / "a.eml"), str(tmp_path / "absent")]) == 3 * len(LETTER)
