"""Makes the table of support from what caniemail.com publishes: its data.json, or the _features folder of its source.

Nothing is fetched: the person who updates the table has downloaded it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from spamlint.clients.support import FORMAT, MOST_BYTES
from spamlint.errors import ConfigError

LICENCE: Final = """\
From caniemail.com, MIT License, Copyright (c) 2019 Rémi Parmentier

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated \
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the \
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit \
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the \
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE \
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR \
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR \
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."""

_KINDS: Final = ("css", "html", "image")
_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)|(?P<comma>,(?=\s*\}))|(?P<text>"(?:[^"\\]|\\.)*")|(?P<key>[\w-]+)(?=\s*:)|(?P<sign>[{}:,])""",
)
_ENTRY: Final = re.compile(r"^(\w+):[ \t]*", re.MULTILINE)
_LINK: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_NOTE: Final = re.compile(r"#(\d+)")
_LEAD: Final = re.compile(r"(?:partial(?:ly)?(?: support)?|buggy|not supported)\.\s+(?=\S)", re.IGNORECASE)


@dataclass(slots=True)
class _Row:
    """One feature as caniemail has it: support and note numbers by client."""

    title: str
    tested: str
    letters: dict[str, str] = field(default_factory=dict)
    cited: dict[str, list[str]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


def table_from(path: Path) -> str:
    """The JSON of the table of support in the file or folder at `path`. ConfigError where there is none."""
    rows = dict(_rows(path))
    clients = sorted({client for row in rows.values() for client in row.letters})
    if not rows or not clients:
        raise ConfigError(f"{path}: no features of caniemail were found here")
    head = {
        "format": FORMAT,
        "source": "https://www.caniemail.com",
        "licence": LICENCE,
        "date": max(row.tested for row in rows.values()),
        "clients": clients,
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in head.items()]
    features = (f"{json.dumps(slug)}: {_written(rows[slug], clients)}" for slug in sorted(rows))
    return "\n".join(["{", *lines, '"features": {', ",\n".join(features), "}}"]) + "\n"


def _written(row: _Row, clients: Iterable[str]) -> str:
    data: dict[str, object] = {
        "title": row.title,
        "support": "".join(row.letters.get(client, "u") for client in clients),
    }
    if cited := {client: row.cited[client] for client in sorted(row.cited)}:
        used = {number for numbers in cited.values() for number in numbers}
        data["notes"] = {number: row.notes[number] for number in sorted(used, key=int) if number in row.notes}
        data["cited"] = cited
    return json.dumps(data, ensure_ascii=False)


def _rows(path: Path) -> Iterator[tuple[str, _Row]]:
    try:
        if path.is_dir():
            yield from _folder(path)
        else:
            yield from _published(path)
    except OSError as error:
        raise ConfigError(f"{error.filename or path}: cannot be read: {error.strerror}") from None


def _published(path: Path) -> Iterator[tuple[str, _Row]]:
    """The features in a copy of https://www.caniemail.com/api/data.json."""
    try:
        features = json.loads(_read(path))["data"]
        for feature in features:
            if feature["category"] in _KINDS:
                yield feature["slug"], _row(feature["title"], feature["last_test_date"], feature)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise ConfigError(f"{path}: is no data.json of caniemail") from None


def _folder(path: Path) -> Iterator[tuple[str, _Row]]:
    """The features in the _features folder of caniemail's source, or in a folder that holds it."""
    inner = path / "_features"
    for file in sorted((inner if inner.is_dir() else path).glob("*.md")):
        if file.name.startswith("_"):
            continue
        front = _front(_read(file))
        try:
            if front.get("category") in _KINDS:
                yield file.stem, _row(front["title"], front.get("last_test_date", ""), front)
        except (KeyError, TypeError, AttributeError):
            raise ConfigError(f"{file}: is no feature of caniemail") from None


def _read(file: Path) -> str:
    if file.stat().st_size > MOST_BYTES:
        raise ConfigError(f"{file}: is too large")
    return file.read_text("utf-8", "replace")


def _row(title: str, tested: str, data: Mapping[str, Any]) -> _Row:
    row = _Row(title.strip(), tested)
    for family, platforms in data["stats"].items():
        for platform, versions in platforms.items():
            if not versions:
                continue
            # Versions stand in the order of the tests: the last one is the present state.
            latest = str(list(versions.values())[-1])
            client = f"{family}.{platform}"
            letter = latest.strip()[:1].lower()
            row.letters[client] = letter if letter in "yan" and letter else "u"
            if numbers := _NOTE.findall(latest):
                row.cited[client] = numbers
    row.notes = {str(number): _plain(str(note)) for number, note in (data.get("notes_by_num") or {}).items()}
    return row


def _plain(note: str) -> str:
    """A note without the marks of Markdown, and without the word that the letter says already."""
    return _LEAD.sub("", _LINK.sub(r"\1", note).replace("`", "").strip(), count=1)


def _front(text: str) -> dict[str, Any]:
    """The lines `key: value` between the two `---` of a feature, each value a text or a table."""
    _, _, behind = text.partition("---\n")
    lines = behind.partition("\n---")[0]
    found: dict[str, Any] = {}
    at = 0
    while entry := _ENTRY.search(lines, at):
        at = entry.end()
        if lines.startswith("{", at):
            found[entry[1]], at = _table(lines, at)
        else:
            end = (lines.find("\n", at) + 1 or len(lines) + 1) - 1
            found[entry[1]] = lines[at:end].strip().removeprefix('"').removesuffix('"').replace('\\"', '"')
    return found


def _table(lines: str, at: int) -> tuple[Any, int]:
    """The table at `at`, whose keys need no quotation marks and whose last comma does no harm, and where it ends."""
    pieces = []
    depth = 0
    while found := _TOKEN.match(lines, at):
        at = found.end()
        if found["key"] is not None:
            pieces.append(json.dumps(found["key"]))
        elif found["comma"] is None:
            pieces.append(found[0])
        depth += (found[0] == "{") - (found[0] == "}")
        if not depth and found["sign"]:
            break
    try:
        return json.loads("".join(pieces), strict=False), at
    except ValueError:
        return None, at
