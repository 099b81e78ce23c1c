"""Checks on where pictures come from: parts of the message, data addresses, the web."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from spamlint.message import Message
from spamlint.mime import Part
from spamlint.rule import Hit

if TYPE_CHECKING:
    from spamlint.pictures import Picture

PICTURE_HOSTS = (
    "akamaihd.net", "amazonaws.com", "azureedge.net", "bmetrack.com", "campaign-archive.com", "cloudfront.net",
    "cloudinary.com", "cmail19.com", "cmail20.com", "constantcontact.com", "convertkit-mail.com", "createsend.com",
    "createsend1.com", "ctctcdn.com", "exacttarget.com", "exct.net", "fastly.net", "flodesk.com", "getresponse.com",
    "ggpht.com", "googleusercontent.com", "gravatar.com", "gstatic.com", "hs-sites.com", "hubspot.com",
    "hubspotemail.net", "hubspotusercontent.com", "imgix.net", "intercomcdn.com", "klaviyo.com", "klaviyomail.com",
    "laposta.nl", "list-manage.com", "litmus.com", "mailchimp.com", "mailerlite.com", "mailgun.net", "mailjet.com",
    "mailplus.nl", "mailtrap.io", "mandrillapp.com", "mcusercontent.com", "mlcdn.com", "mlsend.com", "mosaico.io",
    "pphosted.com", "rackcdn.com", "responsys.net", "sendgrid.net", "sendinblue.com", "shopify.com",
    "sparkpostmail.com", "spotler.com", "spotlercdn.com", "squarespace.com", "stripocdn.email", "substackcdn.com",
    "windows.net", "wordpress.com", "wp.com", "ytimg.com",
)  # fmt: skip
"""Domains of mailing services and content networks that keep the pictures of many senders."""

# Patterns are compiled on first use: few messages need them, and start-up is short.
_CID = r"cid:([^\s\"'<>()]{1,1000})"
_ADDRESS = r"(?i)https?://[^\s<>\"',]{1,2000}"
_LONGEST_ADDRESS = 2_000
_MOST_LABELS = 8
_ADDRESS_HOST = r"@([\w.-]{1,255})"


def heavy_images(
    message: Message, *, kilobytes: int = 2_000, file_kilobytes: int = 1_000, pixels: int = 2_000
) -> Iterator[Hit]:
    """Each picture that travels with the message and is too large: by its bytes, or `pixels` and three times as wide
    as it is shown; else the largest of pictures that have more than `kilobytes` together."""
    sizes = _sizes(message)
    total = sum(size for _, size in sizes) // 1_000
    large = [found for found in sizes if found[1] > 1_000 * file_kilobytes or _is_oversized(message, found[0], pixels)]
    if not large and total > kilobytes:
        large = [max(sizes, key=lambda found: found[1])]
    for picture, size in large:
        width, height = _natural(message, picture)
        yield Hit(picture.src, {"total": total, "size": size // 1_000, "width": width, "height": height})


def _is_oversized(message: Message, picture: Picture, pixels: int) -> bool:
    width, _ = _natural(message, picture)
    return picture.role == "shown" and width >= pixels and width >= 3 * picture.width


def _natural(message: Message, picture: Picture) -> tuple[int, int]:
    """The size of the file in pixels; where that is unknown, the size on the screen."""
    found = message.pictures.parts.size(picture.part) if picture.part is not None else None
    return (found.width, found.height) if found is not None else (picture.width, picture.height)


def _sizes(message: Message) -> list[tuple[Picture, int]]:
    """Each file that travels with the message and is shown in it, with its bytes."""
    from spamlint.pictures import size_of

    sizes: dict[str, tuple[Picture, int]] = {}
    for picture in message.pictures.every:
        if picture.part is not None:
            sizes.setdefault(picture.part.path, (picture, size_of(picture.part)))
        elif picture.origin == "data":
            sizes.setdefault(picture.address, (picture, len(picture.address) * 3 // 4))
    return list(sizes.values())


def broken_cid(message: Message) -> Iterator[Hit]:
    """Each address of a part that the message has not. The parts of a draft come later; those in a winmail.dat are shut
    away."""
    if message.kind == "draft" or any(part.content_type.endswith("ms-tnef") for part in message.leaves):
        return
    for picture in message.pictures.every:
        if picture.part is None and picture.origin == "cid":
            yield Hit(picture.src, {"name": picture.address[4:]})


def unused_inline_image(message: Message) -> Iterator[Hit]:
    """The Content-ID of each picture of a multipart/related that its HTML does not use."""
    if not message.html_parts or not any(part.header("content-id") for part in message.attachments):
        return
    used = {picture.part.path for picture in message.pictures.every if picture.part is not None}
    from urllib.parse import unquote

    named: set[str] = set()
    for document in message.documents:
        named.update(unquote(name) for name in re.findall(_CID, document.source.value.lower()))
    for part in _related(message.root):
        if part.path in used or part.disposition == "attachment" or not part.content_type.startswith("image/"):
            continue
        from spamlint.pictures import content_id

        name = content_id(part)
        header = part.header("content-id")
        if header is not None and name and name not in named:
            yield Hit(header.field, {"name": name})


def _related(root: Part) -> Iterator[Part]:
    """What stands directly in the multipart/related parts of the message itself."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.content_type.startswith("multipart/"):
            waiting.extend(reversed(part.children))
            if part.content_type == "multipart/related":
                yield from (child for child in part.children if not child.children)


