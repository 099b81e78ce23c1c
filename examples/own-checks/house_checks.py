"""A check of one's own, written with Beautiful Soup. pyproject.toml offers it to spamlint by an entry point."""

from collections.abc import Iterator

from spamlint.html.soup import element_of, soup
from spamlint.message import Message
from spamlint.rule import Hit


def button_without_address(message: Message, *, classes: tuple[str, ...] = ()) -> Iterator[Hit]:
    """The start tag of each link that looks like a button, by its class, and has no address."""
    for document in message.documents:
        for link in soup(document).select(", ".join(f"a.{name}" for name in classes)):
            element = element_of(document, link)
            if element is not None and not link.get("href"):
                yield Hit(element.text, {"words": link.get_text(" ", strip=True)})
