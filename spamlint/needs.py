"""What a rule can say it needs. Where that is absent the rule is not run, which keeps hundreds of rules cheap.

A plain need is a fact about the message, such as `html`. A need with a colon names one of a family: `header:reply-to`
is met where there is such a header field, `tag:form` where the HTML has such an element. A rule that names several of
families runs where any of them is met; of plain needs, all have to be.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

from spamlint.message import Message

Names: TypeAlias = Callable[[Message], Collection[str]]


NEEDS: Mapping[str, Callable[[Message], bool]] = {
    "html": lambda message: bool(message.html_parts),
    "text": lambda message: bool(message.text_parts),
    "headers": lambda message: bool(message.headers),
    "attachments": lambda message: bool(message.attachments),
    "files": lambda message: bool(message.files),
    "messages": lambda message: bool(message.attached_messages),
    "template": lambda message: message.template is not None,
    "route": lambda message: message.delivery is not None,
    "multipart": lambda message: message.root.content_type.startswith("multipart/"),
    "suppressions": lambda message: message.kind == "draft" and b"spamlint-ignore" in message.source.data,
    "encoded-words": lambda message: message.source.data.find(b"=?", message.root.start, message.root.headers_end) >= 0,
}
"""Plain needs: cheap to tell, before anything is read."""


def _tags(message: Message) -> Collection[str]:
    documents = message.documents
    if len(documents) == 1:
        return documents[0].outline.by_tag.keys()
    return {tag for document in documents for tag in document.outline.by_tag}


def _odd_links(message: Message) -> Collection[str]:
    if not message.body_parts:
        return ()
    from spamlint.links.marks import marks

    return message.fact(marks).keys()


def _structure(message: Message) -> Collection[str]:
    return {problem.code for document in message.documents for problem in document.structure}


def _marks(message: Message) -> Collection[str]:
    return {mark for document in message.documents for mark in document.marks}


def _looks(message: Message) -> Collection[str]:
    if not message.html_parts:
        return ()
    from spamlint.hidden.spots import seen

    pages = message.fact(seen).pages
    found: set[str] = {spot.kind for page in pages for spot in page.spots}
    return found | {"cut"} if any(page.cuts for page in pages) else found


def _has_link(message: Message) -> bool:
    from spamlint.links.collect import links

    return bool(message.fact(links))


def _has_offer(message: Message) -> bool:
    from spamlint.subscription import offers

    return bool(message.fact(offers))


def _has_stranger(message: Message) -> bool:
    from spamlint.links.strangers import of_stranger

    return message.fact(of_stranger) is not None


def _has_shown_address(message: Message) -> bool:
    if not message.html_parts:
        return False
    from spamlint.links.words import worded

    return bool(message.fact(worded))


def _has_picture(message: Message) -> bool:
    may_show = message.html_parts or any(part.content_type.startswith("image/") for part in message.attachments)
    return bool(may_show and message.pictures.every)


_HAS: Mapping[str, Callable[[Message], bool]] = {
    "link": _has_link,
    "offer": _has_offer,
    "picture": _has_picture,
    "shown-address": _has_shown_address,
    "stranger": _has_stranger,
}

FAMILIES: Mapping[str, Names] = {
    "header": lambda message: message.header_names,
    "tag": _tags,
    "link": _odd_links,
    "structure": _structure,
    "mark": _marks,
    "look": _looks,
    "has": lambda message: [name for name, is_met in _HAS.items() if is_met(message)],
}
"""Family -> the names that a message has of it: its header fields, the elements of its HTML, what is odd about its
links (`spamlint.links.marks`), what is wrong with how its elements lie in one another, what stands somewhere in its
mark-up (`spamlint.html.layers.MARKS`), why its text is hard to read (`spamlint.hidden.spots.Kind`, and "cut" where tags
stand inside words), and whether it `has` a link, a picture, an offer to unsubscribe, an address in the words of a link,
or a link to a stranger."""


def is_known(need: str) -> bool:
    """Whether `need` is one that a rule can name."""
    family, colon, name = need.partition(":")
    if not colon:
        return need in NEEDS
    return family in FAMILIES and bool(name) and (family != "has" or name in _HAS)
