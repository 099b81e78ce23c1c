"""The vocabulary of patterns: which texts a field name means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple, TypeVar

from spamlint.html.layers import unmasked
from spamlint.message import Message
from spamlint.prose import is_own
from spamlint.source import Text

T = TypeVar("T", str, Text)


class Field(NamedTuple):
    """A field: its texts, and one string to scan them all at once (each text of it in a line or lines of its own).

    Both stop at the limit `field` of the message: a text made to be slow to match stays affordable.
    """

    texts: Callable[[Message], Iterator[Text]]
    scan: Callable[[Message], str]
    counts: Callable[[Message, Text], bool] | None = None
    """Whether a match there counts; None: it always does."""


SHOWN_HEADERS = ("from", "to", "cc", "reply-to", "sender", "list-unsubscribe", "list-id")
"""Header fields that a mail program shows or acts on, apart from the subject."""

SPEAKING = {
    "a": ("href", "title"),
    "area": ("href", "alt", "title"),
    "button": ("title",),
    "form": ("action",),
    "img": ("src", "alt", "title"),
    "input": ("value", "placeholder", "src", "alt"),
}
"""Elements with the attributes of theirs that hold an address, or a text that a reader may come to see or hear."""


def _subject(message: Message) -> Iterable[Text]:
    return (message.subject,) if message.subject is not None else ()


def _shown(message: Message) -> Iterator[Text]:
    yield from _subject(message)
    yield from message.body


def _headers(message: Message) -> Iterator[Text]:
    return (header.value for header in message.headers)


def _html(message: Message) -> Iterator[Text]:
    return (part.text for part in message.html_parts)


def _text(message: Message) -> Iterator[Text]:
    return (part.text for part in message.text_parts)


def _hidden(message: Message) -> Iterator[Text]:
    return (document.hidden for document in message.documents)


def _styles(message: Message) -> Iterator[Text]:
    return (style for document in message.documents for style in document.style_texts)


def _style_strings(message: Message) -> Iterator[str]:
    for document in message.documents:
        yield from (element.inner.value for element in document.all("style"))
        yield from document.attribute_values("style")


def _attributes(message: Message) -> Iterator[Text]:
    return (text for document in message.documents for element in document.elements for text in element.values())


def _attribute_strings(message: Message) -> Iterator[str]:
    return (value for document in message.documents for value in document.attribute_values())


def _speaking(message: Message) -> Iterator[Text]:
    for document in message.documents:
        for element in document.all(*SPEAKING):
            for name in SPEAKING[element.tag]:
                text = element.attribute(name)
                if text is not None:
                    yield text


def _speaking_strings(message: Message) -> Iterator[str]:
    for document in message.documents:
        starts, by_tag = document.outline.starts, document.outline.by_tag
        values = [
            value
            for tag, names in SPEAKING.items()
            for number in by_tag.get(tag, ())
            for name in names
            if (value := starts[number][0].attr(name))
        ]
        yield from map(unmasked, values) if document.is_masked else values


def _shown_headers(message: Message) -> Iterator[Text]:
    return (header.value for name in SHOWN_HEADERS for header in message.all_headers(name))


def _titles(message: Message) -> Iterator[Text]:
    return (document.title for document in message.documents if document.title is not None)


def _anywhere(message: Message) -> Iterator[Text]:
    yield from _subject(message)
    for document in message.documents:
        yield document.visible
        yield document.hidden
    yield from _text(message)
    yield from chain(_titles(message), _speaking(message), _shown_headers(message), _names(message))


def _anywhere_strings(message: Message) -> Iterator[str]:
    for text in _subject(message):
        yield text.value
    for document in message.documents:
        yield document.visible.value
        yield document.hidden.value
    for part in message.text_parts:
        yield part.text.value
    yield from (title.value for title in _titles(message))
    yield from _speaking_strings(message)
    yield from (text.value for text in chain(_shown_headers(message), _names(message)))


def _links(message: Message) -> Iterator[Text]:
    for document in message.documents:
        for element in document.all("a", "area"):
            target = element.attribute("href")
            if target is not None:
                yield target


def _names(message: Message) -> Iterator[Text]:
    return (part.filename for part in message.attachments if part.filename is not None)


def _field(
    texts: Callable[[Message], Iterable[Text]],
    strings: Callable[[Message], Iterator[str]] | None = None,
    counts: Callable[[Message, Text], bool] | None = None,
) -> Field:
    """The field with these texts. `strings` gives their values where that is cheaper than making each a Text."""

    def values(message: Message) -> Iterator[str]:
        return strings(message) if strings else (text.value for text in texts(message))

    return Field(
        lambda message: _within(texts(message), message.limits.field),
        lambda message: "\n".join(dict.fromkeys(_within(values(message), message.limits.field))),
        counts,
    )


def _within(pieces: Iterable[T], limit: int) -> Iterator[T]:
    """The first `limit` code points of `pieces`."""
    for piece in pieces:
        if len(piece) > limit:
            yield piece[:limit]
            return
        yield piece
        limit -= len(piece)


FIELDS: Mapping[str, Field] = {
    "anywhere": _field(_anywhere, _anywhere_strings, is_own),
    "subject": _field(_subject),
    "body": _field(lambda message: message.body),
    "shown": _field(_shown),
    "title": _field(_titles),
    "hidden": _field(_hidden),
    "html": _field(_html),
    "text": _field(_text),
    "style": _field(_styles, _style_strings),
    "attribute": _field(_attributes, _attribute_strings),
    "link.url": _field(_links),
    "header": _field(_headers),
    "attachment.name": _field(_names),
}
"""Field name -> what it means. `body` is what a reader sees, `html` the source of it, `shown` subject and body.
`anywhere` is all that a reader or a mail program gets to see: subject, shown and hidden text, text parts, titles,
addresses and texts in attributes, address fields, names of attachments; without code, patches and quoted mail."""

SCANNED_WITH: Mapping[str, str] = {"body": "shown", "title": "anywhere"}
"""Fields that lie in another one, whose scan does for both."""
