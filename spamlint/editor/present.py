"""Findings as the protocol has them: diagnostics, hovers and code actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types

from spamlint.editor.documents import Document
from spamlint.editor.jobs import Answer, Change, Note, QuickFix, QuickFixes, Spot
from spamlint.editor.markdown import finding_page
from spamlint.editor.positions import Lines
from spamlint.report.data import FindingReport
from spamlint.report.escape import visible
from spamlint.verdict import Language

SOURCE = "spamlint"
EXPLAIN = "spamlint.explain"
CURE_ALL = "spamlint.cureAll"
FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.spamlint"
"""The kind of the action that makes every safe change; editors can be told to ask for it on saving."""

_SEVERITIES = {
    "note": types.DiagnosticSeverity.Information,
    "warning": types.DiagnosticSeverity.Warning,
    "error": types.DiagnosticSeverity.Error,
}
_WORDS = {
    "en": {
        "also": "also here",
        "ignore": "Ignore the rule {rule} here",
        "explain": "Explain the rule {rule}",
        "all": "Put right all that spamlint can for certain",
        "failed": "spamlint could not check this file: it takes too long, or a library crashed on it",
    },
    "nl": {
        "also": "ook hier",
        "ignore": "Negeer de regel {rule} hier",
        "explain": "Leg de regel {rule} uit",
        "all": "Herstel alles wat spamlint zeker weet",
        "failed": "spamlint kon dit bestand niet nakijken: het duurt te lang, of een bibliotheek liep erop vast",
    },
}


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the editor can show."""

    related: bool = False
    markdown: bool = False
    versioned_edits: bool = False
    documents: bool = False
    applies: bool = False
    """Whether it makes changes that the server asks for."""


def diagnostics(document: Document, answer: Answer, able: Abilities) -> list[types.Diagnostic]:
    """A diagnostic for each finding, further places in it; one for each place where the editor shows no others."""
    found: list[types.Diagnostic] = []
    for note in answer.notes:
        own = [spot for spot in note.spots if spot is None or spot.file is None] or [None]
        shown = own[:1] if able.related else own
        found.extend(_diagnostic(document, note, spot, answer.language, able) for spot in shown)
    return found


def failure(language: str = "en") -> types.Diagnostic:
    """What is shown on a file that could not be linted."""
    start = types.Position(0, 0)
    said = _WORDS[language]["failed"]
    return types.Diagnostic(types.Range(start, start), said, types.DiagnosticSeverity.Warning, source=SOURCE)


def hover(document: Document, answer: Answer, position: types.Position, able: Abilities) -> types.Hover | None:
    """What the findings at a position mean, how to cure them, and how they count."""
    offset = document.lines.offset((position.line, position.character))
    pages, spots = [], []
    for note, spot in _at(answer.notes, offset, offset):
        pages.append(finding_page(note.finding, note.refs, _language(answer), plain=not able.markdown))
        spots.append(spot)
    if not pages:
        return None
    kind = types.MarkupKind.Markdown if able.markdown else types.MarkupKind.PlainText
    smallest = min(spots, key=lambda spot: spot.end - spot.start)
    contents = types.MarkupContent(kind, "\n---\n\n".join(pages))
    return types.Hover(contents, _range(document.lines, smallest.start, smallest.end))


def offsets(document: Document, asked: types.Range) -> tuple[int, int]:
    """A range in code points."""
    lines = document.lines
    start = lines.offset((asked.start.line, asked.start.character))
    return start, max(lines.offset((asked.end.line, asked.end.character)), start)


