"""`spamlint text`: the plain-text alternative of an HTML draft."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from spamlint.cli.parser import WRONG_USE, Parser, complain
from spamlint.html import Document
from spamlint.html.plain_text import plain_text
from spamlint.inputs import STDIN, Input, Unreadable, find, read
from spamlint.limits import DEFAULT_LIMITS
from spamlint.message import Message
from spamlint.report.escape import visible

_EXAMPLES = """examples:
  spamlint text draft.html > draft.txt    the text to send beside the HTML
  spamlint text newsletter.eml            the same of a message
  spamlint text - < draft.html            standard input
"""


def run(arguments: Sequence[str]) -> int:
    """Prints the words of the HTML that the arguments name; 2 where there is none."""
    parser = Parser(
        prog="spamlint text",
        usage="spamlint text PATH",
        description="Writes the plain-text version of HTML: links, headings, lists and tables stay readable.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("path", metavar="PATH", help="an HTML draft, a message, or -")
    path = parser.parse_args(arguments).path
    stdin = getattr(sys.stdin, "buffer", None)
    item = next(iter(find([path], stdin=stdin, stdin_filename="-.html" if path == STDIN else None)))
    data = item if isinstance(item, Unreadable) else read(item, DEFAULT_LIMITS.message)
    if isinstance(item, Unreadable) or isinstance(data, Unreadable):
        complain(f"{path}: {data.reason if isinstance(data, Unreadable) else ''}")
        return WRONG_USE
    document = _document(item, data)
    if document is None:
        complain(f"{path}: holds no HTML")
        return WRONG_USE
    text = plain_text(document)
    if sys.stdout.isatty():
        text = "".join(visible(line) + "\n" for line in text.splitlines())
    sys.stdout.write(text)
    return 0


def _document(item: Input, data: bytes) -> Document | None:
    if item.kind == "draft":
        message = Message.draft(data, item.path, content_type=item.content_type or "text/html")
    else:
        message = Message.from_bytes(data, item.path)
    return message.documents[0] if message.documents else None
