"""Characters and names that look alike: letters of other scripts, digits in place of letters, one letter off."""

from __future__ import annotations

import unicodedata
from functools import cache

CONFUSABLES = str.maketrans(
    {
        # Cyrillic
        "а": "a", "ь": "b", "с": "c", "ԁ": "d", "е": "e", "ѐ": "e", "ё": "e", "ғ": "f", "ԍ": "g", "һ": "h", "н": "h",
        "і": "i", "ї": "i", "ј": "j", "к": "k", "ӏ": "l", "м": "m", "п": "n", "о": "o", "р": "p", "ԛ": "q", "г": "r",
        "ѕ": "s", "т": "t", "и": "u", "ѵ": "v", "ԝ": "w", "ш": "w", "х": "x", "у": "y", "ү": "y", "в": "b",
        # Greek
        "α": "a", "β": "b", "ϲ": "c", "ε": "e", "η": "n", "ι": "i", "ϳ": "j", "κ": "k", "ν": "v", "ο": "o", "ρ": "p",
        "σ": "o", "τ": "t", "υ": "u", "χ": "x", "γ": "y", "ω": "w",
        # Latin letters of their own, and signs
        "ı": "i", "ɩ": "i", "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ɑ": "a", "ɡ": "g", "ɢ": "g", "ʀ": "r",
        "ɴ": "n", "ɪ": "i", "ʟ": "l", "ᴏ": "o", "ƅ": "b", "ǀ": "l", "ǃ": "l", "|": "l", "օ": "o", "ո": "n", "ս": "u",
        "հ": "h", "ց": "g",
    }
)  # fmt: skip
"""Small letters that look like a Latin one: those of living alphabets, from confusables.txt of Unicode (UTS #39)."""

_FOLDED = str.maketrans({"0": "o", "1": "l", "i": "l", "j": "l", "3": "e", "5": "s"})
_UNSEEN = frozenset({"Cf", "Mn", "Me"})
_MIXABLE = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "LATIN", "FULLWIDTH", "IDEOGRAPHIC"})
"""Scripts that are written together in East Asian names."""


def plain(text: str) -> str:
    """`text` in small Latin letters as far as its characters look like some: accents and invisible ones gone."""
    folded = text.casefold()
    if folded.isascii():
        return folded
    spread = unicodedata.normalize("NFKD", folded).casefold()
    return "".join(character for character in spread if unicodedata.category(character) not in _UNSEEN).translate(
        CONFUSABLES
    )


def skeleton(text: str) -> str:
    """What is left of `text` when all that looks alike is the same: two names with one skeleton can be mistaken."""
    return plain(text).translate(_FOLDED).replace("rn", "m").replace("vv", "w")


def mixes_scripts(label: str) -> bool:
    """Whether `label` has letters of several scripts that nobody writes in one word, as Latin and Cyrillic."""
    if label.isascii():
        return False
    scripts = {_script(character) for character in label if character.isalpha()} - {""}
    return len(scripts) > 1 and not scripts <= _MIXABLE


def is_dressed_up(label: str) -> bool:
    """Whether `label` has letters in a dress of their own: bold mathematical ones, full-width ones, circled ones."""
    return not label.isascii() and unicodedata.normalize("NFKC", label) != unicodedata.normalize("NFC", label)


@cache
def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0].partition("-")[0]


def one_off(one: str, other: str) -> bool:
    """Whether one letter added, lost or exchanged, or two neighbours swapped, makes the one name the other."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = 0
    shortest = min(len(one), len(other))
    while start < shortest and one[start] == other[start]:
        start += 1
    if len(one) != len(other):
        longer, shorter = (one, other) if len(one) > len(other) else (other, one)
        return longer[start + 1 :] == shorter[start:]
    if one[start + 1 :] == other[start + 1 :]:
        return True
    return one[start : start + 2] == other[start : start + 2][::-1] and one[start + 2 :] == other[start + 2 :]
