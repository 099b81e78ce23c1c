"""The fixed words of reports, in every language. Names in braces are filled in."""

from __future__ import annotations

from collections.abc import Mapping

from spamlint.verdict import Language

_ENGLISH = {
    "pass": "pass",
    "warn": "warning",
    "block": "block",
    "note": "note",
    "warning": "warning",
    "error": "error",
    "decimal": ".",
    "message number": "{path}, message {number}",
    "points of": "{score} of {limit} points",
    "warns from": "a warning from {limit}",
    "for an error": "a warning for each error",
    "by a rule": "a rule blocks on its own",
    "profile": "profile {profile}",
    "incomplete": "not everything could be checked",
    "line": "line {line}:{column}",
    "in part": "part {part}, {line}",
    "file line": "{place} (file line {line})",
    "whole message": "the message as a whole",
    "and": "{places} and {number} more",
    "more": "{number} more",
    "where": "where",
    "also at": "also at",
    "why": "why",
    "fix": "fix",
    "rule": "rule",
    "regains": "regains {points} points",
    "regains part": "regains {points} of its {base} points, as its topic is at its limit",
    "regains nothing": "no points",
    "blocks": "blocks on its own",
    "check failed": "the check {rule} failed: {code}: {message}",
    "not run": "{rule} was not run: {reason}",
    "not covered": "not looked at: {what}",
    "one checked": "1 message checked",
    "checked": "{number} messages checked",
    "not fully checked": "{number} not fully checked",
    "unreadable": "{number} unreadable",
    "most frequent": "Most frequent rules",
    "severity": "severity",
    "score": "score",
    "graded": "{score} points ({severity}) from {at} on",
    "graded by": "{score} points ({severity}) where {name} is {at} or more",
    "points": "{score} points",
    "profiles": "profiles",
    "params": "parameters",
    "sources": "sources",
    "peers": "elsewhere",
    "all of": "all of",
    "any of": "any of",
    "none of": "none of",
    "at least": "at least {number}: {rules}",
    "hit": "found in",
    "near miss": "not found in",
}

_DUTCH = {
    "pass": "in orde",
    "warn": "waarschuwing",
    "block": "geblokkeerd",
    "note": "opmerking",
    "warning": "waarschuwing",
    "error": "fout",
    "decimal": ",",
    "message number": "{path}, bericht {number}",
    "points of": "{score} van {limit} punten",
    "warns from": "waarschuwing vanaf {limit}",
    "for an error": "waarschuwing bij elke fout",
    "by a rule": "een regel blokkeert op zichzelf",
    "profile": "profiel {profile}",
    "incomplete": "niet alles kon worden gecontroleerd",
    "line": "regel {line}:{column}",
    "in part": "deel {part}, {line}",
    "file line": "{place} (regel {line} van het bestand)",
    "whole message": "het bericht als geheel",
    "and": "{places} en nog {number}",
    "more": "nog {number}",
    "where": "waar",
    "also at": "ook op",
    "why": "waarom",
    "fix": "herstel",
    "rule": "regel",
    "regains": "levert {points} punten op",
    "regains part": "levert {points} van zijn {base} punten op, want het onderwerp zit aan zijn grens",
    "regains nothing": "geen punten",
    "blocks": "blokkeert op zichzelf",
    "check failed": "de controle {rule} is mislukt: {code}: {message}",
    "not run": "{rule} is niet uitgevoerd: {reason}",
    "not covered": "niet bekeken: {what}",
    "one checked": "1 bericht gecontroleerd",
    "checked": "{number} berichten gecontroleerd",
    "not fully checked": "{number} niet volledig gecontroleerd",
    "unreadable": "{number} onleesbaar",
    "most frequent": "Meest voorkomende regels",
    "severity": "ernst",
    "score": "score",
    "graded": "{score} punten ({severity}) vanaf {at}",
    "graded by": "{score} punten ({severity}) als {name} {at} of meer is",
    "points": "{score} punten",
    "profiles": "profielen",
    "params": "parameters",
    "sources": "bronnen",
    "peers": "elders",
    "all of": "alle van",
    "any of": "een van",
    "none of": "geen van",
    "at least": "minstens {number}: {rules}",
    "hit": "gevonden in",
    "near miss": "niet gevonden in",
}

WORDS: Mapping[Language, Mapping[str, str]] = {"en": _ENGLISH, "nl": _DUTCH}


def say(language: Language, key: str, **values: object) -> str:
    """The words under `key`, filled in."""
    return WORDS[language][key].format_map(values)


def points(language: Language, tenths: int) -> str:
    """Tenths of a point as people write them: 7.3, in Dutch 7,3."""
    return f"{tenths // 10}{WORDS[language]['decimal']}{tenths % 10}"
