"""The linter for e-mail: a message or template in, a verdict out in which every point is explained and located."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from spamlint.linter import Linter as Linter
    from spamlint.message import Message as Message
    from spamlint.verdict import Finding as Finding
    from spamlint.verdict import Policy as Policy
    from spamlint.verdict import Verdict as Verdict

__all__ = ["Finding", "Linter", "Message", "Policy", "Verdict", "__version__", "check"]

_HOME = {"Linter": "linter", "Message": "message", "Finding": "verdict", "Policy": "verdict", "Verdict": "verdict"}


def __getattr__(name: str) -> object:
    """The public classes, imported on first use: `spamlint --help` needs none of them."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"spamlint.{_HOME[name]}"), name)


def check(mail: bytes | str | Path, policy: Policy | None = None) -> Verdict:
    """The verdict on one message: its bytes, or the path of an .eml file (.html, .htm and templates are drafts).

    For many messages build one `Linter` and call its `check`. OSError where the file cannot be read.
    """
    from spamlint.drafts import Drafts, worst
    from spamlint.linter import Linter
    from spamlint.message import Message
    from spamlint.template.languages import SUFFIXES

    linter = Linter(policy)
    if isinstance(mail, bytes):
        return linter.check(Message.from_bytes(mail))
    path = Path(mail)
    raw = path.read_bytes()
    if path.suffix.lower() in (".html", ".htm", *SUFFIXES):
        drafts = Drafts()
        kind = None if path.suffix.lower() in SUFFIXES else "text/html"
        verdicts = [linter.check(message) for message in drafts.messages(raw, str(path), content_type=kind)]
        drafts.close()
        return worst(verdicts)[1]
    return linter.check(Message.from_bytes(raw, str(path)))
