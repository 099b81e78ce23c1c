"""The words of links: which domain or mail address they show, and whether the link may show it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote

from spamlint.links.address import Address, host_of
from spamlint.links.collect import Link, links
from spamlint.links.hosts import is_local
from spamlint.links.services import kind_of
from spamlint.links.strangers import is_own
from spamlint.names.domains import belong_together, main_label

if TYPE_CHECKING:
    from spamlint.message import Message

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
    r"(?:(?::\d+)?(?:[/?#]\S*)?)[\s\W]*"
)
_ANY_ENDING = rf"\.(?i:{_ENDINGS})(?![\w-])"
_NAMES_WITH_DOTS = frozenset({"asp.net", "vb.net", "ado.net", "socket.io", "node.js", "next.js", "vue.js"})
_LONGEST_SHOWN = 300
_SHORTEST_TOKEN = 12


def with_domains(message: Message) -> tuple[tuple[Link, str, str], ...]:
    """Each web link of the HTML that shows a domain, with how it begins there and the domain."""
    found = []
    for link, shown in message.fact(worded):
        said = re.fullmatch(_WRITTEN, shown) if link.address.is_web and "@" not in shown else None
        if said is None:
            continue
        host, start = said["host"].lower(), (said["start"] or "").lower()
        if start or (host.rpartition(".")[2] in _ENDINGS.split("|") and host not in _NAMES_WITH_DOTS):
            found.append((link, start, host))
    return tuple(found)


def worded(message: Message) -> tuple[tuple[Link, str], ...]:
    """The links of the HTML with words that may be an address, where any visible text has one in it."""
    if not any(_may_show(document.visible.value) for document in message.documents):
        return ()
    found = message.fact(words_of).items()
    return tuple((link, shown) for link, shown in found if "." in shown and len(shown) < _LONGEST_SHOWN)


def words_of(message: Message) -> Mapping[Link, str]:
    """The words on each link of the HTML."""
    return {link: link.shown.value for link in message.fact(links) if link.element is not None}


def _may_show(text: str) -> bool:
    return "://" in text or "www." in text or re.search(_ANY_ENDING, text) is not None


def is_honest(shown: str, address: Address, message: Message) -> bool:
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
    return len(address.path + address.query) > _SHORTEST_TOKEN and bool(message.senders) and is_own(message, host)
