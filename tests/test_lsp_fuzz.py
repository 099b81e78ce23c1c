"""Whatever comes over the wire, the server stays and answers the next question."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsp_client import Client, position

pytest.importorskip("pygls")

URI = "file:///nowhere/mail.html"
METHODS = (
    "textDocument/didOpen", "textDocument/didChange", "textDocument/didClose", "textDocument/didSave",
    "textDocument/hover", "textDocument/codeAction", "workspace/didChangeConfiguration", "workspace/executeCommand",
    "workspace/didChangeWatchedFiles", "$/cancelRequest", "$/setTrace", "initialized", "no/such/method", "",
)  # fmt: skip
KEYS = (
    "textDocument", "uri", "version", "text", "languageId", "contentChanges", "range", "start", "end", "line",
    "character", "position", "context", "diagnostics", "settings", "spamlint", "ignore", "command", "arguments", "id",
)  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers(-5, 1 << 40) | st.sampled_from([URI, "", "<p onclick=a>", "\ud800", "nl"])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
)
POINTS = st.fixed_dictionaries({"line": st.integers(0, 9), "character": st.integers(0, 99)})
CHANGES = st.fixed_dictionaries(
    {"text": st.text(max_size=9), "range": st.fixed_dictionaries({"start": POINTS, "end": POINTS})}
)
EDITS = st.fixed_dictionaries(
    {
        "textDocument": st.fixed_dictionaries({"uri": st.just(URI), "version": st.integers(-9, 99)}),
        "contentChanges": st.lists(CHANGES, max_size=3),
    }
)
OPENED: dict[str, Any] = {
    "textDocument": {"uri": URI, "languageId": "html", "version": 1, "text": "<p onclick=a>\ud83d"}
}
CALLS = st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0"), "method": st.sampled_from(METHODS), "params": VALUES | EDITS | st.just(OPENED)},
    optional={"id": st.integers(10_000_000, 20_000_000) | st.text(max_size=3) | VALUES},
)
BODIES = CALLS.map(lambda call: json.dumps(call).encode()) | VALUES.map(lambda v: json.dumps(v).encode()) | st.binary()
FRAMES = BODIES.map(lambda body: b"Content-Length: %d\r\n\r\n" % len(body) + body)
HEADERS = st.binary(max_size=40).filter(lambda data: b"ength" not in data.lower()).map(lambda data: data + b"\r\n")


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    with Client(folder) as client:
        yield client


@settings(max_examples=150, deadline=None, database=None)
@given(st.lists(FRAMES | HEADERS, min_size=1, max_size=6))
def test_garbage_is_borne(editor: Client, pieces: list[bytes]) -> None:
    for piece in pieces:
        editor.send_bytes(piece)
    question = {"textDocument": {"uri": "file:///nowhere/other.html"}, "position": position(0, 0)}
    assert editor.ask("textDocument/hover", question)["result"] is None
    editor.kept.clear()
