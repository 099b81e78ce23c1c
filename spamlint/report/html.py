"""The HTML report: one page that needs no script and fetches nothing.

Whatever comes from mail is made visible and escaped by the environment of the templates, wherever it stands; the
rendered preview alone is escaped as a document of its own, for a frame without any rights.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from spamlint.report import phrases, words
from spamlint.report.annotate import Row, annotated
from spamlint.report.data import Ending, FileReport, FindingReport, Preview, Sheet
from spamlint.report.escape import visible
from spamlint.report.page_words import say
from spamlint.report.style import marked
from spamlint.source import Place
from spamlint.verdict import Language, Outcome

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What the page and the previews in it may load: nothing but what they hold themselves."""
_FOLDER = Path(__file__).parent / "page"
# What HTML forbids, even as a reference, and lone surrogates, which no file holds.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One message in the index."""

    name: str
    outcome: Outcome
    said: str
    score: str
    findings: int


def environment() -> Environment:
    """The templates of the page."""
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        finalize=_finalized,
    )


def index_row(report: FileReport, language: Language) -> IndexRow:
    """What the index tells of a message."""
    score = words.points(language, report.score)
    said = words.say(language, report.outcome)
    return IndexRow(phrases.name(report, language), report.outcome, said, score, len(report.findings))


def head(templates: Environment, rows: Sequence[IndexRow], ending: Ending, language: Language) -> str:
    """The start of the page, with the index of all messages in it."""
    return templates.get_template("head.html.j2").render(
        say=partial(say, language),
        language=language,
        policy=POLICY,
        css=Markup((_FOLDER / "page.css").read_text("utf-8")),  # noqa: S704 - our own style sheet
        rows=rows,
        counts=phrases.counts(ending.total, language),
        points_word=words.say(language, "score").capitalize(),
        unreadable=ending.unreadable,
    )


def entry(
    templates: Environment, report: FileReport, number: int, refs: Mapping[str, Sequence[str]], language: Language
) -> str:
    """One more message. `number` counts from 1, `refs` gives the references of each rule."""
    key = f"m{number}"
    return templates.get_template("entry.html.j2").render(
        say=partial(say, language),
        points=partial(words.points, language),
        id=key,
        report=report,
        name=phrases.name(report, language),
        reasons=", ".join([*phrases.reasons(report, language), _limits(report, language)]),
        gauge=_gauge(report),
        cure=_cure(report, language),
        topics=[_topic(one.topic, one.base_score, one.score, report, language) for one in report.topics],
        findings=[
            _finding(finding, index, key, report, refs.get(finding.rule, ()), language)
            for index, finding in enumerate(report.findings, 1)
        ],
        notes=phrases.notes(report, language),
        previews=[_shown(one, language) for one in report.previews],
        sheets=[_sheet(sheet, index, key, report, language) for index, sheet in enumerate(report.sheets, 1)],
    )


def foot(templates: Environment, version: str, ruleset: str, language: Language) -> str:
    """The end of the page."""
    template = templates.get_template("foot.html.j2")
    return template.render(say=partial(say, language), version=version, ruleset=ruleset)


def _finalized(value: object) -> object:
    """Text as people may see it, before it is escaped. Markup is our own."""
    return visible(value) if type(value) is str else value


def _limits(report: FileReport, language: Language) -> str:
    return say(language, "blocked from", limit=words.points(language, report.block_at))


