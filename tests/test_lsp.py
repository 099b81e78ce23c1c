"""The language server, by an editor that talks to it over standard input and output."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsp_client import ROOT, Client, position, ranged

pytest.importorskip("pygls")

HANDLER = '<p>Doors open at seven.</p>\n<p onclick="ring()">Call us</p>\n'


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Client]:
    with Client(tmp_path) as client:
        yield client


def by_rule(diagnostics: list[dict[str, Any]], rule: str) -> list[dict[str, Any]]:
    return [one for one in diagnostics if one["code"] == rule]


def hover(editor: Client, uri: str, line: int, character: int) -> str | None:
    found = editor.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": position(line, character)})
    return str(found["contents"]["value"]) if found else None


def actions(editor: Client, uri: str, line: int, character: int) -> list[dict[str, Any]]:
    where = ranged((line, character), (line, character))
    context: dict[str, Any] = {"diagnostics": []}
    asked = {"textDocument": {"uri": uri}, "range": where, "context": context}
    found: list[dict[str, Any]] = editor.request("textDocument/codeAction", asked)
    return found


def test_what_is_opened_is_linted_and_so_is_what_is_typed(editor: Client) -> None:
    uri = editor.open("mail.html", HANDLER)
    found = by_rule(editor.diagnostics(uri, 1), "script/event-handler")
    assert len(found) == 1
    assert found[0]["range"] == ranged((1, 3), (1, 19))
    assert found[0]["severity"] == 1
    assert found[0]["source"] == "spamlint"
    assert found[0]["codeDescription"]["href"].startswith("https://")
    assert "the attribute onclick runs a script" in found[0]["message"]
    editor.change(uri, 2, {"range": ranged((1, 2), (1, 19)), "text": ""})
    assert by_rule(editor.diagnostics(uri, 2), "script/event-handler") == []
    editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert editor.told("textDocument/publishDiagnostics") == {"uri": uri, "diagnostics": []}
    assert editor.leave() == 0


def test_further_places_are_told_with_the_first(editor: Client, tmp_path: Path) -> None:
    text = '<p onclick="a()">a</p>\n<p onclick="b()">b</p>\n'
    uri = editor.open("mail.html", text)
    found = by_rule(editor.diagnostics(uri, 1), "script/event-handler")
    assert [one["range"]["start"]["line"] for one in found] == [0]
    assert [one["location"]["range"] for one in found[0]["relatedInformation"]] == [ranged((1, 3), (1, 16))]
    assert "event-handler" in str(hover(editor, uri, 1, 5))
    with Client(tmp_path, capabilities={"workspace": {}}) as plain:
        other = plain.open("mail.html", text)
        found = by_rule(plain.diagnostics(other, 1), "script/event-handler")
        assert [one["range"]["start"]["line"] for one in found] == [0, 1]


def test_columns_count_as_the_editor_does(editor: Client) -> None:
    text = '<p>\U0001f600\u00e9\t<b onclick="a()">x</b></p>\r\n<p>\u2028\U0001f600\U0001f600<b onclick="b()">y</b>'
    uri = editor.open("mail.html", text)
    found = by_rule(editor.diagnostics(uri, 1), "script/event-handler")[0]
    assert found["range"] == ranged((0, 10), (0, 23))
    assert found["relatedInformation"][0]["location"]["range"] == ranged((1, 11), (1, 24))
    # Edits count the same way: the attribute behind two emoji and a line separator goes, and nothing else.
    editor.change(uri, 2, {"range": ranged((1, 10), (1, 24)), "text": ""})
    found = by_rule(editor.diagnostics(uri, 2), "script/event-handler")[0]
    assert "relatedInformation" not in found
    editor.change(
        uri, 3, {"range": ranged((0, 9), (0, 23)), "text": ""}, {"range": ranged((1, 7), (1, 7)), "text": "<"}
    )
    assert by_rule(editor.diagnostics(uri, 3), "script/event-handler") == []


def test_an_editor_that_counts_otherwise_is_understood(tmp_path: Path) -> None:
    for encoding, column in (("utf-8", 7), ("utf-32", 4)):
        with Client(tmp_path, {"general": {"positionEncodings": [encoding]}}) as client:
            assert client.server["capabilities"]["positionEncoding"] == encoding
            uri = client.open("mail.html", '<p>\U0001f600<b onclick="a()">x</b>')
            found = by_rule(client.diagnostics(uri, 1), "script/event-handler")[0]
            assert found["range"]["start"] == position(0, column + 3)


def test_a_hover_says_why_and_how_to_cure(editor: Client) -> None:
    uri = editor.open("mail.html", HANDLER)
    editor.diagnostics(uri, 1)
    said = hover(editor, uri, 1, 10)
    assert said is not None
    assert said.startswith("**Event handler in a tag**")
    assert "**why**" in said
    assert "**fix**" in said
    assert "`script/event-handler`" in said
    assert hover(editor, uri, 0, 5) is None


def test_mail_text_in_a_hover_is_no_markdown(editor: Client) -> None:
    uri = editor.open("mail.html", "<p><foo-*b*[x](http://evil.example/)>a</p>\n<p></b_c_>\n")
    editor.diagnostics(uri, 1)
    said = str(hover(editor, uri, 1, 5))
    assert "\\<" in said
    assert said.replace("\\<", "").count("<") == said.count("<https://")


def test_a_rule_can_be_ignored_where_it_stands(editor: Client) -> None:
    uri = editor.open("mail.html", "<div>\n  <p onclick='a()'>x</p>\n</div>\n")
    editor.diagnostics(uri, 1)
    found = [one for one in actions(editor, uri, 1, 6) if one["title"].startswith("Ignore")]
    edit = found[0]["edit"]["documentChanges"][0]
    assert edit["textDocument"] == {"uri": uri, "version": 1}
    assert edit["edits"] == [
        {"range": ranged((1, 0), (1, 0)), "newText": "  <!-- spamlint-ignore script/event-handler -->\n"}
    ]
    template = editor.open("mail.html.j2", HANDLER, "jinja-html")
    editor.diagnostics(template, 1)
    found = [one for one in actions(editor, template, 1, 6) if one["title"].startswith("Ignore")]
    new = found[0]["edit"]["documentChanges"][0]["edits"][0]["newText"]
    assert new == "{# spamlint-ignore script/event-handler #}\n"


def test_a_rule_can_be_explained(editor: Client) -> None:
    uri = editor.open("mail.html", HANDLER)
    editor.diagnostics(uri, 1)
    command = next(one["command"] for one in actions(editor, uri, 1, 6) if "command" in one)
    editor.number += 1
    number = editor.number
    params = {"command": command["command"], "arguments": command["arguments"]}
    editor.send({"id": number, "method": "workspace/executeCommand", "params": params})
    shown = editor.wait(lambda message: message.get("method") == "window/showDocument")
    page = Path(shown["params"]["uri"].removeprefix("file://")).read_text("utf-8")
    assert page.startswith("# Event handler in a tag\n\n`script/event-handler`")
    editor.send({"id": shown["id"], "result": {"success": True}})
    assert editor.wait(lambda message: message.get("id") == number and "method" not in message)["result"] is None


def test_messages_and_texts_are_linted_too(editor: Client) -> None:
    mail = (
        "From: a@b.example\nSubject: FREE MONEY!!! ACT NOW $$$\nDate: Mon, 02 Mar 2026 09:30:00 +0100\n\nHello there.\n"
    )
    uri = editor.open("mail.eml", mail, "plaintext")
    lines = {one["code"].partition("/")[0]: one["range"]["start"]["line"] for one in editor.diagnostics(uri, 1)}
    assert lines["subject"] == 1
    text = editor.open(
        "mail.txt", "CLICK HERE NOW TO CLAIM YOUR FREE PRIZE TODAY: http://192.0.2.7/prize\n", "plaintext"
    )
    assert editor.diagnostics(text, 1) != []


def test_settings_above_the_file_hold_and_change(editor: Client, tmp_path: Path) -> None:
    (tmp_path / "spamlint.toml").write_text('ignore = ["script"]\n')
    uri = editor.open("mail.html", HANDLER)
    assert by_rule(editor.diagnostics(uri, 1), "script/event-handler") == []
    (tmp_path / "spamlint.toml").write_text("# nothing is ignored any more\n")
    editor.notify("workspace/didChangeWatchedFiles", {"changes": []})
    assert len(by_rule(editor.diagnostics(uri, 1), "script/event-handler")) == 1


def test_broken_settings_are_told_with_file_and_key(editor: Client, tmp_path: Path) -> None:
    (tmp_path / "spamlint.toml").write_text('block-at = "high"\n')
    uri = editor.open("mail.html", HANDLER)
    assert editor.diagnostics(uri, 1) == []
    said = editor.told("window/showMessage")
    assert said["type"] == 1
    assert f"{tmp_path / 'spamlint.toml'}: block-at: must be points" in said["message"]
    (tmp_path / "spamlint.toml").unlink()
    editor.change(uri, 2, {"text": HANDLER})
    assert len(by_rule(editor.diagnostics(uri, 2), "script/event-handler")) == 1


def test_the_settings_of_the_editor_hold(editor: Client) -> None:
    uri = editor.open("mail.html", HANDLER)
    assert by_rule(editor.diagnostics(uri, 1), "script/event-handler") != []
    settings: dict[str, Any] = {"spamlint": {"ignore": ["script/event-handler"], "lang": "nl"}}
    editor.notify("workspace/didChangeConfiguration", {"settings": settings})
    assert by_rule(editor.diagnostics(uri, 1), "script/event-handler") == []
    editor.notify("workspace/didChangeConfiguration", {"settings": {"spamlint": {"ignor": []}}})
    said = editor.told("window/showMessage")["message"]
    assert "spamlint.ignor: unknown key, did you mean 'ignore'?" in said


def test_settings_can_come_with_the_start(tmp_path: Path) -> None:
    with Client(tmp_path, lang="nl", ignore=["html"]) as client:
        uri = client.open("mail.html", HANDLER)
        found = by_rule(client.diagnostics(uri, 1), "script/event-handler")
        assert "voert een script uit" in found[0]["message"] or "script" in found[0]["message"]
        assert "Event handler in a tag" not in found[0]["message"]


def test_the_newest_version_wins(editor: Client) -> None:
    uri = editor.open("mail.html", "<p>a</p>\n" * 4000)
    for version in range(2, 30):
        editor.change(uri, version, {"range": ranged((0, 3), (0, 3)), "text": "x"})
    editor.change(uri, 30, {"text": HANDLER})
    assert len(by_rule(editor.diagnostics(uri, 30), "script/event-handler")) == 1
    published = [
        one["params"]["version"] for one in editor.kept if one.get("method") == "textDocument/publishDiagnostics"
    ]
    assert len(published) < 10


def test_an_edit_of_a_large_template_is_answered_soon(editor: Client) -> None:
    uri = editor.open("mail.html", ("<p>Doors open at seven.</p>\n" * 3600) + HANDLER)
    editor.diagnostics(uri, 1)
    times = []
    for version in range(2, 8):
        start = time.perf_counter()
        editor.change(uri, version, {"range": ranged((0, 3), (0, 3)), "text": "x"})
        editor.diagnostics(uri, version)
        times.append(time.perf_counter() - start)
    # The aim is 0.1 s; what is asked here is what a busy machine can do, too.
    assert min(times) < 0.5


def test_a_crash_of_the_process_that_lints_costs_one_answer(editor: Client, tmp_path: Path) -> None:
    processes = Path("/proc")
    if not processes.is_dir():
        pytest.skip("there is no /proc to find the process in")
    uri = editor.open("mail.html", HANDLER)
    editor.diagnostics(uri, 1)
    tasks = processes / str(editor.process.pid) / "task"
    children = {int(pid) for file in tasks.glob("*/children") for pid in file.read_text().split()}
    assert len(children) == 1
    subprocess.run(["kill", "-KILL", str(children.pop())], check=True)
    editor.change(uri, 2, {"text": HANDLER + "x"})
    editor.diagnostics(uri, 2)
    editor.change(uri, 3, {"text": HANDLER})
    assert len(by_rule(editor.diagnostics(uri, 3), "script/event-handler")) == 1


def framed(body: str) -> bytes:
    return f"Content-Length: {len(body)}\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    "garbage",
    [
        b"\r\n\r\n\x00\xff\r\n",
        b"Content-Length: 99999999999999999999\r\n\r\n{}\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: 2\r\n\r\n[]",
        b"Content-Length: 1\r\n\r\n5",
        b"Content-Length: 3\r\n\r\n{{{",
        b"Content-Length: 4\r\n\r\n\xff\xfe\xfd\xfc",
        b'Content-Length: 17\r\n\r\n{"jsonrpc":"2.0"}',
        b'Content-Length: 34\r\n\r\n{"jsonrpc":"2.0","method":"x/y/z"}',
        b"Content-Length: 100000\r\n\r\n" + b"[" * 100000,
        framed('{"jsonrpc":"2.0","id":[],"method":"textDocument/hover","params":{}}'),
        framed('{"jsonrpc":"2.0","id":7,"method":"textDocument/hover","params":{"position":-1}}'),
        framed('{"jsonrpc":"2.0","method":"textDocument/didChange","params":null}'),
        framed('{"jsonrpc":"2.0","id":"none","result":[]}'),
    ],
)
def test_garbage_does_not_end_the_server(editor: Client, garbage: bytes) -> None:
    editor.send_bytes(garbage)
    uri = editor.open("mail.html", HANDLER)
    assert len(by_rule(editor.diagnostics(uri, 1), "script/event-handler")) == 1


def test_positions_and_versions_that_make_no_sense_are_borne(editor: Client) -> None:
    uri = editor.open("mail.html", HANDLER)
    editor.change(uri, 2, {"range": ranged((900, 900), (1, 2)), "text": "\ud800"})
    editor.change(uri, 3, {"range": ranged((1, 9000), (0, 0)), "text": "x"})
    editor.change("file:///never/opened.html", 3, {"text": "x"})
    editor.change(uri, 4, {"text": HANDLER})
    assert len(by_rule(editor.diagnostics(uri, 4), "script/event-handler")) == 1


def test_an_editor_that_just_leaves_is_exit_code_1(tmp_path: Path) -> None:
    with Client(tmp_path) as client:
        assert client.process.stdin is not None
        client.process.stdin.close()
        assert client.process.wait(30) == 1


def test_without_the_extra_the_way_to_it_is_told(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['pygls'] = None; import importlib.util as u; real = u.find_spec;"
        "u.find_spec = lambda name, *rest: None if name == 'pygls' else real(name, *rest);"
        "from spamlint.cli import main; sys.exit(main(['lsp']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert done.stderr == "spamlint: the language server needs pygls: python3 -m pip install 'spamlint[lsp]'\n"
    assert done.stdout == ""
