"""What puts findings right, as changes of the text that an editor has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from spamlint.editor.jobs import Change, Job, QuickFix, QuickFixes
from spamlint.editor.linted import Linted, messages_of, name_of
from spamlint.editor.settings import LIMITS, Ready
from spamlint.fixes.edit import Plan, Write
from spamlint.fixes.files import Files
from spamlint.fixes.passes import Wish, fixed
from spamlint.fixes.plan import certain, planned
from spamlint.report.escape import visible
from spamlint.source import SourceSpan, Text
from spamlint.verdict import Finding, Language, Verdict

_SHOWN = 40
"""Code points of a change that its title quotes."""
_EVERY_PLACE = 100_000
_WORDS = {
    "en": {
        "": 'Insert "{new}"',
        "-": 'Remove "{old}"',
        "+": 'Replace "{old}" by "{new}"',
        "several": "{title}: fix it",
    },
    "nl": {
        "": '"{new}" invoegen',
        "-": '"{old}" weghalen',
        "+": '"{old}" vervangen door "{new}"',
        "several": "{title}: herstellen",
    },
}


def quick_fixes(found: Linted, start: int, end: int) -> QuickFixes:
    """The fixes for the findings that a range of the file touches, where they change nothing but that file."""
    text = found.job.text
    first, last = len(text[:start].encode("utf-8", "replace")), len(text[:end].encode("utf-8", "replace"))
    files = Files(found.messages)
    source = files.named(found.name).source
    verdicts = [_within(verdict, source.name, first, last) for verdict in found.verdicts]
    if not any(verdict.findings for verdict in verdicts):
        return QuickFixes()
    made = certain(planned(found.messages, verdicts, files, found.ready.mail_language), found.messages)
    data, titles = source.data, {one.rule: one for verdict in verdicts for one in verdict.findings}
    fixes = []
    for one in made:
        if all(write.file == source.name for write in one.plan):
            title = _title(one.plan, data, titles[one.rule], found.ready.language)
            changes = tuple(_change(write, data) for write in one.plan)
            fixes.append(QuickFix(one.rule, title, changes, one.safe))
    return QuickFixes(tuple(fixes))


def all_cured(job: Job, ready: Ready) -> QuickFixes:
    """All safe fixes that change nothing but the file, as one."""
    name = name_of(job.path, ready)
    limits = replace(LIMITS, places=_EVERY_PLACE)
    wish = Wish(language=ready.mail_language, only=name)
    result = fixed(lambda changed: messages_of(job, ready, changed, limits), ready.linter.check, wish)
    if name not in result.files:
        return QuickFixes()
    changes = _changes(job.text, result.files[name].decode("utf-8", "replace"))
    return QuickFixes((QuickFix("", "", tuple(changes)),))


def _within(verdict: Verdict, name: str, first: int, last: int) -> Verdict:
    """The verdict with the places only that lie in those bytes of the file of that name."""

    def touches(span: SourceSpan) -> bool:
        return span.source.name == name and span.start <= last and first <= span.end

    findings = []
    for finding in verdict.findings:
        texts: list[Text | None] = [text for text in finding.texts if text is not None and touches(text.span)]
        if texts:
            findings.append(replace(finding, texts=tuple(texts)))
    return replace(verdict, findings=tuple(findings))


def _title(plan: Plan, data: bytes, finding: Finding, language: Language) -> str:
    words = _WORDS[language]
    if len(plan) > 1:
        return words["several"].format(title=visible(finding.say(language).title))
    old, new = (_quoted(piece) for piece in (data[plan[0].start : plan[0].end], plan[0].new))
    return words["" if not old else "+" if new else "-"].format(old=old, new=new)


def _quoted(piece: bytes) -> str:
    text = " ".join(piece.decode("utf-8", "replace").split()) or piece.decode("utf-8", "replace")
    return visible(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}\u2026")


def _change(write: Write, data: bytes) -> Change:
    start = len(data[: write.start].decode("utf-8", "ignore"))
    end = start + len(data[write.start : write.end].decode("utf-8", "ignore"))
    return Change(start, end, write.new.decode("utf-8"))


def _changes(before: str, after: str) -> Sequence[Change]:
    """What turns one text into the other, by lines: what stays is not touched."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0, *_ends(old)]
    return [
        Change(starts[first], starts[last], "".join(new[left:right]))
        for kind, first, last, left, right in SequenceMatcher(None, old, new).get_opcodes()
        if kind != "equal"
    ]


def _ends(lines: Sequence[str]) -> Sequence[int]:
    ends: list[int] = []
    for line in lines:
        ends.append((ends[-1] if ends else 0) + len(line))
    return ends
