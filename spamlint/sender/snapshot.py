"""A file of recorded answers, so that a run can be made again without a network and with the same result."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

from spamlint.errors import ConfigError, OutputError
from spamlint.json_file import read_json
from spamlint.sender.dns import Answer, Kind, Question, Status

VERSION = 1


def read(file: Path) -> dict[Question, Answer]:
    """The answers in `file`. ConfigError where they cannot be read."""
    data = read_json(file)
    rows = data.get("answers") if isinstance(data, dict) and data.get("version") == VERSION else None
    if not isinstance(rows, list):
        raise ConfigError(f"{file}: is no DNS snapshot of version {VERSION}")
    answers = [_answer(row, f"{file}: answers[{number}]") for number, row in enumerate(rows)]
    return {(answer.name, answer.kind): answer for answer in answers}


def write(file: Path, answers: Iterable[Answer]) -> None:
    """Write `answers` to `file`, in an order that does not depend on when they came. OutputError where it cannot be."""
    rows = [
        {"name": one.name, "type": one.kind, "status": one.status}
        | ({"records": list(one.records)} if one.records else {})
        | ({"canonical": one.canonical} if one.canonical else {})
        for one in sorted(answers, key=lambda one: (one.name, one.kind))
    ]
    text = json.dumps({"version": VERSION, "answers": rows}, indent=1, ensure_ascii=False)
    try:
        file.write_text(text + "\n", "utf-8")
    except OSError as error:
        raise OutputError(f"{file}: cannot be written: {error.strerror}") from None


def _answer(row: Any, where: str) -> Answer:
    if not isinstance(row, dict):
        raise ConfigError(f"{where}: must be an object")
    name: object = row.get("name")
    kind: Any = row.get("type")
    status: Any = row.get("status")
    if not isinstance(name, str) or kind not in get_args(Kind) or status not in get_args(Status):
        raise ConfigError(f"{where}: needs a name, a type and a status")
    records, canonical = row.get("records", []), row.get("canonical", "")
    if not isinstance(records, list) or not all(isinstance(record, str) for record in records):
        raise ConfigError(f"{where}: records must be a list of strings")
    return Answer(name, kind, status, tuple(records), str(canonical))
