"""What can be written into the files of a draft: the fixes for the findings in all messages that it can become."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from spamlint.fixes.draft import Draft
from spamlint.fixes.edit import Plan, written
from spamlint.fixes.files import Files
from spamlint.fixes.table import NESTING, TRIED, fixes_of
from spamlint.message import Message
from spamlint.source import SourceSpan, Text
from spamlint.verdict import Verdict


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """A fix for one place of a finding: what it writes, and whether nobody has to look at the result."""

    rule: str
    text: Text
    safe: bool
    same_page: bool
    """Whether a parser reads the same page after it, as was tried on one of those that the draft can become."""
    plan: Plan


def planned(
    messages: Sequence[Message], verdicts: Sequence[Verdict], files: Files, language: str = ""
) -> Sequence[Planned]:
    """The fixes for the findings in `messages`, each once. One is safe where it is so in every message.

    What one that closes or removes a tag does to the other messages, only `passes.fixed` sees.
    """
    found: dict[tuple[str, Plan], Planned] = {}
    for one in _all(messages, verdicts, files, language):
        key = one.rule, one.plan
        known = found.get(key)
        if known is None:
            found[key] = one
        elif known.safe and not one.safe:
            found[key] = replace(known, safe=False)
    return tuple(found.values())


def certain(found: Sequence[Planned], messages: Sequence[Message]) -> Sequence[Planned]:
    """The same fixes for those who do not try them out on every message: what that could refuse is not safe."""
    if len(messages) == 1:
        return found
    return tuple(replace(one, safe=one.safe and one.rule not in NESTING) for one in found)


def _all(messages: Sequence[Message], verdicts: Sequence[Verdict], files: Files, language: str) -> Iterator[Planned]:
    tried: set[tuple[str, SourceSpan]] = set()
    for message, verdict in zip(messages, verdicts, strict=True):
        draft = Draft(message, language, files)
        for finding in verdict.findings:
            texts = [text for text in finding.texts if text is not None]
            if finding.rule in TRIED:
                texts = [text for text in texts if (finding.rule, text.span) not in tried]
                tried.update((finding.rule, text.span) for text in texts)
            for text, fix in fixes_of(replace(finding, texts=tuple(texts)), draft):
                plan = written(fix, files)
                if plan:
                    yield Planned(finding.rule, text, fix.safe, fix.same_page, plan)
