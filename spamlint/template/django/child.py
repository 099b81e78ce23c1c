"""The process that renders Django templates; `serving` says how. An argument names the settings of a project."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

from spamlint.template.django import setting_up
from spamlint.template.outcome import Outcome, Trouble
from spamlint.template.serving import Answer, serve


def main() -> None:
    """Answers requests until there are no more."""
    serve(_prepared)


def _prepared() -> Answer:
    from django.core.exceptions import ImproperlyConfigured

    project = next(iter(sys.argv[1:]), None)
    try:
        django = setting_up.with_project(project) if project is not None else setting_up.by_itself()
    except (
        ArithmeticError, AttributeError, ImportError, LookupError, NameError, OSError, RuntimeError, SyntaxError,
        TypeError, ValueError, ImproperlyConfigured,
    ) as error:  # fmt: skip
        return partial(_refused, f"{type(error).__name__}: {error}")
    return partial(_answer, django)


def _refused(reason: str, _: dict[str, Any]) -> Outcome:
    return Outcome(troubles=(Trouble("template-project", reason, (0, 0, 0)),))


def _answer(django: setting_up.Django, request: dict[str, Any]) -> Outcome:
    from spamlint.template.django.render import render

    return render(
        django,
        request["name"],
        request["raw"].encode("latin-1"),
        [Path(folder) for folder in request["folders"]],
        request["contexts"],
        request["output"],
    )


if __name__ == "__main__":
    main()
