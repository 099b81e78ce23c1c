"""Checks on the words of links against what they open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from spamlint.links.address import Address, host_of
from spamlint.links.collect import Link, links
from spamlint.links.hosts import is_local
from spamlint.links.services import kind_of
from spamlint.links.strangers import is_own
from spamlint.message import Message
from spamlint.names.domains import belong_together, main_label
from spamlint.rule import Hit

TRACKER_PATHS = (
    "/c/", "/cl/", "/cl0/", "/click", "/ct/", "/e/c/", "/e3t/", "/f/a/", "/go/", "/l/", "/l0/", "/link", "/lnk/",
    "/ls/", "/lt.php", "/mk/cl/", "/q/", "/r/", "/redir", "/ss/c/", "/t/", "/tr/", "/track", "/u/", "/uni/",
    "/wf/", "/x/c/",
)  # fmt: skip
"""How the addresses of click tracking begin behind the host, at services that use the sender's or a neutral name."""

_ENDINGS = (
    "com|net|org|info|biz|eu|nl|be|de|fr|uk|us|ca|au|it|es|pt|pl|ch|at|dk|se|no|fi|ie|br|mx|in|jp|cn|ru|io|co|app|dev"
    "|shop|bank|gov|edu|online|site|xyz|me|tv|cloud|store"
)
_WRITTEN = (
    r"(?i)[\s\W]*(?P<start>https?://|www\.)?(?P<host>(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}[a-z]{2,24})"
    r"(?P<rest>(?::\d+)?(?:[/?#]\S*)?)[\s\W]*"
)
_ANY_ENDING = rf"\.(?i:{_ENDINGS})(?![\w-])"
_MAILBOX = r"[\w.+=-]{1,64}@((?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24})"
_NAMES_WITH_DOTS = frozenset({"asp.net", "vb.net", "ado.net", "socket.io", "node.js", "next.js", "vue.js"})
_LONGEST_SHOWN = 300
_SHORTEST_TOKEN = 12


def shown_domain_differs(message: Message, *, trackers: tuple[str, ...] = ()) -> Iterator[Hit]:
    """A link whose words are the address of one domain, and which opens another.

    `strength` is 2 where the words begin as an address does. `trackers` are domains whose links may show any address.
    """
    sender = _sender(message)
    for link, start, shown, _ in message.fact(_with_domains):
        host = link.address.host
        if any(host == domain or host.endswith("." + domain) for domain in trackers):
            continue
        if sender and not start and belong_together(shown, sender):
            continue
        if not _is_honest(shown, link.address, message):
            yield Hit(link.shown, {"shown": shown, "host": host, "strength": 2 if start else 1})


def _with_domains(message: Message) -> tuple[tuple[Link, str, str, str], ...]:
    """Each web link of the HTML that shows a domain, with how it begins there, the domain, and what stands behind."""
    found = []
    for link, shown in message.fact(_worded):
        said = re.fullmatch(_WRITTEN, shown) if link.address.is_web and "@" not in shown else None
        if said is None:
            continue
        host, start = said["host"].lower(), (said["start"] or "").lower()
        if start or (host.rpartition(".")[2] in _ENDINGS.split("|") and host not in _NAMES_WITH_DOTS):
            found.append((link, start, host, said["rest"]))
    return tuple(found)


def _worded(message: Message) -> tuple[tuple[Link, str], ...]:
    """The links of the HTML with words that may be an address, where any visible text has one in it."""
    if not any(_may_show(document.visible.value) for document in message.documents):
        return ()
    found = ((link, link.shown.value) for link in message.fact(links) if link.element and link.element.tag == "a")
    return tuple((link, shown) for link, shown in found if "." in shown and len(shown) < _LONGEST_SHOWN)


def _may_show(text: str) -> bool:
    return "://" in text or "www." in text or re.search(_ANY_ENDING, text) is not None


def _is_honest(shown: str, address: Address, message: Message) -> bool:
    """Whether a link that shows the domain `shown` may open `address`."""
    host = address.host
    if belong_together(shown, host) or kind_of(host) == "tracker" or is_local(host):
        return True
    label = main_label(shown)
    if label and len(label) > 2 and label in (main_label(host) or host):
        return True
    if address.path.lower().startswith(TRACKER_PATHS) and len(address.path + address.query) > _SHORTEST_TOKEN:
        return True
    rest = unquote(unquote(f"{address.path}?{address.query}"))
    inside = re.findall(r"https?://[^\s&\"']+|(?<==)www\.[^\s&\"']+", rest)
    if any(belong_together(shown, host_of(one if "//" in one else "//" + one)) for one in inside[:5]):
        return True
    return len(address.path + address.query) > _SHORTEST_TOKEN and bool(_sender(message)) and is_own(message, host)


def https_shown(message: Message) -> Iterator[Hit]:
    """A link whose words begin with https:// and which opens http:// at the same domain."""
    for link, start, shown, _ in message.fact(_with_domains):
        if start == "https://" and link.address.scheme == "http" and belong_together(shown, link.address.host):
            yield Hit(link.shown, {"host": link.address.host})


def other_address_shown(message: Message) -> Iterator[Hit]:
    """A link that shows a mail address and opens a page of another domain, or mail to somebody else.

    `strength` is 2 where another domain is opened, 1 where it is another name at the same one.
    """
    for link, words in message.fact(_worded):
        shown = words.strip(" \n<>()[].,:;")
        found = re.fullmatch(_MAILBOX, shown) if "@" in shown else None
        if found is None:
            continue
        domain, address = found[1].lower(), link.address
        if address.is_web and not _is_honest(domain, address, message):
            yield Hit(link.shown, {"shown": shown, "opened": address.host, "strength": 2})
        elif address.scheme == "mailto" and address.path:
            opened = unquote(address.path).strip()
            if "@" in opened and "," not in opened and opened.lower() != shown.lower():
                elsewhere = not belong_together(domain, opened.rpartition("@")[2].lower())
                yield Hit(link.shown, {"shown": shown, "opened": opened, "strength": 1 + elsewhere})


def _sender(message: Message) -> str:
    return next((mailbox.domain for mailbox in message.senders if mailbox.domain), "")


def linked_body(message: Message, *, percent: int = 60, characters: int = 30, most: int = 3_000) -> Iterator[Hit]:
    """The longest link of an HTML message with from `characters` to `most` to read, if `percent` of it is link text.

    Only links to the web count. `share` is what of the visible text is link text, in per cent.
    """
    total = sum(len(document.visible) for document in message.documents)
    found = [link for link in message.fact(links) if link.element is not None and link.address.is_web]
    if not found or not characters <= total <= most:
        return
    sizes = [len(link.shown) for link in found]
    share = min(100, 100 * sum(sizes) // total)
    if share >= percent:
        yield Hit(found[sizes.index(max(sizes))].target, {"share": share})
