"""The process that renders: one line of JSON comes in for each template, one goes out. It ends with its input.

Started by `process`. What a template may cost is limited here by the system where it offers that, and by `process`,
which ends this one when its time is over.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from typing import Any, TypeAlias

from spamlint.template.outcome import OUT_OF_MEMORY, Outcome, Trouble, to_json

Answer: TypeAlias = Callable[[dict[str, Any]], Outcome]
"""A request of `process` -> what comes of it."""

_DEEP = 800
"""Calls inside one another. Python's own limit is higher, and its compiler may need more of the stack than there is."""


def serve(prepared: Callable[[], Answer]) -> None:
    """Answers requests until there are no more. What else is printed goes nowhere: it is no answer."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        answer = prepared()
        sys.setrecursionlimit(_DEEP)
        # What is loaded stays, and the trees of templates are collected when nobody waits for an answer.
        gc.freeze()
        gc.disable()
        for line in sys.stdin.buffer:
            request = json.loads(line)
            _limit(request["memory"], request["seconds"])
            try:
                said = json.dumps(to_json(answer(request)))
            except MemoryError:
                said = json.dumps(to_json(Outcome(troubles=(Trouble(OUT_OF_MEMORY, "", (0, 0, 0)),))))
            out.write(said.encode() + b"\n")
            out.flush()
            gc.collect()


def _limit(memory: int, seconds: int) -> None:
    """Lets the system stop what takes more; it opens no file for writing and starts no process either."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    wanted = {
        resource.RLIMIT_CPU: int(used.ru_utime + used.ru_stime) + seconds + 1,
        resource.RLIMIT_FSIZE: 0,
    }
    if sys.platform != "darwin":  # which does not hold to it
        wanted[resource.RLIMIT_AS] = memory
    for kind, most in wanted.items():
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
