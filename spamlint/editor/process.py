"""The server's end of the process that lints: it is started on first use, and replaced when it has ended."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import dataclass, field

from spamlint.editor.frames import HEAD, packed, size_of, unpacked
from spamlint.editor.jobs import Answer, Explain, Job

# Nothing is imported from the working folder: it is that of a project that somebody only wants to look at.
_COMMAND = (sys.executable, "-P", "-m", "spamlint.editor.child")


@dataclass(slots=True)
class Lintery:
    """Lints in another process, one job at a time."""

    seconds: float
    _process: Process | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self, job: Job | Explain) -> Answer | str | None:
        """The answer, or None where the process took too long, crashed, or was stopped."""
        async with self._turn:
            process = await self._started()
            try:
                return await asyncio.wait_for(_asked(process, packed(job)), self.seconds)
            except (TimeoutError, asyncio.IncompleteReadError, OSError):
                await self._end()
                return None

    async def warm(self) -> None:
        """Starts the process before it is needed."""
        async with self._turn:
            await self._started()

    def stop(self) -> None:
        """Stops the job at work; its answer is None."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def _started(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(*_COMMAND, stdin=PIPE, stdout=PIPE)
        return self._process

    async def _end(self) -> None:
        self.stop()
        if self._process is not None:
            await self._process.wait()
        self._process = None


async def _asked(process: Process, request: bytes) -> Answer | str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(request)
    await process.stdin.drain()
    head = await process.stdout.readexactly(HEAD)
    answer: Answer | str = unpacked(await process.stdout.readexactly(size_of(head)))
    return answer
