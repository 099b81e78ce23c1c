"""Renders in a process of its own, which is started on first use, serves many templates, and ends on its budget."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Timer
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import finalize

from spamlint.limits import Limits
from spamlint.template.jinja.outcome import OUT_OF_MEMORY, Outcome, Trouble, from_json

if TYPE_CHECKING:
    from spamlint.template.jinja.render import Contexts

Newer: TypeAlias = Mapping[str, bytes]
"""Path of a file, with symbolic links followed -> its bytes."""
_NOTHING_NEWER: Newer = MappingProxyType({})
_MODULE = "spamlint.template.jinja.child"
_PROJECT = str(Path(__file__).parents[3])


class RenderingProcess:
    """A process that renders one template after the other. It is replaced when it has ended."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._end: finalize[..., RenderingProcess] | None = None

    def render(
        self, name: str, raw: bytes, folders: Sequence[Path], contexts: Contexts | None, newer: Newer = _NOTHING_NEWER
    ) -> Outcome:
        """The template `raw`, known as `name`, with each of `contexts`; None: with invented ones.

        `newer` holds files that it may include as they will be, not as they lie there.
        """
        request = {
            "name": name,
            "raw": raw[: self._limits.text].decode("latin-1"),
            "folders": [str(folder) for folder in folders],
            "contexts": contexts,
            "newer": {path: data.decode("latin-1") for path, data in newer.items()},
            "output": self._limits.template_output,
            "memory": self._limits.template_memory,
            "seconds": self._limits.template_seconds,
        }
        answer = self._asked(json.dumps(request).encode() + b"\n")
        outcome = from_json(answer) if answer is not None else _failed("limit-template-seconds")
        if any(trouble.code == OUT_OF_MEMORY for trouble in outcome.troubles):
            self.close()  # whatever the template left behind
        return outcome if outcome.files else Outcome(files=((name, raw),), troubles=outcome.troubles)

    def close(self) -> None:
        """Ends the process."""
        if self._end is not None:
            self._end()
        self._process = self._end = None

    def _asked(self, request: bytes) -> dict[str, Any] | None:
        """The answer to `request`, or None where the process took too long, or ended by itself."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        timer = Timer(self._limits.template_seconds, process.kill)
        timer.start()
        try:
            process.stdin.write(request)
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:  # the process is gone
            line = b""
        finally:
            timer.cancel()
        if not line.endswith(b"\n"):
            self.close()
            return None
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            # Nothing is imported from the working folder, and sets have one order: the same template, the same mail.
            paths = [_PROJECT, *(path for path in sys.path if path)]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": "0"}
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", _MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
            self._end = finalize(self, _ended, self._process)
        return self._process


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _failed(code: str) -> Outcome:
    return Outcome(troubles=(Trouble(code, "", (0, 0, 0)),))
