"""A small editor for tests: it speaks the protocol over the standard input and output of a server process."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parent.parent
TIMEOUT = 30.0

ABLE: dict[str, Any] = {
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
    },
    "workspace": {"workspaceEdit": {"documentChanges": True}},
    "window": {"showDocument": {"support": True}},
}


class Client:
    """One editor with one server. Whatever it is waiting for, it gives up after half a minute."""

    def __init__(self, folder: Path, capabilities: dict[str, Any] | None = None, **options: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "spamlint", "lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        self.messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.folder = folder
        self.kept: list[dict[str, Any]] = []
        self.number = 0
        self.readers = [threading.Thread(target=self._read), threading.Thread(target=self._drain)]
        self.errors = b""
        for reader in self.readers:
            reader.start()
        given = {"processId": None, "rootUri": folder.as_uri(), "capabilities": capabilities or ABLE}
        if options:
            given["initializationOptions"] = options
        self.server = self.request("initialize", given)
        self.notify("initialized", {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(TIMEOUT)
        for reader in self.readers:
            reader.join(TIMEOUT)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.process.stdout.close()
        self.process.stderr.close()

    def send(self, message: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n" % len(data) + data)

    def send_bytes(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> dict[str, Any]:
        """The whole response to a request."""
        self.number += 1
        number = self.number
        self.send({"id": number, "method": method, "params": params})
        return self.wait(lambda message: message.get("id") == number and "method" not in message)

    def request(self, method: str, params: Any) -> Any:
        response = self.ask(method, params)
        assert "error" not in response, response
        return response["result"]

    def wait(self, wanted: Any) -> dict[str, Any]:
        """The first message that is wanted; the others are kept for later."""
        for message in self.kept:
            if wanted(message):
                self.kept.remove(message)
                return message
        while True:
            got = self.messages.get(timeout=TIMEOUT)
            assert got is not None, f"the server has ended: {self.errors.decode()}"
            if wanted(got):
                return got
            self.kept.append(got)

    def told(self, method: str) -> Any:
        """The parameters of the next notification or request of that name."""
        return self.wait(lambda message: message.get("method") == method)["params"]

    def open(self, name: str, text: str, language: str = "html") -> str:
        uri = (self.folder / name).as_uri()
        item = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def change(self, uri: str, version: int, *changes: dict[str, Any]) -> None:
        document = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": list(changes)})

    def diagnostics(self, uri: str, version: int) -> list[dict[str, Any]]:
        """What is published on that version of a file."""

        def wanted(message: dict[str, Any]) -> bool:
            params = message.get("params") or {}
            published = message.get("method") == "textDocument/publishDiagnostics"
            return published and params["uri"] == uri and params.get("version") == version

        found: list[dict[str, Any]] = self.wait(wanted)["params"]["diagnostics"]
        return found

    def leave(self) -> int:
        """Says goodbye as the protocol wants it; the exit code of the server."""
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.process.wait(TIMEOUT)

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while header := stream.readline():
            length = 0
            while header.strip():
                name, _, value = header.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                header = stream.readline()
            self.messages.put(json.loads(stream.read(length)))
        self.messages.put(None)

    def _drain(self) -> None:
        assert self.process.stderr is not None
        self.errors = self.process.stderr.read()


def position(line: int, character: int) -> dict[str, int]:
    return {"line": line, "character": character}


def ranged(start: tuple[int, int], end: tuple[int, int]) -> dict[str, Any]:
    return {"start": position(*start), "end": position(*end)}
