"""The process that renders: one line of JSON comes in for each template, one goes out. It ends with its input.

Started by `process`. What a template may cost is limited here by the system where it offers that, and by `process`,
which ends this one when its time is over.
"""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path
from typing import Any

from jinja2 import runtime

from spamlint.template.jinja.outcome import OUT_OF_MEMORY, Outcome, Trouble, to_json
from spamlint.template.jinja.pieces import kept_escape, kept_markup
from spamlint.template.jinja.render import render

_DEEP = 800
"""Calls inside one another. Python's own limit is higher, and its compiler may need more of the stack than there is."""


def main() -> None:
    """Answers requests until there are no more."""
    # Macros, blocks and `escape` of Jinja2 hand on rendered text as pieces.
    vars(runtime).update(Markup=kept_markup, escape=kept_escape)
    sys.setrecursionlimit(_DEEP)
    # What is loaded stays, and the trees of templates are collected when nobody waits for an answer.
    gc.freeze()
    gc.disable()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        _limit(request["memory"], request["seconds"])
        try:
            answer = json.dumps(to_json(_answer(request)))
        except MemoryError:
            answer = json.dumps(to_json(Outcome(troubles=(Trouble(OUT_OF_MEMORY, "", (0, 0, 0)),))))
        sys.stdout.buffer.write(answer.encode() + b"\n")
        sys.stdout.buffer.flush()
        gc.collect()


def _answer(request: dict[str, Any]) -> Outcome:
    return render(
        request["name"],
        request["raw"].encode("latin-1"),
        [Path(folder) for folder in request["folders"]],
        request["contexts"],
        request["output"],
        {path: data.encode("latin-1") for path, data in request["newer"].items()},
    )


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


if __name__ == "__main__":
    main()