def no_size(message: Message) -> Iterator[Hit]:
    """Each picture from the web for which neither a width nor a height is declared."""
    for picture in message.pictures.every:
        if picture.kind == "img" and picture.role == "shown" and not picture.sized and picture.origin == "web":
            yield Hit(picture.src)


def data_uri(message: Message) -> Iterator[Hit]:
    """Each picture to look at that stands in the HTML itself. `kilobytes` is the length of its address."""
    for picture in message.pictures.every:
        if picture.origin == "data" and picture.role in ("shown", "icon"):
            src = picture.src
            yield Hit(src[: max(src.value.find(",") + 1, 5)], {"kilobytes": len(picture.address) // 1_000})


def animated(message: Message) -> Iterator[Hit]:
    """Each moving picture that travels with the message; of one from the web, nothing is known."""
    seen: set[str] = set()
    for picture in message.pictures.every:
        if picture.role in ("pixel", "spacer", "hidden") or (picture.part.path if picture.part else "") in seen:
            continue
        if _moves(message, picture):
            yield Hit(picture.src)
            if picture.part is not None:
                seen.add(picture.part.path)


def _moves(message: Message, picture: Picture) -> bool:
    if picture.part is None and picture.origin != "data":
        return False
    from spamlint.pictures import FIRST_HEAD, LONGEST_HEAD, data_head, head_of, is_animated

    if picture.part is None:
        return is_animated(data_head(picture.address, LONGEST_HEAD))
    found = message.pictures.parts.size(picture.part)
    if found is None or found.format not in ("gif", "png", "webp"):
        return False
    return is_animated(head_of(picture.part, LONGEST_HEAD if found.format == "gif" else FIRST_HEAD))


def foreign_host(message: Message, *, hosts: tuple[str, ...] = PICTURE_HOSTS) -> Iterator[Hit]:
    """The first picture of each domain that neither is nor is named after that of the sender or of a link, and that
    belongs to no service which keeps pictures."""
    if message.kind == "draft":
        return
    from spamlint.links import host_of
    from spamlint.names.domains import registrable

    first: dict[str, Picture] = {}
    for picture in message.pictures.shown:
        if picture.origin == "web":
            first.setdefault(host_of(picture.address[:_LONGEST_ADDRESS]), picture)
    services = frozenset(hosts if first else ())
    strange: dict[str, tuple[Picture, str]] = {}
    for host, picture in first.items():
        if host and services.isdisjoint(_endings(host)):
            strange.setdefault(registrable(host), (picture, host))
    known = frozenset(_sender_domains(message)) if strange else frozenset()
    known |= _linked_domains(message) if strange.keys() - known else known
    names = {domain.partition(".")[0] for domain in known}
    for domain, (picture, host) in strange.items():
        if domain not in known and not _is_named_after(domain, names):
            yield Hit(picture.src, {"host": host})


def _endings(host: str) -> Iterator[str]:
    """The host and the domains that it belongs to, as far as a service has a name of its own."""
    labels = host.rsplit(".", _MOST_LABELS)
    yield host
    yield from (".".join(labels[number:]) for number in range(1, len(labels)))


def _is_named_after(domain: str, names: Iterable[str]) -> bool:
    """Whether one of `names` is part of that of the domain, or the other way round: media-bakery, bakerymail."""
    own = domain.partition(".")[0]
    return any(len(name) > 3 and (name in own or (len(own) > 3 and own in name)) for name in names)


def _sender_domains(message: Message) -> Iterator[str]:
    """The domains that the headers give to the sender."""
    from spamlint.links import host_of
    from spamlint.names.domains import registrable

    for name in ("from", "sender", "reply-to", "return-path", "list-id", "list-unsubscribe", "list-post"):
        for header in message.all_headers(name):
            value = header.body.value
            yield from (registrable(found) for found in re.findall(_ADDRESS_HOST, value))
            yield from (registrable(host_of(found)) for found in re.findall(_ADDRESS, value))
            if name == "list-id":
                yield registrable(value.strip().rstrip(">").rpartition("<")[2])


def _linked_domains(message: Message) -> frozenset[str]:
    """The domains that the message links to."""
    from spamlint.links import host_of
    from spamlint.names.domains import registrable

    hosts = {host_of(value) for document in message.documents for value in document.attribute_values("href")}
    return frozenset(map(registrable, hosts)) - {""}
