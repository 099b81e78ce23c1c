"""All patterns of all rules in one bulk scan per field, then each candidate confirmed pattern by pattern.

The bulk scan may leave rules out, it never decides: a hit is what a rule's own patterns find. So the verdict is the
same with and without it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from spamlint.errors import RuleFileError
from spamlint.fields import FIELDS, SCANNED_WITH
from spamlint.rule import Hit, Rule

if TYPE_CHECKING:
    from spamlint.message import Message
    from spamlint.source import Text

SET_MEMORY = 32 * 1024 * 1024
"""Bytes that one automaton may use (RE2's max_mem); a set of patterns that does not fit is a load error."""

SET_SIZE = 1_000
"""Patterns of one automaton. It is built while it reads, and a larger one needs more messages to know them."""

_WIDE_GAP = re.compile(r"(?<!\\)\.\{\d*,(\d*)\}")
LONGEST_GAP = 20

Owner: TypeAlias = tuple[str, int, int]
"""Whose a piece of a pattern is: the id of the rule, the number of the pattern, and how many pieces that one has."""

_ANY: Owner = ("", 0, 1)
"""The owner of the pattern that matches every text."""


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
        self._compiled: dict[str, Any] = {}
        self._sets = _sets(self._rules) if accelerated else None

    def candidates(self, message: Message) -> Mapping[str, Collection[int]]:
        """The pattern rules that could match, each with the numbers of the patterns that could; no others can."""
        if self._sets is None:
            return {rule.id: range(len(rule.match.patterns)) for rule in self._rules if rule.match is not None}
        found: dict[str, set[int]] = {}
        for field, sets in self._sets.items():
            scanned = FIELDS[field].scan(message)
            present: Counter[Owner] = Counter()
            for one in sets if scanned else ():
                matched = one.patterns.Match(scanned.replace("_", " ") if one.bounded else scanned)
                present.update(one.owners if matched is None else map(one.owners.__getitem__, matched))
            for (rule_id, number, needed), count in present.items():
                if count >= needed:
                    found.setdefault(rule_id, set()).add(number)
        found.pop(_ANY[0], None)
        return found

    def hits(self, rule: Rule, message: Message, numbers: Collection[int] | None = None) -> Iterator[Hit]:
        """Each place where `rule` matches, field by field, in the order of the text.

        Only the patterns with these `numbers` are tried, where they are given. A hit has the value `phrases`: how many
        different patterns have matched so far.
        """
        assert rule.match is not None
        wanted = range(len(rule.match.patterns)) if numbers is None else sorted(numbers)
        tried = [(number, self._pattern(rule.match.patterns[number])) for number in wanted]
        exceptions = [self._pattern(pattern) for pattern in rule.match.unless]
        different: set[int] = set()
        for field in map(FIELDS.__getitem__, rule.match.fields):
            for text in field.texts(message):
                for start, end, number in _ranges(text, tried, exceptions, words=rule.match.words):
                    found = text[start:end]
                    if field.counts is None or field.counts(message, found):
                        different.add(number)
                        yield Hit(found, {"text": found.value, "phrases": len(different)})

    def _pattern(self, pattern: str) -> Any:
        compiled = self._compiled.get(pattern)
        if compiled is None:
            import re2

            compiled = self._compiled[pattern] = re2.compile(pattern, _options())
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


@dataclass(frozen=True, eq=False)
class _Set:
    """Patterns in one automaton, each with its owner; `bounded` ones take an underscore for no part of a word."""

    patterns: Any
    bounded: bool
    owners: list[Owner]

    def add(self, owner: Owner, pattern: str) -> None:
        # Texts are scanned joined by line ends, so ^ and $ hold at each line: a superset of what they mean.
        self.patterns.Add(f"(?m:{pattern})")
        self.owners.append(owner)


def _sets(rules: Sequence[Rule]) -> dict[str, list[_Set]]:
    """Field name -> the compiled sets of patterns."""
    if not rules:
        return {}
    import re2

    filled: dict[tuple[str, bool], list[_Set]] = {}
    for rule in rules:
        assert rule.match is not None
        scanned = {SCANNED_WITH.get(field, field): None for field in rule.match.fields}
        for piece in rule.match.pieces:
            for field in scanned:
                sets = filled.setdefault((field, piece.bounded), [])
                if not sets or len(sets[-1].owners) >= SET_SIZE:
                    sets.append(_Set(re2.Set.SearchSet(_options()), piece.bounded, []))
                    # It matches every text: a scan that gives nothing at all ran out of memory, and decides nothing.
                    sets[-1].add(_ANY, "(?:)")
                sets[-1].add((rule.id, piece.number, piece.of), piece.regex)
    found: dict[str, list[_Set]] = {}
    for (field, _), sets in filled.items():
        found.setdefault(field, []).extend(sets)
        for one in sets:
            try:
                one.patterns.Compile()
            except re2.error:
                raise RuleFileError(f"the patterns on the field {field} need more than {SET_MEMORY} bytes") from None
    return found


def _ranges(
    text: Text, patterns: Sequence[tuple[int, Any]], exceptions: Sequence[Any], *, words: bool
) -> Iterator[tuple[int, int, int]]:
    """The matches in order, each with the number of its pattern, none overlapping the one before it."""
    value = text.value
    # RE2 reads bytes: ASCII is encoded once, and its offsets are those of the text.
    read = value.encode() if value.isascii() else value
    matches = {match.span(): number for number, pattern in reversed(patterns) for match in pattern.finditer(read)}
    if not matches:
        return
    spared = sorted(match.span() for pattern in exceptions for match in pattern.finditer(read))
    next_spared, last = 0, 0
    for (start, end), number in sorted(matches.items()):
        if start == end or start < last or (words and not _stands_alone(value, start, end)):
            continue
        while next_spared < len(spared) and spared[next_spared][1] <= start:
            next_spared += 1
        if next_spared < len(spared) and spared[next_spared][0] < end:
            continue
        last = end
        yield start, end, number


def _stands_alone(value: str, start: int, end: int) -> bool:
    """Whether no letter or digit of any script touches the match: RE2's own word boundary knows ASCII only."""
    before = value[start - 1] if start else " "
    after = value[end] if end < len(value) else " "
    return not (before.isalnum() and value[start].isalnum()) and not (after.isalnum() and value[end - 1].isalnum())
