"""The language server itself: what the editor tells and asks, and what it is told."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from lsprotocol import types
from pygls import uris
from pygls.lsp.server import LanguageServer

from spamlint import __version__
from spamlint.editor import present
from spamlint.editor.documents import Document, Edit
from spamlint.editor.jobs import Answer, Explain, Job, Options, options_of
from spamlint.editor.process import Lintery
from spamlint.editor.schedule import Schedule
from spamlint.editor.wire import Wire
from spamlint.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from spamlint.editor.positions import Encoding

_SETTINGS_FILES = ("**/spamlint.toml", "**/pyproject.toml")
_SCHEMES = ("file:", "untitled:")


@dataclass(slots=True)
class Editor:
    """One editor that is connected: what it can show, its settings, and the files that it has open."""

    server: LanguageServer
    lintery: Lintery
    pages: Path
    """The folder for pages of rules that are shown as documents."""
    able: present.Abilities = field(default_factory=present.Abilities)
    options: Options = field(default_factory=Options)
    root: str = ""
    encoding: Encoding = "utf-16"
    pulls_settings: bool = False
    is_shut_down: bool = False
    told: str = ""
    """The problem with the settings that was shown last; it is not repeated with every key that is pressed."""
    schedule: Schedule = field(init=False)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.schedule = Schedule(self.lint, self.lintery.stop, self.publish, self.log)

    async def lint(self, document: Document) -> Answer | None:
        """What is found in one version of a file."""
        job = Job(document.path, self.root, document.language, document.text, self.options)
        answer = await self.lintery.ask(job)
        return answer if isinstance(answer, Answer) else None

    def publish(self, document: Document, answer: Answer | None) -> None:
        """Shows what was found in a file."""
        found = [present.failure()] if answer is None else present.diagnostics(document, answer, self.able)
        params = types.PublishDiagnosticsParams(document.uri, found, document.version)
        self.server.text_document_publish_diagnostics(params)
        if answer is not None:
            for line in answer.log:
                self.log(line)
            self.tell(answer.problem)

    def tell(self, problem: str) -> None:
        """Shows what is wrong with the settings, once."""
        if problem and problem != self.told:
            said = types.ShowMessageParams(types.MessageType.Error, f"spamlint: {problem}")
            self.server.window_show_message(said)
        self.told = problem

    def log(self, line: str) -> None:
        """Writes a line where the editor keeps what servers say."""
        self.server.window_log_message(types.LogMessageParams(types.MessageType.Warning, line))

    def configure(self, data: object) -> None:
        """Takes over the settings of the editor, and lints again."""
        if not isinstance(data, Mapping):
            data = {}
        self.options, problems = options_of(data)
        if problems:
            said = types.ShowMessageParams(types.MessageType.Error, "spamlint: " + "\n".join(problems))
            self.server.window_show_message(said)
        self.schedule.everything()

    async def pull_settings(self) -> None:
        """Asks the editor for its settings."""
        asked = types.ConfigurationParams([types.ConfigurationItem(section="spamlint")])
        given = await self.server.workspace_configuration_async(asked)
        if given and given[0]:
            self.configure(given[0])

    def watch_settings(self) -> None:
        """Asks the editor to tell when a settings file changes, if it can."""
        workspace = self.server.client_capabilities.workspace
        watched = workspace.did_change_watched_files if workspace else None
        if watched and watched.dynamic_registration:
            watchers = [types.FileSystemWatcher(glob) for glob in _SETTINGS_FILES]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            wanted = types.Registration("settings", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            self.server.client_register_capability(types.RegistrationParams([wanted]))

    def spawn(self, work: Any) -> None:
        """Runs `work` beside everything else; a reference keeps it from being collected."""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


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
        editor.schedule.changed(document, pause=0)

    def changed(params: types.DidChangeTextDocumentParams) -> None:
        document = editor.schedule.documents.get(params.text_document.uri)
        if document is not None:
            edits = [_edit(change) for change in params.content_changes]
            editor.schedule.changed(document.edited(edits, params.text_document.version))

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
            editor.schedule.changed(document)


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

    kinds = [types.CodeActionKind.QuickFix]

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(kinds))
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        found = editor.schedule.answer(params.text_document.uri)
        only = params.context.only
        if found is None or (only and not any(kind in ("", types.CodeActionKind.QuickFix) for kind in only)):
            return []
        return present.actions(*found, params.range, editor.able)

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
    )


def main() -> int:
    """Serves on standard input and output, on which nothing else is printed."""
    out = sys.stdout.buffer
    sys.stdout = sys.stderr
    return serve(sys.stdin.buffer, out)
