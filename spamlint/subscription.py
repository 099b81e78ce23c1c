"""How a mailing says that it is one, and how its readers leave it: the List headers and the offers in the body."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from spamlint.message import Message
from spamlint.mime import Defect, Header
from spamlint.source import Text

if TYPE_CHECKING:
    import re2

    from spamlint.html import Document, Element

LONGEST_READ: Final = 20_000
"""Characters of one List field that are looked at."""

MOST_LINKS: Final = 40
"""Links of one HTML part, the last ones, that are looked at for an offer to leave."""

OFFERS: Final = (
    "unsubscri", "opt out", "opt-out", "stop receiving", "no longer wish to receive", "be removed from",
    "remove me from", "removed from our", "uitschrij", "uit te schrijven", "afmeld", "af te melden", "abmeld",
    "abbestell", "désabonn", "désinscri", "desinscri", "darse de baja", "darte de baja", "cancelar la suscripci",
    "cancelar suscripci", "cancelar inscri", "descadastr", "disiscri", "annulla l'iscrizione",
)  # fmt: skip
"""Beginnings of the words with which mailings offer to leave, in small letters."""

_FOOT: Final = 5_000
"""How much of the end of a text is read for offers, in characters."""

_WORD_END: Final = re.compile(r"\w{0,20}")
_NEAR: Final = 400
"""How far, in characters of the mark-up, the link of an offer stands from its words at most."""

_TARGETS: Final = r"(?i)unsub|opt-?out|uitschrijv|afmeld|abmeld|abbestell|desabon|desinscri"
_DISCUSSION: Final = ("list-post", "mailing-list", "x-mailing-list", "x-beenthere", "in-reply-to")
_PLACEHOLDER: Final = ("{{", "}}", "%%", "*|", "|*", "[[", "<%", "${")


class Target(NamedTuple):
    """One address of a List-Unsubscribe field: `scheme` and `host` in small letters, empty where there is none."""

    text: Text
    scheme: str
    host: str


class Offer(NamedTuple):
    """A place at which the body offers to leave: the words, and where the link leads (None: no link is near)."""

    words: Text
    target: Text | None


def targets(message: Message) -> tuple[Target, ...]:
    """The addresses in angle brackets of the first List-Unsubscribe field."""
    header = message.header("list-unsubscribe")
    if header is None:
        return ()
    body = _body(header)
    return tuple(_target(body[found.start(1) : found.end(1)]) for found in re.finditer(r"<([^<>]*)>", body.value))


def _body(header: Header) -> Text:
    """The value; some programs encode it, which the standard does not allow and mail programs undo."""
    value = header.value if "=?" in header.body.value[:LONGEST_READ] else header.body
    return value[:LONGEST_READ] if len(value) > LONGEST_READ else value


def _target(text: Text) -> Target:
    value = "".join(text.value.split())
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):", value)
    return Target(text, scheme[1].lower() if scheme else "", web_host(value))


def web_host(url: str) -> str:
    """The host of a web address, in small letters; "" where there is none."""
    found = re.match(r"(?i)\s*https?://(?:[^/?#@\s]*@)?([^/:?#\s]+)", url)
    return found[1].lower() if found else ""


def field_problems(message: Message) -> tuple[Defect, ...]:
    """What is wrong with the first List-Unsubscribe field as a list of addresses in angle brackets (RFC 2369 2)."""
    header = message.header("list-unsubscribe")
    if header is None or not header.body.value:
        return ()
    body, found = _body(header), message.fact(targets)
    if not found:
        return (Defect("no-brackets", body),)
    problems = [Defect("separator", piece) for piece in _between(body) if piece is not None]
    for target in found:
        if any(mark in target.text.value for mark in _PLACEHOLDER):
            problems.append(Defect("placeholder", target.text))
        elif not target.scheme or (target.scheme in ("http", "https") and not target.host):
            problems.append(Defect("no-address", target.text if len(target.text) else body))
    return tuple(problems)


def _between(body: Text) -> list[Text | None]:
    """What stands before, between and behind the brackets and should not."""
    found: list[Text | None] = []
    end = 0
    for item in re.finditer(r"<[^<>]*>|\Z", body.value):
        if not item[0] and found and end == len(body):
            break
        between = re.sub(r"\([^()]*\)", "", body.value[end : item.start()]).strip()
        wanted = "," if end and item[0] else ""
        found.append(None if between == wanted else body[end : max(item.start(), end)])
        end = item.end()
    return [piece if piece is None or len(piece) else body for piece in found]


def declaration(message: Message) -> Header | None:
    """The Precedence by which a message calls itself a mailing to many; None for a discussion list and all others.

    Feedback-ID and List-Id are no such word: receipts have the one, discussion lists the other.
    """
    header = message.header("precedence")
    if header is None or header.body.value.strip().lower() not in ("bulk", "junk"):
        return None
    return None if any(message.header(name) is not None for name in _DISCUSSION) else header


def offers(message: Message) -> tuple[Offer, ...]:
    """The places at which the body offers to leave the list, at most one for each part."""
    found = []
    unseen = {text.path for text, _ in message.alternatives}
    for part in message.body_parts:
        if part.path in unseen:
            continue
        if part.content_type == "text/html":
            offer = _offer_of(message.html(part))
        else:
            words = words_in(part.text)
            offer = Offer(words, _address_near(part.text, words)) if words is not None else None
        if offer is not None:
            found.append(offer)
    return tuple(found)


def words_in(text: Text) -> Text | None:
    """The last words of `text` that offer to leave; offers stand at the foot, and only that is read."""
    start = max(0, len(text) - _FOOT)
    last = max((found.span() for found in _offers_pattern().finditer(text.value[start:])), default=None)
    if last is None:
        return None
    rest = _WORD_END.match(text.value, start + last[1])
    return text[start + last[0] : rest.end() if rest else start + last[1]]


@cache
def _offers_pattern() -> re2._Regexp:
    """What finds `OFFERS` in any case. Python's own engine takes ten times as long."""
    import re2

    options = re2.Options()
    options.case_sensitive = False
    return re2.compile("|".join(map(re2.escape, OFFERS)), options)


