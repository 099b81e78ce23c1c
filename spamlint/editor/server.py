"""The language server itself: what the editor tells and asks, and what it is told."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from lsprotocol import types
from pygls import uris
from pygls.lsp.server import LanguageServer

from spamlint import __version__
from spamlint.editor import present
from spamlint.editor.documents import Document, Edit
from spamlint.editor.jobs import Explain
from spamlint.editor.process import Lintery
from spamlint.editor.session import Editor
from spamlint.editor.wire import Wire
from spamlint.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    pass

_SCHEMES = ("file:", "untitled:")


def serve(stdin: BinaryIO, stdout: BinaryIO) -> int:
    """Talks to an editor until it leaves; 0 where it said goodbye first, as the protocol wants it, else 1."""
    server = LanguageServer("spamlint", __version__)
    with tempfile.TemporaryDirectory(prefix="spamlint-") as pages:
        editor = Editor(server, Lintery(DEFAULT_LIMITS.editor_seconds), Path(pages))
        _add_files(server, editor)
        _add_questions(server, editor)
        _add_session(server, editor)
        try:
            server.start_io(cast(BinaryIO, Wire(stdin)), stdout)
        finally:
            editor.lintery.close()
    return 0 if editor.is_shut_down else 1


def _add_files(server: LanguageServer, editor: Editor) -> None:
    """Opening, typing, saving and closing.

    Instead of what pygls does by itself: its lines also end at U+2028 and the like, where those of no editor do.
    """

    def opened(params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        if not item.uri.startswith(_SCHEMES):
            return
        path = (uris.to_fs_path(item.uri) or "") if item.uri.startswith("file:") else ""
        document = Document(item.uri, path, item.language_id, item.version, item.text, editor.encoding)
        editor.changed(document, pause=0)

    def changed(params: types.DidChangeTextDocumentParams) -> None:
        document = editor.schedule.documents.get(params.text_document.uri)
        if document is not None:
            edits = [_edit(change) for change in params.content_changes]
            editor.changed(document.edited(edits, params.text_document.version))

    def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        if uri in editor.schedule.documents:
            editor.schedule.closed(uri)
            server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    server.protocol.fm.add_builtin_feature(types.TEXT_DOCUMENT_DID_OPEN, opened)
    server.protocol.fm.add_builtin_feature(types.TEXT_DOCUMENT_DID_CHANGE, changed)
    server.protocol.fm.add_builtin_feature(types.TEXT_DOCUMENT_DID_CLOSE, closed)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        document = editor.schedule.documents.get(params.text_document.uri)
        if document is not None:
            editor.changed(document)


def _edit(change: types.TextDocumentContentChangeEvent) -> Edit:
    if isinstance(change, types.TextDocumentContentChangePartial):
        start, end = change.range.start, change.range.end
        return Edit(change.text, (start.line, start.character), (end.line, end.character))
    return Edit(change.text)


def _add_questions(server: LanguageServer, editor: Editor) -> None:
    """Hovers, code actions, and the page of a rule."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        found = editor.schedule.answer(params.text_document.uri)
        return present.hover(*found, params.position, editor.able) if found else None

    kinds = [types.CodeActionKind.QuickFix, present.FIX_ALL]

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(kinds))
    async def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return await editor.actions(params)

    @server.command(present.CURE_ALL)
    async def cure_all(uri: str) -> None:
        await editor.cure_all(uri)

    @server.command(present.EXPLAIN)
    async def explain(rule: str, uri: str) -> None:
        document = editor.schedule.documents.get(uri)
        path = document.path if document is not None else ""
        page = await editor.lintery.ask(Explain(rule, path, editor.root, editor.options))
        if not isinstance(page, str) or not page:
            return
        file = editor.pages / (rule.replace("/", "-") + ".md")
        file.write_text(page, "utf-8")
        await server.window_show_document_async(types.ShowDocumentParams(file.as_uri(), take_focus=True))


def _add_session(server: LanguageServer, editor: Editor) -> None:
    """The start, the settings of the editor, and the end."""

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        editor.encoding = types.PositionEncodingKind(server.workspace.position_codec.encoding or "utf-16").value
        editor.root = uris.to_fs_path(params.root_uri or "") or params.root_path or ""
        editor.able = _abilities(params.capabilities)
        workspace = params.capabilities.workspace
        editor.pulls_settings = bool(workspace and workspace.configuration)
        given = params.initialization_options
        if isinstance(given, Mapping) and given:
            editor.configure(given.get("spamlint", given))

    @server.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        editor.spawn(editor.schedule.run())
        editor.lintery.warm()
        editor.watch_settings()
        if editor.pulls_settings:
            await editor.pull_settings()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configured(params: types.DidChangeConfigurationParams) -> None:
        settings = params.settings
        if isinstance(settings, Mapping) and "spamlint" in settings:
            editor.configure(settings["spamlint"])
        elif editor.pulls_settings:
            await editor.pull_settings()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files_changed(_: types.DidChangeWatchedFilesParams) -> None:
        editor.schedule.everything()

    @server.feature(types.SHUTDOWN)
    def shut_down(*_: object) -> None:
        editor.is_shut_down = True
        editor.lintery.stop()


def _abilities(client: types.ClientCapabilities) -> present.Abilities:
    document, workspace, window = client.text_document, client.workspace, client.window
    published = document.publish_diagnostics if document else None
    hover = document.hover if document else None
    edits = workspace.workspace_edit if workspace else None
    shown = window.show_document if window else None
    return present.Abilities(
        related=bool(published and published.related_information),
        markdown=types.MarkupKind.Markdown in ((hover.content_format if hover else None) or ()),
        versioned_edits=bool(edits and edits.document_changes),
        documents=bool(shown and shown.support),
        applies=bool(workspace and workspace.apply_edit),
    )


def main() -> int:
    """Serves on standard input and output, on which nothing else is printed."""
    out = sys.stdout.buffer
    sys.stdout = sys.stderr
    return serve(sys.stdin.buffer, out)
