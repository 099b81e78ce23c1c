"""Which file is linted next: the newest version of the one that changed last, when its author pauses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from spamlint.editor.documents import Document
from spamlint.editor.jobs import Answer

PAUSE = 0.005
"""Seconds without a change before a file is linted. What is typed during a lint waits for it, so more is not needed."""
PATIENCE = 1.0
"""Seconds after which a lint is stopped whose version is no longer the newest."""


@dataclass(slots=True)
class Schedule:
    """The open files, and the answers on them. `lint` is never called for two at once."""

    lint: Callable[[Document], Awaitable[Answer | None]]
    stop: Callable[[], None]
    publish: Callable[[Document, Answer | None], None]
    failed: Callable[[str], None]
    documents: dict[str, Document] = field(default_factory=dict)
    answers: dict[str, tuple[Document, Answer]] = field(default_factory=dict)
    _due: dict[str, float] = field(default_factory=dict)
    _busy: str | None = None
    _started: float = 0.0
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def changed(self, document: Document, pause: float = PAUSE) -> None:
        """There is a new version of a file, or a new file, or its settings have changed."""
        loop = asyncio.get_running_loop()
        self.documents[document.uri] = document
        self._due.pop(document.uri, None)
        self._due[document.uri] = loop.time() + pause
        self._woken.set()
        if self._busy == document.uri:
            loop.call_at(max(self._started + PATIENCE, loop.time()), self._stop_if_old, self._started)

    def closed(self, uri: str) -> None:
        """A file is no longer open."""
        for rows in (self.documents, self.answers, self._due):
            rows.pop(uri, None)

    def everything(self) -> None:
        """All files have to be linted again."""
        for document in list(self.documents.values()):
            self.answers.pop(document.uri, None)
            self.changed(document)

    def answer(self, uri: str) -> tuple[Document, Answer] | None:
        """The answer on the newest version of a file, or None while there is none."""
        found = self.answers.get(uri)
        return found if found is not None and found[0] is self.documents.get(uri) else None

    async def run(self) -> None:
        """Lints for ever."""
        while True:
            uri = await self._next()
            # A task of its own: whatever happens in it is told, and does not end this loop.
            task = asyncio.ensure_future(self._one(self.documents[uri]))
            await asyncio.wait({task})
            self._busy = None
            if not task.cancelled() and (error := task.exception()) is not None:
                self.failed(f"{uri}: {type(error).__name__}: {error}")

    async def _next(self) -> str:
        while True:
            now = asyncio.get_running_loop().time()
            ready = [uri for uri, due in self._due.items() if due <= now]
            if ready:
                del self._due[ready[-1]]
                return ready[-1]
            self._woken.clear()
            wait = min(self._due.values()) - now if self._due else None
            try:
                await asyncio.wait_for(self._woken.wait(), wait)
            except TimeoutError:
                continue

    async def _one(self, document: Document) -> None:
        self._busy, self._started = document.uri, asyncio.get_running_loop().time()
        answer = await self.lint(document)
        if self.documents.get(document.uri) is not document:
            return  # the newest version wins: it is waiting already
        if answer is not None:
            self.answers[document.uri] = document, answer
        self.publish(document, answer)

    def _stop_if_old(self, started: float) -> None:
        """Stops the lint that began at `started`, if it is still the one at work."""
        if self._busy is not None and self._started == started:
            self.stop()
