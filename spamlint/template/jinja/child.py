"""The process that renders Jinja2 templates; `serving` says how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import runtime

from spamlint.template.jinja.pieces import kept_escape, kept_markup
from spamlint.template.jinja.render import render
from spamlint.template.outcome import Outcome
from spamlint.template.serving import Answer, serve


def main() -> None:
    """Answers requests until there are no more."""
    serve(_prepared)


def _prepared() -> Answer:
    # Macros, blocks and `escape` of Jinja2 hand on rendered text as pieces.
    vars(runtime).update(Markup=kept_markup, escape=kept_escape)
    return _answer


def _answer(request: dict[str, Any]) -> Outcome:
    return render(
        request["name"],
        request["raw"].encode("latin-1"),
        [Path(folder) for folder in request["folders"]],
        request["contexts"],
        request["output"],
        {path: data.encode("latin-1") for path, data in request["newer"].items()},
    )


if __name__ == "__main__":
    main()
