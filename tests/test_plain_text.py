"""The text version of HTML, and the command that writes it.

`SPAMLINT_UPDATE_GOLDEN=1 pytest tests/test_plain_text.py` writes the golden file again.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from spamlint.cli import main
from spamlint.html.plain_text import plain_text
from spamlint.message import Message

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test runs in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def draft(data: bytes, name: str = "draft.html") -> Path:
    path = Path(name)
    path.write_bytes(data)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err


def assert_golden(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("SPAMLINT_UPDATE_GOLDEN"):
        file.write_bytes(text.encode())
    assert text == file.read_bytes().decode()


def test_the_text_version_of_a_draft(capsys: pytest.CaptureFixture[str]) -> None:
    draft((GOLDEN / "text.html").read_bytes())
    code, out, _ = run(capsys, "text", "draft.html")
    assert code == 0
    assert_golden("text.txt", out)
    draft(b"Content-Type: text/html\n\n" + (GOLDEN / "text.html").read_bytes(), "mail.eml")
    assert run(capsys, "text", "mail.eml")[1] == out


def test_a_text_version_needs_html(capsys: pytest.CaptureFixture[str]) -> None:
    draft(b"Hello\n", "draft.txt")
    assert run(capsys, "text", "draft.txt")[0] == 2
    assert run(capsys, "text", "none.html")[0] == 2


def test_the_text_version_takes_time_in_proportion() -> None:
    for piece in ("<ul>", "<table><th>x", "<a href=x>y", "<blockquote>z"):
        took = []
        for number in (2_000, 8_000):
            document = Message.draft((piece * number).encode()).documents[0]
            start = time.process_time()
            assert plain_text(document)
            took.append(time.process_time() - start)
        assert took[1] < 12 * took[0] + 0.1, piece
