"""A draft with its fixes written into it: again and again, until there is nothing left to write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import TypeAlias

from spamlint.fixes.edit import Write, fitting, rewritten
from spamlint.fixes.files import Files
from spamlint.fixes.plan import Planned, planned
from spamlint.html.skeleton import skeleton
from spamlint.message import Message
from spamlint.verdict import Verdict

PASSES = 10
"""How many times a draft is linted again at most."""
MOST_TRIALS = 20
"""Fixes that are tried one by one where all at once make another page of something that a template can become."""

Changed: TypeAlias = Mapping[str, bytes]
"""The new bytes of files, by name."""
Read: TypeAlias = Callable[[Changed], Sequence[Message]]
"""Makes the messages that a draft can become, with room for all places of a finding (`limits.places`)."""
Judge: TypeAlias = Callable[[Message], Verdict]


@dataclass(frozen=True, slots=True)
class Wish:
    """What may be written. `language` is that of the mail, where a person said it."""

    unsafe: bool = False
    allowed: Collection[str] = ()
    """Rules whose unsafe fixes may be written too."""
    language: str = ""
    only: str | None = None
    """The one file that may be written into; None: all of them."""

    def grants(self, one: Planned) -> bool:
        """Whether the fix may be written."""
        if self.only is not None and any(write.file != self.only for write in one.plan):
            return False
        return one.safe or self.unsafe or one.rule in self.allowed


@dataclass(frozen=True, slots=True)
class Fixed:
    """The new bytes of the files that change, what was fixed how often by rule, and what is left as unsafe."""

    files: Changed
    before: Changed
    """The bytes that those files had."""
    done: Mapping[str, int] = field(default_factory=dict)
    unsafe: Mapping[str, int] = field(default_factory=dict)


def fixed(read: Read, judge: Judge, wish: Wish) -> Fixed:
    """The draft with all fixes that `wish` grants. What safe fixes write never changes the words to read."""
    done: Counter[str] = Counter()
    refused: set[str] = set()
    left: Counter[str] = Counter()
    changed: Changed = {}
    messages = read(changed)
    before = Files(messages).data
    for _ in range(PASSES):
        files = Files(messages)
        found = planned(messages, [judge(message) for message in messages], files, wish.language)
        granted = [one for one in found if wish.grants(one) and one.rule not in refused]
        left = Counter(one.rule for one in found if not wish.grants(one) or one.rule in refused)
        state = _State(messages, changed, read)
        chosen = _kept(state, list(compress(granted, fitting(one.plan for one in granted))), refused)
        if chosen is None:
            continue
        if not chosen:
            break
        changed = state.after(chosen)
        messages = read(changed)
        done.update(one.rule for one in chosen)
    return Fixed(changed, {file: before[file] for file in changed}, done, left)


@dataclass(frozen=True, slots=True)
class _State:
    """The draft between two passes."""

    messages: Sequence[Message]
    changed: Changed
    read: Read

    def after(self, chosen: Sequence[Planned]) -> Changed:
        """The files with those fixes."""
        writes: dict[str, list[Write]] = {}
        for one in chosen:
            for write in one.plan:
                writes.setdefault(write.file, []).append(write)
        now = Files(self.messages).data
        return {**self.changed, **{file: rewritten(now[file], rows) for file, rows in writes.items()}}

    def read_with(self, chosen: Sequence[Planned]) -> Sequence[Message]:
        """What the draft becomes with those fixes."""
        return self.read(self.after(chosen))


def _kept(state: _State, chosen: Sequence[Planned], refused: set[str]) -> Sequence[Planned] | None:
    """Those of `chosen` that leave the page as it is; None where a safe one changed the words: its rule is refused."""
    safe = [one for one in chosen if one.safe]
    if not safe:
        return chosen
    before = _words(state.messages)
    if _words(state.read_with(safe)) != before:
        known = len(refused)
        rules = {one.rule for one in safe}
        for rule in rules:
            own = [one for one in safe if one.rule == rule]
            if _words(state.read_with(own)) != before:
                refused.add(rule)
        if len(refused) == known:  # each is right by itself, but not all at once
            refused.update(rules)
        return None
    if len(state.messages) == 1:
        return chosen  # they were tried out on this very page
    wrong = _other_pages(state, [one for one in safe if one.same_page])
    return [one for one in chosen if one not in wrong]


def _other_pages(state: _State, tried: Sequence[Planned]) -> Sequence[Planned]:
    """Those of `tried` that do not keep the page of everything that the template can become."""
    before = _pages(state.messages)
    if not tried or _pages(state.read_with(tried)) == before:
        return ()
    if len(tried) > MOST_TRIALS:
        return tried
    return [one for one in tried if _pages(state.read_with([one])) != before]


def _pages(messages: Sequence[Message]) -> Sequence[str]:
    return tuple(dict.fromkeys(skeleton(document.source.value) for one in messages for document in one.documents))


def _words(messages: Sequence[Message]) -> Sequence[str]:
    return tuple(dict.fromkeys("\n".join(text.value for text in message.body) for message in messages))
