"""What a finding and a rule say, as Markdown. Mail text is escaped: none of it becomes a link or a tag."""

from __future__ import annotations

import re
from collections.abc import Iterable

from spamlint.report.data import FindingReport
from spamlint.report.escape import visible
from spamlint.report.words import points, say
from spamlint.rule import Rule
from spamlint.verdict import Language

_MARKS = re.compile(r"[\\`*_\[\]<>#|~&]|(?<=[A-Za-z0-9]):(?=//)|(?i:(?<=www)\.)")
_AT_START = re.compile(r"^(\s*)([-+=]|\d+(?=[.)]))")


def escaped(text: str) -> str:
    """One line of Markdown that shows `text` as it is."""
    shown = _MARKS.sub(lambda mark: "\\" + mark[0], visible(text))
    return _AT_START.sub(lambda start: f"{start[1]}&#{ord(start[2][0])};{start[2][1:]}", shown)


def finding_page(finding: FindingReport, refs: Iterable[str], language: Language, *, plain: bool = False) -> str:
    """What a finding means: title, what is wrong, why, the cure, points and sources; `plain` is without Markdown."""
    show = visible if plain else escaped
    bold, code = ("{}", "{}") if plain else ("**{}**", "`{}`")
    worth = say(language, "points", score=points(language, finding.base_score))
    rows = [
        bold.format(show(finding.title)),
        show(finding.message) if finding.message != finding.title else "",
        f"{bold.format(say(language, 'why'))}: {show(finding.why)}",
        f"{bold.format(say(language, 'fix'))}: {show(finding.fix)}",
        f"{code.format(visible(finding.rule))}, {say(language, finding.severity)}, {worth}",
        *(_source(ref, plain=plain) for ref in refs),
    ]
    return "\n\n".join(row for row in rows if row) + "\n"


def rule_page(rule: Rule, language: Language) -> str:
    """The page of a rule, as a document of its own."""
    said = rule.words.get(language, rule.words["en"])
    worth = say(language, "points", score=points(language, rule.score))
    rows = [
        f"# {escaped(said.title)}",
        f"`{visible(rule.id)}`, {say(language, rule.severity)}, {worth}",
        f"**{say(language, 'why')}**: {escaped(said.why)}",
        f"**{say(language, 'fix')}**: {escaped(said.fix)}",
        *([f"**{say(language, 'sources')}**:"] if rule.refs else []),
        *(_source(ref) for ref in rule.refs),
        *([f"**{say(language, 'peers')}**: {escaped(', '.join(rule.peers))}"] if rule.peers else []),
    ]
    return "\n\n".join(rows) + "\n"


def _source(ref: str, *, plain: bool = False) -> str:
    """A source as a link; rules of a pack may hold anything, so only an address of the web becomes one."""
    is_address = re.fullmatch(r"https?://[^\s<>\x00-\x1f]+", ref)
    if plain:
        return visible(ref)
    return f"<{ref}>" if is_address else escaped(ref)