def _gauge(report: FileReport) -> dict[str, int]:
    """How much of the way to a block is gone, and where a warning stands on it, in percent."""
    limit = max(report.block_at, 1)
    warn = report.warn_at * 100 // limit
    return {"score": min(report.score * 100 // limit, 100), "warn": warn if 0 < warn < 100 else 0}


def _cure(report: FileReport, language: Language) -> dict[str, Any] | None:
    if not report.cure:
        return None
    numbers = {finding.rule: index for index, finding in enumerate(report.findings, 1)}
    said = say(language, "cure" if len(report.cure) > 1 else "cure one", number=len(report.cure))
    return {"said": said, "rules": [{"rule": rule, "number": numbers[rule]} for rule in report.cure]}


def _topic(topic: str, base: int, score: int, report: FileReport, language: Language) -> dict[str, Any]:
    dearest = max(one.score for one in report.topics)
    given, counted = words.points(language, base), words.points(language, score)
    note = say(language, "at limit", score=counted, base=given) if score < base else ""
    return {"topic": topic, "score": counted, "share": score * 100 // dearest, "note": note}


def _finding(
    finding: FindingReport, number: int, key: str, report: FileReport, refs: Sequence[str], language: Language
) -> dict[str, Any]:
    first, *others = finding.places
    further = [place for place in others if place is not None]
    more = finding.count - 1 - len(further)
    return {
        "number": number,
        "rule": finding.rule,
        "severity": finding.severity,
        "severity_word": words.say(language, finding.severity),
        "title": finding.title,
        "message": finding.message,
        "points": words.say(language, "points", score=words.points(language, finding.score)),
        "position": phrases.position(first, language) if first else words.say(language, "whole message"),
        "anchor": _anchor(first, key, report),
        "quote": _quote(first) if first else None,
        "count": finding.count,
        "others": [{"position": phrases.position(place, language), "quote": _quote(place)} for place in further],
        "more": words.say(language, "more", number=more) if more > 0 else "",
        "why": finding.why,
        "fix": finding.fix,
        # A rule of the user's own may refer to anything: what is no page of the web is no link.
        "refs": [ref for ref in refs if ref.startswith(("https://", "http://"))],
        "worth": phrases.worth(finding, language),
    }


def _quote(place: Place) -> dict[str, str]:
    line, carets = marked(place.excerpt, place.mark, None)
    return {"line": line, "carets": carets}


def _anchor(place: Place | None, key: str, report: FileReport) -> str:
    """The id of the line in the source that a place starts at; "" where that is not shown."""
    if place is None or place.file is not None:
        return ""
    for index, sheet in enumerate(report.sheets, 1):
        if sheet.part == place.part and any(number == place.line for number, _ in sheet.lines):
            return f"{key}-s{index}-{place.line}"
    return ""


def _sheet(sheet: Sheet, index: int, key: str, report: FileReport, language: Language) -> dict[str, Any]:
    rows = list(annotated(sheet, report.findings))
    found = len({number for row in rows for number in row.starting})
    if sheet.part is None:
        title = say(language, "file lines")
    elif all(one.part is not None for one in report.sheets):
        title = say(language, "draft lines", type=sheet.content_type)
    else:
        title = say(language, "part lines", part=sheet.part, type=sheet.content_type)
    return {
        "id": f"{key}-s{index}",
        "title": title,
        "found": say(language, "one" if found == 1 else "several", number=found) if found else "",
        "is_open": found > 0,
        "cut": not sheet.is_whole and sheet.part is not None,
        "rows": [_row(row, report) for row in rows],
    }


def _row(row: Row, report: FileReport) -> dict[str, Any]:
    notes = [{"number": number, **_named(number, report)} for number in row.starting]
    return {"number": row.number, "skipped": row.skipped, "notes": notes, "pieces": list(_pieces(row, report))}


def _pieces(row: Row, report: FileReport) -> Iterator[dict[str, Any]]:
    for piece in row.pieces:
        # A tab is a control, but one that the page lays out itself.
        text = Markup("\t").join(visible(run) for run in piece.text.split("\t"))
        number = piece.findings[0] if piece.findings else 0
        yield {"text": text, "finding": number, **(_named(number, report) if number else {})}


def _named(number: int, report: FileReport) -> dict[str, str]:
    finding = report.findings[number - 1]
    return {"severity": finding.severity, "title": finding.title}


def _shown(preview: Preview, language: Language) -> dict[str, Any]:
    number = preview.left_out
    said = say(language, "pictures left out", number=number) if number else ""
    return {"part": preview.part, "document": _document(preview), "left_out": said}


def _document(preview: Preview) -> Markup | None:
    """The whole document of a preview as the value of an attribute, in ASCII."""
    if preview.html is None:
        return None
    meta = f'<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    escaped = escape(meta + _FORBIDDEN.sub("\ufffd", preview.html.replace("\r", "\n")))
    return Markup(escaped.encode("ascii", "xmlcharrefreplace").decode("ascii"))  # noqa: S704 - it is escaped
