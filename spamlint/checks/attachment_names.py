"""Checks on the names of attached files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from spamlint.checks.attached import ending, name_of, place_of
from spamlint.checks.attachment_lists import DOCUMENTS, PROVIDERS, RISKY
from spamlint.message import Message
from spamlint.mime import Part
from spamlint.rule import Hit
from spamlint.source import Text

_OVERRIDES = "\u202d\u202e"
_MARKS = re.compile("[\u00ad\u180e\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]|(?<=[!-~])[\u200c\u200d](?=[!-~])")
"""Direction marks and what has no width. Joiners belong into Persian words and emoji, so between ASCII only."""
_BLANK = "[\\s\u2800\u3164]"
_GAP = re.compile(f"\\.[^\\s.]{{1,10}}{_BLANK}{{10,}}+(?=\\S)|(?<!{_BLANK}){_BLANK}{{20,}}+(?=\\S)")
_LAST_PIECE = re.compile(r"[.\u2024\uff0e]([^.\u2024\uff0e\s]{2,6})\Z")
_TRAILING = ". \u00a0\u3000"
_HOST = re.compile(r"(?:www\.|[\w.+-]{1,64}@)[\w.-]{1,200}\.com\Z", re.IGNORECASE)
_LOOK_ALIKES = str.maketrans(
    "авсԁеһіјӏкмորԛгѕтхуᴢ"
    "\u043e\u0440αεικνορτυχѵΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "abcdehijlkmopqrstxyzopaeikvoptuxvABEZHIKMNOPTYX",
)  # fmt: skip
"""Letters of other alphabets that look like Latin ones."""

_ALIKE = ("jpg jpeg jpe jfif", "htm html xhtml", "tif tiff", "ics ical vcs", "txt text asc log", "gz tgz", "eml mht")
_SAME_ENDING = {one: row.split()[0] for row in _ALIKE for one in row.split()}


def blocked(message: Message, *, provider: str = "Gmail", unless: str = "") -> Iterator[Hit]:
    """Each file whose ending is on the list of `provider`, and not on that of the provider `unless`."""
    listed = PROVIDERS.get(provider, frozenset()) - PROVIDERS.get(unless, frozenset())
    for part in message.files:
        name = name_of(part)
        found = ending(name)
        if found in listed and not (found == "com" and _HOST.match(name)):  # a page named after its address
            yield Hit(place_of(part), {"name": name, "ending": found, "provider": provider})


def double_extension(message: Message) -> Iterator[Hit]:
    """Each file that shows a harmless ending before the one that counts, as in "invoice.pdf.exe"."""
    for part in message.files:
        name = name_of(part)
        last = ending(name)
        if last not in RISKY:
            continue
        shown = ending(name[: name.lower().rfind("." + last)])
        if shown in DOCUMENTS and shown != last:
            yield Hit(place_of(part), {"name": name, "shown": shown, "ending": last})


def disguised_name(message: Message) -> Iterator[Hit]:
    """What hides the ending of a name: direction marks, no width, many blanks, look-alike letters, dots at the end.

    `risk` is 2 where that has no honest use, 1 where a name may have picked it up by copying.
    """
    for part in message.files:
        if part.filename is not None:
            for found, risk in _tricks(part.filename):
                codes = dict.fromkeys(f"U+{ord(letter):04X}" for letter in found.value)
                yield Hit(found, {"name": part.filename.value, "codes": ", ".join(list(codes)[:5]), "risk": risk})


def _tricks(name: Text) -> Iterator[tuple[Text, int]]:
    value = name.value
    if not value.isascii():
        for mark in _MARKS.finditer(value):
            yield name[mark.start() : mark.end()], 2 if mark[0] in _OVERRIDES else 1
        yield from _look_alike(name)
    gap = _GAP.search(value)
    if gap:
        yield name[gap.start() : gap.end()], 2
    end = len(value.rstrip(_TRAILING))
    if end < len(value) and ending(value) in RISKY:
        yield name[end:], 2


def _look_alike(name: Text) -> Iterator[tuple[Text, int]]:
    """The last piece of a name that only looks like a known ending."""
    found = _LAST_PIECE.search(name.value)
    if found and not found[0].isascii():
        plain = unicodedata.normalize("NFKC", found[1]).translate(_LOOK_ALIKES).lower().translate(_LOOK_ALIKES)
        if plain in RISKY | DOCUMENTS:
            yield name[found.start() : found.end()], 2


def name_mismatch(message: Message) -> Iterator[Hit]:
    """The `filename` of a part whose Content-Type gives another `name`; `risk` is 2 where the ending differs."""
    for part in message.files:
        filename, name = part.disposition_parameters.get("filename"), part.parameters.get("name")
        if filename is None or name is None or not filename.value or not name.value or filename.value == name.value:
            continue
        endings = [ending(text.value) for text in (filename, name)]
        differ = all(endings) and len({_SAME_ENDING.get(one, one) for one in endings}) == 2
        if differ or not _may_be_same(filename.value, name.value):
            yield Hit(filename, {"filename": filename.value, "name": name.value, "risk": 2 if differ else 1})


def _may_be_same(one: str, other: str) -> bool:
    """Whether one name may stand for the other: shortened, or with other letters for what is no ASCII."""
    if not (one.isascii() and other.isascii()) or "?" in one + other or "%" in one + other:
        return True
    stems = (name.rpartition(".")[0] or name for name in (one, other))
    plain = [re.sub(r"[\W_]+", "", stem.casefold()) for stem in stems]
    return plain[0].startswith(plain[1]) or plain[1].startswith(plain[0])


def unnamed(message: Message) -> Iterator[Hit]:
    """Each attachment without a name that a reader would have to save under one."""
    for part in message.attachments:
        if not name_of(part) and _needs_name(part):
            yield Hit(place_of(part), {"type": part.content_type})


def _needs_name(part: Part) -> bool:
    kind, _, subtype = part.content_type.partition("/")
    if kind in ("message", "multipart") or subtype in (
        "pgp-encrypted",
        "pgp-signature",
        "pkcs7-signature",
        "rfc822-headers",
    ):
        return False
    if part.header("content-id") is not None and part.disposition != "attachment":
        return False
    return part.disposition == "attachment" or part.content_type == "application/octet-stream"
