"""`spamlint lsp`: the language server for editors."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from spamlint.cli.parser import WRONG_USE, Parser, complain

_EXAMPLES = """Editors start it and talk to it on standard input and output; docs/editor.md says how to set them up.

examples:
  python3 -m pip install 'spamlint[lsp]'   what it needs beside spamlint
  spamlint lsp                             waits for an editor; ends when its input does

exit code: 0 when the editor has shut it down, 1 when it just left, 2 where the extra is missing.
"""


def run(arguments: Sequence[str]) -> int:
    """Serves one editor until it leaves."""
    parser = Parser(
        prog="spamlint lsp",
        usage="spamlint lsp",
        description="Shows findings in an editor while a draft, a template or a message is being written.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--stdio", action="store_true", help="talk on standard input and output, as it does anyway")
    parser.parse_args(arguments)
    if find_spec("pygls") is None or find_spec("lsprotocol") is None:
        complain("the language server needs pygls: python3 -m pip install 'spamlint[lsp]'")
        return WRONG_USE
    from spamlint.editor.server import main

    return main()
