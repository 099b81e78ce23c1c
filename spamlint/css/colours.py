"""Colours: read from styles and old attributes, laid over one another, compared."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final, TypeAlias

Colour: TypeAlias = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

Paint: TypeAlias = tuple[int, int, int, float]
"""A colour and how much it covers, 0 to 1."""

WHITE: Final[Colour] = (255, 255, 255)
BLACK: Final[Colour] = (0, 0, 0)
LINK: Final[Colour] = (0, 0, 238)
"""What browsers give a link that no style colours."""
TRANSPARENT: Final[Paint] = (0, 0, 0, 0.0)

LONGEST: Final = 60
"""Code points of a value that is read as a colour."""

_REMEMBERED: Final = 250
"""Values of which the result is kept: mail repeats its few colours."""
_NAMES: Final = """
aliceblue f0f8ff antiquewhite faebd7 aqua 00ffff aquamarine 7fffd4 azure f0ffff beige f5f5dc bisque ffe4c4 black 000000
blanchedalmond ffebcd blue 0000ff blueviolet 8a2be2 brown a52a2a burlywood deb887 cadetblue 5f9ea0 chartreuse 7fff00
chocolate d2691e coral ff7f50 cornflowerblue 6495ed cornsilk fff8dc crimson dc143c cyan 00ffff darkblue 00008b
darkcyan 008b8b darkgoldenrod b8860b darkgray a9a9a9 darkgreen 006400 darkgrey a9a9a9 darkkhaki bdb76b
darkmagenta 8b008b darkolivegreen 556b2f darkorange ff8c00 darkorchid 9932cc darkred 8b0000 darksalmon e9967a
darkseagreen 8fbc8f darkslateblue 483d8b darkslategray 2f4f4f darkslategrey 2f4f4f darkturquoise 00ced1
darkviolet 9400d3 deeppink ff1493 deepskyblue 00bfff dimgray 696969 dimgrey 696969 dodgerblue 1e90ff firebrick b22222
floralwhite fffaf0 forestgreen 228b22 fuchsia ff00ff gainsboro dcdcdc ghostwhite f8f8ff gold ffd700 goldenrod daa520
gray 808080 green 008000 greenyellow adff2f grey 808080 honeydew f0fff0 hotpink ff69b4 indianred cd5c5c indigo 4b0082
ivory fffff0 khaki f0e68c lavender e6e6fa lavenderblush fff0f5 lawngreen 7cfc00 lemonchiffon fffacd lightblue add8e6
lightcoral f08080 lightcyan e0ffff lightgoldenrodyellow fafad2 lightgray d3d3d3 lightgreen 90ee90 lightgrey d3d3d3
lightpink ffb6c1 lightsalmon ffa07a lightseagreen 20b2aa lightskyblue 87cefa lightslategray 778899
lightslategrey 778899 lightsteelblue b0c4de lightyellow ffffe0 lime 00ff00 limegreen 32cd32 linen faf0e6
magenta ff00ff maroon 800000 mediumaquamarine 66cdaa mediumblue 0000cd mediumorchid ba55d3 mediumpurple 9370db
mediumseagreen 3cb371 mediumslateblue 7b68ee mediumspringgreen 00fa9a mediumturquoise 48d1cc mediumvioletred c71585
midnightblue 191970 mintcream f5fffa mistyrose ffe4e1 moccasin ffe4b5 navajowhite ffdead navy 000080 oldlace fdf5e6
olive 808000 olivedrab 6b8e23 orange ffa500 orangered ff4500 orchid da70d6 palegoldenrod eee8aa palegreen 98fb98
paleturquoise afeeee palevioletred db7093 papayawhip ffefd5 peachpuff ffdab9 peru cd853f pink ffc0cb plum dda0dd
powderblue b0e0e6 purple 800080 rebeccapurple 663399 red ff0000 rosybrown bc8f8f royalblue 4169e1 saddlebrown 8b4513
salmon fa8072 sandybrown f4a460 seagreen 2e8b57 seashell fff5ee sienna a0522d silver c0c0c0 skyblue 87ceeb
slateblue 6a5acd slategray 708090 slategrey 708090 snow fffafa springgreen 00ff7f steelblue 4682b4 tan d2b48c
teal 008080 thistle d8bfd8 tomato ff6347 turquoise 40e0d0 violet ee82ee wheat f5deb3 white ffffff whitesmoke f5f5f5
yellow ffff00 yellowgreen 9acd32
"""
_HEX: Final = re.compile(r"#([0-9a-f]{3,8})")
_FUNCTION: Final = re.compile(r"(rgba?|hsla?)\(([^()]*)\)")
_NUMBER: Final = re.compile(r"([+-]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))(%?)")
_NOT_HEX: Final = re.compile(r"[^0-9a-f]")
_PIECES: Final = re.compile(r"#[0-9a-f]+|(?:rgb|hsl)a?\([^()]*\)|[a-z]+")
_LEGACY_LENGTH: Final = 128


@lru_cache(_REMEMBERED)
def paint_of(value: str) -> Paint | None:
    """The colour that `value`, in lower case, gives in a style; None where it is none, or not known (a variable)."""
    value = value.strip()
    if len(value) > LONGEST:
        return None
    if value == "transparent":
        return TRANSPARENT
    found = _HEX.fullmatch(value)
    if found:
        return _of_digits(found[1])
    function = _FUNCTION.fullmatch(value)
    if function:
        return _of_function(function[1], function[2])
    digits = _names().get(value)
    return _of_digits(digits) if digits else None


@lru_cache(_REMEMBERED)
def paint_in(value: str) -> Paint | None:
    """The first colour among the words of `value`, as in `background: #fff no-repeat`."""
    for piece in _PIECES.findall(value[: 4 * LONGEST]):
        found = paint_of(piece)
        if found is not None:
            return found
    return None


@lru_cache(_REMEMBERED)
def old_paint_of(value: str) -> Paint | None:
    """The colour that an old attribute such as `bgcolor` gives, by the rules of the HTML standard for bad ones."""
    value = value.strip().lower()
    if not value or value == "transparent":
        return None
    digits = _names().get(value)
    if digits:
        return _of_digits(digits)
    if len(value) == 4 and _HEX.fullmatch(value):
        return _of_digits(value[1:])
    digits = _NOT_HEX.sub("0", value[:_LEGACY_LENGTH].removeprefix("#"))
    digits += "0" * (-len(digits) % 3 or 3 * (not digits))
    size = len(digits) // 3
    parts = [digits[at : at + size][-8:] for at in range(0, 3 * size, size)]
    while len(parts[0]) > 2 and all(part[0] == "0" for part in parts):
        parts = [part[1:] for part in parts]
    red, green, blue = (int(part[:2], 16) for part in parts)
    return red, green, blue, 1.0


def over(paint: Paint, ground: Colour) -> Colour:
    """What is seen of `paint` on `ground`."""
    cover = paint[3]
    if cover >= 1:
        return paint[:3]
    red, green, blue = (round(top * cover + below * (1 - cover)) for top, below in zip(paint[:3], ground, strict=True))
    return red, green, blue


@lru_cache(_REMEMBERED)
def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG: 1 (the same) to 21 (black on white)."""
    lights = sorted((_light(one), _light(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


@cache
def _names() -> dict[str, str]:
    words = _NAMES.split()
    return dict(zip(words[::2], words[1::2], strict=True))


def _of_digits(digits: str) -> Paint | None:
    if len(digits) in (3, 4):
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) not in (6, 8):
        return None
    red, green, blue, cover = (int(digits[at : at + 2] or "ff", 16) for at in (0, 2, 4, 6))
    return red, green, blue, cover / 255


def _of_function(name: str, inside: str) -> Paint | None:
    numbers = [(float(number), percent) for number, percent in _NUMBER.findall(inside)]
    if len(numbers) not in (3, 4):
        return None
    cover = _share(*numbers[3]) if len(numbers) == 4 else 1.0
    if name.startswith("rgb"):
        red, green, blue = (_byte(number * 2.55 if percent else number) for number, percent in numbers[:3])
        return red, green, blue, cover
    from colorsys import hls_to_rgb

    turn, strength, light = numbers[0][0] % 360 / 360, numbers[1][0] / 100, numbers[2][0] / 100
    mixed = hls_to_rgb(turn, min(max(light, 0), 1), min(max(strength, 0), 1))
    red, green, blue = (_byte(part * 255) for part in mixed)
    return red, green, blue, cover


def _share(number: float, percent: str) -> float:
    return min(max(number / 100 if percent else number, 0.0), 1.0)


def _byte(number: float) -> int:
    return min(max(round(number), 0), 255)


def _light(colour: Colour) -> float:
    """Relative luminance, 0 to 1."""
    red, green, blue = (part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
