"""A draft with its fixes written into it: again and again, until there is nothing left to write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from spamlint.fixes.draft import Draft
from spamlint.fixes.edit import Fix, applied, written
from spamlint.fixes.table import fixes_of
from spamlint.message import Message
from spamlint.verdict import Verdict

PASSES = 10
"""How many times a draft is linted again at most."""

Read: TypeAlias = Callable[[bytes], Message]
"""Makes the draft of its bytes; with room for all places of a finding (`limits.places`)."""
Judge: TypeAlias = Callable[[Message], Verdict]


@dataclass(frozen=True, slots=True)
class Wish:
    """What may be written. `language` is that of the mail, where a person said it."""

    unsafe: bool = False
    allowed: Collection[str] = ()
    """Rules whose unsafe fixes may be written too."""
    language: str = ""

    def grants(self, rule: str, fix: Fix) -> bool:
        """Whether `fix` may be written."""
        return fix.safe or self.unsafe or rule in self.allowed


@dataclass(frozen=True, slots=True)
class Fixed:
    """The bytes of the draft with its fixes, what was fixed how often by rule, and what is left as unsafe."""

    data: bytes
    done: Mapping[str, int] = field(default_factory=dict)
    unsafe: Mapping[str, int] = field(default_factory=dict)


def fixed(data: bytes, read: Read, judge: Judge, wish: Wish) -> Fixed:
    """The draft in `data` with all fixes that `wish` grants. What safe fixes write never changes the words to read."""
    done: Counter[str] = Counter()
    refused: set[str] = set()
    left: Counter[str] = Counter()
    for _ in range(PASSES):
        message = read(data)
        found = _found(message, judge(message), wish)
        granted = [(rule, fix) for rule, fix in found if wish.grants(rule, fix) and rule not in refused]
        left = Counter(rule for rule, fix in found if not wish.grants(rule, fix) or rule in refused)
        following = _written(message, granted, read, refused)
        if following is None:
            continue
        data, rules = following
        if not rules:
            break
        done.update(rules)
    return Fixed(data, done, left)


def _found(message: Message, verdict: Verdict, wish: Wish) -> Sequence[tuple[str, Fix]]:
    draft = Draft(message, wish.language)
    found = [(finding.rule, fix) for finding in verdict.findings for fix in fixes_of(finding, draft)]
    return [(rule, fix) for rule, fix in found if written(message.source, fix, draft.codec, draft.code)]


def _written(
    message: Message, granted: Sequence[tuple[str, Fix]], read: Read, refused: set[str]
) -> tuple[bytes, Sequence[str]] | None:
    """The draft with those fixes, and their rules; None where a safe one changed the words: its rule is refused."""
    rule_of = {id(fix): rule for rule, fix in granted}
    data, done = applied(message.source, [fix for _, fix in granted])
    safe = [fix for fix in done if fix.safe]
    kept, kept_done = (data, done) if len(safe) == len(done) else applied(message.source, safe)
    if safe and _words(read(kept)) != _words(message):
        before = len(refused)
        for rule in {rule_of[id(fix)] for fix in kept_done}:
            own, _ = applied(message.source, [fix for fix in safe if rule_of[id(fix)] == rule])
            if _words(read(own)) != _words(message):
                refused.add(rule)
        if len(refused) == before:  # each is right by itself, but not all at once
            refused.update(rule_of[id(fix)] for fix in kept_done)
        return None
    return data, [rule_of[id(fix)] for fix in done]


def _words(message: Message) -> str:
    return "\n".join(text.value for text in message.body)
