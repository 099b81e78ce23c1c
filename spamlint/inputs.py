"""PATH arguments -> the messages and drafts they stand for, in a fixed order; nothing is read before it is its turn.

Order: the arguments as given; in a folder by name, depth first; in an mbox as the messages stand in the file.

What a path stands for is settled by what it is:
- a folder: its .eml, .mbox, .html and .htm files, its templates, .txt files that belong to one, and its subfolders;
  hidden names are skipped
- a Maildir (a folder with cur and new): every file in cur and new; tmp is skipped
- .html, .htm, .txt, and templates (.j2, .hbs, .liquid, .mjml ...): a draft; files that make one mail are one draft
- a file of several messages, each behind a "From " line, or one so named (.mbox): an mbox
- any other file: one message, without the "From " line that may stand before it
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, NamedTuple, TypeAlias

from spamlint.limits import DEFAULT_LIMITS
from spamlint.template.groups import Group, Groups, Role
from spamlint.template.languages import SUFFIXES

if TYPE_CHECKING:
    from mmap import mmap

Bytes: TypeAlias = "bytes | mmap"
Kind: TypeAlias = Literal["message", "draft"]

STDIN = "-"
DRAFT_TYPES = {".html": "text/html", ".htm": "text/html", ".txt": "text/plain"}
"""The content type of a draft, by the end of its file's name. What a template makes is told by what is in it."""

_IN_FOLDERS = frozenset({".eml", ".mbox", ".html", ".htm", *SUFFIXES})
_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_ENVELOPE_WIDTH = 1000
_PIECE = 1 << 20
_TIME, _YEAR = re.compile(rb"\d:\d\d"), re.compile(rb"\b(?:19|20)\d\d\b")
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:|>From ")


@dataclass(frozen=True, slots=True)
class Input:
    """One message or draft: where its bytes are. `offset` and `line` say where it starts in its file."""

    path: str
    kind: Kind = "message"
    content_type: str | None = "text/html"
    """Of a draft; None for a template whose name does not say it."""
    message_index: int | None = None
    """Counted from 0, of a message in an mbox."""
    offset: int = 0
    line: int = 1
    size: int | None = None
    """Bytes of the message; None: up to the end of the file."""
    companions: tuple[tuple[Role, str], ...] = ()
    """Of a draft in several files: what each of the others holds, and its path."""
    data: bytes | None = None
    """The bytes themselves where there is no file to read again (standard input)."""


class Unreadable(NamedTuple):
    """A path that could not be checked, and the reason in plain words."""

    path: str
    reason: str


Found: TypeAlias = Input | Unreadable


def find(
    paths: Sequence[str],
    *,
    stdin: BinaryIO | None = None,
    stdin_filename: str | None = None,
    limit: int = DEFAULT_LIMITS.message,
    groups: Groups | None = None,
) -> Iterator[Found]:
    """The inputs that `paths` stand for. `stdin` is read where a path is "-"; `stdin_filename` says what it is.

    `groups` tells which files make one mail: it is found once, whichever of them are named.
    """
    groups = groups or Groups()
    seen: set[str] = set()
    for path in paths:
        if path == STDIN:
            yield from _standard_input(stdin, stdin_filename or STDIN, limit)
            stdin = None
            continue
        for file in _files(path, groups):
            if isinstance(file, Unreadable):
                yield file
                continue
            group = groups.of(Path(file).parent).get(Path(file).name)
            main = file if group is None else str(Path(file).with_name(group.main))
            if group is None or main not in seen:
                yield from _in_file(main, group)
            seen.add(main)


def read(item: Input, limit: int) -> bytes | Unreadable:
    """The bytes of `item`, or why they cannot be had. A byte more than `limit` at most: its parser sees the cut."""
    if item.data is not None:
        return item.data
    try:
        with _opened(item.path) as file:
            file.seek(item.offset)
            return file.read(limit + 1 if item.size is None else min(item.size, limit + 1))
    except (OSError, ValueError) as error:
        return Unreadable(item.path, _reason(error))


def files(paths: Sequence[str]) -> Iterator[str | Unreadable]:
    """The files that `paths` stand for, in order; none of them is opened."""
    for path in paths:
        yield from _files(path, Groups())


def total_size(paths: Sequence[str]) -> int:
    """The bytes in all files that `paths` stand for, as far as they can be told without reading."""
    total = 0
    for file in files(paths):
        with suppress(OSError, ValueError):
            total += Path(file).stat().st_size if isinstance(file, str) else 0
    return total


def _files(path: str, groups: Groups) -> Iterator[str | Unreadable]:
    """The files behind one argument, sorted; a folder that holds no mail at all is told as unreadable."""
    try:
        is_folder = stat.S_ISDIR(Path(path).stat().st_mode)
    except (OSError, ValueError) as error:
        yield Unreadable(path, _reason(error))
        return
    if not is_folder:
        yield path
        return
    empty = True
    for file in _in_folder(Path(path), groups):
        empty = False
        yield file
    if empty and not _is_maildir(Path(path)):
        yield Unreadable(path, "the folder holds no .eml, .mbox, .html or .htm file, no template, and is no Maildir")


