"""Which mail program supports what of HTML and CSS, by the tests of caniemail.com.

Its modules are imported one by one where they are needed: most mail needs none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spamlint.html import Document, Element
    from spamlint.message import Message
    from spamlint.source import Text


def means(clients: Sequence[str], family: str) -> bool:
    """Whether the chosen clients are of that family, too; where nobody has chosen, all are meant."""
    return not clients or any(client.partition(".")[0] == family for client in clients)


def style_sheets(message: Message) -> Sequence[tuple[Document, Sequence[tuple[Element, Text]]]]:
    """Each document with its <style> elements and what stands in them; a fact of the message."""
    return [
        (document, [(element, element.inner) for element in document.all("style")]) for document in message.documents
    ]
