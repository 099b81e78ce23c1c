"""One editor that is connected: its files, its settings, and what it is told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from spamlint.editor import present
from spamlint.editor.documents import Document
from spamlint.editor.jobs import Answer, CureAll, Cures, Job, Options, QuickFixes, options_of
from spamlint.editor.process import Lintery
from spamlint.editor.schedule import PAUSE, Schedule

if TYPE_CHECKING:
    from spamlint.editor.positions import Encoding

_SETTINGS_FILES = ("**/spamlint.toml", "**/pyproject.toml")


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
        answer = await self.lintery.ask(self.job(document))
        return answer if isinstance(answer, Answer) else None

    def job(self, document: Document) -> Job:
        """What is to be linted of one version of a file."""
        every = self.schedule.documents.values()
        others = tuple((one.path, one.text) for one in every if one.path and one.uri != document.uri)
        return Job(document.path, self.root, document.language, document.text, self.options, others)

    def changed(self, document: Document, pause: float = PAUSE) -> None:
        """There is a new version of a file: it is linted, and after it those that include it."""
        path = os.path.realpath(document.path) if document.path else ""
        for other, answer in list(self.schedule.answers.values()):
            if path in answer.includes and other.uri in self.schedule.documents:
                self.schedule.changed(self.schedule.documents[other.uri], pause)
        self.schedule.changed(document, pause)

    async def actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """What can be done about the findings in a range of a file."""
        uri, only = params.text_document.uri, params.context.only
        found = self.schedule.answer(uri)
        if found is None:
            return []
        document, answer = found
        wanted: list[types.CodeAction] = []
        if only and any(_covers(kind, present.FIX_ALL) for kind in only):
            wanted += present.cure_all(document, await self.cured(document), answer.language, self.able)
        if not only or any(_covers(kind, types.CodeActionKind.QuickFix) for kind in only):
            start, end = present.offsets(document, params.range)
            fixes = await self.lintery.ask(Cures(self.job(document), start, end)) if answer.notes else None
            known = fixes.fixes if isinstance(fixes, QuickFixes) else ()
            wanted += present.actions(document, answer, params.range, known, self.able)
        return wanted

    async def cured(self, document: Document) -> QuickFixes:
        """All that can be put right in a file unseen."""
        fixes = await self.lintery.ask(CureAll(self.job(document)))
        return fixes if isinstance(fixes, QuickFixes) else QuickFixes()

    async def cure_all(self, uri: str) -> None:
        """Has the editor make all changes that nobody has to look at."""
        document = self.schedule.documents.get(uri)
        if document is None:
            return
        for action in present.cure_all(document, await self.cured(document), "en", self.able):
            if action.edit is not None and self.schedule.documents.get(uri) is document:
                params = types.ApplyWorkspaceEditParams(action.edit, action.title)
                await self.server.workspace_apply_edit_async(params)

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


def _covers(asked: str, kind: str) -> bool:
    """Whether an editor that asks for actions of one kind means those of the other; "" is every kind."""
    return not asked or kind == asked or kind.startswith(f"{asked}.")
