"""Checks on the words of links against what they open."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spamlint.message import Message
from spamlint.rule import Hit

_MAILBOX = r"[\w.+=-]{1,64}@((?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24})"


def shown_domain_differs(message: Message, *, trackers: tuple[str, ...] = ()) -> Iterator[Hit]:
    """A link whose words are the address of one domain, and which opens another.

    `strength` is 2 where the words begin as an address does. `trackers` are domains whose links may show any address.
    """
    from spamlint.links.words import is_honest, with_domains
    from spamlint.names.domains import belong_together

    sender = next((mailbox.domain for mailbox in message.senders if mailbox.domain), "")
    for link, start, shown in message.fact(with_domains):
        host = link.address.host
        if any(host == domain or host.endswith("." + domain) for domain in trackers):
            continue
        if sender and not start and belong_together(shown, sender):
            continue
        if not is_honest(shown, link.address, message):
            yield Hit(link.shown, {"shown": shown, "host": host, "strength": 2 if start else 1})


def https_shown(message: Message) -> Iterator[Hit]:
    """A link whose words begin with https:// and which opens http:// at the same domain."""
    from spamlint.links.words import with_domains
    from spamlint.names.domains import belong_together

    for link, start, shown in message.fact(with_domains):
        if start == "https://" and link.address.scheme == "http" and belong_together(shown, link.address.host):
            yield Hit(link.shown, {"host": link.address.host})


def other_address_shown(message: Message) -> Iterator[Hit]:
    """A link that shows a mail address and opens a page of another domain, or mail to somebody else.

    `strength` is 2 where another domain is opened, 1 where it is another name at the same one.
    """
    from urllib.parse import unquote

    from spamlint.links.words import is_honest, worded
    from spamlint.names.domains import belong_together

    for link, words in message.fact(worded):
        shown = words.strip(" \n<>()[].,:;")
        found = re.fullmatch(_MAILBOX, shown) if "@" in shown else None
        if found is None:
            continue
        domain, address = found[1].lower(), link.address
        if address.is_web and not is_honest(domain, address, message):
            yield Hit(link.shown, {"shown": shown, "opened": address.host, "strength": 2})
        elif address.scheme == "mailto" and address.path:
            opened = unquote(address.path).strip()
            if "@" in opened and "," not in opened and opened.lower() != shown.lower():
                elsewhere = not belong_together(domain, opened.rpartition("@")[2].lower())
                yield Hit(link.shown, {"shown": shown, "opened": opened, "strength": 1 + elsewhere})


def linked_body(message: Message, *, percent: int = 60, characters: int = 30, most: int = 3_000) -> Iterator[Hit]:
    """The longest link of an HTML message with from `characters` to `most` to read, if `percent` of it is link text.

    Only links to the web count. `share` is what of the visible text is link text, in per cent.
    """
    from spamlint.links.collect import links

    total = sum(len(document.visible) for document in message.documents)
    found = [link for link in message.fact(links) if link.element is not None and link.address.is_web]
    if not found or not characters <= total <= most:
        return
    from spamlint.links.words import words_of

    words = message.fact(words_of)
    sizes = [len(words[link]) for link in found]
    share = min(100, 100 * sum(sizes) // total)
    if share >= percent:
        yield Hit(found[sizes.index(max(sizes))].target, {"share": share})
