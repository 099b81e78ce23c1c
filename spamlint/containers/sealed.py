"""Parts that nobody but the recipient can open."""

from __future__ import annotations

from spamlint.mime import Part

_SMIME = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_ARMOUR = "-----BEGIN PGP MESSAGE-----"


def sealed(part: Part) -> str | None:
    """The reason code for a part that is encrypted, or None."""
    if part.content_type in _SMIME:
        return "smime"
    if part.content_type == "multipart/encrypted":
        named = part.parameters.get("protocol")
        return "smime" if named and "pkcs7" in named.value.lower() else "pgp"
    if part.content_type.startswith(("text/plain", "application/pgp-")) and not part.children:
        is_armoured = part.source.data.find(_ARMOUR.encode(), part.body_start, part.end) >= 0
        return "pgp" if is_armoured and _ARMOUR in part.text.value.splitlines() else None
    return None
