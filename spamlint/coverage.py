"""What spamlint does not look at, as data, with the words for it: nothing is passed over silently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_ENGLISH = {
    "winmail": "winmail.dat, a format of Outlook's own",
    "smime": "an S/MIME message, encrypted or sealed in its signature",
    "pgp": "a message encrypted with PGP",
    "encrypted-archive": "files in an archive locked with a password",
    "encrypted-document": "a document locked with a password",
    "encrypted-pdf": "what is encrypted in a PDF",
    "listed-only": "files in an archive of which only the list was read",
    "unlisted-archive": "an archive whose list could not be read",
    "unknown-method": "files packed in a way that is not known",
    "outlook-message": "a message saved by Outlook (.msg)",
}

_DUTCH = {
    "winmail": "winmail.dat, een eigen formaat van Outlook",
    "smime": "een S/MIME-bericht, versleuteld of in zijn handtekening ingepakt",
    "pgp": "een met PGP versleuteld bericht",
    "encrypted-archive": "bestanden in een archief met een wachtwoord",
    "encrypted-document": "een document met een wachtwoord",
    "encrypted-pdf": "wat in een pdf versleuteld is",
    "listed-only": "bestanden in een archief waarvan alleen de lijst is gelezen",
    "unlisted-archive": "een archief waarvan de lijst niet te lezen was",
    "unknown-method": "bestanden die op een onbekende manier zijn ingepakt",
    "outlook-message": "een door Outlook bewaard bericht (.msg)",
}

REASONS: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "nl": _DUTCH}
"""Language -> reason code -> what was not looked at."""

_PLACES = {"en": "part {part}: {what}", "nl": "deel {part}: {what}"}


@dataclass(frozen=True, slots=True)
class NotCovered:
    """A part that was not looked at, or not into. `part` is its path, "" for the message itself."""

    part: str
    reason: str

    def say(self, language: str = "en") -> str:
        """Which part it is and why, in words."""
        what = REASONS[language][self.reason]
        return _PLACES[language].format(part=self.part, what=what) if self.part else what
