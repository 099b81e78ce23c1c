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
    "template-branch": "a branch of the template that no context reached",
    "template-expression": "an expression of the template that does not work with invented values: give a context",
    "template-tag": "a tag that Django does not have: its file is not rendered",
    "template-project": "the template as it goes out: the settings of its Django project cannot be used",
    "django-missing": "other files that belong to the template: Django is not installed (spamlint[django])",
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
    "template-branch": "een tak van het sjabloon die met geen enkele context bereikt werd",
    "template-expression": "een expressie van het sjabloon die niet werkt met verzonnen waarden: geef een context",
    "template-tag": "een tag die Django niet heeft: het bestand is niet uitgewerkt",
    "template-project": "het sjabloon zoals het uitgaat: de instellingen van zijn Django-project zijn niet bruikbaar",
    "django-missing": "andere bestanden die bij het sjabloon horen: Django is niet aanwezig (spamlint[django])",
}

REASONS: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "nl": _DUTCH}
"""Language -> reason code -> what was not looked at."""

_PLACES = {"en": "part {part}: {what}", "nl": "deel {part}: {what}"}
_LINES = {"en": "line {line}:{column}: {what}", "nl": "regel {line}:{column}: {what}"}
_FILE_LINES = {"en": "{file} line {line}:{column}: {what}", "nl": "{file} regel {line}:{column}: {what}"}


@dataclass(frozen=True, slots=True)
class NotCovered:
    """A part that was not looked at, or not into. `part` is its path, "" for the message itself.

    What belongs to a template has its line and column, with the name of the file if it is not the template itself.
    """

    part: str
    reason: str
    line: tuple[str, int, int] | None = None

    def say(self, language: str = "en") -> str:
        """Which part it is and why, in words."""
        what = REASONS[language][self.reason]
        if self.line is not None:
            file, line, column = self.line
            return (_FILE_LINES if file else _LINES)[language].format(file=file, line=line, column=column, what=what)
        return _PLACES[language].format(part=self.part, what=what) if self.part else what
