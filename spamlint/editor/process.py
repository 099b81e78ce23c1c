"""The server's end of the process that lints: it is started on first use, and replaced when it has ended."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Timer
from typing import TypeAlias

from spamlint.editor.frames import packed, received
from spamlint.editor.jobs import Answer, Asked, QuickFixes

Process: TypeAlias = "subprocess.Popen[bytes]"

# Nothing is imported from the working folder: it is that of a project that somebody only wants to look at.
_COMMAND = (sys.executable, "-P", "-m", "spamlint.editor.child")


@dataclass(slots=True)
class Lintery:
    """Lints in another process, one job at a time; a thread waits for it.

    Not by asyncio: its processes hang where the loop ends while one of them is being started.
    """

    seconds: float
    _process: Process | None = None
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    async def ask(self, job: Asked) -> Answer | QuickFixes | str | None:
        """The answer, or None where the process took too long, crashed, or was stopped."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._asked, job)

    def warm(self) -> None:
        """Starts the process before it is needed."""
        self._thread.submit(self._started)

    def stop(self) -> None:
        """Stops the job at work; its answer is None."""
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """Ends the process, and the thread that waits for it."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self.stop()
        self._thread.shutdown(wait=True)
        self._end()

    def _asked(self, job: Asked) -> Answer | QuickFixes | str | None:
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        timer = Timer(self.seconds, process.kill)
        timer.start()
        try:
            process.stdin.write(packed(job))
            process.stdin.flush()
            answer: Answer | QuickFixes | str | None = received(process.stdout)
        except OSError:  # the process is gone
            answer = None
        finally:
            timer.cancel()
        if answer is None:
            self._end()
        return answer

    def _started(self) -> Process:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                assert pipe is not None
                with suppress(OSError):  # what was not written yet has no reader any more
                    pipe.close()
