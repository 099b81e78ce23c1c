"""Renders in a process of its own, which is started on first use, serves many templates, and ends on its budget."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Timer
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import finalize

from spamlint.limits import Limits
from spamlint.template.outcome import OUT_OF_MEMORY, Outcome, Trouble, from_json

if TYPE_CHECKING:
    from spamlint.template.runs import Contexts

Newer: TypeAlias = Mapping[str, bytes]
"""Path of a file, with symbolic links followed -> its bytes."""
_NOTHING_NEWER: Newer = MappingProxyType({})
_CHILDREN = {
    "django": "spamlint.template.django.child",
    "jinja2": "spamlint.template.jinja.child",
    "mjml": "spamlint.template.mrml.child",
}
_LAST_SECONDS = 1
_ENDED = "rendering ended with an error"
_PROJECT = str(Path(__file__).parents[2])


class RenderingProcess:
    """A process that renders one template after the other. It is replaced when it has ended.

    Code of a program is run only where `project` names the module with its settings.
    """

    def __init__(self, language: str, limits: Limits, project: str | None = None) -> None:
        self._language = language
        self._limits = limits
        self._project = project
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
        outcome = from_json(answer) if isinstance(answer, dict) else _failed(answer)
        if any(trouble.code == OUT_OF_MEMORY for trouble in outcome.troubles):
            self.close()  # whatever the template left behind
        return outcome if outcome.files else replace(outcome, files=((name, raw),))

    def close(self) -> None:
        """Ends the process."""
        if self._end is not None:
            self._end()
        self._process = self._end = None

    def _asked(self, request: bytes) -> dict[str, Any] | Trouble:
        """The answer to `request`, or what went wrong: the process took too long, or ended by itself."""
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
            # Ended with a code of its own it has met an error; else it was killed.
            has_failed = _code_of(process) > 0
            self.close()
            return Trouble("template-failed" if has_failed else "limit-template-seconds", _ENDED, (0, 0, 0))
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            # Sets have one order: the same template, the same mail. Nothing is imported from the working folder,
            # unless the code of a project is asked for.
            paths = [_PROJECT, *(path for path in sys.path if path)]
            given = () if self._project is None else (self._project,)
            if given:
                paths.append(str(Path.cwd()))
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": "0"}
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", _CHILDREN[self._language], *given],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
            self._end = finalize(self, _ended, self._process)
        return self._process


def _code_of(process: subprocess.Popen[bytes]) -> int:
    """The code that a process ends with; one that closed its output only is killed."""
    try:
        return process.wait(_LAST_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _failed(trouble: Trouble) -> Outcome:
    return Outcome(troubles=(trouble,))