def actions(
    document: Document, answer: Answer, asked: types.Range, known: Sequence[QuickFix], able: Abilities
) -> list[types.CodeAction]:
    """What can be done about the findings in a range: put right, ignored here, explained. `known` are its fixes."""
    said = _WORDS[answer.language]
    fixes, others = [], []
    for note, spot in _at(answer.notes, *offsets(document, asked)):
        about = [_diagnostic(document, note, spot, answer.language, able)]
        rule = note.finding.rule
        for fix in (one for one in known if one.rule == rule):
            edit = _edit(document, fix.changes, able)
            kind = types.CodeActionKind.QuickFix
            fixes.append(types.CodeAction(fix.title, kind, about, is_preferred=fix.is_safe, edit=edit))
        if note.ignorable:
            edit = _edit(document, note.ignorable, able)
            title = said["ignore"].format(rule=rule)
            others.append(types.CodeAction(title, types.CodeActionKind.QuickFix, about, edit=edit))
        if able.documents:
            title = said["explain"].format(rule=rule)
            command = types.Command(title, EXPLAIN, arguments=[rule, document.uri])
            others.append(types.CodeAction(title, types.CodeActionKind.QuickFix, about, command=command))
    if any(one.is_safe for one in known) and able.applies:
        command = types.Command(said["all"], CURE_ALL, arguments=[document.uri])
        fixes.append(types.CodeAction(said["all"], types.CodeActionKind.QuickFix, command=command))
    return fixes + others


def cure_all(document: Document, found: QuickFixes, language: str, able: Abilities) -> list[types.CodeAction]:
    """The action that makes every safe change; none where there is nothing to change."""
    title = _WORDS[language]["all"]
    return [types.CodeAction(title, FIX_ALL, edit=_edit(document, fix.changes, able)) for fix in found.fixes]


def _at(notes: Iterable[Note], start: int, end: int) -> Iterator[tuple[Note, Spot]]:
    """The findings that a range touches, each once. What is about the file as a whole stands at its start."""
    for note in notes:
        for spot in note.spots:
            here = Spot(0, 0) if spot is None else spot
            if here.file is None and here.start <= end and start <= here.end:
                yield note, here
                break


def _diagnostic(document: Document, note: Note, spot: Spot | None, language: str, able: Abilities) -> types.Diagnostic:
    lines, finding = document.lines, note.finding
    said = finding.title if finding.message == finding.title else f"{finding.title}: {finding.message}"
    others = [other for other in note.spots if other is not None and other != spot]
    also = _WORDS[language]["also"]
    return types.Diagnostic(
        range=_range(lines, spot.start, spot.end) if spot else _range(lines, 0, 0),
        message=visible(said),
        severity=_severity(finding),
        code=finding.rule,
        code_description=next((types.CodeDescription(ref) for ref in note.refs if ref.startswith("http")), None),
        source=SOURCE,
        related_information=[types.DiagnosticRelatedInformation(_location(document, other), also) for other in others]
        if able.related and others
        else None,
    )


def _severity(finding: FindingReport) -> types.DiagnosticSeverity:
    return types.DiagnosticSeverity.Error if finding.blocks else _SEVERITIES[finding.severity]


def _location(document: Document, spot: Spot) -> types.Location:
    """Where a place is."""
    if spot.file is None:
        return types.Location(document.uri, _range(document.lines, spot.start, spot.end))
    path = Path(document.path).parent / spot.file
    points = [(line, Lines(before, document.encoding).point(len(before))[1]) for line, before in spot.ends]
    start, end = (types.Position(*point) for point in points)
    return types.Location(path.absolute().as_uri(), types.Range(start, end))


def _range(lines: Lines, start: int, end: int) -> types.Range:
    return types.Range(types.Position(*lines.point(start)), types.Position(*lines.point(end)))


def _edit(document: Document, changes: Iterable[Change], able: Abilities) -> types.WorkspaceEdit:
    edits = [types.TextEdit(_range(document.lines, one.start, one.end), one.text) for one in changes]
    if not able.versioned_edits:
        return types.WorkspaceEdit({document.uri: edits})
    which = types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=document.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(which, edits)])


def _language(answer: Answer) -> Language:
    return "nl" if answer.language == "nl" else "en"
