"""Templates of real projects: none crashes or is blocked, nearly all render, and planted defects are found exactly."""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from spamlint.drafts import Drafts, Templates, worst
from spamlint.inputs import DRAFT_TYPES
from spamlint.limits import DEFAULT_LIMITS
from spamlint.linter import Linter
from spamlint.source import Place
from spamlint.template.languages import SUFFIXES, language_of
from spamlint.template.rendering import Rendering

LIMITS = replace(DEFAULT_LIMITS, places=1000)
ENOUGH = 200
LEAST_SHARE = 0.98


@pytest.fixture(scope="module")
def linter() -> Linter:
    return Linter()


@pytest.fixture(scope="module")
def drafts() -> Iterator[Drafts]:
    made = Drafts(limits=LIMITS)
    yield made
    made.close()


@pytest.fixture(scope="module")
def jinja_files(corpus: Path) -> list[Path]:
    """The drafts in the corpus that are Jinja2 templates."""
    rows = map(json.loads, (corpus / "MANIFEST.jsonl").read_text("utf-8").splitlines())
    paths = [corpus / row["path"] for row in rows if row["set"] == "templates" and row["label"] == "legit-template"]
    known = [path for path in paths if path.suffix in DRAFT_TYPES or path.suffix in SUFFIXES]
    return [path for path in known if language_of(path.name, path.read_text("utf-8", "replace")) == "jinja2"]


def test_templates_of_real_projects_render_and_are_not_blocked(
    jinja_files: list[Path], linter: Linter, drafts: Drafts, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes: Counter[str] = Counter()
    unrendered = []
    drafts.templates = Templates()
    for path in jinja_files:
        kind = DRAFT_TYPES.get(path.suffix)
        messages = drafts.messages(path.read_bytes(), str(path), content_type=kind)
        _, verdict = worst([linter.check(message) for message in messages])
        assert verdict.errors == ()
        outcomes[verdict.outcome] += 1
        problems = {problem.code for message in messages if message.template for problem in message.template.problems}
        if "template-syntax" in problems or any(code.startswith("limit-") for code in problems):
            unrendered.append((path.name, problems))
    tell(capsys, f"Jinja2 templates: {len(jinja_files)}, {dict(outcomes)}, not rendered: {unrendered}")
    assert len(jinja_files) > 300
    assert outcomes["block"] == 0
    assert len(unrendered) <= 0.05 * len(jinja_files)


@dataclass(frozen=True)
class Defect:
    """What is put into a template: its code with the place marked by «», the rule that has to find it, other files."""

    kind: str
    code: str
    rule: str
    file: str = ""


DEFECTS = (
    Defect("script in an include", '{% include "planted.html" %}', "script/script-element",
           "<p>a</p>\n {# é #}<b>b</b> «<script>»go()</script>\n"),
    Defect("wrong link in a loop", '{% for planted in planteds %}\n\t<b>{{ planted }}</b><a href="«javascript:go()»">'
           "{{ planted.title }}</a>{% endfor %}", "script/script-uri"),
    Defect("missing alt in a macro", "{% macro planted(size) -%}\n <b>é</b>«<img src=\"https://mill-lane-library.org/a.png\""
           ' width="{{ size }}" height="90">»{%- endmacro %}{{ planted(90) }}', "images/missing-alt"),
    Defect("handler in one branch", "{% if planted == 'no' %}\n<b>a</b>{% elif planteds %}<b "
           '«onclick="go()"»>b</b>{% endif %}', "script/event-handler"),
    Defect("form behind cut blanks", "{{- planted -}}  \n\n {{- planted|upper -}}\n  "
           '«<form action="/x">»<b>x</b></form>', "script/form"),
    Defect("frame in a set block", "{% set planted %}\r\n <i>é</i> «<iframe src=\"https://mill-lane-library.org/\">»</iframe>"
           "{% endset %}{{ planted }}", "script/iframe"),
    Defect("script link in an expression", '<a href="«{{ \'javascript:\' ~ planted }}»">go</a>', "script/script-uri"),
)  # fmt: skip


def test_planted_defects_are_found_at_their_line_and_column(
    jinja_files: list[Path], linter: Linter, drafts: Drafts, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(5)
    hosts = [path for path in jinja_files if path.suffix in (".html", ".jinja", ".jinja2") and is_html(path)]
    chance.shuffle(hosts)
    found: Counter[str] = Counter()
    planted: Counter[str] = Counter()
    missed = []
    for number in range(ENOUGH + len(DEFECTS)):
        defect, host = DEFECTS[number % len(DEFECTS)], hosts[number % len(hosts)]
        template = host.read_bytes().decode("utf-8", "replace")
        where = places_for_defects(template, host.name, drafts, tmp_path)
        if not where:
            continue
        is_right = report(defect, template, chance.choice(where), host.name, drafts, linter, tmp_path)
        planted[defect.kind] += 1
        found[defect.kind] += is_right
        if not is_right:
            missed.append((defect.kind, host.name))
    share = found.total() / planted.total()
    tell(capsys, f"planted defects at their place: {found.total()} of {planted.total()}, {share:.1%}; missed: {missed}")
    assert planted.total() >= ENOUGH
    assert share >= LEAST_SHARE


def tell(capsys: pytest.CaptureFixture[str], figures: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{figures}\n")


def is_html(path: Path) -> bool:
    text = path.read_text("utf-8", "replace")
    return len(re.findall(r"</(?:p|td|div|h1|li)>", text)) > 1 and "<!--" not in text


def places_for_defects(template: str, name: str, drafts: Drafts, folder: Path) -> list[int]:
    """Offsets behind an end tag of `template` that stands in its renderings."""
    drafts.templates = Templates("jinja2", search_path=(folder,))
    shown = set()
    for message in drafts.messages(template.encode(), str(folder / name), content_type="text/html"):
        rendering = message.template
        assert isinstance(rendering, Rendering)
        for tag in re.finditer(r"</(?:p|td|div|h1|li)>", rendering.text.value):
            span = rendering.text[slice(*tag.span())].span
            if span.raw == tag[0].encode() and span.source is message.source:
                shown.add(len(span.source.data[: span.end].decode()))
    return sorted(shown)


def report(defect: Defect, template: str, offset: int, name: str, drafts: Drafts, linter: Linter, folder: Path) -> bool:
    """Whether the defect, put into `template` at `offset`, is reported with its exact file, lines and columns."""
    changed = template[:offset] + defect.code + template[offset:]
    (folder / "planted.html").write_bytes(defect.file.replace("«", "").replace("»", "").encode())
    marked = defect.file or changed
    # The template itself may hold such marks: those of the defect are the first behind the place where it was put.
    begin = marked.index("«", 0 if defect.file else offset)
    end = marked.index("»", begin) - 1
    plain = marked[:begin] + marked[begin + 1 : end + 1] + marked[end + 2 :]
    source = changed if defect.file else plain
    messages = drafts.messages(source.encode(), str(folder / name), content_type="text/html")
    _, verdict = worst([linter.check(message) for message in messages], LIMITS.places)
    wanted = ("planted.html" if defect.file else None, *position(plain, begin), *position(plain, end))
    places = [place for finding in verdict.findings if finding.rule == defect.rule for place in finding.places]
    return wanted in [as_row(place) for place in places if place is not None]


def as_row(place: Place) -> tuple[str | None, int, int, int, int]:
    file = Path(place.file).name if place.file else None
    return file, place.line, place.column, place.end_line, place.end_column


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, counted the plain way."""
    before = re.split(r"\r\n|\r|\n", text[:offset])
    return len(before), len(before[-1]) + 1