def _offer_of(document: Document) -> Offer | None:
    """The offer of an HTML text: a link that leads there or says so, else words with a link near them."""
    words = words_in(document.visible)
    if words is None:
        return None
    links = document.all("a", "area")
    last = links[max(0, len(links) - MOST_LINKS) :]
    for element in reversed(last):
        if re.search(_TARGETS, (element.get("href") or "")[:LONGEST_READ]):
            return Offer(words, element.attribute("href"))
    for element in reversed(last):
        said = words_in(element.content) if element.get("href") is not None else None
        if said is not None:
            return Offer(said, element.attribute("href"))
    return Offer(words, _nearest(document, words))


def _nearest(document: Document, words: Text) -> Text | None:
    """The target of the link that stands nearest to `words`, if one is near."""
    start = document.source.value.rfind(words.value)  # no place of a finding, so the costly map is not needed
    if start < 0:
        start, _ = words.range_in(document.source)
    end = start + len(words)
    found: list[tuple[int, Element]] = []
    for element in document.all("a", "area"):
        distance = max(element.start - end, start - element.start)
        if distance <= _NEAR and element.get("href") is not None:
            found.append((distance, element))
    return min(found, key=lambda pair: pair[0])[1].attribute("href") if found else None


def _address_near(text: Text, words: Text) -> Text | None:
    """A web or mail address near the words of a plain text; the whole sentence where it says to answer."""
    start, end = words.range_in(text)
    left = max(0, start - _NEAR)
    window = text.value[left : end + _NEAR]
    found = re.search(
        r"(?i)https?://\S+|www\.\S+|[\w.+-]{1,64}@[\w-]+\.[\w.-]+|\b(?:reply|antwoord|beantwoord)", window
    )
    return text[left + found.start() : left + found.end()] if found else None
