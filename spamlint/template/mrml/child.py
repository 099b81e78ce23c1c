"""The process that compiles MJML; `serving` says how."""

from __future__ import annotations

from typing import Any

from spamlint.template.outcome import Outcome, Rendered, Trouble
from spamlint.template.serving import Answer, serve


def main() -> None:
    """Answers requests until there are no more."""
    serve(_prepared)


def _prepared() -> Answer:
    return _answer


def _answer(request: dict[str, Any]) -> Outcome:
    """The HTML without any origins; nothing where mrml does not take the MJML."""
    from mrml import to_html

    try:
        made = to_html(request["raw"].encode("latin-1").decode("utf-8", "replace")).content
    except OSError as error:
        return Outcome(troubles=(Trouble("template-syntax", str(error), (0, 0, 0)),))
    if len(made) > request["output"]:
        return Outcome(troubles=(Trouble("limit-template-output", "", (0, 0, 0)),))
    return Outcome((Rendered("", made, ()),))


if __name__ == "__main__":
    main()
