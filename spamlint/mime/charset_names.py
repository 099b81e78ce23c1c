"""Names of charsets. A name counts only if it stands for text: codecs like rot13 and zlib do not."""

from __future__ import annotations

import re
from encodings.aliases import aliases
from functools import cache, lru_cache

_SINGLE_BYTE_NAMES = """
ascii latin_1 cp037 cp437 cp500 cp720 cp737 cp775 cp850 cp852 cp855 cp856 cp857 cp858 cp860 cp861 cp862 cp863 cp864
cp865 cp866 cp869 cp874 cp1006 cp1026 cp1125 cp1140 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258
hp_roman8 iso8859_2 iso8859_3 iso8859_4 iso8859_5 iso8859_6 iso8859_7 iso8859_8 iso8859_9 iso8859_10 iso8859_11
iso8859_13 iso8859_14 iso8859_15 iso8859_16 koi8_r koi8_t koi8_u kz1048 mac_cyrillic mac_greek mac_iceland mac_latin2
mac_roman mac_turkish ptcp154 tis_620
"""
_MULTI_BYTE_NAMES = """
utf_8 utf_7 utf_16 utf_16_be utf_16_le utf_32 utf_32_be utf_32_le big5 big5hkscs cp932 cp949 cp950 euc_jp euc_jis_2004
euc_jisx0213 euc_kr gb18030 gb2312 gbk hz iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3
iso2022_jp_ext iso2022_kr johab shift_jis shift_jis_2004 shift_jisx0213
"""
SINGLE_BYTE = frozenset(_SINGLE_BYTE_NAMES.split())
"""Codecs in which a byte is a character."""
MULTI_BYTE = frozenset(_MULTI_BYTE_NAMES.split())
"""All other codecs."""

_MORE_NAMES = {
    "cp_1250": "cp1250",
    "cp_1251": "cp1251",
    "cp_1252": "cp1252",
    "cp_850": "cp850",
    "iso_8859_8_e": "iso8859_8",
    "iso_8859_8_i": "iso8859_8",
    "unicode_1_1_utf_7": "utf_7",
    "unicode_1_1_utf_8": "utf_8",
    "utf8mb4": "utf_8",
    "win_1250": "cp1250",
    "win_1251": "cp1251",
    "win_1252": "cp1252",
    "x_cp1250": "cp1250",
    "x_cp1251": "cp1251",
    "x_cp1252": "cp1252",
    "x_euc_jp": "euc_jp",
    "x_gbk": "gbk",
    "x_mac_cyrillic": "mac_cyrillic",
    "x_mac_roman": "mac_roman",
    "x_sjis": "cp932",
}
# What mail programs and browsers read under these names (WHATWG Encoding Standard): the larger set that senders mean.
_READ_AS = {
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859_11": "cp874",
    "iso8859_9": "cp1254",
    "shift_jis": "cp932",
    "tis_620": "cp874",
}
_GAP = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 60


@lru_cache(maxsize=256)
def codec_for(charset: str) -> str | None:
    """The codec that reads `charset`, or None where the name is unknown."""
    codec = _names().get(_GAP.sub("_", charset[:_LONGEST_NAME].lower()).strip("_"))
    return _READ_AS.get(codec, codec) if codec else None


@cache
def _names() -> dict[str, str]:
    known = SINGLE_BYTE | MULTI_BYTE
    names = {_GAP.sub("_", alias): codec for alias, codec in aliases.items() if codec in known}
    return names | {codec: codec for codec in known} | _MORE_NAMES
