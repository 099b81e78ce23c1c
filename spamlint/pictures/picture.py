"""One picture of a message: where it stands, what it shows, how large it is and what it is for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from spamlint.html import Element
from spamlint.mime import Part
from spamlint.pictures.size import USUAL_SIDE
from spamlint.source import Text

Kind: TypeAlias = Literal["img", "source", "background", "css", "vml", "attached"]
"""How it comes in: a tag, a <source> of <picture>, an attribute, a style, Outlook's VML, a part below the text."""
Role: TypeAlias = Literal["shown", "icon", "spacer", "pixel", "hidden", "alternate"]
"""What it is for: to be looked at; a small sign beside words; room; counting readers; nothing; another's stand-in."""

Origin: TypeAlias = Literal["web", "data", "cid", "other"]
"""Where it comes from: the web, the address itself, a part of the message by its Content-ID, or elsewhere."""

ICON_SIDE: Final = 64
"""Pixels of both sides up to which a picture is an icon, as social networks have in signatures."""
SPACER_SIDE: Final = 5
"""Pixels of one side up to which a picture makes room or draws a line."""
SPACER_AREA: Final = 40_000
"""Pixels up to which a picture that is named so makes room: a larger one has something to show."""
PIXEL_SIDE: Final = 2
"""Pixels of both sides up to which a picture can only count readers."""

_LONGEST_ADDRESS: Final = 2_000
_SPACER_FORMATS: Final = (".gif", ".png")
_SPACER_NAME: Final = re.compile(
    r"(?:.*[_.-])?(?:spacer|blank|transparent|clear(?:dot)?|shim|pixel|1x1)[\d_x-]{0,12}\.\w{3}\Z"
)
_ICON_NAME: Final = re.compile(
    r"(?<![a-z])(?:icons?|ico|facebook|twitter|linkedin|instagram|youtube|pinterest|whatsapp|tiktok|arrow|bullet)(?![a-z])"
)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture. `width` and `height` are those on the screen, in pixels, guessed where nothing tells them."""

    kind: Kind
    role: Role
    address: str
    """Where it comes from, decoded and stripped: a web address, "cid:...", "data:...", or ""."""
    width: int
    height: int
    sized: bool
    """A width or a height is declared."""
    linked: bool
    origin: Origin
    locate: Callable[[], Text]
    """Makes the Text of the address, or of the whole tag where there is none."""
    element: Element | None = None
    """The tag that it stands in; None in a style sheet and for a part."""
    part: Part | None = None
    """The part of the message that it comes from."""
    alt: str | None = None
    """The text in its place, stripped; None where there is none."""

    @property
    def src(self) -> Text:
        """Where its address stands."""
        return self.locate()

    @property
    def area(self) -> int:
        """Pixels that it covers."""
        return self.width * self.height


def origin_of(address: str) -> Origin:
    """Where a picture with that address comes from."""
    start = address[:8].lower()
    if start.startswith(("http://", "https://", "//")):
        return "web"
    return "data" if start.startswith("data:") else "cid" if start.startswith("cid:") else "other"


def name_in(address: str) -> str:
    """The name of the file at the end of a web address, in lower case."""
    path = address[:_LONGEST_ADDRESS].partition("?")[0].partition("#")[0]
    return path[path.rfind("/") + 1 :].lower()


def role_of(width: int, height: int, address: str) -> Role:
    """What a visible picture of that size on the screen is for."""
    if width <= PIXEL_SIDE and height <= PIXEL_SIDE:
        return "pixel"
    if width <= SPACER_SIDE or height <= SPACER_SIDE:
        return "spacer"
    if width * height <= SPACER_AREA:
        name = name_in(address)
        if name.endswith(_SPACER_FORMATS) and _SPACER_NAME.match(name):
            return "spacer"
    return "icon" if width <= ICON_SIDE and height <= ICON_SIDE else "shown"


def usual_size(address: str) -> tuple[int, int]:
    """The size of a picture of which nothing is known but its name."""
    name = name_in(address)
    if _ICON_NAME.search(name):
        return ICON_SIDE // 2, ICON_SIDE // 2
    return (USUAL_SIDE, USUAL_SIDE // 3) if "logo" in name else (USUAL_SIDE, USUAL_SIDE)