def _in_folder(root: Path, groups: Groups) -> Iterator[str | Unreadable]:
    """The mail files under `root`. A folder is entered once, so symbolic links cannot lead in circles."""
    seen: set[tuple[int, int]] = set()
    waiting = [root]
    while waiting:
        path = waiting.pop()
        try:
            if not path.is_dir():
                yield str(path)
                continue
            status = path.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            waiting.extend(reversed(_children(path, groups)))
        except OSError as error:
            yield Unreadable(str(path), _reason(error))


def _children(folder: Path, groups: Groups) -> list[Path]:
    """The subfolders and mail files of `folder`, by name."""
    itself = folder.absolute()
    in_maildir = _is_maildir(itself.parent)
    if in_maildir and itself.name == "tmp":
        return []
    every = in_maildir and itself.name in ("cur", "new")
    names = sorted(path.name for path in folder.iterdir())
    paths = [folder / name for name in names if not name.startswith(".")]
    grouped = {} if every else groups.of(folder)
    wanted = (path for path in paths if every or path.suffix.lower() in _IN_FOLDERS or path.name in grouped)
    return sorted({*wanted, *(path for path in paths if path.is_dir())})


def _is_maildir(folder: Path) -> bool:
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def _in_file(path: str, group: Group | None) -> Iterator[Found]:
    suffix = Path(path).suffix.lower()
    if group is not None or suffix in DRAFT_TYPES or suffix in SUFFIXES:
        others = group.companions if group is not None else ()
        companions = tuple((role, str(Path(path).with_name(name))) for role, name in others)
        yield Input(path, "draft", DRAFT_TYPES.get(suffix), companions=companions)
        return
    try:
        with _opened(path) as file:
            if file.read(5) != b"From ":
                yield Input(path)
                return
            from mmap import ACCESS_READ, mmap

            with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
                yield from _messages(path, data, suffix == ".mbox")
    except (OSError, ValueError) as error:
        yield Unreadable(path, _reason(error))


def _standard_input(stream: BinaryIO | None, name: str, limit: int) -> Iterator[Found]:
    if stream is None:
        yield Unreadable(name, "standard input is closed or was read already")
        return
    data = stream.read(limit + 1)
    suffix = Path(name).suffix.lower()
    if suffix in DRAFT_TYPES or suffix in SUFFIXES:
        yield Input(name, "draft", DRAFT_TYPES.get(suffix), data=data)
        return
    several = False
    for item in _messages(name, data, suffix == ".mbox"):
        several = item.message_index is not None
        end = None if item.size is None else item.offset + item.size
        yield replace(item, data=data[item.offset : end])
    if several and len(data) > limit:
        yield Unreadable(name, f"an mbox on standard input is read up to {limit} bytes; give it as a file")


def _opened(path: str) -> BinaryIO:
    """The file, open; OSError for what is no regular file: reading a pipe or a device may never end."""
    if stat.S_ISREG(Path(path).stat().st_mode):
        descriptor = os.open(path, os.O_RDONLY | _NO_WAIT)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return os.fdopen(descriptor, "rb")
        os.close(descriptor)
    raise OSError(errno.EINVAL, "not a regular file")


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return "not a usable path: it holds a NUL or cannot be encoded"


def _messages(path: str, data: Bytes, named: bool) -> Iterator[Input]:
    """The messages of a file that may be an mbox; `named` says that its name makes it one."""
    envelopes = _envelopes(data)
    first, second = next(envelopes, None), next(envelopes, None)
    if first is None:
        yield Input(path)
        return
    bounds = chain((first,), () if second is None else (second,), envelopes, (len(data),))
    line = 1
    for index, (start, end) in enumerate(pairwise(bounds)):
        body = data.find(b"\n", start, end) + 1 or end
        size = max(_before_blank_line(data, end) - body, 0)
        message_index = index if second is not None or named else None
        yield Input(
            path, message_index=message_index, offset=body, line=line + _line_ends(data, start, body), size=size
        )
        line += _line_ends(data, start, end)


def _envelopes(data: Bytes) -> Iterator[int]:
    """Where the "From " lines stand that start a message: at the start of the file or after a blank line."""
    if not _is_envelope(data, 0):
        return
    yield 0
    at = data.find(b"\nFrom ")
    while at != -1:
        if data[max(at - 2, 0) : at].endswith((b"\n", b"\n\r")) and _is_envelope(data, at + 1):
            yield at + 1
        at = data.find(b"\nFrom ", at + 1)


def _is_envelope(data: Bytes, start: int) -> bool:
    """Whether the line at `start` starts a message and is no sentence: a date stands in it, or a header follows it."""
    line, _, following = data[start : start + _ENVELOPE_WIDTH].partition(b"\n")
    if not line.startswith(b"From "):
        return False
    return bool(_TIME.search(line) and _YEAR.search(line)) or _FIELD.match(following) is not None


def _before_blank_line(data: Bytes, end: int) -> int:
    """`end` without the one blank line that closes a message in an mbox."""
    tail = data[max(end - 4, 0) : end]
    if tail.endswith(b"\n\r\n"):
        return end - 2
    return end - 1 if tail.endswith(b"\n\n") else end


def _line_ends(data: Bytes, start: int, end: int) -> int:
    """How many line ends (CRLF, LF, CR) start between two offsets; counted in pieces to bound memory."""
    total = 0
    for at in range(start, end, _PIECE):
        stop = min(at + _PIECE, end)
        piece = data[at:stop]
        total += piece.count(b"\n") + piece.count(b"\r") - data[at : min(stop + 1, end)].count(b"\r\n")
    return total
