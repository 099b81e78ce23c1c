"""What was found out about the records of a domain, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from spamlint.report.escape import visible_line
from spamlint.report.style import BOLD, CYAN, DIM, GREEN, RED, YELLOW, Style, wrapped
from spamlint.rule import Rule
from spamlint.sender.notes import Note
from spamlint.sender.records.words import say
from spamlint.verdict import Language, Words

Result: TypeAlias = Literal["right", "notes", "wrong", "unknown"]
NOT_CHECKED = "not-checked"
_INDENT = 6
_MARKS = {"error": ("x", RED), "warning": ("!", YELLOW), "note": ("i", CYAN)}
_COLOURS = {"right": GREEN, "notes": GREEN, "wrong": RED, "unknown": YELLOW}


@dataclass(frozen=True, slots=True)
class Item:
    """One note: what a rule says about it, or the fact that it is."""

    note: Note
    rule: Rule | None = None

    def words(self, language: Language) -> Words:
        """What the rule says, filled in."""
        assert self.rule is not None
        return self.rule.words.get(language, self.rule.words["en"]).filled(self.note.values)


@dataclass(frozen=True, slots=True)
class Report:
    """A domain, and what there is to say about each kind of record."""

    domain: str
    sections: Mapping[str, Sequence[Item]]

    @property
    def result(self) -> Result:
        """The worst of it; what could not be asked counts most, as it may be anything."""
        items = [item for section in self.sections.values() for item in section if item.rule is not None]
        if any(item.note.kind == NOT_CHECKED for item in items):
            return "unknown"
        severities = {item.rule.severity for item in items if item.rule is not None}
        return "wrong" if severities & {"error", "warning"} else "notes" if severities else "right"

    @property
    def has_error(self) -> bool:
        """Whether there is a fault that makes a record useless, or harmful."""
        return any(
            item.rule is not None and item.rule.severity == "error" for s in self.sections.values() for item in s
        )


def report_of(domain: str, notes: Mapping[str, Sequence[Note]], rules: Sequence[Rule]) -> Report:
    """The notes with the rules about them; what no rule of `rules` is about is left out, as its rule is not wanted."""
    by_kind = {str(rule.params["kind"]): rule for rule in rules if "route" in rule.needs and "kind" in rule.params}
    sections = {
        name: tuple(
            Item(note, None if note.is_good else by_kind[note.kind])
            for note in found
            if note.is_good or note.kind in by_kind
        )
        for name, found in notes.items()
    }
    return Report(domain, sections)


def as_text(report: Report, style: Style, *, has_selectors: bool) -> Iterator[str]:
    """The lines for people."""
    head = style.paint(visible_line(report.domain), BOLD)
    yield f"{head}: {style.paint(say(style.language, f'result {report.result}'), BOLD, _COLOURS[report.result])}"
    for name, items in report.sections.items():
        yield ""
        yield style.paint(name, BOLD)
        for item in items:
            yield from _item(item, style)
        if name == "DKIM" and not has_selectors:
            yield from _marked(style.paint("-", DIM), say(style.language, "no-selector"), style)


def _item(item: Item, style: Style) -> Iterator[str]:
    if item.rule is None:
        yield from _marked(style.paint("-", DIM), say(style.language, item.note.kind, item.note.values), style)
        return
    said = item.words(style.language)
    mark, colour = _MARKS[item.rule.severity]
    yield from _marked(style.paint(mark, colour), f"{said.title}  [{item.rule.id}]", style)
    for text in (said.message, said.why, said.fix):
        yield from (" " * _INDENT + line for line in wrapped(text, style.room(_INDENT)))


def _marked(mark: str, text: str, style: Style) -> Iterator[str]:
    first, *rest = wrapped(text, style.room(4))
    yield f"  {mark} {first}"
    yield from (f"    {line}" for line in rest)


def as_data(report: Report, language: Language) -> dict[str, Any]:
    """The same as data."""
    return {
        "domain": report.domain,
        "result": report.result,
        "records": {
            name: {
                "findings": [_finding(item, language) for item in items if item.rule is not None],
                "facts": [
                    {
                        "kind": item.note.kind,
                        "text": say(language, item.note.kind, item.note.values),
                        "values": dict(item.note.values),
                    }
                    for item in items
                    if item.rule is None
                ],
            }
            for name, items in report.sections.items()
        },
    }


def _finding(item: Item, language: Language) -> dict[str, Any]:
    assert item.rule is not None
    said = item.words(language)
    return {
        "rule": item.rule.id,
        "kind": item.note.kind,
        "severity": item.rule.severity,
        "title": said.title,
        "message": said.message,
        "why": said.why,
        "fix": said.fix,
        "values": dict(item.note.values),
    }
