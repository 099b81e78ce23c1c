"""The words of the HTML report that the other reports do without."""

from __future__ import annotations

from collections.abc import Mapping

from spamlint.verdict import Language

_ENGLISH = {
    "title": "E-mail report",
    "skip": "Skip to the messages",
    "messages": "Messages",
    "message": "Message",
    "result": "Result",
    "findings": "Findings",
    "finding": "finding",
    "several": "{number} findings",
    "one": "1 finding",
    "none": "Nothing was found that is worth a word.",
    "pass": "Passes",
    "warn": "Passes with a warning",
    "block": "Blocked",
    "out of": "of {limit} points",
    "blocked from": "blocked from {limit}",
    "warned from": "a warning from {limit}",
    "cure": "Fix these {number} and it passes:",
    "cure one": "Fix this and it passes:",
    "topics": "Points by topic",
    "at limit": "counts {score} of {base} points: the most that one topic adds",
    "where": "Where",
    "also at": "Also at",
    "why": "Why",
    "fix": "Fix",
    "refs": "Read more",
    "show": "show in the source",
    "unseen": "Not checked",
    "unread": "Could not be read",
    "preview": "What a reader sees",
    "preview of": "Preview of part {part}, without pictures from the network, scripts and links",
    "too large": "The HTML of part {part} is too large or too deep to be shown here.",
    "no network": "Nothing is fetched: pictures from the network stay away, links lead nowhere, scripts do not run.",
    "source": "Source with the findings in it",
    "file lines": "Headers and lines of the file",
    "draft lines": "The file, {type}",
    "part lines": "Part {part}, {type}, decoded",
    "left out": "{number} lines left out",
    "cut": "Not all lines are shown: those with findings, and what stands around them.",
    "line": "Line",
    "text": "Text",
    "made by": "spamlint {version}, rules {ruleset}",
    "top": "Back to the top",
}

_DUTCH = {
    "title": "E-mailrapport",
    "skip": "Direct naar de berichten",
    "messages": "Berichten",
    "message": "Bericht",
    "result": "Uitslag",
    "findings": "Bevindingen",
    "finding": "bevinding",
    "several": "{number} bevindingen",
    "one": "1 bevinding",
    "none": "Er is niets gevonden dat de moeite waard is.",
    "pass": "In orde",
    "warn": "In orde, met een waarschuwing",
    "block": "Geblokkeerd",
    "out of": "van {limit} punten",
    "blocked from": "geblokkeerd vanaf {limit}",
    "warned from": "waarschuwing vanaf {limit}",
    "cure": "Herstel deze {number} en het bericht is in orde:",
    "cure one": "Herstel dit en het bericht is in orde:",
    "topics": "Punten per onderwerp",
    "at limit": "telt voor {score} van {base} punten: het meeste dat één onderwerp bijdraagt",
    "where": "Waar",
    "also at": "Ook op",
    "why": "Waarom",
    "fix": "Herstel",
    "refs": "Meer lezen",
    "show": "toon in de bron",
    "unseen": "Niet gecontroleerd",
    "unread": "Niet te lezen",
    "preview": "Wat een lezer ziet",
    "preview of": "Voorbeeld van deel {part}, zonder afbeeldingen van het netwerk, scripts en links",
    "too large": "De HTML van deel {part} is te groot of te diep om hier te tonen.",
    "no network": "Er wordt niets opgehaald: geen afbeeldingen van buiten, geen scripts, links leiden nergens heen.",
    "source": "De bron, met de bevindingen erin",
    "file lines": "Kopregels en regels van het bestand",
    "draft lines": "Het bestand, {type}",
    "part lines": "Deel {part}, {type}, gedecodeerd",
    "left out": "{number} regels weggelaten",
    "cut": "Niet alle regels staan hier: die met bevindingen, en wat eromheen staat.",
    "line": "Regel",
    "text": "Tekst",
    "made by": "spamlint {version}, regels {ruleset}",
    "top": "Naar boven",
}

WORDS: Mapping[Language, Mapping[str, str]] = {"en": _ENGLISH, "nl": _DUTCH}


def say(language: Language, key: str, **values: object) -> str:
    """The words under `key`, filled in."""
    return WORDS[language][key].format_map(values)
