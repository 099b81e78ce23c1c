"""All patterns of all rules in one bulk scan per field, then each candidate confirmed pattern by pattern.

The bulk scan may leave rules out, it never decides: a hit is what a rule's own patterns find. So the verdict is the
same with and without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from spamlint.errors import RuleFileError
from spamlint.fields import FIELDS
from spamlint.rule import Hit, Match, Rule

if TYPE_CHECKING:
    from spamlint.message import Message
    from spamlint.source import Range, Text

SET_MEMORY = 64 * 1024 * 1024
"""Bytes that the automaton of one field may use (RE2's max_mem); a set that does not fit is a load error."""

_WIDE_GAP = re.compile(r"(?<!\\)\.\{\d*,(\d*)\}")
LONGEST_GAP = 20

_ANY = ""
"""Stands where a rule id would, for the pattern that matches every text."""


def refusal(pattern: str) -> str | None:
    """Why `pattern` is outside the dialect of rule patterns, or None where it is fine."""
    import re2

    try:
        re2.compile(pattern, _options())
    except re2.error as error:
        return _reason(error)
    for gap in _WIDE_GAP.finditer(pattern):
        if not gap[1] or int(gap[1]) > LONGEST_GAP:
            return f"the gap {gap[0]} is too wide: at most {LONGEST_GAP} characters"
    if re.search(r"(?<!\\)(?:\\\\)*\\[Az]", pattern):
        return "\\A and \\z are not offered: use ^ and $"
    return None


class Matcher:
    """The patterns of `rules`, compiled. With `accelerated=False` every pattern rule is a candidate."""

    def __init__(self, rules: Sequence[Rule], *, accelerated: bool = True) -> None:
        self._rules = [rule for rule in rules if rule.match is not None]
        self._compiled: dict[str, tuple[list[Any], list[Any]]] = {}
        self._sets = _sets(self._rules) if accelerated else None

    def candidates(self, message: Message) -> set[str]:
        """The ids of the pattern rules that could match; the others cannot."""
        if self._sets is None:
            return {rule.id for rule in self._rules}
        found: set[str] = set()
        for field, (bulk, ids) in self._sets.items():
            scanned = FIELDS[field].scan(message)
            if scanned:
                matched = bulk.Match(scanned)
                found.update(ids if matched is None else (ids[index] for index in matched))
        return found - {_ANY}

    def hits(self, rule: Rule, message: Message) -> Iterator[Hit]:
        """Each place where `rule` matches, field by field, in the order of the text."""
        assert rule.match is not None
        patterns, exceptions = self._patterns(rule.id, rule.match)
        for field in map(FIELDS.__getitem__, rule.match.fields):
            for text in field.texts(message):
                for start, end in _ranges(text, patterns, exceptions, words=rule.match.words):
                    found = text[start:end]
                    if field.counts is None or field.counts(message, found):
                        yield Hit(found, {"text": found.value})

    def _patterns(self, rule_id: str, match: Match) -> tuple[list[Any], list[Any]]:
        compiled = self._compiled.get(rule_id)
        if compiled is None:
            import re2

            options = _options()
            compiled = self._compiled[rule_id] = (
                [re2.compile(pattern, options) for pattern in match.patterns],
                [re2.compile(pattern, options) for pattern in match.unless],
            )
        return compiled


def _options() -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = SET_MEMORY
    return options


def _reason(error: Exception) -> str:
    first = error.args[0] if error.args else error
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)


def _sets(rules: Sequence[Rule]) -> dict[str, tuple[Any, list[str]]]:
    """Field name -> the compiled set of patterns, and the rule id of each of its indexes."""
    if not rules:
        return {}
    import re2

    sets: dict[str, tuple[Any, list[str]]] = {}
    for rule in rules:
        assert rule.match is not None
        for field in rule.match.fields:
            if field not in sets:
                sets[field] = (re2.Set.SearchSet(_options()), [])
                # It matches every text: a scan that gives nothing at all ran out of memory, and decides nothing.
                _add(*sets[field], _ANY, "(?:)")
            for pattern in rule.match.patterns:
                # Texts are scanned joined by line ends, so ^ and $ hold at each line: a superset of what they mean.
                _add(*sets[field], rule.id, f"(?m:{pattern})")
    for field, (bulk, _) in sets.items():
        try:
            bulk.Compile()
        except re2.error:
            raise RuleFileError(f"the patterns on the field {field} need more than {SET_MEMORY} bytes") from None
    return sets


def _add(bulk: Any, ids: list[str], rule_id: str, pattern: str) -> None:
    bulk.Add(pattern)
    ids.append(rule_id)


def _ranges(text: Text, patterns: Sequence[Any], exceptions: Sequence[Any], *, words: bool) -> Iterator[Range]:
    """The matches in order, none overlapping the one before it."""
    value = text.value
    spared = sorted(match.span() for pattern in exceptions for match in pattern.finditer(value))
    next_spared, last = 0, 0
    for start, end in sorted({match.span() for pattern in patterns for match in pattern.finditer(value)}):
        if start == end or start < last or (words and not _stands_alone(value, start, end)):
            continue
        while next_spared < len(spared) and spared[next_spared][1] <= start:
            next_spared += 1
        if next_spared < len(spared) and spared[next_spared][0] < end:
            continue
        last = end
        yield start, end


def _stands_alone(value: str, start: int, end: int) -> bool:
    """Whether no letter or digit of any script touches the match: RE2's own word boundary knows ASCII only."""
    before = value[start - 1] if start else " "
    after = value[end] if end < len(value) else " "
    return not (before.isalnum() and value[start].isalnum()) and not (after.isalnum() and value[end - 1].isalnum())
